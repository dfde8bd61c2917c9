"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

_WIDTH = 30
_EVERY = 0.1


class Bar:
    """Shows how much of something is done; nothing where nobody looks, or where it is over at once."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shows = sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + 3 * _EVERY
        self._drawn = False

    def update(self, done: int, total: int, note: str = "") -> None:
        """So much of so much is done; ``note`` stands behind the bar."""
        if not self._shows or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        share = min(1.0, done / total) if total else 1.0
        filled = int(share * _WIDTH)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        print(f"\r{self._title} {bar} {share:4.0%}{note}\033[K", end="", file=sys.stderr, flush=True)
        self._drawn = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
