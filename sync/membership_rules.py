"""Which membership actions hold: a pure function of the graph.

An action *holds* when its author had the right to it, going by the actions before it that hold, and nothing
that takes rights away *strikes* it. Role changes, revocations and cancellations work in two ways:

- on what comes after them and knew them: they simply are the state of things;
- on what did not know them: they strike it, where it lies beyond what they accept.

Two that did not know each other may strike each other, also by way of what the other stands on. Then the one
nearer to the founder holds; at the same distance a recovery key's before others, then the lesser hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sync.membership_actions import (
    Cancel,
    EpochAction,
    Founding,
    InviteAction,
    Join,
    Revoke,
    Role,
    RoleAction,
)
from sync.membership_graph import NO_RANK, Graph, Link, Node
from sync.permissions import may_invite

_ROLES: Final = {role.rank: role for role in Role}


class Rules:
    """Evaluates a graph, action by action where that is enough, whole where actions strike each other."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._holding = 0
        self._in_force = 0
        self._strikers = 0
        self._settled = True

    def copy(self, graph: Graph) -> Rules:
        """The same state over a copy of the graph."""
        twin = Rules(graph)
        twin._holding = self._holding
        twin._in_force = self._in_force
        twin._strikers = self._strikers
        twin._settled = self._settled
        return twin

    @property
    def holding(self) -> int:
        """The set of actions that hold."""
        self._settle()
        return self._holding

    @property
    def in_force(self) -> int:
        """The set of restrictions that strike what did not know them."""
        self._settle()
        return self._in_force

    def added(self, node: Node) -> None:
        """Take a new node into account; it is the last of the graph."""
        for restriction in self._restrictions_on(node):
            if self._strikes(restriction, node):
                self._strikers |= restriction.bit
        if node.restricts and any(self._strikes(node, other) for other in self._targets(node)):
            self._strikers |= node.bit
        if self._strikers or not self._settled:
            self._settled = False
        elif self._holds(node, self._holding, 0):
            self._holding |= node.bit
            if node.restricts:
                self._in_force |= node.bit

    def rank(self, member: bytes, device: bytes, known: int) -> int:
        """What a member's device may do, going by a set of actions alone."""
        if any(revocation.bit & known for revocation in self.graph.of_device.get(device, ())):
            return NO_RANK
        return self._member_rank(member, known)

    def member_rank(self, member: bytes) -> int:
        """What a member may do now."""
        return self._member_rank(member, self.holding)

    def _member_rank(self, member: bytes, known: int) -> int:
        changes = [change for change in self.graph.of_member.get(member, ()) if change.bit & known]
        if not changes:
            return self.graph.invited_rank(member)
        before = 0
        for change in changes:
            before |= change.past
        return min(change.rank for change in changes if not change.bit & before)

    def invite_usable(self, invite: Node) -> bool:
        """Whether a join that knows everything could use an invite."""
        holding = self.holding
        if not invite.bit & holding or self._cancelled(invite, 0, holding, holding):
            return False
        action = invite.action
        assert isinstance(action, InviteAction)
        return action.member is None or self._member_rank(action.member, holding) > NO_RANK

    def rightful(self, node: Node) -> bool:
        """Whether an action was its author's right by what he knew, though something may have struck it since."""
        return bool(node.bit & self._evaluate(0, 0))

    # How it settles

    def _settle(self) -> None:
        if self._settled:
            return
        in_force = ruled_out = 0
        while True:
            holding = self._evaluate(in_force, ruled_out)
            open_ones = [
                node
                for node in self.graph.restrictions
                if node.bit & holding and not node.bit & (in_force | ruled_out)
            ]
            if not open_ones:
                break
            lost = {
                node.bit: holding & ~self._evaluate(in_force | node.bit, ruled_out)
                for node in open_ones
                if node.bit & self._strikers
            }
            # What takes away the ground it stands on itself does not count.
            contradictions = [bit for bit, taken in lost.items() if bit & taken]
            if contradictions:
                ruled_out |= _union(contradictions)
                continue
            struck = _union(lost.values())
            safe = [node.bit for node in open_ones if not node.bit & struck]
            if safe:
                in_force |= _union(safe)
                continue
            circle = _first_circle(open_ones, lost)
            winner = min(circle, key=self._precedence)
            in_force |= winner.bit
            ruled_out |= _union(node.bit for node in circle if lost.get(node.bit, 0) & winner.bit)
        self._holding = holding
        self._in_force = in_force
        self._settled = True

    def _precedence(self, node: Node) -> tuple[int, bool, bytes]:
        recovery = any(link.recovery for link in node.author)
        return self.graph.depth(node), not recovery, node.hash

    def _evaluate(self, in_force: int, ruled_out: int) -> int:
        """The actions that hold while these restrictions strike and those are ruled out."""
        holding = 0
        for node in self.graph.nodes:
            if not node.bit & ruled_out and self._holds(node, holding, in_force):
                holding |= node.bit
        return holding

    # Whether one action holds

    def _holds(self, node: Node, holding: int, in_force: int) -> bool:
        action = node.action
        if isinstance(action, Founding):
            return True
        known = node.past & holding
        if isinstance(action, Join):
            return self._join_holds(node, known, in_force)
        for link in node.author:
            if not link.node.bit & known:
                continue
            rank = min(self.rank(link.member, node.device, known), self._struck_rank(node, link, in_force))
            if rank > NO_RANK and self._allows(rank, link.member, node, known):
                return True
        return False

    def _join_holds(self, node: Node, known: int, in_force: int) -> bool:
        invite = self.graph.invite_of(node)
        action = invite.action
        assert isinstance(action, InviteAction)
        if not invite.bit & known or self._cancelled(invite, node.bit, known, in_force):
            return False
        if action.member is not None and self._member_rank(action.member, known) == NO_RANK:
            return False
        own = node.makes[0]
        return self._struck_rank(node, own, in_force) > NO_RANK

    def _cancelled(self, invite: Node, join: int, known: int, in_force: int) -> bool:
        """Whether an invite fell before a join, or without having known it: by itself or with its inviter."""
        if any(_falls(cancel, join, known, in_force) for cancel in self.graph.cancels.get(invite.hash, ())):
            return True
        device = invite.device
        if any(
            not revocation.bit & invite.past and _falls(revocation, join, known, in_force)
            for revocation in self.graph.of_device.get(device, ())
        ):
            return True
        return all(
            any(
                change.rank == NO_RANK
                and not change.bit & invite.past
                and _falls(change, join, known, in_force)
                for change in self.graph.of_member.get(link.member, ())
            )
            for link in invite.author
        )

    def _struck_rank(self, node: Node, link: Link, in_force: int) -> int:
        """What restrictions in force leave of an action's rights that did not know them."""
        rank = Role.OWNER.rank
        if in_force:
            for restriction in self._restrictions_of(link.member, node.device):
                if restriction.bit & in_force and restriction.rank < rank and _reaches(restriction, node):
                    rank = restriction.rank
        return rank

    def _allows(self, rank: int, member: bytes, node: Node, known: int) -> bool:
        """Whether a member of that rank may do this."""
        action = node.action
        owner = rank == Role.OWNER.rank
        if isinstance(action, InviteAction):
            if action.member is not None:
                return action.member == member
            return may_invite(_ROLES[rank], action.role)
        if isinstance(action, RoleAction):
            return owner or (action.member == member and action.role.rank <= rank)
        if isinstance(action, Revoke):
            return owner or action.member == member
        if isinstance(action, Cancel):
            invite = self.graph.by_hash[action.invite]
            return owner or any(link.member == member and link.node.bit & known for link in invite.author)
        if isinstance(action, EpochAction):
            return rank >= Role.EDITOR.rank
        return True

    # What may strike what; only tells where a whole evaluation is needed

    def _restrictions_of(self, member: bytes, device: bytes) -> Iterator[Node]:
        yield from self.graph.of_member.get(member, ())
        yield from self.graph.of_device.get(device, ())

    def _restrictions_on(self, node: Node) -> Iterator[Node]:
        """The restrictions that might strike an action."""
        for link in (*node.author, *node.makes):
            yield from self._restrictions_of(link.member, node.device)
        if isinstance(node.action, Join):
            invite = self.graph.invite_of(node)
            yield from self.graph.cancels.get(invite.hash, ())
            for link in invite.author:
                yield from self._restrictions_of(link.member, invite.device)

    def _targets(self, restriction: Node) -> Iterator[Node]:
        """The actions that a restriction might strike."""
        action = restriction.action
        if isinstance(action, Cancel):
            yield from self.graph.joins.get(action.invite, ())
            return
        member = _restricted(restriction)
        only = action.device if isinstance(action, Revoke) else None
        for device, links in self.graph.links.items():
            if device == (only or device) and any(link.member == member for link in links):
                for node in self.graph.written.get(device, ()):
                    yield node
                    yield from self.graph.joins.get(node.hash, ())

    def _strikes(self, restriction: Node, node: Node) -> bool:
        if restriction is node or restriction.bit & node.past or isinstance(node.action, Founding):
            return False
        if isinstance(restriction.action, Cancel):
            return not node.bit & restriction.past
        if isinstance(node.action, Join):
            own = any(link.member == _restricted(restriction) for link in node.makes)
            unknown = not node.bit & restriction.past
            return restriction.rank == NO_RANK and (unknown or (own and _reaches(restriction, node)))
        return _reaches(restriction, node)


