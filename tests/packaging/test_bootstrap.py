"""The set-up does what is missing, nothing twice, and names the command where it may not do it itself."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sitebook_bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bootstrap = _load()


@dataclass
class Commands:
    """Stands in for subprocess.run: notes what was asked for, runs nothing."""

    failing: str = ""
    ran: list[str] = field(default_factory=list)

    def __call__(
        self, command: Sequence[object], *, check: bool = False, **_options: object
    ) -> subprocess.CompletedProcess[bytes]:
        line = " ".join(map(str, command))
        self.ran.append(line)
        code = 1 if self.failing and self.failing in line else 0
        if check and code:
            raise subprocess.CalledProcessError(code, [str(part) for part in command])
        return subprocess.CompletedProcess([str(part) for part in command], code)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    found = Commands()
    monkeypatch.setattr(bootstrap.subprocess, "run", found)
    return found


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with lists and a table of system packages, and a .venv that is only a folder."""
    requirements = tmp_path / "packaging" / "requirements"
    requirements.mkdir(parents=True)
    for name in bootstrap.LISTS:
        (requirements / f"{name}.txt").write_text(f"{name}==1\n", "utf-8")
    table = tmp_path / "packaging" / "system-packages.txt"
    table.write_text(
        "# comment\nrun lib:libnone-such.so.7 libnone\ntest command:no-such-command tool\n", "utf-8"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\n", "utf-8")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", requirements)
    monkeypatch.setattr(bootstrap, "SYSTEM_PACKAGES", table)
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    return tmp_path


def _as_user(monkeypatch: pytest.MonkeyPatch, uid: int, *, apt: bool = True) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: "/usr/bin/apt-get" if apt and name == "apt-get" else None
    )


def test_table_of_system_packages_is_sound() -> None:
    needs = bootstrap.read_system_needs(bootstrap.SYSTEM_PACKAGES.read_text("utf-8"))
    assert {need.purpose for need in needs} == {"run", "test"}
    assert {need.probe.partition(":")[0] for need in needs} == {"lib", "command", "font"}
    assert len({need.probe for need in needs}) == len(needs)


def test_probes_tell_what_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert bootstrap.is_there("command:sh")
    assert not bootstrap.is_there("command:no-such-command")
    assert not bootstrap.is_there("lib:libnone-such.so.7")
    fonts = tmp_path / "fonts" / "nested"
    fonts.mkdir(parents=True)
    (fonts / "Inter.otf").write_bytes(b"")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert bootstrap.is_there("font")
    with pytest.raises(bootstrap.SetupError, match="no known kind"):
        bootstrap.is_there("colour:red")


