"""Writing a comment by key, in the window as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desktop.app import make_panel
from app.desktop.item.comment_card import comment_keys
from app.desktop.item.panel import ItemPanel
from app.desktop.palette.keys import KeysPanel, fixed_keys
from app.desktop.palette.palette import Palette
from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import COMMENT, ISSUE
from app.richtext.delta import Insert
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.page_stage import press
from tests.desktop.palette.scene import opened, texts

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = stage.new_project(tmp_path / "project.sitebook")
    made.create(ISSUE, {"title": "Door closer missing"}, text=[Insert("Line\n" * 80)])
    yield made
    made.close()


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
    page_of(made).workspace.finish_steps()
    page_of(made).start()
    yield made
    made.close()


def page_of(window: Window) -> ProjectPage:
    page = window.project_page
    assert page is not None
    return page


def panel_of(window: Window) -> ItemPanel:
    panel = page_of(window).panel
    assert isinstance(panel, ItemPanel)
    return panel


def test_a_key_opens_the_item_with_the_cursor_in_the_comment_box(
    qtbot: QtBot, window: Window, project: Project
) -> None:
    page = page_of(window)
    press(qtbot, "j")
    assert page.open_record is None
    press(qtbot, Qt.Key.Key_C, _SHIFT)
    panel = panel_of(window)
    qtbot.waitUntil(panel.comments.box.hasFocus)
    qtbot.waitUntil(lambda: not panel.comments.box.visibleRegion().isEmpty())
    press(qtbot, "Seen today")
    press(qtbot, Qt.Key.Key_Return, _CONTROL)
    comment = next(iter(project.column(COMMENT, "parent")))
    assert project.plain_text(comment).startswith("Seen today")


def test_it_is_reached_from_the_text_and_from_the_history(qtbot: QtBot, window: Window) -> None:
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Return)
    panel = panel_of(window)
    panel.text.editor.setFocus()
    qtbot.waitUntil(panel.text.editor.hasFocus)
    press(qtbot, Qt.Key.Key_M, _CONTROL | _SHIFT)
    qtbot.waitUntil(panel.comments.box.hasFocus)
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, "h")
    qtbot.waitUntil(lambda: panel.in_history)
    press(qtbot, Qt.Key.Key_C, _SHIFT)
    qtbot.waitUntil(panel.comments.box.hasFocus)
    assert not panel.in_history
    qtbot.waitUntil(lambda: not panel.comments.box.visibleRegion().isEmpty())


def test_the_palette_offers_it_where_one_item_is_chosen(qtbot: QtBot, window: Window) -> None:
    assert window.commands is not None
    assert not window.commands["comment"].enabled()
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_K, _CONTROL)
    shown = opened(window)
    assert isinstance(shown, Palette)
    press(qtbot, "write a comment")
    assert "Write a comment" in texts(shown)
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel_of(window).comments.box.hasFocus())


def test_the_page_of_shortcuts_has_the_keys_of_a_comment(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_F1)
    shown = opened(window)
    assert isinstance(shown, KeysPanel)
    assert "Write a comment" in texts(shown)
    assert any(each.heading and each.text == "In a comment" for each in shown.list.entries)
    own = {(title, key) for section, title, key in fixed_keys() if section == "In a comment"}
    assert own == set(comment_keys())
    assert {key for _, key in own} >= {"E", "R", "Q", "H", "Del"}
