from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.commands import Command, Commands
from app.desktop.project_commands import project_commands
from app.desktop.project_page import ProjectPage
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.page_stage import Holder


def test_no_two_commands_share_a_name_or_a_key(qtbot: QtBot, look: Look, project: Project) -> None:
    workspace = Workspace(project, ProjectInfo(project.id, "Harbour Tower"), stage.stage_now)
    page = ProjectPage(look, workspace, stage.PlainPanel)
    qtbot.addWidget(page)
    commands = project_commands(page, Holder())
    assert len({each.name for each in commands}) == len(commands)
    keys = [key for each in commands for key in each.keys]
    assert len(set(keys)) == len(keys)
    assert all(not QKeySequence(key).isEmpty() for key in keys)
    assert all(each.title for each in commands)
    page.finish()


def test_what_cannot_be_done_now_is_not_done(qtbot: QtBot, look: Look) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[str] = []
    possible = [False]
    commands = Commands(
        look,
        owner,
        [Command("a", "A", lambda: done.append("a"), ("A",), "plus", "menu", lambda: possible[0])],
    )
    commands.run("a")
    assert done == []
    menu = QMenu(owner)
    commands.fill(menu, "menu")
    assert [action.isEnabled() for action in menu.actions()] == [False]
    menu.aboutToHide.emit()
    possible[0] = True
    commands.run("a")
    assert done == ["a"]
    assert commands["a"].key_text == "A"
