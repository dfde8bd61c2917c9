"""The log of our own mistakes: where in the program, never what with, so that no secret gets into it."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

LOG_NAME = "mistakes.log"
_LARGEST = 1 << 20


def note_mistake(directory: Path, error: BaseException) -> Path | None:
    """Append the places of an exception and of its causes; None where the log cannot be written."""
    lines = [f"{datetime.now(UTC).isoformat(timespec='seconds')} python {sys.version.split()[0]}"]
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    path = directory / LOG_NAME
    try:
        large = path.exists() and path.stat().st_size > _LARGEST
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if large else os.O_APPEND)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as log:
            log.write("\n".join(lines) + "\n\n")
    except OSError:
        return None
    return path
