"""Records that are carried from day to day by the mouse, also from and to the tray of those without a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

if TYPE_CHECKING:
    from app.desktop.calendar.view import CalendarView

_HOLD = QPoint(24, 18)
_WIDTH = 180


class Carrying:
    """True while something is carried. Points are on the screen: a drag crosses from widget to widget."""

    def __init__(self, view: CalendarView) -> None:
        self._view = view
        self.records: tuple[bytes, ...] = ()
        self.target_day: date | None = None
        self.to_tray = False
        self._pressed: tuple[QWidget, bytes, QPoint] | None = None
        self._picture = QLabel(view)
        self._picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture.hide()

    def __bool__(self) -> bool:
        return bool(self.records)

    def press(self, source: QWidget, record: bytes, at: QPoint) -> None:
        """The button went down on a record: moving on carries it."""
        self._pressed = source, record, at

    def move(self, at: QPoint) -> bool:
        """The pointer moved; whether something is carried."""
        if self._pressed is not None and not self.records:
            _, record, start = self._pressed
            far = (at - start).manhattanLength() >= QApplication.startDragDistance()
            if far and self._view.model.can_move:
                self._begin(record)
        if not self.records:
            return self._pressed is not None
        self._picture.move(self._view.mapFromGlobal(at) - _HOLD)
        self._find(at)
        return True

    def _begin(self, record: bytes) -> None:
        view = self._view
        self.records = tuple(view.selected) if record in view.selection else (record,)
        face = view.faces.face(record)
        picture = view.painter.picture(face, len(self.records), _WIDTH, view.devicePixelRatioF())
        self._picture.setPixmap(picture)
        self._picture.adjustSize()
        self._picture.show()
        self._picture.raise_()

    def _find(self, at: QPoint) -> None:
        view = self._view
        grid, tray = view.grid, view.tray
        self.target_day = grid.day_at(grid.mapFromGlobal(at))
        self.to_tray = tray.isVisible() and tray.rect().contains(tray.mapFromGlobal(at))
        tray.set_target(self.to_tray)
        grid.update()

    def release(self, at: QPoint) -> None:
        """The button went up: what is carried lands; without moving, a press opens."""
        pressed, self._pressed = self._pressed, None
        if not self.records:
            if pressed is not None:
                self._view.open_pressed(pressed[1])
            return
        self._find(at)
        records, day, tray = self.records, self.target_day, self.to_tray
        self.cancel()
        if day is not None or tray:
            self._view.drop(records, day)

    def cancel(self) -> bool:
        """Put everything back; whether anything was carried."""
        carried = bool(self.records)
        self.records, self.target_day, self.to_tray, self._pressed = (), None, False, None
        self._picture.hide()
        self._view.tray.set_target(False)
        self._view.grid.update()
        return carried

    def follow(self) -> None:
        """Days changed: what is gone is let go, the rest stays in the hand."""
        if self.records:
            self.records = tuple(each for each in self.records if self._view.model.holds(each))
            if not self.records:
                self.cancel()
