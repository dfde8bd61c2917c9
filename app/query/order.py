"""Sorting rows by several columns at once.

The ranks of all columns and the place of the row are packed into one whole number of 64 bits; sorting these
numbers is several times as fast as sorting places by them, and the place keeps what is equal in its order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Keys = Sequence[tuple[npt.NDArray[np.int32], int]]
"""For each column to sort by, the first first: the rank of each row, and how many ranks there are."""

_BITS = 63


def sorted_places(keys: Keys, count: int) -> npt.NDArray[np.int64]:
    """The places 0 to ``count``, in the order of the keys."""
    places = np.arange(count, dtype=np.int64)
    waiting = list(keys)
    while waiting:
        # The last columns first: each round keeps the order of the ones before where ranks are equal.
        bits = max(count - 1, 1).bit_length()
        shift = bits
        packed = np.arange(count, dtype=np.int64)
        while waiting:
            ranks, ranked = waiting[-1]
            width = max(ranked - 1, 1).bit_length()
            if shift + width > _BITS:
                break
            packed |= ranks[places].astype(np.int64) << shift
            shift += width
            waiting.pop()
        packed.sort()
        places = places[packed & ((1 << bits) - 1)]
    return places
