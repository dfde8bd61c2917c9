"""The answer to a query as a view to export: its columns and rows taken by value, for another thread to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.domain.values import display
from app.interchange.shown import ShownColumn, ShownGroup, ShownRow, ShownView
from app.query.answer import Answer
from app.query.column import Codes
from app.query.frame import Frame
from app.query.paths import ColumnSpec


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column to export: its path, its head, the field that says how its values are shown, its width in pixels."""

    path: str
    title: str
    field: Field
    width: int = 0


class TakenView:
    """A view by value: for each column a number for each row of the answer, and what the numbers stand for."""

    def __init__(self, name: str, answer: Answer, grouped: str = "") -> None:
        """``grouped`` is the title of what the answer is grouped by. ``take`` gets the values."""
        self.name = name
        self.grouped = grouped
        self._rows_of = np.array(answer.rows)
        self._heads = [(each.start, each.text, each.count, each.sums) for each in answer.groups]
        self._columns: list[tuple[ViewColumn, Codes, list[object]]] = []

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows_of)

    def take(self, frame: Frame, columns: Iterable[ViewColumn]) -> Iterator[None]:
        """Take the values of the answer's rows, a column a step. Columns that are not in memory are read."""
        for each in columns:
            column = frame.column(each.path)
            self._columns.append((each, column.codes[self._rows_of], list(column.values)))
            yield

    def shown(self, context: Context) -> ShownView:
        """The view with its rows, which are made as they are written."""
        columns = [ShownColumn(each.title, _plain(each.field), each.width) for each, _, _ in self._columns]
        return ShownView(self.name, columns, self._rows(context), self.grouped)

    def _rows(self, context: Context) -> Iterator[ShownRow | ShownGroup]:
        heads = iter(self._heads)
        head = next(heads, None)
        cells = [(codes.tolist(), values) for _, codes, values in self._columns]
        for place in range(self.count):
            if head is not None and head[0] == place:
                yield ShownGroup(head[1], head[2], tuple(self._sums(head[3], context)))
                head = next(heads, None)
            yield tuple([values[codes[place]] for codes, values in cells])

    def _sums(self, sums: dict[str, object], context: Context) -> Iterator[tuple[str, str]]:
        for column, _, _ in self._columns:
            total = sums.get(column.path)
            if total is not None:
                yield column.title, _sum_text(column.field, total, context)


def view_columns(specs: Iterable[ColumnSpec]) -> list[ViewColumn]:
    """Columns under the titles that they have."""
    return [ViewColumn(each.path, each.title, each.field) for each in specs]


def _plain(wanted: Field) -> Field:
    """A formula as a field of what it gives."""
    return replace(wanted, type=wanted.shown_as) if wanted.type is FieldType.FORMULA else wanted


def _sum_text(wanted: Field, total: object, context: Context) -> str:
    """A sum as people read it; of money, one amount for each currency."""
    if isinstance(total, tuple):
        return ", ".join(display(_plain(wanted), each, context) for each in total)
    return display(_plain(wanted), total, context)
