"""The days of a month or a week with their records, painted as far as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app.desktop.calendar.chips import ChipState
from app.desktop.calendar.days import WEEK, day_names, first_day_text, is_weekend, long_text
from app.desktop.desk.brush import CAPTION, STRONG
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import paint_ring

if TYPE_CHECKING:
    from app.desktop.calendar.view import CalendarView

_PAD = 4
_NARROW = 70
"""Below this width of a day, in pixels, the days of the week are single letters."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What is at a point: a day, and the record or the “more” line there."""

    day: date
    record: bytes | None = None
    more: bool = False


class DayGrid(QWidget):
    """The grid. What it shows and what is selected belongs to the ``CalendarView``."""

    more_asked = Signal(object)
    """Emits the day of which all records are to be seen."""

    def __init__(self, view: CalendarView) -> None:
        super().__init__(view)
        self._view = view
        self._hovered: Spot | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Calendar"))
        self.setMinimumSize(280, 200)

    # Places

    @property
    def _head(self) -> int:
        return self._view.look.theme.metrics.header

    def cell(self, index: int) -> QRect:
        """Where a day is; the lines between days belong to none."""
        stretch = self._view.stretch
        column, row = index % WEEK, index // WEEK
        left, right = self.width() * column // WEEK, self.width() * (column + 1) // WEEK
        height = self.height() - self._head
        top, bottom = height * row // stretch.weeks, height * (row + 1) // stretch.weeks
        return QRect(left, self._head + top, right - left - 1, bottom - top - 1)

    def cell_of(self, day: date) -> QRect | None:
        """Where a day is; None where it is not shown."""
        index = self._view.stretch.index(day)
        return None if index is None else self.cell(index)

    def _number_height(self) -> int:
        return self._view.brush.metrics.gap_huge

    def chips(self, day: date) -> list[tuple[QRect, bytes | None]]:
        """The chips of a day from top to bottom; the last may be the “more” line, which has no record."""
        cell = self.cell_of(day)
        if cell is None:
            return []
        records = self._view.model.on(day)
        tall = self._view.chip_height
        top = cell.top() + _PAD + self._number_height()
        room = max(0, (cell.bottom() - top) // (tall + 1))
        more_tall = self._view.brush.chip_height
        if len(records) > room:
            room = max(0, (cell.bottom() - top - more_tall) // (tall + 1))
        found: list[tuple[QRect, bytes | None]] = []
        for record in records[:room]:
            found.append((QRect(cell.left() + _PAD, top, cell.width() - 2 * _PAD, tall), record))
            top += tall + 1
        if len(records) > room:
            found.append((QRect(cell.left() + _PAD, top, cell.width() - 2 * _PAD, more_tall), None))
        return found

    def shown(self, day: date) -> list[bytes]:
        """The records of a day that have a chip."""
        return [record for _, record in self.chips(day) if record is not None]

    def day_at(self, at: QPoint) -> date | None:
        """The day at a point."""
        if not self.rect().contains(at) or at.y() < self._head:
            return None
        stretch = self._view.stretch
        for index, day in enumerate(stretch.days):
            if self.cell(index).adjusted(0, 0, 1, 1).contains(at):
                return day
        return None

    def spot(self, at: QPoint) -> Spot | None:
        """What is at a point."""
        day = self.day_at(at)
        if day is None:
            return None
        for box, record in self.chips(day):
            if box.contains(at):
                return Spot(day, record, record is None)
        return Spot(day)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._view
        brush = view.brush
        brush.begin()
        painter = QPainter(self)
        painter.fillRect(self.rect(), brush.color("line"))
        painter.fillRect(0, 0, self.width(), self._head - 1, brush.color("surface"))
        stretch = view.stretch
        narrow = self.width() // WEEK < _NARROW
        for index, name in enumerate(day_names(stretch, short=narrow)):
            box = self.cell(index)
            brush.text(painter, box.left() + 8, 0, box.width() - 8, self._head, name, "muted", font=CAPTION)
        for index, day in enumerate(stretch.days):
            self._paint_day(painter, day, self.cell(index))
        painter.end()

    def _paint_day(self, painter: QPainter, day: date, cell: QRect) -> None:
        view, brush = self._view, self._view.brush
        outside = bool(view.stretch.month) and day.month != view.stretch.month
        painter.fillRect(cell, brush.color("background" if is_weekend(day) else "surface"))
        if is_weekend(day) and brush.color("background") == brush.color("surface"):
            painter.fillRect(cell, brush.hover)
        target = view.carrying.target_day == day
        if target:
            painter.fillRect(cell, brush.color("selected"))
        elif self._hovered is not None and self._hovered.day == day and self._hovered.record is None:
            painter.fillRect(cell, brush.hover)
        self._paint_number(painter, day, cell, outside=outside)
        for box, record in self.chips(day):
            if record is None:
                self._paint_more(painter, box, day)
                continue
            state = ChipState(
                selected=record in view.selection,
                current=record == view.current and self.hasFocus(),
                hovered=self._hovered == Spot(day, record),
                carried=record in view.carrying.records,
                outside=outside,
            )
            view.painter.paint(painter, box, view.faces.face(record), state, view.chip_lines)
        if target:
            painter.setPen(QPen(brush.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell.adjusted(0, 0, -1, -1))
        elif day == view.day and view.current is None and self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, QRectF(cell), view.look.theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_number(self, painter: QPainter, day: date, cell: QRect, *, outside: bool) -> None:
        view, brush = self._view, self._view.brush
        side = self._number_height()
        words = str(day.day)
        brush.begin()
        if day == view.today:
            width = max(side, brush.width(words, STRONG) + 10)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(brush.color("accent"))
            disc = QRectF(cell.left() + _PAD, cell.top() + _PAD, width, side).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(disc, disc.height() / 2, disc.height() / 2)
            painter.setPen(view.look.theme.color("on_accent"))
            painter.setFont(brush.fonts[STRONG])
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, words)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            return
        if day.day == 1 and view.stretch.month:
            words = first_day_text(day)
        tone = "muted" if outside else "text"
        brush.text(painter, cell.left() + 8, cell.top() + _PAD, cell.width() - 12, side, words, tone)

    def _paint_more(self, painter: QPainter, box: QRect, day: date) -> None:
        view = self._view
        if self._hovered == Spot(day, None, more=True):
            painter.fillRect(box, view.brush.hover)
        hidden = view.model.count(day) - len(self.shown(day))
        words = tr_count("+%n more", "+%n more", hidden)
        view.brush.begin()
        view.brush.text(
            painter, box.left() + 4, box.top(), box.width() - 4, box.height(), words, "muted", font=CAPTION
        )

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot(event.position().toPoint())
        if spot is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if spot.more:
            self._view.stand(spot.day)
            self.more_asked.emit(spot.day)
            return
        toggle = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if spot.record is not None and spot.record in self._view.selection and not toggle:
            self._view.day, self._view.current = spot.day, spot.record
        else:
            self._view.stand(spot.day, spot.record, toggle=toggle)
        if spot.record is not None and not toggle:
            self._view.carrying.press(self, spot.record, event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._view.carrying.move(event.globalPosition().toPoint()):
            return
        hovered = self.spot(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._view.carrying.release(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two presses on a free place make a record there."""
        spot = self.spot(event.position().toPoint())
        if spot is not None and spot.record is None and not spot.more and self._view.model.can_move:
            self._view.stand(spot.day)
            self._view.new_asked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._view.press_key(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            spot = self.spot(event.pos())
            words = ""
            if spot is not None:
                words = long_text(spot.day)
                if spot.record is not None:
                    words = self._view.faces.face(spot.record).spoken
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)
