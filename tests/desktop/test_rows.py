from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from app.desktop.filtering import QueryFilter
from app.desktop.lists.cells import Column, DateCell, PeopleCell, StatusCell, SyncCell, TitleCell, arrange
from app.desktop.lists.issue_rows import IssueRows
from app.desktop.lists.listing import Found, Listing
from app.desktop.lists.rows import NoteRows, PersonRows, amount_text, cost_text, money, parse_day
from app.desktop.lists.special import ConflictRows, TrashRows
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, LABEL, NOTE, PERSON, STATUS, custom_field_name
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def workspace(look: Look, project: Project) -> Workspace:
    return Workspace(project, ProjectInfo(project.id, "Harbour Tower"), stage.stage_now)


def test_an_issue_is_told_whole(workspace: Workspace, project: Project) -> None:
    record = project.records(ISSUE)[5]
    labels, people = project.records(LABEL), project.records(PERSON)
    done = next(each for each, name in project.column(STATUS, "name").items() if name == "in review")
    workspace.written(project.set(record, "title", " Crack in slab "))
    workspace.written(project.set(record, "labels", labels[:3]))
    workspace.written(project.set(record, "assignees", people[:1]))
    workspace.written(project.set(record, "due", "2026-03-06"))
    workspace.written(project.set(record, "status", done))
    workspace.written(project.set(record, "cost", ["4200", "GBP"]))
    row = IssueRows(workspace).build(record)
    by_type = {type(cell): cell for cell in row.cells}
    title = by_type[TitleCell]
    assert isinstance(title, TitleCell)
    assert (title.text, len(title.chips), title.more) == ("Crack in slab", 2, 1)
    assert by_type[DateCell] == DateCell("Fri 6 Mar", overdue=True, hint="Fri 6 Mar, overdue 2 days")
    assert by_type[StatusCell] == StatusCell("review", "in review")
    assert by_type[SyncCell] == SyncCell("pending", "Only on this device")
    assert isinstance(by_type[PeopleCell], PeopleCell)
    for part in (
        "Issue 35",
        "Crack in slab",
        "in review",
        "overdue 2 days",
        "£ 4,200",
        "Only on this device",
    ):
        assert part in row.spoken


def test_what_is_done_is_never_overdue(workspace: Workspace, project: Project) -> None:
    record = project.records(ISSUE)[0]
    done = next(each for each, name in project.column(STATUS, "name").items() if name == "done")
    workspace.written(project.set(record, "due", "2026-03-01"))
    workspace.written(project.set(record, "status", done))
    dates = [cell for cell in IssueRows(workspace).build(record).cells if isinstance(cell, DateCell)]
    assert dates == [DateCell("Sun 1 Mar", hint="due Sun 1 Mar")]


def test_an_issue_without_anything_still_has_a_row(workspace: Workspace) -> None:
    record = workspace.create_issue()
    assert record is not None
    row = IssueRows(workspace).build(record)
    assert "Untitled" in row.spoken


def test_every_row_of_the_other_lists_speaks(workspace: Workspace, project: Project) -> None:
    stage.disagree(project, project.records(ISSUE)[:1])
    workspace.written(project.delete(project.records(NOTE)[0]))
    for maker in (PersonRows(workspace), NoteRows(workspace), ConflictRows(workspace), TrashRows(workspace)):
        keys = maker.keys()
        assert keys
        for key in keys:
            row = maker.build(key)
            assert row.spoken
            assert len(row.cells) == len(maker.columns)
    assert (
        "Two people changed this" in ConflictRows(workspace).build(ConflictRows(workspace).keys()[0]).spoken
    )


@pytest.mark.parametrize("key", ["number", "title", "status", "location", "assignees", "due", "cost"])
def test_sorting_there_and_back(workspace: Workspace, key: str) -> None:
    maker = IssueRows(workspace)
    listing = Listing(maker, None)
    own = listing.keys()
    listing.toggle_sort(key)
    up = listing.keys()
    values = maker.sort_values(key)
    valued = [values[each] for each in up if each in values]
    assert valued == sorted(valued)
    assert all(each not in values for each in up[len(valued) :])
    listing.toggle_sort(key)
    turned = listing.keys()
    down = [values[each] for each in turned if each in values]
    assert down == sorted(valued, reverse=True)
    listing.toggle_sort(key)
    assert listing.keys() == own
    assert sorted(up) == sorted(own)


