"""The engine against a scripted store and server: every state, every failure, no waiting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.engine import (
    MAX_BATCH_BYTES,
    MAX_BATCH_COUNT,
    MAX_TURNS,
    POKE_DELAY,
    POLL_INTERVAL,
    Engine,
    Phase,
    Step,
    SyncState,
    run_until_idle,
)
from sync.errors import Damaged, Malformed, Refused, SitebookError, Unreachable
from sync.result import SyncResult
from sync.transport.base import Outcome, PullPage, PushAck
from tests.sync.fakes import FakeClock, FakeServer, FakeStore, cookie, name


class Bench:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.server = FakeServer()
        self.store = FakeStore()
        self.draws = b"\xff"
        self.engine = Engine(self.store, self.server, self.clock, lambda count: self.draws * count)

    def round(self) -> list[Step]:
        """Run from the next due time to the end of that round, well or badly."""
        self.clock.seconds += self.engine.next_in
        steps: list[Step] = []
        while True:
            calls = len(self.server.calls)
            steps.append(self.engine.step())
            assert len(self.server.calls) - calls <= 1, "a step makes one round trip at most"
            if self.engine.phase is Phase.REST:
                return steps


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_quiet_round_is_one_pull_and_then_a_poll_in_thirty_seconds(bench: Bench) -> None:
    last = bench.round()[-1]
    assert bench.server.calls == ["pull"]
    assert bench.store.successes == 1
    assert last == Step(POLL_INTERVAL, SyncState.SYNCED, result=SyncResult())
    bench.clock.seconds += 10
    idle = bench.engine.step()
    assert idle.next_in == pytest.approx(20)
    assert bench.server.calls == ["pull"]


def test_it_says_offline_before_the_first_answer_and_syncing_during_a_round(bench: Bench) -> None:
    assert bench.engine.state is SyncState.OFFLINE
    first = bench.engine.step()
    assert first.state is SyncState.SYNCING
    assert first.next_in == 0


def test_pages_are_pulled_until_there_are_no_more(bench: Bench) -> None:
    bench.server.log = [b"%03d" % index for index in range(25)]
    bench.server.page = 10
    steps = bench.round()
    assert bench.server.calls == ["pull"] * 3
    assert bench.store.held == bench.server.log
    assert steps[-1].result == SyncResult(pulled=25)
    assert [len(step.touched) for step in steps if step.touched] == [10, 10, 5]


def test_conflicts_are_counted(bench: Bench) -> None:
    bench.server.log = [b"conflict 1", b"other", b"conflict 2"]
    assert bench.round()[-1].result == SyncResult(pulled=3, conflicts=2)


def test_a_cut_keeps_the_pages_that_were_applied(bench: Bench) -> None:
    bench.server.log = [b"%03d" % index for index in range(25)]
    bench.server.page = 10
    bench.server.failures = [None, Unreachable("cut")]
    last = bench.round()[-1]
    assert last.state is SyncState.OFFLINE
    assert last.message == "cut"
    assert bench.store.successes == 0
    assert len(bench.store.held) == 10
    bench.server.calls.clear()
    bench.round()
    assert bench.server.calls == ["check", "pull", "pull"]
    assert bench.store.held == bench.server.log


def test_what_waits_is_pulled_over_then_pushed_and_seen_again(bench: Bench) -> None:
    bench.server.log = [b"theirs"]
    bench.store.waiting = [b"mine"]
    last = bench.round()[-1]
    assert bench.server.calls == ["pull", "push 1", "pull"]
    assert bench.store.at == cookie(2)
    assert last.result == SyncResult(pulled=1, pushed=1)


def test_what_a_pull_causes_goes_out_in_the_same_round(bench: Bench) -> None:
    bench.store.waiting = [b"claim"]

    def number() -> None:
        if b"claim" in bench.server.log and b"numbered" not in bench.store.held:
            bench.store.waiting = [b"numbered"]

    bench.store.on_receive = number
    assert bench.round()[-1].result == SyncResult(pushed=2)
    assert bench.server.log == [b"claim", b"numbered"]


def test_a_store_that_always_has_something_new_does_not_keep_a_round_going(bench: Bench) -> None:
    def chatter() -> None:
        bench.store.waiting = [b"%d" % len(bench.store.held)]

    bench.store.on_receive = chatter
    bench.round()
    assert bench.server.calls.count("pull") == MAX_TURNS + 1


def test_pushes_go_in_batches_by_count_and_by_size(bench: Bench) -> None:
    bench.store.waiting = [b"%04d" % index for index in range(450)]
    bench.round()
    assert bench.server.calls == ["pull", "push 200", "push 200", "push 50", "pull"]
    assert MAX_BATCH_COUNT == 200
    bench.server.calls.clear()
    bench.store.waiting = [b"%012d" % index + bytes(MAX_BATCH_BYTES // 3) for index in range(4)]
    bench.store.waiting.append(b"huge" + bytes(MAX_BATCH_BYTES))
    bench.round()
    assert bench.server.calls == ["pull", "push 2", "push 2", "push 1", "pull"]
    assert bench.store.queue == []


def test_a_lost_answer_to_a_push_costs_nothing(bench: Bench) -> None:
    bench.store.waiting = [b"mine"]
    bench.server.failures = [None, Unreachable("cut")]
    bench.round()
    bench.server.log.append(b"mine")
    last = bench.round()[-1]
    assert bench.server.log == [b"mine"]
    assert bench.store.queue == []
    assert last.result is not None
    assert last.result.pushed == 1


def test_a_refused_envelope_stops_nothing(bench: Bench) -> None:
    bench.store.waiting = [b"bad", b"good"]
    bench.server.answer = lambda wire: Outcome.REFUSED if wire == b"bad" else Outcome.ACCEPTED
    last = bench.round()[-1]
    assert last.result == SyncResult(pushed=1, refused=1)
    assert bench.store.refused == [b"bad"]
    assert bench.server.log == [b"good"]


def test_later_is_tried_again_after_the_next_pull_and_holds_back_nothing(bench: Bench) -> None:
    bench.store.waiting = [b"later %03d" % index for index in range(250)] + [b"good"]
    bench.server.answer = lambda wire: Outcome.LATER if wire.startswith(b"later") else Outcome.ACCEPTED
    last = bench.round()[-1]
    assert last.result == SyncResult(pushed=1)
    assert bench.server.calls == ["pull", "push 200", "push 51", "pull", "push 200", "push 50"]
    assert len(bench.store.queue) == 250
    bench.server.answer = lambda _: Outcome.ACCEPTED
    bench.round()
    assert bench.store.queue == []


def test_an_answer_without_a_hash_goes_by_its_place(bench: Bench) -> None:
    bench.store.waiting = [b"unreadable"]
    bench.server.same_acks = [PushAck(b"", Outcome.REFUSED, None, "what is this")]
    bench.round()
    assert bench.store.refused == [b"unreadable"]


@pytest.mark.parametrize(
    "acks",
    [
        [],
        [PushAck(b"another", Outcome.ACCEPTED, 1, "")],
        [PushAck(name(b"mine"), Outcome.ACCEPTED, 1, "")] * 2,
    ],
)
def test_acknowledgements_of_something_else_are_an_error(bench: Bench, acks: list[PushAck]) -> None:
    bench.store.waiting = [b"mine"]
    bench.server.same_acks = acks
    last = bench.round()[-1]
    assert isinstance(last.error, Malformed)
    assert last.state is SyncState.ATTENTION
    assert bench.store.queue == [b"mine"]


def test_a_wiped_server_gets_everything_back(bench: Bench) -> None:
    bench.server.log = [b"a", b"b"]
    bench.store.waiting = [b"c"]
    bench.round()
    bench.server.log = []
    bench.server.generation = b"new generation.."
    assert bench.round()[-1].result == SyncResult(pushed=3)
    assert sorted(bench.server.log) == [b"a", b"b", b"c"]
    assert sorted(bench.store.held) == [b"a", b"b", b"c"]


def test_a_reset_that_is_cut_is_settled_by_the_next_round(bench: Bench) -> None:
    bench.server.log = [b"%d" % index for index in range(6)]
    bench.round()
    bench.server.log = bench.server.log[:4]
    bench.server.page = 3
    bench.server.failures = [None, Unreachable("cut")]
    bench.round()
    assert bench.store.queue == []
    restarted = Engine(bench.store, bench.server, bench.clock, bytes)
    bench.engine = restarted
    bench.round()
    assert sorted(bench.server.log) == [b"%d" % index for index in range(6)]


def test_a_server_that_resets_for_ever_is_left_alone_for_a_while(bench: Bench) -> None:
    bench.server.same_page = PullPage((b"x",), cookie(1), True, True)
    last = bench.round()[-1]
    assert isinstance(last.error, Malformed)
    assert last.next_in > 0


def test_a_server_that_promises_more_and_sends_nothing_is_an_error(bench: Bench) -> None:
    bench.server.same_page = PullPage((), cookie(0), True, False)
    assert isinstance(bench.round()[-1].error, Malformed)


def test_an_empty_answer_deletes_nothing(bench: Bench) -> None:
    bench.server.log = [b"a"]
    bench.round()
    bench.server.same_page = PullPage((), cookie(0), False, False)
    bench.round()
    assert bench.store.held == [b"a"]


def test_failures_wait_longer_and_longer_and_ask_first_whether_there_is_a_server(bench: Bench) -> None:
    bench.server.failures = [Unreachable("away")] * 12
    waits = [round(bench.round()[-1].next_in) for _ in range(12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert bench.server.calls == ["pull"] + ["check"] * 11
    bench.server.calls.clear()
    assert bench.round()[-1].state is SyncState.SYNCED
    assert bench.server.calls == ["check", "pull"]
    bench.server.failures = [Unreachable("away")]
    assert round(bench.round()[-1].next_in) == 1


def test_the_server_may_ask_for_a_longer_wait(bench: Bench) -> None:
    bench.server.failures = [Unreachable("busy", retry_after=50.0)]
    assert bench.round()[-1].next_in == 50


def test_a_poke_is_answered_soon_but_not_during_a_wait(bench: Bench) -> None:
    bench.round()
    bench.engine.poke()
    assert bench.engine.next_in == pytest.approx(POKE_DELAY)
    bench.server.failures = [Unreachable("away", retry_after=50.0)]
    bench.round()
    bench.engine.poke()
    assert bench.engine.next_in == pytest.approx(50)


def test_a_poke_during_a_round_makes_another(bench: Bench) -> None:
    bench.engine.step()
    bench.engine.poke()
    assert bench.round()[-1].next_in == pytest.approx(POKE_DELAY)
    assert bench.round()[-1].next_in == pytest.approx(POLL_INTERVAL)


@pytest.mark.parametrize("ask", [Engine.network_changed, Engine.sync_now])
def test_a_new_network_and_the_user_end_a_wait(bench: Bench, ask: Callable[[Engine], None]) -> None:
    bench.server.failures = [Unreachable("away")] * 8
    for _ in range(8):
        bench.round()
    ask(bench.engine)
    assert bench.engine.next_in == 0
    bench.server.failures = [Unreachable("away")]
    assert round(bench.round()[-1].next_in) == 1


@pytest.mark.parametrize("error", [Refused("no"), Malformed("what"), Damaged("broken")])
def test_what_time_does_not_mend_asks_for_attention(bench: Bench, error: SitebookError) -> None:
    bench.server.failures = [error]
    last = bench.round()[-1]
    assert last.state is SyncState.ATTENTION
    assert last.message == str(error)
    assert bench.engine.step().message == str(error)


def test_an_error_of_the_store_is_a_state_and_is_tried_again(bench: Bench) -> None:
    bench.server.log = [b"a"]
    bench.store.fails = SitebookError("The disk is full; free some space.")
    assert bench.round()[-1].state is SyncState.ATTENTION
    bench.store.fails = None
    assert bench.round()[-1].state is SyncState.SYNCED
    assert bench.store.held == [b"a"]


def test_our_own_mistakes_are_not_caught(bench: Bench) -> None:
    def mistake() -> None:
        raise ZeroDivisionError

    bench.store.on_receive = mistake
    with pytest.raises(ZeroDivisionError):
        bench.round()


def test_grants_are_put_after_the_push_and_deleted_one_by_one(bench: Bench) -> None:
    bench.store.waiting = [b"invite"]
    bench.store.grants = [b"g1", b"g2"]
    bench.store.recipients = [b"r1", b"r2"]
    bench.server.grants_held = {b"r1": b"", b"r2": b""}
    bench.round()
    assert bench.server.calls == ["pull", "push 1", "pull", *["put grants"] * 2, *["delete grants"] * 2]
    assert bench.store.grants == bench.store.recipients == []
    assert sorted(bench.server.grants_held) == [b"g1", b"g2"]


@pytest.mark.parametrize("refused_call", ["grants", "recipients"])
def test_refused_grants_are_told_and_stop_nothing(bench: Bench, refused_call: str) -> None:
    setattr(bench.store, refused_call, [b"x", b"y"])
    bench.store.waiting = [b"mine"]
    bench.server.failures = [None, None, None, Refused("Only editors may do that.")]
    last = bench.round()[-1]
    assert last.state is SyncState.ATTENTION
    assert last.message == "Only editors may do that."
    assert last.result == SyncResult(pushed=1)
    assert last.next_in == POLL_INTERVAL
    assert len(bench.server.calls) == 5
    bench.round()
    assert getattr(bench.store, refused_call) == []
    assert bench.engine.state is SyncState.SYNCED


def test_one_run_for_the_command_line(bench: Bench) -> None:
    bench.server.log = [b"theirs"]
    bench.store.waiting = [b"mine"]
    assert run_until_idle(bench.engine, bench.clock, 60.0) == SyncResult(pulled=1, pushed=1)
    bench.server.failures = [Unreachable("The server is away.")]
    with pytest.raises(Unreachable, match="away"):
        run_until_idle(bench.engine, bench.clock, 60.0)
    assert run_until_idle(bench.engine, bench.clock, 60.0) == SyncResult()


def test_the_command_line_gives_up_after_its_limit(bench: Bench) -> None:
    bench.server.log = [b"%03d" % index for index in range(100)]
    bench.server.page = 1

    def slow() -> None:
        bench.clock.seconds += 3

    bench.server.on_call = slow
    with pytest.raises(Unreachable, match="too slow"):
        run_until_idle(bench.engine, bench.clock, 10.0)
    assert 0 < len(bench.store.held) < 10
