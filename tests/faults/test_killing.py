from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.killing import Killing


@pytest.mark.slow
def test_sigkill_of_devices_and_server(tmp_path: Path) -> None:
    """A few here; ``python -m tests.faults --only kills`` does more."""
    killing = Killing(tmp_path, seed=3)
    try:
        killing.run(6)
    finally:
        killing.close()
    assert killing.counts["issue"] > 10
    assert killing.counts["photo"] > 3
