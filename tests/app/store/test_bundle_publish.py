"""Publishing: when it is due, by one device at a time, and through every cut."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from app.domain.schema import ISSUE
from app.store.bundle_files import outgoing_path
from app.store.bundle_image import Image
from app.store.bundle_publish import NEXT_LOG, Publisher, PublishPhase
from sync.bundle import read_manifest
from sync.clock import system_random
from sync.transport.base import Outcome, PushAck
from tests.app.store.bundles import Device, Order, Road, busy, file_of, found, image_of, join
from tests.app.store.replicas import SetClock
from tests.app.store.test_bundle_confirm import confirm


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Device, Device, Order]:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    other = join(host, tmp_path, "other")
    order.exchange(host, other)
    busy(host, other, order)
    return host, other, order


def publisher(device: Device, road: Road, clock: SetClock | None = None) -> Publisher:
    return Publisher(road, file_of(device), clock or SetClock(), system_random)


def counts(image: Image) -> dict[str, int]:
    """How many rows each table of a bundle has."""
    with closing(apsw.Connection(":memory:")) as connection:
        connection.deserialize("main", image.data)
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = {}
        for (name,) in tables:
            row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            assert row is not None
            found[str(name)] = int(row[0])
        return found


def run(made: Publisher, most: int = 200) -> None:
    """Step until it rests."""
    for _ in range(most):
        made.step()
        if made.next_in > 0:
            return
    raise AssertionError("it does not rest")


def test_a_bundle_is_published_when_it_is_due_and_not_before(pair: tuple[Device, Device, Order]) -> None:
    host, _, order = pair
    road = Road(order)
    made = publisher(host, road)
    run(made)
    assert made.looked
    assert not road.manifests
    road.since = NEXT_LOG
    made.poke()
    run(made)
    assert made.error is None
    assert made.published is not None
    manifest = read_manifest(road.manifests[0])
    assert manifest.publisher == host.identity.device
    assert manifest.version == len(order.wires)
    assert not outgoing_path(host.project.path).exists()
    road.since = NEXT_LOG - 1
    made.poke()
    run(made)
    assert len(road.manifests) == 1


def test_nobody_publishes_beside_another_or_with_unsent_work(pair: tuple[Device, Device, Order]) -> None:
    host, other, order = pair
    road = Road(order)
    road.since = NEXT_LOG
    road.holder = "somebody"
    made = publisher(host, road)
    run(made)
    assert not road.manifests
    assert 0 < made.next_in <= 60
    road.holder = None
    host.project.create(ISSUE, {"title": "Unsent"})
    made.force()
    run(made)
    assert not road.manifests
    assert made.error is not None
    order.exchange(host)
    made = publisher(other, road)
    made.force()
    run(made)
    assert "behind" in str(made.error)


def test_a_cut_at_every_trip_is_made_up_for_by_the_next_try(pair: tuple[Device, Device, Order]) -> None:
    host, _, order = pair
    whole = Road(order)
    whole.since = NEXT_LOG
    run(publisher(host, whole))
    for cut in range(1, whole.trips + 1):
        road = Road(order)
        road.since = NEXT_LOG
        road.fail_at = cut
        run(publisher(host, road))
        before = set(road.chunks)
        road.fail_at = None
        again = publisher(host, road)
        again.force()
        run(again)
        assert len(road.manifests) in (1, 2)
        if before and len(road.manifests) == 1:
            assert again.published is not None
            assert before <= set(read_manifest(road.manifests[0]).chunks)


def test_what_was_refused_and_dropped_is_left_out_and_keeps_nobody_from_publishing(
    pair: tuple[Device, Device, Order],
) -> None:
    host, other, order = pair
    issue = host.project.records(ISSUE)[0]
    host.project.set(issue, "title", "Refused")
    gone, _ = host.project.create(ISSUE, {"title": "Refused too"}, text="gone")
    host.side.prepare_push()
    [(hashed, _)] = host.side.unpushed(100, 1 << 20)
    host.side.pushed([PushAck(hashed, Outcome.REFUSED, None, "too large")])
    road = Road(order)
    made = publisher(host, road)
    made.force()
    run(made)
    assert not road.manifests, "what is refused may still be tried again"
    host.side.drop_refused(hashed)
    made.force()
    run(made)
    assert made.published is not None, made.error
    # Who has only what the server has finds the same in it, and confirms.
    checks = confirm(other, road)
    assert checks.error is None
    assert len(road.notes) == 1
    manifest = read_manifest(road.manifests[0])
    image = image_of(host)
    assert manifest.version == len(order.wires)
    assert hashed not in image.data
    assert gone not in image.data
    assert image.summary.digest == image_of(other).summary.digest
    assert image.summary.heads == image_of(other).summary.heads
    assert counts(image) == counts(image_of(other))


def test_a_viewer_publishes_nothing(pair: tuple[Device, Device, Order]) -> None:
    host, _, order = pair
    with host.project.writing():
        host.project.put_meta("role", "viewer")
    road = Road(order)
    road.since = NEXT_LOG
    made = publisher(host, road)
    made.force()
    run(made)
    assert not road.manifests
    assert made.error is not None
    assert made.phase is PublishPhase.LOOK
