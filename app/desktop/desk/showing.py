"""Brings an answer onto a table and keeps it there: lines, groups, what is held, what glows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.desk.answer import LiveAnswer
from app.desktop.desk.columns import FIT_TYPES, find_spec
from app.desktop.desk.held import Holding
from app.desktop.desk.ink import Ink
from app.desktop.desk.inks import make_ink
from app.desktop.desk.lines import Lines
from app.desktop.desk.table import Table
from app.domain.schema import CATEGORY, CUSTOM_PREFIX, ISSUE, LABEL, LOCATION, PERSON, STATUS
from app.query.archive import ARCHIVED
from app.query.frames import Moved
from app.query.made_names import MadeNames
from app.query.paths import ADDABLE
from app.store.touched import Touched
from app.workspace.view_columns import LIST_COLUMNS, MOST_OWN, usual_paths
from app.workspace.views import LIST, ViewSpec, read_column

_NAMING = frozenset({PERSON, STATUS, LABEL, LOCATION})
_BESIDE_TITLE = ("status", "labels")
"""What an issue's title and its due date are drawn with."""
_SAMPLE = 20
"""So many of the newest records are looked at for the fields that are in use."""


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
        self._own: list[str] = []
        """The fields of the project's own that are in use, as far as that was seen."""
        self._looking = True
        self._columns_due = True
        self._chosen: tuple[tuple[str, ...], int, bool] | None = None
        self._anew = True
        """Whether the next answer is one to another question."""
        table.choose_columns(self._texts(), 0, usual=True)
        self._workspace.moved.connect(self._fields_moved)
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
        """Show this from now on; other columns come when they are read."""
        before, self._spec = self._spec, spec
        if spec.query != before.query:
            self._anew = True
            self.holding.edited.clear()
        self._columns_due = True
        self.ask()

    def ask(self) -> None:
        """Ask for what the columns and the query need."""
        wanted = self._texts()
        found = [find_spec(self._workspace.columns, self.live.kind, read_column(each)[0]) for each in wanted]
        specs = [each for each in found if each is not None]
        paths = [each.path for each in specs]
        if self.live.kind == ISSUE:
            paths += [name for name in _BESIDE_TITLE if name not in paths]
        paths += [
            name for name in MadeNames(self._workspace.columns).needs(self.live.kind) if name not in paths
        ]
        # What two records have in common would be counted twice.
        sums = [
            each.path
            for each in specs
            if each.field.type in ADDABLE and each.path != "number" and not each.path.endswith(".count")
        ]
        self.live.ask(self._spec.query, paths=paths, sums=sums)

    def _is_usual(self) -> bool:
        return not self._spec.columns and self._spec.layout != LIST

    def _texts(self) -> Sequence[str]:
        """The columns, as a view keeps them."""
        kind = self.live.kind
        if self._spec.layout == LIST and kind == ISSUE:
            return LIST_COLUMNS
        if self._spec.columns and self._spec.layout != LIST:
            return self._spec.columns
        return usual_paths(kind, self._own, self._filled, empty=not len(self.live.frame))

    def _filled(self, path: str) -> bool:
        """Whether anything stands in a column; of one that was not read yet that is hoped."""
        columns = self._workspace.columns
        if find_spec(columns, self.live.kind, path) is None:
            return False
        loaded = columns.is_loaded(self.live.kind, [path])
        return not loaded or bool(self.live.frame.column(path).codes.any())

    def _choose_columns(self) -> None:
        """Show the columns that were asked for."""
        self._columns_due = False
        usual = self._is_usual() or self._spec.layout == LIST
        texts = tuple(self._texts())
        if (texts, self._spec.frozen, usual) == self._chosen:
            return
        self._chosen = texts, self._spec.frozen, usual
        self.table.choose_columns(texts, 0 if self._spec.layout == LIST else self._spec.frozen, usual=usual)
        self.table.show_head(self._spec.layout != LIST)

    def _look_for_own(self) -> None:
        """See which of the project's own fields are in use: those that its newest records have."""
        kind = self.live.kind
        frame = self.live.frame
        seen: set[str] = set()
        for row in frame.order[:_SAMPLE].tolist():
            view = self._workspace.view(frame.record(row), kind)
            seen |= (
                set() if view is None else {name for name in view.fields if name.startswith(CUSTOM_PREFIX)}
            )
        self._find_own(seen)

    def _find_own(self, seen: Set[str]) -> None:
        """Show these fields of the project's own beside those that are shown."""
        known = set(self._own) | seen
        fields = self._workspace.fields(self.live.kind).fields
        own = [each.name for each in fields if each.name in known and each.shown_as in FIT_TYPES][:MOST_OWN]
        if own != self._own:
            self._own = own
            if self._is_usual():
                self._columns_due = True
                self.ask()

    # What is shown

    def _changed(self, structure: bool) -> None:
        if self._columns_due or self._is_usual():
            self._choose_columns()
        if structure or self._anew or self.table.lines.heads:
            self.rebuild(anew=self._anew)
            self._anew = False
        else:
            # The same rows: the cells of columns that came after the first ones are there now.
            self.table.viewport().update()
        self.shown.emit()
        if self._looking and self._is_usual():
            # What everybody looks for stands there first; the project's own fields follow.
            self._looking = False
            self._look_for_own()

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

    def _fields_moved(self, moved: Moved) -> None:
        """Columns whose field is gone are gone at once: the next to be painted would not be there."""
        if moved.fields and self._chosen is not None:
            self._chosen = None
            self._choose_columns()
            self._columns_due = True

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
        # What is put into the archive is meant to go.
        rows.difference_update(np.asarray(moved.cells.get((self.live.kind, ARCHIVED), ())).tolist())
        came = moved.came.get(self.live.kind, set())
        self.holding.hold(records[row] for row in rows if records[row] in seen and records[row] not in came)

    def _cells_changed(self, cells: Mapping[str, Iterable[int]]) -> None:
        self.table.touch_cells(cells, glow=not self._workspace.writing_here)

    def _touched(self, touched: Touched) -> None:
        if _NAMING.intersection(touched.kinds.values()):
            self.table.plan.forget()
        if CATEGORY in touched.kinds.values() and self.live.answer is not None:
            self.ask()  # names may be made of other fields now
        written: set[str] = set()
        for record, names in touched.records.items():
            if touched.kinds.get(record) == self.live.kind:
                written |= names
        own = {name for name in written if name.startswith(CUSTOM_PREFIX)}
        if not own.issubset(self._own) and self.live.answer is not None:
            self._find_own(own)
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
