from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.app.cli.conftest import Cli, MemoryKeyring

ROOT = Path(__file__).resolve().parents[3]


def test_sync_says_what_it_did(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "One")
    assert ann.json("issue", "show", "1")["sync"] == "pending"
    assert ann.json("sync") == {"pulled": 0, "pushed": 1, "conflicts": 0, "refused": 0}
    assert ann.json("issue", "show", "1")["sync"] == "synced"
    assert bob.ok("sync").out.startswith("pulled 1, pushed ")
    assert bob.json("issue", "list")[0]["title"] == "One"


def test_conflicts_are_listed_and_settled(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    for title in ("One", "Two", "Three"):
        ann.ok("issue", "add", title)
    ann.ok("sync")
    bob.ok("sync")
    ann.ok("issue", "set", "1", "title=By Ann", "due=2027-01-01", "labels=a")
    bob.ok("issue", "set", "1", "title=By Bob", "due=2027-02-02", "labels=b", "priority=low")
    ann.ok("issue", "delete", "2")
    bob.ok("issue", "set", "2", "priority=high")
    for each in (ann, bob, ann):
        each.ok("sync")
    found = ann.json("conflicts")
    assert found == bob.json("conflicts")
    first = ann.json("issue", "show", "1")
    assert first["conflicts"] == ["due", "title"]
    assert sorted(first["fields"]["labels"]) == ["a", "b"]
    assert first["fields"]["priority"] == "low"
    by_field = {each["field"]: each for each in found}
    assert set(by_field) == {"title", "due", "deleted"}
    assert set(by_field["title"]) == {"record", "field", "shown", "others"}
    title = by_field["title"]
    assert {title["shown"]["value"], title["others"][0]["value"]} == {"By Ann", "By Bob"}
    assert {title["shown"]["by"], title["others"][0]["by"]} == {"Ann Archer", "Bob Builder"}
    assert by_field["deleted"]["shown"]["value"] is False
    assert by_field["deleted"]["others"][0]["value"] is True
    with_conflicts = [each["id"] for each in ann.json("issue", "list", "has:conflict")]
    assert with_conflicts == [by_field["deleted"]["record"], title["record"]]
    listed = ann.ok("conflicts").out
    assert "0: " in listed
    assert "delete it, Ann Archer" in listed

    assert "count from 0" in ann.fails("settle", "1", "title", "--take", "2")
    assert "There is no conflict in “priority”" in ann.fails("settle", "1", "priority", "low")
    assert "it has none at all" in ann.fails("settle", "3", "title", "x")
    assert "is not a date" in ann.fails("settle", "1", "due", "soon")
    assert "true (delete it) or false" in ann.fails("settle", "2", "deleted", "perhaps")
    ann.ok("settle", "1", "title", "--take", "1")
    ann.ok("settle", "1", "due", "2027-03-03")
    ann.ok("settle", "2", "deleted", "true")
    ann.ok("sync")
    bob.ok("sync")
    assert ann.json("conflicts") == bob.json("conflicts") == []
    shown = bob.json("issue", "show", "1")
    assert (shown["title"], shown["fields"]["due"]) == (title["others"][0]["value"], "2027-03-03")
    assert len(bob.json("issue", "list")) == 2
    assert ann.ok("conflicts").out == "No conflicts.\n"


def test_taking_the_value_that_shows_settles_too(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "One")
    ann.ok("sync")
    bob.ok("sync")
    ann.ok("issue", "set", "1", "title=A")
    bob.ok("issue", "delete", "1")
    ann.ok("sync")
    bob.ok("sync")
    bob.ok("settle", "1", "deleted", "--take", "0")
    bob.ok("sync")
    assert bob.json("conflicts") == []
    assert bob.json("issue", "show", "1")["title"] == "A"


def test_without_a_server_and_with_one_that_is_away(cli: Cli) -> None:
    assert "No server is set for “Harbour”" in cli.fails("sync")
    cli.ok("project", "server", "http://127.0.0.1:9")
    cli.ok("issue", "add", "One")
    assert "cannot be reached" in cli.fails("sync", code=3)
    assert len(cli.json("issue", "list")) == 1


def test_follow_goes_on_until_it_is_interrupted(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "One")
    ann.ok("sync")
    script = (
        "import sys\nimport app.keys.vault\nfrom tests.app.cli.conftest import MemoryKeyring\n"
        f"MemoryKeyring.entries = {MemoryKeyring.entries!r}\n"
        "app.keys.vault.SystemKeyring = MemoryKeyring\nfrom app.cli.main import main\n"
        f"sys.exit(main(['--profile', {str(bob.profile)!r}, 'sync', '--follow']))\n"
    )
    follower = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert follower.stdout is not None
    assert "pulled 1" in follower.stdout.readline()
    # The server tells of the next one: nobody waits half a minute.
    begun = time.monotonic()
    ann.ok("issue", "add", "Two")
    ann.ok("sync")
    assert "pulled 1" in follower.stdout.readline()
    assert time.monotonic() - begun < 15
    follower.send_signal(signal.SIGINT)
    _, errors = follower.communicate(timeout=20)
    assert (follower.returncode, errors) == (0, "")
    assert {issue["title"] for issue in bob.json("issue", "list")} == {"One", "Two"}
