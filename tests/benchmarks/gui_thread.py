"""How long single steps keep the GUI thread while somebody works in a large project: the goal is a frame."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.measure import ms, table
from tests.benchmarks.opening import make_profile
from tests.benchmarks.process import answer_of

GOAL = 0.016
_TOUCHED = 1_000


def run(issues: int, folder: Path, patience: float = 1.0) -> str:
    """Measure, as two tables: the scenes, and the steps that are over the goal. ``patience``: 1 for real pauses."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        make_profile(Path(place), issues)
        scenes: dict[str, list[tuple[float, float, str]]] = answer_of(
            "tests.benchmarks.gui_steps",
            *(place, str(min(_TOUCHED, issues // 2)), str(patience)),
            seconds=180,
        )
    rows, slow = [], []
    for scene, steps in scenes.items():
        over = [step for step in steps if step[1] > GOAL]
        rows.append(
            (
                scene,
                f"{len(steps):,}",
                ms(max(whole for whole, _, _ in steps)),
                ms(max(processor for _, processor, _ in steps)),
                str(len([step for step in steps if step[0] > GOAL])),
                str(len(over)),
            )
        )
        longest: dict[str, float] = {}
        for _, processor, what in over:
            longest[what] = max(longest.get(what, 0.0), processor)
        slow += [(scene, what, ms(seconds)) for what, seconds in longest.items()]
    return "\n\n".join(
        (
            table(
                f"Steps on the GUI thread with {issues:,} issues (goal: none over {GOAL * 1e3:.0f} ms)",
                ("doing", "steps", "longest, ms", "of processor", "over the goal", "of processor"),
                rows,
            ),
            table("Steps over the goal by processor time", ("doing", "step", "ms"), slow),
        )
    )
