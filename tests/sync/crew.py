"""People with devices and replicas of a membership, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from sync.change import Operation, Set, encode_change
from sync.envelope import Body, Envelope, Head, seal_changes, seal_membership
from sync.epochs import EpochKey, KeyRing
from sync.identity import DeviceIdentity, found_project
from sync.invite import InviteCode, join_project, make_invite
from sync.keys import KemKey, SigningKey
from sync.membership import Decision, Membership, Role, Verdict, seal_action
from sync.membership_actions import (
    Accepted,
    Cancel,
    Known,
    RecoveryPublic,
    Revoke,
    RoleAction,
    encode_action,
)

# Making KEM keys takes most of the time of such a test, and no test compares them.
_KEM = KemKey(bytes(range(96)))


class Hand:
    """One device of somebody: its chain, and the membership that it knows."""

    def __init__(self, crew: Crew, identity: DeviceIdentity, membership: Membership) -> None:
        self.crew = crew
        self.identity = identity
        self.membership = membership
        self.seq = 0
        self.prev: bytes | None = None

    @property
    def device(self) -> bytes:
        return self.identity.device

    @property
    def member(self) -> bytes:
        return self.identity.member

    def keep(self, envelope: Envelope, *, tell: bool = True) -> Envelope:
        """Count an own envelope, take it in, and (``tell``) let everybody have it."""
        self.seq = envelope.header.seq
        self.prev = envelope.hash
        self.crew.all.append(envelope)
        self.crew.chain[envelope.hash] = envelope.header.prev
        if envelope.header.kind == 1:
            self.membership.add(envelope, verified=True)
            if tell:
                self.crew.tell(envelope)
        return envelope

    def act(self, action: Known, *, tell: bool = True, heads: Sequence[bytes] | None = None) -> Envelope:
        """Do something to the membership, right or not; ``heads``: claiming to know only these."""
        key, seq = self.identity.signing, self.seq + 1
        if heads is None:
            envelope = seal_action(self.membership, action, device_key=key, seq=seq, prev=self.prev)
        else:
            envelope = seal_membership(
                project=self.crew.project,
                device_key=key,
                seq=seq,
                prev=self.prev,
                membership_heads=heads,
                action=encode_action(action),
            )
        return self.keep(envelope, tell=tell)

    def invite(self, role: Role, *, next_device: bool = False, tell: bool = True) -> InviteCode:
        made = make_invite(
            membership=self.membership,
            identity=self.identity,
            seq=self.seq + 1,
            prev=self.prev,
            keys=(),
            role=role,
            expires_ms=None,
            next_device=next_device,
            server="",
            random=self.crew.random.randbytes,
        )
        self.keep(made.envelope, tell=tell)
        return made.code

    def set_role(
        self, other: Hand, role: Role, *, accepted: Iterable[Head] | None = None, tell: bool = True
    ) -> Envelope:
        return self.act(RoleAction(other.member, role, self.crew.accepted(other, accepted)), tell=tell)

    def revoke(
        self,
        other: Hand,
        *,
        device: bool = False,
        accepted: Iterable[Head] | None = None,
        tell: bool = True,
    ) -> Envelope:
        named = other.device if device else None
        return self.act(Revoke(other.member, named, self.crew.accepted(other, accepted)), tell=tell)

    def cancel(self, code: InviteCode, *, tell: bool = True) -> Envelope:
        return self.act(Cancel(code.invite), tell=tell)

    def write(self, *operations: Operation) -> Envelope:
        """Seal a change; by default one that only editors and owners may make."""
        what = operations or (Set("issue", bytes(16), "title", "A wall"),)
        change = encode_change(self.device, 1, what, self.crew.random.randbytes)
        return self.keep(
            seal_changes(
                project=self.crew.project,
                device_key=self.identity.signing,
                seq=self.seq + 1,
                prev=self.prev,
                membership_heads=self.membership.heads_for(self.device),
                epoch_key=self.crew.key,
                body=Body(changes=(change.data,)),
                random=self.crew.random.randbytes,
            )
        )

    def head(self) -> Head:
        assert self.prev is not None
        return Head(self.device, self.seq, self.prev)

    def judges(self, envelope: Envelope) -> Verdict:
        return self.membership.judge(envelope.header, envelope.hash, self.crew.chain.get)


class Crew:
    """A project with its founder; more join. Replicas hear of an action at once unless it is told later."""

    def __init__(self, seed: int = 1, *, recovery: SigningKey | None = None) -> None:
        self.random = Random(seed)
        public = None if recovery is None else RecoveryPublic(recovery.public, _KEM.public)
        founded = found_project(random=self.random.randbytes, recovery=public)
        self.project = founded.project
        self.key: EpochKey = founded.epoch_key
        self.keys = KeyRing((founded.epoch_key,))
        self.all: list[Envelope] = []
        self.chain: dict[bytes, bytes | None] = {}
        self.hands: list[Hand] = []
        self.founder = self._hand(founded.identity, Membership(self.project))
        self.founder.keep(founded.founding)

    def _hand(self, identity: DeviceIdentity, membership: Membership) -> Hand:
        hand = Hand(self, identity, membership)
        self.hands.append(hand)
        return hand

    def tell(self, *envelopes: Envelope) -> None:
        """Let every replica have these."""
        for envelope in envelopes:
            for hand in self.hands:
                hand.membership.add(envelope, verified=True)

    def tell_all(self) -> None:
        self.tell(*self.membership_envelopes())

    def membership_envelopes(self) -> list[Envelope]:
        return [envelope for envelope in self.all if envelope.header.kind == 1]

    def join(self, code: InviteCode, *, by: Membership | None = None, tell: bool = True) -> Hand:
        """Join with a replica that knows what ``by`` knows (the founder's, by default)."""
        membership = (by or self.founder.membership).copy()
        joined = join_project(code=code, membership=membership, random=self.random.randbytes)
        hand = self._hand(joined.identity, membership)
        hand.keep(joined.envelope, tell=tell)
        return hand

    def member(self, role: Role, inviter: Hand | None = None) -> Hand:
        """A new member, known to all."""
        by = inviter or self.founder
        return self.join(by.invite(role), by=by.membership)

    def next_device(self, hand: Hand) -> Hand:
        return self.join(hand.invite(Role.VIEWER, next_device=True), by=hand.membership)

    def replica(self, envelopes: Iterable[Envelope] | None = None) -> Membership:
        """A fresh one that knows these, or all."""
        membership = Membership(self.project)
        for envelope in self.membership_envelopes() if envelopes is None else envelopes:
            membership.add(envelope, verified=True)
        return membership

    def accepted(self, other: Hand, heads: Iterable[Head] | None) -> tuple[Accepted, ...]:
        """Heads to accept: by default the last of every device of the member."""
        if heads is None:
            heads = [hand.head() for hand in self.hands if hand.member == other.member]
        return tuple(Accepted.of(head) for head in heads)


def accepts(verdict: Verdict) -> bool:
    return verdict.decision is Decision.ACCEPT
