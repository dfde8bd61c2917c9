"""An answer stays current: rows, groups, sums and cells, whoever changed what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from app.desktop.desk.answer import LiveAnswer
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import FIELD, ISSUE, PERSON, STATUS
from app.store.project import Project
from tests.desktop import stage


@pytest.fixture
def workspace(look: Look, project: Project) -> Workspace:
    return Workspace(project, ProjectInfo(project.id, "Harbour Tower"), stage.stage_now)


def asked(workspace: Workspace, query: str, *, eager: bool = True, paths: tuple[str, ...] = ()) -> LiveAnswer:
    live = LiveAnswer(workspace, ISSUE, eager=eager)
    live.ask(query, paths=paths, sums=("cost",))
    workspace.finish_steps()
    return live


def test_it_is_there_when_its_columns_are_read(workspace: Workspace) -> None:
    live = LiveAnswer(workspace, ISSUE)
    told: list[bool] = []
    live.changed.connect(told.append)
    live.ask("status:open sort:-cost", paths=("title", "cost"))
    assert live.answer is None
    assert live.count == 0
    workspace.finish_steps()
    assert live.count > 0
    assert told[0] is True
    assert len(live.records()) == live.count


def test_an_eager_answer_follows_within_the_call(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "status:open")
    record = live.records()[0]
    done = next(each for each, name in project.column(STATUS, "name").items() if name == "done")
    told: list[bool] = []
    live.changed.connect(told.append)
    workspace.apply_touched(project.set(record, "status", done))
    assert record not in live.records()
    assert told == [True]


def test_the_others_follow_in_steps_and_once_for_many(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "", eager=False)
    told: list[bool] = []
    live.changed.connect(told.append)
    for title in ("One", "Two", "Three"):
        workspace.apply_touched(project.create(ISSUE, {"title": title})[1])
    assert live.count == 40
    workspace.finish_steps()
    assert live.count == 43
    assert told == [True]


def test_a_change_that_moves_nothing_says_so(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "sort:number", paths=("title",))
    structure: list[bool] = []
    cells: list[Mapping[str, object]] = []
    live.changed.connect(structure.append)
    live.cells_changed.connect(cells.append)
    record = live.records()[3]
    workspace.apply_touched(project.set(record, "title", "Another"))
    assert structure == [False]
    row = live.frame.row(record)
    assert [int(each) for each in cells[0]["title"]] == [row]  # type: ignore[attr-defined]


def test_a_related_value_changes_in_every_row_that_shows_it(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "", paths=("assignees.phone",))
    person = project.records(PERSON)[0]
    heard: list[Mapping[str, object]] = []
    live.cells_changed.connect(heard.append)
    workspace.apply_touched(project.set(person, "phone", "+44 1"))
    assert len(heard) == 1
    rows = heard[0]["assignees.phone"]
    assigned = [each for each, who in project.column(ISSUE, "assignees").items() if person in who]
    assert {live.frame.record(int(row)) for row in rows} == set(assigned)  # type: ignore[attr-defined]


def test_sums_follow(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "group:status")
    assert live.answer is not None
    record = live.records()[0]
    workspace.apply_touched(project.set(record, "cost", ["1000000", "GBP"]))
    amounts = live.answer.sums["cost"]
    assert isinstance(amounts, tuple)
    assert float(amounts[0][0]) > 1_000_000


def test_a_query_about_what_waits_follows_a_push(workspace: Workspace, project: Project) -> None:
    live = asked(workspace, "is:unsynced")
    workspace.apply_touched(project.set(project.records(ISSUE)[30], "title", "Here"))
    assert project.records(ISSUE)[30] in live.records()
    stage.settle_sync(project)
    workspace.sync_marks_changed()
    workspace.finish_steps()
    assert live.count == 0


def test_words_in_the_texts_are_found_a_moment_later(workspace: Workspace) -> None:
    live = LiveAnswer(workspace, ISSUE, eager=True)
    live.ask("north face")
    workspace.finish_steps()
    assert live.count == 40


def test_another_question_ends_the_first(workspace: Workspace) -> None:
    live = LiveAnswer(workspace, ISSUE)
    live.ask("status:open", paths=("title",))
    live.ask("#5", paths=("title",))
    workspace.finish_steps()
    assert live.count == 1


def test_another_day_is_another_answer(workspace: Workspace) -> None:
    live = asked(workspace, "due:today")
    told: list[bool] = []
    live.changed.connect(told.append)
    workspace.day_changed.emit()
    workspace.finish_steps()
    assert told == [False]


def test_at_midnight_formulas_that_ask_for_the_day_are_others(look: Look, project: Project) -> None:
    days = [timedelta(0)]
    workspace = Workspace(
        project, ProjectInfo(project.id, "Harbour Tower"), lambda: stage.stage_now() + days[0]
    )
    values = {"name": "Late", "type": "formula", "formula": "today()", "target": ISSUE}
    workspace.create(FIELD, values)
    live = asked(workspace, "sort:Late", paths=("Late",))
    moved: list[str] = []
    workspace.moved.connect(lambda _: moved.append(live.frame.text("Late", 0)))
    days[0] = timedelta(days=1)
    workspace.look_at_clock()
    workspace.finish_steps()
    assert moved == [str((stage.stage_now() + days[0]).date())]
