"""Which envelopes of a push the relay takes: a function of batch, membership, and the server's clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sync.envelope import BadSignature, Envelope, EnvelopeKind, parse, verify
from sync.errors import Malformed, NewerFormat
from sync.membership import Decision, Membership
from sync.membership_actions import Join, Role, decode_action
from sync.transport.base import Outcome, PushAck

ABSENT: Final = "The server has no such project, or does not know this device as one of its members."
"""One answer to both, so that a stranger learns nothing."""
_NEWER: Final = "The app that made it is newer than the server; the server has to be updated first."
_EXPIRED: Final = "The invite has expired; ask for a new one."
_NO_BODY: Final = "Its content did not come along."
_UNSIGNED: Final = "Its signature is not valid: the bytes were changed, or others wrote them."
_PASSES: Final = 4
"""How often a batch is gone through for envelopes that stand before what they build on."""
_VOUCHING: Final = (Role.OWNER, Role.EDITOR)


@dataclass(slots=True)
class Offer:
    """One envelope of a push."""

    wire: bytes
    envelope: Envelope | None
    problem: str = ""
    """Why there is no envelope."""
    genuine: bool | None = None
    """Whether its signature is right, once that was looked at."""

    @classmethod
    def read(cls, wire: bytes) -> Offer:
        """Parse what was pushed."""
        try:
            envelope = parse(wire)
        except NewerFormat:
            return cls(wire, None, _NEWER)
        except Malformed as error:
            return cls(wire, None, str(error))
        return cls(wire, envelope)

    @property
    def hash(self) -> bytes:
        """The envelope's hash; empty where there is none."""
        return b"" if self.envelope is None else self.envelope.hash

    def signed(self) -> bool:
        """Whether the signature is right; checked once, since it costs more than all the rest."""
        assert self.envelope is not None
        if self.genuine is None:
            try:
                verify(self.envelope)
                self.genuine = True
            except BadSignature:
                self.genuine = False
        return self.genuine


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What beside the membership decides."""

    project: bytes
    by: bytes
    """The key that carries the batch."""
    now_ms: int
    created_ms: int
    """Since when the server has the project."""


@dataclass(slots=True)
class Judgement:
    """What is to become of a batch."""

    membership: Membership
    """After the batch."""
    admitted: list[int] = field(default_factory=list)
    """Indexes of what is to be stored, in this order."""
    outcomes: dict[int, tuple[Outcome, str]] = field(default_factory=dict)
    """Of the others that could be read and were not known, by index."""
    proven: set[int] = field(default_factory=set)
    """Those refused whose author proved to have to do with the project: it may learn the reason."""

    def copy(self) -> Judgement:
        """One to be changed."""
        return Judgement(self.membership, list(self.admitted), dict(self.outcomes), set(self.proven))


def judge(
    offers: Sequence[Offer], known: Collection[bytes], membership: Membership, circumstances: Circumstances
) -> Judgement:
    """Judge what is not known yet. ``membership`` is left as it was."""
    return _Judging(membership, circumstances).run(offers, known)


class _Judging:
    def __init__(self, membership: Membership, circumstances: Circumstances) -> None:
        self._base = membership
        self._now = membership
        """A copy once something was added."""
        self._added: list[Envelope] = []
        self._at = circumstances
        carrier = membership.member_of(circumstances.by)
        self._vouched = carrier is not None and carrier.role in _VOUCHING

    def run(self, offers: Sequence[Offer], known: Collection[bytes]) -> Judgement:
        judgement = Judgement(self._base)
        pending = [
            index
            for index, offer in enumerate(offers)
            if offer.envelope is not None and offer.hash not in known
        ]
        for _ in range(_PASSES):
            before = len(self._added)
            pending = [index for index in pending if self._waits(index, offers[index], judgement)]
            if not pending or len(self._added) == before:
                break
        judgement.membership = self._now
        return judgement

    def _waits(self, index: int, offer: Offer, judgement: Judgement) -> bool:
        """Judge one; whether it might do better after the others."""
        envelope = offer.envelope
        assert envelope is not None
        if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
            decision, reason = self._membership(offer, envelope, index, judgement)
        else:
            decision, reason = self._other(offer, envelope)
        if decision is Decision.ACCEPT:
            judgement.admitted.append(index)
            judgement.outcomes.pop(index, None)
        else:
            outcome = Outcome.LATER if decision is Decision.WAIT else Outcome.REFUSED
            judgement.outcomes[index] = (outcome, reason)
        return decision is Decision.WAIT

    def _other(self, offer: Offer, envelope: Envelope) -> tuple[Decision, str]:
        """Changes, and kinds of a later version, which the server passes on like changes."""
        header = envelope.header
        if envelope.body is None:
            return Decision.REFUSE, _NO_BODY
        if not self._now.has_device(header.device) and all(map(self._now.knows, header.membership_heads)):
            return Decision.REFUSE, "Its author is not a device of a member."
        verdict = self._now.judge(header, envelope.hash)
        if verdict.decision is Decision.ACCEPT and not offer.signed():
            return Decision.REFUSE, _UNSIGNED
        return verdict.decision, verdict.reason

    def _membership(
        self, offer: Offer, envelope: Envelope, index: int, judgement: Judgement
    ) -> tuple[Decision, str]:
        header = envelope.header
        if envelope.body is None:
            return Decision.REFUSE, _NO_BODY
        if not header.understood:
            return Decision.REFUSE, _NEWER
        if header.project != self._at.project and not (header.founding and envelope.hash == self._at.project):
            return Decision.REFUSE, "It belongs to another project."
        if not offer.signed():
            return Decision.REFUSE, _UNSIGNED
        if self._now is self._base:
            self._now = self._base.copy()
        result = self._now.add(envelope, verified=True)
        decision, reason = result.decision, result.reason
        if self._now.knows(envelope.hash):
            # It has its place: its author held an invite's key, or a member's.
            judgement.proven.add(index)
        if decision is Decision.REFUSE and not _is_join(envelope) and self._now.rightful(envelope.hash):
            # Struck since by what its author did not know: what he wrote next stands on it all the same.
            decision, reason = Decision.ACCEPT, ""
        if decision is Decision.ACCEPT and self._too_late(envelope):
            decision, reason = Decision.REFUSE, _EXPIRED
        if decision is Decision.ACCEPT:
            self._added.append(envelope)
        else:
            self._now = self._base.copy()
            self._now.load(self._added)
        return decision, reason

    def _too_late(self, envelope: Envelope) -> bool:
        """Whether a join came after its invite expired.

        A server that is younger than that cannot know, as after it was wiped and is filled again; nor
        can it where an editor carries the join, which may have travelled by another road.
        """
        at = self._at
        if not self._now.expired(envelope, at.now_ms) or self._now.expired(envelope, at.created_ms):
            return False
        return not (self._vouched and at.by != envelope.header.device)


def _is_join(envelope: Envelope) -> bool:
    assert envelope.body is not None
    try:
        return isinstance(decode_action(envelope.body), Join)
    except Malformed:
        return False


def acks_of(
    offers: Sequence[Offer],
    judgement: Judgement,
    known: Mapping[bytes, int],
    versions: Mapping[int, int],
    *,
    stranger: bool,
) -> list[PushAck]:
    """What to tell whoever pushed. A stranger learns what it could know anyway."""
    placed = dict(known) | {offers[index].hash: version for index, version in versions.items()}
    acks: list[PushAck] = []
    for index, offer in enumerate(offers):
        version = placed.get(offer.hash)
        if offer.envelope is None:
            outcome, reason = Outcome.REFUSED, offer.problem
        elif version is not None:
            outcome, reason = Outcome.ACCEPTED if index in versions else Outcome.KNOWN, ""
        elif stranger and index not in judgement.proven:
            outcome, reason = Outcome.LATER, ABSENT
        else:
            outcome, reason = judgement.outcomes[index]
        acks.append(PushAck(offer.hash, outcome, version, reason))
    return acks
