"""Load on a relay over loopback: ``python -m tests.benchmarks.relay_load``.

A real server process on SQLite with durable commits; the pushing devices are threads of this process, so both
share the machine's cores. All envelopes are made beforehand.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path

from sync.cookie import Cookie
from sync.transport.http import HttpTransport
from tests.server.people import Person, found, join
from tests.server.process import ServerProcess

CASES = ((1, 300, 1), (4, 100, 1), (4, 50, 10), (4, 10, 200))
"""Devices, requests of each, envelopes in a request."""


def run(devices: int, requests: int, size: int) -> str:
    """Measure one case, as a line of the table."""
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        founder, founding = found()
        transport = HttpTransport(server.url, founder.signing)
        transport.push(founder.project, [founding])
        work: list[tuple[Person, list[list[bytes]]]] = []
        for seed in range(50, 50 + devices):
            invite = founder.invite()
            person, wire = join(founder, invite, seed)
            transport.push(founder.project, [invite.envelope.wire(), wire])
            work.append((person, [[person.write(bytes(150)) for _ in range(size)] for _ in range(requests)]))
        times: list[float] = []

        def push(person: Person, batches: list[list[bytes]]) -> None:
            own = HttpTransport(server.url, person.signing)
            own.check()
            for batch in batches:
                begun = time.perf_counter()
                own.push(person.project, batch)
                times.append(time.perf_counter() - begun)
            own.close()

        threads = [threading.Thread(target=push, args=each) for each in work]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pushed = time.perf_counter() - begun
        count = devices * requests

        begun = time.perf_counter()
        cookie: Cookie | None = None
        more = True
        while more:
            page = transport.pull(founder.project, cookie)
            cookie, more = page.cookie, page.more
        pulled = time.perf_counter() - begun
        transport.close()
        assert cookie is not None
    percentiles = statistics.quantiles(times, n=100)
    return (
        f"{devices:>7} {size:>10} {count / pushed:>11.0f} {count * size / pushed:>12.0f} "
        f"{percentiles[49] * 1e3:>8.1f} {percentiles[98] * 1e3:>8.1f} {cookie.version / pulled:>9.0f}"
    )


def main() -> None:
    """Print the table."""
    print("devices  envelopes  requests/s  envelopes/s   p50 ms   p99 ms  pulled/s")
    for case in CASES:
        print(run(*case))


if __name__ == "__main__":
    main()
