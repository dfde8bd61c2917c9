"""Some hundred worlds, in pieces that several workers share; ``make simulate`` runs thousands of each kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import faults
from tests.simulation.check import CheckError
from tests.simulation.world import EDITS, run_seed

SEEDS = 160
PIECE = 20


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, SEEDS, PIECE))
def test_worlds_hold(first: int) -> None:
    for seed in range(first, first + PIECE):
        result = run_seed(seed)
        assert 3 <= result.devices <= 6
        assert result.edits >= EDITS


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", faults.kinds())
def test_worlds_with_one_kind_of_trouble_hold(kind: str) -> None:
    for seed in range(5):
        run_seed(seed, only=kind)


@pytest.mark.parametrize("seed", [3, 11])
def test_the_same_seed_gives_the_same_run_in_another_process(seed: int) -> None:
    """Also under another order of sets and dictionaries of bytes."""
    here = run_seed(seed)
    root = Path(__file__).parents[2]
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", str(seed)],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip().endswith(here.trace)


def test_a_failing_world_says_how_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(*_: object) -> None:
        raise CheckError("spoilt")

    monkeypatch.setattr("tests.simulation.world.judge_world", spoil)
    with pytest.raises(CheckError) as found:
        run_seed(7)
    assert found.value.__notes__ == ["to repeat: python -m tests.simulation --seed 7 --trace"]
