from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.richtext.positions import CHUNK, EMBED, TextIndex, utf8_length, utf16_length

PIECES = (
    "a",
    "é",
    "e\u0301",
    "漢字",
    "😀",
    "👩\u200d🔧",
    "שלום",
    "مرحبا",
    "\n",
    "\U0001d11e",
    EMBED,
    "\u2028",
)
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def naive_utf16(text: str) -> list[int]:
    starts = [0]
    for each in text:
        starts.append(starts[-1] + (2 if ord(each) > 0xFFFF else 1))
    return starts


def naive_utf8(text: str) -> list[int]:
    starts = [0]
    for each in text:
        starts.append(starts[-1] + (1 if each == EMBED else len(each.encode())))
    return starts


def assert_is(index: TextIndex, text: str) -> None:
    assert str(index) == text
    assert len(index) == len(text)
    units, octets = naive_utf16(text), naive_utf8(text)
    assert index.utf16_length == units[-1] == utf16_length(text)
    assert index.utf8_length == octets[-1] == utf8_length(text)
    step = max(1, len(text) // 50)
    for point in {*range(0, len(text) + 1, step), len(text)}:
        assert index.point_to_utf16(point) == units[point]
        assert index.point_to_utf8(point) == octets[point]
        assert index.utf16_to_point(units[point]) == point
        assert index.utf8_to_point(octets[point]) == point
        assert index.utf16_to_utf8(units[point]) == octets[point]
        assert index.utf8_to_utf16(octets[point]) == units[point]


@given(texts)
def test_translates_every_position_as_a_count_would(text: str) -> None:
    assert_is(TextIndex(text), text)


@given(
    texts,
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 3000), texts), max_size=8),
    st.integers(1, 90),
)
def test_stays_right_through_edits(text: str, edits: list[tuple[int, int, str]], repeat: int) -> None:
    text = text * repeat
    index = TextIndex(text)
    for start, count, new in edits:
        start = start % (len(text) + 1)
        stop = min(len(text), start + count)
        assert index.slice(start, stop) == text[start:stop]
        index.replace(start, stop, new)
        text = text[:start] + new + text[stop:]
        assert_is(index, text)


def test_a_position_inside_a_character_is_its_start_or_its_end() -> None:
    index = TextIndex("a😀é")
    assert index.utf16_to_point(2) == 1
    assert index.utf16_to_point(2, up=True) == 2
    assert [index.utf8_to_point(at) for at in range(1, 8)] == [1, 1, 1, 1, 2, 2, 3]
    assert [index.utf8_to_point(at, up=True) for at in range(1, 8)] == [1, 2, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("position", [-1, 4])
def test_refuses_positions_outside_of_the_text(position: int) -> None:
    index = TextIndex("abc")
    for translate in (index.point_to_utf16, index.point_to_utf8, index.utf16_to_point, index.utf8_to_point):
        with pytest.raises(ValueError):
            translate(position)
    with pytest.raises(ValueError):
        index.replace(2, position, "")


def test_chunks_stay_of_a_useful_size() -> None:
    index = TextIndex("x" * 100 * CHUNK)
    for _ in range(300):
        index.replace(0, CHUNK // 3, "")
    assert len(index._chunks) <= 3 + len(index) // (CHUNK // 4)
    for _ in range(50):
        index.replace(5, 5, "y" * CHUNK)
    assert max(len(chunk) for chunk in index._chunks) <= 2 * CHUNK
