from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.widgets import Look
from app.desktop.window import Window
from tests.desktop import stage
from tests.desktop.palette.scene import page


@pytest.fixture
def session(tmp_path: Path) -> stage.StageSession:
    made = stage.StageSession(tmp_path)
    project = stage.new_project(tmp_path / "one.sitebook")
    stage.fill(project, 40)
    made.add(project)
    made.add(stage.new_project(tmp_path / "two.sitebook", "Krankenhaus", seed=2))
    return made


@pytest.fixture
def window(qtbot: QtBot, look: Look, session: stage.StageSession) -> Iterator[Window]:
    made = Window(look, now=stage.stage_now, version="0.1.0")
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.use(session, stage.PlainPanel)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    page(made).workspace.finish_steps()
    page(made).start()
    yield made
    made.close()
