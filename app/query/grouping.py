"""The groups of an answer, each made when it is looked at: thousands of them cost no more than those on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from app.query.column import Codes, Column
from app.query.frame import Frame, Rows
from app.query.sums import sum_of

Bounds = npt.NDArray[np.int64]


class Group:
    """Records that follow one another because they have the same value in the field that groups them.

    ``start`` and ``stop`` are places in the answer's rows.
    """

    __slots__ = ("_groups", "_sums", "code", "start", "stop")

    def __init__(self, groups: Groups, code: int, start: int, stop: int) -> None:
        self._groups = groups
        self.code = code
        self.start = start
        self.stop = stop
        self._sums: dict[str, object] | None = None

    @property
    def value(self) -> object:
        """What the records have in common, None where they have nothing."""
        return self._groups.column.values[self.code]

    @property
    def text(self) -> str:
        """How that is shown."""
        return self._groups.frame.shown(self._groups.column, self.code)

    @property
    def sums(self) -> dict[str, object]:
        """The sums by path; money is a tuple with one ``[amount, currency]`` for each currency."""
        if self._sums is None:
            self._sums = self._groups.sums(self.start, self.stop)
        return self._sums

    @property
    def count(self) -> int:
        """How many records there are."""
        return self.stop - self.start


class Groups(Sequence[Group]):
    """Groups in their order."""

    def __init__(
        self, frame: Frame, column: Column, rows: Rows, bounds: Bounds, sums: Mapping[str, Column]
    ) -> None:
        """Groups of ``rows`` between two of ``bounds``, by a column; ``sums`` are what is added up, by path."""
        self.frame = frame
        self.column = column
        self.bounds = bounds
        self._codes: Codes = column.codes[rows[bounds[:-1]]]
        self._renames = column.renames
        # Codes keep their meaning, so what is made later is made of what stood there when this was answered.
        self._added = {path: (each, each.codes[rows]) for path, each in sums.items()}
        self._made: dict[int, Group] = {}

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self._codes)

    @overload
    def __getitem__(self, place: int) -> Group: ...
    @overload
    def __getitem__(self, place: slice) -> list[Group]: ...
    def __getitem__(self, place: int | slice) -> Group | list[Group]:
        """The group at a place."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        known = self._made.get(at)
        if known is None:
            start, stop = self.bounds[at : at + 2].tolist()
            known = self._made[at] = Group(self, int(self._codes[at]), start, stop)
        return known

    def __iter__(self) -> Iterator[Group]:
        """Every group."""
        return (self[place] for place in range(len(self)))

    def sums(self, start: int, stop: int) -> dict[str, object]:
        """What is added up of the rows from one place to another."""
        return {path: sum_of(column, codes[start:stop]) for path, (column, codes) in self._added.items()}

    def looks_like(self, other: Sequence[Group]) -> bool:
        """Whether another answer has the same groups, of the same rows, that are called the same."""
        return (
            isinstance(other, Groups)
            and self.column is other.column
            and self._renames == other._renames
            and np.array_equal(self.bounds, other.bounds)
            and np.array_equal(self._codes, other._codes)
        )
