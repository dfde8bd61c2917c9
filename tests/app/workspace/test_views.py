from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.domain.schema import VIEW
from app.store.project import Project
from app.workspace.views import (
    SavedView,
    ViewSpec,
    find_view,
    free_name,
    new_view,
    read_column,
    read_views,
    reorder,
    seen_by,
    spec_edits,
)
from sync.errors import SitebookError
from tests.app.store.replicas import replica

ANN, BOB = b"a" * 16, b"b" * 16


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return replica(tmp_path, 1, alone=True)


def save(project: Project, name: str, spec: ViewSpec, owner: bytes | None = None) -> bytes:
    return project.create(VIEW, new_view(read_views(project), name, spec, owner))[0]


def names(project: Project) -> list[str]:
    return [view.name for view in read_views(project)]


def test_a_view_reads_back_as_it_was_saved(project: Project) -> None:
    spec = ViewSpec(
        "issue",
        "status:open sort:-due group:location",
        "board",
        ("title", "cost=92"),
        1,
        "priority",
        "due",
        True,
    )
    save(project, "Fire safety", spec, ANN)
    (view,) = read_views(project)
    assert (view.name, view.spec, view.owner) == ("Fire safety", spec, ANN)
    save(project, "All", ViewSpec())
    assert read_views(project)[1].spec == ViewSpec()
    assert names(project) == ["Fire safety", "All"]


def test_only_what_differs_is_written(project: Project) -> None:
    before = ViewSpec(query="a", columns=("title",), frozen=2)
    record = save(project, "A", before)
    after = ViewSpec(query="a", layout="calendar", date="f.00")
    edits = spec_edits(before, after)
    assert {edit.field for edit in edits} == {"layout", "date", "columns", "frozen"}
    project.update(record, edits)
    assert read_views(project)[0].spec == after
    assert spec_edits(after, after) == []


def test_views_move_with_one_write(project: Project) -> None:
    ids = {name: save(project, name, ViewSpec()) for name in "ABCD"}
    for moved, before, expected in (("D", "A", "DABC"), ("D", None, "ABCD"), ("A", "D", "BCAD")):
        writes = reorder(read_views(project), ids[moved], ids[before] if before else None)
        assert set(writes) == {ids[moved]}
        for record, order in writes.items():
            project.set(record, "order", order)
        assert "".join(names(project)) == expected


def test_a_private_view_of_another_is_not_shown(project: Project) -> None:
    save(project, "Mine", ViewSpec(), ANN)
    save(project, "His", ViewSpec(), BOB)
    save(project, "Ours", ViewSpec())
    views = read_views(project)
    assert [view.name for view in seen_by(views, ANN)] == ["Mine", "Ours"]
    assert [view.name for view in seen_by(views, None)] == ["Ours"]


def test_a_view_is_found_by_name_whatever_the_case(project: Project) -> None:
    save(project, "Overdue", ViewSpec())
    views = read_views(project)
    assert find_view(views, " overDUE").name == "Overdue"
    with pytest.raises(SitebookError, match=r"There is no view “Overdo”\. Did you mean “Overdue”"):
        find_view(views, "Overdo")
    save(project, "Overdue", ViewSpec(), ANN)
    assert find_view(read_views(project), "Overdue").owner == ANN
    save(project, "Overdue", ViewSpec())
    with pytest.raises(SitebookError, match="rename"):
        find_view(seen_by(read_views(project), None), "Overdue")
    assert free_name(read_views(project), "Overdue") == "Overdue 2"


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("title", ("title", None)),
        ("cost=92", ("cost", 92)),
        ("f.00=", ("f.00=", None)),
        ("a=b", ("a=b", None)),
        ("a=9999", ("a", 4000)),
        ("a=²", ("a=²", None)),
    ],
)
def test_columns_and_their_widths(stored: str, read: tuple[str, int | None]) -> None:
    assert read_column(stored) == read


class Written:
    """A view that some other program wrote."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        return {ANN: self._values[field]} if field in self._values else {}


@pytest.mark.parametrize(
    "values",
    [
        {"name": 5, "query": b"", "layout": "gantt", "columns": 3, "frozen": "x", "order": 1},
        {"name": "", "columns": ["title", 5], "frozen": -1, "kind": "ship"},
        {"frozen": 10**9, "board": 5, "date": []},
    ],
)
def test_what_makes_no_sense_shows_as_the_usual(values: Mapping[str, object]) -> None:
    (view,) = read_views(Written(values))
    assert isinstance(view, SavedView)
    assert view.spec == ViewSpec(columns=("title",) if "columns" in values and values["columns"] != 3 else ())


def test_an_owner_that_makes_no_sense_is_still_not_everybody() -> None:
    (view,) = read_views(Written({"name": "A", "owner": "x"}))
    assert seen_by([view], ANN) == []
