"""A world made from one seed: devices, a server, a network between them, and all that can go wrong.

Single thread, virtual time, every random choice from the seed: the same seed gives the same run. Which kinds
of trouble a run has is itself drawn from the seed, so that each is also tried without the others.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync.engine import run_until_idle
from sync.errors import SitebookError
from sync.invite import InviteCode
from sync.server.limits import Limits
from tests.simulation import faults, files, people
from tests.simulation.cheaper import cached_signatures
from tests.simulation.check import CheckError
from tests.simulation.device import Device, Interrupted
from tests.simulation.disk import Disk
from tests.simulation.network import LOG_GRACE, Network, Server, Weather
from tests.simulation.verdict import judge_world

BEGIN_MS: Final = 1_790_000_000_000
"""Wall time at which every simulation begins (September 2026, UTC)."""
YEAR_MS: Final = 365 * 86_400_000
EDITS: Final = 60
"""Edits of a run, at least."""
_MOST_PASSES: Final = 40
_MEMORY: Final = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Result:
    """How a run went: the hash of its trace, and counts for whoever reads along."""

    seed: int
    trace: str
    devices: int
    edits: int
    changes: int


class WorldClock:
    """The server's clock, which is right."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ms(self) -> int:
        """Wall time."""
        return self._world.now_ms()

    def monotonic(self) -> float:
        """Seconds of the simulation."""
        return self._world.now


