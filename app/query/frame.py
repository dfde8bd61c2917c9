"""The records of one kind, numbered: what columns have their rows by."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.domain.values import display
from app.query.column import Column, Mask
from app.query.pace import Pace

if TYPE_CHECKING:
    from app.query.loading import Loading
    from app.query.nodes import Node

Rows = npt.NDArray[np.int32]
_PART = 2_000
"""So many records are taken in between two looks at the clock."""


class Frame:
    """The rows of one kind. A record keeps its row as long as the project is open, also while it is deleted."""

    def __init__(self, frames: Loading, kind: str) -> None:
        self._frames = frames
        self.kind = kind
        self.numbers: list[int] = []
        """The number of the record of each row, as far as a reader needed them."""
        self.records: list[bytes] = []
        """The record of each row, deleted ones too; the first rows are the oldest."""
        self._by_number: Rows = np.empty(0, np.int32)
        self._numbered = 0
        self._rows: dict[bytes, int] = {}
        self._alive: Mask = np.ones(16, np.bool_)
        self.order: Rows = np.empty(0, np.int32)
        """The rows that are there, the newest record first."""
        self._ids: list[bytes] | None = None

    def fill(self, found: Iterable[Sequence[tuple[bytes, int]]]) -> Iterator[None]:
        """Take in the records that are there, with their numbers in the project file, in steps."""
        numbers: dict[bytes, int] = {}
        records: list[bytes] = []
        for part in found:
            numbers.update(part)
            # Each part in order by itself: sorting all then only merges them, a few milliseconds for 40,000.
            records += sorted([record for record, _ in part])
            yield
        records.sort()
        yield
        pace = Pace()
        size = len(records)
        for start in range(0, size, _PART):
            some = records[start : start + _PART]
            self.numbers += [numbers[record] for record in some]
            self._rows.update(zip(some, range(start, size), strict=False))
            if pace.due():
                yield
        self.records = records
        self._alive = np.ones(max(size, 16), np.bool_)
        self.order = np.arange(size - 1, -1, -1, dtype=np.int32)

    def rows_by_number(self) -> Rows:
        """The row of each number of a record, -1 where it has none. It is for reading only."""
        if self._numbered < len(self.numbers):
            every = np.array(self.numbers, np.int64)
            self._by_number = np.full(int(every.max()) + 1, -1, np.int32)
            self._by_number[every] = np.arange(len(every), dtype=np.int32)
            self._numbered = len(every)
        return self._by_number

    @property
    def size(self) -> int:
        """How many rows there are, those of deleted records among them."""
        return len(self.records)

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.order)

    @property
    def alive(self) -> Mask:
        """Which rows are there."""
        return self._alive[: self.size]

    @property
    def ids(self) -> list[bytes]:
        """The records that are there, the newest first."""
        if self._ids is None:
            records = self.records
            self._ids = [records[row] for row in self.order.tolist()]
        return self._ids

    def row(self, record: bytes) -> int | None:
        """The row of a record; None where it is not there."""
        row = self._rows.get(record)
        return row if row is not None and self._alive[row] else None

    def any_row(self, record: bytes) -> int | None:
        """The row of a record, also of one that is deleted."""
        return self._rows.get(record)

    def record(self, row: int) -> bytes:
        """The record of a row."""
        return self.records[row]

    def column(self, path: str) -> Column:
        """The column of a path, loaded now where it is not in memory."""
        return self._frames.node_at(self.kind, path).column

    def value(self, path: str, row: int) -> object:
        """What stands in a cell, None where nothing does."""
        return self.column(path).value(row)

    def text(self, path: str, row: int) -> str:
        """What a cell shows."""
        column = self.column(path)
        return self.shown(column, int(column.codes[row]))

    def shown(self, column: Column, code: int) -> str:
        """What a cell with a code shows."""
        known = column.texts.get(code)
        if known is None:
            known = display(column.field, column.values[code], self._frames.context)
            column.texts[code] = known
        return known

    # Coming and going

    def place(self, record: bytes, there: bool) -> int | None:
        """Take a record in, or let it go; its row where that changed anything."""
        row = self._rows.get(record)
        if row is None:
            if not there:
                return None
            row = self._rows[record] = len(self.records)
            self.records.append(record)
            if row == len(self._alive):
                self._alive = np.concatenate((self._alive, np.zeros(row // 4 + 64, np.bool_)))
            self._alive[row] = False
        if bool(self._alive[row]) is there:
            return None
        self._alive[row] = there
        self._ids = None
        # The ids descend along the order.
        at = bisect_left(self.order, _turned(record), key=lambda each: _turned(self.records[each]))
        self.order = np.insert(self.order, at, row) if there else np.delete(self.order, at)
        return row


def _turned(record: bytes) -> int:
    return -int.from_bytes(record.ljust(16, b"\0"), "big")


class ColumnView(Mapping[bytes, object]):
    """A column as values by record."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._frame = node.frame

    def __getitem__(self, record: bytes) -> object:
        value = self.get(record)
        if value is None:
            raise KeyError(record)
        return value

    def get(self, record: bytes, default: object = None) -> object:
        """The value of a record."""
        row = self._frame.row(record)
        value = None if row is None else self._node.column.value(row)
        return default if value is None else value

    def _rows(self) -> list[int]:
        """The rows that have a value, the oldest first."""
        found: list[int] = np.flatnonzero((self._node.column.codes != 0) & self._frame.alive).tolist()
        return found

    def __iter__(self) -> Iterator[bytes]:
        records = self._frame.records
        return iter([records[row] for row in self._rows()])

    def __len__(self) -> int:
        return len(self._rows())

    def __contains__(self, record: object) -> bool:
        return isinstance(record, bytes) and self.get(record) is not None

    def items(self) -> ItemsView[bytes, object]:
        """Records and values, at once: looking up each would take several times as long."""
        rows = self._rows()
        column = self._node.column
        records, values = self._frame.records, column.values
        codes = column.codes[rows].tolist()
        found = {records[row]: values[code] for row, code in zip(rows, codes, strict=True)}
        return found.items()

    def values(self) -> ValuesView[object]:
        """The values."""
        return dict(self.items()).values()
