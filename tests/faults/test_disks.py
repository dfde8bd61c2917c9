from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.disk import KINDS, Faults, faulty_disk
from tests.faults.disks import VFS, ReceivingDisk, ServerDisk, every_write
from tests.faults.server import Server


@pytest.fixture
def faults() -> Iterator[Faults]:
    with faulty_disk(VFS) as found:
        yield found


@pytest.mark.parametrize("kind", KINDS)
def test_a_push_is_durable_or_not_acknowledged(tmp_path: Path, faults: Faults, kind: str) -> None:
    disk = ServerDisk(tmp_path)
    counts = every_write(
        lambda *case: disk.try_one(faults, case[0], case[1], lasting=case[2]), [kind], stride=5
    )
    assert counts[kind] > 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_device_receives_is_whole_or_comes_again(tmp_path: Path, faults: Faults, kind: str) -> None:
    with Server(tmp_path / "server") as server:
        disk = ReceivingDisk(tmp_path, server.url, 5)
        counts = every_write(
            lambda *case: disk.try_one(faults, *case), [kind], stride=61 if kind in ("full", "write") else 9
        )
    assert counts[kind] > 1