class World:
    """All that happens in one run."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        disk: Disk,
        say: Callable[[str], None] | None,
        only: str | None = None,
    ) -> None:
        """``only``: the one kind of trouble of this world, in place of those that the seed draws."""
        self.seed = seed
        self.folder = folder
        self.disk = disk
        self.chance = random.Random(seed)
        self.now = 0.0
        self.devices: list[Device] = []
        self.acknowledged: dict[bytes, str] = {}
        """Every change that a device said it had made and that was not lost with all its copies."""
        self.files: dict[bytes, files.Attached] = {}
        """Every file that a device said it had attached and that was not lost with all its copies, by record."""
        self.codes: list[InviteCode] = []
        self.edits = 0
        self._sealed: dict[bytes, set[bytes]] = {}
        self._say = say
        self._hash = hashlib.sha256()
        server_random = random.Random(f"{seed}/server")
        limits = Limits(log_grace_seconds=LOG_GRACE, file_grace_seconds=files.FILE_GRACE)
        self.server = Server(folder / "server", WorldClock(self), server_random.randbytes, limits)
        self.network = Network(self.server, random.Random(f"{seed}/network"), self.trace)
        drawn = faults.draw(self.chance)
        self.troubles = drawn if only is None else frozenset({only})
        if "power cut" in self.troubles:
            disk.remember()

    def now_ms(self) -> int:
        """The true wall time."""
        return BEGIN_MS + int(self.now * 1_000)

    def trace(self, line: str) -> None:
        """Note what happened."""
        self._hash.update(f"{self.now:.3f} {line}\n".encode())
        if self._say is not None:
            self._say(f"{self.now:12.3f} {line}")

    def run(self) -> Result:
        """Live through the whole run. Raises CheckError where something that must hold does not."""
        try:
            people.settle_in(self)
            self._chaos()
            self._heal()
            if files.KIND in self.troubles:
                files.heal(self)
                self._heal()
            changes = judge_world(self)
        finally:
            for device in self.devices:
                device.stop()
            self.server.close()
        return Result(self.seed, self._hash.hexdigest(), len(self.devices), self.edits, changes)

    def _chaos(self) -> None:
        chance = self.chance
        if "weather" in self.troubles:
            loss, cut, repeat, stray = (chance.choice((0.0, 0.05, 0.2)) for _ in range(4))
            self.network.weather = Weather(loss, cut, repeat, stray, chance.choice((1, 3, 20, 1_000)))
        wanted = EDITS + chance.randrange(10)
        while self.edits < wanted:
            self._pass_time()
            device = chance.choice(self.devices)
            for _ in range(chance.choice((1, 1, 2, 4))):
                self._edit(device)
            if chance.random() < 0.35:
                faults.strike(self)
            for each in self.devices:
                self._let_sync(each)
                if files.KIND in self.troubles and self.chance.random() < 0.2:
                    self._let_move(each)

    def _pass_time(self) -> None:
        draw = self.chance.random()
        if draw < 0.8:
            self.now += self.chance.uniform(0.01, 3.0)
        elif draw < 0.95:
            self.now += self.chance.uniform(5.0, 60.0)
        else:
            self.now += self.chance.uniform(60.0, 100_000.0)

    def _edit(self, device: Device) -> None:
        if device.asleep_until > self.now:
            return
        try:
            what = device.editor.edit()
        except SitebookError as error:
            self.trace(f"{device.name} refused: {error}")
            return
        except Interrupted:
            faults.interrupted(self, device)
            return
        self.take_note(device)
        self.edits += what is not None
        self.trace(f"{device.name} {what or 'finds nothing to do'}")
        if self.chance.random() < 0.7:
            device.engine.poke()

    def take_note(self, device: Device) -> None:
        """Remember the changes that this device has made since the last look."""
        newest = device.project.db.one("SELECT max(cid) FROM changes")
        assert newest is not None
        if newest[0] == device.noted:
            return
        rows = device.project.db.all(
            "SELECT c.id, d.key FROM changes c JOIN devices d USING (did) WHERE c.cid > ? ORDER BY c.cid",
            (device.noted,),
        )
        for change, key in rows:
            if bytes(key) in device.keys_so_far:
                self.acknowledged.setdefault(bytes(change), device.name)
        device.noted = int(newest[0] or 0)

    def note_sealed(self) -> None:
        """Remember which envelope holds which changes, before files go back to an older state."""
        for device in self.devices:
            rows = device.project.db.all(
                "SELECT e.hash, c.id FROM changes c JOIN envelopes e USING (eid) WHERE c.aside = 0"
            )
            for envelope, change in rows:
                self._sealed.setdefault(bytes(envelope), set()).add(bytes(change))

    def forget_lost(self) -> None:
        """Expect no longer what went back with the last copy of it: nobody holds it any more."""
        held = set().union(*(device.held() for device in self.devices))
        project = self.devices[0].passport.identity.project
        with self.server.storage.read() as view:
            for envelope in view.known(project, self._sealed):
                held |= self._sealed[envelope]
        for change in self.acknowledged.keys() - held:
            del self.acknowledged[change]
        files.forget_lost(self)

    def _let_move(self, device: Device) -> None:
        if device.asleep_until > self.now:
            return
        try:
            self.trace(f"{device.name} {files.move(device, self.chance.choice((1, 5, 30)))}")
        except Interrupted:
            faults.interrupted(self, device)

    def _let_sync(self, device: Device) -> None:
        """Let a device's engine run a few steps, so that rounds of several devices lie across each other."""
        if device.asleep_until > self.now or device.engine.next_in > 0 or self.chance.random() < 0.55:
            return
        for _ in range(self.chance.choice((1, 2, 3, 5, 20))):
            try:
                step = device.step()
            except Interrupted:
                faults.interrupted(self, device)
                return
            self.take_note(device)
            self._trace_step(device, step.message, step.result)
            self.now += self.chance.uniform(0.0, 0.3)
            if device.engine.next_in > 0:
                break

    def _trace_step(self, device: Device, message: str, result: object) -> None:
        if message or result is not None:
            self.trace(f"{device.name} sync {result or message}")

    def _heal(self) -> None:
        """End all trouble, and sync until nobody has anything new."""
        self.trace("healing")
        self.network.heal()
        for device in self.devices:
            device.commits_left = 0
        before: list[object] = []
        for _ in range(_MOST_PASSES):
            self.now += 400.0
            for device in self.devices:
                device.asleep_until = 0.0
                self.sync(device)
            after = [self._rest_of(device) for device in self.devices]
            if after == before:
                return
            before = after
        raise CheckError(f"the devices do not come to rest in {_MOST_PASSES} passes")

    def _rest_of(self, device: Device) -> object:
        return device.side.cookie(), device.side.unpushed(1_000, 1 << 30)

    def sync(self, device: Device) -> bool:
        """Let a device run one full round; whether that went well."""
        try:
            result = run_until_idle(device.engine, device.clock, 3_600.0)
        except SitebookError as error:
            self.trace(f"{device.name} sync {error}")
            return False
        finally:
            self.take_note(device)
        self.trace(f"{device.name} sync {result}")
        return True


@contextmanager
def _disk() -> Iterator[Disk]:
    disk = Disk()
    try:
        with cached_signatures():
            yield disk
    finally:
        disk.close()


def run_seed(seed: int, say: Callable[[str], None] | None = None, *, only: str | None = None) -> Result:
    """Run one world, with one kind of trouble only where one is named.

    Raises CheckError, or what a mistake of ours raises, noting the line that repeats it.
    """
    place = _MEMORY if _MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="sitebook-simulation-", dir=place))
    try:
        with _disk() as disk:
            return World(seed, folder, disk, say, only).run()
    except Exception as error:
        kind = f' --fault "{only}"' if only else ""
        error.add_note(f"to repeat: python -m tests.simulation --seed {seed}{kind} --trace")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
