"""What the relay keeps beside logs: chunks, notices, bundles. Who may do what with them is decided here.

To whoever does not belong to a project, all answers are those of a server that has no such project.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from sync.bundle import MAX_MANIFEST_BYTES, Manifest, may_confirm, read_manifest
from sync.clock import Clock
from sync.cookie import Cookie
from sync.errors import Absent, Malformed, Refused
from sync.membership import Membership
from sync.membership_actions import Role
from sync.notice import Notice, NoticeKind, read_notice
from sync.server.committing import Committing
from sync.server.judging import ABSENT
from sync.server.limits import Limits
from sync.server.objects import Objects
from sync.server.roster import Roster
from sync.server.storage import (
    Lease,
    ProjectState,
    Reading,
    Storage,
    StoredBundle,
    StoredChunk,
    StoredNotice,
    Writing,
)
from sync.transport.base import OfferedBundle

FILE: Final = "file"
BUNDLE: Final = "bundle"
_ID: Final = 32
_PUBLISHERS: Final = (Role.OWNER, Role.EDITOR)
_BUNDLES: Final = 8
"""Most bundles of a project that are kept, with those that a newer one has superseded."""
_LAST_MS: Final = (1 << 63) - 1
_TOUCH: Final = 0.5
"""After which part of the shortest grace a chunk that somebody asks for counts as left anew."""


class FindRoster(Protocol):
    """Gives the roster of a project at a state. What a transaction sees is not remembered: it may be undone."""

    def __call__(
        self, view: Reading, project: bytes, state: ProjectState | None, *, keep: bool = True
    ) -> Roster:
        """Find it."""
        ...


class Beside:
    """The relay's side for chunks, notices and bundles. Safe to use from several threads."""

    def __init__(
        self,
        storage: Storage,
        committing: Committing,
        objects: Objects,
        clock: Clock,
        limits: Limits,
        roster: FindRoster,
        welcome: Callable[[Roster, bytes], bool],
        marked: Callable[[bytes, str, str], None] | None,
    ) -> None:
        """``marked`` is told of each bundle and notice that came: project, ``bundle`` or ``notice``, kind."""
        self._storage = storage
        self._committing = committing
        self._objects = objects
        self._clock = clock
        self._limits = limits
        self._roster = roster
        self._welcome = welcome
        self._marked = marked

    def have_chunks(self, project: bytes, names: Sequence[bytes], *, by: bytes) -> list[bool]:
        """Which of these are there. Who may leave chunks keeps those from going that it asks for."""
        with self._storage.read() as view:
            roster = self._seen(view, project, by)
            if roster is None:
                return [False] * len(names)
            found = view.chunks(project, names)
        grace = min(self._limits.bundle_grace_seconds, self._limits.file_grace_seconds)
        old_ms = self._clock.now_ms() - int(grace * _TOUCH * 1_000)
        old = [name for name, chunk in found.items() if chunk.uploaded_ms < old_ms]
        if old and _role(roster, by) not in (None, Role.VIEWER):
            touched = self._committing.run(
                project,
                lambda change: change.touch_chunks(project, old, change.stamp(project, self._clock.now_ms())),
            )
            # One may have gone in between.
            for name in set(old) - touched:
                del found[name]
        return [name in found for name in names]

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str, by: bytes) -> None:
        """Keep a chunk; again is as once.

        Raises:
            Refused: this key may not leave it, it is too large, or the project has too much here.
            Malformed: it has no purpose that is known.
        """
        if purpose not in (FILE, BUNDLE):
            raise Malformed("A chunk is of a file or of a bundle.")
        size = len(data)
        if not 0 < size <= self._limits.chunk_bytes:
            raise Refused(f"A chunk has from 1 to {self._limits.chunk_bytes} bytes on this server.")
        name = hashlib.sha256(data).digest()
        with self._storage.read() as view:
            role = self._role(view, project, by)
            state = view.project(project)
            here = bool(view.chunks(project, (name,)))
        if role is Role.VIEWER or (purpose == BUNDLE and role not in _PUBLISHERS):
            raise Refused("Your role in this project does not allow to leave files on the server.")
        if here and self._committing.run(project, lambda change: self._touched(change, project, name)):
            return
        self._within_quota(state, size)
        # Its bytes first: a row whose bytes are nowhere would promise what cannot be kept.
        place = self._objects.put(project, name, data)
        kept = False
        try:
            kept = self._committing.run(
                project, lambda change: self._keep(change, project, name, place, size, purpose)
            )
        finally:
            if not kept:
                self._objects.delete((place,))

    def get_chunk(self, project: bytes, name: bytes, *, by: bytes) -> bytes | None:
        """A chunk's bytes; ``None`` where it is not there."""
        with self._storage.read() as view:
            if self._seen(view, project, by) is None:
                return None
            chunk = view.chunks(project, (name,)).get(name)
        if chunk is None:
            return None
        data = self._objects.get(chunk.place)
        if data is not None and hashlib.sha256(data).digest() == name:
            return data
        # Lost by the disk, or by a backup of only one of the two: then it is to be brought again.
        self._committing.run(project, lambda change: _forget(change, project, chunk))
        return None

    def put_notice(self, project: bytes, wire: bytes, *, by: bytes) -> None:
        """Keep a device's newest notice of a kind.

        Raises:
            Refused: it is not by whoever brings it, a newer one is here, or there is no room for it.
            Malformed, NewerFormat: it cannot be read.
        """
        notice = read_notice(wire)
        _check_body(notice)
        if notice.project != project or notice.device != by:
            raise Refused("A device leaves notices of its own only, in their project.")
        with self._storage.read() as view:
            self._role(view, project, by)
        if self._committing.run(project, lambda change: self._note(change, notice, wire)) and self._marked:
            self._marked(project, "notice", notice.kind)

    def notices(self, project: bytes, kind: str, after_ms: int, *, by: bytes) -> list[tuple[int, bytes]]:
        """The notices that came after a moment, in their order; what does not fit one answer is left for the next.

        For members only.
        """
        with self._storage.read() as view:
            roster = self._seen(view, project, by)
            if roster is None or _role(roster, by) is None:
                return []
            found = view.notices(project, kind, max(0, min(after_ms, _LAST_MS)), self._limits.page_bytes)
        return [(notice.received_ms, notice.wire) for notice in found]

    def lease_bundle(self, project: bytes, *, release: bool = False, by: bytes) -> tuple[bool, float]:
        """Give, keep up, or take back the right to publish: whether ``by`` has it, and the seconds until it ends.

        Raises:
            Refused: this key may not publish.
        """
        with self._storage.read() as view:
            self._may_publish(self._role(view, project, by))
        return self._committing.run(project, lambda change: self._lease(change, project, by, release))

    def put_bundle(self, project: bytes, wire: bytes, *, by: bytes) -> None:
        """Publish a bundle whose chunks are all here; again is as once.

        Raises:
            Refused: this key may not publish it, or it does not fit what is here.
            Malformed, NewerFormat: the manifest cannot be read.
        """
        if len(wire) > MAX_MANIFEST_BYTES:
            raise Malformed("The manifest of a bundle is longer than it may be.")
        manifest = read_manifest(wire)
        with self._storage.read() as view:
            self._may_publish(self._role(view, project, by))
        if manifest.project != project or manifest.publisher != by:
            raise Refused("A bundle is left by the device that published it, in its project.")
        if self._committing.run(project, lambda change: self._publish(change, manifest)) and self._marked:
            self._marked(project, "bundle", "")

    def bundles(self, project: bytes, *, by: bytes) -> list[OfferedBundle]:
        """The newest confirmed bundle, then the newest where that is another."""
        with self._storage.read() as view:
            roster = self._seen(view, project, by)
            if roster is None:
                return []
            bundles = view.bundles(project)
            confirmed = confirmations(view, project, bundles, roster.membership)
        offered = [next((each for each in bundles if confirmed[each.hash]), None), *bundles[:1]]
        return [
            OfferedBundle(each.wire, confirmed[each.hash], each.received_ms)
            for each in dict.fromkeys(offered)
            if each is not None
        ]

    def _seen(self, view: Reading, project: bytes, by: bytes) -> Roster | None:
        """The roster for who may read; ``None`` for a stranger. Raises Refused for who may not any more."""
        if len(project) != _ID:
            raise Malformed("That cannot be the id of a project.")
        roster = self._roster(view, project, view.project(project))
        return roster if self._welcome(roster, by) else None

    def _role(self, view: Reading, project: bytes, by: bytes) -> Role:
        """A member's role. Raises Refused for all others."""
        roster = self._seen(view, project, by)
        role = None if roster is None else _role(roster, by)
        if role is None:
            raise Absent(ABSENT)
        return role

    def _may_publish(self, role: Role) -> None:
        if role not in _PUBLISHERS:
            raise Refused("Only owners and editors publish bundles.")

    def _within_quota(self, state: ProjectState | None, size: int) -> None:
        most = self._limits.project_chunk_bytes
        if state is not None and most and state.chunk_bytes + size > most:
            raise Refused(
                f"The files of this project fill the {most >> 20} MiB that the server gives it; remove some, or ask"
                " its operator for more."
            )

    def _touched(self, change: Writing, project: bytes, name: bytes) -> bool:
        now_ms = change.stamp(project, self._clock.now_ms())
        return bool(change.touch_chunks(project, (name,), now_ms))

    def _keep(
        self, change: Writing, project: bytes, name: bytes, place: str, size: int, purpose: str
    ) -> bool:
        """Note a chunk; False where another put was faster, so that these bytes are of no use."""
        if self._touched(change, project, name):
            return False
        self._within_quota(change.project(project), size)
        now_ms = change.stamp(project, self._clock.now_ms())
        change.put_chunk(project, StoredChunk(name, place, size, purpose, now_ms))
        return True

    def _note(self, change: Writing, notice: Notice, wire: bytes) -> bool:
        held = change.notice(notice.project, notice.kind, notice.device)
        if held is not None:
            if held.wire == wire:
                return False
            if held.number >= notice.number:
                raise Refused("The server has a newer notice of this device.")
        more = len(wire) - (0 if held is None else len(held.wire))
        most = self._limits.project_notice_bytes
        if more > 0 and change.notice_bytes(notice.project) + more > most:
            raise Refused("The project has too many notices on the server; ask its operator.")
        now_ms = change.stamp(notice.project, self._clock.now_ms())
        change.put_notice(
            notice.project, StoredNotice(notice.kind, notice.device, notice.number, now_ms, wire)
        )
        if notice.kind == NoticeKind.CONFIRM:
            for bundle in change.bundles(notice.project):
                if bundle.hash == notice.body and bundle.publisher != notice.device:
                    change.confirm(notice.project, bundle.hash, notice.device)
        return True

    def _lease(self, change: Writing, project: bytes, by: bytes, release: bool) -> tuple[bool, float]:
        now_ms = self._clock.now_ms()
        length_ms = int(self._limits.lease_seconds * 1_000)
        held = change.lease(project)
        if held is not None and held.device != by and now_ms < held.ends_ms <= now_ms + length_ms:
            # One that would last longer than any was given by a clock that was set back since.
            roster = self._roster(change, project, change.project(project), keep=False)
            if _role(roster, held.device) in _PUBLISHERS:
                return False, (held.ends_ms - now_ms) / 1_000
        if release:
            if held is not None:
                change.set_lease(project, None)
            return False, 0.0
        change.set_lease(project, Lease(by, now_ms + length_ms))
        return True, self._limits.lease_seconds

    def _publish(self, change: Writing, manifest: Manifest) -> bool:
        project = manifest.project
        bundles = change.bundles(project)
        if any(bundle.hash == manifest.hash for bundle in bundles):
            return False
        if not follows(change, project, manifest.cookie, change.project(project), self._storage.generation):
            raise Refused("The bundle was made of another history than the server's; make it anew.")
        if bundles and bundles[0].version > manifest.version:
            raise Refused("The server has a newer bundle.")
        names = set(manifest.chunks)
        chunks = change.chunks(project, names)
        if len(chunks) != len(names):
            raise Refused(
                f"The server lacks {len(names) - len(chunks)} chunks of the bundle; leave them there first."
            )
        now_ms = change.stamp(project, self._clock.now_ms())
        size = sum(chunk.size for chunk in chunks.values())
        # Nobody takes them away while the bundle is new.
        change.touch_chunks(project, names, now_ms)
        change.put_bundle(
            project,
            StoredBundle(manifest.hash, manifest.version, manifest.publisher, size, now_ms, manifest.wire),
        )
        bundles = change.bundles(project)
        roster = self._roster(change, project, change.project(project), keep=False)
        keep = {bundle.hash for bundle in needed(change, project, bundles, roster.membership)}
        superseded = [bundle.hash for bundle in bundles if bundle.hash not in keep]
        change.delete_bundles(project, superseded[_BUNDLES:])
        return True


