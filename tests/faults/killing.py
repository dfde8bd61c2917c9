"""SIGKILL of a device's process and of the server's, at random, in a loop, while both work.

The device is a process of its own (``python -m tests.faults.killing PASSPORT``): it makes issues, types, and
syncs without a pause, and says on a line what it has finished. What stands on a line is acknowledged. After
each kill the file is opened again and looked at, and in the end all devices must agree.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.sync_side import SyncSide
from sync.clock import SystemClock, system_random
from sync.engine import Engine
from sync.epochs import EpochKey, KeyRing
from sync.errors import SitebookError
from sync.identity import DeviceIdentity
from sync.transport.http import HttpTransport
from tests.faults.crew import Crew, Device, expect
from tests.faults.server import Server

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST = 0.8
"""Seconds that a device or server lives at most before it is killed."""


class Killing:
    """A project on a server; somebody pulls plugs."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.folder = folder
        self.chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.server = Server(folder / "server")
        self.crew = Crew(folder, self.server.url, seed)
        self.crew.join("bob")
        self.shared, _ = self.crew.founder.project.create(ISSUE, {"title": "shared"}, text="begin")
        self.crew.founder.acknowledged.add("shared")
        self.crew.settle()
        self.typed: set[str] = set()
        """Words that a device said it had put into the shared text."""
        self.cut: set[str] = set()
        """What was begun, and may be there or not."""
        self._runs = 0
        self.crew.stop()

    def close(self) -> None:
        self.server.kill()

    def run(self, times: int) -> None:
        """Kill so many times; look after each, and at everything in the end and now and then."""
        while self.counts["kills"] < times:
            try:
                self._once()
                if self.counts["kills"] % 10 == 0:
                    self._agree()
            except Exception as error:
                error.add_note(f"seed {self.seed}, after {self.counts['kills']} kills")
                raise
        self._agree()

    def _once(self) -> None:
        working = (
            list(self.crew.devices) if self.chance.random() < 0.4 else [self.chance.choice(self.crew.devices)]
        )
        processes = [(device, self._begin(device)) for device in working]
        for _, process in processes:
            assert process.stdout is not None
            process.stdout.readline()  # it works now; before, it only loads itself
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0.0, _LONGEST))
            self.server.kill()
            self.counts["kills"] += 1
            self.counts["server"] += 1
            if self.chance.random() < 0.5:
                self.server.start()
        time.sleep(self.chance.uniform(0.0, _LONGEST))
        for device, process in processes:
            process.kill()
            self.counts["kills"] += 1
            self.counts["device"] += 1
            self._note(device, process)
        if not self.server.runs:
            self.server.start()
        for device in working:
            self._look(device)

    def _begin(self, device: Device) -> subprocess.Popen[str]:
        self._runs += 1
        identity = device.identity
        passport = {
            "path": str(device.path),
            "url": self.server.url,
            "name": f"{device.name}{self._runs}",
            "shared": self.shared.hex(),
            "seed": self.chance.randrange(1 << 30),
            "file_key": device.file_key.hex(),
            "identity": [
                each.hex()
                for each in (identity.project, identity.sign_seed, identity.kem_private, identity.member)
            ],
            "keys": [[key.compartment, key.epoch.hex(), key.key.hex()] for key in device.keys],
        }
        path = self.folder / f"{device.name}.passport"
        path.write_text(json.dumps(passport))
        with (self.folder / f"{device.name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.killing", str(path)],
                cwd=_ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def _note(self, device: Device, process: subprocess.Popen[str]) -> None:
        """Read what the device said before it died."""
        assert process.stdout is not None
        out = process.stdout.read()
        process.stdout.close()
        code = process.wait()
        log = (self.folder / f"{device.name}.log").read_text()
        expect(code == -9 and "Traceback" not in log, f"{device.name} died by itself: {log[-2000:]}")
        for line in out.splitlines(keepends=True):
            what, _, word = line.strip().partition(" ")
            if what == "begin":
                self.cut.add(word)
            elif line.endswith("\n"):
                self.cut.discard(word)
                (device.acknowledged if what == "issue" else self.typed).add(word)
                self.counts[what] += 1

    def _look(self, device: Device) -> None:
        """What one device must hold by itself, and then what it holds after a round."""
        device.start()
        try:
            self._holds(device)
            device.must_sync()
            self._holds(device)
            device.project.check()
        finally:
            device.stop()

    def _holds(self, device: Device) -> None:
        titles = device.titles()
        lost = device.acknowledged - titles.keys()
        expect(not lost, f"{device.name} lost {sorted(lost)[:5]}")
        doubled = [title for title, count in titles.items() if count > 1]
        expect(not doubled, f"{doubled[:5]} are doubled on {device.name}")
        words = Counter(device.project.plain_text(self.shared).split())
        own = {word for word in self.typed if word.startswith(device.name)}
        lost = own - words.keys()
        expect(not lost, f"{device.name} lost the words {sorted(lost)[:5]}")
        expect(all(count == 1 for count in words.values()), f"words are doubled on {device.name}")

    def _agree(self) -> None:
        devices = self.crew.devices
        for device in devices:
            device.start()
        try:
            for _ in range(2):
                for device in devices:
                    device.must_sync()
            first = devices[0]
            acknowledged = set().union(*(device.acknowledged for device in devices))
            for device in devices:
                self._holds(device)
                titles, text = device.titles(), device.project.plain_text(self.shared)
                expect(titles == first.titles(), f"{device.name} has other issues than {first.name}")
                expect(text == first.project.plain_text(self.shared), f"{device.name} has another text")
                lost = (acknowledged - titles.keys()) | (self.typed - set(text.split()))
                expect(not lost, f"{device.name} lacks {sorted(lost)[:5]}")
                more = titles.keys() - acknowledged - self.cut
                expect(not more, f"nobody made {sorted(more)[:5]}")
                status = device.project.status()
                expect(
                    (status.waiting, status.held, status.attention) == (0, 0, 0), f"{device.name}: {status}"
                )
            self.counts["agreed"] += 1
        finally:
            for device in devices:
                device.stop()

    def figures(self) -> str:
        counts = self.counts
        return (
            f"{counts['kills']} kills ({counts['device']} of devices, {counts['server']} of the server), "
            f"{counts['issue']} issues and {counts['text']} words acknowledged, agreed {counts['agreed']} times"
        )


