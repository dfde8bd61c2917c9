from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cli, MemoryKeyring
from tests.server.process import ServerProcess

CODE = "SB1-"


def test_init_prints_the_recovery_key_once(make_cli: Callable[[str], Cli]) -> None:
    one = make_cli("one").ok("init", "--name", "Ann")
    words = [word for word in one.out.split() if word.isalpha() and word.islower()]
    assert len(set(words) - {"the"}) >= 24
    two = make_cli("two")
    made = two.json("init", "--name", "Bob", "--email", "bob@example.com")
    assert len(made["recovery_key"].split()) == 24
    assert (made["name"], made["email"]) == ("Bob", "bob@example.com")
    assert "holds a vault" in two.fails("init")


def test_the_recovery_key_opens_a_profile_whose_keyring_is_gone(
    make_cli: Callable[[str], Cli], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = make_cli("one")
    words = cli.json("init")["recovery_key"]
    cli.ok("project", "new", "Harbour")
    MemoryKeyring.entries.clear()
    assert "give the 24 words of the recovery key" in cli.fails("issue", "list")
    monkeypatch.setenv("SITEBOOK_RECOVERY", words.replace(" ", " wrong ", 1))
    assert "25 were given" in cli.fails("issue", "list")
    monkeypatch.setenv("SITEBOOK_RECOVERY", words)
    cli.ok("issue", "list")
    monkeypatch.delenv("SITEBOOK_RECOVERY")
    cli.ok("issue", "list")  # the keyring has the key again


def test_a_passphrase_opens_and_a_wrong_one_does_not(
    make_cli: Callable[[str], Cli], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = make_cli("one")
    monkeypatch.setenv("SITEBOOK_PASSPHRASE", "right")
    cli.ok("init")
    monkeypatch.setenv("SITEBOOK_PASSPHRASE", "wrong")
    assert "The passphrase is wrong" in cli.fails("project", "list")
    monkeypatch.setenv("SITEBOOK_PASSPHRASE", "right")
    MemoryKeyring.entries.clear()
    cli.ok("project", "list")


def test_invite_join_and_members(make_cli: Callable[[str], Cli], server: ServerProcess) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init", "--name", "Ann Archer")
    project = ann.ok("project", "new", "Harbour", "--server", server.url).last
    ann.ok("person", "add", "Bob Builder", "--set", "company=Acme")
    made = ann.json("project", "invite", "--role", "contributor", "--expires", "12h")
    assert made["published"] is True
    assert made["code"].startswith(CODE)
    assert ann.json("project", "invites") == [
        {"id": made["id"], "role": "contributor", "me": False, "state": "open", "expires": made["expires"]}
    ]
    joined = bob.json("project", "join", made["code"], "--name", "bob builder")
    assert (joined["id"], joined["name"], joined["server"]) == (project, "Harbour", server.url)
    assert len(joined["recovery_key"].split()) == 24
    ann.ok("sync")
    roles = {each["name"]: each["role"] for each in ann.json("project", "members")}
    assert roles.pop("Ann Archer") == "owner"
    [(name, role)] = roles.items()
    assert name == "Bob Builder"
    assert role == "contributor"
    assert bob.json("project", "me")["name"] == "Bob Builder"
    assert ann.json("project", "invites")[0]["state"] == "used"
    assert "is on this device already" in bob.fails("project", "join", made["code"])


def test_who_may_not_add_people_is_told_how_to_get_a_name(
    make_cli: Callable[[str], Cli], server: ServerProcess
) -> None:
    ann, cleo = make_cli("ann"), make_cli("cleo")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    joined = cleo.ok(
        "project", "join", ann.json("project", "invite", "--role", "contributor")["code"], "--name", "Cleo"
    )
    assert "You are no person of this project yet" in joined.out
    assert "sitebook project me" in joined.out


def test_joining_links_the_one_person_that_matches(
    make_cli: Callable[[str], Cli], server: ServerProcess
) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    ann.ok("person", "add", "Robert Builder", "--set", "email=bob@example.com")
    ann.ok("issue", "add", "His", "--set", "assignee=Robert Builder")
    code = ann.ok("project", "invite").last
    joined = bob.ok("project", "join", code, "--name", "Bob", "--email", "bob@example.com")
    assert "You are “Robert Builder”" in joined.out
    assert joined.last == bob.json("project", "list")[0]["id"]
    ann.ok("sync")
    assert [each["name"] for each in ann.json("person", "list")] == ["Ann Archer", "Robert Builder"]
    assert [each["name"] for each in ann.json("project", "members")] == ["Ann Archer", "Robert Builder"]
    assert len(bob.json("issue", "list", "assignee:@me")) == 1


def test_of_several_that_match_one_is_chosen(make_cli: Callable[[str], Cli], server: ServerProcess) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    first = ann.ok("person", "add", "Bob Builder", "--set", "company=Acme").last
    ann.ok("person", "add", "Bob Builder", "--set", "company=Zenith")
    joined = bob.ok("project", "join", ann.ok("project", "invite").last, "--name", "Bob Builder")
    assert "may be you" in joined.out
    assert first in joined.out
    assert bob.ok("project", "me", first).last == "Bob Builder"
    assert bob.json("project", "me")["person"] == first


def test_another_device_of_the_same_person(make_cli: Callable[[str], Cli], server: ServerProcess) -> None:
    ann, laptop = make_cli("ann"), make_cli("laptop")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    laptop.ok("project", "join", ann.ok("project", "invite", "--me").last, "--name", "Ann Archer")
    ann.ok("sync")
    members = ann.json("project", "members")
    assert [(each["name"], each["devices"]) for each in members] == [("Ann Archer", 2)]
    assert len(laptop.json("person", "list")) == 1


def test_invites_work_offline_and_say_so(cli: Cli) -> None:
    assert "set the project's server first" in cli.fails("project", "invite")
    cli.ok("project", "server", "http://127.0.0.1:9/")
    assert cli.ok("project", "server").last == "http://127.0.0.1:9"
    made = cli.ok("project", "invite")
    assert "Not on the server yet" in made.out
    assert made.last.startswith(CODE)
    assert cli.json("project", "invite", "--expires", "never")["expires"] is None
    assert "is not the address of a server" in cli.fails("project", "server", "ftp://x")
    cli.ok("project", "server", "")
    assert cli.ok("project", "server").last == "No server is set."
    assert "There is no role “boss”" in cli.fails("project", "invite", "--role", "boss")


def test_a_cancelled_invite_is_refused_and_leaves_nothing(
    make_cli: Callable[[str], Cli], server: ServerProcess
) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    made = ann.json("project", "invite")
    ann.ok("project", "invite", "--cancel", made["id"][:12])
    assert ann.json("project", "invites")[0]["state"] == "cancelled"
    bob.fails("project", "join", made["code"])
    _nothing_of_a_vault(bob.profile)
    assert MemoryKeyring.entries.keys() == {
        key for key in MemoryKeyring.entries if "Sitebook vault" in key[0]
    }
    assert len(MemoryKeyring.entries) == 1
    assert "cancelled already" in ann.fails("project", "invite", "--cancel", made["id"])
    assert "lists them" in ann.fails("project", "invite", "--cancel", "ffff")
    bob.ok("init")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), 1),
        (lambda text: "SB1-", 1),
        (lambda text: "hello", 1),
    ],
)
def test_a_wrong_code_makes_no_vault(
    make_cli: Callable[[str], Cli], change: Callable[[str], str], code: int, cli: Cli
) -> None:
    cli.ok("project", "server", "http://127.0.0.1:9")
    text = cli.ok("project", "invite").last
    bob = make_cli("bob")
    bob.fails("project", "join", change(text), code=code)
    assert not bob.profile.exists()


def test_joining_where_the_server_is_away_leaves_nothing(make_cli: Callable[[str], Cli], cli: Cli) -> None:
    cli.ok("project", "server", "http://127.0.0.1:9")
    text = cli.ok("project", "invite").last
    bob = make_cli("bob")
    assert "cannot be reached" in bob.fails("project", "join", text, code=3)
    _nothing_of_a_vault(bob.profile)


def _nothing_of_a_vault(profile: Path) -> None:
    left = {path.name for path in profile.rglob("*")} if profile.exists() else set()
    assert left <= {"profile.lock", "profile.pid"}


def test_roles(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    assert "Your role does not allow this" in bob.fails("project", "role", "Ann Archer", "viewer")
    ann.ok("project", "role", "Bob Builder", "viewer")
    ann.ok("sync")
    bob.ok("sync")
    assert "You may read this project but not change it" in bob.fails("issue", "add", "One")
    assert "There is no member “Carl”" in ann.fails("project", "role", "Carl", "viewer")
    assert [each["role"] for each in bob.json("project", "members")] == ["owner", "viewer"]
    assert "(you)" in bob.ok("project", "members").out
