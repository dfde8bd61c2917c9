"""A project file as the sync engine sees it (``sync.engine.ProjectStore``), on the sync thread's connection.

``receiving`` takes in what others wrote; here is what this device gives: its changes, sealed into envelopes,
and sealed keys beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from app.store import numbering
from app.store.bundle_side import BundleSide
from app.store.log import Log, Push, State
from app.store.project import Project
from app.store.succession import find_fork, forget_kept, is_kept, present_identity, succeed
from app.store.touched import Touched
from sync.envelope import Body, Envelope, Head, parse, seal_changes
from sync.epochs import KeyRing
from sync.errors import NotFound, Refused
from sync.grants import recipient_id
from sync.identity import DeviceIdentity
from sync.membership import Decision, Membership
from sync.membership_actions import Role
from sync.transport.base import Outcome, PushAck

_SEAL_BYTES: Final = 900_000
_SEAL_COUNT: Final = 500
_NUMBER_AT_ONCE: Final = 50
_QUIET_SECONDS: Final = 1.0


class SyncSide(BundleSide):
    """What sync does with one project, both ways."""

    def __init__(
        self,
        project: Project,
        identity: DeviceIdentity,
        keys: KeyRing,
        stopped: Callable[[], bool] = lambda: False,
        succeeded: Callable[[DeviceIdentity], None] | None = None,
    ) -> None:
        """``succeeded`` is told where this device took a new key: the vault is to keep it before it returns."""
        super().__init__(project, present_identity(project, identity), keys, stopped)
        self._succeeded = succeeded
        self.quiet_seconds = _QUIET_SECONDS
        """For so long at most each round ends with what was left for a quiet moment; 0 where somebody waits for it."""

    @property
    def identity(self) -> DeviceIdentity:
        """Who this device is: under another key than at first, where somebody else had its own."""
        return self._identity

    @property
    def keys(self) -> KeyRing:
        """The project's keys."""
        return self._keys

    def _settle_fork(self) -> None:
        """Go on under a new key where somebody else writes under this device's: a copy of this profile."""
        if find_fork(self._store, self._identity.device) is not None:
            with self.sealing():
                self._store.finish_drafts(leave=False)
                self._refresh_membership()
                fork = find_fork(self._store, self._identity.device)
                fresh = fork and succeed(
                    self._store, self.membership, self._identity, self._keys, fork, self._store.random
                )
                if fresh:
                    self._identity = fresh
        if self._succeeded is not None and is_kept(self._store):
            self._succeeded(self._identity)
            forget_kept(self._store)

    def settle_reset(self) -> None:
        """Queue what the server should have and did not give: it was wiped or went back since it took it.

        All that the server has is here: what of it is under this device's key and was not made here shows a copy.
        """
        self._settle_fork()
        if self._log.anything_missing():
            self._in_slices([self._log.queue_missing])

    def prepare_push(self) -> None:
        """Make drafts into changes, number issues, and seal waiting changes into envelopes."""
        self._refresh_membership()
        self._store.finish_drafts(leave=False)
        role = self._store.get_meta("role")
        if role in (None, Role.OWNER, Role.EDITOR):
            self._in_slices([lambda: numbering.claim_if_low(self._store)])
            more = True
            while more:
                given: list[int] = []
                self._in_slices(
                    [lambda: given.append(numbering.number_waiting(self._store, Touched(), _NUMBER_AT_ONCE))]  # noqa: B023
                )
                more = given == [_NUMBER_AT_ONCE]
        while True:
            with self.sealing():
                if not self._seal_some():
                    break

    def sealing(self) -> AbstractContextManager[object]:
        """Held while an envelope gets its place in this device's chain: no other thread may take the same."""
        return self._store.lock.sealing

    def _seal_some(self) -> bool:
        rows = self._store.db.all(
            "SELECT cid, data, length(data) FROM changes WHERE eid IS NULL AND data IS NOT NULL ORDER BY cid LIMIT ?",
            (_SEAL_COUNT,),
        )
        batch: list[tuple[int, bytes]] = []
        size = 0
        for cid, data, length in rows:
            size += length + 8
            if batch and size > _SEAL_BYTES:
                break
            batch.append((int(cid), bytes(data)))
        if not batch:
            return False
        head = self._log.own_head(self._identity.device)
        heads = self._log.heads_to_tell(100)
        # Made before this device learnt that its role is another: everyone will set it aside, so it does too.
        restricted = self._identity.device in self.membership.restricted_devices()
        envelope = seal_changes(
            project=self.project,
            device_key=self._identity.signing,
            seq=1 if head is None else head.seq + 1,
            prev=None if head is None else head.hash,
            membership_heads=self.membership.heads_for(self._identity.device),
            epoch_key=self._keys.current(),
            body=Body(tuple(heads), self.cookie(), tuple(data for _, data in batch)),
            random=self._store.random,
        )
        with self._store.writing():
            eid = self._log.add(envelope.hash, envelope, envelope.wire(), State.APPLIED, Push.OPEN)
            self._store.db.connection.executemany(
                "UPDATE changes SET eid = ?, data = NULL WHERE cid = ?", [(eid, cid) for cid, _ in batch]
            )
            self._log.told(heads)
            if restricted:
                self._store.put_meta("rejudge", 1)
        if restricted:
            self._rejudge(Touched())
        return True

    def add_own(self, envelope: Envelope) -> None:
        """Take in a membership envelope that this device just made, while ``sealing`` is held.

        Raises Refused where it may not make it.
        """
        check = self.membership.check(envelope)
        if check.decision is not Decision.ACCEPT:
            raise Refused("Your role does not allow this; ask an owner of the project.")
        self.membership.add(envelope, verified=True)
        with self._store.writing():
            self._log.add(envelope.hash, envelope, envelope.wire(), State.APPLIED, Push.OPEN)
            self._note_membership()

    def add_first(self, envelope: Envelope) -> None:
        """Take in the join of this very device, before the log that it stands on was pulled."""
        with self._store.writing():
            self._log.add(envelope.hash, envelope, envelope.wire(), State.WAITING, Push.OPEN)
            self._store.put_meta("rejudge", 1)
        self.membership.add(envelope, verified=True)

    def heads(self) -> list[Head]:
        """The last envelope known of every device."""
        return self._log.all_heads()

    def next_place(self) -> tuple[int, bytes | None]:
        """(sequence, predecessor) of this device's next envelope, good while ``sealing`` is held.

        Changes that wait are sealed before it.
        """
        self.prepare_push()
        head = self._log.own_head(self._identity.device)
        return (1, None) if head is None else (head.seq + 1, head.hash)

    def unpushed(self, max_count: int, max_bytes: int) -> list[tuple[bytes, bytes]]:
        """The first envelopes that the server does not have, as (hash, wire)."""
        return self._log.open_to_push(max_count, max_bytes)

    def pushed(self, acks: Sequence[PushAck]) -> int:
        """Record the server's answers; returns how many were refused."""
        refused = 0
        with self._store.writing():
            for ack in acks:
                known = self._log.find(ack.hash)
                if known is None:
                    continue
                if ack.outcome in (Outcome.ACCEPTED, Outcome.KNOWN):
                    self._log.taken(known[0])
                elif ack.outcome is Outcome.REFUSED:
                    self._log.refused(known[0], ack.reason)
                    refused += 1
        return refused

    def retry_refused(self) -> int:
        """Queue what the server refused once more (the user asks). Returns how many."""
        return self._store.retry_refused()

    def drop_refused(self, hashed: bytes) -> Touched:
        """Take back, here, the changes of an envelope that the server refused; it is never sent (the user asks).

        Nobody else has them. Where somebody gave them on by another road all the same, they count again when
        they come. Raises NotFound where the server did not refuse it.
        """
        known = self._log.find(hashed)
        wire = None if known is None else self._log.wire(known[0], Push.REFUSED)
        if known is None or wire is None:
            raise NotFound("There is no such refused change; it may have been sent meanwhile.")
        eid = known[0]
        touched = Touched()
        changes = self._changes_of_member(parse(wire))
        with self._store.writing():
            for change in reversed(changes):
                self._set_aside(change, eid, touched)
            self._log.drop(eid)
        return touched

    def put_grant(self, recipient: bytes, grant: bytes) -> None:
        """Queue a sealed key for the server."""
        with self._store.writing():
            self._store.db.run(
                "INSERT INTO local_grants (recipient, wire, state) VALUES (?, ?, 0)", (recipient, grant)
            )

    def withdraw_grants_for(self, kem_public: bytes) -> None:
        """Have the server forget what is sealed to a key, whoever put it there."""
        with self._store.writing():
            recipient = recipient_id(kem_public)
            self._store.db.run("DELETE FROM local_grants WHERE recipient = ?", (recipient,))
            self._store.db.run(
                "INSERT INTO local_grants (recipient, wire, state) VALUES (?, x'', 2)", (recipient,)
            )

    def grants_to_put(self) -> list[bytes]:
        """Sealed keys that the server does not have yet."""
        rows = self._store.db.all("SELECT wire FROM local_grants WHERE state = 0 ORDER BY gid LIMIT 100")
        return [bytes(wire) for (wire,) in rows]

    def grants_put(self, grants: Sequence[bytes]) -> None:
        """Record that the server has these."""
        with self._store.writing():
            for wire in grants:
                self._store.db.run("UPDATE local_grants SET state = 1 WHERE wire = ? AND state = 0", (wire,))

    def grants_refused(self, grants: Sequence[bytes]) -> None:
        """Record that the server does not want these."""
        with self._store.writing():
            for wire in grants:
                self._store.db.run("UPDATE local_grants SET state = 4 WHERE wire = ? AND state = 0", (wire,))

    def recipients_to_delete(self) -> list[bytes]:
        """Recipients whose sealed keys the server must forget."""
        rows = self._store.db.all("SELECT DISTINCT recipient FROM local_grants WHERE state = 2")
        return [bytes(recipient) for (recipient,) in rows]

    def recipients_deleted(self, recipients: Sequence[bytes]) -> None:
        """Record that the server forgot these."""
        with self._store.writing():
            for recipient in recipients:
                self._store.db.run(
                    "UPDATE local_grants SET state = 3 WHERE recipient = ? AND state = 2", (recipient,)
                )

    def note_success(self) -> None:
        """Remember when the last round went through, and do some of what was left for a quiet moment."""
        with self._store.writing():
            self._store.put_meta("last_success_ms", self._store.clock.now_ms())
        end = self._store.clock.monotonic() + self.quiet_seconds
        while self._store.clock.monotonic() < end and not self._stopped() and self._store.maintain():
            pass


def load_membership(project: Project) -> Membership:
    """The membership as the project file holds it. The signatures were checked when the envelopes came in."""
    membership = Membership(project.id)
    membership.load(parse(kept.wire) for kept in Log(project).membership())
    return membership
