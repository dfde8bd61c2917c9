"""A network that loses, delays, repeats, reorders and cuts, and the server at its end."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sync.clock import Clock, Random
from sync.cookie import Cookie
from sync.errors import SitebookError, Unreachable
from sync.server.collect import Collected, collect
from sync.server.limits import Limits
from sync.server.objects import MemoryObjects
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.transport.base import OfferedBundle, PullPage, PushAck

T = TypeVar("T")
LOG_GRACE: Final = 60.0
"""Seconds that a simulated server keeps what a confirmed bundle covers."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the network is: chances per request."""

    loss: float = 0.0
    """The request never arrives."""
    cut: float = 0.0
    """The server acts, the answer is lost."""
    repeat: float = 0.0
    """The request arrives twice."""
    stray: float = 0.0
    """The request is given up and arrives much later, after others."""
    page: int = 1_000
    """Most envelopes of one page."""


CALM = Weather()


class Objects(MemoryObjects):
    """What stands for a folder of chunks; it can be copied."""

    def copy(self) -> Objects:
        """Another one with the same content."""
        other = Objects(self._clock)
        other._made, other._held = self._made, dict(self._held)
        return other


class Server:
    """One relay on its real storage, which can be killed, rolled back and wiped."""

    def __init__(self, folder: Path, clock: Clock, random_bytes: Random, limits: Limits) -> None:
        self._folder = folder
        self._copy = folder.with_name(folder.name + "-copy")
        self._clock = clock
        self._random = random_bytes
        self._limits = limits
        self.objects = Objects(clock)
        """What stands for a folder of chunks: it outlives the process, and is wiped with the rest."""
        self._objects_copy = self.objects.copy()
        self._open()

    def _open(self) -> None:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "relay.db"
        self.storage = SqliteStorage(path, self._clock, self._random, durable=False)
        self.relay = Relay(self.storage, self._clock, self._limits, objects=self.objects)

    def save(self) -> None:
        """Take the copy that the next roll-back returns to."""
        self.storage.close()
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._folder, self._copy)
        self._objects_copy = self.objects.copy()
        self._open()

    def roll_back(self) -> bool:
        """Go on from the copy, if there is one."""
        if not self._copy.exists():
            return False
        self.storage.close()
        shutil.rmtree(self._folder)
        shutil.copytree(self._copy, self._folder)
        self.objects = self._objects_copy.copy()
        self._open()
        return True

    def wipe(self) -> None:
        """Begin with nothing."""
        self.storage.close()
        shutil.rmtree(self._folder)
        self.objects = Objects(self._clock)
        self._open()

    def restart(self) -> None:
        """End the process and begin again from the file."""
        self.storage.close()
        self._open()

    def collect(self) -> Collected:
        """Give up what nobody needs any more."""
        return collect(self.storage, self.objects, self._clock, self._limits)

    def close(self) -> None:
        """End."""
        self.storage.close()


class Network:
    """The ways between the devices and the server."""

    def __init__(self, server: Server, chance: random.Random, trace: Callable[[str], None]) -> None:
        self.server = server
        self.weather = CALM
        self._chance = chance
        self._trace = trace
        self._cut_off: set[str] = set()
        self._stray: list[tuple[str, Callable[[], object]]] = []

    def partition(self, place: str, cut_off: bool) -> None:
        """Cut a place off, or let it back."""
        (self._cut_off.add if cut_off else self._cut_off.discard)(place)

    def heal(self) -> None:
        """No partition, no loss; what strayed arrives."""
        self._cut_off.clear()
        self.weather = CALM
        while self._stray:
            self.deliver_stray()

    def deliver_stray(self) -> None:
        """Let a request arrive that was given up long ago; nobody waits for its answer."""
        if not self._stray:
            return
        what, act = self._stray.pop(self._chance.randrange(len(self._stray)))
        try:
            act()
        except SitebookError as error:
            self._trace(f"stray {what}: {type(error).__name__}")
        else:
            self._trace(f"stray {what} arrives")

    def request(self, place: str, what: str, act: Callable[[], T]) -> T:
        """Carry one request, as the weather is. Raises Unreachable."""
        weather, chance = self.weather, self._chance
        if place in self._cut_off:
            raise Unreachable("There is no way to the server.")
        if chance.random() < weather.loss:
            raise Unreachable("The request was lost.")
        if chance.random() < weather.stray:
            self._stray.append((f"{place} {what}", act))
            raise Unreachable("The request took too long.")
        if chance.random() < weather.repeat:
            act()
        answer = act()
        if chance.random() < weather.cut:
            raise Unreachable("The answer was lost.")
        return answer


