"""A copy of a server's data, made while it runs, and a new data directory made of one.

A copy holds ``relay.db``, as it was at one moment, ``objects/`` with the chunks, and ``list.json`` with the size
and SHA-256 of each: it is written last, so that what was cut off has none and is not taken for whole.

A server that was made from an older copy is safe: it shows by its hash another place in its history than the
devices know, and they bring back what it lacks.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from sync.errors import Damaged, NewerFormat, SitebookError
from sync.server.archives import FolderSource, FolderTarget, Source, Target, TarSource, TarTarget
from sync.server.listening import locked
from sync.server.opening import DATA_FILE
from sync.server.sqlite import APPLICATION_ID, MIGRATIONS

LIST_FILE: Final = "list.json"
_FORMAT: Final = 1
_OBJECTS: Final = "objects/"
_PART_OF_PLACE: Final = re.compile("[0-9A-Za-z_][0-9A-Za-z_.-]*").fullmatch

ReadObject = Callable[[str], bytes | None]
"""Gives the bytes at a place in the store of objects."""
WriteObject = Callable[[str, bytes], None]
"""Keeps bytes at a place in the store of objects."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restore has done."""

    chunks: int
    bytes: int
    missing: int
    """Chunks that went between the copy of the database and theirs: nobody needed them any more."""


def back_up(data: Path, read_object: ReadObject, target: Path, now_ms: int) -> Copied:
    """Copy a server's data into a folder, or an archive where the target's name ends in ``.tar``.

    Raises:
        SitebookError: there is no such data, or the target cannot be written.
    """
    source = data / DATA_FILE
    if not source.is_file():
        raise SitebookError(f"{data} holds no data of a Sitebook server; give its directory with --data.")
    with _explained(target), _target(target) as out, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / DATA_FILE
        _copy_database(source, copy)
        listed: dict[str, list[int | str]] = {}
        missing: list[_Chunk] = []
        size = 0
        with _opened(copy) as db:
            for chunk in _chunks(db):
                path = f"{_OBJECTS}{chunk.place}"
                if out.length(path) != chunk.size:
                    found = read_object(chunk.place)
                    if found is None:
                        missing.append(chunk)
                        continue
                    out.put(path, found)
                # A chunk's name is the hash of its bytes.
                listed[path] = [chunk.size, chunk.name.hex()]
                size += chunk.size
            _forget(db, missing)
        length, digest = copy.stat().st_size, _digest(copy)
        out.put_file(DATA_FILE, copy)
        listed[DATA_FILE] = [length, digest]
        head = {"sitebook-server-backup": _FORMAT, "made_ms": now_ms, "files": listed}
        out.put(LIST_FILE, json.dumps(head, indent=1).encode())
        out.finish(set(listed) | {LIST_FILE})
        return Copied(len(listed) - 1, size + length, len(missing))


def restore(source: Path, data: Path, write_object: WriteObject) -> Copied:
    """Make a data directory of a copy; it must hold no data yet.

    Everything is checked against the list on its way; the database comes last, so what was cut off is no data.

    Raises:
        Damaged: the copy is not whole.
        SitebookError: there is data already, or something cannot be read or written.
    """
    if (data / DATA_FILE).exists():
        raise SitebookError(
            f"{data} holds the data of a server already; give another directory, or move it away."
        )
    with _explained(source), locked(data), _source(source) as copy:
        files = _list(copy, source)
        part = data / f"{DATA_FILE}.part"
        seen: set[str] = set()
        size = 0
        for path, read in copy.files():
            wanted = files.get(path)
            if wanted is None:
                continue
            length, digest = wanted
            size += length
            if path == DATA_FILE:
                found = _write_hashed(part, read)
            else:
                chunk = b"".join(read())
                found = hashlib.sha256(chunk).hexdigest()
                if found == digest:
                    write_object(path.removeprefix(_OBJECTS), chunk)
            if found != digest:
                part.unlink(missing_ok=True)
                raise Damaged(
                    f"The backup {source} is damaged: {path} is not what was copied; take another one."
                )
            seen.add(path)
        lacking = files.keys() - seen
        if lacking:
            part.unlink(missing_ok=True)
            raise Damaged(
                f"The backup {source} is not whole: it lacks {len(lacking)} files; take another one."
            )
        part.replace(data / DATA_FILE)
        return Copied(len(files) - 1, size, 0)


