"""Publishing: when it is due, by one device at a time, and through every cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import ISSUE
from app.store.bundle_files import outgoing_path
from app.store.bundle_publish import NEXT_LOG, Publisher, PublishPhase
from sync.bundle import read_manifest
from sync.clock import system_random
from tests.app.store.bundles import Device, Order, Road, busy, file_of, found, join
from tests.app.store.replicas import SetClock


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
