from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import CalendarLayout
from app.domain.schema import ISSUE
from app.store.project import Project
from tests.desktop.calendar.scene import calendar_of, chip, drag, middle
from tests.desktop.page_stage import press

CARRY = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
TODAY = date(2026, 3, 8)


def dues(project: Project) -> dict[bytes, str]:
    return dict(project.column(ISSUE, "due"))


def on(project: Project, day: date) -> set[bytes]:
    return {record for record, due in dues(project).items() if due == day.isoformat()}


def some_day(calendar: CalendarLayout) -> date:
    """A day after today, in the month, that shows something."""
    return next(
        day for day in calendar.stretch.days if day > TODAY and day.month == 3 and calendar.grid.shown(day)
    )


def test_every_issue_stands_on_its_day_and_the_others_in_the_tray(
    calendar: CalendarLayout, project: Project
) -> None:
    assert calendar.head.title.text() == "March 2026"
    for day in calendar.stretch.days:
        assert set(calendar.model.on(day)) == on(project, day)
    assert calendar.model.undated_count == 40 - len(dues(project))
    assert calendar.head.tray.accessibleName() == f"{calendar.model.undated_count} without a date"


def test_a_drag_to_another_day_sets_the_date_in_one_action(
    calendar: CalendarLayout, project: Project, page: ProjectPage
) -> None:
    day = some_day(calendar)
    record = calendar.grid.shown(day)[0]
    to = day + timedelta(days=9)
    drag(calendar.grid, chip(calendar, record), calendar.grid, middle(calendar, to))
    assert dues(project)[record] == to.isoformat()
    assert calendar.current == record
    assert calendar.day == to
    assert page.open_record is None
    assert page.workspace.undo()
    assert dues(project)[record] == day.isoformat()


def test_from_the_tray_to_a_day_and_back(calendar: CalendarLayout, project: Project) -> None:
    QTest.mouseClick(calendar.head.tray, Qt.MouseButton.LeftButton)
    tray = calendar.tray.list
    assert list(tray.records) == calendar.model.undated
    record = tray.records[0]
    first = tray.visualRect(tray.model().index(0, 0)).center()
    drag(tray.viewport(), first, calendar.grid, middle(calendar, TODAY))
    assert dues(project)[record] == TODAY.isoformat()
    assert record not in tray.records
    drag(calendar.grid, chip(calendar, record), calendar.tray, calendar.tray.rect().center())
    assert record not in dues(project)
    assert record in tray.records


def test_escape_puts_back_what_is_carried(qtbot: QtBot, calendar: CalendarLayout, project: Project) -> None:
    before, day = dues(project), some_day(calendar)
    start = chip(calendar, calendar.grid.shown(day)[0])
    QTest.mousePress(calendar.grid, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(calendar.grid, start + QPoint(9, 9))
    QTest.mouseMove(calendar.grid, middle(calendar, TODAY))
    assert calendar.carrying.target_day == TODAY
    press(qtbot, Qt.Key.Key_Escape)
    assert not calendar.carrying
    QTest.mouseRelease(calendar.grid, Qt.MouseButton.LeftButton, pos=middle(calendar, TODAY))
    assert dues(project) == before


def test_keys_walk_over_days_and_records(qtbot: QtBot, calendar: CalendarLayout) -> None:
    assert calendar.day == TODAY
    press(qtbot, Qt.Key.Key_Right)
    assert calendar.day == TODAY + timedelta(days=1)
    press(qtbot, Qt.Key.Key_PageDown)
    assert calendar.head.title.text() == "April 2026"
    press(qtbot, Qt.Key.Key_Home)
    assert (calendar.day, calendar.head.title.text()) == (TODAY, "March 2026")
    day = some_day(calendar)
    calendar.stand(day)
    shown = calendar.grid.shown(day)
    press(qtbot, Qt.Key.Key_Down)
    assert calendar.current == shown[0]
    for _ in shown:
        press(qtbot, Qt.Key.Key_Down)
    assert calendar.day == day + timedelta(days=7)
    press(qtbot, Qt.Key.Key_Up)
    assert calendar.day == day
    press(qtbot, "j")
    assert calendar.current == calendar.model.on(calendar.day)[0]


def test_keys_carry_to_the_day_after_and_the_week_after(
    qtbot: QtBot, calendar: CalendarLayout, project: Project
) -> None:
    day = some_day(calendar)
    calendar.stand(day)
    press(qtbot, Qt.Key.Key_Down)
    record = calendar.current
    assert record is not None
    press(qtbot, Qt.Key.Key_Right, CARRY)
    assert dues(project)[record] == (day + timedelta(days=1)).isoformat()
    press(qtbot, Qt.Key.Key_Down, CARRY)
    assert dues(project)[record] == (day + timedelta(days=8)).isoformat()
    assert calendar.current == record
    for _ in range(2):
        press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dues(project)[record] == day.isoformat()


def test_what_has_no_room_is_behind_a_line_that_opens_all(
    qtbot: QtBot, calendar: CalendarLayout, project: Project, page: ProjectPage
) -> None:
    day = date(2026, 3, 25)
    for number in range(9):
        page.workspace.written(project.create(ISSUE, {"title": f"x{number}", "due": day.isoformat()})[1])
    box, last = calendar.grid.chips(day)[-1]
    assert last is None
    QTest.mouseClick(calendar.grid, Qt.MouseButton.LeftButton, pos=box.center())
    popover = calendar.popover
    assert popover is not None
    assert list(popover.list.records) == calendar.model.on(day)
    qtbot.waitUntil(popover.list.hasFocus)
    QTest.keyClick(popover.list, Qt.Key.Key_Down)
    wanted = popover.list.records[1]
    QTest.keyClick(popover.list, Qt.Key.Key_Return)
    assert page.open_record == wanted
    calendar.show_day(day)
    popover = calendar.popover
    assert popover is not None
    qtbot.waitUntil(popover.list.hasFocus)
    QTest.keyClick(popover.list, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: calendar.popover is None)


def test_a_week_shows_the_same_days(qtbot: QtBot, calendar: CalendarLayout, project: Project) -> None:
    QTest.mouseClick(calendar.head.week, Qt.MouseButton.LeftButton)
    assert len(calendar.stretch.days) == 7
    assert TODAY in calendar.stretch.days
    for day in calendar.stretch.days:
        assert set(calendar.model.on(day)) == on(project, day)
    calendar.grid.setFocus()
    press(qtbot, Qt.Key.Key_PageDown)
    assert calendar.stretch.days[0] == date(2026, 3, 9)


def test_enter_and_a_click_open(qtbot: QtBot, calendar: CalendarLayout, page: ProjectPage) -> None:
    day = some_day(calendar)
    record = calendar.grid.shown(day)[0]
    QTest.mouseClick(calendar.grid, Qt.MouseButton.LeftButton, pos=chip(calendar, record))
    assert page.open_record == record
    calendar.grid.setFocus()
    press(qtbot, Qt.Key.Key_Escape)
    assert calendar.current is None
    press(qtbot, Qt.Key.Key_Escape)
    assert page.open_record is None


def test_n_makes_an_issue_on_the_day_where_one_stands(
    qtbot: QtBot, calendar: CalendarLayout, page: ProjectPage, project: Project
) -> None:
    QTest.mouseClick(calendar.grid, Qt.MouseButton.LeftButton, pos=middle(calendar, date(2026, 3, 26)))
    calendar.grid.setFocus()
    press(qtbot, "n")
    assert page.open_record is not None
    assert dues(project)[page.open_record] == "2026-03-26"


def test_what_only_the_program_dates_cannot_be_moved(page: ProjectPage, project: Project) -> None:
    calendar = calendar_of(page, date="created")
    assert not calendar.model.can_move
    day = calendar.today
    before = project.db.one("SELECT count(*) FROM changes")
    record = calendar.grid.shown(day)[0]
    drag(calendar.grid, chip(calendar, record), calendar.grid, middle(calendar, date(2026, 3, 25)))
    assert project.db.one("SELECT count(*) FROM changes") == before


def test_what_comes_from_elsewhere_lets_the_hand_keep_what_it_holds(
    calendar: CalendarLayout, project: Project, page: ProjectPage
) -> None:
    day = some_day(calendar)
    record = calendar.grid.shown(day)[0]
    start = chip(calendar, record)
    QTest.mousePress(calendar.grid, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(calendar.grid, start + QPoint(9, 9))
    page.workspace.apply_touched(project.create(ISSUE, {"title": "new", "due": day.isoformat()})[1])
    assert calendar.carrying.records == (record,)
    page.workspace.apply_touched(project.delete(record))
    assert not calendar.carrying
    QTest.mouseRelease(calendar.grid, Qt.MouseButton.LeftButton, pos=start)


def test_a_screen_reader_hears_day_and_record(qtbot: QtBot, calendar: CalendarLayout) -> None:
    press(qtbot, Qt.Key.Key_Right)
    assert calendar.grid.accessibleDescription().startswith("Monday 9 March 2026, ")
    day = some_day(calendar)
    calendar.stand(day, calendar.grid.shown(day)[0])
    assert calendar.grid.accessibleDescription().startswith("Issue ")
