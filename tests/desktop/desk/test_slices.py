"""Many edits at once are written in slices, which the window follows now and then, not one by one."""

from __future__ import annotations

import pytest

from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched


def test_slices_are_followed_together_and_undone_as_one(
    page: ProjectPage, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = page.workspace
    monkeypatch.setattr("app.desktop.workspace._SLICE_SECONDS", 0.0)
    issues = project.records(ISSUE)[:40]
    before = {record: project.column(ISSUE, "title")[record] for record in issues}
    heard: list[Touched] = []
    workspace.touched.connect(heard.append)
    assert workspace.edit({record: [Edit("title", "Crack")] for record in issues})
    workspace.finish_steps()
    titles = workspace.columns.column(ISSUE, "title")
    assert {titles[record] for record in issues} == {"Crack"}
    assert len(heard) <= 2
    assert workspace.pending >= {*issues}
    workspace.undo()
    workspace.finish_steps()
    assert {record: titles[record] for record in issues} == before
