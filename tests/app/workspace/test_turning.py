"""Notes that become issues, issues that become notes, and lines that become issues."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.richtext.delta import Insert, plain_text
from app.richtext.formats import attached_image, reference
from app.store.attachments import Attachments
from app.store.project import Project
from app.workspace.turning import became, issue_to_note, lines_to_issues, note_to_issue, turn, unticked
from sync.errors import Refused
from tests.app.store.replicas import replica

BOLD = {"bold": True}
TODO = {"list": "unchecked"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return replica(tmp_path, 1)


def test_a_note_becomes_an_issue_with_text_files_and_tags(project: Project, tmp_path: Path) -> None:
    fire, _ = project.create("label", {"name": "Fire"})
    linked, _ = project.create("issue", {"title": "Other"})
    note, _ = project.create("note", {"title": "Door", "tags": ["fire", "stair"], "references": [linked]})
    files = Attachments(project, tmp_path / "files")
    file, _ = files.add_bytes(note, "door.txt", b"a door")
    text = [
        Insert("Does not close", BOLD),
        Insert(reference(linked)),
        Insert(attached_image(file)),
        Insert("\n", {"header": 1}),
    ]
    project.replace_text(note, "text", text)
    issue, touched = note_to_issue(project, note)
    assert issue in touched.created
    made = project.get(issue, "issue")
    assert made is not None
    assert made.value("title") == "Door"
    assert made.values("references") == (note, linked)
    names = project.column("label", "name")
    assert [names[each] for each in made.values("labels")] == ["Fire", "stair"]
    assert made.values("labels")[0] == fire
    (copy,) = project.children(issue, "attachment")
    with files.file(copy).open() as opened:
        assert opened.read() == b"a door"
    assert project.text_document(issue) == [*text[:2], Insert(attached_image(copy)), text[3]]
    # The old one is as it was, and says where it went.
    assert project.text_document(note) == text
    assert project.children(note, "attachment") == [file]
    assert became(project, note) == issue
    with pytest.raises(Refused, match="became an issue before"):
        note_to_issue(project, note)
    project.undo()
    assert became(project, note) is None
    assert project.get(issue).deleted  # type: ignore[union-attr]
    assert project.get(copy).deleted  # type: ignore[union-attr]
    assert set(project.column("label", "name").values()) == {"Fire"}


def test_an_issue_becomes_a_note_and_refers_to_it(project: Project) -> None:
    fire, _ = project.create("label", {"name": "fire"})
    issue, _ = project.create(
        "issue", {"title": "Door", "labels": [fire]}, text=[Insert("x", BOLD), Insert("\n")]
    )
    note, _ = turn(project, issue)
    made = project.get(note, "note")
    assert made is not None
    assert (made.value("title"), made.values("tags"), made.values("references")) == (
        "Door",
        ("fire",),
        (issue,),
    )
    assert project.text_document(note) == [Insert("x", BOLD), Insert("\n")]
    assert project.get(issue).values("references") == (note,)  # type: ignore[union-attr]
    project.undo()
    assert project.get(issue).values("references") == ()  # type: ignore[union-attr]
    assert project.get(note).deleted  # type: ignore[union-attr]


def test_only_what_is_there_and_of_the_kind_is_turned(project: Project) -> None:
    note, _ = project.create("note", {"title": "Door"})
    with pytest.raises(Refused, match="no issue"):
        issue_to_note(project, note)
    project.delete(note)
    with pytest.raises(Refused, match="deleted"):
        note_to_issue(project, note)


def lines(project: Project) -> bytes:
    other, _ = project.create("issue", {"title": "Sealing"})
    note, _ = project.create(
        "note",
        {"title": "Meeting"},
        text=[
            Insert("Minutes\nOrder "),
            Insert("doors", BOLD),
            Insert("\n", TODO),
            Insert("Paid", {}),
            Insert("\n", {"list": "checked"}),
            Insert("Ask about "),
            Insert(reference(other)),
            Insert("\n", {**TODO, "indent": 1}),
            Insert(reference(other)),
            Insert("\n", TODO),
            Insert("\n", TODO),
        ],
    )
    return note


def test_unticked_lines_become_issues_and_links_to_them(project: Project) -> None:
    note = lines(project)
    before = project.text_document(note)
    issues, _ = lines_to_issues(project, note)
    titles = project.column("issue", "title")
    assert [titles[each] for each in issues] == ["Order doors", "Ask about Sealing"]
    assert all(project.get(each).values("references") == (note,) for each in issues)  # type: ignore[union-attr]
    after = project.text_document(note)
    assert after[0] == Insert("Minutes\n")
    assert after[1:3] == [Insert(reference(issues[0])), Insert("\n", TODO)]
    assert Insert(reference(issues[1])) in after
    assert plain_text(after, "*") == "Minutes\n*\nPaid\n*\n*\n\n"
    with pytest.raises(Refused, match="no unticked line"):
        lines_to_issues(project, note)
    project.undo()
    assert project.text_document(note) == before
    assert set(project.column("issue", "title").values()) == {"Sealing"}


def test_only_the_selected_lines_become_issues(project: Project) -> None:
    note = lines(project)
    document = project.text_document(note)
    first, second = unticked(project, document)
    assert [first.title, second.title] == ["Order doors", "Ask about Sealing"]
    assert unticked(project, document, (second.start, second.start)) == [second]
    assert unticked(project, document, (0, first.start)) == []
    assert unticked(project, document, (first.start + 2, second.start + 1)) == [first, second]
    issues, _ = lines_to_issues(project, note, (first.start, first.start + 3))
    assert len(issues) == 1
