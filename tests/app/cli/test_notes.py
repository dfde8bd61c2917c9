"""``sitebook note``: the tree, days, templates, and notes that become issues."""

from __future__ import annotations

from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from tests.app.cli.conftest import Cli


def tree(cli: Cli) -> list[str]:
    return [f"{'.' * each['depth']}{each['title']}" for each in cli.json("note", "tree")]


def test_the_tree_is_shown_and_notes_move_in_it(cli: Cli) -> None:
    first = cli.ok("note", "add", "First").last
    second = cli.ok("note", "add", "Second").last
    third = cli.ok("note", "add", "Third", "--parent", second).last
    assert tree(cli) == ["Second", ".Third", "First"]
    cli.ok("note", "move", first, "--below", second)
    assert tree(cli) == ["Second", ".Third", ".First"]
    assert cli.ok("note", "tree", third).out.splitlines()[1].startswith("Third")
    cli.ok("note", "move", first, "--before", third)
    assert tree(cli) == ["Second", ".First", ".Third"]
    cli.ok("note", "move", third, first, "--after", second)
    assert tree(cli) == ["Second", "Third", "First"]
    cli.ok("note", "move", second, "--top")
    assert tree(cli) == ["Third", "First", "Second"]
    assert "cannot stand below itself" in cli.fails("note", "move", first, "--below", first)
    assert "one of --below" in cli.fails("note", "move", first, code=2)
    cli.ok("note", "pin", first)
    shown = cli.ok("note", "tree").out
    assert "Pinned:" in shown
    assert shown.index("  First") < shown.index("Third")
    cli.ok("note", "pin", "--off", first)
    assert "Pinned:" not in cli.ok("note", "tree").out


def test_tags_come_and_go(cli: Cli) -> None:
    note = cli.ok("note", "add", "Diary").last
    assert cli.ok("note", "tag", note).last == "No tags."
    assert cli.ok("note", "tag", note, "site", "weekly").last == "site, weekly"
    assert cli.json("note", "tag", note, "-site")["tags"] == ["weekly"]
    assert [each["title"] for each in cli.json("note", "list", "tag:weekly")] == ["Diary"]


def test_a_day_has_one_note_made_from_its_template(cli: Cli) -> None:
    cli.ok("note", "add", "Daily note", "--text", "Site diary {{date}}", "--set", "template=yes")
    day = cli.json("note", "daily", "2026-03-08")
    assert day["made"] is True
    assert day["title"] == "2026-03-08"
    assert cli.json("note", "show", day["id"])["text"] == "Site diary 2026-03-08"
    assert cli.json("note", "daily", "2026-03-08") == {**day, "made": False}
    assert cli.ok("note", "daily").last != day["id"]
    assert "is not a date" in cli.fails("note", "daily", "someday")


def test_notes_and_issues_are_made_from_templates(cli: Cli) -> None:
    assert "no templates yet" in cli.fails("note", "from-template", "Visit")
    cli.ok("note", "add", "Visit", "--text", "{{title}} by {{person}}", "--set", "template=yes")
    made = cli.ok("note", "from-template", "visit", "Visit of March", "--set", "tags=visit").last
    shown = cli.json("note", "show", made)
    assert (shown["title"], shown["text"]) == ("Visit of March", "Visit of March by Ann Archer")
    assert shown["fields"]["tags"] == ["visit"]
    assert shown["fields"]["template"] is None
    cli.ok("issue", "add", "Door", "--set", "template=yes", "--set", "priority=high")
    issue = cli.ok("note", "from-template", "--issue", "door", "--set", "labels=fire").last
    shown = cli.json("issue", "show", issue)
    assert (shown["title"], shown["fields"]["priority"]) == ("Door", "high")


def test_a_note_becomes_an_issue_and_an_issue_a_note(cli: Cli) -> None:
    note = cli.ok("note", "add", "Door", "--text", "Does not close").last
    issue = cli.ok("note", "to-issue", note).last
    assert cli.json("issue", "show", issue)["text"] == "Does not close"
    assert "became an issue before" in cli.fails("note", "to-issue", note)
    back = cli.ok("issue", "to-note", issue).last
    assert cli.json("note", "show", back)["title"] == "Door"
    assert "no unticked line" in cli.fails("note", "to-issue", note, "--lines")


def test_texts_are_given_as_markdown_and_replaced_from_a_file(cli: Cli, tmp_path: Path) -> None:
    agenda = "# Agenda\n\n- [ ] Call the **glazier**\n"
    note = cli.ok("note", "add", "Meeting", "--text", agenda, "--format", "markdown").last
    assert cli.ok("text", note, "--format", "markdown").out == agenda
    assert cli.ok("note", "to-issue", note, "--lines").out.strip()
    file = tmp_path / "other.md"
    file.write_bytes(b"## Other\r\n- [x] done\r\n")
    cli.ok("text", note, "--set", str(file), "--format", "markdown")
    assert cli.ok("text", note, "--format", "markdown").out == "## Other\n- [x] done\n"
    issue = cli.ok("issue", "add", "Crack", "--text", "see *x*").last
    assert cli.ok("text", issue, "--format", "markdown").out == "see \\*x\\*\n"
    assert "do not count" in cli.fails(
        "note", "to-issue", cli.ok("note", "add", "N", "--text", "- [ ] a").last, "--lines"
    )
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in cli.fails("text", note, "--set", str(file))