@dataclass(frozen=True, slots=True)
class _Chunk:
    project: bytes
    name: bytes
    place: str
    size: int


def _chunks(db: apsw.Connection) -> Iterator[_Chunk]:
    """The chunks that a database knows."""
    if not db.table_exists(None, "chunks"):
        return  # the data of a server of an earlier version
    for row in db.execute("SELECT project, name, place, size FROM chunks ORDER BY project, name"):
        yield _Chunk(*row)


def _forget(db: apsw.Connection, chunks: Sequence[_Chunk]) -> None:
    """Let a database not promise what the copy lacks: whoever has it brings it again."""
    with db:
        for chunk in chunks:
            key = (chunk.project, chunk.name)
            db.execute("DELETE FROM chunks WHERE project = ? AND name = ?", key)
            db.execute(
                "UPDATE projects SET chunk_bytes = chunk_bytes - ? WHERE project = ?",
                (chunk.size, chunk.project),
            )


def _copy_database(source: Path, copy: Path) -> None:
    """As it is at one moment: writers go on meanwhile, since SQLite keeps that moment for us."""
    with _opened(source, apsw.SQLITE_OPEN_READONLY) as live, _opened(copy) as made:
        if live.pragma("application_id") != APPLICATION_ID:
            raise Damaged(f"{source} is not the data of a Sitebook server; give another directory.")
        if live.pragma("user_version") > len(MIGRATIONS):
            raise NewerFormat(f"{source} was written by a newer version of Sitebook; update this one.")
        with made.backup("main", live, "main") as backup:
            backup.step(-1)
        made.pragma("journal_mode", "delete")
        if made.pragma("quick_check") != "ok":
            raise Damaged(f"The data in {source} is damaged; restore it from a backup.")


@contextmanager
def _opened(
    path: Path, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
) -> Iterator[apsw.Connection]:
    db = apsw.Connection(str(path), flags=flags)
    try:
        db.set_busy_timeout(10_000)
        yield db
    finally:
        db.close()


@contextmanager
def _target(path: Path) -> Iterator[Target]:
    with TarTarget(path) if path.suffix == ".tar" else FolderTarget(path) as target:
        yield target


@contextmanager
def _source(path: Path) -> Iterator[Source]:
    with FolderSource(path) if path.is_dir() else TarSource(path) as source:
        yield source


def _list(copy: Source, source: Path) -> dict[str, tuple[int, str]]:
    """What the copy holds. Raises Damaged."""
    try:
        head: dict[str, Any] = json.loads(copy.read(LIST_FILE))
        if head["sitebook-server-backup"] != _FORMAT:
            raise NewerFormat(
                f"The backup {source} was made by a newer version of Sitebook; update this one."
            )
        files = {path: (int(length), str(digest)) for path, (length, digest) in head["files"].items()}
    except (KeyError, ValueError, TypeError) as error:
        raise Damaged(f"{source} is not a whole backup of a Sitebook server; take another one.") from error
    for path in files.keys() - {DATA_FILE}:
        # Nothing may be written beside the store.
        if not path.startswith(_OBJECTS) or not all(map(_PART_OF_PLACE, path.split("/"))):
            raise Damaged(f"The list of the backup {source} is damaged; take another one.")
    return files


def _write_hashed(path: Path, read: Callable[[], Iterator[bytes]]) -> str:
    found = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for part in read():
            found.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return found.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise SitebookError(
            f"The server's database could not be copied ({error}); check the disk."
        ) from error
    except OSError as error:
        where = error.filename or place
        raise SitebookError(
            f"{where} could not be used ({error.strerror or error}); check the disk."
        ) from error
