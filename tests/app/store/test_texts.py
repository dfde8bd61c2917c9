"""Rich texts in the project file."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import NOTE
from app.richtext.delta import Retain
from app.store.project import Project
from app.store.touched import Touched
from tests.app.store.replicas import exchange, give, made_by, picture, replica


def test_an_update_larger_than_what_may_wait_beside_the_state_is_merged_in(tmp_path: Path) -> None:
    one, two = replica(tmp_path, 1), replica(tmp_path, 2)
    note, _ = one.create("note", {"title": "Pour"}, text="short")
    long = "a long report " * 400
    one.insert_text(note, "text", 5, long)
    assert one.plain_text(note) == "short" + long
    exchange(one, two)
    assert two.plain_text(note) == "short" + long
    for project in (one, two):
        project.close()


Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def rewritten(project: Project, times: int = 20) -> bytes:
    """A note of which most was deleted again."""
    note, _ = project.create(NOTE, {"title": "Draft"}, text="The end.")
    for at in range(times):
        project.insert_text(note, "text", 0, f"Sentence {at} that goes again. " * 16)
        project.delete_text(note, "text", 3, 420)
    return note


def size(project: Project, record: bytes) -> int:
    return len(project.text_state(record) or b"")


def agree(pair: Pair, *records: bytes) -> None:
    exchange(*pair)
    left, right = pair
    assert picture(left) == picture(right)
    for record in records:
        assert left.text_document(record) == right.text_document(record)


def test_a_text_that_was_rewritten_becomes_short_again_in_quiet_moments(pair: Pair) -> None:
    left, right = pair
    note = rewritten(left)
    exchange(left, right)
    before, text = size(left, note), left.plain_text(note)
    left.maintain()
    assert size(left, note) < before * 0.6
    assert left.plain_text(note) == text
    # What others wrote without knowing comes in beside what is deleted, and what was undone comes back.
    right.insert_text(note, "text", 5, "from the right ")
    left.undo()
    left.change_text(note, "text", [Retain(3, {"bold": True})])
    agree(pair, note)
    left.maintain()
    right.maintain()
    left.undo()
    left.undo()
    right.undo()
    agree(pair, note)


def test_what_was_written_beside_deleted_text_by_somebody_away_comes_in(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Draft"}, text="word " * 2_000)
    exchange(left, right)
    right.insert_text(note, "text", 5_000, "inside")
    right.delete_text(note, "text", 4_000, 1_003)
    left.delete_text(note, "text", 3_000, 6_000)
    left.maintain()
    assert size(left, note) < 6_000
    agree(pair, note)
    assert left.plain_text(note) == "word " * 600 + "ide" + "word " * 200
    left.maintain()
    agree(pair, note)


def test_a_change_that_is_set_aside_goes_from_a_short_state_too(pair: Pair) -> None:
    left, right = pair
    note = rewritten(left)
    left.insert_text(note, "text", 0, "never ")
    change = made_by(left)[-1]
    left.insert_text(note, "text", 3, "said ")
    exchange(left, right)
    left.maintain()
    for project in pair:
        with project.writing():
            project.applier.set_aside(change, Touched(), eid=1)
    assert left.plain_text(note).startswith("said ")
    assert picture(left) == picture(right)
    left.maintain()
    right.maintain()
    left.insert_text(note, "text", 0, "now ")
    agree(pair, note)


@pytest.mark.parametrize("deletion", [False, True])
def test_a_state_in_which_something_waits_stays_whole(pair: Pair, deletion: bool) -> None:
    left, right = pair
    note = rewritten(left)
    exchange(left, right)
    before = len(made_by(right))
    right.insert_text(note, "text", 0, "first ")
    if deletion:
        right.delete_text(note, "text", 0, 4)
    else:
        right.insert_text(note, "text", 6, "second ")
    first, second = made_by(right)[before:]
    give([second], left)
    long = size(left, note)
    left.maintain()
    assert size(left, note) == long
    give([first], left)
    assert left.plain_text(note) == right.plain_text(note)
    left.maintain()
    assert size(left, note) < long
    agree(pair, note)


def test_what_is_written_while_a_text_is_read_is_not_lost(pair: Pair) -> None:
    left, _ = pair
    note = rewritten(left)
    stale = left.texts_store.stale(10)
    left.insert_text(note, "text", 0, "Late. ")
    with left.writing():
        assert left.texts_store.fill(stale, Touched()) == 0
    assert left.plain_text(note).startswith("Late. ")
    left.maintain()
    assert left.plain_text(note).startswith("Late. ")
