from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import (
    PLAIN,
    Attributes,
    Delete,
    Insert,
    Op,
    Retain,
    applied,
    compose,
    difference,
    document_from_json,
    document_to_json,
    length,
    normal,
    normal_document,
    plain_text,
    sliced,
    utf16_document_length,
)
from app.richtext.lines import join_lines, split_lines

BOLD: Attributes = {"bold": True}
CONTENTS = st.sampled_from(
    [
        "ab",
        "c\n",
        "d e f",
        "\n",
        "é😀",
        "w w\nw",
        "\n\n",
        "x\ry",
        "z\u2028",
        {"ref": {"id": "1"}},
        {"divider": True},
    ]
)
ATTRIBUTES = st.sampled_from([PLAIN, BOLD, {"header": 1}, {"bold": True, "link": "x"}])
DOCUMENTS = st.lists(st.builds(Insert, CONTENTS, ATTRIBUTES), max_size=9).map(normal_document)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_a_difference_leads_from_one_text_to_another_and_two_are_one(
    first: list[Insert], second: list[Insert], third: list[Insert]
) -> None:
    there, on = difference(first, second), difference(second, third)
    assert applied(first, there) == second
    assert applied(first, compose(there, on)) == third
    assert difference(first, first) == []


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.data())
def test_lines_and_slices_put_together_are_the_text(document: list[Insert], data: st.DataObject) -> None:
    assert join_lines(split_lines(document)) == document
    at = data.draw(st.integers(0, length(document)))
    parts = [*sliced(document, 0, at), *sliced(document, at, length(document))]
    assert normal(parts) == document
    assert sum(line.length for line in split_lines(document)) == length(document)
    assert document_from_json({"ops": document_to_json(document)}) == document


def test_a_difference_is_small() -> None:
    old = [Insert("".join(f"line {number} of it\n" for number in range(2000)))]
    new = plain_text(old).replace("line 77 of", "line 77 was of").replace("line 900 of it\n", "")
    first, second = new.index("was"), plain_text(old).index("line 900 of")
    assert difference(old, [Insert(new)]) == [
        Retain(first),
        Insert("was "),
        Retain(second - first),
        Delete(15),
    ]


def test_formats_change_where_the_text_stays() -> None:
    old = [Insert("Crack in slab"), Insert("\n", {"header": 1})]
    new = [Insert("Crack "), Insert("inside", BOLD), Insert(" slab\n")]
    assert difference(old, new) == [
        Retain(6),
        Retain(2, BOLD),
        Insert("side", BOLD),
        Retain(5),
        Retain(1, {"header": None}),
    ]


def test_a_difference_of_many_equal_lines_takes_no_longer_for_it() -> None:
    """The bound only catches what became quadratic."""
    begun = time.perf_counter()
    old, new = [Insert("a\n" * 40_000)], [Insert("b\n" + "a\n" * 39_000 + "c\n" * 500)]
    assert applied(old, difference(old, new)) == new
    assert time.perf_counter() - begun < 20


def test_what_says_nothing_is_left_out() -> None:
    ops: list[Op] = [Insert(""), Retain(0), Insert("a"), Delete(1), Insert("b"), Retain(1), Retain(2)]
    assert normal(ops) == [Insert("ab"), Delete(1)]
    assert normal_document([Insert("a", {"bold": None})]) == [Insert("a\n")]
    assert normal_document([]) == [Insert("\n")]
    with pytest.raises(ValueError, match="beyond"):
        applied([Insert("a\n")], [Retain(1), Delete(2)])


@pytest.mark.parametrize(
    "data",
    [
        7,
        None,
        {"ops": 1},
        [1],
        [{"insert": 1}],
        [{"insert": {}}],
        [{"insert": "a", "attributes": 3}],
        [{"retain": 1}],
    ],
)
def test_what_is_no_document_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"delta|operation"):
        document_from_json(data)


def test_lengths_in_utf16() -> None:
    assert utf16_document_length([Insert("a😀"), Insert({"divider": True}), Insert("\n")]) == 5
