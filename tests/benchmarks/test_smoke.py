"""Each benchmark runs and says something, at toy size. Nothing is timed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import applying, editing, gui_thread, imports, opening, round_trip
from tests.benchmarks.process import PartFailed, answer_of


def test_editing(tmp_path: Path) -> None:
    assert "meanwhile" in editing.run(8, tmp_path)


def test_applying(tmp_path: Path) -> None:
    assert "new issues" in applying.run(40, tmp_path)


def test_round_trip(tmp_path: Path) -> None:
    assert "server's data" in round_trip.run(8, tmp_path)


@pytest.mark.slow
def test_the_window(tmp_path: Path) -> None:
    assert "list painted" in opening.run(20, tmp_path, 1, cold_too=False)
    assert "typing in the title" in gui_thread.run(40, tmp_path, 0.02)


def test_imports() -> None:
    assert imports.contributors("import sync.clock", 2)


def test_a_part_that_fails_says_why() -> None:
    with pytest.raises(PartFailed, match="no_such_part"):
        answer_of("tests.benchmarks.no_such_part", seconds=60)
