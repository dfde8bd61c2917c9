"""``make bench-peers``: the same questions about the same issues, to Sitebook's columns and to LokiJS, in one run; the
same typing in the same text, in Sitebook's editor and in Quill (``quill.py``); sync beside PouchDB (``changes.py``,
``whole.py``), and wake-ups beside Hocuspocus (``wake_ups.py``).

What is compared comes from npm into a folder that is removed afterwards; node and npm are needed, for Quill Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.workspace.big_sample import Shape
from tests.benchmarks import desk_questions as asked
from tests.benchmarks.desk import GOAL, Desk, Measured, opened
from tests.benchmarks.disk import disk
from tests.benchmarks.measure import ms, table
from tests.benchmarks.peers import changes, quill, wake_ups, whole
from tests.benchmarks.peers.export import export
from tests.e2e.quill.browser import chromium

_NAMES = ("desk", "editor", "sync-changes", "sync-whole", "wake-ups")
LOKI = "lokijs@1.5.12"
_MINUTES = 10
_INDEX_USED = {
    "filter_name": "status, title",
    "two_filters_date": "status, priority, due",
    "title_contains": "none can serve",
    "related": "company (of people)",
    "group_sum": "status",
    asked.EDIT_KEY: "status, due; a view kept up",
}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.peers",
        description="Measure beside LokiJS, Quill, PouchDB and Hocuspocus.",
    )
    parser.add_argument("names", nargs="*", choices=(*_NAMES, []), help="which; all without a name")
    parser.add_argument("--issues", type=int, default=40_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--times", type=int, default=31, help="runs of each question; their median counts")
    parser.add_argument("--keys", type=int, default=400, help="keys that are typed in each place")
    parser.add_argument(
        "--changes", type=int, default=10_000, help="issues from device to device, one by one"
    )
    parser.add_argument("--quick", action="store_true", help="a smaller shape of all of it")
    parser.add_argument("--directory", type=Path, help="where files are written")
    arguments = parser.parse_args()
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("This needs node and npm; install Node.js 18 or later.", file=sys.stderr)
        return 1
    if arguments.quick:
        arguments.issues, arguments.people, arguments.times = 2_000, 100, 11
        arguments.keys, arguments.changes = 50, 500
    folder = arguments.directory or disk()
    shape = Shape(arguments.issues, arguments.people)
    names = arguments.names or _NAMES
    if "desk" in names:
        print(run(shape, folder, arguments.times), flush=True)
    if "editor" in names:
        if chromium() is None:
            print("The editor's part needs Chromium.", file=sys.stderr)
            return 1
        print(f"\n{quill.run(folder, arguments.keys, 7)}")
    if "sync-changes" in names:
        print(f"\n{changes.run(arguments.changes, folder)}", flush=True)
    if "sync-whole" in names:
        print(f"\n{whole.run(shape, folder)}", flush=True)
    if "wake-ups" in names:
        print(f"\n{wake_ups.run(20 if arguments.quick else 100, 20 if arguments.quick else 200, folder)}")
    return 0


def run(shape: Shape, folder: Path, times: int) -> str:
    """Measure both, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        scratch = Path(place)
        _install(scratch)
        with opened(folder, shape) as desk:
            size = export(desk.project, scratch)
            ours = _ours(desk, times)
        theirs = _theirs(scratch, times)
    rows = [_row(each, theirs["found"][each.key]) for each in ours]
    title = (
        f"{shape.issues:,} issues ({size / 1e6:.0f} MB as JSON) beside {LOKI} on node {theirs['node']}: median ms of "
        f"{times} runs each (goal: {GOAL * 1e3:.0f} ms; unindexed sorts 50 times faster, others 10)"
    )
    note = (
        f"LokiJS holds the same documents in {theirs['rss'] / 1e6:,.0f} MB, read in {theirs['loaded'] / 1e3:.1f} s, "
        f"with indices on {', '.join(theirs['indices'])}; of its two ways to sort by one field the faster one counts. "
        "It sorts text by its code units; Sitebook sorts it naturally, ignoring case and accents, and groups and "
        "sums exactly."
    )
    head = ("question", "LokiJS's indices", "rows", "Sitebook", "LokiJS", "times faster", "goal", "")
    return f"{table(title, head, rows)}\n{note}"


def _install(scratch: Path) -> None:
    subprocess.run(
        [
            *(
                "npm",
                "install",
                "--prefix",
                str(scratch),
                "--no-save",
                "--no-package-lock",
                "--ignore-scripts",
            ),
            *("--no-audit", "--no-fund", "--loglevel=error", LOKI),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60 * _MINUTES,
    )


def _ours(desk: Desk, times: int) -> list[Measured]:
    return [*(desk.ask(question, times) for question in asked.QUESTIONS), desk.edit(times)[0]]


def _theirs(scratch: Path, times: int) -> dict[str, Any]:
    what = {
        "status": asked.STATUS,
        "priority": asked.PRIORITY,
        "words": asked.WORDS,
        "company": asked.COMPANY,
        "number": asked.NUMBER,
    }
    (scratch / "asked.json").write_text(json.dumps(what))
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("loki.cjs")), str(scratch), str(times)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60 * _MINUTES,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _row(ours: Measured, theirs: dict[str, Any]) -> Sequence[str]:
    assert ours.rows == theirs["count"], f"{ours.title}: {ours.rows} rows here and {theirs['count']} there"
    wanted = {question.key: question.times for question in asked.QUESTIONS}.get(ours.key, 10)
    times = theirs["ms"] / 1e3 / ours.median
    met = times >= wanted and ours.median <= GOAL
    return (
        ours.title,
        _INDEX_USED.get(ours.key, "none"),
        f"{ours.rows:,}",
        ms(ours.median),
        f"{theirs['ms']:.2f}",
        f"{times:,.0f}",
        f"{wanted}",
        "met" if met else "missed",
    )


if __name__ == "__main__":
    sys.exit(main())
