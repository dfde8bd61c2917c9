from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.session import ProjectInfo
from app.desktop.shaping.page import ShapePage
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def workspace(look: Look, project: Project) -> Workspace:
    return Workspace(project, ProjectInfo(project.id, "Harbour Tower"), stage.stage_now)


@pytest.fixture
def shape(qtbot: QtBot, look: Look, workspace: Workspace) -> Iterator[ShapePage]:
    """The page of fields and categories, in front, with the focus on its list."""
    made = ShapePage(look, workspace)
    qtbot.addWidget(made)
    made.resize(1100, 768)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    workspace.finish_steps()
    made.start()
    yield made
    workspace.stop()
