"""How long a step lasts: loops over many values ask whether it is time to let the window answer."""

from __future__ import annotations

from time import perf_counter

STEP = 0.003
"""Seconds of a step."""


class Pace:
    """Tells a loop when its step has lasted long enough. A step begins at the first question after a pause."""

    def __init__(self, seconds: float = STEP) -> None:
        self._seconds = seconds
        self._end: float | None = None

    def due(self) -> bool:
        """Whether to pause now."""
        now = perf_counter()
        if self._end is None:
            self._end = now + self._seconds
        elif now >= self._end:
            self._end = None
            return True
        return False
