"""What waits for the server is asked about what was touched, not about everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.desktop.marks import Marks
from app.domain.schema import ISSUE
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = stage.new_project(tmp_path / "tower.sitebook")
    stage.fill(made, 40)
    stage.settle_sync(made)
    yield made
    made.close()


def read(marks: Marks) -> int:
    return sum(1 for _ in marks.read_steps())


def test_one_change_asks_about_one_record(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Marks(project)
    read(marks)
    asked: list[Sequence[bytes]] = []
    among = project.pending_among

    def note(records: Sequence[bytes]) -> set[bytes]:
        asked.append(records)
        return among(records)

    monkeypatch.setattr(project, "pending_among", note)
    monkeypatch.delattr("app.store.troubles.Troubles.each_pending")
    record = project.records(ISSUE)[0]
    assert marks.touched(project.set(record, "title", "Crack").records)
    assert marks.pending == {record}
    assert asked == [[record]]
    stage.settle_sync(project)
    marks.touched([record])
    assert marks.pending == set()


def test_many_are_read_in_steps_and_what_is_touched_meanwhile_counts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desktop.marks._PAGE", 5)
    issues = project.records(ISSUE)
    for record in issues[:20]:
        project.set(record, "title", "Crack")
    marks = Marks(project)
    steps = marks.read_steps()
    next(steps)
    late = issues[-1]
    marks.touched(project.set(late, "title", "Late").records)
    gone = issues[0]
    with project.writing():
        rid = project.numbers.record(ISSUE, gone)[0]
        project.db.run("DELETE FROM local_pending WHERE rid = ?", (rid,))
    marks.touched([gone])
    assert sum(1 for _ in steps) >= 3
    assert marks.pending == project.pending_records() == {*issues[1:20], late}


def test_many_that_were_touched_are_asked_about_in_steps(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desktop.marks._ASKED", 3)
    marks = Marks(project)
    read(marks)
    issues = project.records(ISSUE)[:10]
    for record in issues:
        project.set(record, "title", "Crack")
    assert not marks.touched(issues)
    assert marks.pending == set()
    assert sum(1 for _ in marks.settle_steps()) == 4
    assert marks.pending == {*issues}
