from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.contention import contend
from tests.server.process import ServerProcess


@pytest.mark.slow
def test_a_hundred_devices_push_at_once(tmp_path: Path) -> None:
    """Against the server as it is installed, with its own limits."""
    with ServerProcess(tmp_path / "data") as server:
        result = contend(server.url, devices=100, pushes=4, size=2)
    print(result.line())
    assert result.served > 0.0, "one was through with everything before another was let in"
