"""The palette, the switcher and the page of shortcuts in a whole window, by real keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.commands import Command
from app.desktop.palette.items import Goal
from app.desktop.palette.keys import KeysPanel
from app.desktop.palette.palette import Palette
from app.desktop.window import Window
from app.domain.schema import ISSUE, NOTE, VIEW
from tests.desktop import stage
from tests.desktop.page_stage import panel, press
from tests.desktop.palette.scene import finder, opened, page, texts

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_command_is_found_by_some_letters_and_done(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    press(qtbot, "go not")
    assert shown.list.current is not None
    assert (shown.list.current.text, shown.list.current.right) == ("Go to notes", "Ctrl+2")
    press(qtbot, Qt.Key.Key_Return)
    assert page(window).page == "notes"
    assert finder(window).panel is None


def test_what_was_used_last_comes_first(qtbot: QtBot, window: Window, session: stage.StageSession) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    press(qtbot, "conflicts")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_1, CONTROL)
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    assert shown.list.entries[0].heading
    assert texts(shown)[:2] == ["Go to issues", "Go to conflicts"]
    assert session.settings["window.recent"] == ["go-issues", "go-conflicts"]


def test_escape_goes_back_to_where_one_was(qtbot: QtBot, window: Window) -> None:
    shown = page(window).list_page
    assert shown is not None
    press(qtbot, "/")
    press(qtbot, Qt.Key.Key_P, CONTROL)
    opened(window)
    press(qtbot, Qt.Key.Key_Escape)
    assert finder(window).panel is None
    assert shown.filter is not None
    assert shown.filter.hasFocus()


def test_an_item_is_found_by_its_title_and_opened(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    press(qtbot, "sprink paint")
    assert texts(shown)[0] == "Sprinkler head painted over"
    goal = shown.list.current
    assert goal is not None
    assert isinstance(goal.data, Goal)
    press(qtbot, Qt.Key.Key_Return)
    assert page(window).open_record == goal.data.record
    assert panel(page(window)).record == goal.data.record


def test_a_number_goes_to_the_issue(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_2, CONTROL)
    press(qtbot, Qt.Key.Key_P, CONTROL)
    opened(window)
    press(qtbot, "#21")
    press(qtbot, Qt.Key.Key_Return)
    record = page(window).open_record
    assert record is not None
    assert page(window).workspace.columns.column(ISSUE, "number").get(record) == 21
    assert page(window).page == "issues"


def test_a_note_opens_in_its_list(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_O, CONTROL)
    opened(window)
    press(qtbot, "diary")
    press(qtbot, Qt.Key.Key_Return)
    assert page(window).page == "notes"
    assert page(window).open_record in page(window).workspace.ids(NOTE)


def test_a_view_is_shown_and_views_of_others_are_not_found(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    workspace = page(window).workspace
    workspace.create(VIEW, {"name": "Fire doors", "query": "label:fire", "kind": ISSUE})
    workspace.create(VIEW, {"name": "Fire notes", "kind": ISSUE, "owner": b"somebody else"})
    press(qtbot, Qt.Key.Key_P, CONTROL)
    shown = opened(window)
    press(qtbot, "fire ")
    assert texts(shown) == ["Fire doors"]
    press(qtbot, Qt.Key.Key_Return)
    desk = page(window).list_page
    assert desk is not None
    assert desk.filter is not None
    assert desk.filter.text() == "label:fire"


def test_the_sign_leaves_only_commands_and_the_switcher_only_items(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    press(qtbot, ">")
    assert all(isinstance(each.data, Command) for each in shown.list.entries)
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_P, CONTROL)
    shown = opened(window)
    assert all(isinstance(each.data, Goal) for each in shown.list.entries if not each.heading)
    press(qtbot, "theme")
    assert texts(shown) == []
    assert "Nothing found" in shown.foot.text()


def test_what_cannot_be_done_says_what_is_missing(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_3, CONTROL)
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    press(qtbot, ">set the status")
    entry = shown.list.current
    assert entry is not None
    assert entry.muted
    assert entry.detail == "Select issues first."
    press(qtbot, Qt.Key.Key_Return)
    assert finder(window).panel is shown
    assert shown.foot.text() == "Select issues first."


def test_another_project_is_opened(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    opened(window)
    press(qtbot, "kranken")
    press(qtbot, Qt.Key.Key_Return)
    assert page(window).workspace.info.name == "Krankenhaus"


def test_texts_are_searched_with_the_words_marked(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    press(qtbot, "?north fac")
    qtbot.waitUntil(lambda: bool(shown.list.entries))
    entry = shown.list.entries[0]
    assert [entry.below[start:end] for start, end in entry.strong] == ["north", "fac"]
    press(qtbot, Qt.Key.Key_Return)
    assert isinstance(entry.data, Goal)
    assert page(window).open_record == entry.data.record


def test_arrows_pass_headings_and_go_round(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    first = shown.list.current
    press(qtbot, Qt.Key.Key_Up)
    assert shown.list.current is not None
    assert shown.list.current is shown.list.entries[-1]
    press(qtbot, Qt.Key.Key_Down)
    assert shown.list.current == first
    for _ in range(len(shown.list.entries)):
        press(qtbot, Qt.Key.Key_Down)
        assert shown.list.current is not None
        assert not shown.list.current.heading


def test_a_click_elsewhere_closes_it(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    opened(window)
    QTest.mouseClick(page(window).status, Qt.MouseButton.LeftButton)
    assert finder(window).panel is None


def test_the_page_of_shortcuts_has_every_key_and_a_search(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_F1)
    shown = opened(window)
    assert isinstance(shown, KeysPanel)
    assert window.commands is not None
    names = texts(shown)
    for command in window.commands:
        assert not command.keys or command.title in names
    press(qtbot, "trash")
    assert "Go to the trash" in texts(shown)
    assert "New issue" not in texts(shown)
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, "?")
    assert isinstance(opened(window), KeysPanel)


def test_the_palette_keeps_its_place_when_the_window_changes(window: Window, qtbot: QtBot) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    shown = opened(window)
    assert isinstance(shown, Palette)
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: abs(shown.geometry().center().x() - 500) <= 1)
    assert shown.is_open
