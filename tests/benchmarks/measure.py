"""Measuring and printing: medians, 99th percentiles, tables."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """Median, 99th percentile and greatest of some times, in seconds."""

    median: float
    p99: float
    most: float


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of one or more times."""
    ordered = sorted(seconds)
    return Spread(
        statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], ordered[-1]
    )


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def resident() -> int:
    """Bytes of memory that this process has in use (Linux; elsewhere the most it ever had)."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def ms(seconds: float) -> str:
    """A time in milliseconds."""
    return f"{seconds * 1e3:.2f}" if seconds < 0.1 else f"{seconds * 1e3:.0f}"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text: the first column to the left, the others to the right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join((title, "-" * len(title), *shown))


def file_system(path: Path) -> str:
    """The type of the file system that a directory is on (Linux; elsewhere unknown)."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown file system"
    found = ("", "unknown file system")
    resolved = str(path.resolve())
    for line in mounts.read_text().splitlines():
        _, place, kind, *_ = line.split()
        inside = place == "/" or resolved == place or resolved.startswith(place + "/")
        if inside and len(place) >= len(found[0]):
            found = (place, kind)
    return found[1]