class SimulatedTransport:
    """The road of one key at one place."""

    def __init__(self, network: Network, place: str, key: bytes) -> None:
        self._network = network
        self._place = place
        self._key = key

    def check(self) -> None:
        """Ask whether the server answers."""
        self._network.request(self._place, "check", lambda: None)

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1_000) -> PullPage:
        """One page."""
        network = self._network
        most = min(limit, network.weather.page)
        return network.request(
            self._place,
            "pull",
            lambda: network.server.relay.pull(project, cookie, most, bundles=True, by=self._key),
        )

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        """Offer envelopes."""
        network, kept = self._network, tuple(wires)
        return network.request(
            self._place, f"push {len(kept)}", lambda: network.server.relay.push(project, kept, by=self._key)
        )

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        """Leave sealed keys."""
        network, kept = self._network, tuple(grants)
        network.request(
            self._place, "grants", lambda: network.server.relay.put_grants(project, kept, by=self._key)
        )

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """Sealed keys for a recipient."""
        network = self._network
        return network.request(
            self._place, "ask grants", lambda: network.server.relay.grants(project, recipient, by=self._key)
        )

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove the sealed keys of a recipient."""
        network = self._network
        network.request(
            self._place,
            "delete grants",
            lambda: network.server.relay.delete_grants(project, recipient, by=self._key),
        )

    def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
        """Which chunks are there."""
        network, kept = self._network, tuple(names)
        return network.request(
            self._place, "have", lambda: network.server.relay.have_chunks(project, kept, by=self._key)
        )

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        """Leave a chunk."""
        network = self._network
        network.request(
            self._place,
            f"chunk {purpose}",
            lambda: network.server.relay.put_chunk(project, data, purpose=purpose, by=self._key),
        )

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        """A chunk."""
        network = self._network
        return network.request(
            self._place, "get chunk", lambda: network.server.relay.get_chunk(project, name, by=self._key)
        )

    def put_notice(self, project: bytes, wire: bytes) -> None:
        """Leave a notice."""
        network = self._network
        network.request(
            self._place, "notice", lambda: network.server.relay.put_notice(project, wire, by=self._key)
        )

    def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
        """Notices."""
        network = self._network
        return network.request(
            self._place,
            "ask notices",
            lambda: network.server.relay.notices(project, kind, after_ms, by=self._key),
        )

    def lease_bundle(self, project: bytes, *, release: bool = False) -> tuple[bool, float]:
        """The right to publish."""
        network = self._network
        return network.request(
            self._place,
            "lease",
            lambda: network.server.relay.lease_bundle(project, release=release, by=self._key),
        )

    def put_bundle(self, project: bytes, manifest: bytes) -> None:
        """Publish."""
        network = self._network
        network.request(
            self._place, "bundle", lambda: network.server.relay.put_bundle(project, manifest, by=self._key)
        )

    def bundles(self, project: bytes) -> list[OfferedBundle]:
        """What is offered."""
        network = self._network
        return network.request(
            self._place, "ask bundles", lambda: network.server.relay.bundles(project, by=self._key)
        )

    def close(self) -> None:
        """Nothing is held."""
