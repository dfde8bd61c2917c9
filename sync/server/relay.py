"""The relay: takes envelopes from those who may push, and gives them to those who may pull, in one order.

It knows no transport, and cannot read what it carries. It checks form, signature, membership and bounds, and
the expiry of invites, which only a server's clock can. ``by`` is always the key that the caller proved to
hold.

Whoever is not known to a project gets the answer of a server that has no such project. Authorship is
checked and not the carrier: anyone may bring back what others wrote, as after a server was wiped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sync.clock import Clock
from sync.cookie import Cookie
from sync.envelope import Envelope, EnvelopeKind
from sync.errors import Absent, Malformed, Refused, TooLarge
from sync.grants import recipient_id
from sync.membership import Membership
from sync.membership_actions import Cancel, Founding, Join, Succession, decode_action
from sync.server.admission import keep_within_quota, refusal_to_begin
from sync.server.beside import Beside, follows
from sync.server.committing import Committing
from sync.server.granting import grant_key, may_delete, may_read, read_grant
from sync.server.judging import ABSENT, Circumstances, Judgement, Offer, acks_of, judge
from sync.server.limits import Limits
from sync.server.objects import MemoryObjects, Objects
from sync.server.roster import Roster, Rosters
from sync.server.storage import ProjectState, Reading, Storage, StoredEnvelope, Writing
from sync.transport.base import Outcome, PullPage, PushAck

_ID: Final = 32
_TOO_OLD: Final = (
    "The server keeps the beginning of this project as a bundle only, which this Sitebook does not know;"
    " update Sitebook."
)


class Relay:
    """One relay over one storage. Safe to use from several threads."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        limits: Limits | None = None,
        committed: Callable[[bytes, int, int], None] | None = None,
        *,
        objects: Objects | None = None,
        marked: Callable[[bytes, str, str], None] | None = None,
    ) -> None:
        """``committed`` is called after each push that stored something: project, version, membership's version.

        ``objects``: where the bytes of chunks are; in memory unless given. ``marked`` is called after a bundle
        or a notice came: project, ``bundle`` or ``notice``, and the kind of the notice.
        """
        self._committed = committed
        self._storage = storage
        self._clock = clock
        self._limits = limits if limits is not None else Limits()
        self._rosters = Rosters(self._limits.memberships)
        self._committing = Committing(storage)
        self._beside = Beside(
            storage,
            self._committing,
            objects if objects is not None else MemoryObjects(clock),
            clock,
            self._limits,
            self._roster,
            self._welcome,
            marked,
        )
        self.have_chunks = self._beside.have_chunks
        self.put_chunk = self._beside.put_chunk
        self.get_chunk = self._beside.get_chunk
        self.put_notice = self._beside.put_notice
        self.notices = self._beside.notices
        self.lease_bundle = self._beside.lease_bundle
        self.put_bundle = self._beside.put_bundle
        self.bundles = self._beside.bundles

    def check(self) -> None:
        """Raise StorageError where the storage cannot be read."""
        with self._storage.read() as view:
            view.project(bytes(_ID))

    def push(self, project: bytes, wires: Sequence[bytes], *, by: bytes) -> list[PushAck]:
        """Take what may be taken; one acknowledgement for each envelope, in their order.

        A batch that begins with a founding envelope begins the project.

        Raises:
            Refused: the batch is too large as a whole.
            Malformed: that cannot be the id of a project.
            StorageError: nothing was stored.
        """
        _check_id(project)
        limits = self._limits
        if len(wires) > limits.push_envelopes or sum(map(len, wires)) > limits.push_bytes:
            raise TooLarge("That is more than one push may hold; send it in smaller parts.")
        offers = [Offer.read(wire) for wire in wires]
        hashes = [offer.hash for offer in offers if offer.envelope is not None]
        with self._storage.read() as view:
            state = view.project(project)
            roster = self._roster(view, project, state)
            known = view.known(project, hashes) if state is not None else {}
        if state is None and not (offers and offers[0].hash == project):
            return acks_of(offers, Judgement(roster.membership), {}, {}, stranger=True)
        founding = offers[0].envelope if state is None else None
        if founding is not None and (reason := refusal_to_begin(founding, limits)):
            return [PushAck(offer.hash, Outcome.REFUSED, None, reason) for offer in offers]
        # Judged before its turn, since signatures take time; and again where the membership changed meanwhile.
        judgement = self._judge(project, state, roster, offers, known, by)
        versions: dict[int, int] = {}
        if judgement.admitted:
            attempt = _Attempt(state, roster, judgement)
            done = self._committing.run(
                project, lambda change: self._store(change, project, offers, hashes, attempt, by)
            )
            roster, judgement, known, versions = done.roster, done.judgement, done.known, done.versions
            current = done.state
            if current is not None and _membership(current) != _membership(done.before):
                roster = self._rosters.keep(project, Roster(judgement.membership, current.membership))
            if current is not None and versions and self._committed is not None:
                self._committed(project, current.version, current.membership)
        return acks_of(offers, judgement, known, versions, stranger=not _knows(roster, by))

    def pull(
        self,
        project: bytes,
        cookie: Cookie | None,
        limit: int | None = None,
        *,
        by: bytes,
        bundles: bool = True,
    ) -> PullPage:
        """The envelopes after a cookie, or from the beginning where the cookie is not of this history.

        None where some of them were given up: then the page says so by its floor, and a bundle has them.
        ``bundles``: whether the asker knows what to do then.

        Raises:
            Refused: the invite was cancelled or has expired, or the device was removed; or the asker is too
                old for what is to be had.
            Malformed: that cannot be the id of a project.
        """
        _check_id(project)
        limits = self._limits
        count = limits.page_envelopes if limit is None else max(1, min(limit, limits.page_envelopes))
        start = Cookie.start(self._storage.generation)
        with self._storage.read() as view:
            state = view.project(project)
            if state is None or not self._welcome(self._roster(view, project, state), by):
                return PullPage((), start, more=False, reset=cookie not in (None, start))
            known = cookie is not None and (
                cookie == start or follows(view, project, cookie, state, start.generation)
            )
            after = cookie if cookie is not None and known else start
            below = after.version < state.floor
            if below and not bundles:
                raise Refused(_TOO_OLD)
            envelopes = [] if below else view.page(project, after.version, count, limits.page_bytes)
        if envelopes:
            after = Cookie(start.generation, envelopes[-1].version, envelopes[-1].running)
        return PullPage(
            tuple(envelope.wire for envelope in envelopes),
            after,
            more=not below and after.version < state.version,
            reset=cookie is not None and not known,
            floor=state.floor,
            bundle=state.bundle,
            since=state.since,
        )

    def projects(self, *, by: bytes) -> list[bytes]:
        """The projects that a device is in, for a machine that has nothing but its recovery key."""
        found: list[bytes] = []
        with self._storage.read() as view:
            for project in view.projects_of(by):
                device = self._roster(view, project, view.project(project)).membership.device(by)
                if device is not None and not device.revoked:
                    found.append(project)
        return found

    def listened(self, projects: Iterable[bytes], *, by: bytes) -> dict[bytes, ProjectState]:
        """Those of these projects that a key is a member's device of, with where their logs end."""
        found: dict[bytes, ProjectState] = {}
        with self._storage.read() as view:
            for project in projects:
                state = view.project(project)
                device = self._roster(view, project, state).membership.device(by)
                if state is not None and device is not None and not device.revoked:
                    found[project] = state
        return found

    def put_grants(self, project: bytes, grants: Sequence[bytes], *, by: bytes) -> None:
        """Keep sealed keys for others, all or none.

        Raises:
            Refused: one is not to be kept, or the carrier is not in the project.
        """
        _check_id(project)
        if len(grants) > self._limits.grants_per_request:
            raise Refused("Those are more key grants than one request may hold; send them in parts.")
        with self._storage.read() as view:
            roster = self._known_to(view, project, by)
        kept = [(grant, wire) for wire in grants if (grant := read_grant(wire, project, roster)) is not None]

        def keep(change: Writing) -> None:
            if change.count_grants(project) + len(kept) > self._limits.grants_per_project:
                raise Refused("The project has too many key grants on the server; ask its operator.")
            change.put_grants(project, {grant_key(grant): (grant.recipient, wire) for grant, wire in kept})

        self._committing.run(project, keep)

    def grants(self, project: bytes, recipient: bytes, *, by: bytes) -> list[bytes]:
        """The sealed keys that lie for a recipient; none for a stranger.

        Raises:
            Refused: they are for somebody else, or the invite no longer counts.
        """
        _check_id(project)
        with self._storage.read() as view:
            state = view.project(project)
            roster = self._roster(view, project, state)
            if not self._welcome(roster, by):
                return []
            if not may_read(roster, recipient, by):
                raise Refused("These keys are for another device.")
            return view.grants(project, recipient)

    def delete_grants(self, project: bytes, recipient: bytes, *, by: bytes) -> None:
        """Remove the sealed keys that lie for a recipient.

        Raises:
            Refused: the carrier is not in the project, or these are not its business.
        """
        _check_id(project)
        with self._storage.read() as view:
            roster = self._known_to(view, project, by)
        if not may_delete(roster, recipient, by):
            raise Refused("These keys are for another device.")
        self._committing.run(project, lambda change: change.delete_grants(project, recipient))

    def _known_to(self, view: Reading, project: bytes, by: bytes) -> Roster:
        """The roster, for a key that the project knows. Raises Refused for others."""
        roster = self._roster(view, project, view.project(project))
        if not self._welcome(roster, by):
            raise Absent(ABSENT)
        return roster

    def _roster(
        self, view: Reading, project: bytes, state: ProjectState | None, *, keep: bool = True
    ) -> Roster:
        if state is None:
            return Roster(Membership(project), 0)
        return self._rosters.at(view, project, state, keep=keep)

    def _store(
        self,
        change: Writing,
        project: bytes,
        offers: Sequence[Offer],
        hashes: Sequence[bytes],
        attempt: _Attempt,
        by: bytes,
    ) -> _Done:
        """In the transaction: number and keep what may be taken."""
        before = change.project(project)
        roster, judgement = attempt.roster, attempt.judgement
        known = change.known(project, hashes)
        if _membership(before) != _membership(attempt.state):
            roster = self._roster(change, project, before, keep=False)
            judgement = self._judge(project, before, roster, offers, known, by)
        judgement = judgement.copy()  # This may be done again.
        keep_within_quota(judgement, offers, known, before, self._limits)
        versions = self._append(change, project, before, offers, judgement, known)
        return _Done(roster, judgement, known, versions, before, change.project(project))

    def _judge(
        self,
        project: bytes,
        state: ProjectState | None,
        roster: Roster,
        offers: Sequence[Offer],
        known: Collection[bytes],
        by: bytes,
    ) -> Judgement:
        now_ms = self._clock.now_ms()
        created_ms = now_ms if state is None else state.created_ms
        return judge(offers, known, roster.membership, Circumstances(project, by, now_ms, created_ms))

    def _append(
        self,
        change: Writing,
        project: bytes,
        state: ProjectState | None,
        offers: Sequence[Offer],
        judgement: Judgement,
        known: Collection[bytes],
    ) -> dict[int, int]:
        """Store what was admitted; the versions by index of the batch."""
        place = Cookie.start(self._storage.generation)
        if state is not None:
            place = Cookie(place.generation, state.version, state.running)
        stored: dict[bytes, StoredEnvelope] = {}
        versions: dict[int, int] = {}
        for index in judgement.admitted:
            offer = offers[index]
            # Another push may have brought the same one since, or this one may hold it twice.
            if offer.envelope is None or offer.hash in known or offer.hash in stored:
                continue
            place = place.advance(offer.hash)
            kind = offer.envelope.header.kind
            stored[offer.hash] = StoredEnvelope(place.version, place.running, offer.hash, kind, offer.wire)
            versions[index] = place.version
        change.append(project, list(stored.values()), self._clock.now_ms())
        for index in versions:
            envelope = offers[index].envelope
            if envelope is not None and envelope.header.kind == EnvelopeKind.MEMBERSHIP:
                _follow(change, project, envelope, judgement.membership)
        return versions

    def _welcome(self, roster: Roster, by: bytes) -> bool:
        """Whether a key may pull; False for one that the project does not know.

        Raises:
            Refused: it did have to do with the project, but not any more.
        """
        device = roster.membership.device(by)
        if device is not None:
            if device.revoked:
                raise Refused("This device was removed from the project.")
            return True
        invite = roster.invites.get(by)
        if invite is None:
            return False
        if invite.cancelled:
            raise Refused("The invite was cancelled; ask for a new one.")
        if not invite.usable:
            raise Refused("Who made the invite was removed from the project; ask for a new one.")
        if invite.expires_ms is not None and invite.expires_ms <= self._clock.now_ms():
            raise Refused("The invite has expired; ask for a new one.")
        return True


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a push was judged by before its turn came."""

    state: ProjectState | None
    roster: Roster
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of it in its turn."""

    roster: Roster
    judgement: Judgement
    known: dict[bytes, int]
    versions: dict[int, int]
    before: ProjectState | None
    state: ProjectState | None


def _check_id(project: bytes) -> None:
    if len(project) != _ID:
        raise Malformed("That cannot be the id of a project.")


def _membership(state: ProjectState | None) -> int:
    return 0 if state is None else state.membership


def _knows(roster: Roster, by: bytes) -> bool:
    """Whether a key has or had to do with the project."""
    return roster.membership.has_device(by) or by in roster.invites


def _follow(change: Writing, project: bytes, envelope: Envelope, membership: Membership) -> None:
    """What a membership action means for the storage: devices to be found, keys that nobody may have."""
    assert envelope.body is not None
    action = decode_action(envelope.body)
    if isinstance(action, Founding | Join):
        recovery = () if action.recovery is None else (action.recovery.sign_public,)
        change.add_devices(project, (envelope.header.device, *recovery))
    elif isinstance(action, Succession):
        change.add_devices(project, (action.device,))
    elif isinstance(action, Cancel):
        invite = membership.invites.get(action.invite)
        if invite is not None and not invite.usable:
            change.delete_grants(project, recipient_id(invite.kem_public))
