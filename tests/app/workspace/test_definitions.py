"""Names, templates, formulas and orders, as people write them and as they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.schema import CATEGORY, FIELD, ISSUE, custom_field_name
from app.query.paths import Catalog
from app.store.project import Project
from app.workspace.definitions import (
    category_holders,
    category_renamed,
    check_formula,
    checked_field_name,
    checked_name,
    last_order,
    moved_orders,
    stored_template,
    typed_formula,
    typed_template,
)
from sync.errors import Refused, SitebookError
from sync.order import keys_between
from tests.app.store.replicas import replica


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = replica(tmp_path, 1, alone=True)
    made.furnish("Harbour")
    return made


def _field(project: Project, name: str, type: str = "number", **more: object) -> bytes:
    return project.create(FIELD, {"name": name, "type": type, "of": ISSUE, **more})[0]


def test_names_are_tidied_and_checked() -> None:
    assert checked_name("  Fire \n safety ", "category") == "Fire safety"
    for bad in (" ", "x" * 201):
        with pytest.raises(SitebookError):
            checked_name(bad, "category")


def test_a_field_keeps_its_own_name_and_takes_no_other(project: Project) -> None:
    depth = _field(project, "Depth")
    catalog = Catalog(project)
    assert checked_field_name(catalog, ISSUE, "depth", depth) == "depth"
    for bad in ("depth", "Priority", "a:b", "{x}"):
        with pytest.raises(SitebookError):
            checked_field_name(catalog, ISSUE, bad)


def test_templates_and_formulas_are_kept_by_stored_names(project: Project) -> None:
    depth = custom_field_name(_field(project, "Depth"))
    catalog = Catalog(project)
    stored = stored_template(catalog, ISSUE, "{Depth} - {number}")
    assert stored == f"{{{depth}}} - {{number}}"
    assert typed_template(catalog, ISSUE, stored) == "{Depth} - {number}"
    assert stored_template(catalog, ISSUE, "  ") is None
    checked = check_formula(catalog, ISSUE, "Depth * 2")
    assert checked.formula is not None
    assert depth in checked.stored
    assert typed_formula(catalog, ISSUE, checked.stored) == "{Depth} * 2"
    assert typed_formula(catalog, ISSUE, "((") == "(("


def test_a_problem_of_a_formula_has_its_place_in_what_was_typed(project: Project) -> None:
    _field(project, "Depth")
    catalog = Catalog(project)
    typed = "Depth + nothing"
    checked = check_formula(catalog, ISSUE, typed)
    assert checked.formula is None
    assert checked.span is not None
    assert typed[slice(*checked.span)] == "nothing"


def test_a_formula_that_loops_is_told(project: Project) -> None:
    double = _field(project, "Double", "formula", formula="number * 2")
    checked = check_formula(Catalog(project), ISSUE, "Double + 1", double)
    assert checked.formula is None
    assert "Double" in checked.problem


def test_a_renamed_category_is_found_under_its_old_name(project: Project) -> None:
    fire = project.create(CATEGORY, {"name": "Fire", "of": ISSUE})[0]
    project.create(CATEGORY, {"name": "Paint", "of": ISSUE})
    issue = project.create(ISSUE, {"title": "x", "category": "fire"})[0]
    assert category_holders(project, fire, ISSUE) == [issue]
    edits = category_renamed(project, fire, ISSUE, "Fire safety")
    assert [(each.field, each.value) for each in edits] == [("name", "Fire safety"), ("aliases", ["Fire"])]
    with pytest.raises(Refused):
        category_renamed(project, fire, ISSUE, "paint")
    assert category_holders(project, b"?" * 16, ISSUE) == ()


def test_a_new_one_comes_last(project: Project) -> None:
    key = last_order(project, "status")
    assert all(str(each) < key for each in project.column("status", "order").values())


@given(st.integers(1, 12), st.data())
def test_moving_one_writes_one_key_where_the_others_stand_in_order(count: int, data: st.DataObject) -> None:
    ids = [bytes([each]) for each in range(count)]
    orders: dict[bytes, object] = dict(zip(ids, keys_between(None, None, count), strict=True))
    moved = data.draw(st.sampled_from(ids))
    wanted = [each for each in ids if each != moved]
    wanted.insert(data.draw(st.integers(0, len(wanted))), moved)
    if data.draw(st.booleans()):
        orders[data.draw(st.sampled_from(ids))] = data.draw(st.sampled_from([None, 7, "", "a0"]))
    found = moved_orders(wanted, orders, moved)
    keys = [str(found.get(each, orders.get(each))) for each in wanted]
    assert keys == sorted(set(keys))
    assert len(found) in (1, count)
