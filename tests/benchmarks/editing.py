"""From a local edit to its durable commit, with nothing else going on, and while others' changes pour in."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.store.database import Database, WriteLock, transaction
from app.store.project import Project
from tests.benchmarks import crew
from tests.benchmarks.applying import pages
from tests.benchmarks.measure import file_system, ms, spread, table
from tests.benchmarks.work import Worker

GOAL = 0.005
"""Seconds by which the 99th percentile may be greater while sync applies."""
_PAUSE = 0.005
"""Seconds between two edits: far faster than a person, so that there are enough of them."""


class TimedLock(WriteLock):
    """Adds up how long the urgent ones waited."""

    waited = 0.0

    @contextmanager
    def hold(self, *, urgent: bool) -> Iterator[None]:
        begun = time.perf_counter()
        with super().hold(urgent=urgent):
            if urgent:
                self.waited += time.perf_counter() - begun
            yield


class TimedDatabase(Database):
    """Adds up how long commits take."""

    committed = 0.0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction(self.connection):
            yield
            begun = time.perf_counter()
        self.committed += time.perf_counter() - begun


@dataclass
class Samples:
    """Times of many edits, in seconds, each with its parts."""

    whole: list[float] = field(default_factory=list)
    lock: list[float] = field(default_factory=list)
    disk: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Time on a processor, the commit excepted."""

    def row(self, name: str, applied: str) -> tuple[str, ...]:
        times = spread(self.whole)
        slow = sorted(range(len(self.whole)), key=self.whole.__getitem__)[-max(1, len(self.whole) // 100) :]
        return (
            name,
            applied,
            ms(times.median),
            ms(times.p99),
            ms(times.most),
            _shares(self, range(len(self.whole))),
            _shares(self, slow),
        )


def _shares(samples: Samples, chosen: Sequence[int]) -> str:
    """Of the time of some edits: waiting for the lock, the disk, own work, the interpreter and a processor."""
    whole = sum(samples.whole[at] for at in chosen)
    lock, disk, own = (
        sum(part[at] for at in chosen) / whole for part in (samples.lock, samples.disk, samples.own)
    )
    return " ".join(f"{share:.0%}" for share in (lock, disk, own, max(0.0, 1 - lock - disk - own)))


def run(count: int, folder: Path) -> str:
    """Measure ``count`` edits each, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        host = crew.found(Path(place))
        worker = Worker(host.project)
        worker.furnish()
        worker.make_issues(max(20, count // 2))
        device = crew.join(host, Path(place), "reader")
        device.receive(crew.log(host))
        device = _watched(device)
        edit_all(device.project, worker.issues, 20)
        rows = []
        quiet = edit_all(device.project, worker.issues, count)
        rows.append(quiet.row("nothing else", "0"))
        for at_once in (500, 1):
            worker.edit_much(count * (30 if at_once > 1 else 8))
            wires = list(crew.sealed(host, crew.unsealed(host), at_once))
            host.side.prepare_push()
            busy, applied = _while_applying(device, worker.issues, count, wires)
            rows.append(busy.row(f"others' changes, {at_once} in an envelope", f"{applied:,.0f}"))
            more = spread(busy.whole).p99 - spread(quiet.whole).p99
            rows[-1] = (*rows[-1], f"{more * 1e3:+.2f} ms: {'met' if more <= GOAL else 'missed'}")
        rows[0] = (*rows[0], f"≤ +{GOAL * 1e3:.0f} ms")
        device.project.close()
        host.project.close()
        return table(
            f"Local edit to durable commit, ms ({file_system(Path(place))}, synchronous FULL, {count} edits; shares: "
            "write lock, commit on disk, own work, interpreter or processor busy)",
            (
                "meanwhile",
                "applied/s",
                "median",
                "p99",
                "most",
                "shares of all",
                "shares of the slowest 1 %",
                "p99 goal",
            ),
            rows,
        )


def _watched(device: crew.Device) -> crew.Device:
    """The device with its lock and its commits timed."""
    project = device.project
    project.lock = TimedLock()
    project.db.__class__ = TimedDatabase
    return device


def edit_all(project: Project, issues: Sequence[bytes], count: int, seed: int = 1) -> Samples:
    """Edit a field at a time, each edit timed until it is durable."""
    chance = random.Random(seed)
    samples = Samples()
    lock, database = project.lock, project.db
    assert isinstance(lock, TimedLock)
    assert isinstance(database, TimedDatabase)
    for number in range(count):
        time.sleep(_PAUSE)
        record = chance.choice(issues)
        waited, committed = lock.waited, database.committed
        own, begun = time.thread_time(), time.perf_counter()
        project.set(record, "title", f"Edited here {number}")
        samples.whole.append(time.perf_counter() - begun)
        samples.own.append(time.thread_time() - own)
        samples.lock.append(lock.waited - waited)
        samples.disk.append(database.committed - committed)
    return samples


def _while_applying(
    device: crew.Device, issues: Sequence[bytes], count: int, wires: Sequence[bytes]
) -> tuple[Samples, float]:
    """Edit while another thread applies envelopes on its own connection, as fast as it can."""
    begun = threading.Event()
    enough = threading.Event()
    rates: list[float] = []

    def apply() -> None:
        side = device.in_background()
        before = side.project.db.all("SELECT count(*) FROM changes")[0][0]
        start = time.perf_counter()
        begun.set()
        for page in pages(wires, 200):
            if enough.is_set():
                break
            side.receive(page)
        else:
            ended_early.append(True)
        rates.append(
            (side.project.db.all("SELECT count(*) FROM changes")[0][0] - before)
            / (time.perf_counter() - start)
        )
        side.project.close()

    ended_early: list[bool] = []
    thread = threading.Thread(target=apply)
    thread.start()
    begun.wait()
    samples = edit_all(device.project, issues, count, seed=2)
    enough.set()
    thread.join()
    if ended_early:
        print("  (all changes were applied before the last edit)", file=sys.stderr)
    return samples, rates[0]
