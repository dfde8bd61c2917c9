"""The desk in its window, off-screen: scrolling, the way to a usable table, memory, and steps on the GUI thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.workspace.big_sample import Shape
from tests.benchmarks import desk_data
from tests.benchmarks.measure import ms, spread, table

FRAME_GOAL = 0.008
START_GOAL = 1.2
MEMORY_GOAL = 350e6
STEP_GOAL = 0.016
_PARTS = ("imports", "window shown", "opening begins", "project open", "table usable", "all read")


def run(shape: Shape, folder: Path, starts: int, patience: float = 1.0) -> str:
    """Measure, as tables. ``patience``: 1 for a person's pauses."""
    with desk_data.own_profile(folder, shape) as profile:
        # Once without counting: an installed program has been compiled, and was not started for the first time.
        started = [_child(profile, "start") for _ in range(starts + 1)][1:]
        worked = _child(profile, "work", str(patience))
    return "\n\n".join(
        (
            _starting(shape, started),
            _scrolling(shape, worked["frames"]),
            *_stepping(shape, worked["steps"]),
            _memory(shape, started, worked["memory"]),
        )
    )


def _child(profile: Path, *words: str) -> Any:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = profile / "compiled"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.benchmarks.desk_scenes", str(profile), *words],
        env={**environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(compiled)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The window failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _starting(shape: Shape, started: Sequence[Any]) -> str:
    def median(what: str, part: str) -> float:
        return spread([each[what][part] for each in started]).median

    rows = [(part, f"{median('times', part):.2f}", f"{median('spent', part):.2f}", "") for part in _PARTS]
    usable = median("times", "table usable")
    opened = spread(
        [each["times"]["table usable"] - each["times"]["opening begins"] for each in started]
    ).median
    rows.append(("start to a usable table", f"{usable:.2f}", "", "met" if usable <= START_GOAL else "missed"))
    rows.append(("opening the profile to a usable table", f"{opened:.2f}", "", ""))
    return table(
        f"To a usable table of {shape.issues:,} issues: seconds since the process began, median of {len(started)} "
        f"(goal: {START_GOAL})",
        ("until", "seconds", "of processor", "goal"),
        rows,
    )


def _scrolling(shape: Shape, frames: dict[str, list[tuple[float, float]]]) -> str:
    rows = []
    for name, both in frames.items():
        times = sorted(whole for whole, _ in both)
        spent = sorted(processor for _, processor in both)
        p95 = int(len(both) * 0.95)
        found = spread(times)
        numbers = (found.median, times[p95], found.most, spent[p95])
        rows.append((name, str(len(both)), *map(ms, numbers), _met(times[p95] <= FRAME_GOAL)))
    return table(
        f"Scrolling {shape.issues:,} issues in twelve columns, 1,200 by 800: ms a frame "
        f"(goal: p95 {FRAME_GOAL * 1e3:.0f})",
        ("how", "frames", "median", "p95", "most", "p95 of processor", "goal"),
        rows,
    )


def _stepping(shape: Shape, scenes: dict[str, list[tuple[float, float, str]]]) -> tuple[str, str]:
    rows, slow = [], []
    for scene, steps in scenes.items():
        if not steps:
            continue
        over = [step for step in steps if step[1] > STEP_GOAL]
        rows.append(
            (
                scene,
                f"{len(steps):,}",
                ms(max(whole for whole, _, _ in steps)),
                ms(max(processor for _, processor, _ in steps)),
                ms(sum(processor for _, processor, _ in steps)),
                str(len(over)),
            )
        )
        longest: dict[str, float] = {}
        for _, processor, what in over:
            longest[what] = max(longest.get(what, 0.0), processor)
        slow += [(scene, what, ms(seconds)) for what, seconds in longest.items()]
    return (
        table(
            f"Steps on the GUI thread with {shape.issues:,} issues, ms (goal: none over {STEP_GOAL * 1e3:.0f})",
            ("doing", "steps", "longest", "of processor", "all, of processor", "over the goal"),
            rows,
        ),
        table("Steps over the goal by processor time", ("doing", "step", "ms"), slow),
    )


def _memory(shape: Shape, started: Sequence[Any], worked: int) -> str:
    def median(part: str) -> float:
        return spread([each["memory"][part] for each in started]).median

    rows = [
        ("window without a project", median("window shown")),
        ("table usable", median("table usable")),
        ("everything read", median("all read")),
        ("with twelve columns chosen", float(worked)),
    ]
    return table(
        f"Memory of the process with {shape.issues:,} issues open, MB (goal: {MEMORY_GOAL / 1e6:.0f})",
        ("when", "MB", "goal"),
        [(name, f"{size / 1e6:.0f}", _met(size <= MEMORY_GOAL)) for name, size in rows],
    )


def _met(met: bool) -> str:
    return "met" if met else "missed"
