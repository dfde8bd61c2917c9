from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cli

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_add_prints_the_id_alone_and_show_gives_the_shape(cli: Cli) -> None:
    made = cli.ok("issue", "add", "Leak in roof", "--text", "It drips.", "--set", "priority=High")
    assert ID.fullmatch(made.out.strip())
    shown = cli.json("issue", "show", made.last)
    assert list(shown) == ["id", "number", "title", "text", "fields", "sync", "conflicts"]
    assert (shown["id"], shown["number"], shown["title"]) == (made.last, 1, "Leak in roof")
    assert (shown["text"], shown["sync"], shown["conflicts"]) == ("It drips.", "pending", [])
    assert shown["fields"]["status"] == "open"
    assert shown["fields"]["priority"] == "high"
    assert shown["fields"]["assignees"] == []
    assert shown["fields"]["created"]["by"] == "Ann Archer"


def test_every_field_of_the_schema_is_there_by_its_name(cli: Cli) -> None:
    cli.ok("issue", "add", "One")
    fields = set(cli.json("issue", "show", "1")["fields"])
    names = (
        "status priority category type phase location assignees watchers labels mentions due cost starred"
        " completed archived template references at external_id created updated"
    )
    assert fields == set(names.split())


def test_json_makes_one_document_of_every_command(cli: Cli) -> None:
    made = cli.json("issue", "add", "One", "--set", "starred=yes")
    assert made["fields"]["starred"] is True
    assert cli.json("issue", "set", "#1", "due=2027-01-31")["fields"]["due"] == "2027-01-31"
    assert cli.json("issue", "delete", "1") == {"id": made["id"], "deleted": True}
    assert cli.json("issue", "list") == []
    assert cli.json("issue", "list", "--deleted")[0]["id"] == made["id"]
    assert cli.json("issue", "restore", made["id"])["title"] == "One"
    assert [each["id"] for each in cli.json("issue", "list")] == [made["id"]]


def test_the_archive_is_listed_where_it_is_asked_for(cli: Cli) -> None:
    cli.ok("issue", "add", "Kept")
    cli.ok("issue", "add", "Aside", "--set", "archived=yes")
    assert [each["title"] for each in cli.json("issue", "list")] == ["Kept"]
    assert [each["title"] for each in cli.json("issue", "list", "is:archived")] == ["Aside"]
    assert len(cli.json("issue", "list", "is:archived or -is:archived")) == 2
    cli.ok("issue", "set", "#2", "archived=no")
    assert len(cli.json("issue", "list")) == 2


def test_values_of_all_kinds_are_read_and_written(cli: Cli) -> None:
    cli.ok("person", "add", "Bob Builder", "--set", "email=bob@example.com")
    cli.ok("location", "add", "Level 2/Core B")
    cli.ok("field", "add", "Area", "--type", "number", "--unit", "m²")
    cli.ok("field", "add", "Trade", "--type", "choices", "--choices", "Paint,Wood")
    cli.ok("issue", "add", "Other")
    set_ = [
        "status=In Progress", "assignee=bob builder", "watchers=bob@example.com,@me", "label=paint, urgent work",
        "location=core b", "due=2027-02-03", "cost=4200", "completed=2027-02-03T10:00Z", "references=#1",
        "area=12.5 m²", "trade=wood,paint", "external_id=X-1", "archived=no", "category=Roof",
    ]  # fmt: skip
    words = [word for each in set_ for word in ("--set", each)]
    cli.ok("issue", "add", "Many", *words)
    fields = cli.json("issue", "show", "2")["fields"]
    assert fields["status"] == "in progress"
    assert fields["assignees"] == ["Bob Builder"]
    assert sorted(fields["watchers"]) == ["Ann Archer", "Bob Builder"]
    assert sorted(fields["labels"]) == ["paint", "urgent work"]
    assert fields["location"] == "Level 2/Core B"
    assert fields["cost"] == "GBP 4200.00"
    assert fields["completed"] == "2027-02-03T10:00:00Z"
    assert fields["references"] == ["#1"]
    assert fields["Area"] == 12.5
    assert sorted(fields["Trade"]) == ["Paint", "Wood"]
    assert (fields["external_id"], fields["archived"], fields["category"]) == ("X-1", False, "Roof")


def test_plus_minus_and_clearing(cli: Cli) -> None:
    cli.ok("issue", "add", "One", "--set", "labels=a,b")
    assert sorted(cli.json("issue", "set", "1", "label+=c", "labels-=A")["fields"]["labels"]) == ["b", "c"]
    assert cli.json("issue", "set", "1", "labels=")["fields"]["labels"] == []
    cli.ok("issue", "set", "1", "due=2027-01-01")
    assert cli.json("issue", "set", "1", "due=")["fields"]["due"] is None
    assert len(cli.json("label", "list")) == 3


