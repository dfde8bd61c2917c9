"""What a newer Sitebook writes is kept by an older one, passed on, and understood after the update."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from app.domain.schema import ISSUE
from app.interchange.backup import copy_database
from app.store.project import Project
from app.store.sync_side import SyncSide
from app.store.touched import Touched
from sync import change as changes
from sync.change import Add, Delete, Remove, Set, Text
from sync.clock import system_random
from sync.envelope import parse
from sync.epochs import KeyRing
from tests.app.store.bundles import Device, Order, Road, found, join
from tests.app.store.replicas import picture
from tests.app.store.test_bundle_take import publish, take
from tests.benchmarks.crew import CLOCK


class Put(Set, frozen=True, array_like=True, tag=6, gc=False):
    """An operation that only the newer version knows."""


class _Wire(msgspec.Struct, frozen=True, array_like=True, gc=False):
    format: int
    author: bytes
    random: bytes
    clock: int
    group: changes.Group | None
    operations: tuple[Set | Add | Remove | Delete | Text | Put, ...]


@contextmanager
def newer() -> Iterator[None]:
    """Run as the newer version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "_decoder", msgspec.msgpack.Decoder(_Wire))
        yield


def reopened(device: Device) -> Device:
    """The device after a start of the program."""
    path, key = device.project.path, device.project._key
    device.project.close()
    project = Project.open(path, key, device=device.identity.device, clock=CLOCK, random=system_random)
    return Device(project, device.identity, device.key)


def value(device: Device, record: bytes, field: str, kind: str) -> object:
    return device.project.field(record, field, kind).value


@pytest.fixture
def story(tmp_path: Path) -> Iterator[tuple[Device, Device, Device, Order, bytes, bytes]]:
    """A newer author, an older device, and a third; what the newer one wrote is with the older one only."""
    author = found(tmp_path)
    order = Order()
    order.exchange(author)
    old = join(author, tmp_path, "old")
    order.exchange(author, old)
    third = join(author, tmp_path, "third")
    order.exchange(author, old, third)
    record, _ = author.project.create(ISSUE, {"title": "Known"})
    gadget = author.project.new_id()
    with newer(), author.project.writing():
        author.project.append([Put(ISSUE, record, "title", "By the newer")], Touched())
        author.project.append(
            [Set("gadget", gadget, "created", True), Set("gadget", gadget, "size", [1, {"of": 2}])], Touched()
        )
        author.project.append([Set(ISSUE, record, "zeta", "in a field of later")], Touched())
    with newer():
        author.side.prepare_push()
    order.exchange(author)
    order.give(old)
    yield author, old, third, order, record, gadget
    for each in (author, old, third):
        each.project.close()


def test_an_older_device_keeps_passes_on_and_understands_later(
    story: tuple[Device, Device, Device, Order, bytes, bytes],
) -> None:
    author, old, third, order, record, gadget = story
    assert value(old, record, "title", ISSUE) == "Known"
    assert value(old, record, "zeta", ISSUE) == "in a field of later"
    assert value(old, gadget, "size", "gadget") == [1, {"of": 2}]
    assert old.project.status().held == 1
    # The server was wiped: what it had comes from the older device, byte by byte.
    again = Order()
    held = {parse(wire).hash for wire in order.wires}
    given = [bytes(wire) for (wire,) in old.project.db.all("SELECT wire FROM envelopes ORDER BY eid")]
    assert {parse(wire).hash for wire in given} == held
    assert set(given) == set(order.wires)
    old.side.receive([], again.cookie, True)
    old.side.settle_reset()
    again.exchange(old)
    assert set(again.wires) == set(order.wires)
    again.give(third)
    assert value(third, record, "title", ISSUE) == "Known"
    with newer():
        old, third = reopened(old), reopened(third)
        for each in (old, third):
            assert value(each, record, "title", ISSUE) == "By the newer"
            assert each.project.status().held == 0
        assert picture(old.project) == picture(third.project) == picture(author.project)
    old.project.close()
    third.project.close()


def test_a_backup_by_the_older_holds_it(
    story: tuple[Device, Device, Device, Order, bytes, bytes], tmp_path: Path
) -> None:
    _, old, _, _, record, gadget = story
    copy = tmp_path / "copy.sitebook"
    copy_database(old.project.path, old.project._key, copy)
    with newer():
        project = Project.open(
            copy, old.project._key, device=old.identity.device, clock=CLOCK, random=system_random
        )
        SyncSide(project, old.identity, KeyRing((old.key,)))
        assert project.field(record, "title", ISSUE).value == "By the newer"
        assert project.field(gadget, "size", "gadget").value == [1, {"of": 2}]
        project.close()


def test_a_bundle_by_the_older_holds_it(
    story: tuple[Device, Device, Device, Order, bytes, bytes],
) -> None:
    author, old, third, order, record, gadget = story
    road = Road(order)
    publish(old, road)
    road.floor = len(order.wires)
    take(third, road)
    assert value(third, record, "title", ISSUE) == "Known"
    assert value(third, gadget, "size", "gadget") == [1, {"of": 2}]
    with newer():
        third = reopened(third)
        assert value(third, record, "title", ISSUE) == "By the newer"
        assert picture(third.project) == picture(author.project)
    third.project.close()
