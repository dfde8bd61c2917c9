from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from tests.app.cli.conftest import Cli


def test_notes(cli: Cli) -> None:
    above = cli.ok("note", "add", "Meeting", "--text", "All came.").last
    below = cli.ok("note", "add", "Minutes", "--parent", above[:18], "--set", "tags=weekly,site").last
    shown = cli.json("note", "show", below)
    assert (shown["title"], shown["text"]) == ("Minutes", "")
    assert sorted(shown["fields"]["tags"]) == ["site", "weekly"]
    assert [each["title"] for each in cli.json("note", "list")] == ["Minutes", "Meeting"]
    assert "Meeting" in cli.ok("note", "list", "came").out
    cli.ok("note", "set", above, "pinned=yes", "title=Site meeting")
    assert cli.json("note", "show", above)["fields"]["pinned"] is True
    cli.ok("note", "delete", above)
    assert cli.json("note", "list") == []
    cli.ok("note", "restore", above)
    assert len(cli.json("note", "list")) == 2
    assert cli.fails("note", "show", "1") == (
        "There is no note “1” in this project; "
        "give its id, the first characters of it, or a title that only one note has."
    )


def test_people_by_name_or_id(cli: Cli) -> None:
    made = cli.ok("person", "add", "Zoë Young", "--set", "email=zoe@example.com").last
    cli.ok("person", "set", "zoe young", "company=Acme", "phone=+44 20 7946 0958", "home_base=Depot")
    shown = cli.json("person", "show", made)
    assert shown["name"] == "Zoë Young"
    assert shown["fields"]["company"] == "Acme"
    assert "member" not in shown["fields"]
    assert [each["name"] for each in cli.json("person", "list")] == ["Ann Archer", "Zoë Young"]
    assert "There is no person “Zo”" in cli.fails("person", "set", "Zo", "company=X")
    assert "is not a mail address" in cli.fails("person", "set", made, "email=zoe")
    cli.ok("person", "delete", "Zoë Young")
    cli.ok("person", "restore", made)
    assert "mail" not in cli.ok("person", "list", "--sort", "-name").out.splitlines()[2]


def test_fields_of_ones_own(cli: Cli) -> None:
    cli.ok("field", "add", "Room height", "--type", "number", "--unit", "m")
    cli.ok("field", "add", "Trade", "--type", "choice", "--choices", 'Paint,"Wood, raw"')
    cli.ok("field", "add", "Budget", "--type", "money", "--currency", "usd", "--of", "note")
    found = cli.json("field", "list")
    assert [(each["name"], each["type"], each["of"]) for each in found] == [
        ("Room height", "number", "issue"),
        ("Trade", "choice", "issue"),
        ("Budget", "money", "note"),
    ]
    assert found[1]["choices"] == ["Paint", "Wood, raw"]
    assert "Room height" in cli.ok("field", "list").out
    cli.ok("issue", "add", "One", "--set", "room_height=2.4 m", "--set", "trade=wood, raw")
    fields = cli.json("issue", "show", "1")["fields"]
    assert (fields["Room height"], fields["Trade"]) == (2.4, "Wood, raw")
    assert "already" in cli.fails("field", "add", "room height", "--type", "text")
    assert "already" in cli.fails("field", "add", "Status", "--type", "text")
    assert "There is no field type “colour”" in cli.fails("field", "add", "X", "--type", "colour")
    assert "There is no trade “Glass”" in cli.fails("issue", "set", "1", "trade=Glass").replace(
        "Trade", "trade"
    )
    cli.fails("field", "add", "Y", "--type", "text", "--choices", "a", code=2)
    assert "“=”" in cli.fails("field", "add", "a=b", "--type", "text")
    assert "There is no kind" in cli.fails("field", "add", "Z", "--type", "text", "--of", "view")


def test_locations_make_their_levels(cli: Cli) -> None:
    core = cli.ok("location", "add", "Level 2/Core B").last
    assert cli.ok("location", "add", "level 2 / core b").last == core
    cli.ok("location", "add", "Level 10")
    paths = [each["path"] for each in cli.json("location", "list")]
    assert paths == ["Level 2", "Level 2/Core B", "Level 10"]
    assert "Core B" in cli.ok("location", "list").out
    assert "slashes between" in cli.fails("location", "add", "A//B")
    assert "slashes between" in cli.fails("location", "add", " / ")


def test_labels_and_statuses(cli: Cli) -> None:
    cli.ok("label", "add", "Paint", "--color", "red")
    assert cli.json("label", "list")[0]["color"] == "red"
    assert "already" in cli.fails("label", "add", "paint")
    assert [each["meaning"] for each in cli.json("status", "list")] == [
        "open", "progress", "review", "done", "void",
    ]  # fmt: skip
    assert "in review" in cli.ok("status", "list").out
    assert "No locations." in cli.ok("location", "list").out


def test_texts_count_code_points(cli: Cli) -> None:
    cli.ok("issue", "add", "One", "--text", "a🏗b")
    cli.ok("text", "1", "--insert", "2", "é-", "--delete", "0", "1", "--insert", "0", "-x")
    assert cli.ok("text", "1", "--format", "plain").out == "-x🏗é-b"
    assert cli.ok("text", "1").out == "-x🏗é-b\n"
    assert cli.json("text", "1")["text"] == "-x🏗é-b"
    assert cli.ok("text", "1", "--delete", "0", "2").out == ""
    assert cli.ok("text", "1", "--insert", "4", "!", "--format", "plain").out == "🏗é-b!"


