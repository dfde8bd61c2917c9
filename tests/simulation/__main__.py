"""Many worlds: ``python -m tests.simulation --seeds N``; one, told line by line: ``--seed S --trace``.

``--fault NAME`` gives each world one kind of trouble only; ``--every-fault`` runs so many worlds for each kind.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation import faults
from tests.simulation.world import run_seed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Simulate many worlds.")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many worlds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--seed", type=int, help="just this one")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell what happens")
    parser.add_argument("--fault", choices=faults.kinds(), help="only this kind of trouble")
    parser.add_argument(
        "--every-fault", action="store_true", help="so many worlds with all kinds, and with each alone"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args()


def _one(seed: int, fault: str | None, trace: bool) -> int:
    try:
        result = run_seed(seed, print if trace else None, only=fault)
    except Exception:  # noqa: BLE001 - whatever went wrong is what the caller wants to see
        traceback.print_exc()
        return 1
    print(
        f"seed {seed}: {result.devices} devices, {result.edits} edits, {result.changes} changes, {result.trace}"
    )
    return 0


def _attempt(fault: str | None, seed: int) -> str:
    """Nothing, or what went wrong and the line that repeats it, for one line on the screen."""
    try:
        run_seed(seed, only=fault)
    except Exception as error:  # noqa: BLE001 - it is reported with its seed, and the others go on
        return f"{type(error).__name__}: {error}; " + "; ".join(error.__notes__)
    return ""


def _many(fault: str | None, first: int, count: int, jobs: int) -> Iterator[str]:
    with ProcessPoolExecutor(jobs) as pool:
        attempts = pool.map(partial(_attempt, fault), range(first, first + count), chunksize=8)
        for done, problem in enumerate(attempts, 1):
            if problem:
                yield problem
            if done % 100 == 0:
                print(f"{done} of {count}", file=sys.stderr, flush=True)


def main() -> int:
    """Run what is asked for; 0 where every world holds what it must."""
    arguments = _arguments()
    if arguments.seed is not None:
        return _one(arguments.seed, arguments.fault, arguments.trace)
    failures = 0
    for fault in (None, *faults.kinds()) if arguments.every_fault else (arguments.fault,):
        begun = time.monotonic()
        found = 0
        for problem in _many(fault, arguments.first, arguments.seeds, arguments.jobs):
            found += 1
            print(problem, flush=True)
        name = "all kinds of trouble" if fault is None else fault
        print(
            f"{name}: {arguments.seeds} worlds, {found} failures, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        failures += found
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
