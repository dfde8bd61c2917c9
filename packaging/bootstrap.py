"""Bring what Sitebook needs into a fresh clone: system packages, ``.venv``, pinned libraries and itself.

``python3 packaging/bootstrap.py run`` prepares for the window and its off-screen tour, ``test`` for tests and
checks, ``lock`` writes the lists in ``packaging/requirements`` anew. Each step first looks whether there is
anything to do, so a second call takes a fraction of a second. System packages are installed where that is
allowed (root on a system with apt); elsewhere the exact command to type is named.

Only the standard library is used here: nothing else exists yet when this runs.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "packaging" / "requirements"
SYSTEM_PACKAGES = ROOT / "packaging" / "system-packages.txt"
OLDEST_PYTHON = (3, 11)
SKIP_VARIABLE = "SITEBOOK_SKIP_SYSTEM_PACKAGES"

# Which optional parts and groups of pyproject.toml each list holds. The first list holds every version that
# the others may use, so that all of them agree.
LISTS = {
    "dev": ["--extra=desktop", "--extra=server", "--group=build", "--group=dev"],
    "app": ["--extra=desktop", "--extra=server", "--group=build"],
    "server": ["--extra=server", "--group=build"],
    "lock": ["--group=lock"],
}


class SetupError(Exception):
    """Something the user has to know or do; the text is one message that says what."""


@dataclass(frozen=True)
class SystemNeed:
    """One line of ``system-packages.txt``: for which command, how to see that it is there, who brings it."""

    purpose: str
    probe: str
    package: str


def read_system_needs(text: str) -> list[SystemNeed]:
    """Parse the table of system packages; lines that start with ``#`` are comments."""
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [SystemNeed(purpose, probe, package) for purpose, probe, package in lines]


def is_there(probe: str) -> bool:
    """Tell whether what a probe names is there: ``lib:NAME``, ``command:NAME``, ``module:NAME``, ``font``."""
    kind, _, name = probe.partition(":")
    if kind == "lib":
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True
    if kind == "command":
        return shutil.which(name) is not None
    if kind == "module":
        return importlib.util.find_spec(name) is not None
    if kind == "font":
        return any(_font_files())
    raise SetupError(f"packaging/system-packages.txt asks for “{probe}”, which is no known kind of probe.")


def _font_files() -> list[Path]:
    data_home = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser()
    places = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data_home / "fonts")
    return [
        file
        for place in places
        for file in place.rglob("*")
        if file.suffix.lower() in {".ttf", ".otf", ".ttc"}
    ]


def ensure_system(purposes: set[str]) -> None:
    """Bring the system packages that are missing, or say which command brings them."""
    if not sys.platform.startswith("linux"):
        return
    needs = []
    if not venv_works():
        # Debian leaves this part of Python out.
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        needs.append(SystemNeed("venv", "module:ensurepip", package))
    if not os.environ.get(SKIP_VARIABLE):
        table = read_system_needs(SYSTEM_PACKAGES.read_text("utf-8"))
        needs += [need for need in table if need.purpose in purposes]
    missing = [need for need in needs if not is_there(need.probe)]
    if not missing:
        return
    install_system_packages(sorted({need.package for need in missing}))
    importlib.invalidate_caches()
    still_missing = [need.probe for need in missing if not is_there(need.probe)]
    if still_missing:
        raise SetupError(
            f"The packages were installed, yet these are still missing: {', '.join(still_missing)}."
        )


