"""Ringing the window that has a profile open: where it listens, and the caller's side (``app.desktop.doorbell``)."""

from __future__ import annotations

import hashlib
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

TAKEN: Final = b"taken\n"
"""What a window answers that does what it was asked."""
_ANSWER_SECONDS: Final = 10
"""How long a caller waits: a window may be reading its project."""


def bell_place(profile: Path) -> str:
    """Where the window of a profile listens: in its directory, which is its user's alone; on Windows a pipe."""
    directory = profile.absolute()
    if sys.platform == "win32":
        return f"sitebook-{hashlib.sha256(str(directory).encode()).hexdigest()[:32]}"
    return str(directory / "window.socket")


def ring(profile: Path, address: str = "") -> bool:
    """Ask the window of a profile to show itself, and an item; whether one was there and took it."""
    asked = address.encode("ascii") + b"\n"
    with suppress(OSError):
        if sys.platform == "win32":
            with Path(rf"\\.\pipe\{bell_place(profile)}").open("r+b", buffering=0) as pipe:
                pipe.write(asked)
                return pipe.read(len(TAKEN)) == TAKEN
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(_ANSWER_SECONDS)
            caller.connect(bell_place(profile))
            caller.sendall(asked)
            with caller.makefile("rb") as answers:
                return answers.readline(len(TAKEN)) == TAKEN
    return False


def is_answered(profile: Path) -> bool:
    """Whether somebody listens there. On Windows nobody is asked: a pipe ends with its process."""
    if sys.platform == "win32":
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(_ANSWER_SECONDS)
        caller.connect(bell_place(profile))
        return True
    return False
