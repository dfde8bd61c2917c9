"""Values of a wrong shape in every field: the window paints them as what they are, in each layout and on each page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.desk.page import DeskPage
from app.desktop.project_page import ProjectPage
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.touched import Touched
from tests.desktop import stage
from tests.desktop.conftest import look  # noqa: F401
from tests.hostile.test_hostile_values import wrong_changes


@pytest.fixture
def page(  # the fixture is imported by its name
    qtbot: QtBot,
    look: Look,  # noqa: F811
    tmp_path: Path,
) -> Iterator[ProjectPage]:
    """The page of a project into which a hostile member wrote."""
    project = stage.new_project(tmp_path / "project.sitebook")
    stage.fill(project, 5)
    touched = Touched()
    with project.writing():
        for each in wrong_changes():
            project.applier.apply(each, touched, eid=1)
    workspace = Workspace(project, ProjectInfo(project.id, "Harbour Tower", ""), stage.stage_now)
    made = ProjectPage(look, workspace, stage.PlainPanel)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    workspace.finish_steps()
    made.start()
    yield made
    made.finish()
    made.close()
    project.close()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_every_layout_paints_values_of_any_shape(page: ProjectPage) -> None:
    """A reference that is a list ended the whole program on the board: the error came in the middle of painting."""
    desk = page.list_page
    assert isinstance(desk, DeskPage)
    columns = (
        "number",
        "title",
        "status",
        "location",
        "assignees",
        "labels",
        "due",
        "cost",
        "at",
        "references",
    )
    for path in ("status", "category", "labels", "due"):
        for layout in ("table", "board", "calendar"):
            desk.spec = replace(desk.spec, layout=layout, columns=columns, board=path, date=path)
            page.workspace.finish_steps()
            page.grab()
    for key in desk.list.shown_keys():
        assert desk.list.spoken(key)
