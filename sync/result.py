"""What one round of synchronisation did, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SyncResult:
    """Counts of one round.

    ``pulled``: changes of others that were applied; ``pushed``: envelopes that the server took;
    ``conflicts``: fields where two writes now stand beside each other; ``refused``: envelopes that the server
    refused.
    """

    pulled: int = 0
    pushed: int = 0
    conflicts: int = 0
    refused: int = 0

    def __add__(self, other: SyncResult) -> SyncResult:
        """Sum two rounds."""
        return SyncResult(
            self.pulled + other.pulled,
            self.pushed + other.pushed,
            self.conflicts + other.conflicts,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What a store did with the envelopes that it was given.

    Changes applied, fields that got a second live write, envelopes that wait or were set aside, and what
    readers have to look at again (the store's own type, which this package only carries).
    """

    applied: int
    conflicts: int
    waiting: int
    quarantined: int
    touched: Any
