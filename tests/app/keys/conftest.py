from __future__ import annotations

from pathlib import Path

import pytest

from app.keys.profile import Profile


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")
