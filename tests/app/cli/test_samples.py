from __future__ import annotations

from collections.abc import Callable

import pytest

from app.cli.main import main
from app.keys.profile import Profile
from app.keys.vault import Vault
from tests.app.cli.conftest import Cli
from tests.server.process import ServerProcess


def test_a_new_profile_is_made_with_the_sample(make_cli: Callable[[str], Cli]) -> None:
    cli = make_cli("new")
    made = cli.json("sample", "Quayside", "--issues", "12", "--people", "4", "--seed", "7")
    assert (made["name"], made["issues"], made["people"], made["seed"]) == ("Quayside", 12, 4, 7)
    assert len(made["recovery_key"].split()) == 24
    assert len(cli.json("issue", "list")) == 12
    assert len(cli.json("person", "list")) == 5


def test_it_is_added_to_a_profile_that_is_there(cli: Cli) -> None:
    ran = cli.ok("sample", "Quayside", "--issues", "3", "--people", "2", "--today", "2027-02-01")
    assert "has 3 issues" in ran.out
    assert "Recovery key" not in ran.out
    assert len(cli.json("--project", "Quayside", "issue", "list")) == 3


def test_a_name_is_taken_once(cli: Cli) -> None:
    assert "already" in cli.fails("sample", "harbour", "--issues", "3")
    assert "name" in cli.fails("sample", "  ", "--issues", "3")


def test_shapes_have_bounds(cli: Cli) -> None:
    assert "ask for fewer" in cli.fails("sample", "Large", "--issues", "5000000")
    assert "1 to 5,000 people" in cli.fails("sample", "Large", "--people", "0")
    assert "is not a date" in cli.fails("sample", "Large", "--today", "someday")


def test_stopping_leaves_nothing(make_cli: Callable[[str], Cli], monkeypatch: pytest.MonkeyPatch) -> None:
    cli = make_cli("stopped")

    def stop(bar: object, done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.cli.progress.Bar.update", stop)
    assert "Stopped" in cli.fails("sample", "Quayside", "--issues", "3", "--people", "2")
    assert not Vault.exists(Profile.at(cli.profile))


def test_it_is_pushed_to_a_server(make_cli: Callable[[str], Cli], server: ServerProcess) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("sample", "Quayside", "--issues", "5", "--people", "3", "--server", server.url)
    assert ann.json("issue", "list")[0]["sync"] == "synced"
    code = ann.ok("project", "invite").last
    bob.ok("project", "join", code, "--name", "Bob Builder")
    assert len(bob.json("issue", "list")) == 5


def test_help_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--help"]) == 0
    assert "large project" in capsys.readouterr().out
