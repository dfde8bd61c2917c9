"""The filter completes what is typed, by real keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.desktop.filter.field import FilterField
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.query.chips import condition_text
from app.query.parser import parse
from tests.desktop.page_stage import press, rows


@pytest.fixture
def field(qtbot: QtBot, page: ProjectPage) -> FilterField:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    press(qtbot, "/")
    assert shown.filter.hasFocus()
    return shown.filter


def _is_offering(field: FilterField) -> bool:
    return field.popup is not None


def _names(field: FilterField) -> list[str]:
    assert field.popup is not None
    return [each.text for each in field.popup.list.entries]


def test_a_field_then_its_value_are_taken_with_tab_and_enter(qtbot: QtBot, field: FilterField) -> None:
    press(qtbot, "stat")
    assert _names(field)[0] == "status"
    press(qtbot, Qt.Key.Key_Tab)
    assert field.text() == "status:"
    assert _names(field)[:2] == ["Open", "In progress"]
    press(qtbot, "rev")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == 'status:"in review"'
    assert field.popup is None
    assert field.hasFocus()


def test_the_rest_of_the_text_stays_and_undo_takes_the_completion_back(
    qtbot: QtBot, field: FilterField
) -> None:
    press(qtbot, "lab:fire crack")
    for _ in range(len(":fire crack")):
        press(qtbot, Qt.Key.Key_Left)
    press(qtbot, "e")
    assert field.popup is not None
    press(qtbot, Qt.Key.Key_Tab)
    assert field.text() == "label:fire crack"
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text().endswith(":fire crack")


def test_enter_leaves_free_words_alone(qtbot: QtBot, page: ProjectPage, field: FilterField) -> None:
    press(qtbot, "sta")
    assert field.popup is not None
    assert field.popup.list.current is None
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "sta"
    assert rows(page).hasFocus()


def test_arrows_choose_and_escape_closes_only_the_list(qtbot: QtBot, field: FilterField) -> None:
    press(qtbot, "status:")
    assert field.popup is not None
    press(qtbot, Qt.Key.Key_Down)
    assert field.popup.list.current is not None
    assert field.popup.list.current.text == "In progress"
    press(qtbot, Qt.Key.Key_Up)
    press(qtbot, Qt.Key.Key_Up)
    assert field.popup.list.current.text == "Anything"
    press(qtbot, Qt.Key.Key_Escape)
    assert not _is_offering(field)
    assert field.text() == "status:"
    press(qtbot, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_control_and_space_show_all_fields(qtbot: QtBot, field: FilterField) -> None:
    press(qtbot, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    names = _names(field)
    assert names[:3] == ["status", "assignee", "label"]
    assert "sort:" in names
    assert any(name.startswith("assignee.") for name in names)


def test_a_click_takes_a_suggestion(qtbot: QtBot, field: FilterField) -> None:
    press(qtbot, "assignee:")
    assert field.popup is not None
    view = field.popup.list
    row = _names(field).index("Priya Kaur")
    rect = view.visualRect(view.model().index(row, 0))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert field.text() == 'assignee:"Priya Kaur"'
    assert field.hasFocus()


def test_related_fields_are_offered_with_the_values_in_use(qtbot: QtBot, field: FilterField) -> None:
    press(qtbot, "assignee.comp")
    press(qtbot, Qt.Key.Key_Tab)
    assert field.text() == "assignee.company:"
    qtbot.waitUntil(lambda: "Kaur Structures" in _names(field))


def test_leaving_the_field_closes_the_list(qtbot: QtBot, page: ProjectPage, field: FilterField) -> None:
    press(qtbot, "status:")
    assert field.popup is not None
    rows(page).setFocus()
    assert field.popup is None


def test_what_is_being_typed_is_no_error_yet(qtbot: QtBot, page: ProjectPage, field: FilterField) -> None:
    shown = page.list_page
    assert shown is not None
    press(qtbot, "status:")
    field.flush()
    assert not shown._problem.isVisible()
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, " x")
    field.flush()
    qtbot.waitUntil(shown._problem.isVisible)


def test_the_reason_stands_over_what_is_wrong(qtbot: QtBot, page: ProjectPage, field: FilterField) -> None:
    press(qtbot, "stauts:open crack")
    field.flush()
    qtbot.waitUntil(lambda: bool(field.accessibleDescription()))
    inside = field.cursorRect().center() - QPoint(field.fontMetrics().horizontalAdvance("auts:open crack"), 0)
    outside = field.cursorRect().center() - QPoint(4, 0)
    assert "stauts" in field.hint_at(inside)
    assert field.hint_at(outside) == ""
    event = QHelpEvent(QEvent.Type.ToolTip, inside, field.mapToGlobal(inside))
    QApplication.sendEvent(field, event)
    assert "stauts" in QToolTip.text()
    QToolTip.hideText()


def test_emoji_before_the_cursor_do_not_shift_it(qtbot: QtBot, field: FilterField) -> None:
    field.insert("\U0001f525\U0001f525 ")
    press(qtbot, "status:op")
    press(qtbot, Qt.Key.Key_Return)
    assert field.text() == "\U0001f525\U0001f525 status:open"


def test_every_field_that_is_offered_can_be_asked_for(page: ProjectPage, field: FilterField) -> None:
    assert field.completing is not None
    completer, context = field.completing()
    names = [name for name, _ in completer.fields] + [path for path, _, _ in completer.related]
    assert len(names) > 60
    for name in names:
        query = parse(condition_text(name), strict=True)
        answer = page.workspace.columns.run(ISSUE, query, context)
        assert not answer.errors, name