@pytest.mark.parametrize(
    "steps",
    [
        ["--insert", "6", "x"],
        ["--insert", "-1", "x"],
        ["--delete", "0", "6"],
        ["--delete", "0", "-1"],
        ["--insert", "0", "fine", "--delete", "9", "1"],
        ["--insert", "0", "\udcff"],
    ],
)
def test_steps_beyond_the_text_change_nothing(cli: Cli, steps: list[str]) -> None:
    cli.ok("issue", "add", "One", "--text", "hello")
    cli.fails("text", "1", *steps)
    assert cli.ok("text", "1", "--format", "plain").out == "hello"


def test_comments(cli: Cli) -> None:
    cli.ok("issue", "add", "One")
    made = cli.ok("comment", "add", "1", "Looks wet").last
    cli.ok("comment", "add", "1", "- still wet")
    found = cli.json("comment", "list", "1")
    assert [(each["text"], each["by"]) for each in found] == [
        ("Looks wet", "Ann Archer"),
        ("- still wet", "Ann Archer"),
    ]
    assert found[0]["id"] == made
    assert "Ann Archer: Looks wet" in cli.ok("issue", "show", "1").out
    cli.ok("text", made, "--insert", "0", "It ")
    assert cli.json("comment", "list", "1")[0]["text"] == "It Looks wet"
    assert cli.fails("comment", "add", "1", " ") == "Give the comment a text."
    assert "No comments." in cli.ok("comment", "list", cli.ok("note", "add", "N").last).out


def test_files_are_attached_all_or_none_and_come_back(cli: Cli, tmp_path: Path) -> None:
    cli.ok("issue", "add", "One")
    plan, photo = tmp_path / "plan.pdf", tmp_path / "photo.bin"
    plan.write_bytes(b"%PDF" + bytes(70_000))
    photo.write_bytes(b"x" * 1_500)
    assert "There is no file" in cli.fails("attach", "1", str(plan), str(tmp_path / "missing.jpg"))
    assert cli.json("attachment", "list", "1") == []
    assert not list((cli.profile / "projects").glob("*.files/chunks/*/*"))
    ids = cli.ok("attach", "1", str(plan), str(photo)).out.split()
    assert len(ids) == 2
    listed = cli.json("attachment", "list", "1")
    assert [(each["name"], each["size"], each["where"]) for each in listed] == [
        ("plan.pdf", 70_004, "only on this device"),
        ("photo.bin", 1_500, "only on this device"),
    ]
    assert "plan.pdf, 70.0 kB, only on this device" in cli.ok("issue", "show", "1").out
    assert "1.5 kB" in cli.ok("attachment", "list", "1").out
    cli.ok("attachment", "save", ids[0], str(tmp_path / "back.pdf"))
    assert (tmp_path / "back.pdf").read_bytes() == plan.read_bytes()
    assert "already" in cli.fails("attachment", "save", ids[0], str(plan))
    assert "is a folder" in cli.fails("attach", "1", str(tmp_path))
    cli.ok("issue", "delete", "1")
    assert "is deleted" in cli.fails("attach", "1", str(plan))


def test_a_text_goes_out_and_in_as_a_yjs_update(cli: Cli, tmp_path: Path) -> None:
    cli.ok("note", "add", "Diary", "--text", "one two")
    note = cli.json("note", "list")[0]["id"]
    out, back = tmp_path / "out.yjs", tmp_path / "back.yjs"
    cli.ok("text", note, "--export-yjs", str(out))
    assert "already" in cli.fails("text", note, "--export-yjs", str(out))
    document: Doc[Any] = Doc(client_id=9)
    text = document.get("content", type=Text)
    document.apply_update(out.read_bytes())
    text.format(4, 7, {"bold": True})
    text.insert(7, " & three", {})
    back.write_bytes(document.get_update())
    cli.ok("text", note, "--insert", "0", "At last ")
    assert (
        cli.ok("text", note, "--apply-yjs", str(back), "--format", "plain").out == "At last one two & three"
    )
    assert cli.ok("text", note, "--format", "markdown").out == "At last one **two** & three\n"
    assert "<strong>two</strong>" in cli.ok("text", note, "--format", "html").out
    delta = json.loads(cli.ok("text", note, "--format", "delta").out)
    assert delta["ops"][1] == {"insert": "two", "attributes": {"bold": True}}
    back.write_bytes(b"\xff" * 9)
    assert "left as it is" in cli.fails("text", note, "--apply-yjs", str(back))
    assert cli.ok("text", note, "--format", "plain").out == "At last one two & three"


def test_comments_in_markdown_are_edited_settled_and_link_back(cli: Cli) -> None:
    cli.ok("issue", "add", "Fire door")
    cli.ok("note", "add", "Walk", "--text", "The fire door is shut.")
    made = cli.ok("comment", "add", "1", "See **[[Walk]]**", "--format", "markdown").last
    assert cli.json("comment", "list", "1")[0]["text"] == "See Walk"
    note = cli.json("note", "list")[0]["id"]
    (link,) = cli.json("links", note)
    assert (link["id"], link["kind"], link["title"], link["sentence"]) == (
        made,
        "comment",
        "Fire door",
        "See Walk",
    )
    (link,) = cli.json("links", "1", "--unlinked")
    assert (link["id"], link["sentence"]) == (note, "The fire door is shut.")
    assert "Nothing points to it." in cli.ok("links", "1").out
    cli.ok("comment", "edit", made, "See *all* of it", "--format", "markdown")
    assert cli.ok("text", made, "--format", "markdown").out == "See *all* of it\n"
    cli.ok("comment", "resolve", made)
    assert cli.json("comment", "list", "1")[0]["resolved"] is True
    cli.ok("comment", "reopen", made)
    assert cli.json("comment", "list", "1")[0]["resolved"] is False
