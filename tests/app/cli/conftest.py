from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.cli.main import main
from tests.server.process import ServerProcess


class MemoryKeyring:
    """A system keyring that works, so that no test waits for a passphrase to be stretched."""

    entries: ClassVar[dict[tuple[str, str], str]] = {}

    def get(self, service: str, account: str) -> str | None:
        return self.entries.get((service, account))

    def set(self, service: str, account: str, secret: str) -> None:
        self.entries[service, account] = secret

    def delete(self, service: str, account: str) -> None:
        self.entries.pop((service, account), None)


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    MemoryKeyring.entries.clear()
    monkeypatch.setattr("app.keys.vault.SystemKeyring", MemoryKeyring)
    yield
    MemoryKeyring.entries.clear()


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Cli:
    """One profile on the command line, in this process."""

    profile: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Ran:
        self.capture.readouterr()
        code = main(["--profile", str(self.profile), *words])
        captured = self.capture.readouterr()
        return Ran(code, captured.out, captured.err)

    def ok(self, *words: str) -> Ran:
        ran = self.run(*words)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def json(self, *words: str) -> Any:
        return self.ok(*words, "--json").json

    def fails(self, *words: str, code: int = 1) -> str:
        """The one sentence on standard error; nothing on standard output."""
        ran = self.run(*words)
        assert (ran.code, ran.out) == (code, ""), ran
        assert ran.err.startswith("sitebook: ")
        assert ran.err.count("\n") == 1
        return ran.err.removeprefix("sitebook: ").strip()


@pytest.fixture
def make_cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Cli]:
    return lambda name: Cli(tmp_path / name, capsys)


@pytest.fixture
def cli(make_cli: Callable[[str], Cli]) -> Cli:
    """A profile with one project and no server."""
    found = make_cli("profile")
    found.ok("init", "--name", "Ann Archer")
    found.ok("project", "new", "Harbour", "--currency", "GBP")
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server") as process:
        yield process


@pytest.fixture
def pair(make_cli: Callable[[str], Cli], server: ServerProcess) -> tuple[Cli, Cli]:
    """Two people in one project, through a server."""
    ann, bob = make_cli("ann"), make_cli("bob")
    ann.ok("init", "--name", "Ann Archer")
    ann.ok("project", "new", "Harbour", "--server", server.url)
    code = ann.ok("project", "invite").last
    bob.ok("project", "join", code, "--name", "Bob Builder")
    ann.ok("sync")
    return ann, bob
