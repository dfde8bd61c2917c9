"""Devices of one project in step with a server's order, for tests of bundles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.schema import COMMENT, ISSUE, NOTE
from app.store.bundle_image import Image, make_image
from sync.cookie import Cookie
from sync.envelope import parse
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


__all__ = ["Device", "Order", "busy", "compressed", "found", "image_of", "join"]
