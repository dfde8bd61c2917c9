"""Records and texts kept in memory: never stale, whoever wrote, and bounded in bytes."""

from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path

import pytest

from app.domain.schema import COMMENT, FIELD, ISSUE, NOTE
from app.store.cache import Cache, Journal
from app.store.project import Project
from app.store.touched import Touched
from tests.app.store.replicas import exchange, replica


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return replica(tmp_path, 1, alone=True)


def title(project: Project, record: bytes) -> object:
    found = project.get(record)
    assert found is not None
    return found.value("title")


def test_what_is_asked_for_twice_is_read_once(project: Project) -> None:
    issue, _ = project.create(ISSUE, {"title": "A"}, text="words")
    assert project.get(issue) is project.get(issue)
    assert project.plain_text(issue) is project.plain_text(issue)
    assert project.text_state(issue) is project.text_state(issue)
    other, _ = project.create(ISSUE, {"title": "B"})
    kept = project.get(issue)
    project.set(other, "title", "C")
    project.maintain()
    assert project.get(issue) is kept
    project.set(issue, "title", "D")
    assert title(project, issue) == "D"


def test_nothing_stale_after_any_write_here(project: Project) -> None:
    issue, _ = project.create(ISSUE, {"title": "A"}, text="words")
    comment, _ = project.create(COMMENT, {"parent": issue}, text="seen")

    def state() -> tuple[object, ...]:
        found, below = project.get(issue), project.get(comment)
        assert found is not None
        assert below is not None
        return found.value("title"), found.deleted, below.deleted, project.plain_text(issue)

    assert state() == ("A", False, False, "words")
    project.insert_text(issue, "text", 0, "more ")
    assert state() == ("A", False, False, "more words")
    project.delete(issue)
    assert state() == ("A", True, True, "more words")
    project.undo()
    assert state() == ("A", False, False, "more words")
    project.draft_value(issue, "title", "B", project.field(issue, "title").seen)
    project.finish_drafts()
    assert state()[0] == "B"
    before = project.text_state(issue)
    project.draft_text(issue, "text", 7, project.text_state(issue) or b"")
    assert project.text_state(issue) != before or project.open_drafts()
    field, _ = project.create(FIELD, {"name": "Trades", "type": "text", "of": ISSUE})
    name = f"f.{field.hex()}"
    project.set(issue, name, "x")
    assert not project.get(issue).fields[name].many  # type: ignore[union-attr]
    project.set(field, "type", "choices")
    assert project.get(issue).fields[name].many  # type: ignore[union-attr]


def test_nothing_stale_after_another_thread_or_device_wrote(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create(ISSUE, {"title": "A"})
    assert title(left, issue) == "A"

    def write() -> None:
        second = left.second()
        second.set(issue, "title", "B")
        second.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert title(left, issue) == "B"
    exchange(left, right)
    assert title(right, issue) == "B"
    right.set(issue, "title", "C")
    exchange(left, right)
    assert title(left, issue) == "C"
    foreign = Project.open(left.path, left._key, device=left.device, clock=left.clock, random=left.random)
    foreign.set(issue, "title", "D")
    foreign.close()
    assert title(left, issue) == "D"


def test_what_was_rolled_back_is_not_kept(project: Project) -> None:
    issue, _ = project.create(ISSUE, {"title": "A"})

    def fail() -> None:
        with project.writing():
            project.append(project.creation(NOTE, bytes(16), {"title": "N"}, ""), Touched())
            assert project.get(bytes(16)) is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert project.get(bytes(16)) is None
    assert title(project, issue) == "A"


def test_the_bound_holds_and_the_oldest_go_first() -> None:
    cache = Cache(Journal(), 1_000)
    for at in range(20):
        cache.put((bytes([at]), "x"), at, 100)
        cache.get((b"\0", "x"))
    assert cache.size <= 1_000
    assert cache.get((b"\0", "x")) == 0
    assert cache.get((b"\1", "x")) is None
    cache.put((b"big", "x"), 1, 900)
    assert cache.get((b"big", "x")) is None


def test_many_commits_unread_drop_everything() -> None:
    journal = Journal()
    cache = Cache(journal, 1_000)
    cache.put((b"a", "x"), 1, 1)
    for _ in range(300):
        journal.note([b"b"])
    cache.refresh(0)
    assert len(cache) == 0


def test_the_sizes_are_about_right(project: Project) -> None:
    bulk = project.bulk()
    made = [
        bulk.create(ISSUE, {"title": "x" * 80, "priority": "high", "due": "2026-01-01"}) for _ in range(300)
    ]
    bulk.commit()
    project.get(made[0])
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for record in made[1:]:
        project.get(record)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert 0.5 < project.cache.size / used < 2.0
