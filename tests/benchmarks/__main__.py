"""``make bench``: runs the benchmarks and prints their tables. ``--quick``: a smaller shape."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.workspace.big_sample import Shape
from tests.benchmarks import (
    applying,
    bundle,
    desk,
    desk_search,
    desk_window,
    editing,
    editor,
    folder,
    gui_sync,
    gui_thread,
    imports,
    month,
    opening,
    round_trip,
    server_load,
)
from tests.benchmarks.disk import disk
from tests.benchmarks.measure import file_system

_NAMES = (
    "editing",
    "applying",
    "round-trip",
    "bundle",
    "opening",
    "imports",
    "gui-thread",
    "folder",
    "desk",
    "desk-search",
    "desk-window",
    "editor-typing",
    "editor-opening",
    "editor-trace",
    "server-load",
    "gui-sync",
    "month",
)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure Sitebook.")
    parser.add_argument("names", nargs="*", choices=(*_NAMES, []), help="which; all without a name")
    parser.add_argument("--quick", action="store_true", help="a smaller shape")
    parser.add_argument("--directory", type=Path, help="where files are written: a real disk, not memory")
    arguments = parser.parse_args()
    place = arguments.directory or disk()
    quick = arguments.quick
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}, "
        f"files on {file_system(place)}. Whatever else the machine does shows in all but processor times.\n"
    )
    benchmarks: dict[str, Callable[[], str]] = {
        "editing": lambda: editing.run(100 if quick else 600, place),
        "applying": lambda: applying.run(1_000 if quick else 10_000, place),
        "round-trip": lambda: round_trip.run(500 if quick else 10_000, place),
        "opening": lambda: opening.run(1_000 if quick else 10_000, place, 2 if quick else 5),
        "imports": lambda: imports.run(2 if quick else 5, place),
        "gui-thread": lambda: gui_thread.run(1_000 if quick else 10_000, place),
    }
    benchmarks["folder"] = lambda: folder.run(500 if quick else 10_000, place)
    large = Shape(2_000, 100) if quick else Shape()
    benchmarks["bundle"] = lambda: bundle.run(large, place)
    benchmarks["desk"] = lambda: desk.run(large, place, 11 if quick else 51)
    benchmarks["desk-search"] = lambda: desk_search.run(large, place, 2 if quick else 7)
    benchmarks["desk-window"] = lambda: desk_window.run(large, place, 2 if quick else 5)
    benchmarks["editor-typing"] = lambda: editor.typing(50 if quick else 400)
    benchmarks["editor-opening"] = lambda: editor.opening(3 if quick else 15)
    benchmarks["editor-trace"] = lambda: editor.trace(20_000 if quick else None)
    benchmarks["server-load"] = lambda: server_load.run(
        server_load.Load(2, 10, 200, 20, 10) if quick else server_load.Load(), place
    )
    benchmarks["gui-sync"] = lambda: gui_sync.run(
        gui_sync.Scene(4.0, 300, large, 40, 500_000) if quick else gui_sync.Scene(), place
    )
    benchmarks["month"] = lambda: month.run(
        month.Month(500, 20, 500_000, 200) if quick else month.Month(), place
    )
    for name in arguments.names or _NAMES:
        begun = time.perf_counter()
        print(benchmarks[name]())
        print(f"(took {time.perf_counter() - begun:.0f} s)\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
