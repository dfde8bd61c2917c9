"""The answer to a query on the days of a date field, and kept so while records change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.calendar.days import DATE_TYPES, moved_to, ordinals
from app.desktop.desk.answer import LiveAnswer, with_row
from app.desktop.workspace import Workspace
from app.query.ast import Query
from app.query.column import Column
from app.query.frame import Rows
from app.query.paths import ColumnSpec
from app.store.operations import Edit
from sync.errors import SitebookError

_NOWHERE = np.empty(0, np.int32)


class CalendarModel(QObject):
    """Which records stand on which day. Within a day they stand in the order of the query."""

    changed = Signal()
    """Days have other records now."""

    def __init__(self, workspace: Workspace, kind: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.kind = kind
        self.live = LiveAnswer(workspace, kind, eager=True, parent=self)
        self.spec: ColumnSpec | None = None
        self.kept: bytes | None = None
        self._column: Column | None = None
        self._ordinals = _NOWHERE
        self._days = _NOWHERE
        self._rows: Rows = _NOWHERE
        self.live.changed.connect(lambda _structure: self._rebuild())
        self.live.cells_changed.connect(self._cells_changed)

    def ask(self, query: Query, path: str, *, paths: Sequence[str] = ()) -> None:
        """Show the answer to a query by a date field. Raises SitebookError for a field without days."""
        spec = self._workspace.columns.spec(self.kind, path)
        if spec.field.type not in DATE_TYPES or spec.field.many:
            raise SitebookError(f"“{spec.title}” has no days that could stand in a calendar.")
        self.spec = spec
        self._column = None
        self.live.ask(replace(query, group=None), paths=(spec.path, *paths))

    def keep(self, record: bytes | None) -> None:
        """Keep a record where it stands, whatever the query says."""
        if record != self.kept:
            self.kept = record
            self._rebuild()

    @property
    def ready(self) -> bool:
        """Whether there is something to show yet."""
        return self.live.answer is not None and self._column is not None

    @property
    def can_move(self) -> bool:
        """Whether records may be moved to another day."""
        return self.spec is not None and self.spec.editable

    def on(self, day: date) -> list[bytes]:
        """The records of a day."""
        return self._between(day.toordinal(), day.toordinal() + 1)

    def count(self, day: date) -> int:
        """How many records a day has."""
        low, high = np.searchsorted(self._days, (day.toordinal(), day.toordinal() + 1))
        return int(high - low)

    @property
    def undated(self) -> list[bytes]:
        """The records without a day."""
        return self._between(0, 1)

    @property
    def undated_count(self) -> int:
        """How many records have no day."""
        return int(np.searchsorted(self._days, 1))

    def _between(self, low: int, high: int) -> list[bytes]:
        first, last = np.searchsorted(self._days, (low, high))
        frame = self.live.frame
        return [frame.record(row) for row in self._rows[first:last].tolist()]

    def day(self, record: bytes) -> date | None:
        """The day of a record."""
        row = self.live.frame.row(record)
        if row is None or self._column is None:
            return None
        ordinal = int(self._ordinals[self._column.codes[row]])
        return date.fromordinal(ordinal) if ordinal else None

    def holds(self, record: bytes) -> bool:
        """Whether a record is in the answer."""
        row = self.live.frame.row(record)
        return row is not None and bool((self._rows == row).any())

    def edits(self, records: Sequence[bytes], day: date | None) -> dict[bytes, list[Edit]]:
        """What moving records to a day writes; ``None`` takes their date away."""
        if self.spec is None or not self.can_move:
            return {}
        field, zone = self.spec.field, self._workspace.context().zone
        values = self._workspace.columns.column(self.kind, self.spec.path)
        return {
            record: [Edit(field.name, moved_to(field, values.get(record), day, zone))]
            for record in records
            if self.day(record) != day
        }

    def first(self, day: date) -> dict[str, object]:
        """The fields of a new record on a day."""
        if self.spec is None or not self.can_move:
            return {}
        return {self.spec.field.name: moved_to(self.spec.field, None, day, self._workspace.context().zone)}

    def _cells_changed(self, cells: dict[str, object]) -> None:
        if self.spec is not None and self.spec.path in cells:
            self._rebuild()

    def _rebuild(self) -> None:
        answer, spec = self.live.answer, self.spec
        if answer is None or spec is None:
            return
        column = self.live.frame.column(spec.path)
        known = len(self._ordinals) if column is self._column else 0
        if known < len(column.values):
            fresh = ordinals(column.field, column.values[known:], self._workspace.context().zone)
            before = self._ordinals[:known]
            self._ordinals = np.concatenate((before, np.array(fresh, np.int32)))
        self._column = column
        rows = with_row(answer.rows, None if self.kept is None else self.live.frame.row(self.kept))
        days = self._ordinals[column.codes[rows]]
        order = np.argsort(days, kind="stable")
        self._days, self._rows = days[order], rows[order]
        self.changed.emit()
