"""Files in the simulation: attached, deleted, restored, moved, let go, collected; and what must hold of them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.domain.schema import ATTACHMENT, ISSUE
from app.store import file_places
from app.store.attached_file import AttachedFile, chunks_of, read_attached
from app.store.attachments import Sealed, attach
from app.store.file_places import Keep, KeepMode
from sync.attachments import check_whole, seal
from sync.errors import SitebookError
from tests.simulation.check import CheckError
from tests.simulation.device import Device, Interrupted

if TYPE_CHECKING:
    from tests.simulation.world import World

KIND: Final = "files"
FILE_GRACE: Final = 300.0
"""Seconds that a simulated server keeps chunks which no list names."""
DAY: Final = 86_400.0
_CHUNK: Final = 256
_STEPS: Final = 400
_HEALING: Final = 6


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that a device said it had attached."""

    file: AttachedFile
    names: tuple[bytes, ...]
    data: bytes

    def on(self, device: Device) -> bool:
        """Whether all of it lies on a device, byte for byte."""
        assert self.file.manifest is not None
        try:
            check_whole(chunks_of(device.files), self.file.key, self.file.manifest)
        except SitebookError:
            return False
        return True

    def served(self, world: World) -> bool:
        """Whether the server has the bytes of all of it."""
        project = world.devices[0].passport.identity.project
        with world.server.storage.read() as view:
            rows = view.chunks(project, self.names)
        return all(name in rows and world.server.objects.get(rows[name].place) for name in self.names)

    def somewhere(self, world: World) -> bool:
        """Whether it is whole in one place at least."""
        return self.served(world) or any(self.on(device) for device in world.devices)


def strike(world: World) -> None:
    """A few things happen to files."""
    for _ in range(3):
        device = world.chance.choice(world.devices)
        what = world.chance.choices(_WHAT, _WEIGHTS)[0]
        try:
            said = what(world, device)
        except SitebookError as error:
            said = str(error)
        world.take_note(device)
        world.trace(f"{device.name} {what.__name__.strip('_')} {said}")
        nowhere = [each for each in world.files.values() if not each.somewhere(world)]
        if nowhere:
            raise CheckError(f"{nowhere[0].file.name} is nowhere any more")


def _attach(world: World, device: Device) -> str:
    parent = device.editor.pick((ISSUE,))
    if parent is None:
        return "nothing"
    name = f"{device.name} {len(world.files)} {world.edits}.bin"
    data = world.chance.randbytes(world.chance.choice((0, 10, _CHUNK, 3 * _CHUNK, 1_000)))
    # A list of chunks of its own (depth 1) is also tried, which a phone's video has.
    inline = world.chance.choice((0, 1 << 20))
    sealed = seal(
        io.BytesIO(data), chunks_of(device.files), device.random, chunk_size=_CHUNK, inline_names=inline
    )
    record, _ = attach(
        device.project,
        parent,
        Sealed(name, "application/octet-stream", sealed.manifest, sealed.key, None, sealed.added),
    )
    found = device.project.get(record, ATTACHMENT)
    assert found is not None
    file = read_attached(found, device.files)
    names = tuple(sealed.manifest.everything(chunks_of(device.files), sealed.key))
    world.files[record] = Attached(file, names, data)
    device.transfers.poke()
    return f"{record.hex()[-6:]} of {len(data)}"


def _pick(world: World, device: Device, *, deleted: bool) -> bytes | None:
    found = [
        record for record in device.project.records(ATTACHMENT, deleted=deleted) if record in world.files
    ]
    return world.chance.choice(found) if found else None


def _delete(world: World, device: Device) -> str:
    record = _pick(world, device, deleted=False)
    if record is None:
        return "nothing"
    device.project.delete(record)
    return record.hex()[-6:]


def _restore(world: World, device: Device) -> str:
    record = _pick(world, device, deleted=True)
    if record is None:
        return "nothing"
    device.project.restore(record)
    return record.hex()[-6:]


