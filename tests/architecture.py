"""The doors between the rooms, as a checker over source text; ``test_architecture.py`` runs and tests it.

A rule takes one module and returns what is wrong with it, one sentence each. Every import counts, also those
inside functions and under ``TYPE_CHECKING``, and modules named in ``importlib.import_module("…")``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_MODULE = 600
QT = frozenset({"PySide6", "qtawesome", "qtpy", "shiboken6"})
SERVER_LIBRARIES = frozenset({"starlette", "uvicorn"})
# Modules that choose between window and command line; they import either only when it is needed.
STARTERS = frozenset({"app.__main__", "app.cli.window", "app.start"})
# Calls that make a run differ from the next: time, chance and waiting come in from outside.
CALLS_OF_THE_WORLD = frozenset(
    {
        "date.today",
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "os.getrandom",
        "os.urandom",
        "time.monotonic",
        "time.monotonic_ns",
        "time.sleep",
        "time.time",
        "time.time_ns",
        "uuid.uuid1",
        "uuid.uuid4",
    }
)
# The one place that reads the clock of the world.
CLOCKS = frozenset({"sync.clock"})


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: the module (``a.b``), whether inside a function, and whether by ``*``."""

    module: str
    line: int
    lazy: bool
    star: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One source file, parsed."""

    name: str
    source: str
    tree: ast.Module
    is_package: bool

    @property
    def room(self) -> str:
        """The room it stands in: ``sync``, or ``app.`` with the name of a part of the app."""
        parts = self.name.split(".")
        return ".".join(parts[:2]) if parts[0] == "app" else parts[0]

    def imports(self) -> Iterator[Import]:
        """All imports, wherever they stand, with relative ones resolved."""
        yield from _imports(self, self.tree, lazy=False)


def read_module(name: str, source: str, *, is_package: bool = False) -> Module:
    """Parse one module's text."""
    return Module(name, source, ast.parse(source), is_package)


def read_tree(root: Path, packages: tuple[str, ...]) -> list[Module]:
    """Parse every module of some top-level packages below a folder."""
    modules = []
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            modules.append(read_module(name, path.read_text("utf-8"), is_package=is_package))
    return modules


def _imports(module: Module, node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, lazy, star=False)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(module, child)
            for alias in child.names:
                star = alias.name == "*"
                # `from app import desktop` names the module app.desktop just as `import app.desktop` does.
                yield Import(base if star else f"{base}.{alias.name}", child.lineno, lazy, star)
        elif isinstance(child, ast.Call) and _called(child).split(".")[-1] in {"import_module", "__import__"}:
            for argument in child.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield Import(argument.value, child.lineno, lazy, star=False)
        # What only a type checker reads is loaded no earlier than what stands in a function.
        for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        inside = lazy or for_types or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _imports(module, child, lazy=inside)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    base = module.name.split(".")
    up = node.level - 1 if module.is_package else node.level
    base = base[: len(base) - up]
    return ".".join([*base, *([node.module] if node.module else [])])


def _called(call: ast.Call) -> str:
    """The dotted name of what is called, or an empty string."""
    parts: list[str] = []
    target: ast.expr = call.func
    while isinstance(target, ast.Attribute):
        parts.insert(0, target.attr)
        target = target.value
    return ".".join([target.id, *parts]) if isinstance(target, ast.Name) else ""


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def sync_knows_nothing_of_app(module: Module) -> Iterator[str]:
    """``sync`` imports neither ``app`` nor its resources."""
    if module.room == "sync":
        for item in module.imports():
            if _within(item.module, "app") or _within(item.module, "resources"):
                yield f"{module.name}:{item.line} imports {item.module}; sync never imports app or resources"


def qt_only_in_desktop(module: Module) -> Iterator[str]:
    """Qt is imported in ``app.desktop`` and nowhere else."""
    if module.room != "app.desktop":
        for item in module.imports():
            if item.module.split(".")[0] in QT:
                yield f"{module.name}:{item.line} imports {item.module}; only app.desktop does"


def rooms_do_not_import_their_users(module: Module) -> Iterator[str]:
    """``desktop`` and ``cli`` use the other rooms and are used by none, nor by each other."""
    for user in ("app.desktop", "app.cli"):
        if module.room == user or _within(module.name, user):
            continue
        for item in module.imports():
            if not _within(item.module, user):
                continue
            if module.name not in STARTERS:
                yield f"{module.name}:{item.line} imports {item.module}; the door leads the other way"
            elif not item.lazy:
                yield f"{module.name}:{item.line} imports {item.module} before it is needed"


def program_does_not_import_tests(module: Module) -> Iterator[str]:
    """Nothing that ships needs the tests."""
    for item in module.imports():
        if _within(item.module, "tests"):
            yield f"{module.name}:{item.line} imports {item.module}, which does not ship"


def no_star_imports(module: Module) -> Iterator[str]:
    """Every imported name is named."""
    for item in module.imports():
        if item.star:
            yield f"{module.name}:{item.line} imports everything from {item.module}"


def modules_are_short(module: Module) -> Iterator[str]:
    """A long module is two concerns in one."""
    lines = module.source.count("\n")
    if lines > LONGEST_MODULE:
        yield f"{module.name} has {lines} lines, more than {LONGEST_MODULE}"


def packages_say_what_they_are(module: Module) -> Iterator[str]:
    """Every package begins with a docstring."""
    if module.is_package and not ast.get_docstring(module.tree):
        yield f"{module.name} has no docstring"


def server_libraries_only_where_served(module: Module) -> Iterator[str]:
    """Clients run without the extra ``server``: only the relay and the command that starts it need that."""
    if _within(module.name, "sync.server") or module.name == "app.cli.serve":
        return
    for item in module.imports():
        if item.module.split(".")[0] in SERVER_LIBRARIES:
            yield f"{module.name}:{item.line} imports {item.module}, which a client does not have"


def world_comes_from_outside(module: Module) -> Iterator[str]:
    """``sync`` and ``app.store`` are given time and randomness, so that the simulation can replay a run."""
    if module.room not in {"sync", "app.store"} or module.name in CLOCKS:
        return
    for item in module.imports():
        if item.module.split(".")[0] in {"random", "secrets"}:
            yield f"{module.name}:{item.line} imports {item.module}; randomness is passed in"
        if item.module in CALLS_OF_THE_WORLD:
            yield f"{module.name}:{item.line} imports {item.module}; time and randomness are passed in"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _called(node) in CALLS_OF_THE_WORLD:
            yield f"{module.name}:{node.lineno} calls {_called(node)}; time and randomness are passed in"


RULES: tuple[Callable[[Module], Iterator[str]], ...] = (
    sync_knows_nothing_of_app,
    qt_only_in_desktop,
    rooms_do_not_import_their_users,
    program_does_not_import_tests,
    no_star_imports,
    modules_are_short,
    packages_say_what_they_are,
    server_libraries_only_where_served,
    world_comes_from_outside,
)


def missing_packages(modules: list[Module]) -> set[str]:
    """Folders with modules but without an ``__init__.py``; an installed Sitebook would lack them."""
    packages = {module.name for module in modules if module.is_package}
    parents = {module.name.rpartition(".")[0] for module in modules if not module.is_package}
    return parents - packages


def third_party(modules: list[Module]) -> dict[str, str]:
    """Top-level names imported from outside Python and Sitebook, each with one place that does so."""
    own = {"app", "resources", "sync", "tests"}
    return {
        top: f"{module.name}:{item.line}"
        for module in modules
        for item in module.imports()
        if (top := item.module.split(".")[0]) not in own and top not in sys.stdlib_module_names
    }
