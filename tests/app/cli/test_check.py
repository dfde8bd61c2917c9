"""``sitebook check`` finds what is missing from a file, and repairs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.workspace import Workspace
from tests.app.cli.conftest import Cli, MemoryKeyring
from tests.app.store.replicas import picture


@contextmanager
def opened(cli: Cli) -> Iterator[Project]:
    with Workspace.open_profile(Profile(cli.profile), keyring=MemoryKeyring()) as workspace:
        [entry] = workspace.projects()
        yield workspace.open(entry.project)


def picture_of(cli: Cli) -> object:
    with opened(cli) as project:
        return picture(project)


def test_what_is_missing_is_found_and_repaired(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "One", "--text", "a text", "--set", "labels=a")
    ann.ok("issue", "set", "1", "title=Une", "labels-=a")
    ann.ok("sync")
    ann.ok("issue", "add", "Two", "--text", "another text")
    ann.ok("issue", "delete", "1")
    ann.ok("sync")
    bob.ok("sync")
    found = bob.json("check")
    before = picture_of(bob)
    assert (found["missing"], found["damaged"], found["lost"], found["problems"]) == (0, 0, 0, [])
    assert found["changes"] > 5
    assert ann.json("check")["lost"] == 0
    assert {each["agrees"] for each in bob.json("check")["devices"]} == {True}
    # Two devices may be called alike, so each is said with the person it belongs to.
    assert {each["name"].partition(" · ")[0] for each in bob.json("check")["devices"]} == {
        "Ann Archer",
        "Bob Builder",
    }

    def damage(sql: str) -> None:
        with opened(bob) as project, project.writing():
            project.db.run(sql)

    some = "(SELECT c.cid FROM changes c JOIN updates u USING (cid) ORDER BY cid DESC LIMIT 1)"
    for sql, key in (
        (f"DELETE FROM changes WHERE cid = {some}", "lost"),
        (f"DELETE FROM writes WHERE cid = {some}", "lost"),
        (f"DELETE FROM updates WHERE cid = {some}", "lost"),
        ("DELETE FROM envelopes WHERE version = (SELECT max(version) - 1 FROM envelopes)", "missing"),
        ("DELETE FROM envelopes WHERE version = (SELECT max(version) FROM envelopes)", "missing"),
        ("UPDATE envelopes SET wire = x'00' WHERE version = (SELECT max(version) FROM envelopes)", "damaged"),
    ):
        damage(sql)
        found = bob.json("check")
        assert found[key] >= 1, (sql, found)
        assert picture_of(bob) == before, sql
        again = bob.json("check")
        assert (again["missing"], again["damaged"], again["lost"], again["problems"]) == (0, 0, 0, []), sql
    with opened(bob) as project:
        assert (
            project.db.all("SELECT 1 FROM changes LEFT JOIN envelopes e USING (eid) WHERE e.eid IS NULL")
            == []
        )


def test_without_a_server_the_file_itself_is_checked(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    cli.ok("issue", "add", "One")
    assert "nothing was missing" in cli.ok("check").out
