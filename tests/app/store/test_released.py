"""Project files of every schema that was ever released open, and hold what they held."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import msgspec
import pytest

from app.store.project import Project
from app.store.schema import MIGRATIONS
from tests.app.store.make_released import FOLDER, describe
from tests.app.store.replicas import KEY, SetClock

RELEASED = sorted(FOLDER.glob("project-*.sitebook.gz"))


def test_every_schema_has_a_released_file() -> None:
    versions = {int(re.findall(r"\d+", path.name)[0]) for path in RELEASED}
    assert versions == {step.version for step in MIGRATIONS}


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.name)
def test_a_released_file_opens_and_holds_what_it_held(released: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.sitebook"
    path.write_bytes(gzip.decompress(released.read_bytes()))
    expected = msgspec.json.decode(released.with_name(released.name.split(".")[0] + ".json").read_bytes())
    project = Project.open(path, KEY, device=b"\1" * 32, clock=SetClock(), random=bytes)
    assert describe(project) == expected
    project.check()
    project.close()
