"""Real devices over real HTTP: project file, sync side, engine and transport; only clock and chance are set."""

from __future__ import annotations

import random
import string
from collections import Counter
from pathlib import Path

from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.sync_side import SyncSide
from sync.backoff import CAP
from sync.cookie import Cookie
from sync.engine import Engine, Step, SyncState
from sync.envelope import EnvelopeKind, parse
from sync.epochs import EpochKey, KeyRing
from sync.errors import SitebookError, Unreachable
from sync.grants import open_grants
from sync.identity import DeviceIdentity, found_project
from sync.invite import InviteCode, join_project, make_invite
from sync.membership import Membership
from sync.membership_actions import Role
from sync.result import SyncResult
from sync.transport.http import HttpTransport
from tests.server.support import FakeClock, Seeded

_STEPS = 200


class Wrong(AssertionError):
    """What must not be."""


def expect(fine: bool, what: str) -> None:
    """Raise Wrong where something does not hold."""
    if not fine:
        raise Wrong(what)


class Device:
    """One device of a project."""

    def __init__(
        self,
        folder: Path,
        name: str,
        url: str,
        identity: DeviceIdentity,
        keys: tuple[EpochKey, ...],
        seed: int,
    ) -> None:
        self.folder = folder
        self.name = name
        self.identity = identity
        self.keys = keys
        self.clock = FakeClock()
        self.random = Seeded(seed)
        self.acknowledged: set[str] = set()
        """Titles of issues that the store said it had kept."""
        self.vfs: str | None = None
        self._url = url
        self._serial = 0
        self.file_key = self.random(32)

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.sitebook"

    def make(self, *, alone: bool) -> None:
        """Make the project file."""
        self._run(
            Project.make(
                self.path,
                self.file_key,
                project=self.identity.project,
                device=self.identity.device,
                clock=self.clock,
                random=self.random,
                alone=alone,
            )
        )

    def start(self) -> None:
        """Start on the file that is there."""
        self._run(
            Project.open(
                self.path,
                self.file_key,
                device=self.identity.device,
                clock=self.clock,
                random=self.random,
                vfs=self.vfs,
            )
        )

    def _run(self, project: Project) -> None:
        self.project = project
        self.side = SyncSide(project, self.identity, KeyRing(self.keys))
        self.move(self._url)

    def move(self, url: str) -> None:
        """Take another way to the server, with an engine that begins anew."""
        self._url = url
        self.transport = HttpTransport(url, self.identity.signing, self.clock)
        self.engine = Engine(self.side, self.transport, self.clock, self.random)

    def stop(self) -> None:
        self.transport.close()
        self.project.close()

    # Work

    def write(self, text: str = "behind the boiler") -> str:
        """Make an issue; it is acknowledged when this returns."""
        self._serial += 1
        title = f"{self.name} {self._serial}"
        self.project.create(ISSUE, {"title": title}, text=text)
        self.acknowledged.add(title)
        return title

    def titles(self) -> Counter[str]:
        return Counter(self.project.column(ISSUE, "title").values())

    def sync(self) -> Step:
        """One round now: the step that ended it, well or not."""
        self.engine.sync_now()
        return self._to_the_end()

    def wait_and_sync(self) -> Step:
        """One round when the engine itself finds it time."""
        self.clock.pass_seconds(self.engine.next_in)
        return self._to_the_end()

    def _to_the_end(self) -> Step:
        for _ in range(_STEPS):
            step = self.engine.step()
            if step.result is not None or step.error is not None:
                return step
        raise Wrong(f"{self.name} takes more than {_STEPS} steps")

    def must_sync(self) -> SyncResult:
        """One round now that goes through."""
        step = self.sync()
        if step.result is None:
            raise Wrong(f"{self.name} cannot sync: {step.message}") from step.error
        return step.result


