"""The calendar as it is seen: head, days, and the tray of records without a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.board.cards import Faces
from app.desktop.calendar.carrying import Carrying
from app.desktop.calendar.chips import ChipPainter
from app.desktop.calendar.days import (
    WEEK,
    Stretch,
    long_text,
    month_of,
    shift_days,
    shift_month,
    title_of,
    week_of,
)
from app.desktop.calendar.grid import DayGrid
from app.desktop.calendar.model import CalendarModel
from app.desktop.calendar.parts import CalendarHead, DayList, Tray
from app.desktop.desk.brush import Brush
from app.desktop.desk.selection import Selection
from app.desktop.lists.rows import spoken
from app.desktop.translate import tr_count
from app.desktop.widgets import Line, Look, Surface
from app.desktop.workspace import Workspace

_WEEK_LINES = 2


class CalendarView(Surface):
    """A calendar over a ``CalendarModel``. One stands on a day, and on one of its records or none."""

    chosen = Signal(object)
    """Emits the record that the user stands on now, or None."""
    opened = Signal(object)
    """Emits the record that was clicked."""
    entered = Signal(object)
    """Emits the record on which Enter was pressed."""
    left = Signal()
    """Esc was pressed, and there was nothing to take back."""
    selection_changed = Signal()
    new_asked = Signal()
    """A new record is asked for on the day where the user stands: ``new_fields`` has its fields."""

    def __init__(self, look: Look, workspace: Workspace, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self.look = look
        self.workspace = workspace
        self.model = CalendarModel(workspace, kind, self)
        self.faces = Faces(workspace, kind)
        self.brush = Brush(look)
        self.painter = ChipPainter(look, self.brush)
        self.selection = Selection()
        self.weekly = False
        self.day = self.today
        self.current: bytes | None = None
        self.stretch: Stretch = month_of(self.day)
        self.popover: DayList | None = None
        self.head = CalendarHead(look)
        self.grid = DayGrid(self)
        self.tray = Tray(look, self.faces, self.painter)
        self.tray.hide()
        self.carrying = Carrying(self)
        self.setFocusProxy(self.grid)
        self._build()
        self._connect()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.grid, 1)
        row.addWidget(self.tray)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(Line(self.look))
        layout.addLayout(row, 1)
        self._show_head()

    def _connect(self) -> None:
        self.model.changed.connect(self._model_changed)
        self.head.moved.connect(self.turn)
        self.head.today_asked.connect(self.go_to_today)
        self.head.weekly_asked.connect(self.set_weekly)
        self.head.tray_asked.connect(self.show_tray)
        self.grid.more_asked.connect(self.show_day)
        tray = self.tray.list
        tray.pressed_record.connect(self._tray_pressed)
        tray.pulled.connect(lambda at: self.carrying.move(at))
        tray.released.connect(lambda at: self.carrying.release(at))
        tray.entered_record.connect(self._enter)
        tray.left.connect(lambda: self.grid.setFocus(Qt.FocusReason.OtherFocusReason))
        self.workspace.rows_changed.connect(self._forget)
        self.workspace.day_changed.connect(self.grid.update)
        self.look.theme.changed.connect(self._repaint)

    def _repaint(self) -> None:
        self.brush.restyle()
        self.painter.restyle()
        self.grid.update()

    # What is shown

    @property
    def today(self) -> date:
        """The device's day."""
        return self.workspace.now().date()

    @property
    def chip_lines(self) -> int:
        """How many lines a title may take."""
        return _WEEK_LINES if self.weekly else 1

    @property
    def chip_height(self) -> int:
        """How tall a record on a day is, in pixels."""
        return self.painter.height(self.chip_lines)

    def _show_stretch(self) -> None:
        self.stretch = week_of(self.day) if self.weekly else month_of(self.day)
        self._show_head()
        self.grid.update()

    def _show_head(self) -> None:
        self.head.show_state(
            title_of(self.stretch),
            weekly=self.weekly,
            tray=not self.tray.isHidden(),
            undated=self.model.undated_count,
        )

    def set_weekly(self, weekly: bool) -> None:
        """Show a week, or the month around it."""
        self.weekly = weekly
        self._show_stretch()

    def show_tray(self, shown: bool) -> None:
        """Show the records without a day beside the calendar, or hide them."""
        self.tray.setVisible(shown)
        if shown:
            self.tray.list.show_records(self.model.undated)
        self._show_head()

    def show_day(self, day: date) -> None:
        """Show all records of a day."""
        cell = self.grid.cell_of(day)
        records = self.model.on(day)
        if cell is None or not records:
            return
        self.popover = DayList(self.look, self.faces, self.painter, day, records, self)
        self.popover.chosen.connect(lambda record: self._chosen_of(day, record))
        self.popover.destroyed.connect(self._popover_gone)
        self.popover.open(self.grid, cell)

    def _popover_gone(self) -> None:
        self.popover = None

    def _chosen_of(self, day: date, record: bytes) -> None:
        self.stand(day, record)
        self.grid.setFocus(Qt.FocusReason.PopupFocusReason)
        self.opened.emit(record)

    def _model_changed(self) -> None:
        if not self.tray.isHidden():
            self.tray.list.show_records(self.model.undated)
        if self.current is not None and not self.model.holds(self.current):
            self.current = None
            self.chosen.emit(None)
        elif self.current is not None:
            self.day = self.model.day(self.current) or self.day
        if self.selection.records and self.selection.keep(
            {record for record in self.selection.records if self.model.holds(record)}
        ):
            self.selection_changed.emit()
        if self.popover is not None:
            self.popover.list.show_records(self.model.on(self.popover.day))
        self.carrying.follow()
        self._show_head()
        self.grid.update()

    def _forget(self, records: set[bytes]) -> None:
        self.faces.forget(records)
        self.grid.update()
        self.tray.list.viewport().update()

    # Standing and selecting

    @property
    def selected(self) -> list[bytes]:
        """The selected records, day by day; the one stood on where none is selected."""
        if not self.selection.records:
            return [] if self.current is None else [self.current]
        return sorted(
            self.selection.records,
            key=lambda record: ((self.model.day(record) or date.max).toordinal(), record),
        )

    def stand(self, day: date, record: bytes | None = None, *, toggle: bool = False) -> None:
        """Stand on a day, and on one of its records."""
        if record is None:
            self.selection.clear()
        elif toggle:
            self.selection.toggle(record)
        else:
            self.selection.only(record)
        moved = record != self.current
        self.day, self.current = day, record
        if self.stretch.index(day) is None:
            self._show_stretch()
        self._say()
        self.grid.update()
        self.selection_changed.emit()
        if moved:
            self.chosen.emit(record)

    def stand_on(self, record: bytes) -> bool:
        """Stand on a record, showing its day; False where it is not here."""
        if not self.model.holds(record):
            return False
        day = self.model.day(record)
        if day is None:
            self.show_tray(True)
            self.tray.list.stand_on(record)
            self.selection.only(record)
            self.current = record
            self.selection_changed.emit()
            return True
        self.stand(day, record)
        return True

    def toggle_current(self) -> None:
        """Select the record that one stands on, or let it go."""
        if self.current is not None:
            self.selection.toggle(self.current)
            self.selection_changed.emit()
            self.grid.update()

    def move_by(self, step: int) -> None:
        """Stand on the next record of the day, or of the days after or before."""
        records = self.model.on(self.day)
        at = records.index(self.current) if self.current in records else None
        wanted = (0 if step >= 0 else len(records) - 1) if at is None else at + step
        if records and 0 <= wanted < len(records):
            self.stand(self.day, records[wanted])
            return
        day = self.day
        for _ in range(366):
            day = shift_days(day, 1 if step >= 0 else -1)
            records = self.model.on(day)
            if records:
                self.stand(day, records[0 if step >= 0 else -1])
                return

    def _say(self) -> None:
        """Tell a screen reader where one stands."""
        count = self.model.count(self.day)
        words = spoken(long_text(self.day), tr_count("%n entry", "%n entries", count))
        if self.current is not None:
            words = spoken(self.faces.face(self.current).spoken, long_text(self.day))
        self.grid.setAccessibleDescription(words)
        event = QAccessibleEvent(self.grid, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(event)

    def new_fields(self) -> dict[str, object]:
        """The fields of a new record on the day where the user stands."""
        return self.model.first(self.day)

    def turn(self, step: int) -> None:
        """Show the month or week before or after."""
        day = shift_days(self.day, WEEK * step) if self.weekly else shift_month(self.day, step)
        self.stand(day)
        self._show_stretch()

    def go_to_today(self) -> None:
        """Stand on today."""
        self.stand(self.today)
        self._show_stretch()

    # Moving records

    def drop(self, records: Sequence[bytes], day: date | None) -> None:
        """Put records on a day, as one action; ``None`` takes their date away."""
        edits = self.model.edits(records, day)
        if edits and self.workspace.edit(edits):
            if day is not None:
                self.day = day
            self._say()
            self.grid.update()

    def open_pressed(self, record: bytes) -> None:
        """A record was pressed and let go where it is."""
        day = self.model.day(record)
        if day is not None:
            self.stand(day, record)
        self.opened.emit(record)

    def _tray_pressed(self, record: bytes, at: object) -> None:
        self.selection.only(record)
        self.current = record
        self.selection_changed.emit()
        self.chosen.emit(record)
        self.carrying.press(self.tray, record, at)  # type: ignore[arg-type]

    def _enter(self, record: bytes) -> None:
        self.current = record
        self.selection.only(record)
        self.entered.emit(record)

    # Events

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.grid.setFocus(event.reason())

    def press_key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; whether it was one of the calendar's."""
        key = Qt.Key(event.key())
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier:
            return self._carry(key)
        if modifiers:
            return False
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stand(shift_days(self.day, 1 if key == Qt.Key.Key_Right else -1))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Home:
            self.go_to_today()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press_enter()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_Space:
            self.toggle_current()
        else:
            return False
        return True

    def _step(self, step: int) -> None:
        """Through the records of a day that are seen, then to the week above or below."""
        shown = self.grid.shown(self.day)
        at = shown.index(self.current) if self.current in shown else -1 if step > 0 else 0
        wanted = at + step
        if 0 <= wanted < len(shown):
            self.stand(self.day, shown[wanted])
        elif step < 0 and self.current in shown:
            self.stand(self.day)
        elif step > 0 and self.weekly:
            if len(shown) < self.model.count(self.day):
                self.show_day(self.day)
        else:
            self.stand(shift_days(self.day, WEEK * step))

    def _press_enter(self) -> None:
        if self.current is not None:
            self.entered.emit(self.current)
            return
        count, shown = self.model.count(self.day), self.grid.shown(self.day)
        if count > len(shown):
            self.show_day(self.day)
        elif shown:
            self.stand(self.day, shown[0])

    def _escape(self) -> None:
        if self.carrying.cancel():
            return
        if self.current is not None or self.selection.records:
            self.stand(self.day)
        else:
            self.left.emit()

    def _carry(self, key: Qt.Key) -> bool:
        """Carry the selected records along: to the day or week before or after."""
        days = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -WEEK, Qt.Key.Key_Down: WEEK}
        if key not in days:
            return False
        records = self.selected
        if records and self.current is not None and self.model.day(self.current) is not None:
            self.drop(records, shift_days(self.day, days[key]))
            if self.stretch.index(self.day) is None:
                self._show_stretch()
        return True
