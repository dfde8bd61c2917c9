"""The rules by which writes that did not know of each other come together. Pure functions, no storage.

A field is a multi-value register (Shapiro et al., *A comprehensive study of Convergent and Commutative
Replicated Data Types*, INRIA RR-7506, 2011, with explicit replacement instead of version vectors): the writes
that nothing replaced are *live*. Since the live set is "all writes less all that are named", it depends on
the set of changes alone, not on their order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sync.change import WriteId


class LiveWrite(NamedTuple):
    """A write that stands in a field: its id, its value, and who wrote it when (ms, the author's clock)."""

    id: WriteId
    value: Any
    author: bytes
    clock: int


def rank(write: LiveWrite) -> tuple[int, bytes, WriteId]:
    """Order writes that did not know of each other: the greatest is the one that shows."""
    return (write.clock, write.author, write.id)


def shown_first(writes: Iterable[LiveWrite]) -> tuple[LiveWrite, ...]:
    """Put the write that shows first, then its conflicts in falling rank."""
    return tuple(sorted(writes, key=rank, reverse=True))


def is_conflicted(writes: Collection[LiveWrite]) -> bool:
    """Tell whether a register has live writes that differ in value: equal ones need no decision."""
    if len(writes) < 2:
        return False
    first = next(iter(writes)).value
    return any(write.value != first or type(write.value) is not type(first) for write in writes)


def deletion_holds(deletes_live: bool, covered: Collection[WriteId], present: Iterable[WriteId]) -> bool:
    """Tell whether a record with live deletions is gone: they must cover all that is present in it."""
    return deletes_live and all(write in covered for write in present)
