"""How long to wait after a failure: exponential backoff with full jitter.

Each failure doubles a window, from 1 s up to 300 s, and the wait is drawn evenly from the whole window, so
that a thousand devices that lost the same server do not come back in step (M. Brooker, *Exponential Backoff
And Jitter*, AWS Architecture Blog, 2015).
"""

from __future__ import annotations

from typing import Final

from sync.clock import Random

BASE: Final = 1.0
"""The first window, in seconds."""
CAP: Final = 300.0
"""The longest window, in seconds."""
LONGEST_ASKED: Final = 3600.0
"""The longest wait, in seconds, that a server may ask for: a wrong answer must not silence us for days."""


class Backoff:
    """Counts failures and draws the waits that they ask for."""

    def __init__(self, random: Random, *, base: float = BASE, cap: float = CAP) -> None:
        self._random = random
        self._base = base
        self._cap = cap
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    @property
    def window(self) -> float:
        """The longest wait in seconds that the next failure can draw."""
        # The exponent is bounded: a float overflows after 1,023 failures, a few days without a server.
        return min(self._cap, self._base * 2.0 ** min(self._failures, 64))

    def fail(self, retry_after: float | None = None) -> float:
        """Count a failure and give the seconds to wait, never fewer than the server asked for."""
        window = self.window
        self._failures += 1
        fraction = int.from_bytes(self._random(7), "big") / (1 << 56)
        wait = window * fraction
        if retry_after is not None:
            wait = max(wait, min(retry_after, LONGEST_ASKED))
        return wait

    def reset(self) -> None:
        """Forget the failures: something got through, or there is reason to think that it will."""
        self._failures = 0
