from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.closing import Action
from app.domain.directory import ProjectDirectory
from app.domain.schema import CATEGORY, COMMENT, ISSUE, PERSON, PHRASE, STATUS
from app.store.project import Project
from app.workspace.closing import Desk
from sync.errors import Refused, SitebookError
from sync.membership_actions import Role
from tests.app.store.replicas import replica


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = replica(tmp_path, 1, alone=True)
    found.furnish("Harbour")
    return found


def _desk(project: Project, me: bytes | None = None) -> Desk:
    return Desk(project, ProjectDirectory(project, me))


def _status(project: Project, issue: bytes) -> str:
    return _desk(project).directory.statuses[project.field(issue, "status").value].name


def test_an_issue_goes_through_its_steps_and_back(project: Project) -> None:
    me = project.create(PERSON, {"name": "Ann"})[0]
    issue = project.create(ISSUE, {"title": "Crack", "assignees": [me]})[0]
    desk = _desk(project, me)
    assert [step.title for step in desk.steps(issue)] == ["Resolve", "Close"]
    desk.take([issue], Action.RESOLVE)
    assert _status(project, issue) == "in review"
    with pytest.raises(SitebookError, match="Say why"):
        desk.take([issue], Action.SEND_BACK, reason="  ")
    desk.take([issue], Action.SEND_BACK, reason="Still wet")
    assert _status(project, issue) == "open"
    assert [project.plain_text(each) for each in project.children(issue, COMMENT)] == ["Still wet"]
    desk.take([issue], Action.CLOSE)
    assert project.field(issue, "completed").value is not None
    desk.take([issue], Action.REOPEN)
    assert project.field(issue, "completed").value is None


def test_many_are_sent_back_as_one_action_or_not_at_all(project: Project) -> None:
    issues = [project.create(ISSUE, {"title": "Crack"})[0] for _ in range(3)]
    desk = _desk(project)
    desk.take(issues[:2], Action.RESOLVE)
    with pytest.raises(SitebookError, match="open already"):
        desk.take(issues, Action.SEND_BACK, reason="No")
    desk.take(issues[:2], Action.SEND_BACK, reason="No")
    project.undo()
    assert [_status(project, each) for each in issues] == ["in review", "in review", "open"]
    assert not project.children(issues[0], COMMENT)


def test_an_issue_begins_and_ends_in_the_statuses_of_its_category(project: Project) -> None:
    paint = project.create(CATEGORY, {"name": "Paint"})[0]
    for name, meaning, order in (("to paint", "open", "0"), ("painted", "review", "1"), ("dry", "done", "2")):
        project.create(STATUS, {"name": name, "meaning": meaning, "order": order, "categories": [paint]})
    issue = project.create(ISSUE, {"title": "Door", "category": "paint"})[0]
    other = project.create(ISSUE, {"title": "Crack"})[0]
    assert (_status(project, issue), _status(project, other)) == ("to paint", "open")
    _desk(project).take([issue, other], Action.RESOLVE)
    assert (_status(project, issue), _status(project, other)) == ("painted", "in review")


def test_a_project_may_close_in_one_step(project: Project) -> None:
    project.set(project.record, "closing", "one step")
    issue = project.create(ISSUE, {"title": "Crack"})[0]
    desk = _desk(project)
    assert [step.title for step in desk.steps(issue)] == ["Close"]
    with pytest.raises(SitebookError, match="one step"):
        desk.take([issue], Action.RESOLVE)


def test_who_only_contributes_may_resolve_and_close_but_defines_nothing(project: Project) -> None:
    issue = project.create(ISSUE, {"title": "Crack"})[0]
    ann, bo = (project.create(PERSON, {"name": name})[0] for name in ("Ann", "Bo"))
    with project.writing():
        project.put_meta("role", str(Role.CONTRIBUTOR))
    desk = _desk(project)
    desk.take([issue], Action.RESOLVE)
    desk.take([issue], Action.SEND_BACK, reason="Still wet")
    desk.take([issue], Action.CLOSE)
    for refused in (
        lambda: project.create(CATEGORY, {"name": "Paint"}),
        lambda: project.create(PHRASE, {"text": "Paint is missing"}),
        lambda: project.set(project.record, "closing", "one step"),
        lambda: project.merge_records(PERSON, ann, bo),
    ):
        with pytest.raises(Refused):
            refused()
