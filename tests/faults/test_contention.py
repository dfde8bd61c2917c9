from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.contention import contend
from tests.server.postgres import started
from tests.server.process import ServerProcess


@pytest.mark.slow
def test_a_hundred_devices_push_at_once(tmp_path: Path) -> None:
    """Against the server as it is installed, with its own limits."""
    with ServerProcess(tmp_path / "data") as server:
        result = contend(server.url, devices=100, pushes=4, size=2)
    print(result.line())
    assert result.served > 0.0, "one was through with everything before another was let in"


@pytest.mark.slow
def test_many_devices_push_at_once_to_postgresql(tmp_path: Path) -> None:
    """The same over the other storage, with a few devices less."""
    with (
        started() as postgres,
        postgres.database() as dsn,
        ServerProcess(tmp_path / "data", environment={"SITEBOOK_SERVER_STORAGE_URL": dsn}) as server,
    ):
        result = contend(server.url, devices=40, pushes=3, size=2)
    print(result.line())
    assert result.served > 0.0, "one was through with everything before another was let in"
