"""A real server process on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_LINE = re.compile(r"Sitebook server at (https?://\S+), data in (.+)\n")


class ServerProcess:
    """Runs ``python -m sync.server`` until the block ends; it listens once the constructor is through."""

    def __init__(self, data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sync.server", "--data", str(data), "--port", "0", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **(environment or {})},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        match = _LINE.fullmatch(line)
        if match is None:
            self.kill()
            raise AssertionError(f"the server said {line!r} and {self.log.read_text()!r}")
        self.url = match[1]

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(10)
        self.kill()
        return code

    def kill(self) -> None:
        """End it with no warning, where it still runs."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def refused(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What a server says on standard error that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "sync.server", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr
