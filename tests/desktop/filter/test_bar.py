"""Chips and text are the same thing, by real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.filter.bar import FilterBar
from app.desktop.filter.chip_editor import ChipEditor
from app.desktop.filter.field import FilterField
from app.desktop.filter.field_menu import FieldMenu
from app.desktop.project_page import ProjectPage
from tests.desktop.page_stage import press


@pytest.fixture
def bar(page: ProjectPage) -> FilterBar:
    shown = page.list_page
    assert shown is not None
    assert shown.chips is not None
    return shown.chips


@pytest.fixture
def field(page: ProjectPage) -> FilterField:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    return shown.filter


def _say(bar: FilterBar) -> list[str]:
    return [each.accessibleName().removeprefix("Filter: ") for each in bar.buttons]


def _editor(bar: FilterBar) -> ChipEditor:
    assert isinstance(bar._panel, ChipEditor)
    return bar._panel


def test_chips_follow_the_text(bar: FilterBar, field: FilterField) -> None:
    assert not bar.isVisible()
    field.put("status:open,done -label:fire crack due<+7d cost:none is:overdue sort:-due group:status")
    assert bar.isVisible()
    assert _say(bar) == [
        "Status is open or done",
        "Labels is not fire",
        "Due before +7d",
        "Cost is empty",
        "is overdue",
        "Sorted by Due ↓",
        "Grouped by Status",
    ]
    field.put("group:assignees.company sort:nonsense")
    assert _say(bar) == ["Grouped by Company (assignees)", "Sorted by nonsense ↑"]
    field.put("crack")
    assert not bar.isVisible()


def test_backspace_and_the_cross_take_a_chip_away(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("status:open  crack   label:fire due<+7d")
    bar.buttons[1].setFocus()
    press(qtbot, Qt.Key.Key_Backspace)
    assert field.text() == "status:open  crack   due<+7d"
    assert bar.buttons[1].hasFocus()
    press(qtbot, Qt.Key.Key_Left)
    assert bar.buttons[0].hasFocus()
    button = bar.buttons[1]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() - 10, button.height() // 2))
    assert field.text() == "status:open  crack"


def test_values_are_ticked_by_keys(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("crack status:open x")
    bar.buttons[0].setFocus()
    press(qtbot, Qt.Key.Key_Return)
    editor = _editor(bar)
    assert editor.search.hasFocus()
    assert [each.checked for each in editor.list.entries[:2]] == [True, False]
    press(qtbot, "done")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "crack status:open,done x"
    press(qtbot, "open")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "crack status:done x"
    press(qtbot, Qt.Key.Key_Escape)
    assert bar.buttons[0].hasFocus()


def test_the_operator_is_another(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("due:today")
    QTest.mouseClick(bar.buttons[0], Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    editor = _editor(bar)
    after = next(each for each in editor.ways if each.text() == "after")
    QTest.mouseClick(after, Qt.MouseButton.LeftButton)
    assert field.text() == "due>today"
    press(qtbot, "+3d")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "due>+3d"
    assert bar._panel is None


def test_not_is_an_operator_too(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("label:fire")
    bar.edit(0)
    way = next(each for each in _editor(bar).ways if each.text() == "is not")
    QTest.mouseClick(way, Qt.MouseButton.LeftButton)
    assert field.text() == "-label:fire"


def test_a_chip_without_values_goes_when_it_is_left(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("status:open crack")
    bar.edit(0)
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "status:open crack"
    press(qtbot, Qt.Key.Key_Escape)
    assert field.text() == "crack"
    assert field.hasFocus()


def test_a_filter_is_added_by_keys(
    qtbot: QtBot, page: ProjectPage, bar: FilterBar, field: FilterField
) -> None:
    page.list_page.list.setFocus()  # type: ignore[union-attr]
    press(qtbot, "f")
    assert isinstance(bar._panel, FieldMenu)
    press(qtbot, "assig")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, "pri")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == 'assignee:"Priya Kaur"'
    press(qtbot, "jon")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == 'assignee:"Priya Kaur","Jon Tan"'
    press(qtbot, Qt.Key.Key_Escape)
    assert bar.buttons[0].hasFocus()
    press(qtbot, Qt.Key.Key_Escape)
    assert page.list_page.list.hasFocus()  # type: ignore[union-attr]


def test_states_and_what_a_record_has_are_fields_to_choose(
    qtbot: QtBot, bar: FilterBar, field: FilterField
) -> None:
    bar.choose_field()
    press(qtbot, "state")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, "overdue")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "is:overdue"


def test_a_press_elsewhere_closes_what_floats(page: ProjectPage, bar: FilterBar, field: FilterField) -> None:
    field.put("status:open")
    bar.edit(0)
    editor = _editor(bar)
    QTest.mouseClick(page.status, Qt.MouseButton.LeftButton)
    assert not editor.is_open


def test_what_is_no_list_of_values_is_edited_as_text(
    qtbot: QtBot, bar: FilterBar, field: FilterField
) -> None:
    field.put("x (status:open or status:done)")
    bar.buttons[0].click()
    assert field.hasFocus()
    assert field.selectedText() == "(status:open or status:done)"


def test_a_chip_with_an_error_says_so(qtbot: QtBot, bar: FilterBar, field: FilterField) -> None:
    field.put("stauts:open")
    qtbot.waitUntil(lambda: "stauts" in bar.buttons[0].toolTip())
    assert QApplication.focusWidget() is not None
