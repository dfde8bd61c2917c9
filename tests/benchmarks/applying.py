"""Applying what others wrote: signatures checked, bodies opened, tables written, on the disk."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sync.change import decode_change
from tests.benchmarks import crew
from tests.benchmarks.measure import table
from tests.benchmarks.work import Worker

GOAL = 3_000
_PAGE = 1_000
"""Envelopes in a page, as a server gives them."""
_PAGE_BYTES = 4 << 20


def run(count: int, folder: Path) -> str:
    """Measure, as a table. ``count``: changes of each kind."""
    rows = []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        author = crew.found(Path(place))
        worker = Worker(author.project)
        worker.furnish()
        worker.make_issues(max(count // 10, 10))
        readers = {at_once: crew.join(author, Path(place), f"reader{at_once}") for at_once in (500, 10, 1)}
        for reader in readers.values():
            reader.receive(crew.log(author))
        worker.edit_much(count)
        edits = crew.unsealed(author)
        for at_once, reader in readers.items():
            rows.append(_measure(author, reader, f"edits, {at_once} in an envelope", edits, at_once))
        author.side.prepare_push()
        worker.make_issues(count)
        rows.append(
            _measure(author, readers[500], "new issues, 500 in an envelope", crew.unsealed(author), 500)
        )
        for device in (author, *readers.values()):
            device.project.close()
    return table(
        f"Applying {count:,} remote changes, signatures included (goal {GOAL:,} a second)",
        (
            "changes",
            "envelopes",
            "seconds",
            "of processor",
            "changes/s",
            "operations/s",
            "bytes/change",
            "goal",
        ),
        rows,
    )


def _measure(
    author: crew.Device, reader: crew.Device, name: str, changes: Sequence[bytes], at_once: int
) -> tuple[str, ...]:
    wires = list(crew.sealed(author, changes, at_once))
    before = reader.project.db.all("SELECT count(*) FROM changes")[0][0]
    operations = _operations(changes)
    begun, processor = time.perf_counter(), time.process_time()
    for page in pages(wires):
        reader.receive(page)
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    applied = reader.project.db.all("SELECT count(*) FROM changes")[0][0] - before
    assert applied == len(changes), f"{applied} of {len(changes)} were applied"
    rate = applied / seconds
    return (
        name,
        f"{len(wires):,}",
        f"{seconds:.2f}",
        f"{processor:.2f}",
        f"{rate:,.0f}",
        f"{operations / seconds:,.0f}",
        f"{sum(map(len, wires)) / applied:,.0f}",
        "met" if rate >= GOAL else f"{rate / GOAL:.0%}",
    )


def _operations(changes: Sequence[bytes]) -> int:
    return sum(len(decode_change(data).operations) for data in changes)


def pages(wires: Sequence[bytes], most: int = _PAGE) -> list[list[bytes]]:
    """Envelopes in pages as a server gives them."""
    found: list[list[bytes]] = [[]]
    size = 0
    for wire in wires:
        if found[-1] and (len(found[-1]) == most or size + len(wire) > _PAGE_BYTES):
            found.append([])
            size = 0
        found[-1].append(wire)
        size += len(wire)
    return found
