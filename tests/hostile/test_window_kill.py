from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.window_kill import run


@pytest.mark.slow
def test_a_killed_window_loses_no_saved_issue_and_doubles_none(tmp_path: Path) -> None:
    outcome = run(4, 7, tmp_path)
    assert outcome.kills == 4
    assert len(outcome.acknowledged) >= 4
    assert outcome.lost == []
    assert outcome.doubled == []
