"""What is still only on this device says so in its row and in the open item, and both stop together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.app import make_panel
from app.desktop.item.panel import ItemPanel
from app.desktop.session import SyncPhase, SyncView
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.desktop.workspace import Workspace
from app.domain.schema import COMMENT, ISSUE
from tests.desktop import stage


@pytest.fixture
def session(tmp_path: Path) -> stage.StageSession:
    made = stage.StageSession(tmp_path, feed=stage.Feed())
    project = stage.new_project(tmp_path / "tower.sitebook")
    stage.fill(project, 5)
    stage.settle_sync(project)
    made.add(project, server="https://sync.example")
    return made


@pytest.fixture
def window(qtbot: QtBot, look: Look, session: stage.StageSession) -> Iterator[Window]:
    made = Window(look, now=stage.stage_now, version="0.1.0")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))
    assert made.project_page is not None
    made.project_page.workspace.finish_steps()
    yield made
    made.close()


def open_new(window: Window) -> tuple[Workspace, ItemPanel]:
    """Type a new issue, and leave its title."""
    page = window.project_page
    assert page is not None
    assert window.commands is not None
    window.commands.run("new-issue")
    panel = page._panel
    assert isinstance(panel, ItemPanel)
    QTest.keyClicks(panel.title.line, "Crack")
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    return page.workspace, panel


def pushed(window: Window, session: stage.StageSession) -> None:
    """The server has everything, and the sync thread says so; nothing came from elsewhere."""
    assert session.feed is not None
    project = session.infos[0].id
    stage.settle_sync(session.opened[project])
    session.feed.state_changed.emit(project, SyncView(SyncPhase.SYNCED, last_success_ms=1))


def test_the_open_item_follows_its_push_though_no_row_was_painted_meanwhile(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    workspace, panel = open_new(window)
    assert panel.record is not None
    assert not panel.header.sync.isHidden()
    pushed(window, session)
    record = panel.record
    qtbot.waitUntil(lambda: workspace.sync_of(record) == "synced")
    qtbot.waitUntil(panel.header.sync.isHidden)


def test_rows_and_item_follow_a_push_that_came_with_a_pull(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    workspace, panel = open_new(window)
    record = panel.record
    assert record is not None
    page = window.project_page
    assert page is not None
    assert page.list_page is not None
    qtbot.waitUntil(lambda: workspace.sync_of(record) == "pending")
    project = session.opened[session.infos[0].id]
    other = next(each for each in workspace.ids(ISSUE) if each != record)
    touched = project.set(other, "phase", "2")
    stage.settle_sync(project)
    assert session.feed is not None
    changed: set[bytes] = set()
    workspace.rows_changed.connect(changed.update)
    session.feed.touched.emit(project.id, touched)
    qtbot.waitUntil(lambda: other in changed)
    pushed(window, session)
    qtbot.waitUntil(lambda: record in changed)
    assert workspace.sync_of(record) == "synced"
    assert panel.header.sync.isHidden()


def test_a_comment_stops_saying_that_it_is_only_here(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    _, panel = open_new(window)
    box = panel.comments.box
    box.setFocus()
    QTest.keyClicks(box, "Propped")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [card.said.sync for card in panel.comments.cards.values()] == ["pending"]
    pushed(window, session)
    qtbot.waitUntil(lambda: [card.said.sync for card in panel.comments.cards.values()] == ["synced"])
    assert panel.record is not None
    assert session.opened[session.infos[0].id].children(panel.record, COMMENT)
