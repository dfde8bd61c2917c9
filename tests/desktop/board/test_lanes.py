from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.desktop.board.lanes import Filer, Lanes
from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import ISSUE, KINDS, PERSON, STATUS, Field, FieldType
from app.query.column import Column
from app.query.paths import Path as ColumnPath
from app.store.operations import Edit
from app.store.project import Project
from tests.desktop import stage

FIELDS = KINDS[ISSUE].fields


def context(project: Project) -> Context:
    return Context(ProjectDirectory(project), stage.NOW.date())


def titles(lanes: Lanes) -> list[str]:
    return [lane.title for lane in lanes.lanes]


def test_statuses_have_lanes_in_their_order_also_without_cards(project: Project) -> None:
    lanes = Lanes(FIELDS["status"], context(project), [])
    assert titles(lanes) == ["Open", "In progress", "In review", "Done", "Void", "No status"]
    assert [lane.meaning for lane in lanes.lanes][:3] == ["open", "progress", "review"]


def test_a_choice_that_says_none_needs_no_second_lane_for_nothing(project: Project) -> None:
    lanes = Lanes(FIELDS["priority"], context(project), ["high", "someone else's"])
    assert titles(lanes) == ["Urgent", "High", "Medium", "Low", "No priority", "someone else's"]
    assert lanes.places(None) == lanes.places("none")
    assert lanes.first(lanes.places("high")[0]) == {"priority": "high"}


def test_open_choices_have_the_lanes_that_are_used_in_natural_order(project: Project) -> None:
    lanes = Lanes(FIELDS["phase"], context(project), ["Phase 10", "Phase 2", None])
    assert titles(lanes) == ["Phase 2", "Phase 10", "No phase"]


def test_people_have_a_lane_each_and_nobody_comes_first(project: Project) -> None:
    people = project.column(PERSON, "name")
    used = [tuple(sorted(people)[:2]), (sorted(people)[2], b"gone" * 4), ()]
    lanes = Lanes(FIELDS["assignees"], context(project), used)
    assert titles(lanes)[0] == "No assignees"
    assert len(lanes.lanes) == 4
    assert len(lanes.places(used[0])) == 2
    assert len(lanes.places(used[1])) == 1
    assert lanes.places((b"gone" * 4,)) == (0,)
    assert lanes.first(1) == {"assignees": [lanes.lanes[1].value]}
    assert lanes.first(0) == {}


def test_moving_takes_the_one_away_and_adds_the_other(project: Project) -> None:
    ann, bob, cleo = sorted(project.column(PERSON, "name"))[:3]
    lanes = Lanes(FIELDS["assignees"], context(project), [(ann, bob, cleo)])
    place = {lane.value: at for at, lane in enumerate(lanes.lanes)}
    assert lanes.edits((ann, bob), place[ann], place[cleo]) == [
        Edit("assignees", ann, "remove"),
        Edit("assignees", cleo, "add"),
    ]
    assert lanes.edits((ann, bob), place[ann], place[bob]) == [Edit("assignees", ann, "remove")]
    assert lanes.edits((), place[None], place[bob]) == [Edit("assignees", bob, "add")]
    assert lanes.edits((ann, bob), place[ann], place[None]) == [
        Edit("assignees", ann, "remove"),
        Edit("assignees", bob, "remove"),
    ]
    assert lanes.edits((ann,), place[ann], place[ann]) == []


def test_a_checkbox_has_two_lanes(project: Project) -> None:
    lanes = Lanes(FIELDS["starred"], context(project), [True, None])
    assert titles(lanes) == ["Not starred", "Starred"]
    assert lanes.places(None) == (0,)
    assert lanes.edits(None, 0, 1) == [Edit("starred", True)]
    assert lanes.edits(True, 1, 0) == [Edit("starred", None)]
    assert lanes.first(1) == {"starred": True}


@pytest.mark.parametrize("wild", [5, [1, 2], {"a": 1}, ("x", 7), 2.5])
def test_values_of_a_wrong_shape_stand_somewhere(project: Project, wild: object) -> None:
    lanes = Lanes(FIELDS["status"], context(project), [wild])
    assert titles(lanes)[-1] == "No status"
    assert lanes.places(wild) == (len(lanes.lanes) - 1,)


def test_filing_keeps_the_order_and_counts_every_member(project: Project) -> None:
    field = Field("tags", FieldType.CHOICES, "Tags", many=True, open_choices=True)
    column = Column(ColumnPath(ISSUE, "tags", "tags", field), 6)
    for row, value in enumerate([("a",), ("a", "b"), None, ("b",), ("c", "a"), ("zz",)]):
        column.set(row, value)
    lanes = Lanes(field, context(project), column.values[:5])
    assert titles(lanes) == ["a", "b", "c", "No tags"]
    filer = Filer(lanes)
    filing = filer.file(np.array([5, 4, 3, 1, 0, 2], np.int32), column)
    assert [filing.lane(place).tolist() for place in range(4)] == [[4, 1, 0], [3, 1], [4], [5, 2]]
    assert [filing.count(place) for place in range(4)] == [3, 2, 1, 2]
    column.set(2, ("c",))
    assert filer.file(np.array([2], np.int32), column).lane(2).tolist() == [2]
    single = replace(field, many=False, type=FieldType.CHOICE)
    assert Lanes(single, context(project), ["a"]).places("a") == (0,)


def test_a_status_that_another_device_renamed_keeps_its_lane(project: Project) -> None:
    first = next(iter(project.column(STATUS, "name")))
    project.set(first, "name", "to do")
    lanes = Lanes(FIELDS["status"], context(project), [first])
    assert "To do" in titles(lanes)
