"""What stands around a calendar's days: its head, the tray of records without a day, a day's whole list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.board.cards import Faces
from app.desktop.calendar.chips import ChipPainter
from app.desktop.calendar.days import long_text
from app.desktop.calendar.record_list import RecordList
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look, Size, Surface, Text

_TRAY = 220
_POPOVER = 320
_MOST_LINES = 9


class CalendarHead(QWidget):
    """Which days are shown, the ways to others, month or week, and the tray's button."""

    moved = Signal(int)
    """Emits -1 or 1: the month or week before or after."""
    today_asked = Signal()
    weekly_asked = Signal(bool)
    """Emits whether a single week is to be shown."""
    tray_asked = Signal(bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.title = Text(look, size=Size.TITLE)
        self.title.setAccessibleName(tr("Days shown"))
        before = IconButton(look, "caret-left", tr("Before"), key="Page Up")
        after = IconButton(look, "caret-right", tr("After"), key="Page Down")
        today = Button(look, tr("Today"), kind=ButtonKind.PLAIN)
        today.setToolTip(tr("Go to today (Home)"))
        before.clicked.connect(lambda _checked=False: self.moved.emit(-1))
        after.clicked.connect(lambda _checked=False: self.moved.emit(1))
        today.clicked.connect(lambda _checked=False: self.today_asked.emit())
        self.month = Button(look, tr("Month"), kind=ButtonKind.PLAIN)
        self.week = Button(look, tr("Week"), kind=ButtonKind.PLAIN)
        for button, weekly in ((self.month, False), (self.week, True)):
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, weekly=weekly: self.weekly_asked.emit(weekly))
        self.tray = Button(look, "", kind=ButtonKind.PLAIN, icon="tray")
        self.tray.setCheckable(True)
        self.tray.clicked.connect(self.tray_asked)
        row = QHBoxLayout(self)
        gap = look.theme.metrics.gap
        row.setContentsMargins(2 * gap, 0, 2 * gap, 0)
        row.setSpacing(2)
        for widget in (self.title, before, after, today):
            row.addWidget(widget)
        row.insertSpacing(1, gap)
        row.addStretch(1)
        for widget in (self.month, self.week, self.tray):
            row.addWidget(widget)
        row.insertSpacing(row.count() - 1, gap)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(self._look.theme.metrics.control + 8)

    def show_state(self, title: str, *, weekly: bool, tray: bool, undated: int) -> None:
        """Say what is shown."""
        self.title.setText(title)
        self.month.setChecked(not weekly)
        self.week.setChecked(weekly)
        self.tray.setChecked(tray)
        self.tray.say(tr("No date {count}").format(count=number_text(undated)))
        self.tray.setAccessibleName(tr_count("%n without a date", "%n without a date", undated))


class Tray(Surface):
    """The records without a day, to be carried to one; what is dropped here has no day any more."""

    def __init__(self, look: Look, faces: Faces, painter: ChipPainter, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._target = False
        self.list = RecordList(look, faces, painter, tr("Without a date"), self)
        caption = Text(look, tr("No date"), size=Size.CAPTION, tone="muted")
        gap = look.theme.metrics.gap
        caption.setContentsMargins(gap, 0, 0, 0)
        caption.setFixedHeight(look.theme.metrics.header)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(caption)
        column.addWidget(Line(look))
        column.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Line(look, vertical=True))
        row.addLayout(column, 1)
        self.setFixedWidth(round(_TRAY * look.theme.metrics.base / 13))
        self._frame = _Frame(look, self)

    def set_target(self, target: bool) -> None:
        """Show that what is carried would land here."""
        self._frame.setGeometry(self.rect())
        self._frame.setVisible(target)
        self._frame.raise_()


class _Frame(QWidget):
    """A frame over the tray while something would land in it."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._look.theme.color("accent"), 2))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class DayList(QFrame):
    """Floats over a day: all its records."""

    chosen = Signal(object)
    """Emits the record that was clicked, or on which Enter was pressed."""

    def __init__(
        self,
        look: Look,
        faces: Faces,
        painter: ChipPainter,
        day: date,
        records: Sequence[bytes],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._look = look
        self.day = day
        self.setAccessibleName(long_text(day))
        self.list = RecordList(look, faces, painter, long_text(day), self)
        self.list.entered_record.connect(self._choose)
        self.list.left.connect(self.close)
        self.list.released.connect(self._released)
        self.list.show_records(records)
        title = Text(look, long_text(day), strong=True, parent=self)
        gap = look.theme.metrics.gap
        title.setContentsMargins(gap, gap, gap, gap)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, gap // 2)
        layout.setSpacing(0)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)

    def open(self, over: QWidget, cell: QRect) -> None:
        """Show it over a day's place in ``over``."""
        metrics = self._look.theme.metrics
        lines = min(_MOST_LINES, len(self.list.records))
        self.resize(round(_POPOVER * metrics.base / 13), metrics.control + metrics.row * lines + 16)
        screen = over.screen().availableGeometry()
        at = over.mapToGlobal(cell.topLeft() - QPoint(4, 4))
        left = min(max(at.x(), screen.left() + 4), screen.right() - self.width() - 4)
        top = min(max(at.y(), screen.top() + 4), screen.bottom() - self.height() - 4)
        self.move(left, top)
        self.show()
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)
        if self.list.records:
            self.list.stand_on(self.list.records[0])

    def _released(self, at: QPoint) -> None:
        index = self.list.indexAt(self.list.viewport().mapFromGlobal(at))
        if index.isValid():
            self._choose(self.list.records[index.row()])

    def _choose(self, record: Any) -> None:
        self.close()
        self.chosen.emit(record)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.theme.color("surface"))
        painter.setPen(QPen(self._look.theme.color("line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
