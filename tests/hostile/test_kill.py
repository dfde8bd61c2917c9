from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.kill import Kills


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sigkill_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Thirty times here; ``python -m tests.hostile.kill --times 200`` does more."""
    kills = Kills(tmp_path, seed=2)
    try:
        kills.run(30)
    finally:
        kills.close()
        print(kills.figures())
