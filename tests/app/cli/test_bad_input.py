"""Each thing that may be wrong outside the program: one sentence, and the state before it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.keys.profile import Profile
from app.store import project as project_module
from app.store.database import Database, connect
from app.workspace.workspace import Workspace
from tests.app.cli.conftest import Cli
from tests.e2e.program import ROOT, Server


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "relay") as running:
        yield running


def _project_file(cli: Cli) -> Path:
    [path] = (cli.profile / "projects").glob("*.sitebook")
    return path


def _flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x40
    path.write_bytes(data)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.99])
def test_one_flipped_byte_of_the_project_file(cli: Cli, share: float) -> None:
    for index in range(3):
        cli.ok("issue", "add", f"Issue {index}", "--text", "x" * 500)
    before = cli.json("issue", "list")
    path = _project_file(cli)
    whole = path.read_bytes()
    _flipped(path, int(len(whole) * share))
    ran = cli.run("issue", "add", "Another")
    assert ran.code in (0, 1)
    assert ran.err.count("\n") == ran.code
    doctor = cli.run("doctor")
    assert doctor.code == 1
    assert "damaged" in doctor.out
    path.write_bytes(whole)
    assert cli.json("issue", "list") == before
    cli.ok("doctor")


@pytest.mark.parametrize("name", ["vault.db", "vault.slots"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_one_flipped_byte_of_the_vault(cli: Cli, name: str, share: float) -> None:
    path = cli.profile / name
    whole = path.read_bytes()
    _flipped(path, int(len(whole) * share))
    if name == "vault.slots":
        cli.ok("project", "list")  # its copy opens the vault, and mends it
        return
    assert "damaged and was left as it is" in cli.fails("project", "list")
    assert "holds a vault" in cli.fails("init")
    path.write_bytes(whole)
    assert len(cli.json("project", "list")) == 1


def test_a_project_file_of_a_newer_sitebook(cli: Cli) -> None:
    workspace = Workspace.open_profile(Profile(cli.profile))
    [entry] = workspace.projects()
    workspace.close()
    database = connect(_project_file(cli), entry.file_key)
    database.run("INSERT INTO migrations VALUES (99, 'later', 0)")
    database.close()
    whole = _project_file(cli).read_bytes()
    assert "newer Sitebook; update this one" in cli.fails("issue", "list")
    assert _project_file(cli).read_bytes() == whole


def test_a_missing_project_file(cli: Cli) -> None:
    _project_file(cli).unlink()
    assert "cannot be opened" in cli.fails("issue", "list")
    assert cli.run("doctor").code == 1


def test_a_full_disk(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("issue", "add", "Before")
    before = cli.json("issue", "list")
    table = tmp_path / "in.csv"
    table.write_text("Title\n" + "\n".join(f"Row {index} {'x' * 200}" for index in range(500)) + "\n")

    def full(path: Path, key: bytes, **more: Any) -> Database:
        database = connect(path, key, **more)
        [pages] = database.one("PRAGMA page_count") or (0,)
        database.run(f"PRAGMA max_page_count = {int(pages) + 5}")
        return database

    with monkeypatch.context() as patched:
        patched.setattr(project_module, "connect", full)
        assert "The disk is full; nothing of this was saved" in cli.fails("import", str(table))
    assert cli.json("issue", "list") == before
    cli.ok("doctor")


def test_a_directory_that_may_only_be_read() -> None:
    """To root nothing is read-only, so root runs it without the right to pass permissions by."""
    folder = Path(tempfile.mkdtemp(prefix="sitebook-read-only-"))
    profile = folder / "profile"
    rights = "-dac_override,-dac_read_search"
    without = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    environment = {
        **os.environ,
        "SITEBOOK_PROFILE": str(profile),
        "SITEBOOK_PASSPHRASE": "secret",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*without, sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    try:
        folder.chmod(0o777)
        assert run("init").returncode == 0
        assert run("project", "new", "Harbour").returncode == 0
        paths = [profile, *profile.rglob("*")]
        content = {path: path.read_bytes() for path in paths if path.is_file()}
        for path in paths:
            path.chmod(0o500 if path.is_dir() else 0o400)
        for words in (["issue", "add", "One"], ["issue", "list"], ["init"]):
            ran = run(*words)
            assert (ran.returncode, ran.stdout) == (1, "")
            assert ran.stderr.startswith("sitebook: ")
            assert ran.stderr.count("\n") == 1
        assert {path: path.read_bytes() for path in content} == content
        for path in paths:
            path.chmod(0o700 if path.is_dir() else 0o600)
        assert run("issue", "add", "One").returncode == 0
        folder.chmod(0o555)
        environment["SITEBOOK_PROFILE"] = str(folder / "new")
        ran = run("init")
        assert ran.returncode == 1
        assert "may not write" in ran.stderr
    finally:
        shutil.rmtree(folder)


class _Hello(BaseHTTPRequestHandler):
    """Some other web server."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Please sign in</html>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_server_that_is_something_else(cli: Cli) -> None:
    other = HTTPServer(("127.0.0.1", 0), _Hello)
    thread = threading.Thread(target=other.serve_forever, daemon=True)
    thread.start()
    try:
        cli.ok("project", "server", f"http://127.0.0.1:{other.server_port}")
        cli.ok("issue", "add", "One")
        assert "not Sitebook" in cli.fails("sync", code=3)
        assert cli.run("doctor").code == 3
    finally:
        other.shutdown()
        other.server_close()
        thread.join()
    assert len(cli.json("issue", "list")) == 1


