"""The time line of a text: its sessions as a list, and as stops of a slider."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from app.desktop.entries import EntryList
from app.desktop.tokens import Density
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring

_TICKS = 60
"""More stops than so many stand too close to be told apart: then the line alone is drawn."""


class SessionList(EntryList):
    """The sessions, the newest first. The arrow keys and a press choose; the pointer alone does not."""

    stood = Signal(int)
    """Emits the row that is chosen."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, tr("Time line"), parent)
        self._quiet = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def stand(self, row: int) -> None:
        """Choose a row without telling."""
        self._quiet = True
        index = self.model().index(row, 0)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self._quiet = False

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self._quiet:
            self.stood.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A list of Qt's looks for entries by the letters that are typed; here they are the page's.
        if event.text() and not event.text().isspace():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        done = super().viewportEvent(event)
        if event.type() is QEvent.Type.Paint and self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, QRectF(self.viewport().rect()), self._look.theme)
            painter.end()
        return done


class TimeSlider(QSlider):
    """One stop a session, the oldest at the left. Keys as of any slider."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self.setAccessibleName(tr("Moment in time"))
        self.setPageStep(5)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        touch = self._look.theme.density is Density.TOUCH
        return QSize(160, 44 if touch else 28)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _edge(self) -> float:
        return 12.0

    def _x(self, value: int) -> float:
        stops = max(1, self.maximum() - self.minimum())
        return self._edge() + (self.width() - 2 * self._edge()) * (value - self.minimum()) / stops

    def _value_at(self, x: float) -> int:
        room = max(1.0, self.width() - 2 * self._edge())
        share = min(1.0, max(0.0, (x - self._edge()) / room))
        return self.minimum() + round(share * (self.maximum() - self.minimum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.setSliderDown(True)
            self.setValue(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setValue(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        here = self._x(self.value())
        line = QPen(theme.color("line"), 2)
        line.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(line)
        painter.drawLine(QPointF(self._edge(), middle), QPointF(self.width() - self._edge(), middle))
        line.setColor(theme.color("accent"))
        painter.setPen(line)
        painter.drawLine(QPointF(self._edge(), middle), QPointF(here, middle))
        if self.maximum() - self.minimum() <= _TICKS:
            painter.setPen(Qt.PenStyle.NoPen)
            for value in range(self.minimum(), self.maximum() + 1):
                painter.setBrush(theme.color("accent" if value <= self.value() else "muted"))
                painter.drawEllipse(QPointF(self._x(value), middle), 2.5, 2.5)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(theme.color("surface"))
        painter.drawEllipse(QPointF(here, middle), 6.5, 6.5)
        if self.hasFocus():
            paint_ring(painter, QRectF(self.rect()), theme)
