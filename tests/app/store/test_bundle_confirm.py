"""Confirming: a device that holds the same says so; one that finds anything else does not."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from app.domain.schema import ISSUE
from app.store.bundle_confirm import Confirmer
from app.store.bundle_image import Image, make_image, summarise
from app.store.bundle_publish import Publisher
from app.store.bundle_state import DIFFERENT
from app.store.database import Database
from sync import attachments
from sync.bundle import make_manifest, read_manifest
from sync.chunks import ChunkDirectory
from sync.clock import system_random
from sync.epochs import KeyRing
from sync.notice import NoticeKind, read_notice
from tests.app.store.bundles import Device, Order, Road, busy, file_of, found, join
from tests.app.store.replicas import SetClock


@pytest.fixture
def trio(tmp_path: Path) -> tuple[Device, Device, Order, Road]:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    other = join(host, tmp_path, "other")
    order.exchange(host, other)
    busy(host, other, order)
    return host, other, order, Road(order)


def publish(device: Device, road: Road) -> None:
    made = Publisher(road, file_of(device), SetClock(), system_random)
    made.force()
    while not made.looked:
        made.step()
    assert made.published is not None, made.error


def confirm(device: Device, road: Road) -> Confirmer:
    made = Confirmer(
        road,
        device.project,
        device.identity,
        KeyRing((device.key,)),
        device.project._key,
        SetClock(),
        system_random,
    )
    while not made.looked:
        made.step()
    return made


def forge(host: Device, road: Road, folder: Path, statement: str) -> None:
    """Publish, in the host's name, a bundle in which something was changed and all sums are right."""
    image = make_image(host.project.path, host.project._key)
    with closing(apsw.Connection(":memory:")) as connection:
        connection.deserialize("main", image.data)
        connection.execute(statement)
        assert connection.total_changes()
        data = bytes(connection.serialize("main") or b"")
        summary = summarise(Database(connection, folder))
    forged = Image(data, image.cookie, image.schema, summary)
    store = ChunkDirectory(folder / "forged", system_random)
    sealed = attachments.seal(
        io.BytesIO(forged.compressed().read()), store, system_random, inline_names=1 << 20
    )
    wire = make_manifest(
        project=host.identity.project,
        key=host.identity.signing,
        cookie=image.cookie,
        stream=sealed,
        raw_size=len(data),
        schema=image.schema,
        summary=summary,
        epoch_key=host.key,
        random=system_random,
    )
    for name in sealed.manifest.names:
        road.chunks[name] = store.read(name, 2 << 20)
    road.manifests.append(wire)


def test_a_device_with_the_same_confirms_and_its_log_is_covered(
    trio: tuple[Device, Device, Order, Road],
) -> None:
    host, other, order, road = trio
    publish(host, road)
    covered = len(order.wires)
    host.project.create(ISSUE, {"title": "Later"})
    host.project.set(host.project.records(ISSUE)[2], "title", "Changed later")
    order.exchange(host, other)
    confirm(host, road)
    assert not road.notes
    assert host.project.covered_version() == 0
    made = confirm(other, road)
    assert made.error is None
    (wire,) = road.notes.values()
    notice = read_notice(wire)
    assert (notice.kind, notice.device) == (NoticeKind.CONFIRM, other.identity.device)
    assert notice.body == read_manifest(road.manifests[0]).hash
    assert other.project.covered_version() == covered
    confirm(host, road)
    assert host.project.covered_version() == covered


_LIES = {
    "a value": "UPDATE writes SET value = x'a3466f6f' WHERE value = (SELECT max(value) FROM writes)",
    "a write is gone": "DELETE FROM writes WHERE cid = (SELECT min(cid) FROM writes)",
    "a replaced write is live": "INSERT INTO writes SELECT fid, rid, cid, idx, value FROM history LIMIT 1",
    "a live write is replaced": "INSERT INTO history SELECT rid, fid, cid, idx, value FROM writes LIMIT 1",
    "a text": "UPDATE updates SET data = zeroblob(20) WHERE uid = (SELECT max(uid) FROM updates)",
    "a text is gone": "DELETE FROM updates WHERE uid = (SELECT max(uid) FROM updates)",
    "a change is gone": "DELETE FROM changes WHERE cid = (SELECT max(cid) FROM changes)",
    "a name is gone": "DELETE FROM replacements",
    "a deletion saw more": "UPDATE covers SET names = x'90'",
}


@pytest.mark.parametrize("what", sorted(_LIES))
def test_what_differs_in_anything_is_not_confirmed_and_told(
    trio: tuple[Device, Device, Order, Road], tmp_path: Path, what: str
) -> None:
    host, other, order, road = trio
    forge(host, road, tmp_path, _LIES[what])
    made = confirm(other, road)
    assert not road.notes
    assert other.project.covered_version() == 0
    assert "not confirmed" in str(made.error)
    assert other.project.bundle_state().refused == read_manifest(road.manifests[0]).hash
    trips = road.trips
    confirm(other, road)
    assert road.trips == trips + 2
    [item] = other.project.attention()
    assert (item.own, item.reason, other.project.status().attention) == (False, DIFFERENT, 1)
    # Nobody is held up by it, and the entry goes with the next one that is right.
    host.project.create(ISSUE, {"title": "Later"})
    order.exchange(host, other)
    publish(host, road)
    assert confirm(other, road).error is None
    assert other.project.attention() == []
    assert other.project.status().attention == 0


def test_a_false_confirmation_by_the_publisher_or_a_stranger_counts_for_nothing(
    trio: tuple[Device, Device, Order, Road],
) -> None:
    host, other, _, road = trio
    publish(host, road)
    with other.project.writing():
        other.project.put_meta("bundle", b"x" * 32)  # it came from a bundle that nobody confirmed
    made = Confirmer(
        road, host.project, host.identity, KeyRing((host.key,)), host.project._key, SetClock(), system_random
    )
    made._manifest = read_manifest(road.manifests[0])
    made._confirm()
    confirm(other, road)
    assert other.project.covered_version() == 0
    assert len(road.notes) == 1


def test_who_came_by_an_unconfirmed_bundle_compares_it_with_the_log(
    trio: tuple[Device, Device, Order, Road], tmp_path: Path
) -> None:
    host, other, _, road = trio
    publish(host, road)
    name = read_manifest(road.manifests[0]).hash
    with other.project.writing():
        other.project.put_meta("bundle", name)
    made = Confirmer(
        road,
        other.project,
        other.identity,
        KeyRing((other.key,)),
        other.project._key,
        SetClock(),
        system_random,
    )
    for _ in range(2):
        assert not other.project.bundle_state().confirmed
        made.poke()
        while not made.looked:
            made.step()
    assert made.error is None
    assert other.project.bundle_state().confirmed
    assert other.project.covered_version() == read_manifest(road.manifests[0]).version
    assert not list(tmp_path.glob("*.replay*"))
    forge(host, road, tmp_path, _LIES["a value"])
    with other.project.writing():
        other.project.put_meta("bundle_confirmed", 0)
    for _ in range(2):
        made.poke()
        while not made.looked:
            made.step()
    assert other.project.bundle_state().refused == read_manifest(road.manifests[1]).hash
