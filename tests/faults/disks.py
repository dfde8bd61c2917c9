"""Full disks and errors at the n-th write, read or sync, on the server and on a device that receives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync.cookie import Cookie
from sync.envelope import parse
from sync.errors import SitebookError
from sync.membership_actions import Role
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.transport.base import Outcome
from tests.faults.crew import Crew, Device, expect
from tests.faults.disk import Faults
from tests.server.people import Person, Site, begin
from tests.server.support import FakeClock, Seeded

VFS = "faulty"


@dataclass
class _Told:
    """What a server said that it had taken: by hash, its place."""

    versions: dict[bytes, int]
    refused: int = 0

    def push(self, relay: Relay, person: Person, wires: list[bytes]) -> None:
        try:
            acks = relay.push(person.project, wires, by=person.device)
        except SitebookError:
            self.refused += 1
            return
        for ack in acks:
            expect(ack.outcome in (Outcome.ACCEPTED, Outcome.KNOWN), f"a push is answered with {ack}")
            assert ack.version is not None
            expect(
                self.versions.setdefault(ack.hash, ack.version) == ack.version,
                "an envelope changes its place",
            )


class ServerDisk:
    """One server's file, made once; each fault meets a copy of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        storage = SqliteStorage(folder / "base.db", self.clock, Seeded(1))
        self.site: Site = begin(Relay(storage, self.clock), self.clock)
        self.editor = self.site.member(Role.EDITOR)
        storage.close()
        self.base = (folder / "base.db").read_bytes()
        self.batches = [[self.editor.write(bytes(900)) for _ in range(6)] for _ in range(4)]
        self.founders = [self.site.founder.write(bytes(200)) for _ in range(3)]

    def try_one(self, faults: Faults, kind: str, after: int, *, lasting: bool) -> bool:
        """Push under one fault, heal, go on, open again: what was acknowledged is there. Whether it struck."""
        path = self.folder / "run.db"
        for each in self.folder.glob("run.db*"):
            each.unlink()
        path.write_bytes(self.base)
        faults.heal()
        storage = SqliteStorage(path, self.clock, Seeded(2), vfs=VFS)
        relay = Relay(storage, self.clock)
        told = _Told({})
        # A server that just started reads the membership first; both orders are tried.
        faults.plan(kind, after, lasting=lasting)
        told.push(relay, self.editor, self.batches[0])
        told.push(relay, self.site.founder, self.founders[:1])
        with suppress(SitebookError):
            relay.pull(self.site.project, None, by=self.editor.device)
        told.push(relay, self.editor, self.batches[1])
        struck = faults.struck
        faults.heal()
        # The disk is well again: the same process goes on, and what failed goes through now.
        failed = told.refused
        told.push(relay, self.editor, self.batches[0] + self.batches[1])
        told.push(relay, self.editor, self.batches[2])
        expect(told.refused == failed, f"the server did not go on after “{kind}” at {after}")
        self._holds(relay, told)
        with suppress(SitebookError):
            storage.close()
        storage = SqliteStorage(path, self.clock, Seeded(3))
        relay = Relay(storage, self.clock)
        self._holds(relay, told)
        told.push(relay, self.editor, self.batches[3])
        self._holds(relay, told)
        storage.close()
        return struck

    def _holds(self, relay: Relay, told: _Told) -> None:
        """The log is dense, its running hash is right, and it has all that was acknowledged, once, in its place."""
        wires: list[bytes] = []
        cookie: Cookie | None = None
        while True:
            page = relay.pull(self.site.project, cookie, 5, by=self.editor.device)
            expect(not page.reset, "the server shows another history")
            wires += page.wires
            cookie = page.cookie
            if not page.more:
                break
        hashes = [parse(wire).hash for wire in wires]
        expect(len(set(hashes)) == len(hashes), "an envelope is doubled on the server")
        walked = Cookie.start(cookie.generation)
        for each in hashes:
            walked = walked.advance(each)
        expect(walked == cookie, "the running hash is not that of the log")
        for hashed, version in told.versions.items():
            expect(
                version <= len(hashes) and hashes[version - 1] == hashed, "an acknowledged envelope is lost"
            )


def every_write(
    attempt: Callable[[str, int, bool], bool], kinds: Iterable[str], *, stride: int = 1, most: int = 1_000
) -> Counter[str]:
    """Let the n-th call of each kind fail, once and from then on, for every n until none is reached."""
    counts: Counter[str] = Counter()
    for kind in kinds:
        for lasting in (True, False):
            for after in range(0, most, stride):
                try:
                    struck = attempt(kind, after, lasting)
                except Exception as error:
                    error.add_note(f"under “{kind}” at call {after}, {'lasting' if lasting else 'once'}")
                    raise
                counts[kind] += struck
                if not struck:
                    break
    return counts


class ReceivingDisk:
    """A device that has a page of others' changes to take in, and own ones to send."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.crew = Crew(folder, url, seed)
        self.writer = self.crew.join("bob")
        self.device: Device = self.crew.founder
        self.device.must_sync()
        for _ in range(5):
            self.writer.write()
        self.writer.must_sync()
        self.device.write()
        self.device.stop()
        self.base = self.device.path.read_bytes()
        self.own = set(self.device.acknowledged)

    def try_one(self, faults: Faults, kind: str, after: int, lasting: bool) -> bool:
        """One round under one fault, then one on a disk that is well; whether the fault struck."""
        device = self.device
        for each in device.folder.glob(device.path.name + "*"):
            each.unlink()
        device.path.write_bytes(self.base)
        device.acknowledged = set(self.own)
        faults.heal()
        device.vfs = VFS
        device.start()
        faults.plan(kind, after, lasting=lasting)
        step = device.sync()
        struck = faults.struck
        with suppress(SitebookError):
            device.write()
        expect(
            not struck or not lasting or step.error is not None,
            "a round went well on a disk that takes nothing",
        )
        faults.heal()
        device.sync()
        with suppress(SitebookError):
            device.stop()
        device.vfs = None
        device.start()
        step = device.wait_and_sync()
        expect(step.error is None, f"the disk is well, and it says: {step.message}")
        device.must_sync()
        titles = device.titles()
        wanted = self.writer.acknowledged | device.acknowledged
        expect(not wanted - titles.keys(), f"lost {sorted(wanted - titles.keys())}")
        expect(max(titles.values()) == 1, "something is doubled")
        expect(device.project.status().waiting == 0, "something waits for ever")
        device.project.check()
        device.stop()
        return struck