class Crew:
    """A project, its founder, and who joined."""

    def __init__(self, folder: Path, url: str, seed: int = 1) -> None:
        self.folder = folder
        self.url = url
        self.chance = random.Random(seed)
        founded = found_project(random=Seeded(seed))
        self.project = founded.project
        founder = Device(folder, "ann", url, founded.identity, (founded.epoch_key,), seed)
        founder.make(alone=True)
        founder.side.add_own(founded.founding)
        founder.project.furnish("Site")
        self.devices = [founder]
        founder.must_sync()

    @property
    def founder(self) -> Device:
        return self.devices[0]

    def invite(self, role: Role = Role.EDITOR) -> InviteCode:
        """An invite that lies on the server."""
        host = self.founder
        seq, prev = host.side.next_place()
        made = make_invite(
            membership=host.side.membership,
            identity=host.identity,
            seq=seq,
            prev=prev,
            keys=host.keys,
            role=role,
            expires_ms=None,
            next_device=False,
            server="",
            random=host.random,
        )
        host.side.add_own(made.envelope)
        for grant in made.grants:
            host.side.put_grant(made.code.recipient, grant)
        host.must_sync()
        return made.code

    def join(self, name: str, role: Role = Role.EDITOR) -> Device:
        """A new device that is in step."""
        code = self.invite(role)
        seed = self.chance.randrange(1 << 30)
        road = HttpTransport(self.url, code.signing)
        try:
            membership = Membership(code.project)
            cookie: Cookie | None = None
            while True:
                page = road.pull(code.project, cookie)
                for wire in page.wires:
                    envelope = parse(wire)
                    if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
                        membership.add(envelope)
                cookie = page.cookie
                if not page.more:
                    break
            joined = join_project(code=code, membership=membership, random=Seeded(seed))
            keys = open_grants(road.grants(code.project, code.recipient), code.kem, membership)
        finally:
            road.close()
        device = Device(self.folder, name, self.url, joined.identity, tuple(keys), seed)
        device.make(alone=False)
        device.side.add_first(joined.envelope)
        device.side.pushed(device.transport.push(code.project, [joined.envelope.wire()]))
        device.must_sync()
        self.devices.append(device)
        return device

    def settle(self) -> None:
        """All sync until they are in step, over the straight road or what they have; nothing lost or doubled."""
        for _ in range(2):
            for device in self.devices:
                device.must_sync()
        self.judge()

    def judge(self) -> None:
        """Everybody has every acknowledged issue once, and knows that it is on the server."""
        wanted = Counter({title: 1 for device in self.devices for title in device.acknowledged})
        for device in self.devices:
            found = device.titles()
            missing, more = wanted - found, found - wanted
            expect(not missing, f"{device.name} lacks {sorted(missing)[:5]}")
            expect(not more, f"{device.name} has too many of {sorted(more)[:5]}")
            status = device.project.status()
            expect(status.waiting == 0, f"{device.name} still has {status.waiting} to send")
            expect(status.held == 0, f"{device.name} holds {status.held} back")
            expect(status.attention == 0, f"{device.name} has {device.project.attention()}")
            device.project.check()

    def stop(self) -> None:
        for device in self.devices:
            device.stop()


def incompressible(length: int) -> str:
    """Text that no compression makes smaller than about three quarters."""
    chance = random.Random(length)
    return "".join(chance.choices(string.ascii_letters + string.digits, k=length))


def tells_the_truth(device: Device, step: Step, on_server: set[str]) -> None:
    """What the engine and the store say after a round fits to what is on the server."""
    status = device.project.status()
    unsent = device.acknowledged - on_server
    if step.result is not None and step.error is None:
        expect(
            device.engine.state is SyncState.SYNCED, f"a round went well and it says {device.engine.state}"
        )
        expect(not unsent, f"it says synced, and the server lacks {sorted(unsent)}")
        expect(status.waiting == 0, f"it says synced, and {status.waiting} wait")
        return
    error = step.error
    assert isinstance(error, SitebookError)
    wanted = SyncState.OFFLINE if isinstance(error, Unreachable) else SyncState.ATTENTION
    expect(device.engine.state is wanted, f"it says {device.engine.state} after {error!r}")
    expect(step.message.endswith(".") and "\n" not in step.message, f"no sentence: {step.message!r}")
    expect(
        status.waiting > 0 or not unsent, f"it says that nothing waits, and the server lacks {sorted(unsent)}"
    )
    asked = error.retry_after if isinstance(error, Unreachable) else None
    longest = max(CAP, asked or 0.0)
    expect(0.0 <= device.engine.next_in <= longest, f"it waits {device.engine.next_in} s")
    expect(
        asked is None or device.engine.next_in >= asked, f"it waits less than the {asked} s it was asked for"
    )
