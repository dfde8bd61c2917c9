from __future__ import annotations

import random

import pytest

from sync.backoff import CAP, LONGEST_ASKED, Backoff

MOST = b"\xff" * 7


def test_the_window_doubles_from_one_second_to_three_hundred() -> None:
    backoff = Backoff(lambda count: MOST[:count])
    waits = [round(backoff.fail(), 6) for _ in range(11)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_jitter_is_full() -> None:
    source = random.Random(1)
    waits = []
    for _ in range(2_000):
        backoff = Backoff(source.randbytes)
        for _ in range(20):
            backoff.fail()
        waits.append(backoff.fail())
    assert all(0 <= wait <= CAP for wait in waits)
    assert min(waits) < 0.02 * CAP
    assert max(waits) > 0.98 * CAP
    assert sum(waits) / len(waits) == pytest.approx(CAP / 2, rel=0.05)


def test_reset_starts_again_with_one_second() -> None:
    backoff = Backoff(lambda count: MOST[:count])
    for _ in range(5):
        backoff.fail()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.fail() == pytest.approx(1.0)


def test_a_wait_that_the_server_asks_for_is_kept_within_reason() -> None:
    backoff = Backoff(bytes)
    assert backoff.fail(retry_after=20.0) == 20.0
    assert backoff.fail(retry_after=1e12) == LONGEST_ASKED
    assert backoff.fail(retry_after=-5.0) == 0.0
    assert backoff.fail(retry_after=float("nan")) == 0.0


def test_it_goes_on_for_ever() -> None:
    backoff = Backoff(lambda count: MOST[:count])
    for _ in range(2_000):
        assert backoff.fail() <= CAP
