from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.directory import ProjectDirectory, location_paths
from app.domain.schema import Meaning
from tests.app.domain.sample import Memory, project, record


def test_a_project_is_read_into_names() -> None:
    memory = project()
    issue = memory.add("issue", 1, number=214, title="Crack")
    directory = ProjectDirectory(memory)
    assert [each.name for each in directory.statuses.values()] == [
        "open",
        "in progress",
        "in review",
        "done",
        "void",
        "Verified",
    ]
    assert directory.statuses[record("status", 5)].meaning is Meaning.DONE
    assert directory.locations[record("location", 1)].path == "Level 2/Core B"
    assert directory.locations[record("location", 1)].ancestors == (record("location", 0),)
    assert directory.numbered(214) == [issue]
    assert directory.numbered(1) == ()
    assert directory.number(issue) == 214
    assert directory.heading(issue) == "Crack"
    assert directory.heading(record("person", 0)) == "Ann Lee"
    assert directory.heading(record("label", 0)) == "fire"
    assert directory.heading(record("location", 1)) == "Level 2/Core B"
    assert directory.heading(record("element", 0)) == "Door 1"
    assert directory.heading(b"nobody") is None


def test_columns_are_read_only_when_asked_for_and_once() -> None:
    memory = project()
    directory = ProjectDirectory(memory)
    assert memory.asked == []
    assert directory.labels
    assert directory.labels
    assert memory.asked == [("label", "color"), ("label", "name"), ("label", "merged_into")]


def test_values_of_a_wrong_shape_do_no_harm() -> None:
    memory = Memory()
    memory.add("status", 1, name=5, meaning=["x"], order=None)
    memory.add("location", 1, name=None, parent=7)
    memory.add("location", 2, name=b"x", parent=7)
    memory.add("person", 1, name=3.5, email={})
    memory.add("issue", 1, number="four", title=[])
    directory = ProjectDirectory(memory)
    assert next(iter(directory.statuses.values())).meaning is Meaning.OPEN
    assert next(iter(directory.locations.values())).path == "(no name)"
    assert next(iter(directory.people.values())).shown == "(no name)"
    assert directory.number(record("issue", 1)) is None


def test_two_locations_moved_into_each_other_still_have_paths() -> None:
    paths = location_paths({b"a": "A", b"b": "B", b"c": "C"}, {b"a": b"b", b"b": b"a", b"c": b"c"})
    assert {each.path for each in paths.values()} == {"B/A", "A/B", "C"}


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 50), max_size=50))
def test_any_tree_that_arrives_has_bounded_paths(parents: dict[int, int]) -> None:
    names = {bytes([number]): f"{number}" for number in parents}
    entries = location_paths(names, {bytes([child]): bytes([parent]) for child, parent in parents.items()})
    assert set(entries) == set(names)
    assert all(each.path.count("/") == len(each.ancestors) < 30 for each in entries.values())
