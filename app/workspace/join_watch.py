"""What who waits for joining is told, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinProgress:
    """How far a download is; ``seconds_left`` is None while nobody can tell."""

    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class JoinWatch:
    """Who waits for joining: is told how far it is, and may stop it. Called on the thread that joins."""

    progress: Callable[[JoinProgress], None] = lambda progress: None
    cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Raises Cancelled where it is to stop."""
        if self.cancelled():
            # Loaded where it is needed: a window shows its ways in before that.
            from sync.attachments import Cancelled

            raise Cancelled("Joining was stopped; what was downloaded is kept for the next try.")
