from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.project_page import ProjectPage
from app.store.project import Project
from tests.desktop.desk.desk_stage import Hand


@pytest.fixture
def hand(qtbot: QtBot, page: ProjectPage, project: Project) -> Hand:
    return Hand(qtbot, page, project)
