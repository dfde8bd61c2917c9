"""Clocks that jump by a year, on either side, and a machine that slept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import bad
from tests.faults.network import Scene
from tests.faults.proxy import Exchange, Proxy, pass_on
from tests.faults.server import Server

YEAR_MS = 365 * 86_400_000


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Server(tmp_path / "server") as server, Proxy(server.port) as proxy:
        found = Scene(tmp_path, server, proxy)
        yield found
        found.crew.stop()


@pytest.mark.parametrize("years", [1, -1])
@pytest.mark.parametrize("side", ["device", "server"])
def test_a_clock_that_jumps_during_sync_loses_nothing(scene: Scene, side: str, years: int) -> None:
    """It jumps before each request of a round in turn; then it is set right again."""
    for number in (1, 3, 4):
        scene.fresh_connection()

        def jump(ms: int) -> None:
            if side == "device":
                scene.ann.clock.wall_ms += ms
            else:
                scene.server.set_clock(scene.server.offset_ms + ms)

        def at(exchange: Exchange, number: int = number) -> bool:
            if exchange.number == number:
                jump(years * YEAR_MS)
            return pass_on(exchange)

        # A session of a year ago is over: signing in again is part of the round or of the next.
        scene.under(at)
        jump(-years * YEAR_MS)
    scene.crew.settle()


def test_a_join_and_an_invite_stand_a_wrong_clock_of_the_server(scene: Scene) -> None:
    scene.server.set_clock(-YEAR_MS)
    guest = scene.crew.join("guest")
    guest.write()
    scene.server.set_clock(YEAR_MS)
    guest.write()
    scene.crew.settle()


def test_a_machine_that_slept_goes_on_at_once(scene: Scene) -> None:
    ann = scene.ann
    scene.bob.write()
    scene.bob.must_sync()
    ann.write()
    scene.proxy.begin(bad.lose_request)
    for _ in range(20):
        ann.wait_and_sync()
    assert ann.engine.next_in <= 300.0
    scene.proxy.end()
    # Wall and monotonic clock of some systems go on during sleep, of others they do not: both must do.
    ann.clock.pass_seconds(8 * 3_600.0)
    assert ann.engine.next_in == 0.0
    scene.comes_through()
    ann.write()
    ann.clock.wall_ms += 8 * 3_600_000
    ann.engine.network_changed()
    scene.comes_through()
    # The connection died in its sleep, and the server forgot the session.
    scene.proxy.cut()
    scene.server.kill()
    scene.server.start()
    ann.write()
    step = ann.sync()
    assert step.error is None, step.message
    scene.crew.settle()
