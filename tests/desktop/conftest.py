from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.app import dress
from app.desktop.commands import Commands
from app.desktop.project_commands import project_commands
from app.desktop.project_page import ProjectPage
from app.desktop.session import ProjectInfo
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.page_stage import Holder, rows

_looks: list[Look] = []


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    """The dressed application; the theme is light and normal again after each test."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    if not _looks:
        _looks.append(dress(qapp, ThemeName.LIGHT))
    yield _looks[0]
    theme = _looks[0].theme
    if theme.name is not ThemeName.LIGHT or theme.density is not Density.NORMAL:
        theme.choose(ThemeName.LIGHT, Density.NORMAL)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project with forty issues."""
    made = stage.new_project(tmp_path / "project.sitebook")
    stage.fill(made, 40)
    stage.settle_sync(made, keep=3)
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, look: Look, project: Project) -> Iterator[ProjectPage]:
    workspace = Workspace(
        project, ProjectInfo(project.id, "Harbour Tower", "https://sync.example"), stage.stage_now
    )
    made = ProjectPage(look, workspace, stage.PlainPanel)
    made.commands = Commands(look, made, project_commands(made, Holder()))  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.resize(1366, 768)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    workspace.finish_steps()
    made.start()
    qtbot.waitUntil(lambda: rows(made).hasFocus())
    yield made
    made.finish()
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The off-screen platform says what it lacks without a window manager."""
    for item in items:
        item.add_marker(
            pytest.mark.qt_log_ignore(
                "This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)"
            )
        )
