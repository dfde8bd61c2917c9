from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.categories import Categories, category_names, fields_for
from app.domain.merged import Merges
from app.domain.name_template import LONGEST_NAME, check_template, made_name, rename_template, template_paths
from app.domain.schema import ELEMENT, ISSUE, Field, FieldType
from app.domain.values import display, parse, sort_key, to_json, to_text
from sync.errors import SitebookError
from tests.app.domain.sample import Memory, context, project, record


def _project() -> Memory:
    memory = project()
    memory.add("category", 0, name="Paint", order="b", aliases=["Coats"], template="{location} - {number}")
    memory.add("category", 1, name="Fire", order="a", color="red")
    memory.add("category", 2, name="paint", order="c", color="blue", aliases=["Brush"])
    memory.add("category", 3, name="Door", of="element", order="d")
    memory.add("category", 4, name="  ", order="e")
    memory.add("category", 5, name=5, aliases=7, of=[], order=b"")
    return memory


def test_definitions_of_one_name_are_one_category() -> None:
    found = Categories.read(_project())
    assert [each.name for each in found.of(ISSUE)] == ["Fire", "Paint"]
    paint = found.find(ISSUE, " PAINT ")
    assert paint is not None
    assert paint.ids == (record("category", 0), record("category", 2))
    assert (paint.color, paint.template, paint.aliases) == (
        "blue",
        "{location} - {number}",
        ("Coats", "Brush"),
    )
    assert found.find(ISSUE, "brush") is paint
    assert found.get(record("category", 2)) is paint
    assert found.find(ELEMENT, "paint") is None
    assert found.find(ISSUE, None) is None


def test_what_names_no_category_belongs_to_all() -> None:
    found = Categories.read(_project())
    common = Field("a", FieldType.TEXT, "A")
    paint = Field("b", FieldType.TEXT, "B", categories=(record("category", 2),))
    lost = Field("c", FieldType.TEXT, "C", categories=(record("category", 99),))
    every = (common, paint, lost)
    assert fields_for(every, found, ISSUE, "Coats") == [common, paint, lost]
    assert fields_for(every, found, ISSUE, "Fire") == [common, lost]
    assert fields_for(every, found, ISSUE, None) == [common, lost]


def test_a_definition_that_became_part_of_another_still_counts() -> None:
    entries = Categories.read(_project()).entries
    found = Categories(entries, Merges({record("category", 9): record("category", 0)}))
    gone = found.get(record("category", 9))
    assert gone is not None
    assert gone.name == "Paint"


def test_names_to_choose_are_defined_ones_then_used_ones() -> None:
    used = ["Coats", "Roof", "roof", "fire", "", None, 3, "Attic"]
    assert category_names(Categories.read(_project()), ISSUE, used) == ["Fire", "Paint", "Attic", "roof"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"location": "L2", "trade": "paint", "number": "7"}, "Issue L2 - paint - 7!"),
        ({"location": "L2", "number": "7"}, "Issue L2 - 7!"),
        ({"trade": "paint"}, "Issue paint!"),
        ({"location": "a\n b"}, "Issue a b!"),
        ({}, ""),
    ],
)
def test_a_name_has_no_lone_separators(values: dict[str, str], expected: str) -> None:
    template = "Issue {location} - { trade } - {number}!"
    assert list(template_paths(template)) == ["location", "trade", "number"]
    assert made_name(template, lambda path: values.get(path, "")) == expected


def test_templates_are_checked_and_renamed() -> None:
    check_template("{a} {b}", "ab".__contains__)
    check_template("", "ab".__contains__)
    for wrong in ("{a", "a}", "plain", "{c}", "{}", "x" * 2000, "{a} {{b}}"):
        with pytest.raises(SitebookError):
            check_template(wrong, lambda name: name in ("a", "b"))
    assert rename_template("{a} - {b}", str.upper) == "{A} - {B}"


@given(st.text("{}ab -", max_size=30), st.text(max_size=300))
def test_any_template_makes_a_name_of_one_line(template: str, text: str) -> None:
    name = made_name(template, lambda path: text)
    assert len(name) <= LONGEST_NAME
    assert "\n" not in name


def _door(memory: Memory) -> Field:
    memory.columns["element", "type"] = {record("element", 0): "door", record("element", 1): "Window"}
    return Field(
        "f.1", FieldType.REFERENCE, "Door", target=ELEMENT, target_category=record("category", 3), custom=True
    )


def test_a_reference_is_typed_by_the_name_of_its_kind_and_category() -> None:
    memory = _project()
    field, world = _door(memory), context(memory)
    assert parse(field, "door 1", world) == record("element", 0)
    assert to_text(field, record("element", 0), world) == "Door 1"
    with pytest.raises(SitebookError, match="Door points to Door; “Door 2” is of Window"):
        parse(field, "Door 2", world)
    with pytest.raises(SitebookError, match="no element “Door 3”"):
        parse(field, "Door 3", world)
    with pytest.raises(SitebookError, match="no category"):
        parse(field, "Door 10", world)
    memory.add("element", 7, name="Door 1", type="Door")
    with pytest.raises(SitebookError, match="2 records"):
        parse(field, "Door 1", context(memory))
    assert len(to_text(field, record("element", 0), context(memory))) == 36


def test_people_and_places_behind_references_go_by_their_names() -> None:
    world = context()
    person = Field("f.1", FieldType.REFERENCE, "Who", target="person")
    assert parse(person, "ann lee", world) == record("person", 0)
    assert to_text(person, record("person", 0), world) == "Ann Lee"
    place = Field("f.2", FieldType.REFERENCES, "Where", many=True, target="location")
    assert parse(place, "Level 2/Core B", world) == record("location", 1)


def test_values_of_the_type_before_are_shown_and_never_raise() -> None:
    world = context()
    for type in FieldType:
        for value in (
            record("person", 0),
            ["120", "GBP"],
            True,
            5,
            "x",
            (record("label", 0), record("label", 1)),
        ):
            field = Field("f.1", type, "F")
            assert isinstance(display(field, value, world), str)
            to_text(field, value, world)
            to_json(field, value, world)
            sort_key(field, value, world)
    text = Field("f.1", FieldType.TEXT, "F")
    assert display(text, record("person", 0), world) == "Ann Lee"
    assert display(text, ["120", "GBP"], world) == "GBP 120.00"
    assert display(text, (record("label", 0), record("label", 1)), world) == "fire, Wet, cold"
    assert display(text, True, world) == "yes"


def test_statuses_of_one_name_are_told_apart() -> None:
    memory = project()
    memory.add("status", 9, name="Done", meaning="done", order="z")
    names = [each.name for each in context(memory).directory.statuses.values()]
    assert names[-1] == "Done (2)"
    status = Field("status", FieldType.STATUS, "Status")
    assert parse(status, "done (2)", context(memory)) == record("status", 9)
