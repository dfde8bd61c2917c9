"""Histories with old and new values, old values put back, and the lists of what asks for somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import COMMENT, ISSUE, LABEL, NOTE
from app.store.operations import Edit
from app.store.project import Project
from app.store.records import Deed
from sync.errors import NotFound
from tests.app.store.replicas import exchange, picture, replica

Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def told(project: Project, record: bytes) -> list[tuple[object, ...]]:
    """What happened to a record after it was made, the oldest first."""
    entries = [each for each in reversed(project.history(record)) if each.field != "number"]
    made = next(each.change for each in entries if each.deed is Deed.CREATED)
    return [
        (each.deed, each.field, each.old, each.value, each.device[0])
        for each in entries
        if each.change != made
    ]


def test_a_history_tells_who_did_what_with_old_and_new_values(pair: Pair) -> None:
    left, right = pair
    fire, _ = left.create(LABEL, {"name": "fire"})
    issue, _ = left.create(ISSUE, {"title": "A"}, text="x")
    left.set(issue, "title", "B")
    left.add(issue, "labels", fire)
    exchange(left, right)
    right.clock.ms = left.clock.ms  # type: ignore[attr-defined]
    right.remove(issue, "labels", fire)
    right.set(issue, "title", None)
    right.insert_text(issue, "text", 1, "y")
    right.delete(issue)
    right.restore(issue)
    right.delete(issue)
    right.undo()
    exchange(left, right)
    assert told(left, issue) == told(right, issue)
    assert (
        told(left, issue)
        == [
            (Deed.SET, "title", "A", "B", 1),
            (Deed.ADDED, "labels", None, fire, 1),
            (Deed.REMOVED, "labels", fire, None, 2),
            (Deed.CLEARED, "title", "B", None, 2),
            (Deed.TYPED, "text", None, None, 2),
            (Deed.DELETED, "deleted", None, True, 2),
            (Deed.RESTORED, "deleted", True, False, 2),
            (Deed.DELETED, "deleted", False, True, 2),
            (Deed.RESTORED, "deleted", True, None, 2),
        ]
        or told(left, issue)[-1][0] is Deed.RESTORED
    )
    assert left.history(bytes(16)) == []


def test_any_old_value_is_put_back_as_a_new_change(pair: Pair) -> None:
    left, right = pair
    fire, _ = left.create(LABEL, {"name": "fire"})
    issue, _ = left.create(ISSUE, {"title": "A", "labels": [fire]}, text="first")
    left.set(issue, "title", "B")
    left.remove(issue, "labels", fire)
    left.insert_text(issue, "text", 5, " second")
    exchange(left, right)
    for entry in right.history(issue):
        if (entry.field, entry.value) in (("title", "A"), ("labels", fire)):
            right.restore_value(issue, entry.field, (entry.change, entry.index))
    typed = [entry for entry in right.history(issue) if entry.text]
    assert [right.text_as_of(issue, entry.change) for entry in typed] == ["first second", "first"]
    right.restore_text(issue, typed[-1].change)
    exchange(left, right)
    found = left.get(issue)
    assert found is not None
    assert (found.value("title"), found.values("labels"), left.plain_text(issue)) == ("A", (fire,), "first")
    assert picture(left) == picture(right)
    right.undo()
    assert right.plain_text(issue) == "first second"
    with pytest.raises(NotFound):
        right.restore_value(issue, "title", (bytes(32), 0))


def test_the_trash_lists_what_was_deleted_by_itself(pair: Pair) -> None:
    left, right = pair
    issue, _ = left.create(ISSUE, {"title": "Gone"})
    left.create(COMMENT, {"parent": issue}, text="with it")
    lone, _ = left.create(ISSUE, {"title": "Stays"})
    alone, _ = left.create(COMMENT, {"parent": lone}, text="Said too soon\nand long")
    exchange(left, right)
    right.delete(issue)
    right.delete(alone)
    exchange(left, right)
    trash = left.trash()
    assert [(each.record, each.kind, each.title, each.device) for each in trash] == [
        (alone, COMMENT, "Said too soon\nand long", right.device),
        (issue, ISSUE, "Gone", right.device),
    ]
    assert trash[0].at > trash[1].at
    left.restore(issue)
    assert [each.record for each in left.trash()] == [alone]
    left.set(lone, "archived", True)
    assert left.archived() == {lone}


def test_conflicts_of_a_whole_project(pair: Pair) -> None:
    left, right = pair
    bulk = left.bulk()
    made = [bulk.create(ISSUE, {"title": f"Item {at}"}) for at in range(60)]
    bulk.commit()
    exchange(left, right)
    for project, word in ((left, "left"), (right, "right")):
        bulk = project.bulk()
        for record in made[:50]:
            bulk.update(record, [Edit("title", word), Edit("priority", "high")])
        bulk.commit()
    left.delete(made[55])
    right.set(made[55], "priority", "low")
    note, _ = left.create(NOTE, {"title": "Fine"})
    exchange(left, right)
    for project in pair:
        conflicts = project.conflicts()
        assert {each.record for each in conflicts} == project.conflicted_records() == {*made[:50], made[55]}
        assert len(conflicts) == 51
        assert {each.field for each in conflicts} == {"title", "deleted"}
        assert project.flagged(ISSUE, "conflict") == project.conflicted_records()
        assert note not in project.conflicted_records()
    assert [each.live for each in left.conflicts()[:50]] == [each.live for each in right.conflicts()[:50]]
