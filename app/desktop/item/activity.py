"""What happened to an item: who changed what, when and on which device; old values come back by a press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.item.deed_list import DeedList
from app.desktop.item.deeds import Together, Told, grouped, tell
from app.desktop.item.desk import Desk
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind
from app.store.records import HistoryEntry, Record
from app.store.touched import Touched

_FIRST = 6
_FURTHER = 20
"""How many deeds each press shows more."""


class Activity(QWidget):
    """The newest deeds, those of one person in one go together; the others come as they are asked for."""

    lines_changed = Signal()
    """Other lines stand there: what the Tab key reaches may be another."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._most = _FIRST
        self._record: Record | None = None
        self._history: Sequence[HistoryEntry] = ()
        self._shown: list[Together] = []
        self.list = DeedList(desk, self)
        self.list.restore_asked.connect(self._restore)
        self.more = Button(desk.look, tr("Show more"), kind=ButtonKind.PLAIN, icon="caret-down", parent=self)
        self.more.clicked.connect(self._show_more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(desk.look.theme.metrics.gap)
        layout.addWidget(self.list)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def show_record(self, record: Record) -> None:
        """Tell what happened to a record."""
        if self._record is None or record.id != self._record.id:
            self._most = _FIRST
        self._record = record
        self._history = self._desk.source.history(record.id)
        self._show()

    def stops(self) -> Iterator[QWidget]:
        """What the Tab key reaches, from top to bottom."""
        yield from (self.list, self.more)

    def _show(self) -> None:
        if self._record is None:
            return
        deeds = list(islice(tell(self._desk, self._record, self._history), self._most + 1))
        self.more.setVisible(len(deeds) > self._most)
        groups = grouped(deeds[: self._most])
        if groups != self._shown:
            self._shown = groups
            self.list.show_groups(groups)
            self.lines_changed.emit()

    def _show_more(self) -> None:
        self._most += _FURTHER
        self._show()

    def _restore(self, deed: Told) -> None:
        """Put the old value back as a new change, which undo takes back."""
        record = self._record
        if record is None:
            return
        source = self._desk.source

        def write() -> Touched:
            if deed.text:
                return source.restore_text(record.id, deed.change, deed.field)
            if deed.many:
                return source.add(record.id, deed.field, deed.old)
            return source.set(record.id, deed.field, deed.old)

        self._desk.do(write)
