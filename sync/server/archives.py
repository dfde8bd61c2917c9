"""Where a backup goes to and comes from: a folder, or one archive in the form of tar."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol

from sync.errors import Damaged

_PART: Final = 1 << 20


class Target(Protocol):
    """Takes files."""

    def length(self, path: str) -> int | None:
        """The length of a file that an earlier backup left here; None where there is none."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """Keep a file."""
        ...

    def put_file(self, path: str, source: Path) -> None:
        """Keep a copy of a file."""
        ...

    def finish(self, kept: set[str]) -> None:
        """All is there; what an earlier backup left beyond these goes."""
        ...


class Source(Protocol):
    """Gives files."""

    def read(self, path: str) -> bytes:
        """One file whole. Raises KeyError where there is none."""
        ...

    def files(self) -> Iterator[tuple[str, Callable[[], Iterator[bytes]]]]:
        """All files, with what reads each, to be read before the next."""
        ...


class FolderTarget:
    """A folder: chunks that are there already stay, so that a second backup copies only what is new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Until this one is whole, the folder is no backup.
        (folder / "list.json").unlink(missing_ok=True)

    def __enter__(self) -> FolderTarget:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def length(self, path: str) -> int | None:
        """Of a file that was written to its end: it had another name before."""
        try:
            return (self._folder / path).stat().st_size
        except FileNotFoundError:
            return None

    def put(self, path: str, data: bytes) -> None:
        """Keep a file, whole or not at all."""
        target = self._folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)

    def put_file(self, path: str, source: Path) -> None:
        """Keep a copy of a file, whole or not at all."""
        target = self._folder / path
        part = target.with_name(f"{target.name}.part")
        with source.open("rb") as data, part.open("wb") as file:
            while block := data.read(_PART):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o600)
        part.replace(target)

    def finish(self, kept: set[str]) -> None:
        """Remove what is in no list any more."""
        for found in list((self._folder / "objects").rglob("*")):
            if found.is_file() and found.relative_to(self._folder).as_posix() not in kept:
                found.unlink()


class TarTarget:
    """One archive, which is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._whole = False

    def __enter__(self) -> TarTarget:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._whole and kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def length(self, path: str) -> int | None:
        """An archive is always new."""
        return None

    def put(self, path: str, data: bytes) -> None:
        """Keep a file."""
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = len(data), 0o600
        self._tar.addfile(entry, io.BytesIO(data))

    def put_file(self, path: str, source: Path) -> None:
        """Keep a copy of a file."""
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = source.stat().st_size, 0o600
        with source.open("rb") as file:
            self._tar.addfile(entry, file)

    def finish(self, kept: set[str]) -> None:
        """Write the end of the archive."""
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._whole = True


class FolderSource:
    """A folder that was a target."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> FolderSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def read(self, path: str) -> bytes:
        """One file whole."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError as error:
            raise KeyError(path) from error

    def files(self) -> Iterator[tuple[str, Callable[[], Iterator[bytes]]]]:
        """All files."""
        for found in sorted(self._folder.rglob("*")):
            if found.is_file():
                yield found.relative_to(self._folder).as_posix(), partial(_open, found)


class TarSource:
    """An archive that was a target."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        try:
            with _whole(path):
                self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> TarSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tar.close()
        self._file.close()

    def read(self, path: str) -> bytes:
        """One file whole."""
        with _whole(self._path):
            found = self._tar.extractfile(self._tar.getmember(path))
            if found is None:
                raise KeyError(path)
            with found:
                return found.read()

    def files(self) -> Iterator[tuple[str, Callable[[], Iterator[bytes]]]]:
        """All files, in their order."""
        with _whole(self._path):
            for entry in self._tar.getmembers():
                if entry.isfile():
                    yield entry.name, partial(_entry, self._tar, entry)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise Damaged(f"{path} is not a whole backup of a Sitebook server; take another one.") from error


def _open(path: Path) -> Iterator[bytes]:
    return _parts(path.open("rb"))


def _entry(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    found = tar.extractfile(entry)
    return iter(()) if found is None else _parts(found)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part
