"""Gives up what nobody needs any more: wires that a bundle covers, bundles, chunks, notices of removed devices.

Every change is a short transaction, so pushes and puts go on beside it, and each looks again at what it goes by. A
chunk that is left or asked for again meanwhile has a later time, and stays; its bytes then lie at a place of their own.
What is cut off is done the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sync.bundle import read_manifest
from sync.clock import Clock
from sync.errors import Damaged
from sync.membership_actions import Role
from sync.notice import NoticeKind, read_notice
from sync.server.beside import BUNDLE, FILE, confirmations, needed
from sync.server.limits import Limits
from sync.server.log import log
from sync.server.objects import Found, Objects
from sync.server.roster import Roster, Rosters
from sync.server.storage import ProjectState, Reading, Storage, StoredBundle, StoredChunk, Writing

_PROJECTS: Final = 100
_ENVELOPES: Final = 100
"""Most whose bytes are given up in one transaction."""
_CHUNKS: Final = 200
_NOTICE_BYTES: Final = 4 << 20
_ORPHAN_MS: Final = 86_400_000
_ID: Final = 32
_LOGGER: Final = logging.getLogger("sitebook.server")


@dataclass(slots=True)
class Collected:
    """How much went."""

    envelopes: int = 0
    """Whose bytes were given up."""
    chunks: int = 0
    bytes: int = 0
    """Of the chunks."""
    bundles: int = 0
    orphans: int = 0
    """Bytes in the store of objects that no row named."""
    damaged: int = 0
    """Projects that could not be read, and were left as they are."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """A project at the moment when it was looked at."""

    state: ProjectState
    confirmed: int
    """The log up to here is in a confirmed bundle; 0 without one."""
    superseded: tuple[bytes, ...]
    bundled: frozenset[bytes]
    """Chunks of the bundles that stay."""
    live: frozenset[bytes]
    """Chunks that somebody's list has."""
    listed_ms: int
    """When the last list of a device that counts came."""
    seen_ms: int
    """When the last list of any came."""
    removed: tuple[bytes, ...]
    """Removed devices that left notices."""


