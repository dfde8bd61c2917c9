"""Writing a file for the user whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sync.chunks import sync_folder
from sync.clock import Random, system_random
from sync.errors import SitebookError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})


@contextmanager
def writing_whole(path: Path, *, random: Random = system_random) -> Iterator[BinaryIO]:
    """A file that takes the name ``path`` when all of it is on the disk; on any failure nothing is left.

    What lay at ``path`` before is replaced then, and not earlier. Only the owner may read it. Raises
    SitebookError where the disk says no.
    """
    part = path.with_name(f".{path.name[:100]}.{random(4).hex()}.part")
    with plain_errors(path):
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):  # the first failure is the one to tell
                part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into one sentence. Raises SitebookError."""
    try:
        yield
    except OSError as error:
        raise SitebookError(_explained(error, path)) from error


def _explained(error: OSError, path: Path) -> str:
    if error.errno in _FULL:
        return f"The disk is full, so {path.name} was not written; free some space and try again."
    if error.errno in _DENIED:
        return f"The system does not permit using {path}; change its permissions, or choose another place."
    if error.errno in _MISSING:
        return f"There is no {path}; check its name and folder."
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; name a file."
    reason = error.strerror or type(error).__name__
    return f"{path} cannot be used ({reason}); check the disk, or choose another place."
