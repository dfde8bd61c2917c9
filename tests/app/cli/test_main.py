from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import issues
from app.cli.arguments import build_parser
from app.cli.main import main
from tests.app.cli.conftest import Cli

ROOT = Path(__file__).resolve().parents[3]


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _commands(each)


def test_every_command_has_its_function_and_a_help() -> None:
    seen = set()
    for parser in _commands(build_parser()):
        module, _, name = str(parser.get_default("command")).partition(":")
        assert callable(getattr(importlib.import_module(f"app.cli.{module}"), name))
        assert parser.format_help()
        seen.add(parser.prog)
    assert len(seen) > 45


def test_help_is_usage_and_exit_code_0(cli: Cli) -> None:
    ran = cli.run("--help")
    assert ran.code == 0
    assert "sitebook" in ran.out
    assert cli.run("issue", "add", "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["issue"],
        ["project"],
        ["issue", "add"],
        ["issue", "list", "--limit", "many"],
        ["issue", "list", "--limit", "-1"],
        ["text", "1", "--insert", "x", "y"],
        ["text", "1", "--delete", "1"],
        ["settle", "1", "title"],
        ["settle", "1", "title", "x", "--take", "1"],
        ["project", "invite", "--expires", "soon"],
        ["project", "invite", "--me", "--role", "viewer"],
        ["field", "add", "X"],
        ["sync", "--folow"],
        ["text", "1", "--format", "rtf"],
    ],
)
def test_wrong_usage_is_exit_code_2(cli: Cli, words: list[str]) -> None:
    cli.fails(*words, code=2)


def test_global_options_stand_before_or_after(cli: Cli) -> None:
    cli.ok("issue", "add", "One")
    name = str(cli.profile)
    for words in (
        ["--profile", name, "--json", "issue", "list"],
        ["issue", "--json", "list", "--profile", name],
        ["issue", "list", "--json", f"--profile={name}", "--project", "harbour"],
        ["--project", "Harbour", "issue", "list", "--profile", name, "--json"],
    ):
        cli.capture.readouterr()
        assert main(words) == 0
        assert '"One"' in cli.capture.readouterr().out


def test_the_profile_comes_from_the_environment(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITEBOOK_PROFILE", str(cli.profile))
    assert main(["project", "list"]) == 0
    assert "Harbour" in cli.capture.readouterr().out


def test_no_profile_says_how_to_make_one(cli: Cli, tmp_path: Path) -> None:
    empty = Cli(tmp_path / "nothing", cli.capture)
    assert "make one with `sitebook init`" in empty.fails("issue", "list")
    assert not empty.profile.exists()


def test_no_project_says_how_to_make_one(cli: Cli, tmp_path: Path) -> None:
    empty = Cli(tmp_path / "empty", cli.capture)
    empty.ok("init")
    assert "sitebook project new NAME" in empty.fails("issue", "list")
    assert "No projects yet" in empty.ok("project", "list").out


def test_several_projects_need_a_name(cli: Cli) -> None:
    made = cli.ok("project", "new", "Tower").last
    assert "Say which project with --project: “Harbour”, “Tower”" in cli.fails("issue", "list")
    assert cli.json("--project", "tower", "issue", "list") == []
    assert cli.json("--project", made[:8], "issue", "list") == []
    assert "There is no project “Roof” here" in cli.fails("--project", "Roof", "issue", "list")
    assert "already" in cli.fails("project", "new", "tower")


def test_our_own_mistakes_are_one_line_and_a_log_without_what_was_typed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret that was typed")

    monkeypatch.setattr(issues, "add", broken)
    said = cli.fails("issue", "add", "One")
    assert "Something went wrong in Sitebook itself (RuntimeError)" in said
    assert "secret" not in said
    log = (cli.profile / "mistakes.log").read_text()
    assert "RuntimeError" in log
    assert "test_main.py" in log
    assert "secret" not in log
    assert (cli.profile / "mistakes.log").stat().st_mode & 0o077 == 0


def test_an_interruption_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(issues, "add", stopped)
    assert "Stopped" in cli.fails("issue", "add", "One")


def test_a_second_process_on_the_profile_is_told(cli: Cli) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom app.keys.profile import Profile\n"
        f"profile = Profile(Path({str(cli.profile)!r}))\nprofile.acquire()\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert f"already open for this profile (process {holder.pid})" in cli.fails("issue", "add", "One")
    finally:
        holder.communicate()
    assert cli.json("issue", "list") == []


def _run(*words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words], cwd=ROOT, capture_output=True, timeout=60, check=False, **more
    )


def test_output_is_utf8_whatever_the_environment_wants(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = _run("--profile", str(tmp_path / "é"), "project", "list", env=environment)
    assert ran.returncode == 1
    assert "é" in ran.stderr.decode("utf-8")


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m app --help | head -1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "0"
    assert ran.stderr == ""


def test_closed_and_full_output(tmp_path: Path) -> None:
    closed = f"{sys.executable} -m app --help >&-"
    ran = subprocess.run(["bash", "-c", closed], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in ran.stderr
    full = f"{sys.executable} -m app --help >/dev/full"
    ran = subprocess.run(["bash", "-c", full], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("sitebook: ")
    assert ran.stderr.count("\n") == 1


def test_the_window_needs_a_display_and_says_so() -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    ran = _run(env=environment)
    assert ran.returncode == 1
    assert b"no display" in ran.stderr


def test_without_the_window_installed_it_says_how_to_install_it(tmp_path: Path) -> None:
    script = "import sys; sys.modules['PySide6'] = None; from app.cli.main import main; sys.exit(main([]))"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "pip install 'sitebook[desktop]'" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_the_command_line_loads_neither_qt_nor_what_other_commands_need(cli: Cli) -> None:
    script = (
        "import sys; from app.cli.main import main; main(['--help']);"
        "print(sorted({'PySide6', 'apsw', 'httpx', 'numpy', 'PIL', 'starlette'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_version(cli: Cli) -> None:
    assert cli.run("--version").code == 0
