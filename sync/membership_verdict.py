"""Verdicts about envelopes that are not membership: had the author the right to write?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sync.envelope import Header
from sync.membership_actions import Role
from sync.membership_graph import NO_RANK, Graph, Link, Node
from sync.membership_rules import Rules

PrevOf = Callable[[bytes], bytes | None]
"""Gives the hash of the envelope before the one named on the same device, or None where that is not known."""

BY_RANK: Final = {role.rank: role for role in Role}
NOT_HERE: Final = "It stands on membership that is not here yet."
STANDS_ON_DEAD: Final = "It stands on an action that cannot count."


class Decision(StrEnum):
    """What is to become of an envelope."""

    ACCEPT = "accept"
    WAIT = "wait"
    """Something that comes later may decide it."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an envelope's author had the right to it, going by the membership that is here."""

    decision: Decision
    reason: str = ""
    """A sentence about the envelope for a person, empty where it is accepted."""
    role: Role | None = None
    """As what the author wrote it, where it is accepted and not about membership."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A device's rights by way of one member, at what it knew; and what it did not know that may reach it."""

    rank: int
    restrictions: tuple[Node, ...]


class Judge:
    """Judges envelopes by a graph and its rules, remembering what devices stood where."""

    def __init__(self, graph: Graph, rules: Rules) -> None:
        self._graph = graph
        self._rules = rules
        self._standings: dict[tuple[tuple[bytes, ...], bytes], tuple[_Standing, ...]] = {}
        self._chains: dict[tuple[bytes, bytes], dict[int, bytes]] = {}

    def forget(self) -> None:
        """The graph has grown."""
        self._standings.clear()

    def judge(self, header: Header, envelope_hash: bytes, prev_of: PrevOf | None) -> Verdict:
        """Whether the author of an envelope of changes had the right to it."""
        key = (header.membership_heads, header.device)
        standings = self._standings.get(key)
        if standings is None:
            known = self._graph.closure(header.membership_heads)
            if known is None:
                return Verdict(Decision.WAIT, NOT_HERE)
            standings = tuple(
                self._standing(link, known)
                for link in self._graph.links.get(header.device, ())
                if link.node.bit & known & self._rules.holding
            )
            self._standings[key] = standings
        if not standings:
            return Verdict(Decision.REFUSE, "Its author is not a device of a member.")
        rank = max(self._rank(standing, header, envelope_hash, prev_of) for standing in standings)
        if rank == NO_RANK:
            return Verdict(Decision.REFUSE, "Its author was removed from the project.")
        role = BY_RANK[rank]
        if role is Role.VIEWER:
            return Verdict(Decision.REFUSE, "Its author may only look.")
        return Verdict(Decision.ACCEPT, "", role)

    def _standing(self, link: Link, known: int) -> _Standing:
        graph, rules = self._graph, self._rules
        rank = rules.rank(link.member, link.device, known & rules.holding)
        restrictions = (*graph.of_member.get(link.member, ()), *graph.of_device.get(link.device, ()))
        unknown = rules.in_force & ~known
        return _Standing(
            rank, tuple(node for node in restrictions if node.bit & unknown and node.rank < rank)
        )

    def _rank(self, standing: _Standing, header: Header, envelope_hash: bytes, prev_of: PrevOf | None) -> int:
        rank = standing.rank
        for restriction in standing.restrictions:
            if restriction.rank < rank and (
                restriction.beyond(header.device, header.seq, envelope_hash)
                or (prev_of is not None and self._beside(restriction, header, envelope_hash, prev_of))
            ):
                rank = restriction.rank
        return rank

    def _beside(self, restriction: Node, header: Header, envelope_hash: bytes, prev_of: PrevOf) -> bool:
        """Whether an envelope with an accepted number is not on the accepted chain, as far as it is known."""
        accepted = restriction.accepted[header.device]
        chain = self._chains.setdefault((accepted.hash, header.device), {accepted.seq: accepted.hash})
        seq = accepted.seq - len(chain) + 1
        while seq > header.seq:
            before = prev_of(chain[seq])
            if before is None:
                return False
            seq -= 1
            chain[seq] = before
        return chain[header.seq] != envelope_hash
