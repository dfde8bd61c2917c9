from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.project import Project
from tests.desktop.page_stage import at_row, keys, panel, press, rows, spoken, table


def test_arrows_move_and_enter_opens_beside_then_alone(qtbot: QtBot, page: ProjectPage) -> None:
    newest = page.workspace.ids(ISSUE)
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Down)
    assert rows(page).current_key() == newest[1]
    assert page._panel is None
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == newest[1]
    assert panel(page).isVisible()
    assert page.stack.isVisible()
    press(qtbot, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.open_record == newest[2])
    assert panel(page).record == newest[2]
    press(qtbot, Qt.Key.Key_Return)
    assert not page.stack.isVisible()
    QTest.keyClick(panel(page), Qt.Key.Key_Escape)
    qtbot.waitUntil(page.stack.isVisible)
    assert page.open_record == newest[2]
    press(qtbot, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.open_record is None)
    assert not panel(page).isVisible()
    assert rows(page).hasFocus()


def test_a_click_opens_the_item_at_forty_percent(qtbot: QtBot, page: ProjectPage) -> None:
    record = page.workspace.ids(ISSUE)[3]
    QTest.mouseClick(rows(page).viewport(), Qt.MouseButton.LeftButton, pos=at_row(page, record))
    assert page.open_record == record
    share = panel(page).width() / (page.width() - page.side_bar.width())
    assert share == pytest.approx(0.4, abs=0.02)


def test_the_row_of_what_is_opened_from_elsewhere_is_marked(page: ProjectPage) -> None:
    record = page.workspace.ids(ISSUE)[30]
    page.open_item(record)
    assert rows(page).current_key() == record
    assert rows(page).selected_keys() == [record]
    assert page.open_record == record


def test_letters_are_keys_of_commands(qtbot: QtBot, page: ProjectPage) -> None:
    newest = page.workspace.ids(ISSUE)
    press(qtbot, "jjj")
    assert rows(page).current_key() == newest[2]
    press(qtbot, "k")
    assert rows(page).current_key() == newest[1]
    press(qtbot, Qt.Key.Key_End)
    assert rows(page).current_key() == newest[-1]
    press(qtbot, Qt.Key.Key_Home)
    assert rows(page).current_key() == newest[0]


def test_one_key_makes_an_issue_and_stands_in_its_title(qtbot: QtBot, page: ProjectPage) -> None:
    before = len(page.workspace.ids(ISSUE))
    press(qtbot, "n")
    assert len(page.workspace.ids(ISSUE)) == before + 1
    record = page.workspace.ids(ISSUE)[0]
    assert page.open_record == record
    assert rows(page).current_key() == record
    qtbot.waitUntil(lambda: panel(page).title.hasFocus())
    press(qtbot, "nnj")
    assert panel(page).title.text() == "nnj"
    assert len(page.workspace.ids(ISSUE)) == before + 1


def test_a_new_issue_is_taken_back_by_undo(qtbot: QtBot, page: ProjectPage) -> None:
    before = page.workspace.ids(ISSUE)
    press(qtbot, "n")
    rows(page).setFocus()
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.workspace.ids(ISSUE) == before
    qtbot.waitUntil(lambda: page.open_record in before)


