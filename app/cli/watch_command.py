"""The command that ``sitebook watch --exec`` runs for each line."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.cli.output import Usage
from sync.errors import NotFound

_GRACE = 2.0
"""Seconds between asking a command that takes too long to end, and ending it."""
_LAST_GRACE = 0.4
"""The same where we are to end ourselves."""


class Command:
    """Runs one command at a time, without a shell, in a group of processes of its own."""

    def __init__(self, typed: str, timeout: float, profile: Path) -> None:
        """``timeout``: seconds that it may take. Raises Usage where it cannot be read, NotFound where there is none."""
        try:
            self.words = shlex.split(typed)
        except ValueError as error:
            raise Usage("--exec has a quote that is not closed.") from error
        if not self.words:
            raise Usage("--exec needs a command.")
        if shutil.which(self.words[0]) is None:
            raise NotFound(f"There is no program “{self.words[0]}” to run; give its path, or put it on PATH.")
        self._timeout = timeout
        self._profile = profile
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = 0

    def run(self, line: str, document: dict[str, Any]) -> str:
        """Run it for a line; gives what went wrong, or nothing."""
        environment = {
            **os.environ,
            "SITEBOOK_PROFILE": str(self._profile),
            "SITEBOOK_PROJECT": document["project"]["id"],
            "SITEBOOK_KIND": document["kind"],
            "SITEBOOK_RECORD": document["record"],
            "SITEBOOK_WHAT": document["what"],
        }
        with self._lock:
            if self._stopping:
                return "it was not begun"
            try:
                process = self._process = subprocess.Popen(
                    self.words, stdin=subprocess.PIPE, env=environment, start_new_session=True
                )
            except OSError as error:
                return f"it could not be run ({error.strerror})"
        try:
            code = self._wait(process, line.encode())
        finally:
            with self._lock:
                self._process = None
        if code is None:
            return f"it took longer than {self._timeout:g} s"
        if code < 0:
            return f"signal {-code} ended it"
        return f"it ended with {code}" if code else ""

    def _wait(self, process: subprocess.Popen[bytes], line: bytes) -> int | None:
        try:
            process.communicate(line, self._timeout)
        except subprocess.TimeoutExpired:
            _send(process, signal.SIGTERM)
            try:
                process.communicate(timeout=_GRACE)
            except subprocess.TimeoutExpired:
                _kill(process)
                process.communicate()
            return None
        return process.returncode

    def stop(self, number: int) -> None:
        """Give the command that runs a signal, then no more time. From any thread."""
        with self._lock:
            self._stopping = number
            process = self._process
        if process is None:
            return
        _send(process, number)
        try:
            process.wait(_LAST_GRACE)
        except subprocess.TimeoutExpired:
            _kill(process)


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.terminate()
        elif process.poll() is None:
            os.killpg(process.pid, number)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        elif process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
