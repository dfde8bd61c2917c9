"""A month to choose a day from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QDate, QLocale, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.translate import locale, tr
from app.desktop.widgets import Button, ButtonKind, IconButton, Look, Text, paint_ring

_WEEKS = 6


class MonthGrid(QWidget):
    """The days of a month, moved through with arrow keys, Page Up and Page Down."""

    picked = Signal(object)
    """Emits the day that was chosen."""
    moved = Signal()
    """The day that the keyboard stands on is another."""

    def __init__(self, look: Look, today: date, day: date, chosen: date | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._today = today
        self._chosen = chosen
        self.day = day
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._hovered: date | None = None
        self._describe()

    def _describe(self) -> None:
        self.setAccessibleName(
            locale().toString(
                QDate(self.day.year, self.day.month, self.day.day), QLocale.FormatType.LongFormat
            )
        )

    def sizeHint(self) -> QSize:
        cell = self._look.theme.metrics.control
        return QSize(cell * 7, cell * (_WEEKS + 1))

    def move_to(self, day: date) -> None:
        """Stand on a day, showing its month."""
        self.day = day
        self._describe()
        self.moved.emit()
        self.update()

    def shift_month(self, months: int) -> None:
        """Stand on the same day of another month, or on its last."""
        at = QDate(self.day.year, self.day.month, self.day.day).addMonths(months)
        if at.isValid() and 1000 <= at.year() <= 9999:
            self.move_to(date(at.year(), at.month(), at.day()))

    def _first(self) -> date:
        first = self.day.replace(day=1)
        start = locale().firstDayOfWeek().value - 1
        back = (first.weekday() - start) % 7
        return first if first.toordinal() <= back else first - timedelta(days=back)

    def _cell(self, index: int) -> QRect:
        width = self.width() // 7
        height = self.height() // (_WEEKS + 1)
        return QRect((index % 7) * width, (index // 7 + 1) * height, width, height)

    def _day_at(self, at: QPoint) -> date | None:
        found = next((index for index in range(7 * _WEEKS) if self._cell(index).contains(at)), None)
        return None if found is None else self._first() + timedelta(days=found)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("muted"))
        first = self._first()
        for column in range(7):
            name = locale().dayName(
                (first + timedelta(days=column)).isoweekday(), QLocale.FormatType.NarrowFormat
            )
            head = self._cell(column)
            head.moveTop(0)
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, name)
        painter.setFont(theme.font())
        for index in range(7 * _WEEKS):
            self._paint_day(painter, first + timedelta(days=index), self._cell(index))

    def _paint_day(self, painter: QPainter, day: date, cell: QRect) -> None:
        theme = self._look.theme
        box = QRectF(cell).adjusted(2, 2, -2, -2)
        radius = theme.metrics.radius
        painter.setPen(Qt.PenStyle.NoPen)
        tone = "text" if day.month == self.day.month else "muted"
        if day == self._chosen:
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(box, radius, radius)
            tone = "on_accent"
        elif day == self._hovered:
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(box, radius, radius)
        if day == self._today:
            painter.setPen(QPen(theme.color("accent" if day != self._chosen else "on_accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius, radius)
        painter.setPen(theme.color(tone))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(day.day))
        if day == self.day and self.hasFocus():
            paint_ring(painter, box, theme)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._day_at(event.position().toPoint())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        day = self._day_at(event.position().toPoint())
        if day is not None:
            self.picked.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        days = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        key = event.key()
        if key in days:
            self.move_to(self.day + timedelta(days=days[Qt.Key(key)]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.shift_month(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(self.day)
        else:
            super().keyPressEvent(event)


class MonthPicker(QFrame):
    """Floats below a date field."""

    picked = Signal(object)
    """Emits the day that was chosen, or None."""
    closed = Signal()

    def __init__(self, look: Look, today: date, chosen: date | None, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Calendar"))
        self._look = look
        self.grid = MonthGrid(look, today, chosen or today, chosen, self)
        self.grid.picked.connect(self._pick)
        self.grid.moved.connect(self._show_month)
        self._month = Text(look, strong=True, parent=self)
        before = IconButton(look, "caret-left", tr("Month before"), parent=self)
        after = IconButton(look, "caret-right", tr("Month after"), parent=self)
        before.clicked.connect(lambda: self.grid.shift_month(-1))
        after.clicked.connect(lambda: self.grid.shift_month(1))
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.addWidget(self._month, 1)
        head.addWidget(before)
        head.addWidget(after)
        foot = QHBoxLayout()
        on_today = Button(look, tr("Today"), kind=ButtonKind.PLAIN, parent=self)
        on_today.clicked.connect(lambda: self._pick(today))
        foot.addWidget(on_today)
        foot.addStretch(1)
        if chosen is not None:
            clear = Button(look, tr("Clear"), kind=ButtonKind.PLAIN, parent=self)
            clear.clicked.connect(lambda: self._pick(None))
            foot.addWidget(clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.grid)
        layout.addLayout(foot)
        self._show_month()

    def open(self, below: QWidget) -> None:
        """Show it below a field."""
        self.adjustSize()
        screen = below.screen().availableGeometry()
        at = below.mapToGlobal(QPoint(0, below.height() + 2))
        if at.y() + self.height() > screen.bottom():
            at = below.mapToGlobal(QPoint(0, -self.height() - 2))
        self.move(min(at.x(), screen.right() - self.width() - 4), max(screen.top() + 4, at.y()))
        self.show()
        self.grid.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show_month(self) -> None:
        day = self.grid.day
        self._month.setText(locale().toString(QDate(day.year, day.month, 1), "MMMM yyyy"))

    def _pick(self, day: date | None) -> None:
        self.close()
        self.picked.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: Any) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.theme.color("surface"))
        painter.setPen(QPen(self._look.theme.color("line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
