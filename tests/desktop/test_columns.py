from __future__ import annotations

import pytest

from app.desktop.columns import ProjectColumns
from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.touched import Touched


def same(columns: ProjectColumns, project: Project) -> None:
    for field in ("title", "labels", "due"):
        assert columns.column(ISSUE, field) == project.column(ISSUE, field), field
    assert columns.ids(ISSUE) == project.records(ISSUE)


@pytest.fixture
def columns(project: Project) -> ProjectColumns:
    made = ProjectColumns(project)
    same(made, project)
    return made


def test_a_written_value_is_followed(columns: ProjectColumns, project: Project) -> None:
    first = project.records(ISSUE)[0]
    assert columns.apply(project.set(first, "title", "Something else"))
    assert columns.column(ISSUE, "title")[first] == "Something else"
    assert columns.apply(project.set(first, "title", None))
    same(columns, project)


def test_members_of_a_set_are_followed(columns: ProjectColumns, project: Project) -> None:
    first = project.records(ISSUE)[0]
    label = project.records("label")[0]
    assert columns.apply(project.set(first, "labels", [label]))
    assert columns.column(ISSUE, "labels")[first] == (label,)
    assert columns.apply(project.set(first, "labels", None))
    assert first not in columns.column(ISSUE, "labels")


def test_records_that_come_go_and_come_back_are_followed(columns: ProjectColumns, project: Project) -> None:
    record, touched = project.create(ISSUE, {"title": "New here", "due": "2026-04-01"})
    assert columns.apply(touched)
    assert columns.ids(ISSUE)[0] == record
    assert columns.column(ISSUE, "due")[record] == "2026-04-01"
    columns.apply(project.delete(record))
    assert record not in columns.column(ISSUE, "due")
    same(columns, project)
    columns.apply(project.restore(record))
    same(columns, project)


def test_many_changes_are_read_again_in_steps(columns: ProjectColumns, project: Project) -> None:
    titles = columns.column(ISSUE, "title")
    touched = Touched()
    record = b""
    issues = project.records(ISSUE)
    for index in range(80):
        touched.merge(project.set(issues[index % 40], "title", f"Title {index}"))
        record, made = project.create(ISSUE, {"title": f"More {index}"})
        touched.merge(made)
    assert not columns.apply(touched)
    assert "Title 79" not in titles.values()
    steps = list(columns.stale_steps())
    assert steps
    assert columns.column(ISSUE, "title") is titles
    same(columns, project)
    assert record in titles
