"""The membership's graph: which action knew of which, and what follows from that alone.

Each membership envelope names the heads that its author knew. So the actions form a graph without circles,
and what this module decides about an action depends on nothing but what stands before it: it is the same on
every replica, whatever came first, and for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sync.envelope import Envelope
from sync.keys import BadSignature
from sync.membership_actions import (
    Accepted,
    Action,
    Cancel,
    EpochAction,
    Founding,
    InviteAction,
    Join,
    Revoke,
    Role,
    RoleAction,
    Succession,
    check_join,
    check_succession,
)

NO_RANK: Final = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A device is one of a member's, from this action on."""

    device: bytes
    member: bytes
    kem_public: bytes
    recovery: bool
    node: Node


@dataclass(slots=True, eq=False)
class Node:
    """An action in its place."""

    hash: bytes
    device: bytes
    seq: int
    action: Action
    bit: int
    """This node in sets of nodes; the numbering is local and decides nothing."""
    past: int
    """The set of all nodes before this one."""
    author: tuple[Link, ...]
    """Whose device the author is, as far as the nodes before this one say."""
    makes: tuple[Link, ...] = ()
    """The devices that this action brings in."""
    accepted: dict[bytes, Accepted] = field(default_factory=dict)
    """Of a role change or a revocation."""

    @property
    def rank(self) -> int:
        """What a role change or a revocation leaves."""
        return self.action.role.rank if isinstance(self.action, RoleAction) else NO_RANK

    @property
    def restricts(self) -> bool:
        """Whether this may take something away from others that did not know it."""
        return isinstance(self.action, RoleAction | Revoke | Cancel)

    def beyond(self, device: bytes, seq: int, envelope_hash: bytes) -> bool:
        """Whether an envelope lies beyond what this accepts of its device, as far as numbers tell."""
        accepted = self.accepted.get(device)
        if accepted is None or seq > accepted.seq:
            return True
        return seq == accepted.seq and envelope_hash != accepted.hash


