"""Fields whose value is chosen, not typed: flat until the pointer is there, one press from the choices."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.desktop.item.fields.pieces import Piece, PieceLayout
from app.desktop.widgets import Look, paint_ring


class ValueButton(QAbstractButton):
    """Shows the pieces of a value. A press, Enter, Space or a letter asks for the choices."""

    asked = Signal(str)
    """Emits the letter that was typed, or an empty text."""
    cleared = Signal()
    """Delete or Backspace was pressed."""

    def __init__(self, look: Look, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._invitation = invitation
        self._layout = PieceLayout(look, ())
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: self.asked.emit(""))
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)

    def show_pieces(self, pieces: list[Piece], hint: str) -> None:
        """Show these; ``hint`` is the whole value as text."""
        self._layout = PieceLayout(self._look, pieces)
        self.setAccessibleDescription(hint)
        self.setToolTip(hint if len(hint) > 36 else "")
        self.updateGeometry()
        self.update()

    def _room(self, width: int) -> int:
        return max(16, width - 2 * self._look.theme.metrics.gap)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        metrics = self._look.theme.metrics
        spare = metrics.control - self._layout.line_height()
        return max(metrics.control, self._layout.height(self._room(width)) + spare)

    def sizeHint(self) -> QSize:
        width = self.width() or 200
        return QSize(160, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self._look.theme.metrics.control)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Space) and plain:
            self.asked.emit("")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        elif plain and len(text) == 1 and text.isprintable():
            self.asked.emit(text)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        top = (metrics.control - self._layout.line_height()) // 2
        if self._layout.pieces:
            self._layout.paint(painter, QPoint(metrics.gap, top), self._room(self.width()))
        elif self.isEnabled():
            painter.setFont(theme.font())
            painter.setPen(theme.color("muted"))
            space = rect.adjusted(metrics.gap, 0, -metrics.gap, 0)
            painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, self._invitation)
        if self.hasFocus():
            paint_ring(painter, rect, theme)
