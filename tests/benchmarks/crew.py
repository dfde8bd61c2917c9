"""Devices of one project, with real keys and real encrypted files, for the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.store.project import Project
from app.store.sync_side import SyncSide
from app.store.touched import Touched
from sync.clock import SystemClock, system_random
from sync.cookie import Cookie
from sync.envelope import Body, parse, seal_changes
from sync.epochs import EpochKey, KeyRing
from sync.identity import DeviceIdentity, found_project
from sync.invite import join_project, make_invite
from sync.membership_actions import Role

CLOCK = SystemClock()


@dataclass
class Device:
    """One device: its file, its keys, and how the server's order looks to it."""

    project: Project
    identity: DeviceIdentity
    key: EpochKey
    side: SyncSide = field(init=False)
    cookie: Cookie = field(init=False)

    def __post_init__(self) -> None:
        self.side = SyncSide(self.project, self.identity, KeyRing((self.key,)))
        self.cookie = Cookie.start(bytes(16))

    def receive(self, wires: Sequence[bytes]) -> Touched:
        """Take in a page, as if from a server."""
        for wire in wires:
            self.cookie = self.cookie.advance(parse(wire).hash)
        touched: Touched = self.side.receive(wires, self.cookie, False).touched
        return touched

    def in_background(self) -> Device:
        """The same device on a second connection, for another thread; to be called there."""
        twin = Device(self.project.second(), self.identity, self.key)
        twin.cookie = self.cookie
        return twin


def found(folder: Path) -> Device:
    """A new project and its founder."""
    founded = found_project(random=system_random)
    device = Device(
        _file(folder, "founder", founded.identity, alone=True), founded.identity, founded.epoch_key
    )
    device.side.add_own(founded.founding)
    device.project.furnish("Hafenstraße 12")
    return device


def join(host: Device, folder: Path, name: str) -> Device:
    """Another member's device, which holds all that the host holds."""
    seq, prev = host.side.next_place()
    made = make_invite(
        membership=host.side.membership,
        identity=host.identity,
        seq=seq,
        prev=prev,
        keys=(host.key,),
        role=Role.EDITOR,
        expires_ms=None,
        next_device=False,
        server="",
        random=system_random,
    )
    host.side.add_own(made.envelope)
    joined = join_project(code=made.code, membership=host.side.membership, random=system_random)
    device = Device(_file(folder, name, joined.identity, alone=False), joined.identity, host.key)
    device.receive(log(host))
    device.side.add_own(joined.envelope)
    host.receive([joined.envelope.wire()])
    return device


def log(device: Device) -> list[bytes]:
    """All envelopes that a device holds."""
    device.side.prepare_push()
    return [bytes(wire) for (wire,) in device.project.db.all("SELECT wire FROM envelopes ORDER BY eid")]


def unsealed(device: Device) -> list[bytes]:
    """The changes made on a device that are in no envelope yet."""
    rows = device.project.db.all(
        "SELECT data FROM changes WHERE eid IS NULL AND data IS NOT NULL ORDER BY cid"
    )
    return [bytes(data) for (data,) in rows]


def sealed(device: Device, changes: Sequence[bytes], at_once: int) -> Iterator[bytes]:
    """Changes in envelopes of so many each, as the device would send them. Its file stays as it is."""
    seq, prev = device.project.db.all(
        "SELECT e.seq, e.hash FROM envelopes e JOIN devices d USING (did) WHERE d.key = ? ORDER BY e.seq DESC LIMIT 1",
        (device.identity.device,),
    )[0]
    heads = device.side.membership.heads_for(device.identity.device)
    for at in range(0, len(changes), at_once):
        seq += 1
        envelope = seal_changes(
            project=device.identity.project,
            device_key=device.identity.signing,
            seq=seq,
            prev=bytes(prev),
            membership_heads=heads,
            epoch_key=device.key,
            body=Body(changes=tuple(changes[at : at + at_once])),
            random=system_random,
        )
        prev = envelope.hash
        yield envelope.wire()


def _file(folder: Path, name: str, identity: DeviceIdentity, *, alone: bool) -> Project:
    return Project.make(
        folder / f"{name}.sitebook",
        system_random(32),
        project=identity.project,
        device=identity.device,
        clock=CLOCK,
        random=system_random,
        alone=alone,
    )
