from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.item.panel import ItemPanel
from app.desktop.widgets import Look
from tests.desktop.item import scene as scenes
from tests.desktop.item.scene import Scene


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The off-screen platform says of every floating list that it cannot raise windows or grab keys."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support", extend=True))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = scenes.build(tmp_path)
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, look: Look, scene: Scene) -> Iterator[ItemPanel]:
    """The panel, open on the issue of the scene and in front."""
    made = scenes.make_panel(scene, look)
    qtbot.addWidget(made)
    made.resize(452, 900)
    made.show_record(scene.issue)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    yield made
    made.files.stop()
    made.show_record(None)
