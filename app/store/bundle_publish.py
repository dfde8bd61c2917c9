"""Publishing a bundle, step by step: at most one round trip each, as in ``sync.engine``.

::

    LOOK --> SIZE --> LEASE --> MAKE --> HAVE --> PUT ... --> MANIFEST --> RELEASE --> LOOK, much later
      ^       |         |                          |  ^
      |       | not due | somebody else has it     +--+ the lease is renewed on the way
      +-------+---------+---- any failure: wait (backoff), then LOOK

One device publishes at a time, by a lease on the server that ends by itself where its holder dies. What was
sealed stays on the disk until it is published: the same device goes on with it, and sends only what the server does
not have.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from app.store.bundle_files import outgoing_path, remove_chunks, seal_image
from app.store.bundle_image import NotNow, make_image
from app.store.database import connect
from sync.backoff import Backoff
from sync.bundle import MAX_MANIFEST_BYTES, Manifest, read_manifest
from sync.chunks import ChunkDirectory, write_whole
from sync.clock import Clock, Random
from sync.cookie import Cookie
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat, NotFound, Refused, SitebookError, Unreachable
from sync.identity import DeviceIdentity
from sync.transport.base import MAX_CHUNK_BYTES, BundleRoad, PullPage

FIRST_LOG: Final = 4 << 20
"""Bytes of a log from which on it gets its first bundle."""
NEXT_LOG: Final = 8 << 20
"""Least bytes of log after a bundle from which on there is another."""
LOOK_SECONDS: Final = 300.0
BEHIND_SECONDS: Final = 30.0
_ASK_AT_ONCE: Final = 1_000
_MANIFEST: Final = "manifest"


class PublishRoad(BundleRoad, Protocol):
    """What publishing needs of a road."""

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1) -> PullPage:
        """Where the log stands."""
        ...


class PublishPhase(Enum):
    """Where a publisher stands."""

    LOOK = auto()
    SIZE = auto()
    LEASE = auto()
    MAKE = auto()
    HAVE = auto()
    PUT = auto()
    MANIFEST = auto()
    RELEASE = auto()


@dataclass(frozen=True, slots=True)
class BundleFile:
    """The project file that a bundle is made of; every step opens it for itself."""

    path: Path
    key: bytes
    identity: DeviceIdentity
    keys: KeyRing
    vfs: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A bundle that the server took."""

    hash: bytes
    version: int
    size: int
    """Bytes of its stream."""
    sent: int
    """Bytes that had to be sent."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a file says before anything is asked."""

    cookie: Cookie | None
    may: bool
    unsent: bool
    only_here: bool
    """Some of what it holds came by a bundle that this server has not."""


