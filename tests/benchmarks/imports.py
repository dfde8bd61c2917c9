"""How long the program takes to load: the command line, a command, the window; and which modules take longest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import spread, table
from tests.benchmarks.opening import make_profile

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")
_IMPORTS = (
    ("the interpreter alone", ""),
    ("app.cli.main", "import app.cli.main"),
    ("the window's modules", "import app.desktop.app, app.desktop.profile_session, app.desktop.project_page"),
    ("the server", "import sync.server.main"),
)


def run(times: int, folder: Path) -> str:
    """Measure, as two tables."""
    rows = [(name, *_timed([sys.executable, "-c", code], times)) for name, code in _IMPORTS]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        make_profile(Path(place) / "profile", 10)
        command = [sys.executable, "-m", "app", "--profile", str(Path(place) / "profile")]
        rows.append(("sitebook --help", *_timed([*command, "--help"], times)))
        new = [sys.executable, "-m", "app", "--profile", str(Path(place) / "other")]
        environment = {"SITEBOOK_PASSPHRASE": "benchmark"}
        _call([*new, "init", "--name", "Priya"], environment)
        _call([*new, "project", "new", "Harbour Tower"], environment)
        rows.append(
            ("sitebook issue list (passphrase derived)", *_timed([*new, "issue", "list"], times, environment))
        )
    parts = [(name, *top) for name, code in _IMPORTS[1:] for top in contributors(code)]
    return "\n\n".join(
        (
            table(
                "Starting, seconds (files in the system's cache)",
                ("what", "median", "most", "of processor"),
                rows,
            ),
            table(
                "Modules that take longest to import, each without what it imports",
                ("of", "module", "ms"),
                parts,
            ),
        )
    )


def _call(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **(environment or {})},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )


def _timed(command: list[str], times: int, environment: dict[str, str] | None = None) -> tuple[str, str, str]:
    _call(command, environment)
    found, spent = [], []
    for _ in range(times):
        begun, processor = time.perf_counter(), _children_processor()
        _call(command, environment)
        found.append(time.perf_counter() - begun)
        spent.append(_children_processor() - processor)
    return f"{spread(found).median:.3f}", f"{spread(found).most:.3f}", f"{spread(spent).median:.3f}"


def _children_processor() -> float:
    times = os.times()
    return times.children_user + times.children_system


def contributors(code: str, count: int = 4) -> list[tuple[str, str]]:
    """(module, milliseconds) of the modules that took longest when ``code`` ran."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    own = [(int(found[1]), found[4]) for line in done.stderr.splitlines() if (found := _LINE.match(line))]
    return [(module, f"{micros / 1e3:.0f}") for micros, module in sorted(own, reverse=True)[:count]]
