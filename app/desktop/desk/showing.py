"""Brings an answer onto a table and keeps it there: lines, groups, what is held, what glows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.desk.answer import LiveAnswer
from app.desktop.desk.columns import find_spec
from app.desktop.desk.held import Holding
from app.desktop.desk.ink import Ink
from app.desktop.desk.inks import make_ink
from app.desktop.desk.lines import Lines
from app.desktop.desk.table import Table
from app.domain.schema import ISSUE, KINDS, LABEL, LOCATION, PERSON, STATUS
from app.query.frames import Moved
from app.query.paths import ADDABLE
from app.store.touched import Touched
from app.workspace.view_columns import LIST_COLUMNS, SYNC, usual_paths
from app.workspace.views import LIST, ViewSpec

_NAMING = frozenset({PERSON, STATUS, LABEL, LOCATION})
_MOST_OWN = 8
"""So many fields of the project's own are looked through for the usual columns."""


class Showing(QObject):
    """One answer on one table."""

    shown = Signal()
    """The rows, or what is said of them, are others now."""

    def __init__(self, table: Table, live: LiveAnswer) -> None:
        super().__init__(table)
        self.table = table
        self.live = live
        self.holding = Holding()
        self._workspace = table.scene.workspace
        self._spec = ViewSpec(live.kind)
        self._folded: set[str] = set()
        self._usual: list[str] = []
        self._anew = True
        """Whether the next answer is one to another question."""
        live.moving.connect(self._moving)
        live.changed.connect(self._changed)
        live.cells_changed.connect(self._cells_changed)
        table.fold_asked.connect(self.fold)
        table.looked_away.connect(self._looked_away)
        table.selection_changed.connect(self._looked_away)
        self._workspace.touched.connect(self._touched)
        self._workspace.rows_changed.connect(lambda _records: table.viewport().update())
        self._workspace.day_changed.connect(self._new_day)

    # What is asked

    def show_spec(self, spec: ViewSpec) -> None:
        """Show this from now on."""
        before, self._spec = self._spec, spec
        if spec.query != before.query:
            self._anew = True
            self.holding.edited.clear()
        self._choose_columns()
        self.ask()

    def ask(self) -> None:
        """Ask for what the columns and the query need."""
        paths = self.table.plan.paths()
        if self._is_usual():
            paths = list(dict.fromkeys([*paths, *self._candidates()]))
        self.live.ask(self._spec.query, paths=paths, sums=self.sums())

    def sums(self) -> list[str]:
        """The paths that are added up: numbers and money among the columns."""
        return [
            each.path
            for each in self.table.plan.every()
            if each.spec.field.type in ADDABLE and each.path != "number"
        ]

    def _is_usual(self) -> bool:
        return not self._spec.columns and self._spec.layout != LIST

    def _candidates(self) -> list[str]:
        """What the usual columns are chosen from."""
        fields = self._workspace.fields(self.live.kind)
        own = [each.name for each in fields.fields if each.custom][:_MOST_OWN]
        usual = usual_paths(self.live.kind, own, lambda _path: True, empty=True)
        return [each.partition("=")[0] for each in usual if each != SYNC]

    def _filled(self, path: str) -> bool:
        return bool(self.live.frame.column(path).codes.any())

    def _choose_columns(self) -> None:
        table, spec = self.table, self._spec
        if spec.layout == LIST:
            known = KINDS[self.live.kind].fields
            texts = (
                [each for each in LIST_COLUMNS if each == SYNC or each.partition("=")[0] in known]
                if self.live.kind == ISSUE
                else usual_paths(self.live.kind, (), lambda _path: True, empty=True)
            )
            table.choose_columns(texts, 0, usual=True)
        elif spec.columns:
            table.choose_columns(spec.columns, spec.frozen, usual=False)
        else:
            table.choose_columns(self._usual or self._least(), spec.frozen, usual=True)
        table.show_head(spec.layout != LIST)

    def _least(self) -> list[str]:
        """What stands there before anything was read."""
        return usual_paths(self.live.kind, (), lambda _path: True, empty=True)

    def _choose_usual(self) -> None:
        """Columns in which nothing stands leave their room; those that were filled come."""
        if not self._is_usual():
            return
        kind = self.live.kind
        fields = self._workspace.fields(kind)
        own = [each.name for each in fields.fields if each.custom][:_MOST_OWN]
        usual = usual_paths(kind, own, self._filled, empty=not len(self.live.frame))
        if usual != self._usual:
            self._usual = usual
            self._choose_columns()
            missing = set(self.sums()) - set(self.live.sums)
            if missing:
                self.ask()

    # What is shown

    def _changed(self, structure: bool) -> None:
        self._choose_usual()
        if structure or self._anew or self.table.lines.heads:
            self.rebuild(anew=self._anew)
            self._anew = False
        self.shown.emit()

    def rebuild(self, *, anew: bool = False) -> None:
        """Lay the lines out again from the answer that is there; ``anew`` where it answers another question."""
        answer = self.live.answer
        if answer is None:
            return
        frame = self.live.frame
        holding = self.holding
        edited = [row for each in holding.edited if (row := frame.row(each)) is not None]
        opened = frame.row(holding.opened) if holding.opened is not None else None
        held = holding.places(self.table.lines, edited, opened, answer.rows)
        lines = Lines(answer.rows, answer.groups, folded=self._folded, held=held, size=frame.size)
        leaving = [each.row for each in held if not bool((answer.rows == each.row).any())]
        self.table.group_ink = self._group_ink()
        held_rows = [row for row in leaving if row != opened or row in edited]
        self.table.show_lines(lines, held_rows, anew=anew)

    def _group_ink(self) -> Ink | None:
        group = self.live.query.group
        spec = None if group is None else find_spec(self._workspace.columns, self.live.kind, group)
        return None if spec is None else make_ink(self.table.scene, spec)

    def fold(self, text: str) -> None:
        """Close a group, or open it again."""
        self._folded ^= {text}
        self.rebuild()

    def fold_all(self, folded: bool) -> None:
        """Close every group, or open them all."""
        self._folded = {each.text for each in self.table.lines.heads} if folded else set()
        self.rebuild()

    def keep(self, record: bytes | None) -> None:
        """Keep the row of an open record among the lines, whatever the filter says."""
        self.holding.opened = record

    # What changes

    def _moving(self, moved: Moved) -> None:
        """What was edited here keeps its place."""
        if not self._workspace.writing_here:
            return
        records = self.live.frame.records
        seen = {record for record, _ in self.table.eye} | self.table.selection.records
        rows: set[int] = set()
        for (kind, _), changed in moved.cells.items():
            if kind == self.live.kind and len(changed) <= len(seen):
                rows.update(np.asarray(changed).tolist())
        came = moved.came.get(self.live.kind, set())
        self.holding.hold(records[row] for row in rows if records[row] in seen and records[row] not in came)

    def _cells_changed(self, cells: Mapping[str, Iterable[int]]) -> None:
        self.table.touch_cells(cells, glow=not self._workspace.writing_here)

    def _touched(self, touched: Touched) -> None:
        if _NAMING.intersection(touched.kinds.values()):
            self.table.plan.forget()
        self.table.describe()
        self.table.viewport().update()

    def _new_day(self) -> None:
        self.table.plan.forget()
        self.live.refresh()

    def _looked_away(self) -> None:
        kept = set(self.table.selection.records)
        if self.table.current is not None:
            kept.add(self.table.current)
        if self.holding.edited and self.holding.release(kept):
            self.rebuild()
            self.shown.emit()
