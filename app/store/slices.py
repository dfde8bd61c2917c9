"""Long work on the thread of the window: many changes, written a few at a time, with all others let in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.store.core import Core
from app.store.touched import Touched

SLICE_SECONDS = 0.006
"""For so long changes are gathered into one transaction: with its commit the window misses no frame."""
BACKGROUND_SECONDS = 0.05
"""The same on a thread of its own, while nobody else wants to write: each commit writes a page of every index,
so ten times as many changes in it cost little more."""
_MOST = 250
"""Most units in one transaction, however quick they are."""

Unit = Callable[[Touched], int]
"""Writes something inside a transaction, notes what it touched, and tells how much of the whole that was."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one slice of a longer action did, and how far it is: ``done`` of ``total``."""

    done: int
    total: int
    touched: Touched


def in_slices(
    core: Core, units: Iterator[Unit], total: int, seconds: float = SLICE_SECONDS
) -> Iterator[Step]:
    """Run units in transactions of ``seconds`` each, shorter ones where the window waits for its turn to write."""
    done = 0
    unit = next(units, None)
    while unit is not None:
        touched = Touched()
        begun = core.clock.monotonic()
        with core.writing(touched):
            for _ in range(_MOST):
                done += unit(touched)
                unit = next(units, None)
                if unit is None or core.lock.wanted or core.clock.monotonic() - begun > seconds:
                    break
        yield Step(done, total, touched)
