from __future__ import annotations

import pytest

from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import BoardLayout
from tests.desktop.board.scene import board_of


@pytest.fixture
def board(page: ProjectPage) -> BoardLayout:
    """The issues of the project as a board by status, without anything chosen."""
    return board_of(page)
