from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.editor.finder import WorkspaceFinder
from app.desktop.session import ProjectInfo
from app.desktop.workspace import Workspace
from app.domain.schema import NOTE, PERSON
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def workspace(qapp: object, project: Project) -> Workspace:
    made = Workspace(project, ProjectInfo(project.id, "Harbour Tower", ""), stage.stage_now)
    made.finish_steps()
    return made


def test_it_finds_what_each_sign_asks_for(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> None:
    finder = WorkspaceFinder(workspace)
    with qtbot.waitSignal(finder.changed):
        finder.find("#", "crack")
    assert "Site diary" in [each.title for each in finder.find("[[", "site")]
    issues = finder.find("#", "crack")
    assert issues
    assert all(each.right.startswith("#") and each.sign == "status" for each in issues)
    assert next(each.right for each in finder.find("#", "12")) == "#12"
    people = finder.find("@", "priya")
    assert [(each.title, each.detail) for each in people] == [("Priya Kaur", "Kaur Structures")]
    assert finder.find("@", "site diary") == []
    assert len(finder.find("@", "")) == len(workspace.ids(PERSON))


def test_a_note_that_is_made_is_found(qtbot: QtBot, workspace: Workspace) -> None:
    finder = WorkspaceFinder(workspace)
    finder.load()
    workspace.finish_steps()
    record = finder.create_note("Handover list")
    assert record in workspace.ids(NOTE)
    assert [each.record for each in finder.find("[[", "handover")] == [record]
