"""The whole road: two people, one server, the command line only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cases import cases, rows
from tests.e2e.program import PASSPHRASE, Program, Server, Wire
from tests.e2e.readable import Search

_OF_HTTP = frozenset({"application", "connection"})
"""Words of the protocol's own, which also occur in the cases."""
PHOTO = b"A page of a plan with readable words: stairwell handrail missing.\n" * 2_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_road(tmp_path: Path) -> None:
    """One test, so that what it takes a minute to make is made once, however the tests are spread."""
    table = cases(tmp_path)
    secrets = [PASSPHRASE, "Harbour Tower East", "readable words"]
    with Server(tmp_path / "server") as server, Wire(server.port, tmp_path / "wire.bin") as wire:
        ann, bob = _go(tmp_path, server, wire, table, secrets)
        _both_print_the_same_project(ann, bob)
        _edits_of_both_are_there_and_conflicts_have_both_values(ann, bob)
        _every_case_is_there_with_text_dates_and_coordinates(bob, table)
    _nothing_is_readable_anywhere(ann, tmp_path, secrets)


def _go(folder: Path, server: Server, wire: Wire, table: Path, secrets: list[str]) -> tuple[Program, Program]:
    """Ann and Bob after all that the two of them do."""
    ann, bob = Program(folder / "ann"), Program(folder / "bob")
    recovery = ann.json("init", "--name", "Ann Archer")["recovery_key"]
    ann.ok("project", "new", "Harbour Tower East", "--server", wire.url)
    ann.ok("person", "add", "Robert Builder", "--set", "email=bob.builder@example.com")
    code = ann.ok("project", "invite").last
    joined = bob.json("project", "join", code, "--name", "Bob B.", "--email", "bob.builder@example.com")
    assert joined["person"] == "Robert Builder"
    ann.recovery, bob.recovery = recovery, joined["recovery_key"]
    secrets += [code, code[4:60], ann.recovery, bob.recovery]

    table_words = ("--key", "case_number", "--date-format", "%m/%d/%Y", "--map", "description=text")
    done = ann.json("import", str(table), *table_words)
    assert (done["created"], done["updated"]) == (len(rows(table)), 0)
    assert ann.json("import", str(table), *table_words)["unchanged"] == len(rows(table))
    photo = folder / "stairwell plan.txt"
    photo.write_bytes(PHOTO)
    ann.ok("attach", "10", str(photo))
    ann.ok("comment", "add", "10", "Handrail is loose on the landing")
    ann.ok("note", "add", "Weekly site meeting", "--text", "Scaffold comes down on Tuesday")
    ann.ok("issue", "set", "10", "label=waterproofing", "assignee=Robert Builder", "cost=GBP 48213.55")
    ann.ok("sync")
    bob.ok("sync")
    photo.unlink()

    assert server.stop() == 0
    _edit_offline(ann, bob)
    assert ann.run("sync").code == 3
    server.start()
    for each in (ann, bob, ann):
        each.ok("sync")
    return ann, bob


def _edit_offline(ann: Program, bob: Program) -> None:
    ann.ok("issue", "set", "11", "priority=high")
    bob.ok("issue", "set", "11", "due=2027-05-05")
    ann.ok("issue", "set", "12", "title=Title by Ann")
    bob.ok("issue", "set", "12", "title=Title by Bob")
    ann.ok("issue", "set", "13", "text=One two three")
    ann.ok("text", "13", "--insert", "0", "Ann begins. ")
    bob.ok("text", "13", "--insert", "0", "Bob begins. ")
    ann.ok("issue", "delete", "14")
    bob.ok("issue", "set", "14", "due=2027-06-06")
    bob.ok("issue", "delete", "15")
    ann.ok("comment", "add", "15", "Still needed")
    ann.ok("issue", "delete", "16")
    ann.ok("issue", "add", "Made offline by Ann")
    bob.ok("issue", "add", "Made offline by Bob")


def _by_number(program: Program) -> dict[int, Any]:
    return {each["number"]: each for each in program.json("issue", "list")}


