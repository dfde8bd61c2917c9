"""Bad networks between real devices and a real server; ``python -m tests.faults`` tries much more of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.engine import SyncState
from tests.faults.bad import at_most
from tests.faults.crew import incompressible
from tests.faults.network import Scene, every_fault, every_length, other_servers, strays
from tests.faults.proxy import Proxy
from tests.faults.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def serial() -> Iterator[int]:
    """Seeds: each scene has a project of its own on the server."""
    return itertools.count(100)


@pytest.fixture
def scene(tmp_path: Path, server: Server, serial: Iterator[int]) -> Iterator[Scene]:
    with Proxy(server.port) as proxy:
        found = Scene(tmp_path, server, proxy, next(serial))
        yield found
        found.crew.stop()


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_every_fault(scene: Scene, lasting: bool) -> None:
    counts = every_fault(scene, lasting=lasting, part=int(lasting), parts=7)
    # A session that ended is begun anew in the round itself, and any answer of health will do for health.
    assert counts["failed"] >= counts["tried"] - 2
    assert counts["harmless"]


@pytest.mark.parametrize(("path", "stride"), [("/v1/pull", 71), ("/v1/push", 9)])
def test_an_answer_cut_at_any_length(scene: Scene, path: str, stride: int) -> None:
    assert every_length(scene, path, stride=stride) >= 10
    assert every_length(scene, path, stride=3 * stride, measured=False) > 1


def test_another_server_answers_for_a_while(scene: Scene, tmp_path: Path) -> None:
    other_servers(scene, tmp_path, 7)


def test_requests_that_arrive_long_after(scene: Scene) -> None:
    assert strays(scene, 1) >= 4


def test_a_proxy_that_takes_small_requests_only_gets_small_ones(scene: Scene) -> None:
    for _ in range(12):
        scene.ann.write(text=incompressible(60_000))
        scene.ann.side.prepare_push()
    scene.proxy.begin(at_most(200_000))
    step = scene.ann.sync()
    assert step.result is not None, step.message
    assert step.error is None
    scene.crew.settle()


def test_what_is_too_large_for_a_proxy_waits_and_stops_nothing_else(scene: Scene) -> None:
    large = scene.ann.write(text=incompressible(60_000))
    scene.ann.side.prepare_push()
    for _ in range(3):
        scene.ann.write()
        scene.ann.side.prepare_push()
    scene.proxy.begin(at_most(40_000))
    step = scene.ann.sync()
    assert scene.ann.engine.state is SyncState.ATTENTION
    assert "smaller" in step.message
    assert scene.ann.project.status().waiting > 0
    assert scene.on_server() == scene.ann.acknowledged - {large}
    scene.proxy.end()
    scene.comes_through()
    scene.crew.judge()
