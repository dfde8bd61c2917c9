"""The one door to the files of a folder: nothing is read or written outside of it, whatever lies in it.

Every path is relative, its parts separated by slashes. Where the system can, a file is reached part by part from the
open folder, none of them being a link (``O_NOFOLLOW``), so that nothing can be put in between a check and its use;
elsewhere each part is looked at first. Links, pipes and devices are never opened.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from app.interchange.files import plain_errors
from app.interchange.folder.names import folder_of, is_inside, joined
from sync.clock import Clock, Random
from sync.errors import NotFound, Refused, SitebookError

MOST_ENTRIES: Final = 200_000
DEEPEST: Final = 60
_BY_PARTS: Final = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT: Final[int] = getattr(os, "O_NONBLOCK", 0)
_FOLDER: Final[int] = getattr(os, "O_DIRECTORY", 0) | _NO_LINK
_JUNCTION: Final[int] = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0x400)
_HAS_NUMBERS: Final = os.name == "posix"
"""Elsewhere a look into a folder gives no number of a file, and the other time is when the file was made."""
_YOUNG_NS: Final = 20_000_000
"""Longer than a tick of the system's clock, by which files are stamped."""
_DIGEST: Final = 16
_KEPT: Final = 64
"""Folders that are kept open while files are written one after the other."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file is known to be the same: size in bytes, when it was written (nanoseconds), and where the system
    has them its number and when anything about it changed.

    ``young``: it had just been written, so that one more write in the same tick of the system's clock would not show.
    ``digest`` is of what was in it, as far as that is known. Two stamps are equal whatever these two say.
    """

    size: int
    mtime_ns: int
    inode: int = 0
    ctime_ns: int = 0
    young: bool = field(default=False, compare=False)
    digest: bytes = field(default=b"", compare=False)

    @classmethod
    def of(cls, status: os.stat_result, now_ms: int | None = None, digest: bytes = b"") -> Self:
        """The stamp of a file that looks like this; ``now_ms`` where it is to be remembered."""
        inode, ctime_ns = (status.st_ino, status.st_ctime_ns) if _HAS_NUMBERS else (0, 0)
        young = now_ms is not None and now_ms * 1_000_000 - status.st_mtime_ns < _YOUNG_NS
        return cls(status.st_size, status.st_mtime_ns, inode, ctime_ns, young, digest)

    def doubted(self) -> Stamp:
        """One that no file has, so that what lies there is looked into."""
        return replace(self, inode=-1, digest=b"")

    def is_same_file(self, other: Stamp) -> bool:
        """Whether only what changes with a file's name may be another."""
        return (self.size, self.mtime_ns, self.inode) == (other.size, other.mtime_ns, other.inode)


@dataclass
class Walk:
    """What lies in the folder: ``files`` by path, ``folders``, what was ``left`` alone and why, ``unread`` folders."""

    files: dict[str, Stamp] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    left: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