def test_the_filter_follows_typing_and_escape_goes_back(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    every = len(keys(page))
    press(qtbot, "/")
    assert shown.filter.hasFocus()
    press(qtbot, "crack")
    qtbot.waitUntil(lambda: len(keys(page)) < every)
    assert shown.summary().startswith("3 of 40 shown")
    press(qtbot, Qt.Key.Key_Return)
    assert rows(page).hasFocus()
    assert rows(page).current_key() is not None
    press(qtbot, "/")
    press(qtbot, Qt.Key.Key_Escape)
    assert shown.filter.text() == ""
    assert len(keys(page)) == every
    press(qtbot, Qt.Key.Key_Escape)
    assert rows(page).hasFocus()


def test_a_filter_error_is_underlined_with_its_reason(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    press(qtbot, "/")
    press(qtbot, "stauts:open")
    qtbot.waitUntil(lambda: shown._problem.isVisible())
    assert "stauts" in shown._problem.text()
    assert "stauts" in shown.filter.accessibleDescription()
    shown.filter.clear()
    qtbot.waitUntil(lambda: not shown._problem.isVisible())


def test_a_filter_error_stands_below_the_filters_text(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    shown.filter.setFocus()
    QTest.keyClicks(shown.filter, "due:whenever")
    qtbot.waitUntil(shown._problem.isVisible)
    at = shown._problem.mapTo(shown, shown._problem.contentsRect().topLeft()).x()
    field = shown.filter
    text = field.mapTo(shown, field.cursorRect().topLeft()).x() - field.fontMetrics().horizontalAdvance(
        field.text()
    )
    assert abs(at - text) <= 4


def test_nothing_found_offers_to_clear_the_filter(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    shown.set_filter("zzzz")
    assert shown._empty.isVisible()
    assert shown._empty._button.text() == "Clear the filter"
    QTest.mouseClick(shown._empty._button, Qt.MouseButton.LeftButton)
    assert rows(page).isVisible()
    assert len(keys(page)) == 40


def test_selection_and_place_outlive_a_refresh(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    view = rows(page)
    key = page.workspace.ids(ISSUE)[25]
    view.select_key(key)
    top = at_row(page, key)
    for title in ("One", "Two", "Three"):
        page.workspace.apply_touched(project.create(ISSUE, {"title": title})[1])
    assert view.current_key() == key
    assert view.selected_keys() == [key]
    assert at_row(page, key) == top


def test_when_the_row_goes_the_next_one_is_stood_on(qtbot: QtBot, page: ProjectPage) -> None:
    newest = list(page.workspace.ids(ISSUE))
    press(qtbot, "jj")
    press(qtbot, Qt.Key.Key_Delete)
    assert newest[1] not in page.workspace.ids(ISSUE)
    assert rows(page).current_key() == newest[2]
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.workspace.ids(ISSUE) == newest


def test_sorting_by_the_header(qtbot: QtBot, page: ProjectPage) -> None:
    head = table(page).head
    at = head.head_rect("title").center()
    QTest.mouseClick(head, Qt.MouseButton.LeftButton, pos=at)
    page.workspace.finish_steps()
    first = spoken(page, 0)
    assert page.list_page is not None
    assert page.list_page.filter is not None
    assert page.list_page.filter.text() == "sort:title"
    QTest.mouseClick(head, Qt.MouseButton.LeftButton, pos=at)
    page.workspace.finish_steps()
    assert page.list_page.filter.text() == "sort:-title"
    assert spoken(page, 0) != first


def test_the_tab_key_follows_the_eye(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    shown.filter.setFocus()
    seen = []
    for _ in range(12):
        press(qtbot, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus)
        if focus is rows(page):
            break
    assert shown.chips is not None
    tools = list(page.views.tools[ISSUE].layouts.values())
    assert seen[:5] == [shown.chips.button, *tools]
    assert seen[-3:] == [shown.action, table(page).head, rows(page)]


def test_a_screen_reader_hears_the_row(page: ProjectPage) -> None:
    rows(page).move_by(1)
    heard = QAccessible.queryAccessibleInterface(rows(page))
    assert heard.text(QAccessible.Text.Name) == "Issues"
    assert heard.text(QAccessible.Text.Description) == spoken(page, 0)


def test_several_selected_are_counted_and_deleted_together(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "j")
    for _ in range(4):
        press(qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    shown = page.list_page
    assert shown is not None
    assert shown.summary().startswith("5 selected")
    press(qtbot, Qt.Key.Key_Delete)
    assert len(page.workspace.ids(ISSUE)) == 35


def test_a_page_that_is_left_reads_nothing_more(qtbot: QtBot, page: ProjectPage) -> None:
    page.finish()
    done: list[int] = []

    def steps() -> Iterator[None]:
        done.append(1)
        yield

    page.workspace.run_steps(steps())
    page.workspace.finish_steps()
    assert not done
