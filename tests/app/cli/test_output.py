from __future__ import annotations

import io
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli.output import aligned, clean, one_line, width
from app.cli.progress import Bar
from tests.app.cli.conftest import Cli


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_steers_a_terminal_is_shown_as_a_mark() -> None:
    assert clean("a\x1b[2Jb\tc\nd\u202ee") == "a�[2Jb c d�e"
    assert clean("a\tb\nc\x07", lines=True) == "a\tb\nc�"
    assert one_line(" a\n  b\r\n") == "a b"


def test_width_counts_columns() -> None:
    assert [width(each) for each in ("abc", "建物", "e\u0301", "")] == [3, 4, 1, 0]


def test_columns_that_hold_nothing_are_left_out() -> None:
    assert aligned([["A", "B", "C"], ["1", "", "3"], ["22", "", ""]]) == ["A   C", "1   3", "22"]


def test_in_a_terminal_the_widest_column_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr("shutil.get_terminal_size", lambda: type("Size", (), {"columns": 40}))
    lines = aligned([["Id", "Title"], ["1234567890", "word " * 20]])
    assert max(map(width, lines)) <= 40
    assert lines[1].endswith("…")


def test_a_text_ends_in_a_line_of_its_own_in_a_terminal_only(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("issue", "add", "One", "--text", "raw \x1b[1m")
    assert cli.ok("text", "1", "--format", "plain").out == "raw \x1b[1m"
    screen = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", screen)
        cli.run("text", "1", "--format", "plain")
    assert screen.getvalue() == "raw �[1m\n"


def test_a_bar_is_drawn_for_people_only(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, moments = Terminal(), iter(range(100))
    monkeypatch.setattr("app.cli.progress.time.monotonic", lambda: next(moments))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", screen)
        with Bar("Importing") as bar:
            bar.update(1, 2)
            bar.update(0, 0)
    assert "Importing ███" in screen.getvalue()
    assert " 50%" in screen.getvalue()
    assert screen.getvalue().endswith("\r\033[K")
    silent = io.StringIO()
    monkeypatch.setattr(sys, "stderr", silent)
    with Bar("Importing") as bar:
        bar.update(1, 2)
    assert silent.getvalue() == ""


def test_a_passphrase_is_asked_for_at_a_terminal(
    cli: Cli, make_cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoKeyring:
        def __getattr__(self, name: str) -> Any:
            from app.keys.keyring_slot import KeyringUnavailable

            raise KeyringUnavailable("no keyring is used here")

    answers = iter(["one", "two", "secret", "secret", "secret", "wrong"])
    monkeypatch.setattr("app.keys.vault.SystemKeyring", NoKeyring)
    fresh = make_cli("fresh")
    assert "give a passphrase, or set SITEBOOK_PASSPHRASE" in fresh.fails("init")
    monkeypatch.setattr("app.cli.session.can_ask", lambda: True)
    monkeypatch.setattr("app.cli.profile.can_ask", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert "The two differ" in fresh.fails("init")
    fresh.ok("init")
    fresh.ok("project", "list")
    assert "The passphrase is wrong" in fresh.fails("project", "list")


def test_serve_says_what_is_wrong(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    with taken:
        assert "in use" in cli.fails("serve", "--data", str(tmp_path / "data"), "--port", port)
    assert "65535" in cli.fails("serve", "--data", str(tmp_path / "data"), "--port", "70000")
    assert "keeps its data" in cli.fails("serve")
    for name in list(sys.modules):
        if name.startswith(("sync.server.main", "uvicorn")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'sitebook[server]'" in cli.fails("serve", "--data", str(tmp_path / "data"))
