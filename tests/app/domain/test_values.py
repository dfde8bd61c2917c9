from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fields import FieldSet
from app.domain.references import UnknownName
from app.domain.schema import KINDS, MANY_TYPES, Field, FieldType
from app.domain.values import check_size, display, parse, parse_all, sort_key, to_json, to_text, valid
from sync.errors import SitebookError
from sync.ids import id_text
from tests.app.domain.sample import context, project, record

_FIELDS = FieldSet("issue")
_MEMORY = project()
_ISSUE = _MEMORY.add("issue", 1, number=214, title="Crack in slab")
_MEMORY.add("issue", 2, number=7, title="Twice")
_TWIN = _MEMORY.add("issue", 3, number=7)
_MEMORY.add("person", 3, name="Bo Chen", email="bo2@example.com")
_CONTEXT = context(_MEMORY, me=record("person", 0))


def _made(type: FieldType, *, choices: tuple[str, ...] = (), unit: str = "") -> Field:
    return Field(
        "f.x", type, "Thing", many=type in MANY_TYPES, choices=choices, open_choices=not choices, unit=unit
    )


_SAFE_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: bool(text.strip())
)
_DEGREES: Callable[[float], st.SearchStrategy[float]] = lambda limit: st.floats(-limit, limit)  # noqa: E731
_PEOPLE = st.integers(0, 3).map(lambda number: record("person", number))
_REFERENCES = st.sampled_from([_ISSUE, _TWIN, record("element", 0), bytes(16)])
_PLAIN_VALUES: dict[FieldType, st.SearchStrategy[object]] = {
    FieldType.TEXT: _SAFE_TEXT,
    FieldType.NUMBER: st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    FieldType.MONEY: st.tuples(
        st.decimals(-(10**12), 10**12, places=2).map(lambda amount: f"{amount:f}"),
        st.sampled_from(["GBP", "JPY"]),
    ).map(list),
    FieldType.DATE: st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.isoformat()),
    FieldType.MOMENT: st.integers(-62_135_596_800_000, 253_402_300_799_999),
    FieldType.CHECKBOX: st.booleans(),
    FieldType.CHOICE: st.sampled_from(["Paint", "Tiles, floor", '5" pipe']),
    FieldType.CHOICES: st.sampled_from(["Paint", "Tiles, floor", '5" pipe']),
    FieldType.PERSON: _PEOPLE,
    FieldType.PEOPLE: _PEOPLE,
    FieldType.LOCATION: st.integers(0, 3).map(lambda number: record("location", number)),
    FieldType.REFERENCE: _REFERENCES,
    FieldType.REFERENCES: _REFERENCES,
    FieldType.STATUS: st.integers(0, 5).map(lambda number: record("status", number)),
    FieldType.LABELS: st.integers(0, 1).map(lambda number: record("label", number)),
    FieldType.LINK: st.sampled_from(["https://example.com/a?b=c,d", "mailto:a@example.com"]),
    FieldType.PHONE: st.sampled_from(["+44 20 7946 0958", "ext. 5"]),
    FieldType.EMAIL: st.just("a.b@example.com"),
    FieldType.COORDINATES: st.tuples(_DEGREES(90), _DEGREES(180)).map(list),
    FieldType.LIST: st.lists(_SAFE_TEXT, min_size=1, max_size=4),
}
_TYPED = st.sampled_from(list(_PLAIN_VALUES)).flatmap(
    lambda type: st.tuples(
        st.just(_made(type, choices=("Paint", "Tiles, floor", '5" pipe') if "choice" in type else ())),
        _PLAIN_VALUES[type],
    )
)


def _same(one: object, other: object) -> bool:
    """Equal money, however many zeros it is written with."""
    money = _made(FieldType.MONEY)
    return sort_key(money, one, _CONTEXT) == sort_key(money, other, _CONTEXT)


@given(_TYPED)
def test_every_value_of_every_type_is_written_and_read_back(typed: tuple[Field, object]) -> None:
    field, value = typed
    assert valid(field, value)
    if field.many:
        assert parse_all(field, to_text(field, (value,), _CONTEXT), _CONTEXT) == (value,)
        return
    again = parse(field, to_text(field, value, _CONTEXT), _CONTEXT)
    assert again == value or (field.type is FieldType.MONEY and _same(again, value))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(again)) == again


_WILD_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.binary(max_size=20)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_EVERY_FIELD = [field for kind in KINDS.values() for field in kind.fields.values()] + [
    _made(type) for type in FieldType
]


