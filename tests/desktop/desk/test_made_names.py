"""Issues without a title stand in the table under the names that the templates of their categories make."""

from __future__ import annotations

from app.desktop.project_page import ProjectPage
from app.domain.schema import CATEGORY, ISSUE
from app.query.made_names import MadeNames
from app.store.project import Project
from tests.desktop.page_stage import spoken


def test_names_follow_template_and_fields(page: ProjectPage, project: Project) -> None:
    workspace = page.workspace
    names = MadeNames(workspace.columns)
    issue, touched = project.create(ISSUE, {"number": 77, "category": "Fire"})
    workspace.written(touched)
    assert names.needs(ISSUE) == []
    assert "Untitled" in spoken(page, 0)
    definition, touched = project.create(CATEGORY, {"name": "fire", "template": "{phase} - {number}"})
    workspace.written(touched)
    workspace.finish_steps()
    assert names.needs(ISSUE) == ["category", "phase", "number"]
    row = workspace.columns.frame(ISSUE).row(issue)
    assert row is not None
    assert names.name(ISSUE, row) == "77"
    workspace.written(project.set(issue, "phase", "Handover"))
    assert "Handover - 77" in spoken(page, 0)
    workspace.written(project.set(definition, "template", "No. {number}"))
    workspace.finish_steps()
    assert "No. 77" in spoken(page, 0)
    workspace.written(project.set(issue, "title", "Crack"))
    assert "Crack" in spoken(page, 0)