class Root:
    """One folder. ``forget`` closes what is kept open, and has to be called when a piece of work is done."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._open: dict[str, int] = {}

    def forget(self) -> None:
        """Close the folders that are kept open."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def is_there(self) -> bool:
        """Whether there is such a folder now."""
        return self.path.is_dir()

    # Looking

    def walk(self) -> Iterator[Walk]:
        """Walk through everything; gives the same ``Walk`` after each folder, and it is whole at the end.

        What begins with a dot is left alone without a word. Raises SitebookError where the folder cannot be read.
        """
        found = Walk()
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            if folder.count("/") >= DEEPEST:
                found.left[folder] = "lies too deep in folders"
                found.unread.append(folder)
                continue
            try:
                waiting.extend(self._look_into(folder, found))
            except OSError as error:
                if not folder:
                    with plain_errors(self.path):
                        raise
                found.left[folder] = f"cannot be read ({error.strerror or 'the system says no'})"
                found.unread.append(folder)
            if len(found.files) > MOST_ENTRIES:
                raise SitebookError(
                    f"There are more than {MOST_ENTRIES} files in {self.path}; choose a folder with fewer."
                )
            yield found

    def _look_into(self, folder: str, found: Walk) -> list[str]:
        below = []
        with self._listed(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith("."):
                    continue
                path = joined(folder, name)
                if not _is_text(name) or not is_inside(path):
                    found.left[_shown(path)] = "has a name that not every system can use"
                    continue
                status = entry.stat(follow_symlinks=False)
                if _is_link(status):
                    found.left[path] = "is a link, and links are not followed"
                elif stat.S_ISDIR(status.st_mode):
                    found.folders.add(path)
                    below.append(path)
                elif stat.S_ISREG(status.st_mode):
                    found.files[path] = Stamp.of(status)
                else:
                    found.left[path] = "is no file"
        return below

    @contextmanager
    def _listed(self, folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        if not _BY_PARTS:
            self._check(folder)
            with os.scandir(self.path / folder) as entries:
                yield entries
            return
        descriptor = self._reach(folder)
        try:
            with os.scandir(descriptor) as entries:
                yield entries
        finally:
            os.close(descriptor)

    def stamp(self, path: str) -> Stamp | None:
        """How the file at a path looks now; None where there is none."""
        try:
            name, folder = self._at(path)
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Stamp.of(status, self._clock.now_ms())

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """A file, open for reading, as a descriptor. Raises Refused where it is no plain file, or is not there."""
        with plain_errors(self.path / path):
            name, folder = self._at(path)
            if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise Refused(f"“{_shown(path)}” is no plain file, so it was left alone.")
            descriptor = os.open(name, os.O_RDONLY | _NO_LINK | _NO_WAIT, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Refused(f"“{_shown(path)}” is no plain file, so it was left alone.")
            yield descriptor
        finally:
            os.close(descriptor)

    def read(self, path: str, most: int) -> tuple[bytes, Stamp]:
        """A whole file of at most so many bytes, and how it looked before. Raises SitebookError."""
        with self.opened(path) as descriptor:
            status, now = os.fstat(descriptor), self._clock.now_ms()
            parts: list[bytes] = []
            left = most + 1
            with plain_errors(self.path / path):
                while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
                    parts.append(part)
                    left -= len(part)
        if left <= 0:
            raise Refused(f"“{_shown(path)}” is larger than {most >> 20} MB, so it was left alone.")
        data = b"".join(parts)
        return data, Stamp.of(status, now, digest(data))

    def digested(self, path: str) -> Stamp:
        """How a file looks now, with the digest of what is in it, whatever its size. Raises SitebookError."""
        made = hashlib.blake2b(digest_size=_DIGEST)
        with self.opened(path) as descriptor, plain_errors(self.path / path):
            status, now = os.fstat(descriptor), self._clock.now_ms()
            while part := os.read(descriptor, 1 << 20):
                made.update(part)
        return Stamp.of(status, now, made.digest())

    def _is_as(self, path: str, seen: Stamp | None) -> bool:
        """Whether a file is as it was seen, by its content too where that is known; None: there was none."""
        now = self.stamp(path)
        if seen is None or now is None or now != seen:
            return seen is None and now is None
        return not seen.digest or self.digested(path).digest == seen.digest

    # Writing

    def write(self, path: str, data: bytes, random: Random, *, over: Stamp | None) -> Stamp | None:
        """Write a file whole or not at all; it is on the disk when this returns, its name after ``settle``.

        ``over``: the file that is replaced, as it was last seen; None where there is none. Where something else lies
        there now, nothing is written, and None is given. Raises SitebookError where the disk says no.
        """
        with self.replacing(path, random, over=over) as part:
            part.write(data)
        return part.stamp

    @contextmanager
    def replacing(self, path: str, random: Random, *, over: Stamp | None) -> Iterator[Part]:
        """A file that takes its name when all of it is on the disk, unless something else lies there by then."""
        part = self.begin(path, random, over=over)
        try:
            yield part
            with plain_errors(self.path / path):
                part.flush()
            self.finish(part)
        finally:
            self.give_up(part)

    def begin(self, path: str, random: Random, *, over: Stamp | None) -> Part:
        """Begin to write a file: ``finish`` or ``give_up`` has to follow."""
        self._check_inside(path)
        with plain_errors(self.path / path):
            self.make_folder(folder_of(path))
            name, folder = self._at(path)
            mode = 0o666
            if over is not None:
                with suppress(FileNotFoundError):
                    mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
            beside = joined(folder_of(path), f".{random(6).hex()}.part")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
            return Part(path, beside, over, os.open(self._at(beside)[0], flags, mode, dir_fd=folder))

    def finish(self, part: Part) -> None:
        """Give a file that was flushed its name; its stamp stays None where something else lies there now."""
        with plain_errors(self.path / part.path):
            made = Stamp.of(os.fstat(part.descriptor), self._clock.now_ms(), part.digest)
            part.close()
            if self._is_as(part.path, part.over):
                name, folder = self._at(part.path)
                os.replace(self._at(part.beside)[0], name, src_dir_fd=folder, dst_dir_fd=folder)
                part.stamp = self.renewed(part.path, made)

    def renewed(self, path: str, seen: Stamp) -> Stamp:
        """The stamp of a file that got another name, if it is the one that was seen; else the old one."""
        with plain_errors(self.path / path):
            now = self.stamp(path)
        if now is None or not now.is_same_file(seen):
            return seen
        return replace(now, young=now.young or seen.young, digest=seen.digest)

    def give_up(self, part: Part) -> None:
        """Leave nothing of a file that did not get its name."""
        part.close()
        if part.stamp is None:
            with suppress(OSError, SitebookError):  # the first failure is the one to tell
                name, folder = self._at(part.beside)
                os.unlink(name, dir_fd=folder)

    def settle(self) -> None:
        """Bring the names in the folders that were written to to the disk."""
        for descriptor in self._open.values():
            with suppress(OSError):  # not every file system can
                os.fsync(descriptor)

    def has(self, path: str) -> bool:
        """Whether anything lies at a path. Raises SitebookError where nobody can tell."""
        with plain_errors(self.path / path):
            return self.stamp(path) is not None

    def move(self, old: str, new: str) -> bool:
        """Give a file or a folder another path.

        False where it is not there, something has that path already, or it would lie in itself. Raises SitebookError.
        """
        self._check_inside(old)
        self._check_inside(new)
        if new.startswith(f"{old}/"):
            return False
        with plain_errors(self.path / old):
            self.make_folder(folder_of(new))
            source, source_folder = self._at(old)
            target, target_folder = self._at(new)
            try:
                before = os.stat(source, dir_fd=source_folder, follow_symlinks=False)
            except FileNotFoundError:
                return False
            with suppress(FileNotFoundError):
                there = os.stat(target, dir_fd=target_folder, follow_symlinks=False)
                if not os.path.samestat(before, there):  # another way to write the same name is no other file
                    return False
            os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
            self.forget()
        return True

    def remove(self, path: str, seen: Stamp) -> bool:
        """Remove a file that still looks as it did; whether it is gone."""
        with plain_errors(self.path / path):
            if self.stamp(path) is not None and not self._is_as(path, seen):
                return False
            with suppress(FileNotFoundError):
                name, folder = self._at(path)
                os.unlink(name, dir_fd=folder)
        return True

    def remove_empty(self, folder: str) -> None:
        """Remove a folder where nothing lies in it."""
        self.forget()
        with suppress(OSError):
            name, above = self._at(folder)
            os.rmdir(name, dir_fd=above)

    def make_folder(self, folder: str) -> None:
        """Make a folder with those above it. Raises OSError."""
        if not folder or folder in self._open:
            return
        self._check_inside(folder)
        self.make_folder(folder_of(folder))
        name, above = self._at(folder)
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=above)

    # Ways

    def _at(self, path: str) -> tuple[str, int | None]:
        """What the system is to be asked for: a name, and the open folder that it is in, where that is possible."""
        self._check_inside(path)
        folder, _, name = path.rpartition("/")
        if not _BY_PARTS:
            self._check(folder)
            return str(self.path / path), None
        descriptor = self._open.get(folder)
        if descriptor is None:
            if len(self._open) >= _KEPT:
                self.settle()
                self.forget()
            descriptor = self._open[folder] = self._reach(folder)
        return name, descriptor

    @staticmethod
    def _check_inside(path: str) -> None:
        if not is_inside(path):
            raise Refused(f"“{_shown(path)}” leads out of the folder, so it was left alone.")

    def _reach(self, folder: str) -> int:
        """Open a folder, part by part, none of them being a link."""
        descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        for part in folder.split("/") if folder else ():
            try:
                below = os.open(part, os.O_RDONLY | _FOLDER, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = below
        return descriptor

    def _check(self, folder: str) -> None:
        """Look at each part of a folder's path: none may be a link or a junction."""
        here = self.path
        for part in folder.split("/") if folder else ():
            here = here / part
            if _is_link(os.lstat(here)):
                raise NotFound(f"“{_shown(folder)}” is a link, and links are not followed.")


@dataclass
class Part:
    """A file that is being written, beside its place; ``stamp`` is set when it has its name."""

    path: str
    beside: str
    over: Stamp | None
    descriptor: int
    stamp: Stamp | None = None

    def __post_init__(self) -> None:
        self._hashed = hashlib.blake2b(digest_size=_DIGEST)

    @property
    def digest(self) -> bytes:
        """The digest of what was written."""
        return self._hashed.digest()

    def write(self, data: bytes) -> None:
        """Put something behind what is there."""
        self._hashed.update(data)
        written = 0
        while written < len(data):
            written += os.write(self.descriptor, data[written:])

    def flush(self) -> None:
        """Bring it to the disk. Any thread may wait for that."""
        os.fsync(self.descriptor)

    def close(self) -> None:
        """Close it, where it is open."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def digest(data: bytes) -> bytes:
    """By what the content of a file is known to be the same."""
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or bool(getattr(status, "st_file_attributes", 0) & _JUNCTION)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: str) -> str:
    """A path in a sentence: what cannot be printed is left out."""
    return "".join(each if each.isprintable() else "�" for each in path)
