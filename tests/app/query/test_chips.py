from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.ast import Literal, Op, Special, SpecialValue
from app.query.chips import (
    ChipKind,
    added,
    chips,
    chips_to_text,
    condition_text,
    flag_text,
    removed,
    replaced,
)
from app.query.parser import parse
from tests.app.query.test_parser import _QUERIES, _WILD


@given(_WILD)
def test_chips_of_any_text_read_back_as_the_same_query(text: str) -> None:
    assert parse(chips_to_text(chips(text))) == parse(text)


@given(_QUERIES)
def test_chips_of_a_query_read_back_as_it(query: object) -> None:
    text = query.to_text()  # type: ignore[attr-defined]
    every = chips(text)
    assert parse(chips_to_text(every)) == query
    again = chips(chips_to_text(every))
    assert [(each.kind, each.text, each.field, each.values) for each in again] == [
        (each.kind, each.text, each.field, each.values) for each in every
    ]


@given(_WILD, st.integers(0, 10))
def test_removing_a_chip_leaves_the_others(text: str, place: int) -> None:
    every = chips(text)
    if every:
        at = place % len(every)
        rest = every[:at] + every[at + 1 :]
        assert parse(removed(text, at)) == parse(chips_to_text(rest))


@given(_WILD, st.integers(0, 10))
def test_replacing_a_chip_leaves_the_others(text: str, place: int) -> None:
    every = chips(text)
    if every:
        at = place % len(every)
        part = chips("cost>500")
        edited = replaced(text, at, "cost>500")
        assert parse(edited) == parse(chips_to_text([*every[:at], *part, *every[at + 1 :]]))


@given(_WILD)
def test_adding_a_condition_leaves_the_others(text: str) -> None:
    edited = added(text, "status:open")
    assert parse(edited) == parse(chips_to_text([*chips(text), *chips("status:open")]))


@given(st.lists(st.sampled_from(["status:open", "-label:fire", '"a b"', "x", "due<+7d", "is:overdue"])))
def test_the_rest_stays_byte_for_byte(parts: list[str]) -> None:
    text = "   ".join(parts)
    for at in range(len(parts)):
        left = removed(text, at)
        assert left.split("   ") == [each for place, each in enumerate(parts) if place != at] or not left
        assert replaced(text, at, "cost>1").split("   ") == [*parts[:at], "cost>1", *parts[at + 1 :]]


def test_what_the_chips_of_the_example_are() -> None:
    text = 'status:open,done -trade:paint crack "in slab" is:overdue sort:-due,title group:trade (a or b)'
    every = chips(text)
    assert [each.kind.value for each in every] == [
        "field", "field", "words", "words", "flag", "sort", "group", "expression",
    ]  # fmt: skip
    assert every[0].values == (Literal("open"), Literal("done"))
    assert every[1].negated
    assert every[1].field == "trade"
    assert every[3].words == "in slab"
    assert every[5].ordering is not None
    assert [each.to_text() for each in every[5].ordering.fields] == ["-due", "title"]
    assert every[7].text == "(a or b)"
    assert all(text[each.start : each.end] == each.text for each in every)


@pytest.mark.parametrize(
    ("text", "at", "left"),
    [
        ("status:open   crack", 0, "crack"),
        ("status:open  crack  x", 1, "status:open  x"),
        ("a and b", 1, "a"),
        ("a and b", 0, "b"),
        ("a and b and c", 1, "a and c"),
        ("a and sort:due", 0, "sort:due"),
        ("due: status:open crack", 0, "due: crack"),
        ("a or b sort:due", 0, "sort:due"),
        ("a sort:due or b", 1, "a or b"),
        ("sort:due", 0, ""),
    ],
)
def test_removing(text: str, at: int, left: str) -> None:
    assert removed(text, at) == left


def test_what_is_left_open_stays_together() -> None:
    assert chips_to_text(chips("a (b c")) == "a (b c)"


def test_adding_to_alternatives_puts_them_into_parentheses() -> None:
    assert added("a or b", "status:open") == "(a or b) status:open"
    assert added("a or b", "sort:due") == "a or b sort:due"
    assert added("", "status:open") == "status:open"
    assert added('crack "in', "status:open") == "crack in status:open"


def test_conditions_are_written_with_quotes_where_they_need_them() -> None:
    assert condition_text("Fire rating", Op.EQUAL, [Literal("a b")]) == '"Fire rating"="a b"'
    assert condition_text("due") == "due:any"
    assert condition_text("label", Op.HAS, [SpecialValue(Special.NONE)], negated=True) == "-label:none"
    assert flag_text("is", ["overdue", "mine"]) == "is:overdue,mine"
    assert chips("is:overdue")[0].kind is ChipKind.FLAG
