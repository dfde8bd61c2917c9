"""The answer to a query as a view to export: its columns and rows taken by value, for another thread to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.domain.values import display
from app.interchange.shown import ShownColumn, ShownGroup, ShownRow, ShownView
from app.query.answer import Answer
from app.query.frame import Frame
from app.query.paths import ColumnSpec


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column to export: its path, its head, the field that says how its values are shown, its width in pixels."""

    path: str
    title: str
    field: Field
    width: int = 0


@dataclass
class TakenView:
    """A view by value. ``columns`` hold for each row of the answer a number, and what the numbers stand for."""

    name: str
    grouped: str
    heads: list[tuple[int, str, int, dict[str, object]]]
    """Where each group begins, its name, how many rows it has, and its sums by path."""
    columns: list[tuple[ViewColumn, Any, list[object]]] = field(default_factory=list)
    count: int = 0

    def shown(self, context: Context) -> ShownView:
        """The view with its rows, which are made as they are written."""
        columns = [ShownColumn(each.title, _plain(each.field), each.width) for each, _, _ in self.columns]
        return ShownView(self.name, columns, self._rows(context), self.grouped)

    def _rows(self, context: Context) -> Iterator[ShownRow | ShownGroup]:
        heads = iter(self.heads)
        head = next(heads, None)
        cells = [(codes.tolist(), values) for _, codes, values in self.columns]
        for place in range(self.count):
            if head is not None and head[0] == place:
                yield ShownGroup(head[1], head[2], tuple(self._sums(head[3], context)))
                head = next(heads, None)
            yield tuple([values[codes[place]] for codes, values in cells])

    def _sums(self, sums: dict[str, object], context: Context) -> Iterator[tuple[str, str]]:
        for column, _, _ in self.columns:
            total = sums.get(column.path)
            if total is not None:
                yield column.title, _sum_text(column.field, total, context)


def view_columns(specs: Iterable[ColumnSpec]) -> list[ViewColumn]:
    """Columns under the titles that they have."""
    return [ViewColumn(each.path, each.title, each.field) for each in specs]


def take_view(
    name: str, frame: Frame, answer: Answer, columns: Sequence[ViewColumn], grouped: str = ""
) -> Iterator[TakenView]:
    """Take the answer's values, a column a step; what is given is whole when there are no more steps.

    ``grouped`` is the title of what the answer is grouped by. Columns that are not in memory are read.
    """
    heads = [(each.start, each.text, each.count, each.sums) for each in answer.groups]
    rows = np.array(answer.rows)
    taken = TakenView(name, grouped, heads, count=len(rows))
    yield taken
    for each in columns:
        column = frame.column(each.path)
        taken.columns.append((each, column.codes[rows], list(column.values)))
        yield taken


def _plain(wanted: Field) -> Field:
    """A formula as a field of what it gives."""
    return replace(wanted, type=wanted.shown_as) if wanted.type is FieldType.FORMULA else wanted


def _sum_text(wanted: Field, total: object, context: Context) -> str:
    """A sum as people read it; of money, one amount for each currency."""
    if isinstance(total, tuple):
        return ", ".join(display(_plain(wanted), each, context) for each in total)
    return display(_plain(wanted), total, context)
