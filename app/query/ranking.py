"""The order of a column's distinct values, as dense ranks.

Sorting rows is then sorting small whole numbers. A new value is put between its neighbours: the keys are held
in order, and all ranks from there on move up by one, which numpy does for tens of thousands in microseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ranks = npt.NDArray[np.int32]
Key = tuple[int, Any]
"""As ``app.domain.values.sort_key`` gives it: 0 for values of the right shape, 1 for others, 2 for nothing."""

_SLICE = 4_000
_NOTHING = 2


class Ranking:
    """Ranks of values by code. Equal keys have equal ranks; what is nothing comes last, whichever way."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._ranks: Ranks = np.empty(16, np.int32)
        self._size = 0
        self.version = 0

    def __len__(self) -> int:
        """How many codes have a rank."""
        return self._size

    def fill(self, keys: Sequence[Key]) -> Iterator[None]:
        """Rank many values at once, in steps of some milliseconds."""
        runs: list[list[Key]] = []
        for start in range(0, len(keys), _SLICE):
            runs.append(sorted({key for key in keys[start : start + _SLICE] if key[0] != _NOTHING}))
            yield
        while len(runs) > 1:
            merged = []
            for place in range(0, len(runs), 2):
                # Python's sort finds the two runs and merges them.
                merged.append(sorted(runs[place] + (runs[place + 1] if place + 1 < len(runs) else [])))
                yield
            runs = merged
        ordered = runs[0] if runs else []
        places: dict[Key, int] = {}
        for key in ordered:
            places.setdefault(key, len(places))
        yield
        ranks = np.empty(len(keys) + 64, np.int32)
        for start in range(0, len(keys), _SLICE):
            part = keys[start : start + _SLICE]
            ranks[start : start + len(part)] = [
                len(places) if key[0] == _NOTHING else places[key] for key in part
            ]
            yield
        self._keys, self._ranks, self._size = list(places), ranks, len(keys)
        self.version += 1

    def add(self, key: Key) -> None:
        """Rank the value of the next code."""
        if self._size == len(self._ranks):
            self._ranks = np.concatenate((self._ranks, np.empty(self._size // 2 + 64, np.int32)))
        self._size += 1
        # Above all others, so that making room does not move it before it has its place.
        self._ranks[self._size - 1] = -1
        self.move(self._size - 1, key)

    def move(self, code: int, key: Key) -> None:
        """Give a value another place: what it is sorted by has changed."""
        self.version += 1
        if key[0] == _NOTHING:
            self._ranks[code] = len(self._keys)
            return
        place = bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            self._keys.insert(place, key)
            ranks = self._ranks[: self._size]
            ranks[ranks >= place] += 1
        self._ranks[code] = place

    @property
    def count(self) -> int:
        """How many ranks there are, “nothing” among them."""
        return len(self._keys) + 1

    def ranks(self, *, descending: bool = False) -> Ranks:
        """The rank of each code."""
        ranks = self._ranks[: self._size]
        if not descending:
            return ranks
        fitting = bisect_left(self._keys, (1,))
        every = len(self._keys)
        turned = np.where(ranks < fitting, fitting - 1 - ranks, fitting + every - 1 - ranks)
        return np.where(ranks == every, every, turned).astype(np.int32)
