"""One simulated device: the real project file, sync side and engine, on a disk that can lose its power."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.store.project import Project
from app.store.sync_side import SyncSide
from app.store.transfers import FileTransfers
from sync.engine import Engine, Step
from sync.epochs import EpochKey, KeyRing
from sync.identity import DeviceIdentity
from sync.transfer import Transfers
from tests.simulation.disk import FILE_NAME
from tests.simulation.edits import Editor
from tests.simulation.network import SimulatedTransport

if TYPE_CHECKING:
    from tests.simulation.world import World


class DeviceClock:
    """The wall clock of one device, wrong by ``skew_ms``, and a monotonic one that is right."""

    def __init__(self, world: World, skew_ms: int) -> None:
        self._world = world
        self.skew_ms = skew_ms

    def now_ms(self) -> int:
        """Wall time as this device has it."""
        return self._world.now_ms() + self.skew_ms

    def monotonic(self) -> float:
        """Seconds of the simulation."""
        return self._world.now


@dataclass(frozen=True, slots=True)
class Passport:
    """What the vault keeps: who the device is, its keys, and the key of its file."""

    identity: DeviceIdentity
    keys: tuple[EpochKey, ...]
    file_key: bytes


class Interrupted(BaseException):
    """The process ended in the middle of what it was doing; no code of the app may catch it."""

    def __init__(self, device: Device) -> None:
        super().__init__(device.name)
        self.device = device


class Device:
    """A device that can be started, killed, cut off from power, put back to an old copy, and copied."""

    def __init__(self, world: World, name: str, folder: Path, passport: Passport, skew_ms: int) -> None:
        self.world = world
        self.name = name
        self.folder = folder
        self.passport = passport
        self.clock = DeviceClock(world, skew_ms)
        self.chance = random.Random(f"{world.seed}/{name}/chance")
        self.keys_so_far = {self.key}
        """The keys under which it wrote: another one follows where it found its own in use elsewhere."""
        self.asleep_until = 0.0
        self.copy: dict[str, bytes] | None = None
        self.vault_copy = passport
        self.noted = 0
        """Number of the last row of changes that the world has taken note of."""
        self.commits_left = 0
        """Commits until the process ends in the middle of something; 0: it does not."""
        self._boots = 0
        self._random = random.Random()

    @property
    def path(self) -> Path:
        """The project file."""
        return self.folder / FILE_NAME

    @property
    def files(self) -> Path:
        """Where the files of attachments lie."""
        return self.folder / "files"

    @property
    def files_copy(self) -> Path:
        """Where the copy of them lies that a later restore may go back to."""
        return self.folder.with_name(f"{self.folder.name}-files")

    @property
    def key(self) -> bytes:
        """The device's public key."""
        return self.passport.identity.device

    def random(self, count: int) -> bytes:
        """Randomness of this start of this device: a copy of it draws other bytes, as on real machines."""
        return self._random.randbytes(count)

    def begin_random(self) -> None:
        """Begin a new stream, as every start of a process does."""
        self._boots += 1
        self._random = random.Random(f"{self.world.seed}/{self.name}/{self._boots}")

    def make(self, *, alone: bool) -> None:
        """Make the project file of a device that just founded or joined."""
        self.folder.mkdir()
        self.begin_random()
        identity = self.passport.identity
        project = Project.make(
            self.path,
            self.passport.file_key,
            project=identity.project,
            device=identity.device,
            clock=self.clock,
            random=self.random,
            alone=alone,
            vfs=self.world.disk.vfs,
        )
        self._run(project)

    def start(self) -> None:
        """Start the app on the files that are there."""
        self.begin_random()
        project = Project.open(
            self.path,
            self.passport.file_key,
            device=self.passport.identity.device,
            clock=self.clock,
            random=self.random,
            vfs=self.world.disk.vfs,
        )
        self._run(project)

    def _run(self, project: Project) -> None:
        self.project = project
        self.side = SyncSide(
            project, self.passport.identity, KeyRing(self.passport.keys), succeeded=self._go_on_as
        )
        self.transport = SimulatedTransport(self.world.network, self.name, self.key)
        self.engine = Engine(self.side, self.transport, self.clock, self.random)
        self._begin_transfers()
        self.editor = Editor(project, self.chance)
        self.commits_left = 0
        project.db.connection.set_commit_hook(self._before_commit)

    def _begin_transfers(self) -> None:
        signing, keys = self.passport.identity.signing, KeyRing(self.passport.keys)
        store = FileTransfers(self.project, self.files, signing, keys, eager=True)
        self.transfers = Transfers(store, self.transport, self.clock, self.random)

    def _go_on_as(self, identity: DeviceIdentity) -> None:
        """Keep the new key in the vault, which outlives the file's old copies."""
        self.world.trace(f"{self.name} goes on as {identity.device.hex()[:6]}")
        self.world.take_note(self)
        self.passport = replace(self.passport, identity=identity)
        self.keys_so_far.add(identity.device)
        self._begin_transfers()

    def _before_commit(self) -> bool:
        if self.commits_left:
            self.commits_left -= 1
            if not self.commits_left:
                raise Interrupted(self)
        return False

    def stop(self) -> None:
        """Close the file."""
        self.project.close()

    def held(self) -> set[bytes]:
        """The changes that are in the file."""
        return {bytes(change) for (change,) in self.project.db.all("SELECT id FROM changes")}

    def typed(self) -> set[int]:
        """The client numbers of texts that are being typed and are not changes yet."""
        return {int(client) for (client,) in self.project.db.all("SELECT client FROM local_typing")}

    def written(self) -> set[int]:
        """The client numbers of all text updates in the file."""
        return {int(client) for (client,) in self.project.db.all("SELECT client FROM updates")}

    def crash(self, *, power_cut: bool) -> None:
        """Start again from what a killed process, or a power cut, leaves."""
        disk = self.world.disk
        if power_cut:
            left = disk.after_power_cut(self.folder, self.chance)
        else:
            left = disk.after_kill(self.folder)
        self.put_back(left)

    def save(self) -> None:
        """Take the copy of file and vault that a later restore goes back to."""
        self.copy = self.world.disk.after_kill(self.folder)
        self.vault_copy = self.passport

    def restore(self) -> None:
        """Go back to the copy of file and vault."""
        assert self.copy is not None
        self.passport = self.vault_copy
        self.put_back(self.copy)

    def put_back(self, files: dict[str, bytes]) -> None:
        """Start from other files."""
        self.stop()
        self.world.disk.put(self.folder, files)
        self.noted = 0
        self.start()

    def step(self) -> Step:
        """Let the engine do its next thing."""
        return self.engine.step()
