"""The frame of a text that is edited in place: nothing, a tint under the pointer, a ring with the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from app.desktop.widgets import Look, paint_ring


class TextFrame(QWidget):
    """Holds a text editor. With ``line`` a thin line shows where to write even while nobody does."""

    def __init__(
        self,
        look: Look,
        edit: QPlainTextEdit | QTextEdit,
        *,
        line: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._edit = edit
        self._line = line
        self._hovered = False
        edit.setParent(self)
        edit.installEventFilter(self)
        edit.viewport().setAutoFillBackground(False)
        self.setFocusProxy(edit)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8 if line else 5, 8, 6 if line else 5)
        layout.addWidget(edit)
        look.theme.changed.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() is kinds.KeyPress and isinstance(event, QKeyEvent) and _moves_on(event):
            event.ignore()  # goes on to the parents
            return True
        if event.type() in (kinds.FocusIn, kinds.FocusOut, kinds.Enter, kinds.Leave, kinds.ReadOnlyChange):
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, radius = QRectF(self.rect()), theme.metrics.radius
        editable = not self._edit.isReadOnly() and self._edit.isEnabled()
        if self._edit.hasFocus() and editable:
            paint_ring(painter, rect, theme)
        elif self._line:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        elif self._edit.underMouse() and editable:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, radius, radius)


def _moves_on(event: QKeyEvent) -> bool:
    """Alt with an arrow goes to another item; a text editor would move its cursor."""
    alt = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.AltModifier
    return alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
