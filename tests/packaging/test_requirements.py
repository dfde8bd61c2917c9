"""The lists of pinned packages fit pyproject.toml, each other, and any index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LISTS = sorted((ROOT / "packaging" / "requirements").glob("*.txt"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def _pinned(name: str) -> list[Requirement]:
    text = (ROOT / "packaging" / "requirements" / f"{name}.txt").read_text("utf-8")
    logical_lines = text.replace("\\\n", " ").splitlines()
    lines = (line.split("#")[0].split("--hash")[0].strip() for line in logical_lines)
    return [Requirement(line) for line in lines if line]


def _versions(name: str, python: str) -> dict[str, str]:
    """The versions that a list installs on Linux with one Python."""
    environment = {"python_full_version": f"{python}.0", "python_version": python, "sys_platform": "linux"}
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in _pinned(name)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def _wanted(*, extras: tuple[str, ...], groups: tuple[str, ...]) -> list[Requirement]:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    optional, group_lists = whole["project"]["optional-dependencies"], whole["dependency-groups"]
    lines = [*whole["project"]["dependencies"]]
    lines += [line for extra in extras for line in optional[extra]]
    lines += [line for group in groups for line in group_lists[group]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_list_names_no_place(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|-e|--(index|extra|find|trusted|no-index))", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_package_has_one_version_and_hashes(path: Path) -> None:
    logical_lines = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    blocks = [line for line in logical_lines if not line.lstrip().startswith("#")]
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+ ", block), block
        assert "--hash=sha256:" in block


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("name", "extras", "groups"),
    [
        ("app", ("desktop", "server"), ("build",)),
        ("server", ("server",), ("build",)),
        ("dev", ("desktop", "server"), ("build", "dev")),
    ],
)
def test_list_fits_the_project(
    name: str, extras: tuple[str, ...], groups: tuple[str, ...], python: str
) -> None:
    held = _versions(name, python)
    for wanted in _wanted(extras=extras, groups=groups):
        version = held.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is missing: make lock"
        assert wanted.specifier.contains(version), f"{wanted} but {version}: make lock"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["app", "server"])
def test_lists_agree_on_versions(name: str, python: str) -> None:
    assert _versions(name, python).items() <= _versions("dev", python).items()


def test_server_list_has_no_qt() -> None:
    assert not {name for name in _versions("server", "3.11") if re.search("qt|pyside|shiboken", name)}
