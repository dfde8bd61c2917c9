from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.app.cli.conftest import Cli


@pytest.fixture
def site(cli: Cli) -> Cli:
    """A project with a few issues."""
    cli.ok("person", "add", "Priya Kaur", "--set", "company=Kaur Structures")
    cli.ok("location", "add", "Level 2/Core B")
    for title, more in (
        ("Crack in slab", ("assignees=Priya Kaur", "cost=4200 GBP", "due=2030-03-06", "priority=high")),
        ("Door closer missing", ("cost=180 GBP", "priority=low")),
        ("Paint on board", ("status=done", "due=2030-03-08")),
    ):
        cli.ok("issue", "add", title, *(word for each in more for word in ("--set", each)))
    return cli


def titles(cli: Cli, *words: str) -> list[str]:
    return [each["title"] for each in cli.json("issue", "list", *words)]


def test_a_view_is_saved_listed_shown_and_deleted(site: Cli) -> None:
    assert site.ok("view", "list").out == "No views.\n"
    site.ok("view", "add", "All open", "status:open", "sort:-cost", "--columns", "title,cost")
    listed = site.json("view", "list")
    assert [each["name"] for each in listed] == ["All open"]
    assert listed[0]["count"] == 2
    assert listed[0]["columns"] == ["title", "cost"]
    shown = site.ok("view", "show", "all OPEN").out
    assert "status:open sort:-cost" in shown
    assert "everybody" in shown
    assert site.json("view", "show", "All open")["count"] == 2
    site.ok("view", "delete", "All open")
    assert site.json("view", "list") == []
    assert "There is no view “All open”" in site.fails("view", "show", "All open")


def test_issues_are_printed_as_the_view_shows_them(site: Cli) -> None:
    site.ok(
        "view", "add", "Costs", "cost>0", "sort:-cost", "--columns", "title,assignees.company,cost"
    )  # fmt: skip
    lines = site.ok("issue", "list", "--view", "Costs").out.splitlines()
    assert lines[0].split("  ")[0] == "Title"
    assert "Company (assignees)" in lines[0]
    assert [line.split("  ")[0] for line in lines[1:]] == ["Crack in slab", "Door closer missing"]
    assert "Kaur Structures" in lines[1]
    assert titles(site, "--view", "Costs") == ["Crack in slab", "Door closer missing"]
    assert titles(site, "--view", "Costs", "door") == ["Door closer missing"]
    assert titles(site, "--view", "Costs", "--limit", "1") == ["Crack in slab"]


def test_groups_have_heads_with_their_counts(site: Cli) -> None:
    site.ok("view", "add", "By status", "group:status", "sort:title")
    out = site.ok("issue", "list", "--view", "By status").out
    assert "\nopen (2)\n" in out
    assert "\ndone (1)\n" in out
    assert out.index("open (2)") < out.index("Crack in slab") < out.index("done (1)")
    assert [each["group"] for each in site.json("issue", "list", "--view", "By status")] == [
        "open",
        "open",
        "done",
    ]


def test_a_board_stands_as_it_was_put(site: Cli) -> None:
    site.ok("view", "add", "Board", "--layout", "board", "--board", "priority")
    out = site.ok("issue", "list", "--view", "Board").out
    assert out.index("high (1)") < out.index("low (1)") < out.index("None (1)")
    site.ok("view", "add", "Days", "--layout", "calendar")
    days = site.ok("issue", "list", "--view", "Days").out
    assert days.index("Crack in slab") < days.index("Paint on board") < days.index("Door closer")


def test_what_cannot_be_shown_is_refused(site: Cli) -> None:
    assert "Give the view a name" in site.fails("view", "add", "  ")
    assert "stauts" in site.fails("view", "add", "Odd", "stauts:open")
    assert "There is no field “nope”" in site.fails("view", "add", "Odd", "--columns", "nope")
    assert "There are no views of “ship”" in site.fails("view", "add", "Odd", "--kind", "ship")
    site.ok("view", "add", "Once")
    assert "already" in site.fails("view", "add", "once")
    assert "own order" in site.fails("issue", "list", "--view", "Once", "--sort", "title")
    assert "shows issues" in site.fails("person", "list", "--view", "Once")
    assert site.json("view", "list")[0]["columns"] == []


def test_a_private_view_is_nobody_elses(pair: tuple[Cli, Cli], make_cli: Callable[[str], Cli]) -> None:
    ann, bob = pair
    ann.ok("view", "add", "Mine", "--private")
    ann.ok("view", "add", "Ours", "is:overdue")
    ann.ok("sync")
    bob.ok("sync")
    assert [each["name"] for each in ann.json("view", "list")] == ["Mine", "Ours"]
    assert [each["name"] for each in bob.json("view", "list")] == ["Ours"]
    assert "There is no view “Mine”" in bob.fails("issue", "list", "--view", "Mine")