def install_system_packages(packages: list[str]) -> None:
    """Install Debian packages where that is allowed; else raise an error that names the command."""
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"This system lacks what the Debian packages {' '.join(packages)} hold. Install it by its "
            f"own means, then call make again; or set {SKIP_VARIABLE}=1 to go on without."
        )
    sudo = "sudo " if shutil.which("sudo") else ""
    by_hand = f"    {sudo}apt-get update && {sudo}{shlex.join(install)}\n"
    if os.geteuid() != 0:
        who = "" if sudo else " as root"
        raise SetupError(
            f"System packages are missing. Type this{who}, then call make again:\n\n{by_hand}\n"
            f"Or set {SKIP_VARIABLE}=1 to go on without those that the window and the tests need."
        )
    say(f"Installing system packages: {' '.join(packages)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # An outdated or empty package index is the usual state of a fresh system. One source of several that does
    # not answer is no reason to stop: whether it mattered shows when installing.
    subprocess.run(["apt-get", "update", "--quiet=2"], env=quiet, check=False)
    if subprocess.run([*install, "--quiet=2", "-o=Dpkg::Use-Pty=0"], env=quiet, check=False).returncode:
        raise SetupError(f"apt could not install the system packages; to see why, type:\n\n{by_hand}")


def ensure_new_enough_python() -> None:
    """Start this script again with a newer Python where the one that runs it is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - there is no shell to want
    raise SetupError(
        f"Sitebook needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or later and found only "
        f"{sys.version_info[0]}.{sys.version_info[1]}; "
        "install a newer one, or name one: make PYTHON=/path/to/python3 …"
    )


def venv_python() -> Path:
    """Return where the Python of ``.venv`` is, whether it exists or not."""
    return VENV / "Scripts" / "python.exe" if sys.platform == "win32" else VENV / "bin" / "python"


def venv_works() -> bool:
    """Tell whether ``.venv`` is usable: its Python runs, is new enough, and has pip."""
    if not venv_python().exists():
        return False
    script = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    check = subprocess.run([venv_python(), "-c", script], stderr=subprocess.DEVNULL, check=False)
    return check.returncode == 0


def ensure_venv() -> None:
    """Make ``.venv``, or make it anew where it does not work (its Python is gone, or it was cut half-way)."""
    if not venv_works():
        say("Making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def ensure_packages(name: str) -> None:
    """Install a list from ``packaging/requirements`` into ``.venv``, every file checked by its hash."""
    stamp = VENV / ".sitebook-packages"
    held = {f"{enough} {digest_of_list(enough)}" for enough in ({name, "dev"} if name != "lock" else {name})}
    if stamp.exists() and stamp.read_text("utf-8") in held:
        return
    size = "" if name == "lock" else " (the first time, about 150 MB to download)"
    say(f"Installing the libraries of packaging/requirements/{name}.txt{size}")
    # Wheels only: building from source would fetch build tools that no hash covers.
    pip("--require-hashes", "--only-binary=:all:", "--requirement", str(REQUIREMENTS / f"{name}.txt"))
    if name != "lock":
        stamp.write_text(f"{name} {digest_of_list(name)}", "utf-8")


def ensure_project() -> None:
    """Install Sitebook itself, editable, so that the command ``sitebook`` exists in ``.venv``."""
    stamp = VENV / ".sitebook-project"
    # The editable install holds the clone's path and the metadata of pyproject.toml.
    state = hashlib.sha256(bytes(ROOT) + b"\0" + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == state:
        return
    pip("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--editable", str(ROOT))
    stamp.write_text(state, "utf-8")


def digest_of_list(name: str) -> str:
    """Return what changes when a list of packages changes."""
    return hashlib.sha256((REQUIREMENTS / f"{name}.txt").read_bytes()).hexdigest()


def pip(*arguments: str) -> None:
    """Run ``pip install`` in ``.venv``; raises SetupError when it fails (pip has said why)."""
    command: list[str | Path] = [venv_python(), "-m", "pip", "install", "--disable-pip-version-check"]
    command += arguments
    if subprocess.run(command, check=False).returncode:
        raise SetupError("pip could not install what Sitebook needs; its own message above says why.")


def write_locks(*, upgrade: bool) -> None:
    """Write ``packaging/requirements`` from ``pyproject.toml``: with hashes, without index addresses."""
    for name, parts in LISTS.items():
        target = REQUIREMENTS / f"{name}.txt"
        command: list[str | Path] = [venv_python(), "-m", "uv", "pip", "compile", "--quiet", "--no-config"]
        # Universal: one list for all systems and all Pythons from the oldest on.
        command += [
            "--universal",
            f"--python-version={OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]}",
            "--generate-hashes",
        ]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--only-binary=:all:"]
        command += ["--annotation-style=line", *parts, f"--output-file={target}"]
        if name in {"app", "server"}:
            command.append(f"--constraint={REQUIREMENTS / 'dev.txt'}")
        if upgrade:
            command.append("--upgrade")
        if name != "lock":
            command.append(ROOT / "pyproject.toml")
        say(f"Writing {target.relative_to(ROOT)}")
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def say(text: str) -> None:
    """Tell the user what takes time now."""
    print(f"sitebook setup: {text}", flush=True)


def main(arguments: list[str]) -> int:
    """Do what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description="Prepare this clone of Sitebook.")
    parser.add_argument("command", choices=["run", "test", "lock"])
    parser.add_argument("--upgrade", action="store_true", help="with lock: take the newest versions that fit")
    options = parser.parse_args(arguments)
    try:
        ensure_new_enough_python()
        if options.command == "lock":
            ensure_system(set())
            ensure_venv()
            ensure_packages("lock")
            write_locks(upgrade=options.upgrade)
        else:
            test = options.command == "test"
            ensure_system({"run", "test"} if test else {"run"})
            ensure_venv()
            ensure_packages("dev" if test else "app")
            ensure_project()
    except SetupError as error:
        print(f"sitebook setup: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"sitebook setup: this failed: {shlex.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