def _work(data: dict[str, Any]) -> None:
    """A device that never rests."""
    identity = DeviceIdentity(*(bytes.fromhex(each) for each in data["identity"]))
    keys = [EpochKey(number, bytes.fromhex(epoch), bytes.fromhex(key)) for number, epoch, key in data["keys"]]
    clock, chance = SystemClock(), random.Random(data["seed"])
    project = Project.open(
        Path(data["path"]),
        bytes.fromhex(data["file_key"]),
        device=identity.device,
        clock=clock,
        random=system_random,
    )
    transport = HttpTransport(data["url"], identity.signing, clock)
    engine = Engine(SyncSide(project, identity, KeyRing(tuple(keys))), transport, clock, system_random)
    shared = bytes.fromhex(data["shared"])
    number = 0
    _say("ready")
    while True:
        number += 1
        word = f"{data['name']}x{number}"
        _say(f"begin {word}")
        if chance.random() < 0.7:
            project.create(ISSUE, {"title": word}, text=f"about {word}")
            _say(f"issue {word}")
        else:
            project.insert_text(shared, "text", 0, f"{word} ")
            _say(f"text {word}")
        if chance.random() < 0.3:
            with suppress(SitebookError):
                project.maintain()
        # The wait after a failure is not lived through here: that it is short is another test's business.
        engine.sync_now()
        for _ in range(chance.randrange(1, 9)):
            if engine.next_in > 0.0:
                break
            engine.step()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    _work(json.loads(Path(sys.argv[1]).read_text()))
