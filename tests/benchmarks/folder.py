"""Notes written into a Markdown folder, looked at again, edited from either side, and opened as a vault."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import NOTE
from app.interchange.folder.folder import Folder
from app.interchange.folder.work import Report
from app.richtext.delta import Insert
from app.richtext.markdown_read import read_markdown
from app.store.project import Project
from app.store.touched import Touched
from sync.clock import SystemClock, system_random
from tests.benchmarks.measure import file_system, spread, table

EXPORT_GOAL, RESCAN_GOAL = 10.0, 1.0
"""Seconds for 10,000 notes."""
_KEY = bytes(range(32))
_AGAIN = 5
_TOGETHER = 200
_WORDS = (
    *("slab", "core", "stair", "door", "closer", "wall", "paint", "crew", "crane"),
    *("pour", "level", "grid", "riser", "soffit", "rail", "gap", "seal", "ceiling"),
)


def run(count: int, folder: Path) -> str:
    """Measure, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        rows = _rows(count, Path(place))
        title = f"{count:,} notes and a Markdown folder ({file_system(Path(place))})"
    return table(title, ("", "seconds", "of processor", "goal"), rows)


def _rows(count: int, place: Path) -> list[tuple[str, str, str, str]]:
    project = _project(place / "notes.sitebook", 1)
    records = _notes(project, count)
    folder = _folder(project)
    folder.switch_on(place / "copy")
    exported = _timed(lambda: _pass(folder, written=count))
    looks = [_timed(lambda: _pass(folder, written=0)) for _ in range(_AGAIN)]
    looked = tuple(spread([each[part] for each in looks]).median for part in (0, 1))
    first = next((place / "copy").rglob("*.md"))
    first.write_text(first.read_text().replace("Weather", "The weather"), encoding="utf-8")
    outside = _timed(lambda: _pass(folder, taken_in=1))
    project.change_text(records[0], "text", [Insert("Here: ")])
    inside = _timed(lambda: _pass(folder, written=1))
    project.close()
    vault = _project(place / "vault.sitebook", 2)
    for each in (place / "copy").rglob("*.md"):
        each.write_text(each.read_text().split("---\n", 2)[2], encoding="utf-8")
    (place / "copy" / ".sitebook").unlink()
    opening = _folder(vault)
    opening.switch_on(place / "copy", vault=True)
    opened = _timed(lambda: _pass(opening, made=count))
    vault.close()
    share = count / 10_000
    return [
        _row("export of all of them", exported, EXPORT_GOAL * share),
        _row("a pass where nothing changed", (looked[0], looked[1]), RESCAN_GOAL * share),
        _row("an edit outside comes in", outside),
        _row("an edit here is written", inside),
        _row("opened as a vault", opened),
    ]


def _row(what: str, seconds: tuple[float, float], goal: float | None = None) -> tuple[str, str, str, str]:
    met = "" if goal is None else f"{goal:.1f}: {'met' if seconds[0] <= goal else 'missed'}"
    return what, f"{seconds[0]:.2f}", f"{seconds[1]:.2f}", met


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    begun, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - processor


def _pass(folder: Folder, **expected: int) -> None:
    for _ in folder.steps():
        pass
    report: Report = folder.report
    assert all(getattr(report, name) == count for name, count in expected.items()), report
    assert not report.problems, report


def _folder(project: Project) -> Folder:
    return Folder(project, lambda: Context(ProjectDirectory(project), date(2026, 3, 8), UTC))


def _project(path: Path, number: int) -> Project:
    made = Project.make(
        path,
        _KEY,
        project=bytes([number]) * 32,
        device=bytes([number]) * 32,
        clock=SystemClock(),
        random=system_random,
        alone=True,
    )
    made.furnish("Harbour Tower")
    return made


def _notes(project: Project, count: int) -> list[bytes]:
    """Notes as people write them, every tenth of which has the nine after it below it."""
    chance = random.Random(5)
    records = [project.new_id() for _ in range(count)]
    with project.lightly():
        for start in range(0, count, _TOGETHER):
            with project.writing():
                for number in range(start, min(start + _TOGETHER, count)):
                    parent = records[number // 10 * 10] if number % 10 else None
                    fields = {"title": f"Note {number}", "tags": ("site",), "parent": parent}
                    text = read_markdown(_text(chance, number))
                    project.append(project.creation(NOTE, records[number], fields, text), Touched())
    project.tend_log()
    return records


def _text(chance: random.Random, number: int) -> str:
    def words(most: int) -> str:
        return " ".join(chance.choices(_WORDS, k=chance.randint(3, most)))

    lines = [f"# Day {number}", "", f"Weather dry. {words(30)}.", "", f"**{words(4)}** {words(20)}", ""]
    lines += [f"- [{chance.choice(' x')}] {words(8)}" for _ in range(chance.randint(0, 4))]
    return "\n".join([*lines, "", *(f"{words(40)}." for _ in range(chance.randint(0, 2))), ""])
