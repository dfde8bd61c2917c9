from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.commands import Command, Commands
from app.desktop.palette.finding import Find
from app.desktop.project_commands import project_commands
from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look
from tests.desktop.page_stage import Holder, keys, press, rows


@pytest.fixture
def holder() -> Holder:
    return Holder()


@pytest.fixture
def commands(page: ProjectPage, holder: Holder) -> Sequence[Command]:
    return project_commands(page, holder)


def test_no_two_commands_share_a_name_or_a_key(commands: Sequence[Command]) -> None:
    assert len({each.name for each in commands}) == len(commands)
    every = [QKeySequence(key) for each in commands for key in each.keys]
    assert all(not each.isEmpty() for each in every)
    assert len({each.toString() for each in every}) == len(every)
    # A key that begins another one's keys would never let it be finished.
    for one in every:
        for other in every:
            assert one is other or one.matches(other) is QKeySequence.SequenceMatch.NoMatch


def test_every_command_has_a_title_a_section_and_an_icon_that_is_there(
    commands: Sequence[Command], look: Look
) -> None:
    assert len({each.title for each in commands}) == len(commands)
    for each in commands:
        assert each.title[0].isupper()
        assert each.section
        if each.icon:
            assert not look.icons.pixmap(each.icon).isNull()


def test_hints_have_the_key(commands: Sequence[Command]) -> None:
    by_name = {each.name: each for each in commands}
    assert by_name["new-issue"].hint == "New issue (N)"
    assert by_name["new-person"].hint == "New person"
    assert by_name["palette"].key_text == "Ctrl+K"


def test_tool_bars_tell_the_keys_of_the_list(page: ProjectPage, commands: Sequence[Command]) -> None:
    by_name = {each.name: each for each in commands}
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    assert shown.chips is not None
    assert shown.action.toolTip() == by_name["new-issue"].hint
    assert shown.filter.toolTip() == by_name["filter"].hint
    assert shown.chips.button.toolTip() == by_name["add-filter"].hint


def test_what_cannot_be_done_now_is_not_done(qtbot: QtBot, look: Look) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[str] = []
    ran: list[str] = []
    possible = [False]
    commands = Commands(
        look,
        owner,
        [Command("a", "A", lambda: done.append("a"), ("A",), "plus", "menu", lambda: possible[0])],
    )
    commands.ran.connect(ran.append)
    commands.run("a")
    assert done == []
    menu = QMenu(owner)
    commands.fill(menu, "menu")
    assert [action.isEnabled() for action in menu.actions()] == [False]
    assert menu.actions()[0].shortcut().toString() == "A"
    menu.aboutToHide.emit()
    possible[0] = True
    commands.run("a")
    assert done == ran == ["a"]
    assert commands["a"].key_text == "A"


def test_single_keys_of_lists(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "jj")
    press(qtbot, "x")
    assert page.selected_records() == [keys(page)[1]], "where one stands is picked, and never nothing"
    press(qtbot, "k")
    press(qtbot, "x")
    assert set(page.selected_records()) == set(keys(page)[:2])
    press(qtbot, "x")
    assert page.selected_records() == [keys(page)[1]]


def test_brackets_turn_the_pages_of_an_open_item(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "j")
    press(qtbot, "]")
    assert rows(page).current_key() == keys(page)[0]
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, "]")
    qtbot.waitUntil(lambda: page.open_record == keys(page)[1])
    press(qtbot, "[")
    qtbot.waitUntil(lambda: page.open_record == keys(page)[0])


def test_e_edits_the_title(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "jj")
    press(qtbot, "e")
    assert page.open_record == keys(page)[1]
    assert page._panel is not None
    qtbot.waitUntil(lambda: page._panel.title.hasFocus())  # type: ignore[union-attr]


def test_keys_one_after_the_other_go_to_a_list(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "gn")
    assert page.page == "notes"
    press(qtbot, "gp")
    assert page.page == "people"
    press(qtbot, "gi")
    assert page.page == "issues"


def test_letters_are_typed_where_one_types(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "/")
    press(qtbot, "snail jkx?")
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    assert shown.filter.text() == "snail jkx?"


def test_finding_is_asked_of_the_window(commands: Sequence[Command], holder: Holder) -> None:
    for name in ("palette", "switch", "search", "shortcuts", "set-status"):
        next(each for each in commands if each.name == name).run()
    assert holder.asked == [Find.PALETTE, Find.ITEMS, Find.SEARCH, Find.KEYS, "values status"]
