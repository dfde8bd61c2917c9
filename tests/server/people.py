"""People with devices, who make real envelopes for the server's tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.cookie import Cookie
from sync.envelope import Body, Envelope, parse, seal_changes
from sync.epochs import EpochKey
from sync.identity import DeviceIdentity, found_project
from sync.invite import MadeInvite, join_project, make_invite
from sync.keys import KemKey, SigningKey
from sync.membership import Membership, seal_action
from sync.membership_actions import Cancel, RecoveryPublic, Role
from sync.server.relay import Relay
from sync.transport.base import Outcome, PushAck
from tests.server.support import FakeClock, Seeded


@dataclass
class Person:
    """One device of one member, with its own picture of the membership."""

    identity: DeviceIdentity
    membership: Membership
    key: EpochKey
    random: Seeded
    seq: int = 0
    prev: bytes | None = None
    sent: list[bytes] = field(default_factory=list)

    @property
    def device(self) -> bytes:
        return self.identity.device

    @property
    def signing(self) -> SigningKey:
        return self.identity.signing

    @property
    def project(self) -> bytes:
        return self.identity.project

    def _took(self, envelope: Envelope) -> Envelope:
        self.seq, self.prev = envelope.header.seq, envelope.hash
        return envelope

    def write(self, text: bytes = b"a secret title") -> bytes:
        """An envelope of one change, as bytes."""
        envelope = seal_changes(
            project=self.project,
            device_key=self.signing,
            seq=self.seq + 1,
            prev=self.prev,
            membership_heads=self.membership.heads_for(self.device),
            epoch_key=self.key,
            body=Body(changes=(text,)),
            random=self.random,
        )
        return self._took(envelope).wire()

    def fork(self, text: bytes) -> bytes:
        """Another envelope under the number of the last one."""
        twin = Person(self.identity, self.membership, self.key, self.random, self.seq - 1, self.prev)
        if twin.seq == 0:
            twin.prev = None
        return twin.write(text)

    def invite(
        self,
        role: Role = Role.EDITOR,
        *,
        expires_ms: int | None = None,
        next_device: bool = False,
    ) -> MadeInvite:
        """An invite that this person's own membership knows."""
        made = make_invite(
            membership=self.membership,
            identity=self.identity,
            seq=self.seq + 1,
            prev=self.prev,
            keys=(self.key,),
            role=role,
            expires_ms=expires_ms,
            next_device=next_device,
            server="http://127.0.0.1:1",
            random=self.random,
        )
        self._took(made.envelope)
        self.membership.add(made.envelope)
        return made

    def cancel(self, invite: MadeInvite) -> bytes:
        envelope = seal_action(
            self.membership,
            Cancel(invite.envelope.hash),
            device_key=self.signing,
            seq=self.seq + 1,
            prev=self.prev,
        )
        self.membership.add(self._took(envelope))
        return envelope.wire()

    def learn(self, wire: bytes) -> None:
        self.membership.add(parse(wire))


def found(seed: int = 1) -> tuple[Person, bytes]:
    """A founder and the founding envelope."""
    random = Seeded(seed)
    founded = found_project(random=random, recovery=recovery(seed))
    membership = Membership(founded.project)
    membership.add(founded.founding)
    person = Person(founded.identity, membership, founded.epoch_key, random)
    person._took(founded.founding)
    return person, founded.founding.wire()


def recovery(seed: int) -> RecoveryPublic:
    """The public halves of the recovery key of whoever founds with this seed."""
    random = Seeded(seed + 1_000_000)
    return RecoveryPublic(SigningKey.generate(random).public, KemKey.generate(random).public)


def join(host: Person, invite: MadeInvite, seed: int) -> tuple[Person, bytes]:
    """A new device with what the host knows, and its join, which the host does not know yet."""
    random = Seeded(seed)
    membership = host.membership.copy()
    joined = join_project(code=invite.code, membership=membership, random=random)
    membership.add(joined.envelope)
    person = Person(joined.identity, membership, host.key, random)
    person._took(joined.envelope)
    return person, joined.envelope.wire()


@dataclass
class Site:
    """A project on a relay: a founder, and who joined."""

    relay: Relay
    clock: FakeClock
    founder: Person
    founding: bytes
    _seed: int = 100

    @property
    def project(self) -> bytes:
        return self.founder.project

    def push(self, person: Person, *wires: bytes) -> list[PushAck]:
        return self.relay.push(self.project, wires, by=person.device)

    def member(self, role: Role) -> Person:
        """Somebody new with that role, whose join is on the server."""
        self._seed += 1
        invite = self.founder.invite(role)
        person, wire = join(self.founder, invite, self._seed)
        acks = self.push(self.founder, invite.envelope.wire()) + self.push(person, wire)
        assert [ack.outcome for ack in acks] == [Outcome.ACCEPTED] * 2
        self.founder.learn(wire)
        return person

    def log(self, person: Person, cookie: Cookie | None = None) -> list[bytes]:
        """All that a person can pull."""
        wires: list[bytes] = []
        while True:
            page = self.relay.pull(self.project, cookie, by=person.device)
            assert not page.reset
            wires += page.wires
            cookie = page.cookie
            if not page.more:
                return wires


def begin(relay: Relay, clock: FakeClock, seed: int = 1) -> Site:
    """A project that was just founded."""
    founder, founding = found(seed)
    assert relay.push(founder.project, [founding], by=founder.device)[0].outcome is Outcome.ACCEPTED
    return Site(relay, clock, founder, founding)
