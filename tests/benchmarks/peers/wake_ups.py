"""From a change to those who listen: our server's event streams, beside Hocuspocus relaying edits of one text.

The same number of edits, with the same pause after each was seen by all. What Sitebook's time has in it, and that of
Hocuspocus has not: the change is sealed, and durable on the server's disk, before anybody is told.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks import server_load
from tests.benchmarks.measure import Spread, ms, spread, table
from tests.benchmarks.peers import npm

PACKAGES: Final = (
    *("@hocuspocus/server@3.4.3", "@hocuspocus/provider@3.4.3"),
    *("yjs@13.6.27", "ws@8.18.3"),
)
PAUSE: Final = 0.02
"""Seconds between two edits; ``hocus.cjs`` waits as long."""


def run(listeners: int, edits: int, folder: Path) -> str:
    """Measure both, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        scratch = Path(place)
        npm.install(scratch, *PACKAGES)
        with server_load.on_sqlite(scratch) as server:
            ours = spread(server_load.wake_ups(server, listeners, edits, PAUSE))
        with npm.serving("hocus.cjs", scratch) as port:
            said = npm.answer(
                "hocus.cjs", "listen", str(scratch), f"ws://127.0.0.1:{port}", str(listeners), str(edits)
            )
    assert len(said["times"]) == listeners * edits, len(said["times"])
    theirs = spread([each / 1e3 for each in said["times"]])
    rows = [_row("Sitebook, durable and encrypted", ours), _row("Hocuspocus, in memory", theirs)]
    title = (
        f"From a change to {listeners} listeners, ms "
        f"({edits} changes, {PAUSE * 1e3:.0f} ms apart; node {said['node']})"
    )
    return table(title, ("server", "p50", "p99", "at most"), rows)


def _row(name: str, times: Spread) -> tuple[str, ...]:
    return name, ms(times.median), ms(times.p99), ms(times.most)
