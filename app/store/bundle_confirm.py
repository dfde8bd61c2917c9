"""Confirming what another device published, step by step, and taking note of what is confirmed.

Who did not make a bundle compares it with what it holds itself, all of it, and says so with a notice. Only then may the
server give up the log that the bundle covers, and devices the bodies of their envelopes. A device whose own file
came from a bundle that nobody confirmed yet has nothing of its own to compare with: where nobody else confirms it
meanwhile, it takes the log, which is whole until then, into another file, and compares with that.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, Protocol

from app.store.bundle_compare import Comparison
from app.store.bundle_files import open_bundle, remove_chunks
from app.store.bundle_replay import Replay
from app.store.bundle_state import DIFFERENT, bundle_state, last_notice, note_confirmed, note_notice
from app.store.project import Project
from app.store.sync_side import load_membership
from sync.backoff import Backoff
from sync.bundle import Manifest, may_confirm, open_contents, read_manifest
from sync.bundle_fetch import Fetcher
from sync.chunks import ChunkDirectory
from sync.clock import Clock, Random
from sync.cookie import Cookie
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat, NotFound, SitebookError, Unreachable
from sync.identity import DeviceIdentity
from sync.notice import NoticeKind, every_notice, make_notice, read_notice
from sync.transport.base import BundleRoad, NoticeRoad, PullPage

LOOK_SECONDS: Final = 600.0


class ConfirmRoad(BundleRoad, NoticeRoad, Protocol):
    """What confirming needs of a road."""

    def pull(self, project: bytes, cookie: Cookie | None) -> PullPage:
        """A page of the log."""
        ...


class _Phase(Enum):
    LOOK = auto()
    NOTICES = auto()
    REPLAY = auto()
    FETCH = auto()
    COMPARE = auto()
    CONFIRM = auto()


class Confirmer:
    """Confirms the bundles of one project. Used by one thread."""

    def __init__(
        self,
        road: ConfirmRoad,
        store: Project,
        identity: DeviceIdentity,
        keys: KeyRing,
        key: bytes,
        clock: Clock,
        random: Random,
        vfs: str | None = None,
    ) -> None:
        """``store``: the project on the connection of the thread that steps this. ``key``: that of its file."""
        self._road = road
        self._store = store
        self._identity = identity
        self._keys = keys
        self._project = store.id
        self._key = key
        self._vfs = vfs
        self._clock = clock
        self._backoff = Backoff(random)
        self._phase = _Phase.LOOK
        self._due = clock.monotonic()
        path = self._store.path.with_suffix(".compare")
        self._chunks = ChunkDirectory(path, random)
        self._manifest: Manifest | None = None
        self._fetcher: Fetcher | None = None
        self._comparison: Comparison | None = None
        self._random = random
        self._replayed: Replay | None = None
        self._unconfirmed: bytes | None = None
        self.error: SitebookError | None = None
        """Why the last try came to nothing."""
        self.looked = False
        """Whether it came to an end since it was made or poked."""

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        return 0.0 if self._phase is not _Phase.LOOK else max(0.0, self._due - self._clock.monotonic())

    def poke(self) -> None:
        """There may be a new bundle. A wait after a failure goes on."""
        if self._phase is _Phase.LOOK and not self._backoff.failures:
            self.looked = False
            self._due = self._clock.monotonic()

    def step(self) -> None:
        """Do the next thing. Failures of the environment are kept in ``error`` and tried again later."""
        if self.next_in > 0:
            return
        try:
            match self._phase:
                case _Phase.LOOK:
                    self._look()
                case _Phase.NOTICES:
                    self._notices()
                case _Phase.REPLAY:
                    self._replay()
                case _Phase.FETCH:
                    self._fetch()
                case _Phase.COMPARE:
                    self._compare()
                case _Phase.CONFIRM:
                    self._confirm()
        except SitebookError as error:
            self.error = error
            self._rest(self._backoff.fail(error.retry_after if isinstance(error, Unreachable) else None))

    def close(self) -> None:
        """Let go of what is open."""
        if self._comparison is not None:
            self._comparison.close()
            self._comparison = None
        if self._replayed is not None:
            self._replayed.close()
            self._replayed = None

    def _rest(self, seconds: float = LOOK_SECONDS) -> None:
        self.close()
        self._phase = _Phase.LOOK
        self._manifest = self._fetcher = None
        self.looked = True
        self._due = self._clock.monotonic() + seconds

    def _done(self) -> None:
        self.error = None
        self._backoff.reset()
        remove_chunks(self._chunks.directory)
        self._rest()

    def _look(self) -> None:
        newest: Manifest | None = None
        for offered in self._road.bundles(self._project):
            try:
                manifest = read_manifest(offered.manifest)
            except (Malformed, NewerFormat):
                continue
            if manifest.project == self._project and (newest is None or manifest.version > newest.version):
                newest = manifest
        if newest is None:
            self._done()
            return
        self._manifest = newest
        self._phase = _Phase.NOTICES

    def _notices(self) -> None:
        manifest = self._manifest
        assert manifest is not None
        membership = load_membership(self._store)
        for wire in every_notice(self._road, self._project, NoticeKind.CONFIRM):
            try:
                notice = read_notice(wire)
            except (Malformed, NewerFormat):
                continue
            if (
                notice.kind == NoticeKind.CONFIRM
                and notice.project == self._project
                and notice.body == manifest.hash
                and may_confirm(membership, manifest.publisher, notice.device)
            ):
                note_confirmed(self._store, manifest.hash, manifest.cookie)
                self._done()
                return
        if not self._may_compare(manifest):
            self._done()
            return
        state = bundle_state(self._store)
        if state.bundle is None or state.confirmed:
            self._begin_fetch(manifest)
        elif self._unconfirmed == manifest.hash:
            self._replayed = Replay(self._store, self._identity, self._keys, self._random)
            self._phase = _Phase.REPLAY
        else:
            # Somebody with a log of his own may do it at less cost until the next look.
            self._unconfirmed = manifest.hash
            self._done()

    def _may_compare(self, manifest: Manifest) -> bool:
        place = self._store.get_meta("cookie")
        cookie = None if place is None else Cookie.decode(bytes(place))
        return (
            may_confirm(load_membership(self._store), manifest.publisher, self._identity.device)
            and cookie is not None
            and cookie.generation == manifest.generation
            and cookie.version >= manifest.version
            and self._store.get_meta("bundle_refused") != manifest.hash
        )

    def _begin_fetch(self, manifest: Manifest) -> None:
        self._fetcher = Fetcher(self._road, manifest, self._chunks, self._clock)
        self._phase = _Phase.FETCH

    def _replay(self) -> None:
        assert self._replayed is not None
        assert self._manifest is not None
        page = self._road.pull(self._project, self._replayed.cookie)
        if page.needs_bundle or page.cookie.generation != self._manifest.generation:
            self._done()
        elif self._replayed.take(page) >= self._manifest.version:
            self._begin_fetch(self._manifest)
        elif not page.more:
            self._done()

    def _fetch(self) -> None:
        assert self._fetcher is not None
        if self._fetcher.step():
            self._phase = _Phase.COMPARE

    def _compare(self) -> None:
        manifest = self._manifest
        assert manifest is not None
        if self._comparison is None:
            contents = open_contents(manifest, self._keys)
            if contents is None:
                self._done()
                return
            try:
                opened = open_bundle(manifest, contents, self._chunks)
            except NewerFormat:
                self._done()  # a newer Sitebook's: others compare it
                return
            except (Malformed, NotFound):
                self._differs(manifest)
                return
            path, key, vfs = self._store.path, self._key, self._vfs
            if self._replayed is not None:
                path, key, vfs = self._replayed.path, self._replayed.key, None
            self._comparison = Comparison(opened, path, key, manifest.version, vfs)
            return
        same = self._comparison.step()
        if same is None:
            return
        self.close()
        if same:
            self._phase = _Phase.CONFIRM
        else:
            self._differs(manifest)

    def _differs(self, manifest: Manifest) -> None:
        with self._store.writing():
            self._store.put_meta("bundle_refused", manifest.hash)
        self._done()
        self.error = Malformed(DIFFERENT)

    def _confirm(self) -> None:
        manifest = self._manifest
        assert manifest is not None
        number = max(self._clock.now_ms(), last_notice(self._store, NoticeKind.CONFIRM) + 1)
        wire = make_notice(
            project=self._project,
            kind=NoticeKind.CONFIRM,
            number=number,
            body=manifest.hash,
            key=self._identity.signing,
        )
        self._road.put_notice(self._project, wire)
        note_notice(self._store, NoticeKind.CONFIRM, number, manifest.hash)
        note_confirmed(self._store, manifest.hash, manifest.cookie)
        self._done()
