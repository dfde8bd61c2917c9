"""Queries over a real project file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.domain.directory import Context, ProjectDirectory
from app.domain.fields import load_fields
from app.domain.references import find_status
from app.domain.values import parse as parse_value
from app.domain.values import to_json
from app.query.evaluate import search
from app.query.frames import Frames
from app.query.source import ProjectSource
from app.store.project import Project
from tests.app.domain.sample import TODAY
from tests.app.store.replicas import replica


@dataclass
class _Site:
    project: Project
    issues: list[bytes] = field(default_factory=list)

    @property
    def source(self) -> ProjectSource:
        return ProjectSource(self.project)

    @property
    def context(self) -> Context:
        return Context(ProjectDirectory(self.project), TODAY, currency="GBP")

    def add(self, title: str, text: str = "", **typed: str) -> bytes:
        fields = load_fields("issue", self.project)
        values: dict[str, object] = {"title": title}
        for name, value in typed.items():
            values[name] = parse_value(fields.resolve(name), value, self.context)
        self.issues.append(self.project.create("issue", values, text=text or None)[0])
        return self.issues[-1]

    def found(self, text: str) -> list[int]:
        records = search(text, load_fields("issue", self.project), self.source, self.context)
        return [self.issues.index(each) for each in records]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[_Site]:
    project = replica(tmp_path, 1, alone=True)
    if not project.records("status"):
        for place, name in enumerate(("open", "done")):
            project.create("status", {"name": name, "meaning": name, "order": f"a{place}"})
    person, _ = project.create("person", {"name": "Ann Lee"})
    site = _Site(project)
    site.add("Crack", "behind the boiler", due="2026-11-01", cost="£600", status="open")
    site.add("Wet wall", status="done")
    project.add(site.issues[0], "assignees", person)
    project.create("comment", {"parent": site.issues[1]}, text="Looks dry to me")
    yield site
    project.close()


def test_a_project_file_answers_queries(site: _Site) -> None:
    assert site.found("") == [1, 0]
    assert site.found("boiler") == [0]
    assert site.found('status:open cost>500 due<today assignee:"ann lee"') == [0]
    assert site.found("is:overdue") == [0]
    assert site.found("has:comment") == [1]
    assert site.found("has:attachment") == []
    assert site.found("is:unsynced sort:title") == [0, 1]
    assert site.found("is:attention") == []
    assert site.found("has:conflict") == []
    assert site.found("created:any changed:any -created:none sort:created") == [0, 1]
    assert site.found("created>2000-01-01") == [1, 0]


def test_columns_that_are_held_elsewhere_are_used(site: _Site) -> None:
    class Held:
        def column(self, kind: str, field: str) -> dict[bytes, object]:
            return {site.issues[1]: "From memory"} if field == "title" else {}

    fields = load_fields("issue", site.project)
    source = ProjectSource(site.project, Held())
    assert search('title:"from memory"', fields, source, site.context) == [site.issues[1]]


def test_stored_values_are_shown_by_name(site: _Site) -> None:
    fields = load_fields("issue", site.project)
    columns = {
        name: site.project.column("issue", name)[site.issues[0]] for name in ("status", "assignees", "cost")
    }
    shown = {name: to_json(fields.resolve(name), value, site.context) for name, value in columns.items()}
    assert shown == {"status": "open", "assignees": ["Ann Lee"], "cost": "GBP 600.00"}
    assert find_status("DONE", site.context.directory).rank > 0


def test_columns_are_read_when_everything_lies_in_the_trash(site: _Site) -> None:
    for issue in site.issues:
        site.project.delete(issue)
    frames = Frames(site.project, lambda: site.context)
    assert not frames.column("issue", "title")
    site.project.restore(site.issues[0])
    frames = Frames(site.project, lambda: site.context)
    assert dict(frames.column("issue", "title")) == {site.issues[0]: "Crack"}
