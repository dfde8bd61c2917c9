"""What columns keep beside their codes: texts to look through, members, groups, sums, and what is ready for what."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import fold
from app.domain.schema import ISSUE, PERSON, Field, FieldType
from app.query.column import Column
from app.query.frames import Frames, Groups, Need
from app.query.haystack import Haystack
from app.query.pace import Pace
from app.query.parser import parse
from app.query.paths import Path
from app.query.sums import sum_of
from tests.app.query.world import World, record_id, site

_TEXTS = st.text("ab é裂\ud800\0A", max_size=30)


@given(st.lists(st.one_of(st.none(), _TEXTS)), st.lists(_TEXTS.filter(bool), min_size=1))
def test_words_are_found_in_joined_texts_as_in_each(texts: list[str | None], words: list[str]) -> None:
    haystack = Haystack()
    for _ in haystack.fill(texts):
        pass
    for word in map(fold, words):
        if word:
            expected = [
                isinstance(text, str) and "\0" not in word and word in fold(text).replace("\0", " ")
                for text in texts
            ]
            assert haystack.find(word).tolist() == expected


def _column(type: FieldType, values: list[Any]) -> Column:
    column = Column(Path(ISSUE, "x", "x", Field("x", type, "X")), len(values))
    column.put(np.arange(len(values)), [column.code_of(value) for value in values])
    return column


@pytest.mark.parametrize("many", [1, 400])
@given(
    values=st.lists(
        st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-1000, 1000)), max_size=12
    )
)
def test_sums_of_numbers_are_rounded_once(many: int, values: list[float]) -> None:
    column = _column(FieldType.NUMBER, values)
    codes = np.tile(column.codes, many)
    try:
        expected: float | None = math.fsum(values * many) if values else None
    except OverflowError:
        expected = None
    assert sum_of(column, codes) == expected


def _run(world: World, frames: Frames, text: str, sums: tuple[str, ...] = ()) -> Any:
    return frames.run(ISSUE, parse(text), world.context(), sums)


def test_groups_are_made_when_they_are_looked_at_and_stay_what_they_were() -> None:
    world = site()
    frames = world.frames()
    before = _run(world, frames, "group:status", ("number",)).groups
    record = record_id(ISSUE, 1)
    frames.apply(world.put(ISSUE, record, {"number": 100, "status": record_id("status", 1)}))
    assert [(each.text, each.count, each.sums["number"]) for each in before[:2]] == [
        ("open", 1, 1),
        ("in progress", 1, 2),
    ]
    after = _run(world, frames, "group:status", ("number",)).groups
    assert (after[0].text, after[0].count, after[0].sums["number"]) == ("in progress", 2, 102)
    assert after[-1] is after[len(after) - 1]
    assert isinstance(before, Groups)
    assert not before.looks_like(after)
    assert after.looks_like(_run(world, frames, "group:status").groups)
    with pytest.raises(IndexError):
        after[len(after)]


def test_groups_look_different_when_something_is_called_differently() -> None:
    world = site()
    frames = world.frames()
    before = _run(world, frames, "group:assignees").groups
    zoe = record_id(PERSON, 2)
    frames.apply(world.put(PERSON, zoe, {"name": "Zoe Berg"}))
    after = _run(world, frames, "group:assignees").groups
    assert not before.looks_like(after)
    assert "Zoe Berg" in [each.text for each in after]


@pytest.mark.parametrize(
    ("need", "column"),
    [
        (Need("title", ranked=True), "title"),
        (Need("title", searched=True), "title"),
        (Need("number", ranked=True), "number"),
        (Need("number", counted=True), "number"),
        (Need("references", grouped=True, ranked=True), "references"),
        (Need("references", searched=True), "references"),
    ],
)
def test_a_question_is_ready_when_its_orders_texts_and_sums_are(need: Need, column: str) -> None:
    world = World()
    for number in range(1, 800):
        other = (record_id(ISSUE, number % 7 + 1), record_id(ISSUE, number))
        world.add(ISSUE, number, number=number, title=f"Issue {number}", references=other)
    frames = world.frames()
    for _ in frames.load_steps(ISSUE, [column]):
        pass
    assert frames.is_loaded(ISSUE, [column])
    # Who holds whom is read with every reference: a record that is renamed asks for it.
    assert frames.is_loaded(ISSUE, [need]) is (column == "references" and need.searched)
    for _ in frames.load_steps(ISSUE, [need]):
        pass
    assert frames.is_loaded(ISSUE, [need])


def test_what_is_held_is_found_in_values_of_any_shape() -> None:
    people = [record_id(PERSON, number) for number in range(3)]
    column = _column(FieldType.REFERENCES, [(people[0], people[1]), people[1], None, ("", people[2]), 7])
    assert column.holding([people[1]]) == [1, 2]
    assert column.holding([people[2], people[0]]) == [1, 3]
    assert column.holding([]) == []
    assert column.members() is None


@pytest.mark.parametrize("searched", [True, False])
def test_records_are_found_by_name_as_they_are_called_now(searched: bool) -> None:
    world = World()
    for number in range(1, 700):
        world.add(ISSUE, number, number=number, title=f"Große Tür {number}")
    frames = world.frames()
    if searched:
        for _ in frames.load_steps(ISSUE, [Need("title", searched=True)]):
            pass
    directory = frames.directory
    first, second = record_id(ISSUE, 1), record_id(ISSUE, 2)
    assert directory.called(ISSUE, " GROSSE TUR 1") == [first]
    assert directory.headings(ISSUE)[second] == "Große Tür 2"
    frames.apply(world.put(ISSUE, second, {"title": "grosse tur 1 "}))
    assert directory.called(ISSUE, "Grosse Tür 1") == [first, second]
    assert directory.called(ISSUE, "") == ()
    assert len(directory.headings(ISSUE)) == 699


def test_a_step_lasts_as_long_as_it_is_given() -> None:
    assert [Pace(60.0).due() for _ in range(3)] == [False] * 3
    pace = Pace(0.0)
    assert [pace.due() for _ in range(4)] == [False, True, False, True]
