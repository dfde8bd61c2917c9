"""One chip: a condition in words, pressed to change it, with a cross to take it away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.desktop.filter.speech import chip_words
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring
from app.domain.schema import Field
from app.query.chips import Chip

_LEAST_CROSS = 20
_WIDEST = 320


class ChipButton(QAbstractButton):
    """The chip. ``clicked`` asks for its popup; ``removed`` is its cross, Backspace or Del."""

    removed = Signal()
    stepped = Signal(int)
    """Emits -1 or 1: the arrow keys lead to the chip beside it."""
    left = Signal()
    """Esc."""

    def __init__(
        self,
        look: Look,
        chip: Chip,
        field: Field | None,
        problem: str = "",
        parent: QWidget | None = None,
        *,
        title_of: Callable[[str], str] = str,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._parts = [part for part in chip_words(chip, field, title_of) if part]
        self._wrong = bool(problem)
        self.chip = chip
        self.field = field
        spoken = " ".join(self._parts)
        self.setAccessibleName(tr("Filter: {words}").format(words=spoken))
        self.setAccessibleDescription(problem or tr("Enter changes it, Backspace takes it away"))
        self.setToolTip(problem or spoken)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _measure(self) -> QFontMetrics:
        return QFontMetrics(self._look.theme.font(self._look.theme.metrics.base - 1))

    def sizeHint(self) -> QSize:
        metrics = self._look.theme.metrics
        measure = self._measure()
        words = sum(measure.horizontalAdvance(part) for part in self._parts) + 4 * (len(self._parts) - 1)
        return QSize(
            min(words + metrics.gap + self._cross_width() + 6, _WIDEST), max(24, metrics.control - 8)
        )

    def _cross_width(self) -> int:
        """Wide enough for a finger where rows are."""
        return max(_LEAST_CROSS, self._look.theme.metrics.control - 12)

    def _cross(self) -> QRect:
        width = self._cross_width()
        return QRect(self.width() - width - 2, 0, width, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_X):
            self.removed.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(-1 if key == Qt.Key.Key_Left else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._cross().contains(event.position().toPoint()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        radius = theme.metrics.radius
        painter.setPen(QPen(theme.color("danger" if self._wrong else "line"), 1))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, radius, radius)
        self._paint_words(painter)
        self._paint_cross(painter)
        if self.hasFocus():
            paint_ring(painter, rect, theme)

    def _paint_words(self, painter: QPainter) -> None:
        """Of what and how, muted; then what."""
        theme = self._look.theme
        measure = self._measure()
        painter.setFont(theme.font(theme.metrics.base - 1))
        left = theme.metrics.gap
        right = self._cross().left()
        for place, part in enumerate(self._parts):
            strong = place == len(self._parts) - 1
            painter.setPen(theme.color("text" if strong else "muted"))
            shown = measure.elidedText(part, Qt.TextElideMode.ElideRight, right - left)
            space = QRect(left, 0, right - left + 1, self.height())
            painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, shown)
            left += measure.horizontalAdvance(shown) + 4

    def _paint_cross(self, painter: QPainter) -> None:
        cross = self._cross()
        over = self.underMouse() and cross.contains(self.mapFromGlobal(self.cursor().pos()))
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._look.icons.pixmap("x", "text" if over else "muted", ratio=ratio, size=12)
        center = QRectF(cross).center()
        painter.drawPixmap(QPointF(center.x() - 6, center.y() - 6), pixmap)
