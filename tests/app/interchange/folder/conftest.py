from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.interchange.folder.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A project with an empty folder that is switched on."""
    return Desk.at(tmp_path)
