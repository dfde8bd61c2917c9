"""All that a server on SQLite holds, copied to PostgreSQL: afterwards it goes on there, and no device notices.

The database is filled in one transaction, so it holds everything or nothing; the generation, the order and its
hashes, and all times stay. Chunks are copied before; those that are there already, from an attempt that was
cut off, are not copied again. At the end everything is read back and compared. The source stays as it is (but
brought up to this version's schema); its server must not run, and not be started again after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec
from psycopg import sql

from sync.clock import Clock, Random
from sync.cookie import Cookie
from sync.errors import Busy, Damaged, SitebookError
from sync.server.objects import Objects
from sync.server.postgres import PostgresStorage, explained
from sync.server.postgres_pool import Connection
from sync.server.postgres_schema import DISTRIBUTED
from sync.server.sqlite import SqliteStorage
from sync.server.storage import StorageError

Progress = Callable[[str, int], None]
"""Told which part is copied, and how many rows or chunks of it are done."""
_TOGETHER: Final = 8
_BATCH: Final = 64
_TELL: Final = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied."""

    projects: int
    envelopes: int
    chunks: int
    missing: int
    """Chunks whose bytes were not there, or not theirs; devices that have them bring them again."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of both: its columns with their types in PostgreSQL, how SQLite has them, and what orders it."""

    name: str
    columns: dict[str, str]
    order: tuple[str, ...]
    source: str = ""

    def statement(self) -> str:
        """What reads it from SQLite."""
        columns = self.source or ", ".join(self.columns)
        return " ".join(("SELECT", columns, "FROM", self.name, "ORDER BY", ", ".join(self.order)))


_B, _I, _T = "bytea", "bigint", "text"
_TABLES: Final = (
    _Table(
        "projects",
        {"project": _B, "version": _I, "running": _B, "membership": _I, "created_ms": _I, "floor": _I}
        | {"log_bytes": _I, "chunk_bytes": _I, "bundle": _B, "since": _I, "clock_ms": _I},
        ("project",),
        "project, version, running, membership, created_ms, floor, bytes - dropped, chunk_bytes, bundle,"
        " bytes - bundle_bytes, stamped_ms",
    ),
    _Table(
        "envelopes",
        {"project": _B, "version": _I, "hash": _B, "running": _B, "kind": _I, "received_ms": _I}
        | {"size": _I, "wire": _B},
        ("project", "version"),
        "project, version, hash, running, kind, received_ms, length(wire), wire",
    ),
    _Table("devices", {"project": _B, "device": _B}, ("project", "device")),
    _Table(
        "grants",
        {"project": _B, "recipient": _B, "key": _B, "body": _B},
        ("project", "recipient", "key"),
    ),
    _Table(
        "chunks",
        {"project": _B, "name": _B, "place": _T, "size": _I, "purpose": _T, "uploaded_ms": _I},
        ("project", "name"),
    ),
    _Table(
        "bundles",
        {
            "project": _B,
            "hash": _B,
            "version": _I,
            "publisher": _B,
            "size": _I,
            "received_ms": _I,
            "wire": _B,
        },
        ("project", "hash"),
    ),
    _Table("confirmations", {"project": _B, "bundle": _B, "device": _B}, ("project", "bundle", "device")),
    _Table(
        "notices",
        {"project": _B, "kind": _T, "device": _B, "number": _I, "received_ms": _I, "wire": _B},
        ("project", "kind", "device"),
    ),
    _Table("leases", {"project": _B, "device": _B, "ends_ms": _I}, ("project",)),
)
assert tuple(table.name for table in _TABLES) == DISTRIBUTED


def move(
    source: Path,
    dsn: str,
    clock: Clock,
    random: Random,
    *,
    read_objects: Objects,
    write_objects: Objects | None = None,
    progress: Progress | None = None,
) -> Moved:
    """Copy a server's file and its chunks to a database, and to another store of chunks where one is given.

    Raises:
        SitebookError: there is no such file, or the database has data already; nothing was changed there.
        Busy: a server uses the database.
        Damaged: the file is damaged, or what was copied is not the same; the database stays empty.
        StorageError: one of both could not be read or written; the database stays empty.
    """
    if not source.is_file():
        raise SitebookError(f"{source} does not exist; give the directory of a Sitebook server's data.")
    told = progress if progress is not None else _silent
    held = SqliteStorage(source, clock, random)
    generation = held.generation
    held.close()
    target = PostgresStorage(dsn, clock, random, connections=1)
    with (
        closing(target),
        closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)) as file,
        explained(target.place),
        closing(target.connect()) as db,
    ):
        try:
            with file:
                _check_empty(db, target.place)
                missing = _copy_chunks(file, read_objects, write_objects, told)
                with db.transaction():
                    # Who starts a server meanwhile waits here, and then finds what was moved.
                    db.execute("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE")
                    _check_empty(db, target.place)
                    digests = {table.name: _copy(file, db, table, missing, told) for table in _TABLES}
                    db.execute("UPDATE facts SET value = %s WHERE name = 'generation'", (generation,))
                    _check(db, generation, digests)
                db.execute("ANALYZE")
                counted = {name: count for name, (count, _) in digests.items()}
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise Damaged(f"The data in {source} is damaged; restore it from a backup.") from error
        except (apsw.IOError, apsw.BusyError, apsw.CantOpenError) as error:
            raise StorageError(
                f"{source} could not be read; check the disk, and that no server uses it."
            ) from error
    return Moved(counted["projects"], counted["envelopes"], counted["chunks"], len(missing))


