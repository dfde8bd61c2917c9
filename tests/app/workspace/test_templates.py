"""Templates and the fields in them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.richtext.delta import Insert
from app.workspace.templates import (
    Moment,
    filled,
    filled_document,
    find_template,
    make_from,
    plan_from,
    templates,
)
from sync.errors import NotFound
from tests.app.store.replicas import replica

MOMENT = Moment(datetime(2026, 3, 8, 14, 5, tzinfo=UTC), "Harbour Tower", "Priya Kaur")


def test_fields_are_filled_in_and_unknown_ones_stay() -> None:
    values = MOMENT.values("Pour")
    assert filled("{{date}} {{ Time }} {{person}}, {{project}}: {{title}}", values) == (
        "2026-03-08 14:05 Priya Kaur, Harbour Tower: Pour"
    )
    assert filled("{{weather}} {date} {{}} {{date", values) == "{{weather}} {date} {{}} {{date"


def test_what_is_filled_in_looks_like_its_field() -> None:
    document = [
        Insert("Visit on "),
        Insert("{{da", {"bold": True}),
        Insert("te}}"),
        Insert({"divider": True}),
        Insert("by {{person}}"),
        Insert("\n", {"header": 1}),
    ]
    assert filled_document(document, MOMENT.values()) == [
        Insert("Visit on "),
        Insert("2026-03-08", {"bold": True}),
        Insert({"divider": True}),
        Insert("by Priya Kaur"),
        Insert("\n", {"header": 1}),
    ]
    nobody = Moment(MOMENT.now, "Harbour Tower").values()
    assert filled_document([Insert("{{person}}!\n")], nobody) == [Insert("!\n")]


def test_a_note_is_made_from_a_template(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    above, _ = project.create("note", {"title": "Visits"})
    template, _ = project.create(
        "note",
        {"title": "Visit {{date}}", "template": True, "pinned": True, "parent": above, "tags": ["visit"]},
        text=[Insert("{{title}}", {"bold": True}), Insert("\n")],
    )
    made, _ = make_from(project, template, MOMENT)
    note = project.get(made)
    assert note is not None
    assert (note.value("title"), note.value("parent"), note.values("tags")) == (
        "Visit 2026-03-08",
        above,
        ("visit",),
    )
    assert note.value("template") is None
    assert note.value("pinned") is None
    assert project.text_document(made) == [Insert("Visit 2026-03-08", {"bold": True}), Insert("\n")]
    project.undo()
    assert project.get(made).deleted  # type: ignore[union-attr]


def test_an_issue_is_made_from_a_template(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    template, _ = project.create(
        "issue",
        {"title": "Fire door", "template": True, "priority": "high", "due": "2026-01-01"},
        text="By {{person}}",
    )
    bulk = project.bulk()
    made = plan_from(project, bulk, template, MOMENT, {"title": "Fire door, stair 3"})
    bulk.commit()
    issue = project.get(made)
    assert issue is not None
    assert (issue.value("title"), issue.value("priority"), issue.value("due")) == (
        "Fire door, stair 3",
        "high",
        None,
    )
    assert issue.value("template") is None
    assert project.plain_text(made) == "By Priya Kaur"


def test_templates_are_found_by_name(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    with pytest.raises(NotFound, match="no templates yet"):
        find_template(project, "note", "Visit")
    visit, _ = project.create("note", {"title": "Visit", "template": True})
    minutes, _ = project.create("note", {"title": "minutes", "template": True})
    project.create("note", {"title": "Diary"})
    assert templates(project, "note") == [(minutes, "minutes"), (visit, "Visit")]
    assert find_template(project, "note", " VISIT ") == visit
    with pytest.raises(NotFound, match=r"no template “Diary”; there are “minutes”, “Visit”\."):
        find_template(project, "note", "Diary")