def test_a_server_that_hangs_up(cli: Cli) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.close()

    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    try:
        cli.ok("project", "server", f"http://127.0.0.1:{listener.getsockname()[1]}")
        cli.fails("sync", code=3)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_server_that_does_not_know_the_project_gets_it(pair: tuple[Cli, Cli], relay: Server) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "One")
    ann.ok("sync")
    bob.ok("sync")
    ann.ok("project", "server", relay.url)
    bob.ok("project", "server", relay.url)
    bob.ok("issue", "add", "Two")
    ann.ok("sync")
    bob.ok("sync")
    ann.ok("sync")
    assert ann.json("issue", "list") == bob.json("issue", "list")
    assert len(ann.json("issue", "list")) == 2


def test_an_expired_invite(make_cli: Callable[[str], Cli], relay: Server) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init")
    ann.ok("project", "new", "Harbour", "--server", relay.url)
    code = ann.ok("project", "invite", "--expires", "2d").last
    relay.stop()
    relay.days_ahead = 3
    relay.start()
    said = bob.fails("project", "join", code)
    assert "expired" in said
    left = {path.name for path in bob.profile.rglob("*")} if bob.profile.exists() else set()
    assert left <= {"profile.lock", "profile.pid"}
    ann.ok("sync")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda wire: wire[: len(wire) // 2] + bytes([wire[len(wire) // 2] ^ 1]) + wire[len(wire) // 2 + 1 :],
        lambda wire: bytes([wire[0] ^ 1]) + wire[1:],
        lambda wire: wire[:-20],
        lambda wire: b"\xc1" * 300,
        lambda wire: b"",
    ],
    ids=["flipped", "first byte", "cut", "garbage", "empty"],
)
def test_bytes_from_the_server_that_are_wrong_stop_nothing(
    make_cli: Callable[[str], Cli], relay: Server, spoil: Callable[[bytes], bytes]
) -> None:
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init")
    ann.ok("project", "new", "Harbour", "--server", relay.url)
    bob.ok("project", "join", ann.ok("project", "invite").last)
    for title in ("One", "Two", "Three"):
        ann.ok("issue", "add", title)
        ann.ok("sync")
    relay.stop()
    database = apsw.Connection(str(relay.data / "relay.db"))
    [(version, wire)] = database.execute(
        "SELECT version, wire FROM envelopes WHERE kind = 0 ORDER BY version DESC LIMIT 1 OFFSET 1"
    )
    database.execute("UPDATE envelopes SET wire = ? WHERE version = ?", (spoil(wire), version))
    database.close()
    relay.start()
    bob.ok("sync")
    assert [each["title"] for each in bob.json("issue", "list")] == ["Three", "One"]
    doctor = bob.run("doctor")
    assert doctor.code == 1
    assert "set aside" in doctor.out
    bob.ok("issue", "add", "Four")
    assert bob.json("sync")["pushed"] == 1
