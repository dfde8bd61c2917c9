"""Writing small files whole or not at all, and saying in a sentence why a disk said no."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sync.errors import Busy, Damaged, SitebookError

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turns what the system or SQLite says about ``path`` into one sentence.

    :raises SitebookError: the disk is full, read-only or fails.
    :raises Damaged: SQLite finds bytes that it did not write.
    :raises Busy: another process holds the file for too long.
    """
    try:
        yield
    except OSError as error:
        raise _explained(error, path) from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise damaged(path) from error
    except apsw.FullError as error:
        raise _full(path) from error
    except (apsw.ReadOnlyError, apsw.PermissionsError, apsw.CantOpenError) as error:
        raise _denied(path) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Busy(f"Another program keeps {path} locked: close it and try again.") from error
    except apsw.IOError as error:
        raise SitebookError(
            f"The disk failed while Sitebook used {path}: check the disk and its free space, then try again."
        ) from error


def damaged(path: Path) -> Damaged:
    """The sentence for a file whose bytes are not those that were written."""
    return Damaged(
        f"{path} is damaged and was left as it is: put back a copy of it from a backup "
        "(`sitebook restore`), or start with another directory (`--profile`)."
    )


def write_durably(path: Path, data: bytes) -> None:
    """Writes ``data`` so that after a crash the file holds all of it, or what it held before.

    :raises OSError: the disk said no; the file is as it was and nothing lies beside it.
    """
    fresh = fresh_name(path)
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def fresh_name(path: Path) -> Path:
    """Where a file is written before it takes the name ``path``."""
    return path.with_name(path.name + ".new")


def sync_directory(directory: Path) -> None:
    """Makes renames and removals in ``directory`` survive a power cut, where the system knows how."""
    if os.name != "posix":  # elsewhere directories cannot be opened; their metadata is journaled
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, path: Path) -> SitebookError:
    if error.errno in _FULL:
        return _full(path)
    if error.errno in _DENIED:
        return _denied(path)
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return SitebookError(
            f"{path} cannot be made because a file of that name is in the way: choose another (`--profile`)."
        )
    reason = error.strerror or type(error).__name__
    return SitebookError(
        f"{path} cannot be used ({reason}): check the disk, or choose another (`--profile`)."
    )


def _full(path: Path) -> SitebookError:
    return SitebookError(
        f"The disk that holds {path} is full, and nothing was changed: free some space and try again."
    )


def _denied(path: Path) -> SitebookError:
    return SitebookError(
        f"Sitebook may not write to {path}: make it writable, or choose another directory (`--profile`)."
    )
