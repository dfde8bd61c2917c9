from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import COMMENT, DEVICE, ISSUE, PERSON, STATUS
from app.store.project import Project
from app.workspace.inbox import done, read_inbox, read_work, snooze, tell_again
from tests.app.store.replicas import SetClock, exchange, replica


class Two:
    """Ada here, Bo elsewhere."""

    def __init__(self, directory: Path) -> None:
        self.here, self.there = replica(directory, 1), replica(directory, 2)
        self.ada, _ = self.here.create(PERSON, {"name": "Ada", "member": b"a" * 32})
        self.bo, _ = self.here.create(PERSON, {"name": "Bo", "member": b"b" * 32})
        for project, member in ((self.here, b"a" * 32), (self.there, b"b" * 32)):
            self.here.create(DEVICE, {"name": "machine", "member": member}, record=project.device[:16])
        self.open, _ = self.here.create(STATUS, {"name": "open", "meaning": "open"})
        self.closed, _ = self.here.create(STATUS, {"name": "done", "meaning": "done"})
        exchange(self.here, self.there)

    def context(self) -> Context:
        return Context(ProjectDirectory(self.here, self.ada), date(2027, 1, 31), UTC)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.here.close()
    made.there.close()


def clock(project: Project) -> SetClock:
    assert isinstance(project.clock, SetClock)
    return project.clock


def test_what_others_do_to_mine_is_told_with_their_names(two: Two) -> None:
    issue, _ = two.there.create(ISSUE, {"title": "Crack", "assignees": (two.ada,), "status": two.open})
    two.there.create(ISSUE, {"title": "Not hers", "assignees": (two.bo,)})
    two.here.create(ISSUE, {"title": "Her own doing", "assignees": (two.ada,)})
    exchange(two.here, two.there)
    (line,) = read_inbox(two.here, two.ada)
    assert (line.record, line.title, line.who, line.meaning) == (issue, "Crack", "Bo", "open")
    assert line.reasons == {"assigned"}
    assert line.new
    assert read_inbox(two.here, None) == []


def test_a_comment_and_a_mention_are_told(two: Two) -> None:
    issue, _ = two.here.create(ISSUE, {"title": "Crack", "watchers": (two.ada,)})
    exchange(two.here, two.there)
    two.there.create(COMMENT, {"parent": issue}, text="Look")
    two.there.add(issue, "mentions", two.ada)
    exchange(two.here, two.there)
    (line,) = read_inbox(two.here, two.ada)
    assert (line.record, line.comments) == (issue, 1)
    assert line.since == {"mentioned"}
    assert line.reasons == {"mentioned", "watching"}


def test_done_and_later(two: Two) -> None:
    issue, _ = two.there.create(ISSUE, {"title": "Crack", "watchers": (two.ada,)})
    exchange(two.here, two.there)
    lines = read_inbox(two.here, two.ada)
    done(two.here, lines)
    assert read_inbox(two.here, two.ada) == []
    tell_again(two.here, lines)
    assert read_inbox(two.here, two.ada) == lines
    until = clock(two.here).ms + 3_600_000
    snooze(two.here, lines, until)
    assert read_inbox(two.here, two.ada) == []
    clock(two.here).ms = until + 1
    assert [line.record for line in read_inbox(two.here, two.ada)] == [issue]
    done(two.here, lines)
    two.there.set(issue, "title", "Crack, wider")
    exchange(two.here, two.there)
    assert [line.fields for line in read_inbox(two.here, two.ada)] == [("title",)]


def test_work_is_what_is_open_and_mine_by_date(two: Two) -> None:
    for title, fields in (
        ("Without a date", {}),
        ("Later", {"due": "2027-03-01"}),
        ("Overdue", {"due": "2027-01-01", "priority": "high"}),
        ("Closed", {"status": two.closed}),
        ("Put away", {"archived": True}),
        ("Template", {"template": True}),
    ):
        two.here.create(ISSUE, {"title": title, "assignees": (two.ada,), "status": two.open, **fields})
    two.here.create(ISSUE, {"title": "Not hers", "assignees": (two.bo,)})
    tasks = read_work(two.here, two.context())
    assert [task.title for task in tasks] == ["Overdue", "Later", "Without a date"]
    assert (tasks[0].due, tasks[0].priority) == (date(2027, 1, 1), "high")
    assert read_work(two.here, Context(ProjectDirectory(two.here), date(2027, 1, 31), UTC)) == []
