"""From a local edit to its durable commit, with nothing else going on, and while others' changes pour in."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
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
_ROUNDS = 3
_AT_ONCE = (500, 1)
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
    of_processor = 0.0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction(self.connection):
            yield
            begun, processor = time.perf_counter(), time.thread_time()
        self.committed += time.perf_counter() - begun
        self.of_processor += time.thread_time() - processor


@dataclass
class Samples:
    """Times of many edits, in seconds, each with its parts."""

    whole: list[float] = field(default_factory=list)
    lock: list[float] = field(default_factory=list)
    disk: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Time on a processor, the commit excepted."""

    def row(self, name: str, applied: float) -> tuple[str, ...]:
        """The cells of the table: who, how much was applied meanwhile, times and shares."""
        times = spread(self.whole)
        slow = sorted(range(len(self.whole)), key=self.whole.__getitem__)[-max(1, len(self.whole) // 100) :]
        return (
            name,
            f"{applied:,.0f}",
            str(len(self.whole)),
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
    """Measure ``count`` edits of each kind in several rounds, as a table."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.001)  # as the window does
    try:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            return _run(count, Path(place))
    finally:
        sys.setswitchinterval(interval)


def _run(count: int, folder: Path) -> str:
    host = crew.found(folder)
    worker = Worker(host.project)
    worker.furnish()
    worker.make_issues(max(20, count))
    device = crew.join(host, folder, "reader")
    device.receive(crew.log(host))
    device = _watched(device)
    edit_all(device.project, worker.issues, 20)
    quiet = Samples()
    busy = {at_once: Samples() for at_once in _AT_ONCE}
    rates: dict[int, list[float]] = {at_once: [] for at_once in _AT_ONCE}
    for _ in range(_ROUNDS):
        edit_all(device.project, worker.issues, count // _ROUNDS, quiet)
        for at_once, samples in busy.items():
            worker.edit_much(count * (10 if at_once > 1 else 4))
            wires = list(crew.sealed(host, crew.unsealed(host), at_once))
            host.side.prepare_push()
            rates[at_once].append(_while_applying(device, worker.issues, count // _ROUNDS, wires, samples))
    device.project.close()
    host.project.close()
    usual = spread(quiet.whole).p99
    rows = [(*quiet.row("nothing else", 0), f"at most +{GOAL * 1e3:.0f} ms")]
    for at_once, samples in busy.items():
        more = spread(samples.whole).p99 - usual
        name = f"others' changes, {at_once} in an envelope"
        rate = sum(rates[at_once]) / _ROUNDS
        verdict = f"{more * 1e3:+.2f} ms: {'met' if more <= GOAL else 'missed'}"
        rows.append((*samples.row(name, rate), verdict))
    return table(
        f"Local edit to durable commit, ms ({file_system(folder)}, synchronous FULL; shares: waiting for the write "
        "lock, commit on disk, own work, waiting for the interpreter or a processor)",
        (
            "meanwhile",
            "applied/s",
            "edits",
            "median",
            "p99",
            "most",
            "shares",
            "of the slowest 1 %",
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


def edit_all(
    project: Project,
    issues: Sequence[bytes],
    count: int,
    samples: Samples | None = None,
    going_on: Callable[[], bool] = lambda: True,
) -> None:
    """Edit a field at a time, each edit timed until it is durable, while something else goes on."""
    samples = Samples() if samples is None else samples
    chance = random.Random(len(samples.whole))
    lock, database = project.lock, project.db
    assert isinstance(lock, TimedLock)
    assert isinstance(database, TimedDatabase)
    for number in range(count):
        time.sleep(_PAUSE)
        record = chance.choice(issues)
        waited, committed, in_commit = lock.waited, database.committed, database.of_processor
        own, begun = time.thread_time(), time.perf_counter()
        project.set(record, "title", f"Edited here {number} {len(samples.whole)}")
        if not going_on():
            break
        samples.whole.append(time.perf_counter() - begun)
        samples.own.append(time.thread_time() - own - (database.of_processor - in_commit))
        samples.lock.append(lock.waited - waited)
        samples.disk.append(database.committed - committed)


def _while_applying(
    device: crew.Device, issues: Sequence[bytes], count: int, wires: Sequence[bytes], samples: Samples
) -> float:
    """Edit while another thread applies envelopes on its own connection, as fast as it can; its rate."""
    ready = threading.Event()
    enough = threading.Event()
    over = threading.Event()
    rates: list[float] = []

    def apply() -> None:
        twin = device.in_background()
        before = _changes(twin.project)
        begun = time.perf_counter()
        ready.set()
        for page in pages(wires, 200):
            twin.receive(page)
            if enough.is_set():
                break
        over.set()
        rates.append((_changes(twin.project) - before) / (time.perf_counter() - begun))
        twin.project.close()

    thread = threading.Thread(target=apply)
    thread.start()
    ready.wait()
    edit_all(device.project, issues, count, samples, lambda: not over.is_set())
    enough.set()
    thread.join()
    return rates[0]


def _changes(project: Project) -> int:
    return int(project.db.all("SELECT count(*) FROM changes")[0][0])