def test_names_the_command_to_a_user_who_is_not_root(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _as_user(monkeypatch, 1000)
    assert bootstrap.main(["test"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("sitebook setup: ")
    assert "Type this as root" in error
    assert "    apt-get update && apt-get install --yes --no-install-recommends libnone tool\n" in error
    assert commands.ran == []


def test_run_asks_for_nothing_that_only_tests_need(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_user(monkeypatch, 1000)
    with pytest.raises(bootstrap.SetupError, match="recommends libnone\n"):
        bootstrap.ensure_system({"run"})


def test_names_the_packages_where_there_is_no_apt(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_user(monkeypatch, 0, apt=False)
    with pytest.raises(bootstrap.SetupError, match="Debian packages libnone hold"):
        bootstrap.ensure_system({"run"})


def test_root_gets_the_packages(clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    _as_user(monkeypatch, 0)
    monkeypatch.setattr(bootstrap, "is_there", lambda _probe: any("install" in line for line in commands.ran))
    bootstrap.ensure_system({"run"})
    venv = f"python3.{sys.version_info[1]}-venv"
    assert commands.ran == [
        "apt-get update --quiet=2",
        f"apt-get install --yes --no-install-recommends libnone {venv} --quiet=2 -o=Dpkg::Use-Pty=0",
    ]


def test_a_package_that_does_not_help_is_told(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_user(monkeypatch, 0)
    with pytest.raises(bootstrap.SetupError, match=r"still missing: lib:libnone-such\.so\.7"):
        bootstrap.ensure_system({"run"})


def test_failing_apt_is_told(clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    _as_user(monkeypatch, 0)
    commands.failing = "install"
    with pytest.raises(bootstrap.SetupError, match="apt could not install"):
        bootstrap.ensure_system({"run"})


def test_system_packages_can_be_left_out(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as_user(monkeypatch, 1000)
    monkeypatch.setenv(bootstrap.SKIP_VARIABLE, "1")
    bootstrap.ensure_system({"run", "test"})
    assert commands.ran == []


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_no_apt_on_other_systems(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", platform)
    bootstrap.ensure_system({"run", "test"})
    assert commands.ran == []


def test_venv_module_is_brought_where_debian_leaves_it_out(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv(bootstrap.SKIP_VARIABLE, "1")
    _as_user(monkeypatch, 1000)
    with pytest.raises(bootstrap.SetupError, match=rf"recommends python3\.{sys.version_info[1]}-venv\n"):
        bootstrap.ensure_system(set())


def test_venv_module_is_not_asked_for_where_a_venv_stands(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    bootstrap.venv_python().parent.mkdir(parents=True)
    bootstrap.venv_python().write_text("", "utf-8")
    bootstrap.ensure_system(set())
    assert not any("apt-get" in line for line in commands.ran)


def test_venv_that_works_is_kept_and_a_broken_one_made_anew(clone: Path, commands: Commands) -> None:
    bootstrap.ensure_venv()
    assert commands.ran == [f"{sys.executable} -m venv --clear {clone / '.venv'}"]
    python = bootstrap.venv_python()
    python.parent.mkdir(parents=True)
    python.write_text("", "utf-8")
    bootstrap.ensure_venv()
    assert len([line for line in commands.ran if "venv --clear" in line]) == 1
    commands.failing = "import pip"
    bootstrap.ensure_venv()
    assert len([line for line in commands.ran if "venv --clear" in line]) == 2


def test_packages_are_installed_once_with_hashes(clone: Path, commands: Commands) -> None:
    bootstrap.ensure_packages("app")
    bootstrap.ensure_packages("app")
    assert len(commands.ran) == 1
    assert "--require-hashes --only-binary=:all: --requirement" in commands.ran[0]


def test_changed_list_is_installed_again(clone: Path, commands: Commands) -> None:
    bootstrap.ensure_packages("dev")
    (bootstrap.REQUIREMENTS / "dev.txt").write_text("dev==2\n", "utf-8")
    bootstrap.ensure_packages("dev")
    assert len(commands.ran) == 2


def test_list_for_tests_is_enough_to_run_but_not_the_reverse(clone: Path, commands: Commands) -> None:
    bootstrap.ensure_packages("dev")
    bootstrap.ensure_packages("app")
    assert len(commands.ran) == 1
    (clone / ".venv" / ".sitebook-packages").unlink()
    bootstrap.ensure_packages("app")
    bootstrap.ensure_packages("dev")
    assert len(commands.ran) == 3


def test_failed_install_is_tried_again(clone: Path, commands: Commands) -> None:
    commands.failing = "pip install"
    with pytest.raises(bootstrap.SetupError, match="pip could not install"):
        bootstrap.ensure_packages("app")
    commands.failing = ""
    bootstrap.ensure_packages("app")
    assert len(commands.ran) == 2


def test_project_is_installed_again_when_its_metadata_changes(clone: Path, commands: Commands) -> None:
    bootstrap.ensure_project()
    bootstrap.ensure_project()
    assert len(commands.ran) == 1
    (clone / "pyproject.toml").write_text("[project]\nname = 'other'\n", "utf-8")
    bootstrap.ensure_project()
    assert len(commands.ran) == 2
    assert "--no-deps --no-build-isolation --no-index" in commands.ran[1]


def test_too_old_python_is_replaced_or_told(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (3, 98))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.98 or later"):
        bootstrap.ensure_new_enough_python()


def test_newer_python_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None
    )

    def replace_process(path: str, _arguments: list[str]) -> None:
        started.append(path)
        raise SystemExit

    monkeypatch.setattr(bootstrap.os, "execv", replace_process)
    with pytest.raises(SystemExit):
        bootstrap.ensure_new_enough_python()
    assert started == ["/usr/bin/python3.12"]


def test_usage_names_the_three_commands() -> None:
    script = ROOT / "packaging" / "bootstrap.py"
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    assert "run,test,lock" in done.stdout
