from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from app.desktop.filtering import QueryFilter
from app.desktop.item.desk import Desk
from app.desktop.lists.cells import Column, arrange
from app.desktop.lists.listing import Found, Listing
from app.desktop.lists.rows import amount_text, cost_text, money, parse_day
from app.desktop.lists.special import ArchiveRows, ConflictRows, TrashRows
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, NOTE
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def workspace(look: Look, project: Project) -> Workspace:
    for issue in project.records(ISSUE)[:20]:
        project.set(issue, "archived", True)
    return Workspace(project, ProjectInfo(project.id, "Harbour Tower"), stage.stage_now)


def test_every_row_of_the_other_lists_speaks(look: Look, workspace: Workspace, project: Project) -> None:
    desk = Desk(look, project, columns=workspace.columns, authors=stage.Names(), now=stage.stage_now)
    stage.disagree(project, project.records(ISSUE)[:1])
    workspace.written(project.delete(project.records(NOTE)[0]))
    makers = (ArchiveRows(workspace), ConflictRows(workspace, desk), TrashRows(workspace, stage.Names()))
    workspace.read_trash()
    workspace.finish_steps()
    for maker in makers:
        keys = maker.keys()
        assert keys
        for key in keys:
            row = maker.build(key)
            assert row.spoken
            assert len(row.cells) == len(maker.columns)
    conflicts = ConflictRows(workspace, desk)
    assert "Two people changed this" in conflicts.build(conflicts.keys()[0]).spoken


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
    columns: tuple[Column, ...] = ArchiveRows(workspace).columns
    places = arrange(columns, width, scale, 12, 12)
    for before, after in pairwise(places):
        assert before.left + before.width <= after.left
    if width >= 400:
        last = places[-1]
        assert last.left + last.width <= width


def test_sorting_there_and_back(workspace: Workspace) -> None:
    maker = ArchiveRows(workspace)
    listing = Listing(maker, None)
    own = listing.keys()
    listing.toggle_sort("title")
    up = listing.keys()
    values = maker.sort_values("title")
    valued = [values[each] for each in up if each in values]
    assert valued == sorted(valued)
    listing.toggle_sort("title")
    turned = listing.keys()
    down = [values[each] for each in turned if each in values]
    assert down == sorted(valued, reverse=True)
    listing.toggle_sort("title")
    assert listing.keys() == own


def test_the_filter_speaks_the_language_of_queries(workspace: Workspace) -> None:
    listing = Listing(ArchiveRows(workspace), QueryFilter(workspace))
    every = listing.keys()
    listing.text = "title:door"
    some = listing.keys()
    assert 0 < len(some) < len(every)
    assert [mark.is_error for mark in listing.marks] == [False]
    listing.text = "ttle:door"
    assert listing.keys() == every
    wrong = [mark for mark in listing.marks if mark.is_error]
    assert [listing.text[mark.start : mark.end] for mark in wrong] == ["ttle:door"]


def test_what_is_open_stays_in_the_list(workspace: Workspace) -> None:
    listing = Listing(ArchiveRows(workspace), lambda text, kind, every: Found(()))
    record = listing.keys()[1]
    listing.text = "nothing"
    assert listing.keys() == []
    listing.sticky = record
    assert listing.keys() == [record]
