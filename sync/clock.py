"""Time and randomness, as things that are passed in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Protocol

Random = Callable[[int], bytes]
"""Gives that many random bytes, fit for keys. In the program ``os.urandom``, in the simulation a seed's."""


class Clock(Protocol):
    """Where time comes from."""

    def now_ms(self) -> int:
        """Wall time: milliseconds since 1970 in UTC. May jump in either direction."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        """Wall time in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()


system_random: Random = os.urandom