class Graph:
    """The actions that took their place, and indexes over them."""

    def __init__(self, project: bytes) -> None:
        self.project = project
        self.nodes: list[Node] = []
        self.by_hash: dict[bytes, Node] = {}
        self.links: defaultdict[bytes, list[Link]] = defaultdict(list)
        """By device."""
        self.firsts: dict[bytes, Node] = {}
        """The action that made a member, by member."""
        self.depths: dict[bytes, int] = {}
        """How many invites lie between the founder and a member."""
        self.of_member: defaultdict[bytes, list[Node]] = defaultdict(list)
        """Role changes and revocations of whole members, by member."""
        self.of_device: defaultdict[bytes, list[Node]] = defaultdict(list)
        """Revocations of single devices, by device."""
        self.written: defaultdict[bytes, list[Node]] = defaultdict(list)
        """Actions by the device that made them."""
        self.joins: defaultdict[bytes, list[Node]] = defaultdict(list)
        self.cancels: defaultdict[bytes, list[Node]] = defaultdict(list)
        """Both by invite."""
        self.restrictions: list[Node] = []
        self.heads: set[bytes] = set()

    def copy(self) -> Graph:
        """A graph that grows by itself from here on; nodes are never changed, so they are shared."""
        twin = Graph(self.project)
        twin.nodes = list(self.nodes)
        twin.by_hash = dict(self.by_hash)
        twin.firsts = dict(self.firsts)
        twin.depths = dict(self.depths)
        twin.restrictions = list(self.restrictions)
        twin.heads = set(self.heads)
        for name in ("links", "of_member", "of_device", "written", "joins", "cancels"):
            index = getattr(twin, name)
            for key, values in getattr(self, name).items():
                index[key] = list(values)
        return twin

    def closure(self, heads: Iterable[bytes]) -> int | None:
        """The set of these heads and all before them; None where one is not here."""
        bits = 0
        for head in heads:
            node = self.by_hash.get(head)
            if node is None:
                return None
            bits |= node.past | node.bit
        return bits

    def heads_of(self, members: int) -> tuple[bytes, ...]:
        """Of a set of nodes those that none of the set follows, in order."""
        before = 0
        for node in self.nodes:
            if node.bit & members:
                before |= node.past
        return tuple(sorted(node.hash for node in self.nodes if node.bit & members & ~before))

    def insert(self, envelope: Envelope, action: Action) -> str | Node:
        """Give an action its place, all its heads being here; or say why it can never have one."""
        header = envelope.header
        past = self.closure(header.membership_heads)
        if past is None:
            raise ValueError("the heads come first")
        author = tuple(link for link in self.links.get(header.device, ()) if link.node.bit & past)
        bit = 1 << len(self.nodes)
        node = Node(envelope.hash, header.device, header.seq, action, bit, past, author)
        problem = self._problem(node, envelope)
        if problem is not None:
            return problem
        if isinstance(action, RoleAction | Revoke):
            node.accepted = {accepted.device: accepted for accepted in action.accepted}
        node.makes = tuple(self._made(node))
        self._index(node)
        self.heads.difference_update(header.membership_heads)
        self.heads.add(node.hash)
        return node

    def invite_of(self, join: Node) -> Node:
        """The invite that a join in the graph names."""
        action = join.action
        assert isinstance(action, Join)
        return self.by_hash[action.invite]

    def depth(self, node: Node) -> int:
        """How far its author is from the founder: the nearest of what it is a device of."""
        return min((self.depths[link.member] for link in node.author), default=0)

    def _problem(self, node: Node, envelope: Envelope) -> str | None:
        """Why an action can never count, from what stands before it alone."""
        action = node.action
        if isinstance(action, Founding):
            return None if node.hash == self.project else "It founds another project."
        if envelope.header.project != self.project:
            return "It belongs to another project."
        if isinstance(action, Join):
            return self._join_problem(node, action)
        if not node.author:
            return "Its author is not a device of a member."
        return self._reference_problem(node, action)

    def _join_problem(self, node: Node, join: Join) -> str | None:
        invite = self._before(node, join.invite)
        if invite is None or not isinstance(invite.action, InviteAction):
            return "It joins by an invite that it does not know."
        if node.seq != 1 or node.author:
            return "Its author is already a device of a member."
        try:
            check_join(
                join, project=self.project, device=node.device, invite_public=invite.action.sign_public
            )
        except BadSignature:
            return "It joins without holding the invite's key."
        return None

    def _reference_problem(self, node: Node, action: Action) -> str | None:
        """Whether what an action of a member names was there before."""
        members = {link.member for link in node.author}
        if isinstance(action, InviteAction) and action.member is not None and action.member not in members:
            return "It invites a device of somebody else."
        if isinstance(action, RoleAction | Revoke):
            first = self.firsts.get(action.member)
            if first is None or not first.bit & node.past:
                return "It names a member that it does not know."
            if len({accepted.device for accepted in action.accepted}) != len(action.accepted):
                return "It names a device twice."
        if isinstance(action, Revoke) and action.device is not None:
            links = self.links.get(action.device, ())
            if not any(link.member == action.member and link.node.bit & node.past for link in links):
                return "It names a device that it does not know."
        if isinstance(action, Cancel):
            invite = self._before(node, action.invite)
            if invite is None or not isinstance(invite.action, InviteAction):
                return "It cancels an invite that it does not know."
        if isinstance(action, Succession):
            return self._succession_problem(node, action)
        if isinstance(action, EpochAction) and any(
            not isinstance(earlier := self._before(node, previous.epoch), Node)
            or not isinstance(earlier.action, Founding | EpochAction)
            for previous in action.previous
        ):
            return "It follows an epoch that it does not know."
        return None

    def _succession_problem(self, node: Node, action: Succession) -> str | None:
        if any(link.node.bit & node.past for link in self.links.get(action.device, ())):
            return "It goes on under a key that is already a member's device."
        try:
            check_succession(action, project=self.project, old_device=node.device)
        except BadSignature:
            return "It goes on under a key that did not agree."
        return None

    def _before(self, node: Node, named: bytes) -> Node | None:
        found = self.by_hash.get(named)
        return found if found is not None and found.bit & node.past else None

    def _made(self, node: Node) -> Iterable[Link]:
        action = node.action
        if isinstance(action, Founding | Join):
            member = node.hash
            if isinstance(action, Join):
                invite = self.invite_of(node).action
                assert isinstance(invite, InviteAction)
                member = invite.member or node.hash
            yield Link(node.device, member, action.kem_public, False, node)
            recovery = action.recovery
            if recovery is not None and recovery.sign_public != node.device:
                yield Link(recovery.sign_public, member, recovery.kem_public, True, node)
        elif isinstance(action, Succession):
            for member in sorted({link.member for link in node.author}):
                yield Link(action.device, member, action.kem_public, False, node)

    def _index(self, node: Node) -> None:
        action = node.action
        self.nodes.append(node)
        self.by_hash[node.hash] = node
        self.written[node.device].append(node)
        for link in node.makes:
            self.links[link.device].append(link)
            if link.member == node.hash:
                self.firsts[link.member] = node
                self.depths[link.member] = (
                    1 + self.depth(self.invite_of(node)) if isinstance(action, Join) else 0
                )
        if isinstance(action, Join):
            self.joins[action.invite].append(node)
        if node.restricts:
            self.restrictions.append(node)
        if isinstance(action, Cancel):
            self.cancels[action.invite].append(node)
        elif isinstance(action, Revoke) and action.device is not None:
            self.of_device[action.device].append(node)
        elif isinstance(action, RoleAction | Revoke):
            self.of_member[action.member].append(node)

    def invited_rank(self, member: bytes) -> int:
        """The rank that a member began with."""
        first = self.firsts[member]
        if isinstance(first.action, Founding):
            return Role.OWNER.rank
        invite = self.invite_of(first).action
        assert isinstance(invite, InviteAction)
        return invite.role.rank
