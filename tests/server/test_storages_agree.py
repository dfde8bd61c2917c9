"""The same things done to the storage in SQLite and to the one in PostgreSQL: all answers are the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from sync.server.postgres import PostgresStorage
from sync.server.sqlite import SqliteStorage
from sync.server.storage import (
    Lease,
    Reading,
    Storage,
    StoredBundle,
    StoredChunk,
    StoredEnvelope,
    StoredNotice,
    Writing,
)
from tests.server.support import FakeClock, Seeded

PROJECTS = [bytes([number]) * 32 for number in (1, 2, 255)]
DEVICES = [bytes([number]) * 32 for number in range(4)]
KINDS = ["live", "held", "confirm"]
Change = Callable[[Writing], Any]


class Script:
    """What is done, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.versions = dict.fromkeys(PROJECTS, 0)
        self.hashes: dict[bytes, list[bytes]] = {project: [] for project in PROJECTS}
        self.names: dict[bytes, list[bytes]] = {project: [] for project in PROJECTS}
        self.bundles: dict[bytes, list[StoredBundle]] = {project: [] for project in PROJECTS}
        self.now = 1_000

    def change(self, project: bytes) -> Change:
        """The next thing to do to a project."""
        self.now += self.random.randrange(-50, 200)
        if not self.versions[project]:
            return self.append(project)
        done: list[Callable[[bytes], Change]] = [
            *(self.append,) * 3,
            *(self.put_chunk, self.touch, self.delete_chunks),
            *(self.put_bundle, self.delete_bundles, self.confirm),
            *(self.put_notice, self.put_notice, self.delete_notices, self.lease, self.drop, self.beside),
        ]
        return self.random.choice(done)(project)

    def append(self, project: bytes) -> Change:
        envelopes: list[StoredEnvelope] = []
        for _ in range(self.random.randrange(1, 6)):
            self.versions[project] += 1
            name = self.random.randbytes(32)
            self.hashes[project].append(name)
            wire = self.random.randbytes(self.random.randrange(1, 3_000))
            kind = self.random.choice([0, 0, 0, 1, 7])
            envelopes.append(StoredEnvelope(self.versions[project], name[::-1], name, kind, wire))
        now = self.now
        return lambda change: change.append(project, envelopes, now)

    def put_chunk(self, project: bytes) -> Change:
        name, size = self.random.randbytes(32), self.random.randrange(1 << 20)
        purpose = self.random.choice(["file", "bundle"])
        now = self.now
        self.names[project].append(name)

        def work(change: Writing) -> int:
            stamp = change.stamp(project, now)
            change.put_chunk(project, StoredChunk(name, f"a/{name.hex()}", size, purpose, stamp))
            return stamp

        return work

    def some_names(self, project: bytes) -> list[bytes]:
        known = self.names[project]
        return [*self.random.sample(known, self.random.randrange(len(known) + 1)), bytes(32)]

    def touch(self, project: bytes) -> Change:
        names, now = self.some_names(project), self.now
        return lambda change: change.touch_chunks(project, names, now)

    def delete_chunks(self, project: bytes) -> Change:
        names, before = self.some_names(project), self.now - self.random.randrange(500)

        def work(change: Writing) -> list[StoredChunk]:
            gone = change.delete_chunks(project, names, before)
            return sorted(gone, key=lambda chunk: chunk.name)

        return work

    def put_bundle(self, project: bytes) -> Change:
        if self.bundles[project] and self.random.random() < 0.2:
            bundle = self.random.choice(self.bundles[project])
        else:
            last = max((each.version for each in self.bundles[project]), default=0)
            version = self.random.randrange(last, self.versions[project] + 1)
            bundle = StoredBundle(
                self.random.randbytes(32), version, self.random.choice(DEVICES), 99, self.now, b"manifest"
            )
            self.bundles[project].append(bundle)
        return lambda change: change.put_bundle(project, bundle)

    def delete_bundles(self, project: bytes) -> Change:
        chosen = [each.hash for each in self.bundles[project][:-1] if self.random.random() < 0.5]

        def work(change: Writing) -> None:
            state = change.project(project)
            assert state is not None
            change.delete_bundles(project, [each for each in chosen if each != state.bundle])

        return work

    def confirm(self, project: bytes) -> Change:
        device = self.random.choice(DEVICES)

        def work(change: Writing) -> None:
            for bundle in change.bundles(project):
                change.confirm(project, bundle.hash, device)

        return work

    def put_notice(self, project: bytes) -> Change:
        kind, device = self.random.choice(KINDS), self.random.choice(DEVICES)
        number, size, now = self.random.randrange(1 << 62), self.random.randrange(200), self.now

        def work(change: Writing) -> None:
            stamp = change.stamp(project, now)
            change.put_notice(project, StoredNotice(kind, device, number, stamp, bytes(size)))

        return work

    def delete_notices(self, project: bytes) -> Change:
        devices = self.random.sample(DEVICES, self.random.randrange(3))
        return lambda change: change.delete_notices(project, devices)

    def lease(self, project: bytes) -> Change:
        lease = None if self.random.random() < 0.3 else Lease(self.random.choice(DEVICES), self.now)
        return lambda change: change.set_lease(project, lease)

    def drop(self, project: bytes) -> Change:
        # What no bundle covers is not dropped: the relay sees to that.
        bundles = self.bundles[project]
        upto = bundles[-1].version if bundles else 0
        before, count = self.now - self.random.randrange(300), self.random.randrange(1, 20)
        return lambda change: change.drop_log(project, upto, before, count)

    def beside(self, project: bytes) -> Change:
        grants = {self.random.randbytes(4): (self.random.choice(DEVICES), self.random.randbytes(9))}
        gone, devices = self.random.choice(DEVICES), self.random.sample(DEVICES, 2)

        def work(change: Writing) -> None:
            change.delete_grants(project, gone)
            change.put_grants(project, grants)
            change.add_devices(project, devices)

        return work

    def answers(self, view: Reading, project: bytes) -> list[object]:
        """Everything that can be asked about a project."""
        chance = random.Random(self.now)
        names = [*self.names[project], bytes(32)]
        after, count, size = chance.randrange(9), chance.randrange(1, 9), chance.randrange(9_000)
        return [
            view.project(project),
            view.running(project, after),
            view.known(project, [*self.hashes[project], bytes(32)]),
            view.known(project, []),
            view.page(project, after, count, size),
            view.membership(project, after),
            [view.grants(project, device) for device in DEVICES],
            view.count_grants(project),
            view.totals(),
            [view.projects_of(device) for device in DEVICES],
            view.projects(b"", 10),
            view.projects(project, 1),
            view.chunks(project, names),
            view.chunks(project, []),
            view.old_chunks(project, self.now, chance.randbytes(32), count),
            view.old_chunks(project, self.now - 100, b"", 100),
            view.bundles(project),
            view.confirmations(project),
            [view.notice(project, kind, device) for kind in KINDS for device in DEVICES],
            [view.notices(project, kind, self.now - 300, size // 30) for kind in KINDS],
            [view.notices(project, kind, 0, 1 << 20) for kind in KINDS],
            view.notices(project, "\0", 0, 1),
            view.notice(project, "a\0b", DEVICES[0]),
            view.notice_bytes(project),
            view.lease(project),
        ]


def done(storage: Storage, project: bytes, change: Change, script: Script) -> list[object]:
    """Do one thing; what it gave, and all answers within the transaction and after it."""
    with storage.write(project) as writing:
        given = change(writing)
        within = script.answers(writing, project)
    with storage.read() as view:
        return [given, within, [script.answers(view, each) for each in PROJECTS]]


@pytest.mark.parametrize("seed", range(4))
def test_both_storages_give_the_same_answers(seed: int, postgres_storage: PostgresStorage) -> None:
    sqlite = SqliteStorage(":memory:", FakeClock(), Seeded(seed))
    script = Script(seed)
    for step in range(60):
        project = script.random.choice(PROJECTS)
        change = script.change(project)
        first = done(sqlite, project, change, script)
        second = done(postgres_storage, project, change, script)
        for number, (one, other) in enumerate(zip(first, second, strict=True)):
            assert one == other, f"step {step}, part {number}"
    sqlite.close()
