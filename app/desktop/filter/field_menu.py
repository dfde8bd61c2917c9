"""The list of fields to filter by, behind the button that adds a filter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.entries import Entry, EntryList, entry_height
from app.desktop.filter.speech import field_icon, field_name
from app.desktop.floating import FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.names import fold
from app.domain.schema import Field
from app.query.completion import Completer
from app.query.matching import best

_WIDTH = 280
_LINES = 11


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: a field by the name to type, or (without a field) ``is`` or ``has``."""

    typed: str
    field: Field | None


class FieldMenu(FloatingPanel):
    """Floats below the button until a field is chosen."""

    chosen = Signal(object)
    """Emits the Choice."""

    def __init__(self, look: Look, window: QWidget, completer: Completer) -> None:
        super().__init__(look, tr("Filter by"), window)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Filter by"))
        self.search.setAccessibleName(tr("Filter by"))
        self.search.setFont(look.theme.font())
        self.search.setTextMargins(5, 0, 5, 0)
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._show)
        self.list = EntryList(look, tr("Filter by"), self)
        self.list.taken.connect(self._take)
        self.column.addWidget(self.search)
        self.column.addWidget(self.list)
        self._entries = [
            Entry(field_name(field), sign="icon", mark=field_icon(field), data=Choice(name, field))
            for name, field in completer.fields
        ]
        self._entries[4:4] = [
            Entry(
                tr("State"), tr("overdue, open, mine, …"), sign="icon", mark="flag", data=Choice("is", None)
            ),
            Entry(
                tr("Has"), tr("a file, a comment"), sign="icon", mark="paperclip", data=Choice("has", None)
            ),
        ]
        self._far = [
            Entry(title, sign="icon", mark=field_icon(field), data=Choice(path, field))
            for path, title, field in completer.related
        ]
        self._show("")

    def start(self, below: QWidget) -> None:
        """Open below a widget, the cursor in the search."""
        height = self._look.theme.metrics.control + entry_height(self._look, Entry("")) * _LINES + 28
        self.open_below(below, _WIDTH, height)
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show(self, typed: str) -> None:
        near = _found(typed, self._entries)
        far = _found(typed, self._far)
        heading = [Entry(tr("Of what they refer to"), heading=True)] if far else []
        self.list.show_entries([*near, *heading, *far])

    def _take(self, entry: Entry) -> None:
        self.close_panel()
        self.chosen.emit(entry.data)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if key in steps:
                self.list.step(steps[Qt.Key(key)])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self.list.take()
                return True
            if key == Qt.Key.Key_Escape:
                self.close_panel()
                return True
        return super().eventFilter(watched, event)


def _found(typed: str, entries: list[Entry]) -> list[Entry]:
    named = []
    for entry in entries:
        choice = entry.data
        assert isinstance(choice, Choice)
        named.append((fold(f"{entry.text} {choice.typed}"), entry))
    return [entry for _, entry in best(typed, named, 200)]
