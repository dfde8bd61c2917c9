"""The doors between the rooms hold, and the checker that says so notices when they do not."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import RULES, STARTERS, Module, read_module, read_tree

ROOT = Path(__file__).resolve().parent.parent
Rule = Callable[[Module], Iterator[str]]


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    found = read_tree(ROOT, ("app", "resources", "sync"))
    assert {"app", "sync"} <= {module.name for module in found}
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule, modules: list[Module]) -> None:
    assert [problem for module in modules for problem in rule(module)] == []


def test_every_folder_with_modules_is_a_package(modules: list[Module]) -> None:
    assert architecture.missing_packages(modules) == set()


@pytest.mark.parametrize("starter", sorted(STARTERS))
def test_starters_are_the_only_exception(starter: str) -> None:
    assert starter.startswith("app.")
    assert not starter.startswith("app.desktop")


def _declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    needed = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    return {_normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in needed}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _undeclared(modules: list[Module], declared: set[str]) -> dict[str, str]:
    distributions = packages_distributions()
    return {
        top: place
        for top, place in architecture.third_party(modules).items()
        if not declared & {_normal(name) for name in distributions.get(top, [top])}
    }


def test_client_without_window_imports_only_what_it_declares(modules: list[Module]) -> None:
    headless = [module for module in modules if module.room != "app.desktop" and not _serves(module)]
    assert _undeclared(headless, _declared()) == {}


def test_server_imports_only_what_it_declares(modules: list[Module]) -> None:
    assert _undeclared([module for module in modules if _serves(module)], _declared("server")) == {}


def test_desktop_imports_only_what_it_declares(modules: list[Module]) -> None:
    desktop = [module for module in modules if module.room == "app.desktop"]
    assert _undeclared(desktop, _declared("desktop")) == {}


def _serves(module: Module) -> bool:
    return module.name.startswith("sync.server") or module.name == "app.cli.serve"


def test_everything_but_the_window_imports_without_qt(modules: list[Module]) -> None:
    """Also what reaches Qt by a detour: every module is imported in a Python that has no Qt."""
    names = [m.name for m in modules if m.room != "app.desktop" and not m.name.endswith("__main__")]
    script = (
        "import importlib, sys\n"
        f"for name in {sorted(architecture.QT)!r}: sys.modules[name] = None\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr.strip().splitlines()[-1]
    assert done.stderr == ""


def _problems(rule: Rule, name: str, source: str, *, is_package: bool = False) -> list[str]:
    return list(rule(read_module(name, source, is_package=is_package)))


BROKEN: list[tuple[Rule, str, str]] = [
    (architecture.sync_knows_nothing_of_app, "sync.engine", "import app"),
    (architecture.sync_knows_nothing_of_app, "sync.engine", "from app.store import project"),
    (architecture.sync_knows_nothing_of_app, "sync.engine", "def f():\n    import app.store.project"),
    (
        architecture.sync_knows_nothing_of_app,
        "sync.server.http",
        "from importlib import resources\nimport resources",
    ),
    (architecture.qt_only_in_desktop, "app.store.project", "from PySide6.QtCore import QObject"),
    (architecture.qt_only_in_desktop, "sync.engine", "def f():\n    import shiboken6"),
    (
        architecture.qt_only_in_desktop,
        "app.cli.main",
        "import importlib\nimportlib.import_module('PySide6.QtGui')",
    ),
    (architecture.qt_only_in_desktop, "app.start", "import qtawesome"),
    (architecture.rooms_do_not_import_their_users, "app.store.project", "from app.cli import main"),
    (architecture.rooms_do_not_import_their_users, "app.query.filter", "from ..desktop import window"),
    (architecture.rooms_do_not_import_their_users, "app.query.filter", "from .. import desktop"),
    (architecture.rooms_do_not_import_their_users, "app.cli.main", "def f():\n    import app.desktop.window"),
    (architecture.rooms_do_not_import_their_users, "app.desktop.window", "import app.cli.main"),
    (architecture.rooms_do_not_import_their_users, "app.cli.window", "import app.desktop.window"),
    (architecture.rooms_do_not_import_their_users, "app.start", "from app.desktop import window"),
    (architecture.program_does_not_import_tests, "app.start", "def f():\n    from tests import sample"),
    (architecture.no_star_imports, "app.store.project", "from sync.change import *"),
    (architecture.modules_are_short, "app.store.project", "\n" * 601),
    (architecture.server_libraries_only_where_served, "app.cli.main", "import uvicorn"),
    (architecture.server_libraries_only_where_served, "sync.engine", "from starlette.routing import Route"),
    (architecture.world_comes_from_outside, "sync.engine", "import time\ntime.sleep(1)"),
    (architecture.world_comes_from_outside, "sync.engine", "from time import monotonic"),
    (architecture.world_comes_from_outside, "sync.engine", "import random"),
    (
        architecture.world_comes_from_outside,
        "app.store.project",
        "import datetime\ndatetime.datetime.now(None)",
    ),
]

SOUND: list[tuple[Rule, str, str]] = [
    (
        architecture.sync_knows_nothing_of_app,
        "sync.engine",
        "import application\nfrom importlib import resources",
    ),
    (architecture.sync_knows_nothing_of_app, "app.store.project", "import app.domain, sync"),
    (architecture.qt_only_in_desktop, "app.desktop.window", "from PySide6.QtCore import QObject"),
    (architecture.rooms_do_not_import_their_users, "app.desktop.window", "from . import theme"),
    (
        architecture.rooms_do_not_import_their_users,
        "app.cli.main",
        "from app.cli import issues\nimport app.store",
    ),
    (
        architecture.rooms_do_not_import_their_users,
        "app.start",
        "def f():\n    from app.desktop import window",
    ),
    (
        architecture.rooms_do_not_import_their_users,
        "app.cli.window",
        "def f():\n    import app.desktop.window",
    ),
    (architecture.modules_are_short, "app.store.project", "\n" * 600),
    (architecture.server_libraries_only_where_served, "sync.server.http", "import starlette"),
    (architecture.server_libraries_only_where_served, "app.cli.serve", "import uvicorn"),
    (architecture.world_comes_from_outside, "sync.engine", "import os\ndef f(random=os.urandom): pass"),
    (architecture.world_comes_from_outside, "sync.clock", "import time\ntime.time()"),
    (architecture.world_comes_from_outside, "app.cli.main", "import time\ntime.time()"),
]


@pytest.mark.parametrize(("rule", "name", "source"), BROKEN)
def test_checker_notices(rule: Rule, name: str, source: str) -> None:
    assert len(_problems(rule, name, source)) >= 1


@pytest.mark.parametrize(("rule", "name", "source"), SOUND)
def test_checker_lets_pass(rule: Rule, name: str, source: str) -> None:
    assert _problems(rule, name, source) == []


def test_checker_wants_a_docstring_in_packages() -> None:
    rule = architecture.packages_say_what_they_are
    assert len(_problems(rule, "app.store", "import os\n", is_package=True)) == 1
    assert _problems(rule, "app.store", '"""The project file."""\n', is_package=True) == []
    assert _problems(rule, "app.store.project", "import os\n") == []


def test_checker_resolves_relative_imports_of_packages() -> None:
    package = read_module("app.store", "from . import project\nfrom ..cli import main", is_package=True)
    assert [item.module for item in package.imports()] == ["app.store.project", "app.cli.main"]


def test_checker_tries_every_rule() -> None:
    tried = {rule for rule, _, _ in BROKEN} | {architecture.packages_say_what_they_are}
    assert tried == set(RULES)


def test_checker_finds_folders_that_are_no_packages() -> None:
    found = [read_module("app", "", is_package=True), read_module("app.store.project", "")]
    assert architecture.missing_packages(found) == {"app.store"}


def test_checker_finds_undeclared_libraries() -> None:
    module = read_module(
        "app.store.project", "import os, msgspec.json\nfrom anyio import sleep\nfrom app import x"
    )
    assert _undeclared([module], {"msgspec"}) == {"anyio": "app.store.project:2"}
