"""The order of a column's distinct values, as dense ranks.

Sorting rows is then sorting small whole numbers. A new value is put between its neighbours: the keys are held
in order, and all ranks from there on move up by one, which numpy does for tens of thousands in microseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Any

import numpy as np
import numpy.typing as npt

from app.query.pace import Pace

Ranks = npt.NDArray[np.int32]
Key = tuple[int, Any]
"""As ``app.domain.values.sort_key`` gives it: 0 for values of the right shape, 1 for others, 2 for nothing."""

_SLICE = 1_000
"""So many keys are sorted at once."""
_PART = 100
"""So many are read between two looks at the clock."""
_FITTING, _OTHER, _NOTHING = range(3)


class NumberRanking:
    """Ranks of values that are numbers by code; NaN is nothing."""

    def __init__(self, numbers: npt.NDArray[np.float64]) -> None:
        # What is not a number is sorted to the end.
        order = np.argsort(numbers)
        ordered = numbers[order[: len(numbers) - int(np.isnan(numbers).sum())]]
        begins = np.ones(len(ordered), np.bool_)
        begins[1:] = ordered[1:] != ordered[:-1]
        self._keys = ordered[begins]
        self._ranks: Ranks = np.full(len(numbers), len(self._keys), np.int32)
        self._ranks[order[: len(ordered)]] = np.cumsum(begins) - 1

    def __len__(self) -> int:
        """How many codes have a rank."""
        return len(self._ranks)

    def _find(self, numbers: npt.NDArray[np.float64]) -> Ranks:
        found = np.searchsorted(self._keys, numbers).astype(np.int32)
        found[np.isnan(numbers)] = len(self._keys)
        return found

    def extend(self, numbers: npt.NDArray[np.float64]) -> None:
        """Rank the values of codes that came since."""
        fresh = numbers[len(self._ranks) :]
        for number in fresh[~np.isnan(fresh)].tolist():
            place = int(np.searchsorted(self._keys, number))
            if place == len(self._keys) or self._keys[place] != number:
                self._keys = np.insert(self._keys, place, number)
                self._ranks[self._ranks >= place] += 1
        self._ranks = np.concatenate((self._ranks, self._find(fresh)))

    @property
    def count(self) -> int:
        """How many ranks there are, “nothing” among them."""
        return len(self._keys) + 1

    def ranks(self, *, descending: bool = False) -> Ranks:
        """The rank of each code."""
        every = len(self._keys)
        if not descending:
            return self._ranks
        return np.where(self._ranks == every, every, every - 1 - self._ranks).astype(np.int32)


class Ranking:
    """Ranks of values by code. Equal keys have equal ranks; what is nothing comes last, whichever way.

    Keys of values of the right shape and of others are held apart, each in order.
    """

    def __init__(self) -> None:
        self._fitting: list[Any] = []
        self._others: list[Any] = []
        self._ranks: Ranks = np.empty(16, np.int32)
        self._size = 0

    def __len__(self) -> int:
        """How many codes have a rank."""
        return self._size

    def fill(self, keys: Sequence[Key]) -> Iterator[None]:
        """Rank many values at once, in steps of some milliseconds."""
        places: list[dict[Any, int]] = []
        before = 0
        for kind in (_FITTING, _OTHER):
            ordered: dict[Any, int] = {}
            yield from _order([key for at, key in keys if at == kind], before, ordered)
            places.append(ordered)
            before += len(ordered)
        ranks = np.full(len(keys) + 64, before, np.int32)
        pace = Pace()
        for start in range(0, len(keys), _PART):
            part = keys[start : start + _PART]
            ranks[start : start + len(part)] = [
                before if kind == _NOTHING else places[kind][key] for kind, key in part
            ]
            if pace.due():
                yield
        self._fitting, self._others = (list(each) for each in places)
        self._ranks, self._size = ranks, len(keys)

    def add(self, key: Key) -> None:
        """Rank the value of the next code."""
        if self._size == len(self._ranks):
            self._ranks = np.concatenate((self._ranks, np.empty(self._size // 2 + 64, np.int32)))
        self._size += 1
        # Below all others, so that making room does not move it before it has its place.
        self._ranks[self._size - 1] = -1
        self.move(self._size - 1, key)

    def move(self, code: int, key: Key) -> None:
        """Give a value another place: what it is sorted by has changed."""
        kind, own = key
        if kind == _NOTHING:
            self._ranks[code] = self.count - 1
            return
        keys, before = (self._fitting, 0) if kind == _FITTING else (self._others, len(self._fitting))
        place = bisect_left(keys, own)
        if place == len(keys) or keys[place] != own:
            keys.insert(place, own)
            ranks = self._ranks[: self._size]
            ranks[ranks >= before + place] += 1
        self._ranks[code] = before + place

    @property
    def count(self) -> int:
        """How many ranks there are, “nothing” among them."""
        return len(self._fitting) + len(self._others) + 1

    def ranks(self, *, descending: bool = False) -> Ranks:
        """The rank of each code."""
        ranks = self._ranks[: self._size]
        if not descending:
            return ranks
        fitting, every = len(self._fitting), self.count - 1
        turned = np.where(ranks < fitting, fitting - 1 - ranks, fitting + every - 1 - ranks)
        return np.where(ranks == every, every, turned).astype(np.int32)


def _order(keys: list[Any], first: int, places: dict[Any, int]) -> Iterator[None]:
    """Number the distinct keys in their order, from ``first`` on, in steps."""
    pace = Pace()
    runs: list[list[Any]] = []
    for start in range(0, len(keys), _SLICE):
        runs.append(sorted(set(keys[start : start + _SLICE])))
        yield
    for place, key in enumerate(merge(*runs), 1):
        places.setdefault(key, first + len(places))
        if place % _PART == 0 and pace.due():
            yield
