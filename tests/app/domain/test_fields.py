from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fields import CustomField, FieldSet, field_type, load_fields
from app.domain.merged import Merges
from app.domain.schema import (
    CUSTOM_TYPES,
    DEFAULT_STATUSES,
    KINDS,
    MANY_TYPES,
    MERGED,
    FieldType,
    Meaning,
    custom_field_name,
)
from sync.errors import SitebookError
from tests.app.domain.sample import Memory, project, record

_ISSUE_FIELDS = (
    "number title text status priority category type phase location assignees watchers labels mentions due"
    " cost starred completed archived template references at rank external_id created updated"
)


def test_an_issue_has_exactly_the_fields_that_scripts_know() -> None:
    assert " ".join(KINDS["issue"].fields) == _ISSUE_FIELDS


def test_the_schema_agrees_with_itself() -> None:
    for kind in KINDS.values():
        assert kind.heading in kind.fields
        assert set(kind.text_fields) == {
            name for name, field in kind.fields.items() if field.type is FieldType.RICH
        }
        assert all(parent in KINDS for parent in kind.child_of)
        assert bool(kind.child_of) == ("parent" in kind.fields)
        assert all(name in kind.fields for name in kind.aliases.values())
        for name, field in kind.fields.items():
            assert field.name == name
            assert field.many == (field.type in MANY_TYPES) or name == MERGED
            assert not field.target or field.target in KINDS
    assert [each.meaning for each in DEFAULT_STATUSES] == list(Meaning)


def test_singular_names_titles_and_stored_names_find_a_field() -> None:
    fields = FieldSet("issue")
    assert fields.resolve("Assignee").name == "assignees"
    assert fields.resolve("ASSIGNEES").name == "assignees"
    assert fields.resolve("External id").name == "external_id"
    assert FieldSet("person").resolve("Home-base").name == "home_base"
    assert fields.stored("due") is not None
    assert fields.stored("f.00") is None


def test_an_unknown_field_is_an_error_that_lists_what_there_is() -> None:
    with pytest.raises(
        SitebookError, match=r"no field “asignee”. Did you mean “assignees”\? There is: number"
    ):
        FieldSet("issue").resolve("asignee")


def test_custom_fields_are_found_by_name_and_stored_by_id() -> None:
    definition = CustomField(record("field", 7), "Fire rating", FieldType.NUMBER, unit="min")
    fields = FieldSet("issue", [definition])
    field = fields.resolve("fire RATING")
    assert field.name == custom_field_name(definition.id) == f"f.{definition.id.hex()}"
    assert field.custom
    assert fields.resolve(field.name) is field
    assert field.unit == "min"
    assert field.typed_name == "Fire rating"
    assert FieldSet("note", [definition]).find("Fire rating") is None
    assert "Fire rating" in fields.names


def test_two_definitions_of_one_name_can_both_be_reached() -> None:
    one = CustomField(record("field", 1), "Trade", FieldType.TEXT)
    two = CustomField(record("field", 2), "trade", FieldType.NUMBER)
    shadow = CustomField(record("field", 3), "Due", FieldType.DATE)
    for order in ([one, two, shadow], [shadow, two, one]):
        fields = FieldSet("issue", order)
        assert fields.resolve("Trade").name == custom_field_name(one.id)
        assert fields.resolve("trade (2)").name == custom_field_name(two.id)
        assert fields.resolve("due").name == "due"
        assert fields.resolve("due (2)").name == custom_field_name(shadow.id)


def test_parameters_of_elements_are_fields_to_ask_for() -> None:
    fields = load_fields("element", project())
    field = fields.resolve("fire rating")
    assert (field.name, field.key, field.writable) == ("parameters", "Fire rating", False)
    assert fields.stored("parameters") is not field
    assert {"Fire rating", "Maker"} <= set(fields.names)


def test_definitions_are_read_from_the_project() -> None:
    memory = Memory()
    memory.add("field", 1, name="Trade", type="choice", of="issue", choices=["paint", "tiles"], order="b")
    memory.add("field", 2, name="Area", type="number", unit="m²", order="a")
    memory.add("field", 3, type="hologram")
    fields = load_fields("issue", memory)
    custom = [field for field in fields.fields if field.custom]
    assert [field.title for field in custom] == ["Field 0003", "Area", "Trade"]
    assert custom[0].type is FieldType.TEXT
    assert custom[2].choices == ("paint", "tiles")
    assert not custom[2].open_choices


@given(
    st.dictionaries(
        st.sampled_from(["name", "type", "of", "choices", "unit", "currency", "order"]),
        st.one_of(
            st.none(),
            st.text(max_size=5),
            st.integers(),
            st.binary(max_size=3),
            st.lists(st.none() | st.text()),
        ),
    )
)
def test_no_definition_makes_reading_it_fail(values: dict[str, object]) -> None:
    definition = CustomField.from_values(record("field", 1), values)
    assert definition.name.strip()
    FieldSet("issue", [definition])


def test_types_are_named_as_people_name_them() -> None:
    assert [field_type(each.value.upper()) for each in CUSTOM_TYPES] == list(CUSTOM_TYPES)
    assert field_type("date and time") is FieldType.MOMENT
    assert field_type("several choices") is FieldType.CHOICES
    with pytest.raises(SitebookError, match="no field type “colour”"):
        field_type("colour")
    with pytest.raises(SitebookError, match="no field type “rich”"):
        field_type("rich")


def test_a_field_that_became_part_of_another_is_found_as_that() -> None:
    kept = CustomField(record("field", 1), "Trade", FieldType.TEXT)
    merges = Merges({record("field", 2): record("field", 1)})
    fields = FieldSet("issue", [kept], merges=merges)
    found = fields.find(custom_field_name(record("field", 2)))
    assert found is fields.stored(custom_field_name(record("field", 1)))
    assert fields.find("f.nonsense") is None
    assert fields.find("f." + "00" * 16) is None


def test_a_field_has_what_its_type_needs_and_no_more() -> None:
    values = {"name": "A", "formula": "1", "target": "element", "target_category": b"c" * 16, "prefix": "D-"}
    formula = CustomField.from_values(b"x" * 16, {**values, "type": "formula"}).field("A")
    assert (formula.formula, formula.target, formula.writable) == ("1", "", False)
    pointing = CustomField.from_values(b"x" * 16, {**values, "type": "reference"}).field("A")
    assert (pointing.formula, pointing.target, pointing.target_category) == ("", "element", b"c" * 16)
    odd = CustomField.from_values(
        b"x" * 16, {"categories": 5, "formula": b"", "target_category": "x", "type": "formula"}
    )
    assert (odd.categories, odd.formula, odd.target_category) == ((), "", b"")
