"""What every fault of the network must leave: nothing lost, nothing doubled, no stall, and a true word."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from sync.backoff import CAP
from sync.transport import http, http_client
from sync.transport.http_messages import HEALTH_PATH
from tests.faults import bad
from tests.faults.crew import Crew, Device, expect, tells_the_truth
from tests.faults.proxy import Exchange, Fault, Proxy, pass_on
from tests.faults.server import Server

ROUND: tuple[str, ...] = (
    HEALTH_PATH,
    "/v1/session/challenge",
    "/v1/session",
    "/v1/pull",
    "/v1/push",
)
"""What a round of a device asks that has something to send, after a failure."""
SHORT = 0.12
"""Seconds in these tests after which a device gives an answer up, instead of half a minute."""


@contextmanager
def impatient() -> Iterator[None]:
    """Let the transport wait a moment where it waits for long."""
    with (
        mock.patch.object(http_client, "_STALL_SECONDS", SHORT),
        mock.patch.object(http, "CHECK_SECONDS", SHORT),
        mock.patch.object(http, "_SMALL_SECONDS", SHORT),
        mock.patch.object(http, "_LARGE_SECONDS", 2 * SHORT),
    ):
        yield


class Scene:
    """Ann syncs through the proxy, Bob over the straight road."""

    def __init__(self, folder: Path, server: Server, proxy: Proxy, seed: int = 1) -> None:
        self.server = server
        self.proxy = proxy
        self.crew = Crew(folder, server.url, seed)
        self.bob = self.crew.join("bob")
        self.ann = self.crew.founder
        self.ann.move(proxy.url)
        self.ann.must_sync()

    def on_server(self) -> set[str]:
        """Which issues the server has, as Bob finds them there."""
        self.bob.must_sync()
        return set(self.bob.titles())

    def under(self, fault: Fault, *, in_the_way: bool = True, thorough: bool = True) -> bool:
        """Write on both sides, let a fault act on Ann's next round, end it, and look at everything.

        Returns whether the round failed. ``thorough`` also asks after each whether both have all.
        """
        ann, bob = self.ann, self.bob
        bob.write()
        bob.must_sync()
        ann.write()
        self.proxy.begin(fault)
        with impatient():
            step = ann.sync()
        tells_the_truth(ann, step, self.on_server() if thorough else ann.acknowledged)
        expect(in_the_way or step.result is not None, f"it is no hindrance, and yet: {step.message}")
        self.proxy.end()
        self.comes_through(thorough=thorough)
        if thorough:
            self.crew.judge()
        return step.error is not None

    def comes_through(self, *, thorough: bool = True) -> None:
        """The fault is over: the first round that is due goes through, and it is due soon."""
        ann = self.ann
        wait = ann.engine.next_in
        expect(wait <= CAP, f"it would wait {wait} s")
        step = ann.wait_and_sync()
        expect(step.error is None, f"the fault ended, and it still says: {step.message}")
        tells_the_truth(ann, step, self.on_server() if thorough else ann.acknowledged)

    def fresh_connection(self) -> None:
        """Let Ann's next round begin without a connection and a session."""
        self.ann.transport.close()
        self.ann.move(self.proxy.url)


def every_fault(scene: Scene, *, lasting: bool, part: int = 0, parts: int = 1) -> Counter[str]:
    """Every fault at every request of a round, once or from then on; how many were tried, how many failed.

    Of many, each ``parts``-th case.
    """
    counts: Counter[str] = Counter()
    cases = [(name, path) for name in bad.FAULTS for path in ROUND]
    for name, path in cases[part::parts]:
        fault = bad.FAULTS[name]
        with _telling(name, path):
            scene.fresh_connection()
            if path == HEALTH_PATH:
                _after_a_failure(scene.ann, scene.proxy)
            failed = scene.under(bad.on((path,), fault) if lasting else _first_of(path, fault))
            counts["tried"] += 1
            counts["failed"] += failed
    for name in list(bad.HARMLESS)[part::parts]:
        with _telling(name, "everything"):
            scene.under(bad.HARMLESS[name], in_the_way=False)
            counts["harmless"] += 1
    return counts


def _after_a_failure(device: Device, proxy: Proxy) -> None:
    proxy.begin(bad.lose_request)
    device.sync()


def _first_of(path: str, fault: Fault) -> Fault:
    count = itertools.count()

    def act(exchange: Exchange) -> bool:
        strikes = exchange.path == path and next(count) == 0
        return (fault if strikes else pass_on)(exchange)

    return act


def every_length(scene: Scene, path: str, *, first: int = 0, stride: int = 1, measured: bool = True) -> int:
    """Cut the answer to one request at every length; how many there were."""
    whole = _recorded(scene, path)
    most = len(whole) if measured else len(whole) - whole.index(b"\r\n\r\n") - 4
    make = bad.truncated if measured else bad.truncated_unmeasured
    lengths = range(first, most, stride)
    for length in lengths:
        with _telling(f"cut at {length} of {most}", path):
            failed = scene.under(_first_of(path, make(length)), thorough=False)
            expect(failed, "the answer was cut, and the round went well")
    scene.crew.settle()
    return len(lengths)


def _recorded(scene: Scene, path: str) -> bytes:
    """The whole answer of such a request, in a round like those that follow."""
    found: list[bytes] = []

    def keep(exchange: Exchange) -> bool:
        whole = exchange.forward()
        if exchange.path == path and not found:
            found.append(whole)
        exchange.send(whole)
        return True

    scene.under(keep, in_the_way=False)
    return found[0]


def other_servers(scene: Scene, folder: Path, seed: int) -> None:
    """Another server answers for a while: one with other projects, one with an older copy of this one."""
    ann, bob = scene.ann, scene.bob
    with Server(folder / "other") as other, Server(folder / "older") as older:
        (folder / "strangers").mkdir()
        strangers = Crew(folder / "strangers", other.url, seed + 1)
        strangers.founder.write()
        strangers.settle()
        _copy(scene.server, older)
        for name, port in (("another server", other.port), ("an older copy", older.port)) * 2:
            with _telling(name, "everything"):
                bob.write()
                bob.must_sync()
                ann.write()
                scene.proxy.begin(bad.elsewhere(port))
                ann.sync()
                ann.write()
                ann.sync()
                # Each server is a whole one: what Ann says of it is true of it.
                status = ann.project.status()
                expect(status.waiting == 0, "it stands at another server, and something waits")
                for issue in ann.acknowledged | bob.titles().keys() & ann.titles().keys():
                    expect(ann.titles()[issue] == 1, f"{issue} is there {ann.titles()[issue]} times")
                scene.proxy.end()
                scene.comes_through()
                scene.crew.settle()
        strangers.settle()
        strangers.stop()


def _copy(server: Server, older: Server) -> None:
    """Let one server go on from a copy of another's data."""
    older.kill()
    shutil.rmtree(older.data)
    shutil.copytree(server.data, older.data, ignore=shutil.ignore_patterns("*-shm"))
    older.start()


def strays(scene: Scene, rounds: int) -> int:
    """Requests that were given up arrive long after, and after others; how many."""
    arrived = 0
    for _ in range(rounds):
        for path in ROUND[1:]:
            stray = bad.Stray()
            scene.fresh_connection()
            scene.under(bad.on((path,), stray))
            scene.ann.write()
            scene.ann.must_sync()
            arrived += stray.arrive()
            scene.crew.settle()
    return arrived


@contextmanager
def _telling(what: str, where: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"under the fault “{what}” at {where}")
        raise
