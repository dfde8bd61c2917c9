"""Issues made one by one and brought from device to device over a server, beside PouchDB with express-pouchdb."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from app.domain.schema import ISSUE
from tests.benchmarks import crew
from tests.benchmarks.measure import file_system, table
from tests.benchmarks.peers import npm
from tests.benchmarks.peers.export import export
from tests.benchmarks.round_trip import made_one_by_one, synced
from tests.benchmarks.work import Worker
from tests.server.process import ServerProcess

PACKAGES: Final = ("pouchdb@9.0.0", "express-pouchdb@4.2.0", "express@4")
GOAL: Final = 2.0
"""Times as fast as PouchDB."""


def run(count: int, folder: Path) -> str:
    """Measure both, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        scratch = Path(place)
        npm.install(scratch, *PACKAGES)
        with ServerProcess(scratch / "data") as server:
            author = crew.found(scratch)
            worker = Worker(author.project)
            worker.furnish()
            reader = crew.join(author, scratch, "reader")
            for device in (author, reader):
                synced(device, server.url)
            made = sum(made_one_by_one(worker, author, count))
            pushed, pulled = synced(author, server.url)[0], synced(reader, server.url)[0]
            assert len(reader.project.records(ISSUE)) == count
            size = export(author.project, scratch)
            for device in (author, reader):
                device.project.close()
        with npm.serving("pouch.cjs", scratch) as port:
            theirs = npm.answer(
                "pouch.cjs",
                "one-by-one",
                str(scratch),
                f"http://127.0.0.1:{port}",
                str(scratch / f"{ISSUE}.jsonl"),
            )
        assert theirs["count"] == count
        where = file_system(scratch)
    ours, other = pushed + pulled, theirs["push"] + theirs["pull"]
    met = "met" if other / ours >= GOAL else "missed"
    rows = [
        ("made one by one", f"{made:.2f}", f"{theirs['put']:.2f}", f"{theirs['put'] / made:.1f}", ""),
        ("to the server", f"{pushed:.2f}", f"{theirs['push']:.2f}", f"{theirs['push'] / pushed:.1f}", ""),
        ("to the other", f"{pulled:.2f}", f"{theirs['pull']:.2f}", f"{theirs['pull'] / pulled:.1f}", ""),
        ("from device to device", f"{ours:.2f}", f"{other:.2f}", f"{other / ours:.1f}", f"{GOAL:.0f}: {met}"),
    ]
    title = f"{count:,} issues ({size / 1e6:.0f} MB as JSON) over loopback, seconds ({where}; node {theirs['node']})"
    note = (
        "Sitebook commits each issue to the disk at once, seals, signs, checks every signature, encrypts both "
        "files and keeps the history; PouchDB does none of these."
    )
    head = ("phase", "Sitebook", "PouchDB", "times faster", "goal")
    return f"{table(title, head, rows)}\n{note}"
