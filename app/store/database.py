"""Opening encrypted SQLite files, and their numbered migrations.

The file is encrypted whole by SQLite3 Multiple Ciphers, cipher ``aegis``, with a random raw key of 256 bits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from app.store.cache import Journal
from sync.clock import Clock
from sync.errors import Damaged, NewerFormat, SitebookError

KEY_LENGTH = 32
_STATEMENTS = 400
"""Prepared statements kept per connection: more than the store has, since 100 (the default) are too few."""
_MIGRATIONS_TABLE = """
CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT
"""


class Migration(NamedTuple):
    """One numbered step of the schema; ``run`` is called inside the transaction that records it."""

    version: int
    name: str
    run: Callable[[apsw.Connection], None]


class WriteLock:
    """The right to write to one project file, within this process.

    SQLite's own busy handler polls, which made a write of the window wait 80 ms while sync was writing. Here
    the window (``urgent``) goes first as soon as the one who holds the lock lets go, and nobody polls.
    """

    def __init__(self) -> None:
        self.sealing = threading.RLock()
        """Held while an envelope gets its place in this device's chain."""
        self.journal = Journal()
        self.device: bytes | None = None
        """The key that the device took since the file was opened; see ``app.store.succession``."""
        self.index_damaged = False
        """Whether somebody found the full-text index unusable: ``Project.maintain`` makes it anew."""
        self._condition = threading.Condition()
        self._held = False
        self._urgent = 0

    @property
    def wanted(self) -> bool:
        """Whether an urgent one waits: who holds the lock should let go soon."""
        return self._urgent > 0

    @contextmanager
    def hold(self, *, urgent: bool) -> Iterator[None]:
        """Hold the lock; ``urgent`` ones pass all others that wait."""
        with self._condition:
            if urgent:
                self._urgent += 1
                while self._held:
                    self._condition.wait()
                self._urgent -= 1
            else:
                while self._held or self._urgent:
                    self._condition.wait()
            self._held = True
        try:
            yield
        finally:
            with self._condition:
                self._held = False
                self._condition.notify_all()


class Database:
    """One connection to an encrypted file, used by one thread, with errors of SQLite as sentences."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run statements that give no rows."""
        try:
            self.connection.execute(sql, values)
        except apsw.Error as error:
            raise translate(error, self.path) from error

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        try:
            return self.connection.execute(sql, values).fetchone()
        except apsw.Error as error:
            raise translate(error, self.path) from error

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise translate(error, self.path) from error

    def changes(self) -> int:
        """Rows that the last statement wrote."""
        return self.connection.changes()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a write transaction: begun immediately, rolled back on any exception."""
        try:
            with transaction(self.connection):
                yield
        except apsw.Error as error:
            raise translate(error, self.path) from error

    def close(self) -> None:
        """Close the connection; the last one to close empties the write-ahead log into the file."""
        try:
            self.connection.close()
        except apsw.Error as error:
            raise translate(error, self.path) from error


def connect(
    path: Path, key: bytes, *, create: bool = False, readonly: bool = False, vfs: str | None = None
) -> Database:
    """Open an encrypted file and prove that the key fits.

    Raises Damaged where the file cannot be read with this key, SitebookError where the system refuses it.
    """
    if readonly:
        flags = apsw.SQLITE_OPEN_READONLY
    else:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    try:
        connection = apsw.Connection(
            str(path), flags=flags | apsw.SQLITE_OPEN_URI, vfs=vfs, statementcachesize=_STATEMENTS
        )
    except apsw.Error as error:
        raise SitebookError(
            f"The project file {path.name} cannot be opened; check that it is there and may be read and written."
        ) from error
    try:
        connection.pragma("cipher", "aegis")
        connection.pragma("key", f"raw:{key.hex()}")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if create:
            # Only before the first table: see app.store.compaction.
            connection.pragma("auto_vacuum", 2)
        if not readonly:
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "FULL")
            connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("foreign_keys", False)
        connection.pragma("trusted_schema", False)
        connection.pragma("temp_store", "memory")
        connection.pragma("cache_size", -16_384)
    except apsw.Error as error:
        with suppress(apsw.Error):
            connection.close()
        raise translate(error, path) from error
    return Database(connection, path)


def translate(error: apsw.Error, path: Path) -> SitebookError:
    """Turn an error of SQLite into a sentence for a person."""
    if isinstance(error, apsw.FullError):
        return SitebookError("The disk is full; nothing of this was saved. Free some space and try again.")
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        return Damaged(
            f"The project file {path.name} is damaged or its key is another; restore it from a backup, "
            "or join the project again from its server."
        )
    if isinstance(error, apsw.ReadOnlyError | apsw.PermissionsError | apsw.CantOpenError):
        return SitebookError(
            f"The folder of {path.name} may not be written to; change its permissions and try again."
        )
    if isinstance(error, apsw.IOError):
        # A page whose authentication tag does not fit is reported as an I/O error by some paths.
        return Damaged(
            f"The project file {path.name} could not be read or written; check the disk, and restore a backup "
            "if it is damaged."
        )
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return SitebookError("Another program is using this project file; close it and try again.")
    raise error


def migrate(database: Database, steps: Sequence[Migration], clock: Clock, what: str) -> None:
    """Bring the schema up to date, each step in a transaction that records it.

    Raises NewerFormat where the file was made by a later version.
    """
    row = database.one("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'")
    current = 0
    if row is not None:
        newest = database.one("SELECT max(version) FROM migrations")
        current = int(newest[0] or 0) if newest is not None else 0
    if current > steps[-1].version:
        raise NewerFormat(f"{what} was last opened by a newer Sitebook; update this one to open it.")
    for step in steps:
        if step.version > current:
            with database.transaction():
                if current == 0:
                    database.run(_MIGRATIONS_TABLE)
                step.run(database.connection)
                database.run(
                    "INSERT INTO migrations VALUES (?, ?, ?)", (step.version, step.name, clock.now_ms())
                )
            current = step.version


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """Run a write transaction: begun immediately, committed at the end, rolled back on any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