def follows(
    view: Reading, project: bytes, cookie: Cookie, state: ProjectState | None, generation: bytes
) -> bool:
    """Whether a cookie is a place in a project's history, after its first envelope."""
    return (
        state is not None
        and cookie.generation == generation
        and 0 < cookie.version <= state.version
        and view.running(project, cookie.version) == cookie.running
    )


def confirmations(
    view: Reading, project: bytes, bundles: Sequence[StoredBundle], membership: Membership
) -> dict[bytes, int]:
    """How many devices confirmed each bundle whose word counts (``sync.bundle.may_confirm``)."""
    confirmed = view.confirmations(project)
    return {
        bundle.hash: sum(
            may_confirm(membership, bundle.publisher, device) for device in confirmed.get(bundle.hash, ())
        )
        for bundle in bundles
    }


def needed(
    view: Reading, project: bytes, bundles: Sequence[StoredBundle], membership: Membership
) -> list[StoredBundle]:
    """Those of a project's bundles that somebody may have to take, of ``bundles`` in their order.

    The newest; the newest that is confirmed; and the newest that ever was: under that the log may have gone.
    """
    now = confirmations(view, project, bundles, membership)
    ever = view.confirmations(project)
    kept = {
        each.hash
        for each in (
            next(iter(bundles), None),
            next((bundle for bundle in bundles if now[bundle.hash]), None),
            next((bundle for bundle in bundles if bundle.hash in ever), None),
        )
        if each is not None
    }
    return [bundle for bundle in bundles if bundle.hash in kept]


def _forget(change: Writing, project: bytes, chunk: StoredChunk) -> None:
    if change.chunks(project, (chunk.name,)).get(chunk.name) == chunk:
        change.delete_chunks(project, (chunk.name,), chunk.uploaded_ms + 1)


def _role(roster: Roster, by: bytes) -> Role | None:
    """The role of a device that is in the project."""
    device = roster.membership.device(by)
    member = roster.membership.member_of(by)
    return None if device is None or device.revoked or member is None else member.role


def _check_body(notice: Notice) -> None:
    """What the server has to understand of a body."""
    if notice.kind not in set(NoticeKind):
        raise Refused("The server does not know notices of this kind; it has to be updated.")
    length = len(notice.body)
    if notice.kind == NoticeKind.LIVE and length % _ID:
        raise Malformed("A list of chunks is not one of names.")
    if notice.kind == NoticeKind.CONFIRM and length not in (0, _ID):
        raise Malformed("A confirmation names one bundle.")
