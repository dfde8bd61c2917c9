from __future__ import annotations

from datetime import UTC, date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.directory import Context, LocationEntry, ProjectDirectory
from app.domain.schema import LABEL, LOCATION, PERSON
from app.domain.walk import Phrase, Walk, matching_phrases, next_place, template_fields

ROOM = bytes(16)
ids = st.binary(min_size=16, max_size=16)
names = st.text(max_size=8)


class Columns:
    def __init__(self, **columns: dict[bytes, object]) -> None:
        self._columns = columns

    def column(self, kind: str, field: str) -> dict[bytes, object]:
        return self._columns.get(f"{kind}_{field}", {})


def context(today: date = date(2027, 1, 29)) -> Context:
    named: dict[str, dict[bytes, object]] = {
        f"{LOCATION}_name": {ROOM: "Lobby"},
        f"{PERSON}_name": {b"a" * 16: "Ada"},
        f"{LABEL}_name": {b"l" * 16: "fire"},
    }
    columns = Columns(**named)
    return Context(ProjectDirectory(columns), today, UTC)


@given(
    st.builds(
        Walk,
        st.none() | ids,
        names,
        st.tuples(ids),
        st.tuples(ids, ids),
        names,
        st.tuples(names),
        st.tuples(ids),
        names,
    )
)
def test_a_walk_is_kept_as_it_was(walk: Walk) -> None:
    assert Walk.decoded(walk.encoded()) == walk


@pytest.mark.parametrize("text", ["", "[]", "{", '{"location": "x"}', '{"titles": 3}'])
def test_what_cannot_be_read_is_an_empty_walk(text: str) -> None:
    assert Walk.decoded(text) == Walk()


def test_the_next_issue_gets_what_was_set_and_is_still_there() -> None:
    walk = Walk(ROOM, "Paint", (b"a" * 16, b"gone" * 4), (b"l" * 16,), "+7d")
    assert walk.fields("Crack", context()) == {
        "title": "Crack",
        "location": ROOM,
        "category": "Paint",
        "assignees": (b"a" * 16,),
        "labels": (b"l" * 16,),
        "due": "2027-02-05",
    }
    assert walk.fields("Crack", context(date(2027, 1, 30)))["due"] == "2027-02-06"
    assert Walk(b"gone" * 4).fields("Crack", context()) == {"title": "Crack"}


def test_values_are_set_and_cleared() -> None:
    walk = Walk().with_value("location", ROOM).with_value("location", b"b" * 16)
    assert walk.places == (b"b" * 16, ROOM)
    assert walk.with_value("location", ROOM).places == (ROOM, b"b" * 16)
    assert walk.with_value("location", None).location is None
    assert Walk(category="Paint").with_value("category", None) == Walk()
    assert Walk(assignees=(ROOM,)).with_value("assignees", None) == Walk()
    assert Walk().made("a").made("b").made("a").titles == ("a", "b")


def tree() -> dict[bytes, LocationEntry]:
    level, two, ten, roof = (bytes([each]) * 16 for each in range(1, 5))
    return {
        level: LocationEntry(level, "Level 1"),
        ten: LocationEntry(ten, "Level 1/Room 10", (level,)),
        two: LocationEntry(two, "Level 1/Room 2", (level,)),
        roof: LocationEntry(roof, "Roof"),
    }


def test_the_next_place_is_the_next_room() -> None:
    rooms = tree()
    level, ten, two, roof = rooms
    steps = [(None, 1, two), (two, 1, ten), (ten, 1, roof), (roof, 1, None), (level, 1, two), (None, -1, roof),
             (two, -1, None), (b"gone", 1, two)]  # fmt: skip
    for now, step, expected in steps:
        found = next_place(rooms, now, step)
        assert (None if found is None else found.id) == expected
    assert next_place({}, None, 1) is None


def test_phrases_of_the_trade_stand_first() -> None:
    phrases = [
        Phrase("Crack in the tile", "Tiles"),
        Phrase("Paint cracked", "Paint"),
        Phrase("Crack in slab"),
        Phrase("Fissüre"),
    ]
    assert [each.text for each in matching_phrases(phrases, "crack", "paint")] == [
        "Paint cracked", "Crack in the tile", "Crack in slab",
    ]  # fmt: skip
    assert matching_phrases(phrases, "crack", "tiles")[0].text == "Crack in the tile"
    assert [each.text for each in matching_phrases(phrases, "fissu", "")] == ["Fissüre"]
    assert matching_phrases(phrases, "  ", "") == []
    assert matching_phrases(phrases, "crack in slab", "") == []


def test_a_template_gives_its_fields_but_not_its_state() -> None:
    values = {
        "title": "T",
        "status": b"s",
        "cost": ["1", "EUR"],
        "f.1": 2,
        "due": None,
        "labels": (),
        "number": 3,
    }
    assert template_fields(values, ["f.1"]) == {"title": "T", "cost": ["1", "EUR"], "f.1": 2}
