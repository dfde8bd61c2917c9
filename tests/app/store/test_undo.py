"""Undo and redo, however far back and however large, beside what others write."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from app.domain.schema import COMMENT, ISSUE, LABEL, NOTE
from app.store.operations import Edit
from app.store.project import Project
from sync.errors import Refused
from tests.app.store.replicas import exchange, picture, replica

Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def value(project: Project, record: bytes, name: str) -> object:
    found = project.get(record)
    assert found is not None
    return found.values(name) if project.is_many(found.kind, name) else found.value(name)


def test_a_whole_session_goes_back_and_forth(pair: Pair) -> None:
    left, right = pair
    label, _ = left.create(LABEL, {"name": "fire"})
    issue, _ = left.create(ISSUE, {"title": "A"}, text="one")
    left.set(issue, "title", "B")
    left.add(issue, "labels", label)
    left.set(issue, "title", None)
    left.insert_text(issue, "text", 3, " two")
    left.remove(issue, "labels", label)
    left.delete(issue)
    exchange(left, right)
    after = [(None, (), "one two")]
    seen: list[tuple[object, ...]] = []
    while len(seen) < 7 and left.undo() is not None:
        seen.append((value(left, issue, "title"), value(left, issue, "labels"), left.plain_text(issue)))
    assert seen == [
        (None, (), "one two"),
        (None, (label,), "one two"),
        (None, (label,), "one"),
        ("B", (label,), "one"),
        ("B", (), "one"),
        ("A", (), "one"),
        ("A", (), "one"),
    ]
    assert left.get(issue).deleted  # type: ignore[union-attr]
    while left.redo() is not None:
        pass
    assert (value(left, issue, "title"), value(left, issue, "labels"), left.plain_text(issue)) == after[0]
    assert left.get(issue).deleted  # type: ignore[union-attr]
    exchange(left, right)
    assert picture(left) == picture(right)
    assert not right.conflicts()


def test_a_text_edit_goes_back_and_what_others_typed_stays(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="Rain until ten.")
    exchange(left, right)
    left.edit_text(note, "text", [(5, None, 9), (5, "all day", 0)])
    exchange(left, right)
    right.insert_text(note, "text", 0, "Monday: ")
    exchange(left, right)
    assert left.plain_text(note) == "Monday: Rain all day."
    left.undo()
    exchange(left, right)
    assert left.plain_text(note) == right.plain_text(note) == "Monday: Rain until ten."
    left.redo()
    exchange(left, right)
    assert right.plain_text(note) == "Monday: Rain all day."
    left.undo()
    with pytest.raises(Refused):
        left.undo()
    assert left.plain_text(note) == "Monday: Rain until ten."


def test_what_somebody_else_has_changed_since_stays(pair: Pair) -> None:
    left, right = pair
    issue, _ = left.create(ISSUE, {"title": "Mine"})
    exchange(left, right)
    comment, _ = right.create(COMMENT, {"parent": issue}, text="Theirs")
    exchange(left, right)
    with pytest.raises(Refused, match="else"):
        left.undo()
    assert left.get(issue).deleted is False  # type: ignore[union-attr]
    assert left.plain_text(comment) == "Theirs"
    assert left.undo() is None


def test_what_somebody_else_deleted_does_not_come_back_by_an_undo(pair: Pair) -> None:
    left, right = pair
    issue, _ = left.create(ISSUE, {"title": "Mine"})
    left.set(issue, "title", "New")
    exchange(left, right)
    right.delete(issue)
    exchange(left, right)
    with pytest.raises(Refused):
        left.undo()
    assert not left.conflicts()
    right.undo()
    right.set(issue, "priority", "high")
    exchange(left, right)
    assert right.redo() is None


def test_a_restoration_goes_back_only_while_nobody_has_written_since(pair: Pair) -> None:
    left, right = pair
    issue, _ = left.create(ISSUE, {"title": "Mine"})
    left.delete(issue)
    left.restore(issue)
    left.undo()
    assert left.get(issue).deleted  # type: ignore[union-attr]
    left.redo()
    exchange(left, right)
    right.set(issue, "priority", "high")
    exchange(left, right)
    with pytest.raises(Refused):
        left.undo()
    assert not left.get(issue).deleted  # type: ignore[union-attr]
    exchange(left, right)
    assert picture(left) == picture(right)


def test_many_at_once_is_one_step_back_beside_what_others_did(pair: Pair) -> None:
    left, right = pair
    bulk = left.bulk()
    made = [bulk.create(ISSUE, {"title": f"Item {at}", "priority": "low"}) for at in range(130)]
    bulk.commit()
    exchange(left, right)
    bulk = left.bulk()
    for record in made:
        bulk.update(record, [Edit("priority", "high")])
    steps = list(bulk.steps(seconds=0.0))
    assert [step.done for step in steps] == [20, 40, 60, 80, 100, 120, 130]
    assert sum(len(step.touched.records) for step in steps) == 130
    exchange(left, right)
    right.set(made[7], "priority", "urgent")
    exchange(left, right)
    assert [step.done for step in left.undo_steps(seconds=0.0)] == [1, 2, 3, 4, 5, 6, 7]
    exchange(left, right)
    shown = right.column(ISSUE, "priority")
    assert [shown[each] for each in made] == ["low"] * 7 + ["urgent"] + ["low"] * 122
    left.redo()
    shown = left.column(ISSUE, "priority")
    assert [shown[each] for each in made] == ["high"] * 7 + ["urgent"] + ["high"] * 122
    assert picture_after(left, right)


def picture_after(left: Project, right: Project) -> bool:
    exchange(left, right)
    return picture(left) == picture(right)


def test_what_was_written_before_a_stop_is_one_step_back(pair: Pair) -> None:
    left, right = pair
    bulk = left.bulk()
    made = [bulk.create(ISSUE, {"title": f"Item {at}"}) for at in range(60)]
    steps = bulk.steps(seconds=0.0)
    for _ in range(20):
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert len(left.records(ISSUE)) == 20
    assert left.undo_size() == 20
    back = left.undo_steps(seconds=0.0)
    for _ in range(5):
        next(back)
    back.close()  # type: ignore[attr-defined]
    assert len(left.records(ISSUE)) == 15
    left.undo()
    assert left.records(ISSUE) == []
    assert not left.can_undo
    left.redo()
    left.redo()
    assert sorted(left.records(ISSUE)) == sorted(made[:20])
    assert picture_after(left, right)


def test_what_is_deleted_meanwhile_is_passed_over(pair: Pair) -> None:
    left, _ = pair
    bulk = left.bulk()
    made = [bulk.create(ISSUE, {"title": f"Item {at}"}) for at in range(3)]
    bulk.commit()
    left.delete(made[1])
    bulk = left.bulk()
    for record in made:
        bulk.update(record, [Edit("starred", True)])
    assert [step.done for step in bulk.steps()] == [3]
    assert set(left.column(ISSUE, "starred")) == {made[0], made[2]}
    bulk = left.bulk()
    bulk.delete(made[0])
    bulk.restore(made[1])
    bulk.commit()
    assert set(left.records(ISSUE)) == {made[1], made[2]}
    left.undo()
    assert set(left.records(ISSUE)) == {made[0], made[2]}


def test_a_text_put_back_goes_with_what_it_belongs_to(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="start")
    exchange(left, right)
    left.insert_text(note, "text", 5, " abc")
    left.delete_text(note, "text", 7, 1)
    right.insert_text(note, "text", 0, "> ")
    exchange(left, right)
    left.undo()
    assert left.plain_text(note) == "> start abc"
    left.undo()
    assert left.plain_text(note) == "> start"
    left.redo()
    assert left.plain_text(note) == "> start abc"
    left.redo()
    assert left.plain_text(note) == "> start ac"
    left.undo()
    left.undo()
    assert picture_after(left, right)
    assert right.plain_text(note) == "> start"


def test_what_was_put_back_of_somebody_else_is_not_ones_own(pair: Pair) -> None:
    left, right = pair
    issue, _ = left.create(ISSUE, {"title": "A"})
    left.set(issue, "title", "B")
    exchange(left, right)
    right.set(issue, "title", "Theirs")
    exchange(left, right)
    left.set(issue, "title", "D")
    left.undo()
    assert value(left, issue, "title") == "Theirs"
    left.undo()
    assert value(left, issue, "title") == "Theirs"


def test_the_same_record_twice_in_one_bulk(pair: Pair) -> None:
    left, _ = pair
    issue, _ = left.create(ISSUE, {"title": "A"})
    bulk = left.bulk()
    bulk.update(issue, [Edit("title", "B")])
    bulk.update(issue, [Edit("title", "C")])
    bulk.replace_text(issue, "text")
    bulk.commit()
    assert value(left, issue, "title") == "C"
    assert not left.conflicts()
    left.undo()
    assert (value(left, issue, "title"), left.plain_text(issue)) == ("A", "")


def test_remembering_costs_next_to_nothing(pair: Pair) -> None:
    left, _ = pair
    issue, _ = left.create(ISSUE, {"title": "A"})
    bulk = left.bulk()
    for _ in range(300):
        bulk.create(ISSUE, {"title": "x" * 500})
    bulk.commit()
    del bulk
    tracemalloc.start()
    for at in range(300):
        left.set(issue, "title", f"{at}" * 100)
    for _ in range(100):
        left.undo()
    used = sum(
        each.size
        for each in tracemalloc.take_snapshot().statistics("filename")
        if each.traceback[0].filename.endswith(("undo.py", "inverse.py"))
    )
    tracemalloc.stop()
    assert used < 20_000
