"""When to follow something that goes on for long."""

from __future__ import annotations

from collections.abc import Callable

FIRST_SECONDS = 0.5
_SHARE = 0.15


class Growing:
    """Tells when it is time to show what has been done so far: soon at first, then each time that it has gone on
    by another part of itself.

    So what is shown stands some seconds behind at most, and showing all of it costs a few times as much as
    showing it once, however long it goes on.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """``monotonic`` gives seconds."""
        self._monotonic = monotonic
        self._begun = monotonic()
        self._last = self._begun

    def due(self) -> bool:
        """Whether to show it now; the next time is counted from here."""
        now = self._monotonic()
        if now - self._last < max(FIRST_SECONDS, (now - self._begun) * _SHARE):
            return False
        self._last = now
        return True