def test_a_new_label_given_twice_is_made_once(cli: Cli) -> None:
    cli.ok("issue", "add", "One", "--set", "label+=Wet", "--set", "labels+=wet,Dry")
    assert [each["name"] for each in cli.json("label", "list")] == ["Dry", "Wet"]


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        (
            "status=started",
            "There is no status “started”. There is: open, in progress, in review, done, void.",
        ),
        ("assignee=Nobody", "There is no person “Nobody”. There is: Ann Archer."),
        ("statsu=open", "There is no field “statsu”. Did you mean “status”? There is: number, title,"),
        ("priority=extreme", "There is no priority “extreme”. There is: urgent, high, medium, low, none."),
        ("location=Roof", "There is no location “Roof”. There is no location yet."),
        ("due=soon", "“soon” is not a date"),
        ("cost=a lot", "is not an amount of money"),
        ("number=5", "Number cannot be set: it comes from elsewhere."),
        ("due+=2027-01-01", "Due holds one value, so += does not fit; write due=VALUE, or due= to clear it."),
        ("labels+=", "Say what to add after labels+=."),
        ("title=\udcff", "bytes that are no text"),
        ("text=\udcff", "bytes that are no text"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_half_done(cli: Cli, assignment: str, says: str) -> None:
    cli.ok("issue", "add", "One", "--set", "labels=a")
    before = cli.json("issue", "show", "1")
    assert says in cli.fails("issue", "set", "1", "title=Changed", "label+=new", assignment)
    assert says in cli.fails("issue", "add", "Two", "--set", "label=other", "--set", assignment)
    assert cli.json("issue", "show", "1") == before
    assert len(cli.json("issue", "list")) == 1
    assert len(cli.json("label", "list")) == 1


def test_an_assignment_without_equals_sign_is_usage(cli: Cli) -> None:
    cli.ok("issue", "add", "One")
    assert "FIELD=VALUE" in cli.fails("issue", "set", "1", "status", code=2)


def test_an_issue_needs_a_title(cli: Cli) -> None:
    assert cli.fails("issue", "add", "  ") == "Give the issue a title."


def test_the_whole_text_can_be_set(cli: Cli) -> None:
    cli.ok("issue", "add", "One", "--text", "before")
    cli.ok("issue", "set", "1", "text=after = all", "title=Two")
    assert cli.ok("text", "1", "--format", "plain").out == "after = all"


def test_list_finds_sorts_and_limits(cli: Cli) -> None:
    for title, due in (
        ("Paint door", "2027-03-01"),
        ("Paint wall", "2027-01-01"),
        ("Fix pipe", "2027-02-01"),
    ):
        cli.ok("issue", "add", title, "--set", f"due={due}", "--set", f"label={title.split()[0]}")

    def titles(*words: str) -> list[str]:
        return [each["title"] for each in cli.json("issue", "list", *words)]

    assert titles() == ["Fix pipe", "Paint wall", "Paint door"]
    assert titles("due<2027-02-15", "--sort", "due") == ["Paint wall", "Fix pipe"]
    assert titles("--sort", "-due", "--limit", "1") == ["Paint door"]
    assert titles("-label:paint") == ["Fix pipe"]
    assert titles('label:paint and "wall"') == ["Paint wall"]
    assert titles("label:paint", "wall") == ["Paint wall"]
    assert titles("--limit", "0") == []
    assert "There is no field “dew”" in cli.fails("issue", "list", "dew:2027-01-01")
    assert "There is no field “dew”" in cli.fails("issue", "list", "--sort", "dew")


def test_many_and_few_give_the_same_documents(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    lines = [f'Issue {index},text {index},"a,b",2027-01-{index % 28 + 1:02d}' for index in range(45)]
    table.write_text("Title,Text,Labels,Due\n" + "\n".join(lines) + "\n")
    cli.ok("import", str(table))
    many = {each["id"]: each for each in cli.json("issue", "list")}
    few = cli.json("issue", "list", "--limit", "20")
    assert len(many) == 45
    assert all(many[each["id"]] == each for each in few)


def test_list_for_people_is_aligned_and_safe_for_a_terminal(cli: Cli) -> None:
    cli.ok("issue", "add", "Short", "--set", "priority=low")
    cli.ok("issue", "add", "建物の雨漏り")
    cli.ok("issue", "add", "Evil \x1b[31mred\x07 title")
    lines = cli.ok("issue", "list").out.splitlines()
    assert lines[0].split() == ["#", "Title", "Status", "Priority", "Id"]
    assert not any("\x1b" in line or "\x07" in line for line in lines)
    assert lines[1].index("open") == lines[3].index("open")
    assert lines[2].index("open") == lines[3].index("open") - 6  # six letters two columns wide


def test_ids_by_prefix_number_and_in_full(cli: Cli) -> None:
    made = cli.ok("issue", "add", "One").last
    for typed in (made, made.upper(), made.replace("-", ""), made[:13], "1", "#1", "#001"):
        assert cli.json("issue", "show", typed)["id"] == made
    cli.ok("issue", "add", "Two")
    assert "may mean 2 of them" in cli.fails("issue", "show", made[:4])
    assert "There is no issue “#7”" in cli.fails("issue", "show", "#7")
    assert "There is no issue “abc”" in cli.fails("issue", "show", "abc")
    assert "There is no issue" in cli.fails("issue", "show", "ffffffff")


def test_deleted_is_said_where_it_is_meant(cli: Cli) -> None:
    cli.ok("issue", "add", "One")
    cli.ok("issue", "delete", "1")
    assert "is deleted" in cli.fails("issue", "set", "1", "due=2027-01-01")
    assert "is deleted" in cli.fails("issue", "delete", "1")
    assert cli.ok("issue", "show", "1").out.startswith("This is deleted")
    cli.ok("issue", "restore", "1")
    assert "nothing to restore" in cli.fails("issue", "restore", "1")
