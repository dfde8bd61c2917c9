"""From the start of a process to the first paint of a large project's list, off-screen."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from app.keys.entry import Identity
from app.keys.profile import Profile
from app.workspace.sample import fill_sample
from app.workspace.workspace import Workspace
from tests.benchmarks.keyring import FileKeyring
from tests.benchmarks.measure import spread, table
from tests.benchmarks.process import answer_of

GOAL = 1.0
PARTS = ("imports", "window shown", "profile open", "project open", "list painted", "all rows there")


def make_profile(folder: Path, issues: int) -> bytes:
    """A profile with one project of so many issues; gives the project."""
    keyring = FileKeyring(folder / "keyring.json")
    workspace, _ = Workspace.create(Profile.at(folder), Identity("Priya Kaur", ""), None, keyring=keyring)
    with workspace:
        entry = workspace.new_project("Harbour Tower", currency="GBP")
        project = workspace.open(entry.project)
        fill_sample(project, date(2026, 3, 8), issues=issues)
        with project.writing():
            project.db.run("DELETE FROM local_pending")
        while project.maintain(1_000):
            pass
        project.checkpoint()
    return entry.project


def run(issues: int, folder: Path, times: int, *, cold_too: bool = True) -> str:
    """Measure, as a table; ``times`` warm starts after one that is cold where that is wanted."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        make_profile(Path(place), issues)
        cold, _ = _start(Path(place), drop=cold_too)
        warm = [_start(Path(place), drop=False) for _ in range(times)]
    rows = [
        (
            part,
            f"{cold[part]:.2f}",
            f"{spread([since[part] for since, _ in warm]).median:.2f}",
            f"{spread([spent[part] for _, spent in warm]).median:.2f}",
        )
        for part in PARTS
    ]
    opened = spread([since["list painted"] - since["profile open"] for since, _ in warm]).median
    spent = spread([spent["list painted"] - spent["profile open"] for _, spent in warm]).median
    rows.append(
        (
            f"from opening the project to first paint: {'met' if opened <= GOAL else 'missed'}",
            f"{cold['list painted'] - cold['profile open']:.2f}",
            f"{opened:.2f}",
            f"{spent:.2f}",
        )
    )
    return table(
        f"Opening a project of {issues:,} issues, seconds since the process began (goal: {GOAL:.0f} s from opening "
        "the project to first paint; cold: files not in the system's cache)",
        ("until", "cold", "warm, median", "of processor"),
        rows,
    )


def _start(profile: Path, *, drop: bool) -> tuple[dict[str, float], dict[str, float]]:
    if drop:
        _forget([profile, *(Path(each) for each in sys.path if each.endswith("site-packages"))])
    since, spent = answer_of("tests.benchmarks.open_window", str(profile), seconds=120)
    return since, spent


def _forget(folders: list[Path]) -> None:
    """Ask the system to drop files from its cache, where it can be asked."""
    advise = getattr(os, "posix_fadvise", None)
    if advise is None:
        return
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    advise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