def collect(
    storage: Storage,
    objects: Objects,
    clock: Clock,
    limits: Limits,
    *,
    orphans: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Collected:
    """Go through all projects once. Beside a running server too, in its process or another.

    ``orphans``: whether to go through the store of objects as well, which takes its time. ``stopped`` is asked
    between the steps.

    Raises:
        StorageError: the storage or the store of objects failed; what was done until then stays done.
    """
    work = _Collecting(storage, objects, clock, limits, stopped)
    after = b""
    while not stopped():
        with storage.read() as view:
            projects = view.projects(after, _PROJECTS)
        if not projects:
            break
        for project in projects:
            if stopped():
                break
            try:
                work.project(project)
            except Damaged as error:
                work.done.damaged += 1
                log(_LOGGER, logging.ERROR, "collect", project=project[:4].hex(), sentence=str(error))
        after = projects[-1]
    if orphans and not stopped():
        work.orphans()
    return work.done


class _Collecting:
    def __init__(
        self, storage: Storage, objects: Objects, clock: Clock, limits: Limits, stopped: Callable[[], bool]
    ) -> None:
        self._storage = storage
        self._objects = objects
        self._clock = clock
        self._limits = limits
        self._stopped = stopped
        self._rosters = Rosters(1)
        self.done = Collected()

    def project(self, project: bytes) -> None:
        """One project."""
        with self._storage.read() as view:
            state = view.project(project)
            if state is None:
                return
            sight = self._look(view, project, state)
        self._drop(project, sight)
        if sight.superseded or sight.removed:
            with self._storage.write(project) as change:
                current = change.project(project)
                if current is not None and current.bundle == sight.state.bundle:
                    change.delete_bundles(project, sight.superseded)
                    self.done.bundles += len(sight.superseded)
                change.delete_notices(project, sight.removed)
        for purpose, seconds in (
            (BUNDLE, self._limits.bundle_grace_seconds),
            (FILE, self._limits.file_grace_seconds),
        ):
            self._chunks(project, sight, purpose, self._before(seconds))

    def orphans(self) -> None:
        """Bytes whose row never came, or went without them."""
        before_ms = self._clock.now_ms() - _ORPHAN_MS
        old = (each for each in self._objects.list() if each.modified_ms < before_ms)
        while (page := list(islice(old, _CHUNKS))) and not self._stopped():
            with self._storage.read() as view:
                lost = [found.place for found in page if not _named(view, found)]
            if lost:
                self._objects.delete(lost)
                self.done.orphans += len(lost)

    def _before(self, seconds: float) -> int:
        return self._clock.now_ms() - int(seconds * 1_000)

    def _look(self, view: Reading, project: bytes, state: ProjectState) -> _Sight:
        roster = self._rosters.at(view, project, state)
        bundles = view.bundles(project)
        confirmed = confirmations(view, project, bundles, roster.membership)
        stay, superseded = self._staying(view, project, bundles, roster)
        live: set[bytes] = set()
        listed_ms = seen_ms = 0
        for received_ms, device, body in _lists(view, project):
            seen_ms = received_ms
            held = roster.membership.device(device)
            if held is None or held.revoked:
                continue
            live.update(body[at : at + _ID] for at in range(0, len(body), _ID))
            # Who only reads keeps chunks by a list, and lets none go by it.
            if roster.membership.members[held.member].role is not Role.VIEWER:
                listed_ms = received_ms
        devices = (each for member in roster.membership.members.values() for each in member.devices)
        gone = [each.device for each in devices if each.revoked]
        return _Sight(
            state,
            max((bundle.version for bundle in bundles if confirmed[bundle.hash]), default=0),
            tuple(superseded),
            frozenset(name for bundle in stay for name in read_manifest(bundle.wire).chunks),
            frozenset(live),
            listed_ms,
            seen_ms,
            tuple(each for each in gone if any(view.notice(project, kind, each) for kind in NoticeKind)),
        )

    def _staying(
        self, view: Reading, project: bytes, bundles: Sequence[StoredBundle], roster: Roster
    ) -> tuple[list[StoredBundle], list[bytes]]:
        """The bundles that stay, and those that go: not before somebody could have taken them to the end."""
        if not bundles or bundles[0].received_ms >= self._before(self._limits.bundle_grace_seconds):
            return list(bundles), []
        stay = needed(view, project, bundles, roster.membership)
        kept = {bundle.hash for bundle in stay}
        return stay, [bundle.hash for bundle in bundles if bundle.hash not in kept]

    def _drop(self, project: bytes, sight: _Sight) -> None:
        if sight.confirmed <= sight.state.floor:
            return
        before_ms = self._before(self._limits.log_grace_seconds)
        while not self._stopped():
            with self._storage.write(project) as change:
                count = change.drop_log(project, sight.confirmed, before_ms, _ENVELOPES)
            self.done.envelopes += count
            if count < _ENVELOPES:
                return

    def _chunks(self, project: bytes, sight: _Sight, purpose: str, before_ms: int) -> None:
        after = b""
        while not self._stopped():
            with self._storage.read() as view:
                old = view.old_chunks(project, before_ms, after, _CHUNKS)
            if not old:
                return
            after = old[-1].name
            names = [each.name for each in old if each.purpose == purpose and _unneeded(each, sight)]
            if not names:
                continue
            with self._storage.write(project) as change:
                if _changed(change, project, sight):
                    return
                gone = change.delete_chunks(project, names, before_ms)
            # Who leaves one of them again from now on leaves its bytes at another place.
            self._objects.delete([chunk.place for chunk in gone])
            self.done.chunks += len(gone)
            self.done.bytes += sum(chunk.size for chunk in gone)


def _unneeded(chunk: StoredChunk, sight: _Sight) -> bool:
    """A list is of what its device knew: one from before the chunk came says nothing against it."""
    if chunk.name in sight.bundled or chunk.name in sight.live:
        return False
    return chunk.purpose == BUNDLE or sight.listed_ms > chunk.uploaded_ms


def _changed(change: Writing, project: bytes, sight: _Sight) -> bool:
    """Whether a list or a bundle came since: it may name what was to go."""
    state = change.project(project)
    return (
        state is None
        or state.bundle != sight.state.bundle
        or bool(change.notices(project, NoticeKind.LIVE, sight.seen_ms, 0))
    )


def _lists(view: Reading, project: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """All lists of live chunks in the order in which they came: when, whose, and the names."""
    after_ms = 0
    while page := view.notices(project, NoticeKind.LIVE, after_ms, _NOTICE_BYTES):
        for notice in page:
            yield notice.received_ms, notice.device, read_notice(notice.wire).body
        after_ms = page[-1].received_ms


def _named(view: Reading, found: Found) -> bool:
    chunk = view.chunks(found.project, (found.name,)).get(found.name)
    return chunk is not None and chunk.place == found.place
