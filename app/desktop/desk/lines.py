"""Which line of the screen holds what: rows of an answer and the heads of its groups, all of one height.

A line is a number; what stands there is one integer of an array, so that 40,000 lines cost what 40 do.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from app.query.frames import Groups

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a group: its text, how many rows it has, its sums by path, and the first of its rows."""

    text: str
    count: int
    sums: Any
    row: int
    folded: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A row that keeps its place though the answer says otherwise: behind ``before`` (None: at the top).

    ``line`` is where it stood, for when that row has gone as well.
    """

    row: int
    before: int | None
    line: int


class Heads(Sequence[Head]):
    """The heads of groups, each made when it is looked at: there may be thousands of groups."""

    def __init__(self, groups: Sequence[Any], rows: Codes, folded: Set[str]) -> None:
        self._groups = groups
        self._rows = rows
        self._folded = folded

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, place: int) -> Head: ...
    @overload
    def __getitem__(self, place: slice) -> list[Head]: ...
    def __getitem__(self, place: int | slice) -> Head | list[Head]:
        """The head of the group at a place."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        group = self._groups[place]
        row = int(self._rows[group.start])
        return Head(group.text, group.stop - group.start, group.sums, row, group.text in self._folded)


class Lines:
    """The lines of a table. A code of 0 and more is a row of the frame; below it, ``-1 - number`` of a head."""

    def __init__(
        self,
        rows: Codes,
        groups: Sequence[Any] = (),
        *,
        folded: Set[str] = frozenset(),
        held: Sequence[Held] = (),
        size: int = 0,
    ) -> None:
        """``groups`` are an answer's; ``folded`` the texts of those that are closed; ``size`` the frame's."""
        codes = np.asarray(rows, dtype=np.int32)
        self.heads = Heads(groups, codes, folded)
        if groups:
            starts = (
                groups.bounds[:-1]
                if isinstance(groups, Groups)
                else np.fromiter((each.start for each in groups), np.int64, len(groups))
            )
            marks = -1 - np.arange(len(groups), dtype=np.int32)
            if folded:
                keep = np.ones(len(codes), dtype=bool)
                for each in groups:
                    if each.text in folded:
                        keep[each.start : each.stop] = False
                codes = np.insert(codes, starts, marks)[np.insert(keep, starts, values=True)]
            else:
                codes = np.insert(codes, starts, marks)
        self.codes: Codes = _with_held(codes, held) if held else codes
        self._size = size
        self.head_lines = np.flatnonzero(self.codes < 0)
        """The lines on which the heads of groups stand."""
        self._places: Codes | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, line: int) -> int | None:
        """The row of the frame on a line; None for the head of a group, or where there is no such line."""
        if not 0 <= line < len(self.codes):
            return None
        code = int(self.codes[line])
        return code if code >= 0 else None

    def head(self, line: int) -> Head | None:
        """The head of a group on a line."""
        if not 0 <= line < len(self.codes):
            return None
        code = int(self.codes[line])
        return self.heads[-1 - code] if code < 0 else None

    def line_of(self, row: int | None) -> int | None:
        """The line on which a row of the frame stands, in constant time."""
        if row is None:
            return None
        if self._places is None:
            lines = np.flatnonzero(self.codes >= 0).astype(np.int32)
            top = int(self.codes.max(initial=-1)) + 1
            places = np.full(max(self._size, top), -1, dtype=np.int32)
            places[self.codes[lines]] = lines
            self._places = places
        if not 0 <= row < len(self._places):
            return None
        line = int(self._places[row])
        return line if line >= 0 else None

    def line_of_head(self, text: str) -> int | None:
        """The line of a group's head."""
        for number, head in enumerate(self.heads):
            if head.text == text:
                return int(self.head_lines[number])
        return None

    def rows_between(self, first: int, last: int) -> list[int]:
        """The rows on the lines from one to another, both included, whichever comes first."""
        low, high = sorted((first, last))
        part = self.codes[max(low, 0) : high + 1]
        found: list[int] = part[part >= 0].tolist()
        return found

    def next_row(self, line: int, step: int) -> int | None:
        """The line of the next row from ``line`` on, in steps of 1 or -1; heads are passed over."""
        while 0 <= line < len(self.codes):
            if self.codes[line] >= 0:
                return line
            line += step
        return None

    def rows(self) -> list[int]:
        """Every row, from top to bottom."""
        found: list[int] = self.codes[self.codes >= 0].tolist()
        return found


def _with_held(codes: Codes, held: Sequence[Held]) -> Codes:
    """Put rows back to where they stood; the others stay in their order."""
    taken = np.fromiter((each.row for each in held), np.int32, len(held))
    codes = codes[~np.isin(codes, taken)]
    for each in sorted(held, key=lambda held: held.line):
        at: int | None = None
        if each.before is not None:
            found = np.flatnonzero(codes == each.before)
            at = int(found[0]) + 1 if len(found) else None
        elif each.line == 0:
            at = 0
        codes = np.insert(codes, min(each.line, len(codes)) if at is None else at, each.row)
    return codes