def test_the_filter_speaks_the_language_of_queries(workspace: Workspace) -> None:
    listing = Listing(IssueRows(workspace), QueryFilter(workspace))
    every = listing.keys()
    listing.text = "status:open crack"
    some = listing.keys()
    assert 0 < len(some) < len(every)
    assert [mark.is_error for mark in listing.marks] == [False]
    listing.text = "status:open crack sort:-number"
    assert listing.keys() == some
    listing.text = "stauts:open crack"
    more = listing.keys()
    assert len(more) > len(some)
    wrong = [mark for mark in listing.marks if mark.is_error]
    assert [listing.text[mark.start : mark.end] for mark in wrong] == ["stauts:open"]
    assert "status" in wrong[0].message


def test_what_is_open_stays_in_the_list(workspace: Workspace) -> None:
    listing = Listing(IssueRows(workspace), lambda text, kind, every: Found(()))
    record = listing.keys()[3]
    listing.text = "nothing"
    assert listing.keys() == []
    listing.sticky = record
    assert listing.keys() == [record]


def test_totals_follow_what_is_written(workspace: Workspace, project: Project) -> None:
    maker = IssueRows(workspace)
    records = project.records(ISSUE)[:2]
    for record in records:
        workspace.written(project.set(record, "cost", ["10.50", "GBP"]))
    assert maker.totals(records) == "£ 21"
    workspace.written(project.set(records[0], "cost", ["1", "EUR"]))
    maker.forget({records[0]})
    assert maker.totals(records) == "€ 1 · £ 10.50"


def test_values_of_a_newer_version_are_left_blank() -> None:
    assert parse_day("next week") is None
    assert parse_day(7) is None
    assert money("4200") == (None, "")
    assert money(["lots", "GBP"]) == (None, "")
    assert money(["NaN", "GBP"])[0] is None
    assert cost_text({"amount": 1}) == ""


@pytest.mark.usefixtures("look")
def test_money_is_said_with_its_currency() -> None:
    assert amount_text(Decimal(4200), "GBP") == "£ 4,200"
    assert amount_text(Decimal("12.5"), "EUR") == "€ 12.50"
    assert amount_text(Decimal(3), "CHF") == "CHF 3"


@pytest.mark.parametrize("width", [0, 200, 400, 640, 900, 1400, 4000])
@pytest.mark.parametrize("scale", [1.0, 16 / 13])
def test_columns_never_overlap_and_stay_inside(workspace: Workspace, width: int, scale: float) -> None:
    columns: tuple[Column, ...] = IssueRows(workspace).columns
    places = arrange(columns, width, scale, 12, 12)
    for before, after in pairwise(places):
        assert before.left + before.width <= after.left
    if width >= 400:
        last = places[-1]
        assert last.left + last.width <= width


def test_fields_of_the_projects_own_have_columns_once_they_are_used(
    workspace: Workspace, project: Project
) -> None:
    maker = IssueRows(workspace)
    assert not maker.choose_columns()
    record = project.records(ISSUE)[0]
    fields = {}
    for name, kind in (("Trade", "text"), ("Inspected", "date"), ("Area", "number"), ("Spot", "coordinates")):
        definition, touched = project.create("field", {"name": name, "type": kind, "of": ISSUE})
        workspace.written(touched)
        fields[name] = custom_field_name(definition)
    assert not maker.choose_columns()
    for name, value in (("Trade", "Concrete"), ("Inspected", "2026-03-06"), ("Area", 12.5), ("Spot", [1, 2])):
        workspace.written(project.set(record, fields[name], value))
    assert maker.choose_columns()
    titles = {each.title for each in maker.columns}
    assert {"Trade", "Inspected", "Area"} <= titles
    assert "Spot" not in titles
    row = maker.build(record)
    assert len(row.cells) == len(maker.columns)
    assert "Trade: Concrete" in row.spoken
    assert "Inspected: Fri 6 Mar" in row.spoken
    assert list(maker.sort_values(fields["Area"])) == [record]


def test_columns_in_which_nothing_stands_leave_their_room(look: Look, tmp_path: Path) -> None:
    project = stage.new_project(tmp_path / "bare.sitebook")
    workspace = Workspace(project, ProjectInfo(project.id, "Bare"), stage.stage_now)
    maker = IssueRows(workspace)
    assert {"location", "due"} <= {each.key for each in maker.columns}
    workspace.create(ISSUE, {"title": "Alone"})
    assert maker.choose_columns()
    assert [each.key for each in maker.columns] == ["status", "number", "title", "sync"]
    workspace.create(ISSUE, {"title": "With a date", "due": "2026-04-01"})
    assert maker.choose_columns()
    assert "due" in {each.key for each in maker.columns}
    project.close()
