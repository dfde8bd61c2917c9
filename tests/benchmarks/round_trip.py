"""Issues made one by one on a device, pushed to a real server on loopback, and pulled by another device."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from app.domain.schema import ISSUE
from sync.clock import system_random
from sync.engine import Engine, run_until_idle
from sync.transport.http import HttpTransport
from tests.benchmarks import crew
from tests.benchmarks.measure import file_system, ms, spread, table
from tests.benchmarks.work import Worker
from tests.server.process import ServerProcess

_LIMIT = 600.0


def run(count: int, folder: Path) -> str:
    """Measure, as two tables: the phases, and the sizes of what they leave."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        ServerProcess(Path(place) / "data") as server,
    ):
        author = crew.found(Path(place))
        worker = Worker(author.project)
        worker.furnish()
        reader = crew.join(author, Path(place), "reader")
        for device in (author, reader):
            synced(device, server.url)
        empty = _file_size(author)
        made = made_one_by_one(worker, author, count)
        begun, processor = time.perf_counter(), time.process_time()
        author.side.prepare_push()
        sealed = time.perf_counter() - begun, time.process_time() - processor
        pushed = synced(author, server.url)
        pulled = synced(reader, server.url)
        assert len(reader.project.records(ISSUE)) == count
        phases = table(
            f"{count:,} issues over HTTP on loopback ({file_system(Path(place))}; both devices in this process)",
            ("phase", "seconds", "of processor", "issues/s", "each, ms: median", "p99"),
            [
                ("made one by one, each durable", *_row(sum(made), None, count), *map(ms, spread(made)[:2])),
                ("sealed into envelopes", *_row(*sealed, count), "", ""),
                ("pushed", *_row(*pushed, count), "", ""),
                ("pulled and applied by another device", *_row(*pulled, count), "", ""),
            ],
        )
        sizes = _sizes(author, reader, Path(place) / "data", empty, count)
        for device in (author, reader):
            device.project.close()
    return f"{phases}\n\n{sizes}"


def made_one_by_one(worker: Worker, author: crew.Device, count: int) -> list[float]:
    """Make issues, each durable before the next; gives the seconds of each."""
    times = []
    for _ in range(count):
        fields, text = worker.draw_issue()
        begun = time.perf_counter()
        author.project.create(ISSUE, fields, text=text)
        times.append(time.perf_counter() - begun)
    return times


def synced(device: crew.Device, address: str) -> tuple[float, float]:
    """Run a round with a server; gives seconds, and those of the processor."""
    transport = HttpTransport(address, device.identity.signing)
    begun, processor = time.perf_counter(), time.process_time()
    run_until_idle(Engine(device.side, transport, crew.CLOCK, system_random), crew.CLOCK, _LIMIT)
    taken = time.perf_counter() - begun, time.process_time() - processor
    transport.close()
    return taken


def _row(seconds: float, processor: float | None, count: int) -> tuple[str, str, str]:
    return f"{seconds:.2f}", "" if processor is None else f"{processor:.2f}", f"{count / seconds:,.0f}"


def _file_size(device: crew.Device) -> int:
    device.project.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    return device.project.path.stat().st_size


def _sizes(author: crew.Device, reader: crew.Device, data: Path, empty: int, count: int) -> str:
    """What the issues take on the devices, on the server and on the way."""
    rows = author.project.db.all(
        "SELECT length(e.wire), (SELECT count(*) FROM changes c WHERE c.eid = e.eid) FROM envelopes e WHERE kind = 0"
    )
    wires, changes = sum(size for size, _ in rows), sum(number for _, number in rows)
    plain = author.project.db.all("SELECT sum(length(value)) FROM writes")[0][0]
    text = author.project.db.all("SELECT sum(length(data)) FROM updates")[0][0]
    kept = sum(each.stat().st_size for each in data.rglob("*") if each.is_file())
    parts = [
        ("author's project file", _file_size(author) - empty),
        ("reader's project file", _file_size(reader) - empty),
        ("server's data", kept),
        (f"{len(rows):,} envelopes with {changes:,} changes", wires),
        ("values and text updates alone", plain + text),
    ]
    return table(
        f"Sizes for {count:,} issues",
        ("what", "MB", "bytes/issue", "bytes/change"),
        [
            (name, f"{size / 1e6:.2f}", f"{size / count:,.0f}", f"{size / changes:,.0f}")
            for name, size in parts
        ],
    )
