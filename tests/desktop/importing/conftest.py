from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.importing.opening import make_import
from app.desktop.importing.page import ImportPage
from app.desktop.places import IMPORT
from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look

TABLE = """Ref,title,due,assignees,cost
R1,Crack in slab,2027-01-31,Priya Kaur,12
R2,Door closer missing,2027-02-31,Priya Kaur,
R3,Water mark,2027-02-01,Sam Obi,30
R4,Short
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "snags.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def importing(qtbot: QtBot, look: Look, page: ProjectPage) -> ImportPage:
    """The page as the window opens it."""
    made = make_import(look, page)
    page.show_other(IMPORT, made)
    made.start()
    qtbot.waitUntil(made.file.hasFocus)
    return made
