"""Categories, statuses, fields, closing, merging and elements on the command line."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Cli


def _names(cli: Cli, *command: str) -> list[str]:
    return [each["name"] for each in cli.json(*command)]


def test_a_category_has_fields_statuses_and_a_name_template(cli: Cli) -> None:
    cli.ok("location", "add", "Level 2/Core B")
    cli.ok("category", "add", "Defect", "--aliases", "Snag")
    cli.ok("field", "add", "Trade", "--type", "choice", "--category", "defect")
    cli.ok("category", "set", "Defect", "template={location} - {Trade} - {number}", "color=red")
    cli.ok("status", "add", "to fix", "--meaning", "open", "--category", "Defect")
    cli.ok("issue", "add", "", "--set", "category=Snag", "--set", "Trade=Paint", "--set", "location=Core B")
    assert cli.json("issue", "show", "1")["name"] == "Level 2/Core B - Paint - 1"
    assert "Level 2/Core B - Paint - 1" in cli.ok("issue", "list").out
    [category] = cli.json("category", "list")
    assert (category["fields"], category["count"]) == (["Trade"], 1)
    assert category["template"] == "{location} - {Trade} - {number}"
    assert "Defect" in cli.ok("status", "list").out
    assert "Defect" in cli.ok("field", "list").out
    assert cli.json("issue", "show", "1")["fields"]["status"] == "to fix"
    assert "title" in cli.fails("issue", "add", "")
    cli.ok("category", "set", "Defect", "name=Fault")
    assert cli.json("issue", "show", "1")["fields"]["category"] == "Fault"
    assert cli.json("category", "list")[0]["aliases"] == ["Snag", "Defect"]
    cli.ok("field", "set", "Trade", "name=Craft")
    assert cli.json("category", "list")[0]["template"] == "{location} - {Craft} - {number}"


_USAGE = ("Say what to change", "needs its text", "belongs to")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("category", "add", " "), "name"),
        (("category", "add", "A", "--of", "person"), "no kind with categories"),
        (("category", "add", "A", "--template", "{wages}"), "no field “wages”"),
        (("category", "add", "A", "--template", "plain"), "names no field"),
        (("category", "set", "B", "name=C"), "no category “B”"),
        (("status", "add", "done", "--meaning", "done"), "already"),
        (("status", "add", "x", "--meaning", "odd"), "no meaning"),
        (("status", "set", "done"), "Say what to change"),
        (("status", "set", "done", "name="), "needs a name"),
        (("status", "set", "done", "--after", "done"), "itself"),
        (("field", "add", "F", "--type", "formula"), "needs its text"),
        (("field", "add", "F", "--type", "formula", "--formula", "cost +"), "too early"),
        (("field", "add", "F", "--type", "formula", "--formula", "wages * 2"), "no field “wages”"),
        (("field", "add", "F", "--type", "text", "--formula", "1"), "belongs to"),
        (("field", "add", "F", "--type", "auto_number", "--of", "note"), "Only issues"),
        (("field", "add", "F{", "--type", "text"), "braces"),
        (("field", "set", "F", "name=G"), "no field of your own"),
        (("label", "merge", "fire"), "no label"),
        (("project", "closing", "three"), "no closing"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, command: tuple[str, ...], said: str) -> None:
    assert said in cli.fails(*command, code=2 if said in _USAGE else 1)


def test_formulas_are_shown_and_follow_renamed_fields(cli: Cli) -> None:
    cli.ok("person", "add", "Ann", "--set", "company=Lee Paint")
    cli.ok("field", "add", "Hours", "--type", "number", "--unit", "h")
    formula = "{Hours} * 50 + cost"
    cli.ok("field", "add", "Total", "--type", "formula", "--formula", formula)
    cli.ok("field", "add", "Who", "--type", "formula", "--formula", 'assignees.company & "!"')
    cli.ok("field", "add", "Code", "--type", "auto_number", "--prefix", "DEF-####")
    cli.ok("issue", "add", "Crack", "--set", "Hours=90 min", "--set", "cost=10", "--set", "assignee=Ann")
    fields = cli.json("issue", "show", "1")["fields"]
    assert (fields["Hours"], fields["Who"], fields["Code"]) == (1.5, "Lee Paint!", "DEF-0001")
    assert fields["Total"].endswith("85.00")
    cli.ok("field", "set", "Hours", "name=Work")
    found = {each["name"]: each["formula"] for each in cli.json("field", "list")}
    assert found["Total"] == "{Work} * 50 + cost"
    assert "loops: Total" in cli.fails("field", "set", "Total", "formula={Total} + 1")
    cli.ok("field", "set", "Total", "formula=1 / 0")
    assert cli.json("issue", "show", "1")["fields"]["Total"] == {"error": "This divides by zero."}
    cli.ok("field", "delete", "Work")
    assert cli.json("issue", "show", "1")["fields"]["Total"] == {"error": "This divides by zero."}
    assert "cannot be set" in cli.fails("issue", "set", "1", "Total=5")


def test_issues_are_resolved_sent_back_and_closed(cli: Cli) -> None:
    cli.ok("issue", "add", "Crack")
    cli.ok("issue", "add", "Leak")
    assert "2 issues resolved" in cli.ok("issue", "resolve", "1", "2").out
    assert "required" in cli.fails("issue", "send-back", "1", code=2)
    cli.ok("issue", "send-back", "1", "--reason", "Still wet")
    assert cli.json("comment", "list", "1")[0]["text"] == "Still wet"
    assert cli.json("issue", "close", "2")[0]["status"] == "done"
    assert "closed already" in cli.fails("issue", "close", "1", "2")
    assert cli.json("issue", "show", "1")["fields"]["status"] == "open"
    cli.ok("issue", "reopen", "2")
    assert "two steps" in cli.ok("project", "closing").out
    cli.ok("project", "closing", "one", "step")
    assert "one step" in cli.fails("issue", "resolve", "2")
    cli.ok("issue", "close", "2")


def test_statuses_are_moved_and_changed(cli: Cli) -> None:
    cli.ok("status", "add", "checked", "--meaning", "review")
    assert _names(cli, "status", "list") == ["open", "in progress", "in review", "checked", "done", "void"]
    cli.ok("status", "set", "checked", "name=verified", "color=blue", "--after", "open")
    assert _names(cli, "status", "list") == ["open", "verified", "in progress", "in review", "done", "void"]


def test_what_means_the_same_is_merged(cli: Cli) -> None:
    cli.ok("person", "add", "Jane Doe")
    cli.ok("person", "add", "J. Doe", "--set", "phone=123")
    cli.ok("issue", "add", "Crack", "--set", "assignee=J. Doe", "--set", "labels=fire", "--set", "location=")
    cli.ok("label", "add", "Fire safety")
    cli.ok("person", "merge", "Jane Doe", "J. Doe")
    assert cli.json("issue", "show", "1")["fields"]["assignees"] == ["Jane Doe"]
    assert cli.json("person", "list", "Jane")[0]["fields"]["phone"] == "123"
    cli.ok("label", "merge", "Fire safety", "fire")
    assert cli.json("issue", "show", "1")["fields"]["labels"] == ["Fire safety"]
    cli.ok("location", "add", "L2/Core")
    cli.ok("location", "add", "Level 2")
    cli.ok("location", "merge", "Level 2", "L2")
    assert "Level 2/Core" in cli.ok("location", "list").out
    assert "Level 2/Lobby" in cli.ok("location", "set", "Level 2/Core", "name=Lobby", "type=room").out
    assert "part of itself" in cli.fails("location", "set", "Level 2", "parent=Lobby")
    cli.ok("label", "set", "Fire safety", "name=Fire", "color=red")
    cli.ok("label", "set", "Fire", "name=Fire safety")
    assert "There is one label" in cli.fails("label", "merge", "Fire safety")


def test_elements_are_related_counted_and_merged_by_their_name(cli: Cli) -> None:
    cli.ok("category", "add", "Door", "--of", "element")
    cli.ok("category", "add", "Room", "--of", "element")
    cli.ok("element", "add", "Room 5", "--set", "type=Room")
    cli.ok("element", "add", "Door 1", "--set", "type=Door", "--set", "within=Room 5")
    cli.ok("field", "add", "Door", "--type", "reference", "--target", "element", "--target-category", "Door")
    cli.ok("issue", "add", "Squeaks", "--set", "at=Door 1", "--set", "Door=door 1")
    cli.ok("issue", "add", "Scratched", "--set", "at=Door 1", "--set", "status=done")
    assert "points to Door" in cli.fails("issue", "set", "1", "Door=Room 5")
    row = next(line for line in cli.ok("element", "list").out.splitlines() if line.startswith("Door 1"))
    assert row.split()[:7] == ["Door", "1", "Door", "Room", "5", "2", "1"]
    cli.ok("element", "add", "Door 1")
    cli.ok("element", "merge", "Door 1")
    assert len(cli.json("element", "list", "Door")) == 1
    cli.ok("element", "set", "Room 5", "name=Room 6")
    assert cli.json("element", "show", "Door 1")["fields"]["within"] == "Room 6"
    cli.ok("element", "delete", "Room 6")
    assert _names(cli, "element", "list") == ["Door 1"]