def _restricted(restriction: Node) -> bytes:
    """The member that a role change or a revocation is about."""
    action = restriction.action
    assert isinstance(action, RoleAction | Revoke)
    return action.member


def _reaches(restriction: Node, node: Node) -> bool:
    """Whether a role change or revocation strikes an action of whom it restricts.

    What it did not know is struck whatever its number: who would restrict a device holds its chain up to the
    head that he accepts, and so its actions; an unknown one with an old number was made up afterwards.
    """
    if restriction is node or restriction.bit & node.past:
        return False
    return not node.bit & restriction.past or restriction.beyond(node.device, node.seq, node.hash)


def _falls(restriction: Node, join: int, known: int, in_force: int) -> bool:
    """Whether an invite fell by this for a join that knew it, or that it did not know."""
    return bool(restriction.bit & known) or (bool(restriction.bit & in_force) and not join & restriction.past)


def _union(sets: Iterable[int]) -> int:
    union = 0
    for each in sets:
        union |= each
    return union


def _first_circle(nodes: list[Node], lost: dict[int, int]) -> list[Node]:
    """Restrictions that strike each other round and round, and that nothing outside of them strikes.

    Of several such circles the one with the least hash in it, so that the choice is the same everywhere.
    """
    reach: dict[int, int] = {}
    for node in nodes:
        reached = 0
        border = lost.get(node.bit, 0)
        while border:
            reached |= border
            border = _union(taken for bit, taken in lost.items() if bit & border) & ~reached
        reach[node.bit] = reached
    for node in sorted(nodes, key=lambda each: each.hash):
        strikers = [other for other in nodes if reach[other.bit] & node.bit]
        if all(reach[node.bit] & striker.bit for striker in strikers):
            return strikers
    raise AssertionError("every finite graph in which each node is struck has such a circle")
