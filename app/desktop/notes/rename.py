"""Where a note's title is typed in its line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Look

_OWN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class TitleEdit(QLineEdit):
    """Enter takes the title, Esc leaves it as it was; leaving the line takes it."""

    taken = Signal(bytes, str)
    """Emits the note and what was typed, where that is another title."""
    dropped = Signal()

    def __init__(self, look: Look, title: str, record: bytes, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.record = record
        self._before = title
        self._done = False
        self.setMaxLength(1000)
        self.setFont(look.theme.font())
        self.setTextMargins(2, 0, 2, 0)
        self.setAccessibleName(tr("Title of the note"))
        self.setPlaceholderText(tr("Title"))
        self.selectAll()

    def event(self, event: QEvent) -> bool:
        """Enter and Esc are for the title here, not for the window."""
        override = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and isinstance(event, QKeyEvent) and event.key() in _OWN:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif event.key() == Qt.Key.Key_Escape:
            self._finish(take=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.take()

    def take(self) -> None:
        """Take what was typed."""
        self._finish(take=True)

    def _finish(self, *, take: bool) -> None:
        if self._done:
            return
        self._done = True
        title = " ".join(self.text().split())
        if take and title != self._before:
            self.taken.emit(self.record, title)
        else:
            self.dropped.emit()
