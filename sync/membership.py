"""Who belongs to a project and may do what: one object that takes membership envelopes in any order.

Every replica and the server hold one; whatever came first, with the same set of envelopes all of them say the
same. ``membership_graph`` holds the order of the actions, ``membership_rules`` which of them hold,
``membership_verdict`` judges envelopes by that, ``membership_state`` shows members and invites.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sync.envelope import (
    MAX_HEADS,
    BadSignature,
    Envelope,
    EnvelopeKind,
    Header,
    seal_membership,
    verify,
)
from sync.errors import Malformed
from sync.keys import SigningKey
from sync.membership_actions import (
    Cancel,
    EpochAction,
    Founding,
    InviteAction,
    Join,
    Known,
    Revoke,
    Role,
    RoleAction,
    decode_action,
    encode_action,
)
from sync.membership_graph import Graph
from sync.membership_rules import Rules
from sync.membership_state import Device, InviteState, Member, Pictures
from sync.membership_verdict import NOT_HERE, STANDS_ON_DEAD, Decision, Judge, PrevOf, Verdict

__all__ = [
    "AddResult",
    "Decision",
    "Device",
    "InviteState",
    "Member",
    "Membership",
    "PrevOf",
    "Role",
    "Verdict",
    "seal_action",
]


class AddResult(NamedTuple):
    """What became of a membership envelope."""

    decision: Decision
    reason: str = ""
    settled: tuple[bytes, ...] = ()
    """Hashes of others that had waited for this one and wait no longer; ``judge`` says how they stand."""


class Membership:
    """The membership of one project, from the envelopes that are here."""

    def __init__(self, project: bytes) -> None:
        self._begin(project, Graph(project), None)

    def _begin(self, project: bytes, graph: Graph, rules: Rules | None) -> None:
        self.project = project
        self.revision = 0
        """Grows whenever the answer to a question may have changed."""
        self._graph = graph
        self._rules = rules or Rules(graph)
        self._judge = Judge(graph, self._rules)
        self._pictures = Pictures(graph, self._rules)
        self._holding_heads: tuple[bytes, ...] | None = None
        self._dead: dict[bytes, str] = {}
        self._waiting: dict[bytes, Envelope] = {}
        self._missing: dict[bytes, set[bytes]] = {}

    def copy(self) -> Membership:
        """A membership that grows by itself from here on."""
        twin = Membership.__new__(Membership)
        graph = self._graph.copy()
        twin._begin(self.project, graph, self._rules.copy(graph))
        twin.revision = self.revision
        twin._dead = dict(self._dead)
        twin._waiting = dict(self._waiting)
        twin._missing = {head: set(waiting) for head, waiting in self._missing.items()}
        return twin

    # Taking envelopes in

    def add(self, envelope: Envelope, *, verified: bool = False) -> AddResult:
        """Take a membership envelope in; every order of adding ends in the same state.

        ``verified``: its signature was checked already. What waits for others is held here and comes in by
        itself. What is refused now may hold later, where what took the right away turns out not to.
        """
        problem = self._unfit(envelope, verified)
        if problem is not None:
            return problem
        settled = self._insert(envelope)
        standing = self._standing(envelope.hash)
        return AddResult(standing.decision, standing.reason, tuple(settled))

    def load(self, envelopes: Iterable[Envelope]) -> None:
        """Take in many whose signatures were checked before, as when a project is opened."""
        for envelope in envelopes:
            if self._unfit(envelope, True) is None:
                self._insert(envelope)

    def check(self, envelope: Envelope) -> AddResult:
        """What :meth:`add` would say of an envelope with a checked signature, without taking it in."""
        if self.knows(envelope.hash) or envelope.hash in self._dead:
            standing = self._standing(envelope.hash)
            return AddResult(standing.decision, standing.reason)
        result = self.copy().add(envelope, verified=True)
        return AddResult(result.decision, result.reason)

    def _unfit(self, envelope: Envelope, verified: bool) -> AddResult | None:
        """Why an envelope cannot so much as be looked at; None where it can."""
        header = envelope.header
        if not header.understood:
            return AddResult(Decision.WAIT, "It was made by a newer Sitebook; update this one.")
        if header.kind != EnvelopeKind.MEMBERSHIP:
            return AddResult(Decision.REFUSE, "It is not about membership.")
        if not header.founding and header.project != self.project:
            return AddResult(Decision.REFUSE, "It belongs to another project.")
        if envelope.body is None:
            return AddResult(Decision.WAIT, "Its body is not here yet.")
        if not verified:
            try:
                verify(envelope)
            except BadSignature as error:
                # Says nothing about the hash: the same header may come again with a true signature.
                return AddResult(Decision.REFUSE, str(error))
        return None

    def _insert(self, envelope: Envelope) -> list[bytes]:
        """Give an envelope its place, and then those that waited for it; the hashes of the latter."""
        settled: list[bytes] = []
        queue = [envelope]
        while queue:
            each = queue.pop()
            if self.knows(each.hash) or each.hash in self._dead:
                continue
            missing = [head for head in each.header.membership_heads if not self.knows(head)]
            dead = any(head in self._dead for head in missing)
            if missing and not dead:
                self._waiting[each.hash] = each
                for head in missing:
                    self._missing.setdefault(head, set()).add(each.hash)
                continue
            self._place(each, STANDS_ON_DEAD if dead else None)
            if self._waiting.pop(each.hash, None) is not None:
                settled.append(each.hash)
            released = sorted(self._missing.pop(each.hash, ()))
            queue.extend(self._waiting[waiting] for waiting in released if waiting in self._waiting)
        return settled

    def _place(self, envelope: Envelope, problem: str | None) -> None:
        assert envelope.body is not None
        if problem is None:
            try:
                placed = self._graph.insert(envelope, decode_action(envelope.body))
            except Malformed as error:
                placed = str(error)
        else:
            placed = problem
        if isinstance(placed, str):
            self._dead[envelope.hash] = placed
        else:
            self._rules.added(placed)
        self.revision += 1
        self._judge.forget()
        self._holding_heads = None

    def _standing(self, envelope_hash: bytes) -> Verdict:
        """How a membership envelope stands."""
        node = self._graph.by_hash.get(envelope_hash)
        if node is None:
            if envelope_hash in self._dead:
                return Verdict(Decision.REFUSE, self._dead[envelope_hash])
            return Verdict(Decision.WAIT, NOT_HERE)
        if node.bit & self._rules.holding:
            return Verdict(Decision.ACCEPT)
        if isinstance(node.action, Join) and not self._rules.invite_usable(self._graph.invite_of(node)):
            return Verdict(Decision.REFUSE, "The invite was cancelled, or its maker lost the right to it.")
        return Verdict(Decision.REFUSE, "Its author may not do this.")

    # Verdicts

    def judge(self, header: Header, envelope_hash: bytes, prev_of: PrevOf | None = None) -> Verdict:
        """Whether the author had the right to an envelope. Check its signature first.

        The role at what the author knew decides; on top, what restrictions that it did not know leave of it.
        ``prev_of``: where a restriction accepts a device's chain up to a head, tells an envelope with an old
        number that is not on that chain. The verdict follows from the set of membership envelopes (and, with
        ``prev_of``, the chain), in whatever order they came.
        """
        if header.project != self.project and not header.founding:
            return Verdict(Decision.REFUSE, "It belongs to another project.")
        if header.kind == EnvelopeKind.MEMBERSHIP:
            return self._standing(envelope_hash)
        if any(head in self._dead for head in header.membership_heads):
            return Verdict(Decision.REFUSE, STANDS_ON_DEAD)
        return self._judge.judge(header, envelope_hash, prev_of)

    # Questions

    @property
    def heads(self) -> tuple[bytes, ...]:
        """The actions that none here follows, in order: equal where two know the same."""
        return tuple(sorted(self._graph.heads))

    def heads_for(self, device: bytes, *named: bytes) -> tuple[bytes, ...]:
        """The heads for a header by this device: what holds and nothing that holds follows.

        Who stood on an action that does not hold might wait where others never get it. Of more than 64,
        those that the device and what is named stand on most.
        """
        graph = self._graph
        if self._holding_heads is None:
            self._holding_heads = graph.heads_of(self._rules.holding)
        heads = self._holding_heads
        if len(heads) <= MAX_HEADS:
            return heads
        own = graph.closure(hash for hash in named if hash in graph.by_hash) or 0
        for link in graph.links.get(device, ()):
            own |= link.node.bit
            for change in (*graph.of_member.get(link.member, ()), *graph.of_device.get(device, ())):
                own |= change.bit

        def weight(head: bytes) -> tuple[int, int]:
            node = graph.by_hash[head]
            return ((node.past | node.bit) & own).bit_count(), node.bit

        return tuple(sorted(sorted(heads, key=weight)[-MAX_HEADS:]))

    @property
    def waiting(self) -> frozenset[bytes]:
        """Hashes of the membership envelopes that wait for others."""
        return frozenset(self._waiting)

    def knows(self, envelope_hash: bytes) -> bool:
        """Whether a membership envelope has its place here."""
        return envelope_hash in self._graph.by_hash

    @property
    def members(self) -> Mapping[bytes, Member]:
        """All members, those that were revoked too; by id."""
        return self._pictures.members()

    def member_of(self, device: bytes) -> Member | None:
        """Whose device it is, where it is one. A key that several members name as theirs: the highest's."""
        return self._pictures.member_of(device)

    def device(self, device: bytes) -> Device | None:
        """A device of a member, where it is one."""
        links = self._pictures.links(device)
        return self._pictures.device(links[0]) if links else None

    def has_device(self, device: bytes) -> bool:
        """Whether it is a device of a member: cheaper than asking how it stands."""
        return bool(self._pictures.links(device))

    def same_member(self, device: bytes, other: bytes) -> bool:
        """Whether two devices belong to one member."""
        if device == other:
            return True
        mine = {link.member for link in self._pictures.links(device)}
        return any(link.member in mine for link in self._pictures.links(other))

    def restricted_devices(self) -> frozenset[bytes]:
        """The devices whose envelopes may have to be judged again when the membership grows.

        Those that any role change or revocation is about, and those whose joining does not hold.
        """
        graph, holding = self._graph, self._rules.holding
        return frozenset(
            device
            for device, links in graph.links.items()
            if graph.of_device.get(device)
            or any(graph.of_member.get(link.member) or not link.node.bit & holding for link in links)
        )

    @property
    def invites(self) -> Mapping[bytes, InviteState]:
        """All invites that were rightly made; by id, the hash of their envelope."""
        return self._pictures.invites()

    def commitment(self, compartment: int, epoch: bytes) -> bytes | None:
        """What the envelope that opened an epoch says about its key; None where no such epoch was opened."""
        node = self._graph.by_hash.get(epoch)
        if node is None or not node.bit & self._rules.holding:
            return None
        action = node.action
        if isinstance(action, Founding) and compartment == 0:
            return action.commitment
        if isinstance(action, EpochAction) and compartment == action.compartment:
            return action.commitment
        return None

    def rightful(self, envelope_hash: bytes) -> bool:
        """Whether an action has its place and was its author's right by what he knew, though it may be struck.

        Such an envelope is to be kept and passed on: what its author wrote next stands on it.
        """
        node = self._graph.by_hash.get(envelope_hash)
        return node is not None and self._rules.rightful(node)

    def expired(self, envelope: Envelope, now_ms: int) -> bool:
        """Whether this is a join by an invite past its time: for servers only, since devices' clocks lie."""
        if envelope.header.kind != EnvelopeKind.MEMBERSHIP or envelope.body is None:
            return False
        try:
            action = decode_action(envelope.body)
        except Malformed:
            return False
        invite = self._graph.by_hash.get(action.invite) if isinstance(action, Join) else None
        if invite is None or not isinstance(invite.action, InviteAction):
            return False
        return invite.action.expires_ms is not None and invite.action.expires_ms <= now_ms


def seal_action(
    membership: Membership, action: Known, *, device_key: SigningKey, seq: int, prev: bytes | None
) -> Envelope:
    """Sign a membership action on top of the heads that are known here. It is not taken in by this."""
    return seal_membership(
        project=membership.project,
        device_key=device_key,
        seq=seq,
        prev=prev,
        membership_heads=membership.heads_for(device_key.public, *_named(action)),
        action=encode_action(action),
    )


def _named(action: Known) -> tuple[bytes, ...]:
    """What an action names and so must come after."""
    if isinstance(action, RoleAction | Revoke):
        return (action.member,)
    if isinstance(action, Cancel):
        return (action.invite,)
    return ()