def _both_print_the_same_project(ann: Program, bob: Program) -> None:
    assert ann.ok("issue", "list", "--json").out == bob.ok("issue", "list", "--json").out
    assert ann.ok("conflicts", "--json").out == bob.ok("conflicts", "--json").out
    for words in (
        ("note", "list"),
        ("person", "list"),
        ("label", "list"),
        ("field", "list"),
        ("comment", "list", "10"),
    ):
        assert ann.json(*words) == bob.json(*words)
    numbers = [each["number"] for each in ann.json("issue", "list")]
    assert None not in numbers
    assert len(set(numbers)) == len(numbers)
    assert {each["sync"] for each in ann.json("issue", "list")} == {"synced"}


def _edits_of_both_are_there_and_conflicts_have_both_values(ann: Program, bob: Program) -> None:
    found = _by_number(bob)
    assert (found[11]["fields"]["priority"], found[11]["fields"]["due"]) == ("high", "2027-05-05")
    assert found[11]["conflicts"] == []
    text = found[13]["text"]
    assert "Ann begins. " in text
    assert "Bob begins. " in text
    assert 16 not in found
    conflicts = {(each["record"], each["field"]): each for each in ann.json("conflicts")}
    title = conflicts[found[12]["id"], "title"]
    assert {title["shown"]["value"], title["others"][0]["value"]} == {"Title by Ann", "Title by Bob"}
    assert {title["shown"]["by"], title["others"][0]["by"]} == {"Ann Archer", "Robert Builder"}
    for number, by in ((14, "Ann Archer"), (15, "Robert Builder")):
        deletion = conflicts[found[number]["id"], "deleted"]
        assert deletion["shown"]["value"] is False
        assert [(each["value"], each["by"]) for each in deletion["others"]] == [(True, by)]
    assert len(conflicts) == 3
    assert "Title by Ann" in bob.ok("conflicts").out


def _every_case_is_there_with_text_dates_and_coordinates(bob: Program, table: Path) -> None:
    found = {each["fields"]["external_id"]: each for each in bob.json("issue", "list")}
    touched = {12, 13, 16}
    for row in rows(table):
        issue = found.get(row["case_number"])
        if issue is None or issue["number"] in touched:
            assert issue is not None or row["case_number"]
            continue
        fields = issue["fields"]
        assert issue["text"].split() == row["description"].split()
        assert fields["opened"] == _iso(row["opened"])
        assert fields["last_inspected"] == _iso(row["last_inspected"])
        place = [float(row["latitude"]), float(row["longitude"])] if row["latitude"] else None
        assert fields["coordinates"] == place
        assert (fields["address"], fields["district"]) == (row["address"], int(row["district"]))
        assert fields["inspection_type"] == (row["inspection_type"] or None)
    assert len(set(found) & {row["case_number"] for row in rows(table)}) == len(rows(table)) - 1


def _iso(cell: str) -> str | None:
    return datetime.strptime(cell, "%m/%d/%Y").strftime("%Y-%m-%d") if cell else None  # noqa: DTZ007


def _nothing_is_readable_anywhere(ann: Program, folder: Path, secrets: list[str]) -> None:
    words = list(secrets)
    for listed in (ann.json("issue", "list"), ann.json("note", "list"), ann.json("person", "list")):
        for each in listed:
            each.pop("sync")
            each["fields"].pop("created")
            each["fields"].pop("updated")
            words += _texts(each)
    words += ["Handrail is loose", "stairwell plan.txt", "handrail missing", "waterproofing", "48213.55"]
    words += [
        word for text in words for word in text.split() if len(word) >= 10 and word.lower() not in _OF_HTTP
    ]
    search = Search(words)
    assert len(search.secrets) > 200
    paths = [
        path
        for top in (
            ann.profile,
            folder / "bob",
            folder / "server",
            folder / "wire.bin",
            folder / "server.log",
        )
        for path in (top.rglob("*") if top.is_dir() else [top])
        if path.is_file()
    ]
    assert {path.suffix for path in paths} >= {".db", ".sitebook", ".slots", ".bin"}
    assert any("chunks" in path.parts for path in paths)
    assert (folder / "wire.bin").stat().st_size > 100_000
    assert search.files(paths) == []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value, *value.splitlines()]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return []
