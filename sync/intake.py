"""Judging what came in, by whatever road: every outcome is an answer, for any bytes whatsoever.

In this order: bounds, form, signature, membership, decryption, changes, what the author's role allows. The
Yjs updates inside of changes are read last of all, by who applies them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.change import Change, decode_change
from sync.envelope import Body, Envelope, EnvelopeKind, open_changes, parse, verify
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat
from sync.membership import Decision, Membership, PrevOf
from sync.membership_actions import Role
from sync.permissions import may_write

_NEWER = "It was made by a newer Sitebook; update this one to read it."


class Outcome(StrEnum):
    """What is to be done with what came in."""

    APPLY = "apply"
    """Its changes are to be applied, those set aside excepted."""
    WAIT = "wait"
    """Keep it and judge it again when the membership, the keys or the program grew."""
    QUARANTINE = "quarantine"
    """Keep it and show it; a change of the membership may still free it."""
    MEMBERSHIP = "membership"
    """Signed by its author, and about membership: ``Membership.add`` decides."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One change of an envelope that is not to be applied, while the others are."""

    index: int
    """Its place in the body."""
    data: bytes
    outcome: Outcome
    """WAIT or QUARANTINE."""
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer."""

    outcome: Outcome
    reason: str = ""
    """A sentence for a person, where something is not to be applied."""
    envelope: Envelope | None = None
    """Where the bytes are one; its signature was checked unless the outcome is QUARANTINE."""
    body: Body | None = None
    changes: tuple[Change, ...] = ()
    """What is to be applied, in the author's order."""
    aside: tuple[Aside, ...] = ()
    role: Role | None = None
    """As what the author wrote it."""

    @property
    def bodiless(self) -> bool:
        """Whether it is decided, by its header, on changes that did not come along."""
        envelope = self.envelope
        return (
            envelope is not None
            and envelope.body is None
            and envelope.header.kind == EnvelopeKind.CHANGES
            and (self.role is not None or self.outcome is Outcome.QUARANTINE)
        )


def judge(wire: bytes, membership: Membership, keys: KeyRing, *, prev_of: PrevOf | None = None) -> Judged:
    """Judge the bytes of one envelope. Raises nothing, whatever they are.

    ``prev_of``: see :meth:`Membership.judge`.
    """
    envelope: Envelope | None = None
    try:
        envelope = parse(wire)
        verify(envelope)
    except NewerFormat:
        return Judged(Outcome.WAIT, _NEWER)
    except Malformed as error:
        return Judged(Outcome.QUARANTINE, str(error), envelope)
    header = envelope.header
    if not header.founding and header.project != membership.project:
        return Judged(Outcome.QUARANTINE, "It belongs to another project.", envelope)
    if not header.understood:
        return Judged(Outcome.WAIT, _NEWER, envelope)
    if header.kind == EnvelopeKind.MEMBERSHIP:
        if envelope.body is None:
            return Judged(Outcome.WAIT, "Its body is not here yet.", envelope)
        return Judged(Outcome.MEMBERSHIP, "", envelope)
    verdict = membership.judge(header, envelope.hash, prev_of)
    if verdict.decision is Decision.WAIT:
        return Judged(Outcome.WAIT, verdict.reason, envelope)
    if verdict.decision is Decision.REFUSE or verdict.role is None:
        return Judged(Outcome.QUARANTINE, verdict.reason, envelope)
    if envelope.body is None:
        return Judged(Outcome.WAIT, "Its body is not here yet.", envelope, role=verdict.role)
    key = keys.get(header.compartment, header.epoch)
    if key is None:
        return Judged(Outcome.WAIT, "The key for it is not here yet.", envelope)
    try:
        body = open_changes(envelope, key)
    except NewerFormat:
        return Judged(Outcome.WAIT, _NEWER, envelope)
    except Malformed as error:
        return Judged(Outcome.QUARANTINE, str(error), envelope)
    return _judge_changes(envelope, body, verdict.role, membership)


def _judge_changes(envelope: Envelope, body: Body, role: Role, membership: Membership) -> Judged:
    """Sort the changes of a body into those to apply and those to set aside."""
    changes: list[Change] = []
    aside: list[Aside] = []
    for index, data in enumerate(body.changes):
        try:
            change = decode_change(data)
        except NewerFormat:
            aside.append(Aside(index, data, Outcome.WAIT, _NEWER))
            continue
        except Malformed as error:
            aside.append(Aside(index, data, Outcome.QUARANTINE, str(error)))
            continue
        reason = objection(change, envelope.header.device, role, membership)
        if reason:
            aside.append(Aside(index, data, Outcome.QUARANTINE, reason))
        else:
            changes.append(change)
    reason = aside[0].reason if aside else ""
    return Judged(Outcome.APPLY, reason, envelope, body, tuple(changes), tuple(aside), role)


def objection(change: Change, device: bytes, role: Role, membership: Membership) -> str:
    """Why a well-formed change is not to be applied; empty where it is."""
    # Another device of the same member may bring a change again after a succession, with the same content.
    if change.author != device and not membership.same_member(change.author, device):
        return "It was sealed by another than who it says wrote it."
    if not may_write(role, change.operations):
        return "Its author may write comments and photos and resolve issues, but not this."
    return ""
