"""Pictures of a membership: its members, their devices, its invites."""

from __future__ import annotations

from dataclasses import dataclass

from sync.membership_actions import InviteAction, Join, Role
from sync.membership_graph import NO_RANK, Graph, Link, Node
from sync.membership_rules import Rules
from sync.membership_verdict import BY_RANK


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a member."""

    device: bytes
    kem_public: bytes
    member: bytes
    since: bytes
    """Hash of the envelope that brought it in."""
    recovery: bool
    revoked: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part, with any number of devices."""

    id: bytes
    role: Role | None
    """None after a revocation."""
    devices: tuple[Device, ...]
    inviter: bytes | None
    """The member that invited this one; None for the founder."""
    depth: int
    """How many invites lie between the founder and this member."""


@dataclass(frozen=True, slots=True)
class InviteState:
    """An invite and what became of it."""

    id: bytes
    role: Role
    """Of the new member; of no effect where ``member`` is given."""
    expires_ms: int | None
    """Wall time (UTC) after which the server admits no join by it."""
    member: bytes | None
    """The member whose next device it is for; None for a new member."""
    inviter: bytes
    device: bytes
    """The device that made it."""
    sign_public: bytes
    kem_public: bytes
    usable: bool
    """Not cancelled, its inviter not revoked; says nothing about expiry."""
    cancelled: bool
    joined: tuple[bytes, ...]
    """The devices that joined by it."""


class Pictures:
    """Draws them from a graph and its rules."""

    def __init__(self, graph: Graph, rules: Rules) -> None:
        self._graph = graph
        self._rules = rules

    def links(self, device: bytes) -> list[Link]:
        """What a device is by actions that hold."""
        holding = self._rules.holding
        return [link for link in self._graph.links.get(device, ()) if link.node.bit & holding]

    def members(self) -> dict[bytes, Member]:
        """All members by id."""
        holding = self._rules.holding
        links: dict[bytes, list[Link]] = {
            member: [] for member, first in self._graph.firsts.items() if first.bit & holding
        }
        for device in self._graph.links:
            for link in self.links(device):
                links[link.member].append(link)
        return {member: self._member(member, links[member]) for member in links}

    def member_of(self, device: bytes) -> Member | None:
        """Whose device it is. A key that several members name as theirs: that of the highest role."""
        links = self.links(device)
        if not links:
            return None
        best = max(links, key=lambda link: (self._rules.member_rank(link.member), link.member)).member
        return self._member(
            best, [link for each in self._graph.links for link in self.links(each) if link.member == best]
        )

    def device(self, link: Link) -> Device:
        """A device as it stands."""
        revoked = self._rules.rank(link.member, link.device, self._rules.holding) == NO_RANK
        return Device(link.device, link.kem_public, link.member, link.node.hash, link.recovery, revoked)

    def invites(self) -> dict[bytes, InviteState]:
        """All invites that were rightly made, by id."""
        holding = self._rules.holding
        return {
            node.hash: self._invite(node, node.action)
            for node in self._graph.nodes
            if node.bit & holding and isinstance(node.action, InviteAction)
        }

    def _member(self, member: bytes, links: list[Link]) -> Member:
        first = self._graph.firsts[member]
        return Member(
            id=member,
            role=BY_RANK.get(self._rules.member_rank(member)),
            devices=tuple(sorted(map(self.device, links), key=lambda device: (device.device, device.since))),
            inviter=self._inviter(self._graph.invite_of(first)) if isinstance(first.action, Join) else None,
            depth=self._graph.depths[member],
        )

    def _inviter(self, invite: Node) -> bytes:
        holding = self._rules.holding
        links = [link for link in invite.author if link.node.bit & holding]
        return min(links, key=lambda link: (self._graph.depths[link.member], link.member)).member

    def _invite(self, node: Node, action: InviteAction) -> InviteState:
        holding = self._rules.holding
        joins = self._graph.joins.get(node.hash, ())
        return InviteState(
            id=node.hash,
            role=action.role,
            expires_ms=action.expires_ms,
            member=action.member,
            inviter=self._inviter(node),
            device=node.device,
            sign_public=action.sign_public,
            kem_public=action.kem_public,
            usable=self._rules.invite_usable(node),
            cancelled=any(cancel.bit & holding for cancel in self._graph.cancels.get(node.hash, ())),
            joined=tuple(sorted(join.device for join in joins if join.bit & holding)),
        )
