"""Devices of one project in step with a server's order, for tests of bundles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.schema import COMMENT, ISSUE, NOTE
from app.store.bundle_image import Image, make_image
from app.store.bundle_publish import BundleFile
from sync.bundle import read_manifest
from sync.chunks import chunk_name
from sync.cookie import Cookie
from sync.envelope import parse
from sync.epochs import KeyRing
from sync.errors import Unreachable
from sync.notice import read_notice
from sync.transport.base import OfferedBundle, Outcome, PullPage, PushAck
from tests.benchmarks.crew import Device, found, join


@dataclass
class Order:
    """What a server does to envelopes: gives each a place, and gives them to all."""

    wires: list[bytes] = field(default_factory=list)
    cookie: Cookie = field(default_factory=lambda: Cookie.start(b"g" * 16))
    known: set[bytes] = field(default_factory=set)

    def exchange(self, *devices: Device) -> None:
        """Take what each has, then give each what it lacks."""
        for device in devices:
            device.side.prepare_push()
            for _, wire in device.side.unpushed(10_000, 1 << 30):
                hashed = parse(wire).hash
                if hashed not in self.known:
                    self.known.add(hashed)
                    self.wires.append(wire)
                    self.cookie = self.cookie.advance(hashed)
        for device in devices:
            self.give(device)

    def give(self, device: Device) -> None:
        """Give a device what comes after its place."""
        have = device.side.cookie()
        start = 0 if have is None else have.version
        if start < len(self.wires):
            device.side.receive(self.wires[start:], self.cookie, False)
            device.side.settle_reset()


class Road:
    """A server's bundles, beside an order, in memory."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.chunks: dict[bytes, bytes] = {}
        self.manifests: list[bytes] = []
        self.notes: dict[tuple[str, bytes], bytes] = {}
        self.holder: object | None = None
        self.floor = 0
        self.since = 0
        self.trips = 0
        self.fail_at: int | None = None

    def _trip(self) -> None:
        self.trips += 1
        if self.fail_at is not None and self.trips >= self.fail_at:
            raise Unreachable("The network is gone.")

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1000) -> PullPage:
        self._trip()
        start = 0 if cookie is None else cookie.version
        newest = read_manifest(self.manifests[-1]).hash if self.manifests else None
        if start < self.floor:
            place = cookie or Cookie.start(b"g" * 16)
            return PullPage((), place, False, False, self.floor, newest, self.since)
        wires = self.order.wires[start : start + limit]
        place = cookie or Cookie.start(b"g" * 16)
        for wire in wires:
            place = place.advance(parse(wire).hash)
        more = start + len(wires) < len(self.order.wires)
        return PullPage(tuple(wires), place, more, False, self.floor, newest, self.since)

    def check(self) -> None:
        self._trip()

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        self._trip()
        acks = []
        for wire in wires:
            hashed = parse(wire).hash
            known = hashed in self.order.known
            if not known:
                self.order.known.add(hashed)
                self.order.wires.append(wire)
                self.order.cookie = self.order.cookie.advance(hashed)
            acks.append(PushAck(hashed, Outcome.KNOWN if known else Outcome.ACCEPTED, None, ""))
        return acks

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        self._trip()

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        self._trip()

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        return []

    def close(self) -> None:
        pass

    def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
        self._trip()
        return [name in self.chunks for name in names]

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        self._trip()
        self.chunks[chunk_name(data)] = data

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        self._trip()
        return self.chunks.get(name)

    def lease_bundle(self, project: bytes, *, release: bool = False) -> tuple[bool, float]:
        self._trip()
        return self.holder is None, 60.0

    def put_bundle(self, project: bytes, manifest: bytes) -> None:
        self._trip()
        assert all(name in self.chunks for name in read_manifest(manifest).chunks)
        self.manifests.append(manifest)

    def bundles(self, project: bytes) -> list[OfferedBundle]:
        self._trip()
        return [OfferedBundle(wire, 0, 0) for wire in reversed(self.manifests)]

    def put_notice(self, project: bytes, wire: bytes) -> None:
        self._trip()
        notice = read_notice(wire)
        self.notes[notice.kind, notice.device] = wire

    def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
        self._trip()
        return [(1, wire) for (each, _), wire in self.notes.items() if each == kind and after_ms < 1]


def file_of(device: Device) -> BundleFile:
    """A device's file, as what makes bundles sees it."""
    return BundleFile(device.project.path, device.project._key, device.identity, KeyRing((device.key,)))


def image_of(device: Device) -> Image:
    """The content of a bundle of a device's file."""
    return make_image(device.project.path, device.project._key)


def busy(host: Device, other: Device, order: Order) -> None:
    """Issues, notes, comments, texts by two, conflicts, a deletion: something in every table."""
    ids = [
        host.project.create(ISSUE, {"title": f"Door {number}"}, text="It does not close")[0]
        for number in range(6)
    ]
    host.project.create(NOTE, {"title": "Walk"}, text="First floor done")
    host.project.create(COMMENT, {"parent": ids[0]}, text="Seen")
    order.exchange(host, other)
    host.project.set(ids[0], "title", "Door by host")
    other.project.set(ids[0], "title", "Door by other")
    other.project.set(ids[1], "title", "Window")
    other.project.delete(ids[2])
    order.exchange(host, other)


def compressed(image: Image) -> Sequence[bytes]:
    """The compressed stream, in pieces."""
    stream = image.compressed()
    pieces = []
    while piece := stream.read(1 << 16):
        pieces.append(bytes(piece))
    return pieces


__all__ = ["Device", "Order", "Road", "busy", "compressed", "file_of", "found", "image_of", "join"]