def _silent(part: str, done: int) -> None:
    """Nobody wants to know."""


def _check_empty(db: Connection, place: str) -> None:
    """Raises SitebookError, Busy."""
    for name in DISTRIBUTED:
        if (
            db.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone()
            is not None
        ):
            raise SitebookError(f"{place} has data of a Sitebook server already; give an empty one.")
    # A server that runs knows the generation that goes away.
    others = db.execute(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND application_name = 'sitebook'"
    ).fetchone()
    if others is not None:
        raise Busy(f"{place} is used by a server that runs; stop it, and try again.")


def _copy_chunks(
    file: apsw.Connection, read: Objects, write: Objects | None, told: Progress
) -> set[tuple[bytes, bytes]]:
    """Copy the bytes of chunks, where they go elsewhere; those (project, name) that are not there.

    Those that stay where they are, are not read: a list says that they are there.
    """
    there = {found.place for found in (read if write is None else write).list()}

    def work(row: tuple[bytes, bytes, str, int]) -> tuple[bytes, bytes] | None:
        project, name, place, size = row
        if place in there:
            return None
        if write is None:
            return project, name
        data = read.get(place)
        # A chunk's name is the hash of its bytes.
        if data is None or len(data) != size or hashlib.sha256(data).digest() != name:
            return project, name
        write.write(place, data)
        return None

    missing: set[tuple[bytes, bytes]] = set()
    done = 0
    rows = file.execute("SELECT project, name, place, size FROM chunks ORDER BY project, name")
    with ThreadPoolExecutor(_TOGETHER) as workers:
        while batch := list(islice(rows, _BATCH)):
            missing |= {lacking for lacking in workers.map(work, batch) if lacking is not None}
            done += len(batch)
            told("objects", done)
    return missing


def _rows(file: apsw.Connection, table: _Table, missing: set[tuple[bytes, bytes]]) -> Iterator[Sequence[Any]]:
    """The rows as they are to be, in order."""
    lost: dict[bytes, int] = {}
    if missing and table.name == "projects":
        for project, name, size in file.execute("SELECT project, name, size FROM chunks"):
            if (project, name) in missing:
                lost[project] = lost.get(project, 0) + size
    column = list(table.columns).index("chunk_bytes") if lost else -1
    for row in file.execute(table.statement()):
        if table.name == "chunks" and (row[0], row[1]) in missing:
            continue
        if lost and row[0] in lost:
            row = (*row[:column], row[column] - lost[row[0]], *row[column + 1 :])
        yield row


def _copy(
    file: apsw.Connection, db: Connection, table: _Table, missing: set[tuple[bytes, bytes]], told: Progress
) -> tuple[int, bytes]:
    """Copy one table; how many rows, and their digest."""
    digest, count = hashlib.sha256(), 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with db.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(table.columns.values()))
        for row in _rows(file, table, missing):
            copy.write_row(row)
            digest.update(msgspec.msgpack.encode(row))
            count += 1
            if count % _TELL == 0:
                told(table.name, count)
    told(table.name, count)
    return count, digest.digest()


def _check(db: Connection, generation: bytes, digests: dict[str, tuple[int, bytes]]) -> None:
    """Read everything back. Raises Damaged where it is not what was sent, or no order that a cookie can name."""
    for table in _TABLES:
        digest, count = hashlib.sha256(), 0
        place = Cookie.start(generation)
        project = b""
        ends: dict[bytes, Cookie] = {}
        for row in _read(db, table):
            digest.update(msgspec.msgpack.encode(row))
            count += 1
            if table.name == "envelopes":
                if row[0] != project:
                    project, place = row[0], Cookie.start(generation)
                place = ends[project] = place.advance(row[2])
                if (row[1], row[3]) != (place.version, place.running):
                    raise Damaged("The order of the source's log is damaged; restore it from a backup.")
        if (count, digest.digest()) != digests[table.name]:
            raise Damaged(
                "What the database gives back is not what was copied; look for a fault of its disk."
            )
        if table.name == "envelopes":
            _check_ends(db, ends)


def _check_ends(db: Connection, ends: dict[bytes, Cookie]) -> None:
    with db.cursor(binary=True) as cursor:
        rows = cursor.execute("SELECT project, version, running FROM projects").fetchall()
    if {row[0]: (row[1], row[2]) for row in rows} != {
        project: (place.version, place.running) for project, place in ends.items()
    }:
        raise Damaged("A project of the source does not end where its log does; restore it from a backup.")


def _read(db: Connection, table: _Table) -> Iterator[Sequence[Any]]:
    """A table of the database, in the order of the source."""
    statement = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.Identifier(table.name),
        sql.SQL(", ").join(
            sql.SQL('{} COLLATE "C"' if table.columns[name] == _T else "{}").format(sql.Identifier(name))
            for name in table.order
        ),
    )
    with db.cursor(name="moved", binary=True) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(statement)
        yield from cursor
