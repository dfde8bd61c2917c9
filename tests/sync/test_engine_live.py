"""The engine while a server tells by itself what happens."""

from __future__ import annotations

from sync.engine import LIVE_INTERVAL, POKE_DELAY, POLL_INTERVAL, Engine, Phase
from sync.errors import Unreachable
from tests.sync.fakes import FakeClock, FakeServer, FakeStore


class Bench:
    def __init__(self) -> None:
        self.clock, self.server, self.store = FakeClock(), FakeServer(), FakeStore()
        self.engine = Engine(self.store, self.server, self.clock, lambda count: b"\xff" * count)

    def round(self) -> None:
        self.clock.seconds += self.engine.next_in
        self.engine.step()
        while self.engine.phase is not Phase.REST:
            self.engine.step()


def test_what_the_server_tells_is_looked_at_at_once() -> None:
    bench = Bench()
    bench.round()
    bench.server.log = [b"theirs"]
    bench.engine.hear(1)
    assert bench.engine.next_in == 0
    bench.round()
    assert bench.store.held == [b"theirs"]


def test_what_is_known_already_is_no_reason_to_look() -> None:
    bench = Bench()
    bench.server.log = [b"theirs"]
    bench.round()
    for version in (1, 1):
        bench.engine.hear(version)
        assert bench.engine.next_in == POLL_INTERVAL
    bench.engine.hear(0)
    assert bench.engine.next_in == 0


def test_ones_own_push_makes_no_echo() -> None:
    bench = Bench()
    bench.round()
    bench.store.waiting = [b"mine"]
    # The event comes while the round that pushed is still going on.
    bench.server.on_call = lambda: bench.engine.hear(1) if bench.server.log else None
    bench.engine.poke()
    bench.round()
    assert bench.server.log == [b"mine"]
    assert bench.engine.next_in == POLL_INTERVAL
    bench.engine.hear(1)
    assert bench.engine.next_in == POLL_INTERVAL
    # Theirs that came right behind is looked at when the round is over.
    bench.server.on_call = lambda: bench.engine.hear(2)
    bench.server.log.append(b"theirs")
    bench.engine.hear(2)
    bench.round()
    assert bench.store.held[-1] == b"theirs"
    assert bench.engine.next_in == POLL_INTERVAL


def test_what_comes_during_a_round_is_looked_at_after_it() -> None:
    bench = Bench()
    bench.engine.step()
    assert bench.engine.phase is not Phase.REST
    bench.engine.hear(5)
    bench.round()
    assert bench.engine.next_in == 0
    bench.round()
    # It was no more than a promise: one look, no circle.
    assert bench.engine.next_in == POLL_INTERVAL


def test_who_is_told_looks_rarely_and_who_is_not_any_more_soon() -> None:
    bench = Bench()
    bench.engine.set_live(True)
    bench.round()
    assert bench.engine.next_in == LIVE_INTERVAL
    bench.engine.poke()
    assert bench.engine.next_in == POKE_DELAY
    bench.round()
    bench.engine.set_live(False)
    assert bench.engine.next_in <= POLL_INTERVAL / 3
    bench.round()
    assert bench.engine.next_in == POLL_INTERVAL


def test_a_server_that_tells_is_there_and_a_wait_that_it_asked_for_goes_on() -> None:
    bench = Bench()
    bench.server.failures = [Unreachable("no", retry_after=100)]
    bench.round()
    bench.engine.hear(9)
    assert bench.engine.next_in >= 100
    bench.engine.set_live(True)
    assert bench.engine.next_in == 0
