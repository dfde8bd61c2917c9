"""A device that was away longer than the server keeps its log: it takes the bundle, and loses nothing of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from app.domain.schema import ISSUE
from app.store.bundle_files import bundle_path
from app.store.bundle_publish import Publisher
from app.store.bundle_take import Taker
from app.store.project import Project
from app.store.sync_side import SyncSide
from sync.bundle import read_manifest
from sync.clock import system_random
from sync.engine import Engine, run_until_idle
from sync.errors import Malformed, SitebookError
from tests.app.store.bundles import Device, Order, Road, busy, file_of, found, join
from tests.app.store.replicas import SetClock, picture


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def away(tmp_path: Path) -> tuple[Device, Device, Order, Road]:
    """A host that published, and a device that was away meanwhile, with unsent work of its own."""
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    away = join(host, tmp_path, "away")
    order.exchange(host, away)
    busy(host, away, order)
    issues = host.project.records(ISSUE)
    away.project.set(issues[0], "title", "Sealed while away")
    away.side.prepare_push()
    away.project.set(issues[1], "title", "Unsealed while away")
    away.project.create(ISSUE, {"title": "Made while away"}, text="Only here")
    host.project.set(issues[0], "title", "By the host meanwhile")
    host.project.create(ISSUE, {"title": "New meanwhile"}, text="From the bundle")
    host.project.delete(issues[4])
    order.exchange(host)
    road = Road(order)
    publish(host, road)
    road.floor = len(order.wires)
    host.project.create(ISSUE, {"title": "After the bundle"})
    order.exchange(host)
    return host, away, order, road


def publish(device: Device, road: Road) -> None:
    made = Publisher(road, file_of(device), SetClock(), system_random)
    made.force()
    while not made.looked:
        made.step()
    assert made.published is not None, made.error


def take(device: Device, road: Road) -> None:
    taker = Taker(device.side, road)
    while not taker.step()[0]:
        pass


def again(device: Device) -> Device:
    """The device after a crash: its file opened anew."""
    path, key = device.project.path, device.project._key
    device.project.close()
    project = Project.open(
        path, key, device=device.identity.device, clock=device.project.clock, random=system_random
    )
    return Device(project, device.identity, device.key)


def agree(host: Device, away: Device, order: Order) -> None:
    """All that both did is on both, and they show the same."""
    order.exchange(away, host)
    order.exchange(away, host)
    assert picture(away.project) == picture(host.project)
    titles = set(host.project.column(ISSUE, "title").values())
    assert {"Made while away", "New meanwhile", "After the bundle", "Unsealed while away"} <= titles
    both = {"Sealed while away", "By the host meanwhile"}
    assert any(
        {write.value for write in host.project.field(record, "title").live} == both
        for record in host.project.records(ISSUE)
    )


def test_the_bundle_is_taken_and_own_work_goes_on(away: tuple[Device, Device, Order, Road]) -> None:
    host, device, order, road = away
    take(device, road)
    cookie = device.side.cookie()
    assert cookie is not None
    assert cookie.version == road.floor
    assert device.project.get_meta("bundle") == read_manifest(road.manifests[0]).hash
    assert not bundle_path(device.project.path).exists()
    agree(host, device, order)
    device.project.check()


def cut_after(side: SyncSide, pieces: int) -> None:
    """Let a side write so many pieces, each in a transaction of its own, and no more."""
    whole = side.in_slices
    left = iter(range(pieces))

    def in_slices(units: Iterable[Callable[[], None]]) -> None:
        for unit in units:
            if next(left, None) is None:
                raise Killed
            whole([unit])

    side.in_slices = in_slices  # type: ignore[method-assign]


def test_killed_anywhere_it_goes_on_and_nothing_is_lost(away: tuple[Device, Device, Order, Road]) -> None:
    host, device, order, road = away
    cuts = 0
    while True:
        cut_after(device.side, 2 + 3 * cuts)
        try:
            take(device, road)
            break
        except Killed:
            cuts += 1
            device = again(device)
            assert device.project.records(ISSUE)
    assert cuts > 3
    agree(host, again(device), order)


def test_a_bundle_that_lacks_what_the_server_had_given_is_not_used(
    away: tuple[Device, Device, Order, Road],
) -> None:
    _, device, _, road = away
    before = picture(device.project)
    with device.project.writing():
        device.project.db.run(
            "UPDATE envelopes SET version = 3 WHERE version IS NULL AND pushed = 0 AND kind = 0"
        )
    with pytest.raises(Malformed, match="lacks"):
        take(device, road)
    assert picture(device.project) == before


def test_chunks_that_came_are_not_fetched_again(away: tuple[Device, Device, Order, Road]) -> None:
    host, device, order, road = away
    road.fail_at = road.trips + 2
    with pytest.raises(SitebookError):
        take(device, road)
    road.fail_at = None
    take(device, road)
    agree(host, device, order)


def test_a_round_of_sync_takes_the_bundle_and_then_goes_on(away: tuple[Device, Device, Order, Road]) -> None:
    host, device, order, road = away
    engine = Engine(device.side, road, SetClock(), system_random)
    result = run_until_idle(engine, SetClock(), 1e9)
    assert result.pushed >= 2
    agree(host, device, order)


def test_what_the_bundle_brought_is_not_offered_to_a_server_that_was_wiped(
    away: tuple[Device, Device, Order, Road],
) -> None:
    _, device, _, road = away
    take(device, road)
    with device.project.writing():
        device.side.log.forget_places()
    device.side.settle_reset()
    bare = device.project.db.all("SELECT pushed FROM envelopes WHERE bare")
    assert bare
    assert set(bare) == {(1,)}
