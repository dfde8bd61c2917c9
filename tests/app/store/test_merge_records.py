"""Two records that mean the same become one, here and on every other device."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.domain.directory import ProjectDirectory
from app.domain.schema import (
    CATEGORY,
    COMMENT,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    MERGED_INTO,
    PERSON,
    STATUS,
    custom_field_name,
)
from app.store.merging import merge_steps
from app.store.project import Project
from sync.errors import NotFound, Refused
from tests.app.store.replicas import exchange, picture, replica


def _person(project: Project, name: str, **fields: object) -> bytes:
    return project.create(PERSON, {"name": name, **fields})[0]


def _issue(project: Project, **fields: object) -> bytes:
    return project.create(ISSUE, {"title": "Crack", **fields})[0]


@pytest.fixture
def here(tmp_path: Path) -> Project:
    project = replica(tmp_path, 1, alone=True)
    project.furnish("Harbour")
    return project


@pytest.fixture
def pair(here: Project, tmp_path: Path) -> tuple[Project, Project, bytes, bytes]:
    there = replica(tmp_path, 2)
    keep, gone = _person(here, "Jane Doe"), _person(here, "Doe, Jane", phone="123")
    exchange(here, there)
    return here, there, keep, gone


def test_references_follow_and_the_other_one_goes_to_the_trash(here: Project) -> None:
    keep, gone = _person(here, "Jane Doe", company="Doe"), _person(here, "J. Doe", phone="123", company="X")
    other = _person(here, "Bo")
    field = here.create(FIELD, {"name": "Checker", "type": "person", "of": ISSUE, "order": "a"})[0]
    name = custom_field_name(field)
    first = _issue(here, assignees=[gone, other], watchers=[keep, gone], **{name: gone})
    second = _issue(here, assignees=[other])
    here.merge_records(PERSON, keep, gone)
    assert set(here.field(first, "assignees").values) == {keep, other}
    assert here.field(first, "watchers").values == (keep,)
    assert here.field(first, name).value == keep
    assert here.field(second, "assignees").values == (other,)
    assert here.field(keep, "phone").value == "123"
    assert here.field(keep, "company").value == "Doe"
    assert here.records(PERSON, deleted=True) == [gone]
    assert here.column(PERSON, MERGED_INTO) == {gone: keep}
    assert here.conflicts() == []


def test_a_merge_is_undone_and_redone_as_one(here: Project) -> None:
    keep, gone = _person(here, "Jane Doe"), _person(here, "J. Doe", phone="123")
    issues = [_issue(here, assignees=[gone]) for _ in range(250)]
    here.merge_records(PERSON, keep, gone)
    assert {here.field(each, "assignees").values for each in issues} == {(keep,)}
    here.undo()
    assert {here.field(each, "assignees").values for each in issues} == {(gone,)}
    assert here.field(keep, "phone").value is None
    assert here.records(PERSON, deleted=True) == []
    assert here.column(PERSON, MERGED_INTO) == {}
    here.redo()
    assert {here.field(each, "assignees").values for each in issues} == {(keep,)}
    assert here.records(PERSON, deleted=True) == [gone]
    assert here.column(PERSON, MERGED_INTO) == {gone: keep}


def test_what_arrives_later_means_the_kept_one(pair: tuple[Project, Project, bytes, bytes]) -> None:
    here, there, keep, gone = pair
    issue = _issue(there, assignees=[gone])
    here.merge_records(PERSON, keep, gone)
    exchange(here, there)
    for project in pair[:2]:
        directory = ProjectDirectory(project)
        assert project.field(issue, "assignees").values == (gone,)
        assert directory.resolve(gone) == keep
        assert directory.people[gone].name == "Jane Doe"
        assert directory.people.get(gone) == directory.people[keep]
        assert gone in directory.people
        assert list(directory.people) == [keep]
        assert directory.heading(gone) == "Jane Doe"
    assert picture(here) == picture(there)
    here.merge_records(PERSON, keep, gone)
    assert here.field(issue, "assignees").values == (keep,)


def test_a_change_to_the_one_that_goes_is_not_lost(pair: tuple[Project, Project, bytes, bytes]) -> None:
    here, there, keep, gone = pair
    there.set(gone, "company", "Doe Ltd")
    here.merge_records(PERSON, keep, gone)
    exchange(here, there)
    assert picture(here) == picture(there)
    assert [(each.record, each.field) for each in here.conflicts()] == [(gone, "deleted")]
    assert ProjectDirectory(here).resolve(gone) == gone
    here.settle(gone, "deleted", True)
    assert ProjectDirectory(here).resolve(gone) == keep


@pytest.mark.parametrize("phone", ["123", None])
@pytest.mark.parametrize("seed", range(3))
def test_merges_into_each_other_converge_and_lose_nobody(
    pair: tuple[Project, Project, bytes, bytes], seed: int, phone: str | None
) -> None:
    here, there, one, two = pair
    here.set(two, "phone", phone)
    issue = _issue(here, assignees=[one, two])
    only = _issue(here, assignees=[two])
    exchange(here, there)
    here.merge_records(PERSON, one, two)
    there.merge_records(PERSON, two, one)
    exchange(here, there, order=random.Random(seed))
    assert picture(here) == picture(there)
    for project in (here, there):
        directory = ProjectDirectory(project)
        shown = {directory.resolve(each) for each in project.field(issue, "assignees").values}
        shown |= {directory.resolve(each) for each in project.field(only, "assignees").values}
        assert shown
        assert shown <= set(directory.people), "whoever is named is there"
        assert all(project.field(each, "assignees").values for each in (issue, only))


def test_a_ring_of_three_is_harmless(here: Project) -> None:
    people = [_person(here, name) for name in "abc"]
    for at, each in enumerate(people):
        here.set(each, MERGED_INTO, people[(at + 1) % 3])
        here.delete(each)
    assert {ProjectDirectory(here).resolve(each) for each in people} == {min(people)}
    assert ProjectDirectory(here).people.get(people[0]) is None
    assert people[1] not in ProjectDirectory(here).people


def test_who_is_brought_back_is_himself_again(here: Project) -> None:
    keep, gone = _person(here, "Jane Doe"), _person(here, "J. Doe")
    here.merge_records(PERSON, keep, gone)
    here.restore(gone)
    assert here.field(gone, MERGED_INTO).value is None
    here.delete(gone)
    assert ProjectDirectory(here).resolve(gone) == gone


def test_locations_merge_with_what_is_in_them(here: Project) -> None:
    level = here.create(LOCATION, {"name": "Level 2"})[0]
    twin = here.create(LOCATION, {"name": "L2"})[0]
    core = here.create(LOCATION, {"name": "Core", "parent": twin})[0]
    inner = here.create(LOCATION, {"name": "Shaft", "parent": core})[0]
    issue = _issue(here, location=twin)
    here.merge_records(LOCATION, level, twin)
    assert here.field(issue, "location").value == level
    assert ProjectDirectory(here).locations[inner].path == "Level 2/Core/Shaft"
    here.merge_records(LOCATION, inner, level)
    assert {each.path for each in ProjectDirectory(here).locations.values()} == {"Core", "Core/Shaft"}
    assert here.field(issue, "location").value == inner


def test_elements_merge_with_their_comments_and_parameters(here: Project) -> None:
    keep = here.create(ELEMENT, {"name": "Door", "parameters": {"Maker": "A"}})[0]
    gone = here.create(ELEMENT, {"name": "Door 1", "parameters": {"Maker": "B", "Width": 90}})[0]
    part = here.create(ELEMENT, {"name": "Handle", "within": gone})[0]
    comment = here.create(COMMENT, {"parent": gone}, text="Look")[0]
    issue = _issue(here, at=[gone])
    here.merge_records(ELEMENT, keep, gone)
    assert here.field(keep, "parameters").value == {"Maker": "A", "Width": 90}
    assert here.field(part, "within").value == keep
    assert here.children(keep, COMMENT) == [comment]
    assert here.field(issue, "at").values == (keep,)
    here.undo()
    assert here.children(gone, COMMENT) == [comment]


def test_labels_and_statuses_merge(here: Project) -> None:
    keep, gone = (
        here.create(LABEL, {"name": "fire"})[0],
        here.create(LABEL, {"name": "Fire!", "color": "red"})[0],
    )
    issue = _issue(here, labels=[keep, gone])
    here.merge_records(LABEL, keep, gone)
    assert here.field(issue, "labels").values == (keep,)
    assert here.field(keep, "color").value == "red"
    paint = here.create(CATEGORY, {"name": "Paint", "of": ISSUE})[0]
    first = here.create(
        STATUS, {"name": "checked", "meaning": "review", "order": "b", "categories": [paint]}
    )[0]
    second = here.create(STATUS, {"name": "Checked", "meaning": "review", "order": "c"})[0]
    here.set(issue, "status", second)
    here.merge_records(STATUS, first, second)
    assert here.field(issue, "status").value == first
    assert here.field(first, "categories").values == ()


def test_fields_that_two_devices_made_become_one(here: Project) -> None:
    def field(**values: object) -> bytes:
        return here.create(FIELD, {"name": "Trade", "type": "choice", "of": ISSUE, "order": "a", **values})[0]

    keep, gone = field(choices=["paint"]), field(choices=["fire", "paint"], unit="x")
    formula = here.create(
        FIELD,
        {"name": "Loud", "type": "formula", "of": ISSUE, "formula": f"upper({{{custom_field_name(gone)}}})"},
    )[0]
    view = here.create("view", {"name": "All", "columns": ["title", f"{custom_field_name(gone)}=90"]})[0]
    one = _issue(here, **{custom_field_name(keep): "paint", custom_field_name(gone): "fire"})
    two = _issue(here, **{custom_field_name(gone): "fire"})
    here.merge_records(FIELD, keep, gone)
    assert here.field(one, custom_field_name(keep)).value == "paint"
    assert here.field(two, custom_field_name(keep)).value == "fire"
    assert here.field(keep, "choices").value == ["paint", "fire"]
    assert here.field(formula, "formula").value == f"upper({{{custom_field_name(keep)}}})"
    assert here.field(view, "columns").value == ["title", f"{custom_field_name(keep)}=90"]
    number = here.create(FIELD, {"name": "Trade", "type": "number", "of": ISSUE})[0]
    with pytest.raises(Refused, match="types"):
        here.merge_records(FIELD, keep, number)


def test_categories_merge_with_the_names_that_issues_hold(here: Project) -> None:
    keep = here.create(CATEGORY, {"name": "Painting", "of": ISSUE})[0]
    gone = here.create(CATEGORY, {"name": "Paint", "of": ISSUE, "aliases": ["Coats"]})[0]
    field = here.create(FIELD, {"name": "Coats", "type": "number", "of": ISSUE, "categories": [gone]})[0]
    issues = [_issue(here, category=name) for name in ("Paint", "coats", "Fire")]
    here.merge_records(CATEGORY, keep, gone)
    assert [here.field(each, "category").value for each in issues] == ["Painting", "Painting", "Fire"]
    assert here.field(keep, "aliases").value == ["Paint", "Coats"]
    assert here.field(field, "categories").values == (keep,)


def test_what_cannot_be_merged_is_refused(here: Project) -> None:
    one, two = _person(here, "A", member=b"1"), _person(here, "B", member=b"2")
    three = _person(here, "C")
    with pytest.raises(Refused, match="two people"):
        here.merge_records(PERSON, one, two)
    with pytest.raises(Refused, match="one and the same"):
        here.merge_records(PERSON, one, one)
    with pytest.raises(NotFound):
        here.merge_records(PERSON, one, here.new_id())
    with pytest.raises(NotFound):
        here.merge_records(LABEL, one, two)
    with pytest.raises(Refused, match="Issues"):
        here.merge_records(ISSUE, _issue(here), _issue(here))
    here.delete(three)
    with pytest.raises(NotFound):
        here.merge_records(PERSON, one, three)


def test_several_merge_in_steps_as_one_action(here: Project) -> None:
    keep = _person(here, "Jane Doe")
    gone = [_person(here, "J. Doe", phone="123"), _person(here, "Doe, Jane", phone="456", company="Doe")]
    issues = [_issue(here, assignees=[each]) for each in (*gone, gone[0])]
    touched = set()
    for step in merge_steps(here, PERSON, keep, gone):
        touched |= set(step.touched.records)
    assert touched >= {*issues, keep, *gone}
    assert all(here.field(each, "assignees").values == (keep,) for each in issues)
    kept = here.record_or_fail(keep)
    assert (kept.value("phone"), kept.value("company")) == ("123", "Doe")
    assert here.records(PERSON) == [keep]
    here.undo()
    assert set(here.records(PERSON)) == {keep, *gone}
    assert [here.field(each, "assignees").values for each in issues] == [(gone[0],), (gone[1],), (gone[0],)]


def test_places_within_each_other_merge_in_steps(here: Project) -> None:
    top = here.create(LOCATION, {"name": "Level 2"})[0]
    middle = here.create(LOCATION, {"name": "level 2", "parent": top})[0]
    inner = here.create(LOCATION, {"name": "L2", "parent": middle})[0]
    for _ in merge_steps(here, LOCATION, inner, [middle, top]):
        pass
    assert here.field(inner, "parent").value is None
    assert here.records(LOCATION) == [inner]


def test_nothing_is_written_where_one_of_several_cannot_be_merged(here: Project) -> None:
    keep, other = _person(here, "Jane", member=b"1" * 32), _person(here, "J.")
    member = _person(here, "Bo", member=b"2" * 32)
    with pytest.raises(Refused):
        next(merge_steps(here, PERSON, keep, [other, member]))
    assert len(here.records(PERSON)) == 3
