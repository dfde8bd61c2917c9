"""Putting things into an order that several devices keep: the fewest keys that must be written.

Keys are those of ``sync.order``. Two devices may have put two things at the same place, with the same key; then
nothing fits between these two, and as few neighbours as possible get keys of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.order import is_key, keys_between

LONGEST = 120
"""Keys made here are no longer, so that they stay far from the bound beyond which a key counts as none."""
_INVERTED = bytes(255 - each for each in range(256))


@dataclass(frozen=True, slots=True)
class Placing:
    """Where things go: ``fresh`` are their keys, in order; ``moved`` the new keys of neighbours, by position."""

    fresh: tuple[str, ...]
    moved: Mapping[int, str]


def natural_rank(record: bytes) -> str:
    """The key of a record that nobody has put anywhere: from its id, so that the newest stands first.

    The same on every device, and never written. Digits of 16 with an end that is not the lowest digit.
    """
    return record.translate(_INVERTED).hex().upper() + "V"


def rank_of(stored: object, record: bytes) -> str:
    """The key that holds for a record: the stored one where it is one, else that of its id."""
    return stored if isinstance(stored, str) and is_key(stored) else natural_rank(record)


def place(keys: Sequence[str], at: int, count: int = 1) -> Placing:
    """Keys for ``count`` things before the position ``at`` of an ordered list, which may have equal keys."""
    size = 0
    while True:
        for left in range(size + 1):
            first, last = at - left, at + size - left
            if first < 0 or last > len(keys):
                continue
            low = keys[first - 1] if first else None
            high = keys[last] if last < len(keys) else None
            if low is not None and high is not None and low >= high:
                continue
            made = keys_between(low, high, size + count)
            if max(map(len, made), default=0) > LONGEST:
                continue
            inner = at - first
            around = [*made[:inner], *made[inner + count :]]
            return Placing(
                tuple(made[inner : inner + count]),
                {first + index: key for index, key in enumerate(around)},
            )
        size += 1
