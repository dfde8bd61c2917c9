"""A directory of encrypted chunks, each under the SHA-256 of its bytes.

``DIR/ab/abcdef…`` holds one chunk; the first two hex digits are the folder. A chunk is written under another
name, synced, and renamed, so a name that is there holds the whole chunk, or a disk that changed it, which its
hash tells. Nothing here knows what is inside.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sync.clock import Random, system_random
from sync.errors import Damaged, NotFound, SitebookError

NAME: int = 32
"""Bytes of a chunk's name."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_PART = ".part"


def disk_error(error: OSError, what: str) -> SitebookError:
    """The sentence for what the system said while something was read or written."""
    if error.errno in _FULL:
        return SitebookError(
            f"The disk is full while {what}; nothing was kept. Free some space and try again."
        )
    if error.errno in _DENIED:
        return SitebookError(f"The system does not permit {what}; change the permissions and try again.")
    reason = error.strerror or type(error).__name__
    return SitebookError(f"The system failed ({reason}) while {what}; check the disk and try again.")


def chunk_name(data: bytes) -> bytes:
    """The name of a chunk."""
    return hashlib.sha256(data).digest()


class ChunkDirectory:
    """Chunks on disk. It holds nothing open and may be used from any thread, and by several at once."""

    def __init__(self, directory: Path, random: Random = system_random) -> None:
        """``directory`` is made when the first chunk is written; ``random`` only names unfinished files."""
        self.directory = directory
        self._random = random

    def path(self, name: bytes) -> Path:
        """Where a chunk lies, or would."""
        text = name.hex()
        return self.directory / text[:2] / text

    def __contains__(self, name: bytes) -> bool:
        """Whether a chunk is here."""
        return self.path(name).exists()

    def read(self, name: bytes, limit: int) -> bytes:
        """The bytes of a chunk, at most ``limit``.

        Raises NotFound where it is not here, Damaged where its bytes are not those of its name.
        """
        try:
            with self.path(name).open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError as error:
            raise NotFound("This file is not on this device, or only a part of it is.") from error
        except OSError as error:
            raise disk_error(error, "reading an attachment") from error
        if len(data) > limit or chunk_name(data) != name:
            raise Damaged("An attachment on this device is damaged; restore it from a backup.")
        return data

    def write(self, data: bytes) -> tuple[bytes, bool]:
        """Keep a chunk; gives its name, and whether it was not here before. Raises SitebookError.

        After ``settle`` the chunk survives a power cut; it is whole, or not there, in any case.
        """
        name = chunk_name(data)
        path = self.path(name)
        if path.exists():
            return name, False
        write_whole(path, data, self._random)
        return name, True

    def settle(self, names: Iterable[bytes]) -> None:
        """Make the names of chunks survive a power cut. Raises SitebookError."""
        folders = {self.path(name).parent for name in names}
        for folder in sorted(folders | ({self.directory} if folders else set())):
            sync_folder(folder)

    def names(self) -> Iterator[bytes]:
        """The names of all chunks that are here, in no order."""
        for path in self._files():
            with suppress(ValueError):
                name = bytes.fromhex(path.name)
                if len(name) == NAME:
                    yield name

    def remove(self, name: bytes) -> None:
        """Remove a chunk that may be gone already. Raises SitebookError."""
        try:
            self.path(name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, "removing an attachment") from error

    def collect(self, live: set[bytes], before_ms: int) -> int:
        """Remove what nothing refers to and was last written before a moment (ms since 1970, UTC).

        ``before_ms`` lies far enough back that no file which is being added is that old. Returns how many
        files went. Raises SitebookError.
        """
        gone = 0
        for path in self._files():
            try:
                wanted = not path.name.endswith(_PART) and bytes.fromhex(path.name) in live
                if not wanted and path.stat().st_mtime_ns < before_ms * 1_000_000:
                    path.unlink()
                    gone += 1
            except (ValueError, FileNotFoundError):
                continue  # not one of ours, or gone meanwhile
            except OSError as error:
                raise disk_error(error, "removing what is left of attachments") from error
        return gone

    def _files(self) -> Iterator[Path]:
        try:
            folders = [path for path in self.directory.iterdir() if len(path.name) == 2 and path.is_dir()]
            for folder in folders:
                yield from list(folder.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            raise disk_error(error, "reading the folder of attachments") from error


def write_whole(path: Path, data: bytes, random: Random) -> None:
    """Write a file so that its name never holds less than all of it. Raises SitebookError."""
    part = path.with_name(f"{path.name}.{random(4).hex()}{_PART}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise disk_error(error, "writing an attachment") from error


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the system knows how. Raises SitebookError."""
    if os.name != "posix":  # elsewhere folders cannot be opened; their metadata is journaled
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_error(error, "writing an attachment") from error
