from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

import pytest

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import ISSUE, NOTE, PERSON
from app.query.archive import outside_archive
from app.query.parser import parse
from app.query.sqlite import search
from tests.app.store.replicas import replica


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", "-is:archived -is:template"),
        ("crack due<+7d", "-is:archived -is:template (crack due<+7d)"),
        ("a or b sort:due", "-is:archived -is:template (a or b) sort:due"),
        ("is:archived", "-is:template is:archived"),
        ("-is:archived crack", "-is:template (-is:archived crack)"),
        ("is:open,Archived", "-is:template is:open,Archived"),
        ("archived:yes or crack", "-is:template (archived:yes or crack)"),
        ("is:template", "-is:archived is:template"),
        ("template:yes is:archived", "template:yes is:archived"),
    ],
)
def test_the_archive_is_left_out_unless_it_is_asked_for(asked: str, answered: str) -> None:
    assert outside_archive(parse(asked), ISSUE).to_text() == answered


def test_notes_have_templates_and_no_archive_and_people_have_neither() -> None:
    assert outside_archive(parse("crack"), NOTE).to_text() == "-is:template crack"
    query = parse("crack")
    assert outside_archive(query, PERSON) is query


def test_templates_are_not_among_what_is_found(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    context = Context(ProjectDirectory(project, None), date(2026, 3, 8), UTC, "GBP")
    issue, _ = project.create(ISSUE, {"title": "Door template", "template": True})
    note, _ = project.create(NOTE, {"title": "Visit", "template": True})
    for kind, record in ((ISSUE, issue), (NOTE, note)):
        found = search("", project, kind, context, archive=False)
        assert record not in found
        assert search("is:template", project, kind, context, archive=False) == [record]
