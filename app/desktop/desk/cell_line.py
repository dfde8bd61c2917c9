"""A line of text, or several, right in a cell."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.desktop.widgets import Look

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}


class CellLine(QLineEdit):
    """One line. It says how it was left; what that means is its owner's to know."""

    accepted = Signal()
    """Enter was pressed."""
    refused = Signal()
    """Esc was pressed."""
    moved_on = Signal(int)
    """Tab was pressed: 1 for the next cell, -1 for the one before."""
    left = Signal()
    """The focus went elsewhere."""
    more_asked = Signal()
    """Alt and the arrow down were pressed: show the choices, or the calendar."""

    def __init__(self, look: Look, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(look.theme.font())
        self.setTextMargins(look.theme.metrics.gap_medium // 2 - 4, 0, 0, 0)
        self.setAcceptDrops(False)

    def offer(self, icon: QIcon, name: str) -> None:
        """Put a button at the end of the line that asks for more."""
        action = self.addAction(icon, QLineEdit.ActionPosition.TrailingPosition)
        action.setToolTip(name)
        action.triggered.connect(self.more_asked)

    def put(self, text: str) -> None:
        """Begin with a text, all of it selected."""
        self.setText(text)
        self.selectAll()

    def value(self) -> str:
        """What was typed."""
        return self.text()

    def event(self, event: QEvent) -> bool:
        pressed = event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() in _STEPS:
            self.moved_on.emit(_STEPS[Qt.Key(event.key())])
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ENTER:
            self.accepted.emit()
        elif key == Qt.Key.Key_Escape:
            self.refused.emit()
        elif key == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.more_asked.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        away = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in away:
            self.left.emit()


class CellText(QPlainTextEdit):
    """Several lines; Enter is done, Shift and Enter make a new line."""

    accepted = Signal()
    refused = Signal()
    moved_on = Signal(int)
    left = Signal()
    more_asked = Signal()
    textEdited = Signal(str)

    def __init__(self, look: Look, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(look.theme.font())
        self.setTabChangesFocus(True)
        self.textChanged.connect(lambda: self.textEdited.emit(self.toPlainText()))

    def put(self, text: str) -> None:
        """Begin with a text, the cursor behind it."""
        self.setPlainText(text)
        self.moveCursor(self.textCursor().MoveOperation.End)

    def value(self) -> str:
        """What was typed."""
        return self.toPlainText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if key in _ENTER and not shift:
            self.accepted.emit()
        elif key == Qt.Key.Key_Escape:
            self.refused.emit()
        elif key in _STEPS:
            self.moved_on.emit(_STEPS[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        away = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in away:
            self.left.emit()