class Publisher:
    """Publishes bundles of one project when they are due. Used by one thread."""

    def __init__(self, road: PublishRoad, file: BundleFile, clock: Clock, random: Random) -> None:
        self._road = road
        self._file = file
        self._clock = clock
        self._random = random
        self._backoff = Backoff(random)
        self._phase = PublishPhase.LOOK
        self._due = clock.monotonic()
        self._forced = False
        self._page: PullPage | None = None
        self._only_here = False
        self._store = ChunkDirectory(outgoing_path(file.path), random)
        self._manifest: Manifest | None = None
        self._ask: deque[bytes] = deque()
        self._missing: deque[bytes] = deque()
        self._renew = 0.0
        self._sent = 0
        self.error: SitebookError | None = None
        """Why the last try came to nothing."""
        self.published: Published | None = None
        """The last bundle that was published."""
        self.looked = False
        """Whether it was found out, since the last ``force`` or ``poke``, if a bundle is due."""

    @property
    def phase(self) -> PublishPhase:
        """Where it stands."""
        return self._phase

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        if self._phase is not PublishPhase.LOOK:
            return 0.0
        return max(0.0, self._due - self._clock.monotonic())

    def poke(self) -> None:
        """A round of sync ended: look whether a bundle is due. A wait after a failure goes on."""
        if self._phase is PublishPhase.LOOK and not self._backoff.failures:
            self.looked = False
            self._due = self._clock.monotonic()

    def force(self) -> None:
        """The user asks: publish, be it due or not."""
        self._forced = True
        self._backoff.reset()
        self.looked = False
        self._due = min(self._due, self._clock.monotonic())

    def step(self) -> None:
        """Do the next thing. Failures of the environment are kept in ``error`` and tried again later."""
        if self.next_in > 0:
            return
        try:
            match self._phase:
                case PublishPhase.LOOK:
                    self._look()
                case PublishPhase.SIZE:
                    self._size()
                case PublishPhase.LEASE:
                    self._lease()
                case PublishPhase.MAKE:
                    self._make()
                case PublishPhase.HAVE:
                    self._have()
                case PublishPhase.PUT:
                    self._put()
                case PublishPhase.MANIFEST:
                    self._publish()
                case PublishPhase.RELEASE:
                    self._release()
        except NotNow as error:
            self.error = error
            self._rest(BEHIND_SECONDS)
        except SitebookError as error:
            self.error = error
            if isinstance(error, Refused | Malformed):
                remove_chunks(self._store.directory)
            wait = self._backoff.fail(error.retry_after if isinstance(error, Unreachable) else None)
            self._rest(wait)

    def _rest(self, seconds: float) -> None:
        self._phase = PublishPhase.LOOK
        self._page = None
        self._manifest = None
        self.looked = True
        self._due = self._clock.monotonic() + seconds

    def _look(self) -> None:
        standing = self._standing()
        if standing.cookie is None or not standing.may:
            self._refuse("Only a device of an owner or an editor that is in step with the server publishes.")
            return
        if standing.unsent:
            raise NotNow("Something on this device is not on the server yet; the next bundle waits for it.")
        page = self._road.pull(self._file.identity.project, standing.cookie, 1)
        if page.reset or page.needs_bundle or page.wires:
            raise NotNow("This device is behind what the server has; it publishes when it is in step.")
        self._page, self._only_here = page, standing.only_here
        if page.bundle is not None:
            self._phase = PublishPhase.SIZE
        elif self._forced or standing.only_here or page.since > FIRST_LOG:
            self._phase = PublishPhase.LEASE
        else:
            self._idle()

    def _refuse(self, sentence: str) -> None:
        if self._forced:
            self.error = Refused(sentence)
            self._forced = False
        self._rest(LOOK_SECONDS)

    def _idle(self) -> None:
        """Nothing is due. What was sealed for a bundle that is not needed any more goes."""
        self._backoff.reset()
        self.error = None
        remove_chunks(self._store.directory)
        self._rest(LOOK_SECONDS)

    def _size(self) -> None:
        page = self._page
        assert page is not None
        size = 0
        for offered in self._road.bundles(self._file.identity.project):
            try:
                size = max(size, read_manifest(offered.manifest).size)
            except (Malformed, NewerFormat):
                continue
        if self._forced or page.since >= max(NEXT_LOG, size // 4):
            self._phase = PublishPhase.LEASE
        else:
            self._idle()

    def _lease(self) -> None:
        if self._renewed():
            self._phase = PublishPhase.MAKE

    def _renewed(self) -> bool:
        granted, seconds = self._road.lease_bundle(self._file.identity.project)
        if not granted:
            self.error = NotNow("Another device is publishing this project just now.")
            self._rest(max(1.0, min(seconds, LOOK_SECONDS)))
            return False
        self._renew = self._clock.monotonic() + max(1.0, seconds / 2)
        return True

    def _make(self) -> None:
        wire = self._left_over()
        if wire is None:
            remove_chunks(self._store.directory)
            image = make_image(self._file.path, self._file.key, self._file.vfs)
            wire = seal_image(
                image,
                self._store,
                project=self._file.identity.project,
                key=self._file.identity.signing,
                epoch_key=self._file.keys.current(),
                random=self._random,
            )
            write_whole(self._store.directory / _MANIFEST, wire, self._random)
        self._manifest = read_manifest(wire)
        self._ask = deque(dict.fromkeys(self._manifest.chunks))
        self._missing.clear()
        self._sent = 0
        self._phase = PublishPhase.HAVE

    def _left_over(self) -> bytes | None:
        """The manifest of what was sealed before a crash or a failure, where it still fits."""
        try:
            wire = (self._store.directory / _MANIFEST).read_bytes()
            if len(wire) > MAX_MANIFEST_BYTES:
                return None
            manifest = read_manifest(wire)
        except (OSError, Malformed, NewerFormat):
            return None
        cookie = self._standing().cookie
        fits = (
            cookie is not None
            and manifest.publisher == self._file.identity.device
            and manifest.generation == cookie.generation
            and manifest.version == cookie.version
            and all(name in self._store for name in manifest.chunks)
        )
        return wire if fits else None

    def _have(self) -> None:
        if self._ask:
            names = [self._ask.popleft() for _ in range(min(_ASK_AT_ONCE, len(self._ask)))]
            here = self._road.have_chunks(self._file.identity.project, names)
            self._missing.extend(name for name, known in zip(names, here, strict=True) if not known)
        if not self._ask:
            self._phase = PublishPhase.PUT

    def _put(self) -> None:
        if self._clock.monotonic() >= self._renew:
            self._renewed()
        elif self._missing:
            data = self._store.read(self._missing[0], MAX_CHUNK_BYTES)
            self._road.put_chunk(self._file.identity.project, data, purpose="bundle")
            self._missing.popleft()
            self._sent += len(data)
        else:
            self._phase = PublishPhase.MANIFEST

    def _publish(self) -> None:
        manifest = self._manifest
        assert manifest is not None
        self._road.put_bundle(self._file.identity.project, manifest.wire)
        self.published = Published(manifest.hash, manifest.version, manifest.size, self._sent)
        remove_chunks(self._store.directory)
        self._phase = PublishPhase.RELEASE

    def _release(self) -> None:
        self._road.lease_bundle(self._file.identity.project, release=True)
        self._forced = False
        self._idle()

    def _standing(self) -> _Standing:
        if not self._file.path.exists():
            raise NotFound("The project file is not there.")
        database = connect(self._file.path, self._file.key, readonly=True, vfs=self._file.vfs)
        try:
            meta = dict(database.all("SELECT name, value FROM meta"))
            row = database.one(
                "SELECT EXISTS (SELECT 1 FROM changes WHERE eid IS NULL)"
                " OR EXISTS (SELECT 1 FROM envelopes WHERE pushed <> 1 AND pushed <> 3),"
                " EXISTS (SELECT 1 FROM envelopes WHERE version IS NULL AND bare)"
            )
        finally:
            database.close()
        assert row is not None
        cookie = meta.get("cookie")
        return _Standing(
            None if cookie is None else Cookie.decode(bytes(cookie)),
            meta.get("role") in ("owner", "editor"),
            bool(row[0]),
            bool(row[1]),
        )
