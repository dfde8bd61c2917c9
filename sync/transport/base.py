"""What every road between devices can do: pull, push, and carry key grants.

A transport belongs to one key (a device's or an invite's) and one server. It decides nothing: it
moves bytes and says how that went. Where the network fails, it raises :class:`~sync.errors.Unreachable`;
where the other side says no, :class:`~sync.errors.Refused`; where the other side answers nonsense,
:class:`~sync.errors.Malformed`. Local work is safe in each case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from sync.cookie import Cookie

MAX_PAGE_ENVELOPES: Final = 1_000
"""Most envelopes of one page of a pull."""
MAX_PAGE_BYTES: Final = 4 << 20
"""Most bytes of one page of a pull; one envelope always fits, even a larger one."""
MAX_PUSH_ENVELOPES: Final = 1_000
"""Most envelopes of one push."""
MAX_PUSH_BYTES: Final = 4 << 20
"""Most bytes of the envelopes of one push; a sender makes its batches smaller than this."""
MAX_CHUNK_BYTES: Final = (1 << 20) + 64
"""Most bytes of a chunk that Sitebook makes; a server may take larger ones."""
MAX_NOTICE_BYTES: Final = 4 << 20
MAX_PRESENCE_BYTES: Final = 4 << 10
MAX_REASON: Final = 500
"""Most characters of a reason; longer ones from a server are cut."""


class Outcome(StrEnum):
    """What became of one envelope of a push."""

    ACCEPTED = "accepted"
    """Stored now, under the version given."""
    KNOWN = "known"
    """Was stored before, under the version given."""
    REFUSED = "refused"
    """Not stored; the same bytes will be refused again. The reason is for a person."""
    LATER = "later"
    """Not stored, but may be after other envelopes came or the server changed: keep it and push it again."""


@dataclass(frozen=True, slots=True)
class PushAck:
    """What became of one envelope; acknowledgements stand in the order of the envelopes pushed.

    ``hash`` is empty where the receiver could not read so much as the header. ``version`` is the envelope's
    place in the server's order. A server that is later rolled back forgets: an own envelope is safe
    there for good only once it came back in a pull.
    """

    hash: bytes
    outcome: Outcome
    version: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class PullPage:
    """One page of a project's log.

    ``wires`` follow the cookie that was asked with, dense and in the server's order; ``cookie`` stands after
    the last. ``more``: ask again at once. ``reset``: the server's history is not the cookie's (it was wiped,
    rolled back, or went on from an old copy), so this page starts from the beginning. A page without
    envelopes says nothing about what a device holds. It is also the answer where the server has no such
    project or does not know the key that asks: the two look the same.

    ``floor``: of the envelopes up to this version the server has given up those that a confirmed bundle
    covers; a page that would have to begin before it has no envelopes, and the asker takes the bundle.
    ``bundle``: hash of the newest manifest; ``since``: bytes of the log that stand after what it covers.
    """

    wires: tuple[bytes, ...]
    cookie: Cookie
    more: bool
    reset: bool
    floor: int = 0
    bundle: bytes | None = None
    since: int = 0

    @property
    def needs_bundle(self) -> bool:
        """Whether what follows the asker's place is to be had in a bundle only."""
        return self.cookie.version < self.floor


@dataclass(frozen=True, slots=True)
class OfferedBundle:
    """A bundle as a server offers it: signed manifest, devices that confirmed it, when it came there."""

    manifest: bytes
    confirmations: int
    received_ms: int


class ChunkRoad(Protocol):
    """Carries encrypted chunks, named by the SHA-256 of their bytes. Its methods raise like ``Transport``'s."""

    def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
        """Which of these (at most 1,000) are there, in their order."""
        ...

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        """Leave one; ``purpose`` is ``file`` or ``bundle``. Leaving it twice is as leaving it once."""
        ...

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        """Its bytes, checked against the name; None where it is not there. Raises Malformed for others' bytes."""
        ...


class NoticeRoad(Protocol):
    """Carries notices: of each device and kind the newest is kept beside the log."""

    def put_notice(self, project: bytes, wire: bytes) -> None:
        """Leave a notice of one's own."""
        ...

    def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
        """Those that came after a moment of the other side's clock, each with the moment when it came."""
        ...


class BundleRoad(ChunkRoad, Protocol):
    """Carries bundles."""

    def lease_bundle(self, project: bytes, *, release: bool = False) -> tuple[bool, float]:
        """Ask for the right to publish, or keep it, or give it back: whether one has it, and for how many seconds.

        Where somebody else has it, these are the seconds until it ends.
        """
        ...

    def put_bundle(self, project: bytes, manifest: bytes) -> None:
        """Publish a bundle whose chunks are all there. Raises Refused where it does not count."""
        ...

    def bundles(self, project: bytes) -> list[OfferedBundle]:
        """What is offered, the one to take first."""
        ...


class Transport(Protocol):
    """One road to one place that holds projects."""

    def check(self) -> None:
        """Find out within five seconds whether the other side can be reached.

        Raises:
            Unreachable: it cannot be, or what answers is not Sitebook.
        """
        ...

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = MAX_PAGE_ENVELOPES) -> PullPage:
        """The envelopes after ``cookie``, or from the beginning.

        Raises:
            Unreachable: the other side cannot be reached.
            Refused: the invite that asks was cancelled or has expired.
            Malformed: the answer is not what it should be.
        """
        ...

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        """Offer envelopes, anyone's; one acknowledgement for each, in their order.

        Raises:
            Unreachable: the other side cannot be reached; some may have been stored all the same.
            Refused: the batch as a whole is too large.
            Malformed: the answer is not what it should be.
        """
        ...

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        """Leave sealed keys for others.

        Raises:
            Unreachable: the other side cannot be reached.
            Refused: this key may not leave grants in the project.
        """
        ...

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """The sealed keys that lie there for one recipient.

        Raises:
            Unreachable: the other side cannot be reached.
            Refused: this key may not read them.
            Malformed: the answer is not what it should be.
        """
        ...

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove what lies there for one recipient, as when its invite is cancelled.

        Raises:
            Unreachable: the other side cannot be reached.
            Refused: this key may not remove them.
        """
        ...

    def close(self) -> None:
        """Let go of connections. The transport is not used afterwards."""
        ...
