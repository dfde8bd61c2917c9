"""``sitebook watch``: two profiles over a real server; what runs on and on is a process of its own."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from app.keys.profile import Profile
from tests.app.cli.conftest import Cli, MemoryKeyring
from tests.server.process import ServerProcess

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Site:
    """Three people in one project over a real server, made once for all tests here. Cleo may only look."""

    directory: Path
    secrets: dict[tuple[str, str], str]

    def program(self) -> list[str]:
        """The words that run ``sitebook`` in a process of its own, with the keyring of the test."""
        script = self.directory / "sitebook.py"
        script.write_text(
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport app.keys.vault\n"
            "from tests.app.cli.conftest import MemoryKeyring\n"
            f"MemoryKeyring.entries = {self.secrets!r}\n"
            "app.keys.vault.SystemKeyring = MemoryKeyring\nfrom app.cli.main import main\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        return [sys.executable, str(script)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")

    def run(name: str, *words: str) -> str:
        out = io.StringIO()
        with redirect_stdout(out):
            assert main(["--profile", str(directory / name), *words]) == 0
        return out.getvalue().splitlines()[-1]

    with ServerProcess(directory / "server") as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.keys.vault.SystemKeyring", MemoryKeyring)
        run("ann", "init", "--name", "Ann Archer")
        run("ann", "project", "new", "Harbour", "--server", server.url)
        for name, role in (("bob", "editor"), ("cleo", "viewer")):
            run(name, "project", "join", run("ann", "project", "invite", "--role", role), "--name", name)
        run("ann", "sync")
        yield Site(directory, dict(MemoryKeyring.entries))


@pytest.fixture
def pair(site: Site, keyring: None, capsys: pytest.CaptureFixture[str]) -> tuple[Cli, Cli]:
    """Ann, who writes, and Bob, whose watcher is through with all that was before."""
    MemoryKeyring.entries.update(site.secrets)
    ann, bob = (Cli(site.directory / name, capsys) for name in ("ann", "bob"))
    assert told(bob, "--from-now") == []
    return ann, bob


def told(cli: Cli, *words: str) -> list[dict[str, Any]]:
    """The lines of one run."""
    ran = cli.run("watch", "--once", *words)
    assert ran.code == 0, ran
    return [json.loads(line) for line in ran.out.splitlines()]


def add(cli: Cli, *words: str) -> str:
    """Make an issue, and give its id."""
    found: str = cli.json("issue", "add", *words)["id"]
    return found


@contextmanager
def watcher(site: Site, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Bob's watcher, which has begun."""
    process = subprocess.Popen(
        [*site.program(), "--profile", str(site.directory / "bob"), "watch", "--from-now", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        assert "Watching “Harbour” from change" in first, first + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """What it printed after a signal, which ends it at once and well."""
    begun = time.monotonic()
    process.send_signal(number)
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, errors, time.monotonic() - begun < 3) == (0, "", True)
    return out


def test_a_line_says_what_a_change_did(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    assert told(bob, "--name", "new") == []  # what was before a watcher is no news to it
    crack = add(ann, "Crack", "--set", "priority=high", "--set", "labels=paint", "--text", "In the wall")
    ann.ok("issue", "set", crack, "title=A crack", "labels+=fire", "labels-=paint", "due=2027-02-03")
    ann.ok("comment", "add", crack, "Looks bad")
    ann.ok("text", crack, "--insert", "6", " old", "--delete", "0", "2")
    ann.ok("sync")
    found = told(bob, "--kind", "issue")
    assert [each["what"] for each in found] == ["created", "changed", "comment", "text"]
    made, changed, comment, text = found
    shown = bob.json("issue", "show", crack)
    entry = bob.json("project", "list")[0]
    assert made["record"] == shown["id"]
    assert (made["kind"], made["number"], made["title"]) == ("issue", shown["number"], "A crack")
    assert made["project"] == {"id": entry["id"], "name": "Harbour"}
    assert (made["by"]["person"], len(made["by"]["device"]), len(made["id"])) == ("Ann Archer", 64, 64)
    assert made["by"]["member"]
    assert made["fields"]["title"] == {"old": None, "new": "Crack"}
    assert made["fields"]["priority"] == {"old": None, "new": shown["fields"]["priority"]}
    assert made["fields"]["labels"] == {"added": ["paint"], "removed": []}
    assert made["text"] == {"added": 11, "removed": 0, "plain": "In the wall", "whole": True}
    assert changed["fields"] == {
        "title": {"old": "Crack", "new": "A crack"},
        "labels": {"added": ["fire"], "removed": ["paint"]},
        "due": {"old": None, "new": shown["fields"]["due"]},
    }
    assert "text" not in changed
    said = comment["comment"]
    assert (comment["record"], said["what"], said["text"]) == (crack, "created", "Looks bad")
    assert text["fields"] == {}
    assert text["text"] == {"added": 4, "removed": 2, "plain": shown["text"], "whole": True}
    numbers = [each["seq"] for each in found]
    assert numbers == sorted(numbers)
    assert told(bob, "--kind", "issue") == []
    # The same again: by a watcher of another name, by number, and by time.
    assert told(bob, "--name", "new", "--kind", "issue") == found
    assert told(bob, "--name", "new", "--kind", "issue", "--since", str(numbers[1])) == [comment, text]
    assert [each["seq"] for each in told(bob, "--kind", "issue", "--since", "2020-01-01")[-4:]] == numbers
    assert told(bob, "--since", "2099-01-01 12:00") == []


def test_deleted_restored_files_people_and_own_changes(pair: tuple[Cli, Cli], tmp_path: Path) -> None:
    ann, bob = pair
    crack = add(ann, "Crack")
    file = tmp_path / "plan.txt"
    file.write_text("here")
    ann.ok("attach", crack, str(file))
    ann.ok("issue", "delete", crack)
    ann.ok("issue", "restore", crack)
    ann.ok("person", "add", "Dora")
    ann.ok("sync")
    found = told(bob)
    assert [(each["kind"], each["what"]) for each in found] == [
        ("issue", "created"),
        ("issue", "attachment"),
        ("issue", "deleted"),
        ("issue", "restored"),
        ("person", "created"),
    ]
    attached = found[1]["attachment"]
    assert (attached["what"], attached["name"], attached["size"]) == ("created", "plan.txt", 4)
    assert (found[4]["title"], found[4]["number"]) == ("Dora", None)
    bob.ok("issue", "set", crack, "title=By Bob")
    assert told(bob) == []
    bob.ok("issue", "set", crack, "title=By Bob again")
    assert [each["fields"]["title"]["new"] for each in told(bob, "--own")] == ["By Bob again"]


def test_both_who_wrote_at_once_are_told(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    crack = add(ann, "Crack")
    ann.ok("sync")
    told(bob)
    bob.ok("issue", "set", crack, "title=By Bob")
    ann.ok("issue", "set", crack, "title=By Ann")
    ann.ok("sync")
    [line] = told(bob)
    assert line["fields"] == {"title": {"old": "Crack", "new": "By Ann", "conflict": True}}


def test_only_what_meets_a_query(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    one = add(ann, "Unique one")
    add(ann, "Two", "--set", "priority=high")
    ann.ok("issue", "set", one, "priority=high")
    ann.ok("comment", "add", one, "first")
    ann.ok("issue", "delete", one)
    ann.ok("person", "add", "High")
    ann.ok("sync")
    found = told(bob, "--where", "priority:high title:unique")
    assert [each["what"] for each in found] == ["created", "changed", "comment", "deleted"]
    assert {each["title"] for each in found} == {"Unique one"}
    assert "text" not in found[0]
    assert "There is no field “floor”" in bob.fails("watch", "--once", "--where", "floor:3")
    bob.fails("watch", "--exec", "'open", code=2)
    assert "There is no program “no-such-thing”" in bob.fails("watch", "--exec", "no-such-thing x")


def test_a_command_that_fails_is_tried_again_and_the_cursor_waits(
    pair: tuple[Cli, Cli], tmp_path: Path
) -> None:
    ann, bob = pair
    add(ann, "One; $HOME")
    add(ann, "Two")
    ann.ok("sync")
    log, broken = tmp_path / "log", tmp_path / "broken"
    script = tmp_path / "hook.py"
    script.write_text(
        "import json, os, pathlib, sys\n"
        f"log, broken = pathlib.Path({str(log)!r}), pathlib.Path({str(broken)!r})\n"
        "line = json.loads(sys.stdin.read())\n"
        "said = [os.environ['SITEBOOK_' + each] for each in ('WHAT', 'KIND', 'RECORD', 'PROJECT')]\n"
        "assert said == [line['what'], line['kind'], line['record'], line['project']['id']]\n"
        "with log.open('a') as file: print(line['title'], sys.argv[1], file=file)\n"
        "if broken.exists() and line['title'] == 'Two':\n"
        "    sys.exit(3)\n"
    )
    broken.touch()
    hook = shlex.join([sys.executable, str(script), "a b; $HOME"])
    words = ("--retries", "1", "--retry-wait", "0.01", "--exec", hook)
    ran = bob.run("watch", "--once", "--stop-on-error", *words)
    assert (ran.code, ran.out) == (1, "")
    assert "it ended with 3. Trying again in 0.01 s (1 of 1)." in ran.err
    assert log.read_text().splitlines() == ["One; $HOME a b; $HOME", "Two a b; $HOME", "Two a b; $HOME"]
    log.unlink()
    ran = bob.run("watch", "--once", *words)  # where it was, but now it is passed over
    assert (ran.code, ran.err.count("It is passed over.")) == (1, 1)
    assert log.read_text().splitlines() == ["Two a b; $HOME"] * 2
    log.unlink()
    assert bob.run("watch", "--once", *words).code == 0
    assert not log.exists()
    add(ann, "Three")
    ann.ok("sync")
    begun = time.monotonic()
    ran = bob.run("watch", "--once", "--timeout", "0.2", "--retries", "0", "--exec", "sleep 60")
    assert "it took longer than 0.2 s" in ran.err
    assert time.monotonic() - begun < 10


def test_it_follows_and_its_command_writes_to_the_same_profile(
    site: Site, pair: tuple[Cli, Cli], tmp_path: Path
) -> None:
    ann, bob = pair
    script = tmp_path / "answer.py"
    script.write_text(
        "import json, subprocess, sys\n"
        "line = json.load(sys.stdin)\n"
        "if line['what'] == 'created':\n"
        f"    sys.exit(subprocess.call([*{site.program()!r}, 'issue', 'set', line['record'], 'priority=high']))\n"
    )
    hook = shlex.join([sys.executable, str(script)])
    with watcher(site, "--exec", hook, "--retries", "0") as process:
        one = add(ann, "One")
        deadline = time.monotonic() + 30
        while ann.json("issue", "show", one)["fields"]["priority"] is None:
            assert time.monotonic() < deadline, process.poll()
            ann.ok("sync")
        assert ended(process, signal.SIGTERM) == ""
    # What the command wrote is no news to the one who ran it.
    assert told(bob) == []


def test_it_follows_until_a_signal(site: Site, pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    with watcher(site) as process:
        assert process.stdout is not None
        for title in ("One", "Two"):
            add(ann, title)
            ann.ok("sync")
            assert json.loads(process.stdout.readline())["title"] == title
        assert ended(process, signal.SIGINT) == ""
    assert told(bob) == []


def test_a_signal_ends_it_while_nobody_reads(site: Site, pair: tuple[Cli, Cli], tmp_path: Path) -> None:
    ann, bob = pair
    table = tmp_path / "many.csv"
    table.write_text("Title\n" + "".join(f"Issue {number}\n" for number in range(250)))
    with watcher(site) as process:
        ann.ok("import", str(table))
        ann.ok("sync")
        assert process.stdout is not None
        process.stdout.readline()
        ann.ok("issue", "list")  # meanwhile the pipe fills
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    rest = told(bob)
    assert rest[-1]["title"] == "Issue 249"
    assert {each["what"] for each in rest} == {"created"}  # that it got its number is no line of its own


def test_a_signal_reaches_the_command_and_its_line_is_told_again(
    site: Site, pair: tuple[Cli, Cli], tmp_path: Path
) -> None:
    ann, bob = pair
    script = tmp_path / "slow.py"
    script.write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    with watcher(site, "--exec", shlex.join([sys.executable, str(script)])) as process:
        add(ann, "One")
        ann.ok("sync")
        assert process.stdout is not None
        command = int(process.stdout.readline())
        bob.ok("issue", "list")  # the profile is free meanwhile
        assert ended(process, signal.SIGTERM) == ""
        with pytest.raises(ProcessLookupError):
            os.kill(command, 0)
    assert [each["title"] for each in told(bob)] == ["One"]


def test_it_waits_while_somebody_else_has_the_profile(
    site: Site, pair: tuple[Cli, Cli], tmp_path: Path
) -> None:
    ann, bob = pair
    script, pipe = tmp_path / "wait.py", tmp_path / "pipe"
    os.mkfifo(pipe)
    script.write_text(
        f"import json, sys\nprint(json.load(sys.stdin)['title'], flush=True)\nopen({str(pipe)!r}).read()\n"
    )
    with watcher(site, "--exec", shlex.join([sys.executable, str(script)])) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        add(ann, "One")
        add(ann, "Two")
        ann.ok("sync")
        assert process.stdout.readline() == "One\n"
        other = Profile.at(bob.profile)
        other.acquire()
        pipe.write_text("go on")
        assert "Another process has this profile open" in process.stderr.readline()
        other.release()
        assert process.stdout.readline() == "Two\n"
        assert ended(process, signal.SIGTERM) == ""
    assert [each["title"] for each in told(bob)] == ["Two"]


def test_who_may_not_write_still_watches(site: Site, pair: tuple[Cli, Cli]) -> None:
    ann = pair[0]
    cleo = Cli(site.directory / "cleo", pair[0].capture)
    one = add(ann, "One")
    ann.ok("sync")
    assert told(cleo) == []
    ann.ok("issue", "set", one, "title=Two")
    ann.ok("sync")
    hook = shlex.join([*site.program(), "issue", "set", one, "priority=high"])
    process = subprocess.run(
        [
            *site.program(),
            "--profile",
            str(cleo.profile),
            "watch",
            "--once",
            "--retries",
            "0",
            "--exec",
            hook,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "sitebook: You may read this project but not change it" in process.stderr
    assert "It is passed over." in process.stderr
