from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_pass_that_is_killed_anywhere_is_made_up_for(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.app.interchange.folder.killed", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) >= 12
