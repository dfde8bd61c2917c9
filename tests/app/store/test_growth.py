"""What is asked after every change costs no more in a project in which much was written."""

from __future__ import annotations

from pathlib import Path

from app.domain.schema import ISSUE, LABEL
from app.store.project import Project
from app.store.slices import in_slices
from app.store.touched import Touched
from tests.app.store.replicas import replica


def steps_of(project: Project, sql: str) -> str:
    """How SQLite answers something."""
    return " ".join(str(row[3]) for row in project.db.all(f"EXPLAIN QUERY PLAN {sql}"))


def with_labels(project: Project, count: int) -> list[bytes]:
    labels = [project.create(LABEL, {"name": name})[0] for name in ("fire", "safety")]
    return [project.create(ISSUE, {"title": "Crack", "labels": labels})[0] for _ in range(count)]


def test_one_field_is_looked_up_among_all_with_several_values(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    with_labels(project, 3)
    assert "contested_field" in steps_of(project, "SELECT rid FROM contested WHERE fid = 1")
    assert len(project._contested_fields()) == 0
    record = project.create(ISSUE, {"title": "Crack"})[0]
    assert project.conflicts_of(record) == []


def test_pending_records_come_in_pages(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    with_labels(project, 7)
    pages = list(project.each_pending(3))
    assert {len(page) for page in pages[:-1]} == {3}
    assert {record for page in pages for record in page} == project.pending_records()
    assert len(project.pending_records()) >= 9
    waiting = project.db.one("SELECT count(DISTINCT cid) FROM local_pending")
    assert waiting is not None
    assert project.status().waiting == waiting[0]


def test_a_slice_ends_when_the_window_wants_to_write(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    done: list[int] = []

    def unit(_touched: Touched) -> int:
        done.append(1)
        if len(done) == 2:
            project.lock._urgent = 1
        return 1

    slices = in_slices(project, iter([unit] * 5), 5, 60.0)
    assert next(slices).done == 2
    project.lock._urgent = 0
    assert next(slices).done == 5
