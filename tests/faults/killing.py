"""SIGKILL of a device's process and of the server's, at random, in a loop, while both work.

The device is a process of its own (``python -m tests.faults.killing PASSPORT``): it makes issues, types, adds
photos, and syncs without a pause, and says on a line what it has finished. What stands on a line is acknowledged. After
each kill the file is opened again and looked at, and in the end all devices must agree.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.domain.schema import ATTACHMENT, ISSUE
from app.store import file_places
from app.store.attached_file import chunks_of
from app.store.attachments import Attachments, Sealed, attach
from app.store.project import Project
from app.store.sync_side import SyncSide
from app.store.transfers import FileTransfers
from sync.attachments import seal
from sync.clock import SystemClock, system_random
from sync.engine import Engine
from sync.epochs import EpochKey, KeyRing
from sync.errors import SitebookError
from sync.identity import DeviceIdentity
from sync.transfer import Transfers
from sync.transport.http import HttpTransport
from tests.faults.crew import Crew, Device, expect
from tests.faults.server import Server

_ROOT = Path(__file__).resolve().parents[2]
_MOST = 24
"""Lines that a device says at most before it or the server is killed: how fast the machine is does not matter."""
_A_MOMENT = 0.02
_CHUNK = 1_024
_MOVES = 400
_REST = 3_600.0


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
        self.photos: dict[str, str] = {}
        """Names of photos that a device said it had attached, and whose they are."""
        self.cut: set[str] = set()
        """What was begun, and may be there or not."""
        self._said: defaultdict[str, list[str]] = defaultdict(list)
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
            self._live(processes)
            self.server.kill()
            self.counts["kills"] += 1
            self.counts["server"] += 1
            if self.chance.random() < 0.5:
                self.server.start()
        self._live(processes)
        for device, process in processes:
            process.kill()
            self.counts["kills"] += 1
            self.counts["device"] += 1
            self._note(device, process)
        if not self.server.runs:
            self.server.start()
        for device in working:
            self._look(device)

    def _live(self, processes: list[tuple[Device, subprocess.Popen[str]]]) -> None:
        """Let them work for some lines of one of them, and for part of the next."""
        device, process = self.chance.choice(processes)
        assert process.stdout is not None
        for _ in range(self.chance.randint(1, _MOST)):
            self._said[device.name].append(process.stdout.readline())
        time.sleep(self.chance.uniform(0.0, _A_MOMENT))

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
        out = "".join(self._said.pop(device.name, [])) + process.stdout.read()
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
                if what == "photo":
                    self.photos[word] = device.name
                else:
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
        self._holds_photos(device, {photo for photo, name in self.photos.items() if name == device.name})

    def _holds_photos(self, device: Device, wanted: set[str]) -> None:
        """These are on a device byte for byte, and none is doubled."""
        attachments = Attachments(device.project, _files(device.path))
        files = [attachments.file(record) for record in device.project.records(ATTACHMENT)]
        found = Counter(file.name for file in files)
        expect(
            not wanted - found.keys(), f"{device.name} lost the photos {sorted(wanted - found.keys())[:5]}"
        )
        expect(all(count == 1 for count in found.values()), f"photos are doubled on {device.name}")
        for file in files:
            if file.name in wanted:
                with file.open() as source:
                    expect(source.read() == _photo(file.name), f"{file.name} is not whole on {device.name}")

    def _move_files(self, device: Device, *, everything: bool) -> None:
        """Let its files move until nothing waits, or at least nothing to be given."""
        store = FileTransfers(
            device.project, _files(device.path), device.identity.signing, KeyRing(device.keys), eager=True
        )
        transfers = Transfers(store, device.transport, device.clock, device.random)
        for _ in range(_MOVES):
            moved = transfers.step()
            if moved.error is not None:
                raise moved.error
            queue = file_places.queue(device.project)
            if moved.next_in > 0.0:
                if not queue.up and not (queue.down and everything):
                    return
                device.clock.pass_seconds(_REST)
        expect(False, f"{device.name} still has files to move: {file_places.queue(device.project)}")

    def _agree(self) -> None:
        devices = self.crew.devices
        for device in devices:
            device.start()
        try:
            for _ in range(2):
                for device in devices:
                    device.must_sync()
            # What the first gets may come from the second, which comes after it.
            for device in devices:
                self._move_files(device, everything=False)
            for device in devices:
                self._move_files(device, everything=True)
            first = devices[0]
            acknowledged = set().union(*(device.acknowledged for device in devices))
            for device in devices:
                self._holds(device)
                attached = device.project.column(ATTACHMENT, "name").values()
                self._holds_photos(device, set(attached) | self.photos.keys())
                more = set(attached) - self.photos.keys() - self.cut
                expect(not more, f"nobody attached {sorted(more)[:5]}")
                expect(self._all_served(device), "the server does not have all photos")
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

    def _all_served(self, device: Device) -> bool:
        """Whether the server says that it has every photo."""
        attachments = Attachments(device.project, _files(device.path))
        names: list[bytes] = []
        for record in device.project.records(ATTACHMENT):
            manifest = attachments.file(record).manifest
            assert manifest is not None
            names += manifest.names
        return all(device.transport.have_chunks(device.project.id, names))

    def figures(self) -> str:
        counts = self.counts
        return (
            f"{counts['kills']} kills ({counts['device']} of devices, {counts['server']} of the server), "
            f"{counts['issue']} issues and {counts['text']} words and {counts['photo']} photos "
            f"acknowledged, agreed {counts['agreed']} times"
        )


def _files(path: Path) -> Path:
    """Where the files of a project lie."""
    return path.with_suffix(".files")


def _photo(name: str) -> bytes:
    """The bytes of a photo: several chunks, and nobody else's."""
    chance = random.Random(name)
    return chance.randbytes(chance.randrange(8 * _CHUNK))


def _attach(project: Project, directory: Path, parent: bytes, name: str) -> None:
    sealed = seal(io.BytesIO(_photo(name)), chunks_of(directory), system_random, chunk_size=_CHUNK)
    attach(
        project,
        parent,
        Sealed(name, "application/octet-stream", sealed.manifest, sealed.key, None, sealed.added),
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
    ring = KeyRing(tuple(keys))
    engine = Engine(SyncSide(project, identity, ring), transport, clock, system_random)
    directory = _files(Path(data["path"]))
    store = FileTransfers(project, directory, identity.signing, ring, eager=True)
    transfers = Transfers(store, transport, clock, system_random)
    shared = bytes.fromhex(data["shared"])
    number = 0
    _say("ready")
    while True:
        number += 1
        word = f"{data['name']}x{number}"
        _say(f"begin {word}")
        draw = chance.random()
        if draw < 0.25:
            _attach(project, directory, shared, word)
            transfers.poke()
            _say(f"photo {word}")
        elif draw < 0.75:
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
        for _ in range(chance.randrange(9)):
            if transfers.next_in > 0.0:
                break
            transfers.step()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    _work(json.loads(Path(sys.argv[1]).read_text()))
