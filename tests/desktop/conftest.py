from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.desktop.app import dress
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.store.project import Project
from tests.desktop import stage

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The off-screen platform says what it lacks without a window manager."""
    for item in items:
        item.add_marker(
            pytest.mark.qt_log_ignore(
                "This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)"
            )
        )