def _keep(world: World, device: Device) -> str:
    """Choose what is kept; what is not goes at once."""
    mode = world.chance.choice(list(KeepMode))
    file_places.set_keep(
        device.project, Keep(mode, world.chance.choice((0, 30)), world.chance.choice((0, 900)))
    )
    file_places.free_now(device.project)
    return str(mode)


def _want(world: World, device: Device) -> str:
    record = _pick(world, device, deleted=False)
    if record is None:
        return "nothing"
    file_places.want(device.project, [record])
    return record.hex()[-6:]


def _move(world: World, device: Device) -> str:
    return move(device, world.chance.choice((1, 3, 10, 60)))


def _collect(world: World, device: Device) -> str:
    """The server gives up what no list names; some time passed for it."""
    world.now += world.chance.choice((0.0, 2.0 * FILE_GRACE))
    return f"sees the server give up {world.server.collect().chunks} chunks"


_CHOICES: Final[tuple[tuple[int, Callable[[World, Device], str]], ...]] = (
    (6, _attach),
    (2, _delete),
    (1, _restore),
    (3, _keep),
    (1, _want),
    (6, _move),
    (3, _collect),
)
_WEIGHTS: Final = [weight for weight, _ in _CHOICES]
_WHAT: Final = [what for _, what in _CHOICES]


def move(device: Device, steps: int) -> str:
    """Let a device's files move for so many steps, or until there is nothing to do."""
    sent = got = freed = 0
    for _ in range(steps):
        moved = device.transfers.step()
        sent, got, freed = sent + len(moved.left), got + len(moved.came), freed + len(moved.freed)
        if moved.next_in > 0:
            break
    return f"gives {sent}, gets {got}, frees {freed}"


def forget_lost(world: World) -> None:
    """Something went back to an older state: what lay nowhere else is lost with it, and expected no longer."""
    for record in [record for record, each in world.files.items() if not each.somewhere(world)]:
        world.trace(f"{world.files[record].file.name} is lost with its last copy")
        del world.files[record]


def copy_files(source: Path, target: Path) -> None:
    """Make one folder of files what another is."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target)


def heal(world: World) -> None:
    """Give files the days that they may take, with the server giving up what no list names."""
    for _ in range(_HEALING):
        world.now += 2 * DAY
        for device in world.devices:
            world.sync(device)
            device.transfers.network_changed()
            try:
                world.trace(f"{device.name} {move(device, _STEPS)}")
            except Interrupted as interruption:
                raise CheckError("nothing is to be interrupted any more") from interruption
        world.trace(f"the server gives up {world.server.collect().chunks} chunks")


def judge(world: World, devices: list[Device]) -> None:
    """Every file that is not deleted is whole on the server, and on every device that keeps everything."""
    for record, each in world.files.items():
        if not each.somewhere(world):
            raise CheckError(f"{each.file.name} is nowhere in the end")
        if "people" in world.troubles or record not in devices[0].project.records(ATTACHMENT):
            continue
        if not each.served(world):
            raise CheckError(f"the server does not have {each.file.name}: {_told(devices, record)}")
        for device in devices:
            keeps = file_places.keep(device.project).mode is KeepMode.EVERYTHING
            if keeps and not each.on(device):
                raise CheckError(f"{device.name} does not have {each.file.name}: {_told([device], record)}")
            if keeps and read_attached_bytes(device, record) != each.data:
                raise CheckError(f"{each.file.name} is another file on {device.name}")


def read_attached_bytes(device: Device, record: bytes) -> bytes:
    """A file as its reader has it on a device."""
    found = device.project.get(record, ATTACHMENT)
    assert found is not None
    with read_attached(found, device.files).open() as source:
        return source.read()


def _told(devices: list[Device], record: bytes) -> str:
    return "; ".join(f"{device.name}: {file_places.places(device.project, [record])}" for device in devices)