def test_a_text_is_replaced_from_the_standard_input_by_the_smallest_edit(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def set_text(data: bytes, *more: str) -> None:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data), encoding="ascii"))
        cli.ok("text", note, "--set", "-", *more)

    note = cli.ok("note", "add", "Walk", "--text", "Slab dry", "--format", "plain").last
    state = tmp_path / "walk.yjs"
    cli.ok("text", note, "--export-yjs", str(state))
    other: Doc[Any] = Doc(client_id=9)
    other.apply_update(state.read_bytes())
    other.get("content", type=Text).insert(8, " now")
    set_text("Slab — dry".encode())
    state.write_bytes(other.get_update())
    assert cli.ok("text", note, "--apply-yjs", str(state), "--format", "plain").out == "Slab — dry now"
    set_text("*Slab* — dry".encode())
    assert cli.ok("text", note, "--format", "plain").out == "*Slab* — dry"
    set_text("*Slab* — dry".encode(), "--format", "markdown")
    assert cli.ok("text", note, "--format", "markdown").out == "*Slab* — dry\n"
    set_text(b"")
    assert cli.ok("text", note, "--format", "plain").out == ""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\xff"), encoding="ascii"))
    assert "standard input is not UTF-8" in cli.fails("text", note, "--set", "-")
    assert "leave out --insert" in cli.fails("text", note, "--set", "-", "--insert", "0", "a", code=2)
    assert "reads Markdown or plain" in cli.fails("text", note, "--set", "-", "--format", "delta", code=2)


def test_pictures_are_told_by_the_names_of_their_files(cli: Cli, tmp_path: Path) -> None:
    note = cli.ok("note", "add", "Walk").last
    photo, text = tmp_path / "east stair.jpg", tmp_path / "walk.md"
    photo.write_bytes(b"\xff\xd8 not much of a picture")
    attached = cli.ok("attach", note, str(photo)).last
    text.write_text("# Walk\n\n![](<east stair.jpg>)\n")
    cli.ok("text", note, "--set", str(text), "--format", "markdown")
    delta = cli.ok("text", note, "--format", "delta").json
    assert {"insert": {"image": f"attachment:{attached}"}} in delta["ops"]
    assert cli.ok("text", note, "--format", "markdown").out == text.read_text()
    assert '<img alt="east stair.jpg"' in cli.ok("text", note, "--format", "html").out
    comment = cli.ok("comment", "add", note, "![](<east stair.jpg>)", "--format", "markdown").last
    delta = cli.ok("text", comment, "--format", "delta").json
    assert delta["ops"][0] == {"insert": {"image": f"attachment:{attached}"}}
    cli.ok("comment", "edit", comment, text.read_text(), "--format", "markdown")
    assert cli.ok("text", comment, "--format", "markdown").out == text.read_text()


def test_notes_are_named_by_a_title_that_only_one_has(cli: Cli) -> None:
    meetings = cli.ok("note", "add", "Meetings").last
    first = cli.ok("note", "add", "Meeting 1").last
    cli.ok("note", "move", "meeting 1", "--below", "Meetings")
    assert tree(cli) == ["Meetings", ".Meeting 1"]
    assert cli.json("text", "Meeting 1")["id"] == first
    second = cli.ok("note", "add", "MEETING 1").last
    said = cli.fails("note", "pin", "Meeting 1")
    assert "may mean 2 of them" in said
    assert first in said
    assert second in said
    cli.ok("note", "delete", second)
    assert cli.json("note", "show", "Meeting 1")["id"] == first
    cli.ok("note", "delete", first)
    assert "`sitebook note restore` brings a note back" in cli.fails("note", "pin", meetings, "Meeting 1")
    assert "may mean 2 of them" in cli.fails("note", "restore", "Meeting 1")
    # What begins another one's id may mean either; a whole id means one only.
    like = cli.ok("note", "add", meetings[:18]).last
    assert "may mean 2 of them" in cli.fails("note", "show", meetings[:18])
    cli.ok("note", "set", like, f"title={meetings}")
    assert cli.json("note", "show", meetings)["id"] == meetings
    # The number of an issue is the issue's, whatever notes are called.
    issue = cli.ok("issue", "add", "Crack").last
    cli.ok("note", "set", like, "title=1")
    assert cli.json("text", "1")["id"] == issue
    assert cli.json("note", "show", "1")["id"] == like
    assert "There is no issue or note or comment “Meeting”" in cli.fails("text", "Meeting")
    assert "or a title that only one note has" in cli.fails("text", "Meeting")
