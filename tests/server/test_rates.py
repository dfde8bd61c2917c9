from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.server.rates import Buckets
from tests.server.support import FakeClock


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    clock = FakeClock()
    buckets = Buckets(clock, rate=2.0, burst=3.0, keys=10)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == pytest.approx(0.5)
    clock.pass_seconds(0.5)
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0.0


def test_one_key_takes_nothing_from_another() -> None:
    buckets = Buckets(FakeClock(), rate=1.0, burst=1.0, keys=10)
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0.0
    assert buckets.take("b") == 0.0


def test_keys_are_bounded() -> None:
    buckets = Buckets(FakeClock(), rate=1.0, burst=1.0, keys=10)
    for number in range(1_000):
        buckets.take(number)
    assert len(buckets) == 10


@given(st.lists(st.floats(min_value=0.0, max_value=5.0), max_size=60))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    clock = FakeClock()
    buckets = Buckets(clock, rate=3.0, burst=4.0, keys=1)
    taken = 0
    for pause in pauses:
        clock.pass_seconds(pause)
        taken += buckets.take("a") == 0.0
    assert taken <= 4.0 + 3.0 * sum(pauses) + 1e-6
