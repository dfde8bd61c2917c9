from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workspace.ranks import LONGEST, natural_rank, place, rank_of
from sync.ids import new_id
from sync.order import is_key


def inserted(keys: list[str], at: int, count: int = 1) -> list[str]:
    placing = place(keys, at, count)
    around = [placing.moved.get(index, key) for index, key in enumerate(keys)]
    return [*around[:at], *placing.fresh, *around[at:]]


def test_what_nobody_placed_stands_newest_first_with_usable_keys() -> None:
    generator = random.Random(1)
    ids = [new_id(1_700_000_000_000 + ms, generator.randbytes) for ms in range(50)]
    keys = [natural_rank(record) for record in ids]
    assert all(map(is_key, keys))
    assert sorted(keys) == keys[::-1]


@pytest.mark.parametrize("stored", [None, "", 5, "a0", "ü", "x" * 201, b"a"])
def test_what_is_no_key_counts_as_none(stored: object) -> None:
    record = bytes(range(16))
    assert rank_of(stored, record) == natural_rank(record)
    assert rank_of("V", record) == "V"


def test_between_two_that_nobody_placed_one_key_is_written() -> None:
    generator = random.Random(1)
    ids = sorted((new_id(1_700_000_000_000, generator.randbytes) for _ in range(20)), reverse=True)
    keys = [natural_rank(record) for record in ids]
    for at in range(21):
        placing = place(keys, at)
        assert not placing.moved
        assert inserted(keys, at) == sorted(inserted(keys, at))


def test_between_equal_keys_one_neighbour_gets_another() -> None:
    placing = place(["C", "K", "K", "S"], 2)
    assert len(placing.moved) == 1
    after = inserted(["C", "K", "K", "S"], 2)
    assert after == sorted(set(after))


@given(
    st.lists(st.sampled_from(["A", "K", "K1", "V", "k", "zz"]), max_size=8),
    st.data(),
    st.integers(1, 4),
)
def test_whatever_stands_there_the_new_ones_fit(keys: list[str], data: st.DataObject, count: int) -> None:
    keys = sorted(keys)
    at = data.draw(st.integers(0, len(keys)))
    placing = place(keys, at, count)
    after = inserted(keys, at, count)
    assert all(map(is_key, after))
    around = after[at - 1 if at else 0 : at + count + 1]
    assert around == sorted(set(around))
    assert after == sorted(after)
    assert len(placing.moved) <= len(keys)


def test_keys_stay_short_however_often_one_place_is_used() -> None:
    keys = ["K", "L"]
    for _ in range(1500):
        keys = inserted(keys, 1)
        assert max(map(len, keys)) <= LONGEST
    assert keys == sorted(set(keys))
