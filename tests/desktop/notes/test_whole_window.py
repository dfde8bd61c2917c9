"""Notes in the window as it is: with the item beside the tree, and its editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.desktop.app import make_panel
from app.desktop.item.panel import ItemPanel
from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import ISSUE
from app.richtext.delta import Insert, plain_text
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.notes.note_stage import drawn, named, notes, show_notes
from tests.desktop.page_stage import press

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, look: Look, project: Project, tmp_path: Path) -> Iterator[Window]:
    session = stage.StageSession(tmp_path)
    session.add(project)
    made = Window(look, now=stage.stage_now, version="0.1.0")
    made.use(session, lambda look, workspace: make_panel(look, workspace, session))
    qtbot.addWidget(made)
    made.resize(1366, 768)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    page = made.project_page
    assert page is not None
    page.workspace.finish_steps()
    page.start()
    yield made
    made.close()


def page_of(window: Window) -> ProjectPage:
    page = window.project_page
    assert page is not None
    return page


def test_today_opens_with_the_cursor_in_its_text(qtbot: QtBot, window: Window, project: Project) -> None:
    page = page_of(window)
    show_notes(qtbot, page)
    QTest.mouseClick(notes(page).today, Qt.MouseButton.LeftButton)
    page.workspace.finish_steps()
    panel = page.panel
    assert isinstance(panel, ItemPanel)
    qtbot.waitUntil(panel.text.editor.hasFocus)
    press(qtbot, "Dry and cold")
    press(qtbot, Qt.Key.Key_Escape)
    assert project.plain_text(named(page, "2026-03-08")).startswith("Dry and cold")


def test_the_selected_lines_become_issues(qtbot: QtBot, window: Window, project: Project) -> None:
    page = page_of(window)
    view = show_notes(qtbot, page)
    actions = named(page, "Actions")
    todo = {"list": "unchecked"}
    document = [Insert("Order doors"), Insert("\n", todo), Insert("Call Jon"), Insert("\n", todo)]
    page.workspace.written(project.replace_text(actions, "text", document))
    view.select_key(actions)
    press(qtbot, Qt.Key.Key_Return)
    panel = page.panel
    assert isinstance(panel, ItemPanel)
    panel.text.setFocus()
    qtbot.waitUntil(panel.text.editor.hasFocus)
    press(qtbot, "And ")
    panel.text.editor.set_selection(17, 20)
    press(qtbot, Qt.Key.Key_I, _CONTROL | _SHIFT)
    titles = set(project.column(ISSUE, "title").values())
    assert "Call Jon" in titles
    assert "Order doors" not in titles
    assert plain_text(project.text_document(actions), "*") == "And Order doors\n*\n"
    qtbot.waitUntil(lambda: panel.text.editor.length() == len("And Order doors\n*\n"))
    assert page.status._notice.text() == "1 issue made; Esc, then Ctrl+Z takes it back"
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    assert plain_text(project.text_document(actions), "*") == "And Order doors\nCall Jon\n"
    assert "Call Jon" not in set(project.column(ISSUE, "title").values())


def test_the_menu_of_a_note_has_what_can_be_done_with_it(qtbot: QtBot, window: Window) -> None:
    page = page_of(window)
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Ideas"))
    view.menu_asked.emit(view.mapToGlobal(QPoint(20, 20)))
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    by_name = {action.text(): action for action in menu.actions()}
    assert "Pin, or unpin" in by_name
    assert not by_name["Make issues of the unticked lines"].isEnabled()
    menu.close()
    by_name["Pin, or unpin"].trigger()
    assert "Ideas" in drawn(page)[:3]
