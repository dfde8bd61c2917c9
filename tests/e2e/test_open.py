"""An address from outside: a window begins with its item, and the next address goes to that window."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

import pytest

from app.domain.addresses import address_of
from tests.e2e.program import ROOT, Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL, and a window without a display")


@contextmanager
def window(program: Program, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A window off-screen, and the lines that it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.open_child", *arguments],
        cwd=ROOT,
        env=program.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


@pytest.mark.slow
def test_an_address_opens_in_the_window_that_is_there(tmp_path: Path) -> None:
    program = Program(tmp_path / "ann")
    program.recovery = program.json("init", "--name", "Ann Archer")["recovery_key"]
    project = bytes.fromhex(program.json("project", "new", "Harbour Tower")["id"])
    records = [UUID(program.json("issue", "add", title)["id"]).bytes for title in ("One", "Two")]
    one, two = (address_of(project, "issue", record) for record in records)

    with window(program, "open", one) as (process, lines):
        assert lines.readline() == "raised\n"
        assert lines.readline() == f"Harbour Tower: {records[0].hex()}\n"
        assert program.run("open", two).code == 0
        assert lines.readline() == "raised\n"
        assert lines.readline() == f"Harbour Tower: {records[1].hex()}\n"
        assert program.run().code == 0
        assert lines.readline() == "raised\n"
        refused = program.run("open", "sitebook://somewhere/else")
        assert (refused.code, "is not an address" in refused.err) == (1, True)
        process.send_signal(signal.SIGKILL)
    with window(program, "open", two) as (_, lines):
        assert lines.readline() == "raised\n"
        assert lines.readline() == f"Harbour Tower: {records[1].hex()}\n", (
            "a killed window leaves nothing in the way"
        )
