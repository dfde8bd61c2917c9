from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import Insert, normal
from app.richtext.positions import CHUNK, EMBED
from app.richtext.rich_index import Marks, RichIndex


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_text_and_marks_stay_together_through_edits(seed: int) -> None:
    random = Random(seed)
    index = RichIndex()
    marks = [index.marks.number({"bold": True}), index.marks.number({"italic": True}), 0]
    text = signs = ""
    for _ in range(120):
        start = random.randint(0, len(text))
        stop = min(len(text), start + random.choice((0, 0, 0, 1, 5, 3 * CHUNK)))
        new = random.choice(("", "x", "abc\n", "é😀", "q" * 3 * CHUNK, "漢字\n\n"))
        mark = random.choice(marks)
        if len(new) == 1 and start == stop:
            index.type(start, new, mark)
        else:
            index.put(start, stop, new, chr(mark) * len(new))
        text = text[:start] + new + text[stop:]
        signs = signs[:start] + chr(mark) * len(new) + signs[stop:]
        first = random.randint(0, len(text))
        last = random.randint(first, len(text))
        assert len(index) == len(text)
        assert index.slice(first, last) == text[first:last]
        assert index.signs(first, last) == signs[first:last]
        assert index.point_to_utf8(first) == len(text[:first].encode())
        assert index.utf8_to_point(len(text[:first].encode())) == first
        assert index.utf16_to_point(index.point_to_utf16(first)) == first
        assert index.line_start(first) == text.rfind("\n", 0, first) + 1
        end = text.find("\n", first)
        assert index.line_end(first) == (end if end >= 0 else len(text))
        if last > first:
            assert index.mark_at(first) == ord(signs[first])


def test_attributes_change_over_a_part_and_objects_keep_theirs() -> None:
    pieces = [Insert("ab"), Insert({"ref": {"id": "1"}}, {"bold": True}), Insert("c\n")]
    index = RichIndex(pieces)
    assert str(index) == f"ab{EMBED}c\n"
    index.change_marks(1, 4, {"bold": None, "link": "x"})
    assert index.pieces(0, 5) == [
        Insert("a"),
        Insert("b", {"link": "x"}),
        Insert({"ref": {"id": "1"}}, {"link": "x"}),
        Insert("c", {"link": "x"}),
        Insert("\n"),
    ]
    assert normal(index.pieces(1, 2)) == [Insert("b", {"link": "x"})]


def test_equal_attributes_are_one_mark_whatever_their_order() -> None:
    marks = Marks()
    first = marks.number({"a": 1, "b": {"c": [1], "d": 2}})
    assert marks.number({"b": {"d": 2, "c": [1]}, "a": 1}) == first
    assert marks.number({}) == 0
    with_object = marks.number({"a": 1}, {"divider": True})
    assert marks.without_embed(with_object) == marks.number({"a": 1})
    assert marks.changed(with_object, {"a": None, "z": 3}) == marks.number({"z": 3}, {"divider": True})


def test_positions_outside_are_refused() -> None:
    index = RichIndex([Insert("ab\n")])
    for call in (lambda: index.slice(0, 4), lambda: index.signs(2, 1), lambda: index.put(4, 4, "x", "\0")):
        with pytest.raises(ValueError, match="positions"):
            call()
