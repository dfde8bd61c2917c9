"""A calendar on the stage, and the hands of a person over it."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.desk.page import DeskPage
from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import CalendarLayout
from app.workspace.views import CALENDAR


def calendar_of(page: ProjectPage, **parts: object) -> CalendarLayout:
    desk = page.list_page
    assert isinstance(desk, DeskPage)
    desk.change(layout=CALENDAR, **parts)
    page.workspace.finish_steps()
    QApplication.processEvents()
    calendar = desk.front
    assert isinstance(calendar, CalendarLayout)
    calendar.grid.setFocus()
    return calendar


def chip(calendar: CalendarLayout, record: bytes) -> QPoint:
    day = calendar.model.day(record)
    assert day is not None
    box = next((box for box, found in calendar.grid.chips(day) if found == record), None)
    assert box is not None, "the record is not seen on its day"
    return box.center()


def middle(calendar: CalendarLayout, day: date) -> QPoint:
    cell = calendar.grid.cell_of(day)
    assert cell is not None
    return cell.center()


def drag(source: QWidget, start: QPoint, target: QWidget, to: QPoint) -> None:
    """Press, carry to a point of another widget, let go. The widget that was pressed gets all of it."""
    end = source.mapFromGlobal(target.mapToGlobal(to))
    QTest.mousePress(source, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(source, start + QPoint(5, 7))
    QTest.mouseMove(source, end)
    QTest.mouseRelease(source, Qt.MouseButton.LeftButton, pos=end)