@given(st.sampled_from(_EVERY_FIELD), st.lists(_WILD_VALUES, min_size=1, max_size=5))
def test_values_of_any_shape_can_be_shown_written_and_sorted(field: Field, values: list[object]) -> None:
    for value in values:
        stored = (value,) if field.many else value
        assert "\n" not in display(field, stored, _CONTEXT)
        assert isinstance(to_text(field, stored, _CONTEXT), str)
        json.dumps(to_json(field, stored, _CONTEXT))
    keys = [sort_key(field, (value,) if field.many else value, _CONTEXT) for value in values]
    keys.append(sort_key(field, None, _CONTEXT))
    assert sorted(keys)[-1] == (2, 0)


@given(st.sampled_from([_made(type) for type in FieldType]), st.text(max_size=20))
def test_any_text_is_read_or_refused_in_a_sentence(field: Field, text: str) -> None:
    try:
        value = parse(field, text, _CONTEXT)
    except SitebookError as error:
        sentence = str(error)
    else:
        sentence = "read"
        assert (value is None) == (not text.strip())
    assert sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("title", " Crack ", " Crack "),
        ("priority", "HIGH", "high"),
        ("category", " Paint", "Paint"),
        ("due", "today", "2026-11-22"),
        ("cost", "£4,200", ["4200", "GBP"]),
        ("cost", "4200", ["4200", "GBP"]),
        ("starred", "Yes", True),
        ("starred", "false", False),
        ("status", "In Review", record("status", 2)),
        ("status", "progress", record("status", 1)),
        ("status", "verified", record("status", 5)),
        ("assignees", "lee, ann", record("person", 0)),
        ("assignees", "ZOE@example.com", record("person", 1)),
        ("assignees", "@me", record("person", 0)),
        ("labels", "FIRE", record("label", 0)),
        ("location", "level 2 / core b", record("location", 1)),
        ("location", "Core A", record("location", 3)),
        ("references", "#214", _ISSUE),
        ("references", "214", _ISSUE),
        ("due", " ", None),
    ],
)
def test_what_people_type_for_the_fields_of_an_issue(name: str, text: str, stored: object) -> None:
    assert parse(_FIELDS.resolve(name), text, _CONTEXT) == stored


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("priority", "hihg", "Did you mean “high”"),
        ("due", "soon", "is not a date"),
        ("cost", "much", "GBP 4200.00"),
        ("starred", "perhaps", "neither yes nor no"),
        ("status", "opne", "Did you mean “open”.*in progress"),
        ("assignees", "An Lee", "no person “An Lee”.*Ann Lee"),
        ("assignees", "Bo Chen", "2 people are called “Bo Chen”: bo@example.com, bo2@example.com"),
        ("labels", "wet", "no label “wet”"),
        ("location", "Core", "no location “Core”"),
        ("references", "#7", "given to 2 issues"),
        ("references", "#999", "no issue #999"),
        ("references", "the other", "names no record"),
        ("number", "5", "cannot be set"),
        ("created", "today", "cannot be set"),
        ("title", "bad \udcff", "use UTF-8"),
        ("title", "x" * 300_000, "256 KiB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(name: str, text: str, problem: str) -> None:
    with pytest.raises(SitebookError, match=problem):
        parse(_FIELDS.resolve(name), text, _CONTEXT)


def test_a_name_that_does_not_exist_can_be_told_from_other_errors() -> None:
    with pytest.raises(UnknownName) as caught:
        parse(_FIELDS.resolve("label"), " new label ", _CONTEXT)
    assert caught.value.name == "new label"


def test_me_is_somebody_only_after_pointing_to_a_person() -> None:
    with pytest.raises(SitebookError, match="@me points to no person"):
        parse(_FIELDS.resolve("assignee"), "@me", context())


def test_an_ambiguous_location_asks_for_more_of_the_path() -> None:
    memory = project()
    memory.add("location", 9, name="Core B", parent=record("location", 2))
    with pytest.raises(SitebookError, match="Level 2/Core B, Level 10/Core B"):
        parse(_FIELDS.resolve("location"), "core b", context(memory))


def test_links_open_only_what_cannot_run() -> None:
    link = _made(FieldType.LINK)
    assert parse(link, "example.com/a", _CONTEXT) == "https://example.com/a"
    assert parse(link, "example.com:8080/a", _CONTEXT) == "https://example.com:8080/a"
    for text in ("javascript:alert(1)", "data:text/html,x", "two words.com", "nothing", "http://[x"):
        with pytest.raises(SitebookError):
            parse(link, text, _CONTEXT)


def test_numbers_have_their_unit() -> None:
    area = _made(FieldType.NUMBER, unit="m²")
    assert parse(area, "12.5 m²", _CONTEXT) == 12.5
    assert display(area, 12.5, _CONTEXT) == "12.5 m²"
    assert to_json(area, 12.5, _CONTEXT) == 12.5
    with pytest.raises(SitebookError, match="ft” cannot be made into m²; Thing takes m²"):
        parse(area, "12 ft", _CONTEXT)


def test_values_as_people_and_scripts_see_them() -> None:
    people = _FIELDS.resolve("assignees")
    both = (record("person", 0), record("person", 1))
    assert display(people, both, _CONTEXT) == "Ann Lee, Zoë Østergård"
    assert to_json(people, both, _CONTEXT) == ["Ann Lee", "Zoë Østergård"]
    assert to_json(people, None, _CONTEXT) == []
    assert to_json(_FIELDS.resolve("labels"), (record("label", 1),), _CONTEXT) == ["Wet, cold"]
    assert to_text(_FIELDS.resolve("labels"), (record("label", 1),), _CONTEXT) == '"Wet, cold"'
    cost = _FIELDS.resolve("cost")
    assert display(cost, ["4200", "GBP"], _CONTEXT) == "GBP 4,200.00"
    assert to_json(cost, ["4200", "GBP"], _CONTEXT) == "GBP 4200.00"
    created = _FIELDS.resolve("created")
    assert display(created, 1_795_000_000_000, context(hours=2)) == "2026-11-18 13:06"
    assert to_json(created, 1_795_000_000_000, _CONTEXT) == "2026-11-18T11:06:40Z"
    assert display(_FIELDS.resolve("references"), (_ISSUE,), _CONTEXT) == "#214 Crack in slab"
    assert to_text(_FIELDS.resolve("references"), (_ISSUE, _TWIN), _CONTEXT) == f"#214, {id_text(_TWIN)}"
    assert to_json(_FIELDS.resolve("status"), record("status", 1), _CONTEXT) == "in progress"
    assert to_json(_FIELDS.resolve("location"), record("location", 1), _CONTEXT) == "Level 2/Core B"
    assert to_json(_made(FieldType.COORDINATES), [33.786, -118], _CONTEXT) == [33.786, -118.0]
    assert to_json(_FIELDS.resolve("starred"), True, _CONTEXT) is True
    assert to_json(_FIELDS.resolve("due"), None, _CONTEXT) is None


def test_a_record_that_is_not_here_is_shown_as_missing() -> None:
    gone = bytes(16)
    assert display(_FIELDS.resolve("assignees"), (gone,), _CONTEXT) == "(not here)"
    assert to_json(_FIELDS.resolve("status"), gone, _CONTEXT) == id_text(gone)


def test_a_value_of_another_type_is_shown_as_text() -> None:
    assert display(_FIELDS.resolve("due"), "next week", _CONTEXT) == "next week"
    assert to_json(_FIELDS.resolve("cost"), 500, _CONTEXT) == "500"
    assert display(_FIELDS.resolve("starred"), {"a": [1, 2]}, _CONTEXT) == "a: 1, 2"


def test_parameters_are_shown_whole_or_one_by_one() -> None:
    whole = KINDS["element"].fields["parameters"]
    one = Field("parameters", FieldType.PARAMETERS, "Fire rating", key="Fire rating", writable=False)
    stored = {"Fire rating": 60, "Wet": True}
    assert display(one, stored, _CONTEXT) == "60"
    assert display(one, {}, _CONTEXT) == ""
    assert display(whole, stored, _CONTEXT) == "Fire rating: 60, Wet: True"
    assert to_json(whole, stored, _CONTEXT) == stored


def _sorted(field: Field, values: list[object]) -> list[object]:
    return sorted(values, key=lambda value: sort_key(field, value, _CONTEXT))


def test_values_sort_as_people_expect() -> None:
    assert _sorted(_FIELDS.resolve("title"), ["Room 10", None, "room 2"]) == ["room 2", "Room 10", None]
    assert _sorted(_FIELDS.resolve("priority"), ["low", "urgent", "odd", "none"]) == [
        "urgent",
        "low",
        "none",
        "odd",
    ]
    statuses: list[object] = [record("status", 3), bytes(16), record("status", 0)]
    assert _sorted(_FIELDS.resolve("status"), statuses) == [
        record("status", 0),
        record("status", 3),
        bytes(16),
    ]
    places: list[object] = [record("location", number) for number in (2, 3, 1, 0)]
    assert _sorted(_FIELDS.resolve("location"), places) == [
        record("location", number) for number in (0, 1, 2, 3)
    ]
    people: list[object] = [(record("person", 1),), (), (record("person", 2), record("person", 0)), None]
    assert _sorted(_FIELDS.resolve("assignees"), people)[:2] == [people[2], people[0]]
    costs: list[object] = [["10", "GBP"], ["9.5", "GBP"], "much", ["1", "USD"]]
    assert _sorted(_FIELDS.resolve("cost"), costs) == [costs[1], costs[0], costs[3], "much"]


def test_a_value_may_not_be_larger_than_a_change_carries() -> None:
    check_size("x" * 1000)
    check_size(["5", "GBP"])
    with pytest.raises(SitebookError, match="256 KiB"):
        check_size(["x" * 300_000])
