"""The relay's storage in one SQLite file.

The file is not encrypted: what it holds is ciphertext and what the server must be able to read. One
connection writes, one transaction at a time; a few others read beside it (WAL). An acknowledged push is
on the disk (``synchronous=FULL``).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from sync.clock import Clock, Random
from sync.errors import Damaged, NewerFormat
from sync.server.sqlite_rows import SqliteTransaction
from sync.server.sqlite_schema import MIGRATIONS
from sync.server.storage import StorageError

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SqliteStorage"]

APPLICATION_ID: Final = 0x53_42_53_76
"""``SBSv``: marks the file as a relay's."""
GENERATION_BYTES: Final = 16
_BUSY_MS: Final = 5_000
_READERS: Final = 4


class SqliteStorage:
    """Keeps everything in one file, which it makes where there is none."""

    def __init__(
        self,
        path: Path | str,
        clock: Clock,
        random: Random,
        *,
        durable: bool = True,
        vfs: str | None = None,
    ) -> None:
        """Open or make the storage.

        ``path`` may be ``":memory:"``. ``durable=False`` does without waiting for the disk, for simulations.
        ``vfs``: the file system of SQLite to use, for tests of faults; there is one connection then, since a
        file system written in Python has no shared memory.

        Raises:
            NewerFormat: the file was written by a newer version.
            Damaged: the file is not a relay's, or was damaged.
            StorageError: it cannot be opened.
        """
        self._path = str(path)
        self._durable = durable
        self._vfs = vfs
        self._single = self._path == ":memory:" or vfs is not None
        self._turn = threading.Lock()
        self._readers: queue.LifoQueue[apsw.Connection] = queue.LifoQueue()
        with _explained(self._path):
            self._writer = self._connect()
            try:
                self._migrate(clock.now_ms())
                self._generation = self._make_generation(random)
                if not self._single:
                    for _ in range(_READERS):
                        self._readers.put(self._connect())
            except BaseException:
                self.close()
                raise

    @property
    def generation(self) -> bytes:
        """16 random bytes, made when the file was."""
        return self._generation

    @property
    def one_writer(self) -> bool:
        """There is one connection that writes."""
        return True

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        """A consistent view of one moment."""
        if self._single:
            with self._turn, _explained(self._path), _transaction(self._writer, "DEFERRED"):
                yield SqliteTransaction(self._writer)
            return
        connection = self._readers.get()
        try:
            with _explained(self._path), _transaction(connection, "DEFERRED"):
                yield SqliteTransaction(connection)
        finally:
            self._readers.put(connection)

    @contextmanager
    def write(self, project: bytes) -> Iterator[SqliteTransaction]:
        """The one transaction that writes; others queue, whatever their project."""
        with self._turn, _explained(self._path), _transaction(self._writer, "IMMEDIATE"):
            yield SqliteTransaction(self._writer)

    def close(self) -> None:
        """Close the connections that no one uses; the last one folds the WAL into the file."""
        while True:
            try:
                self._readers.get_nowait().close()
            except queue.Empty:
                break
        with self._turn:
            self._writer.close()

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(self._path, vfs=self._vfs)
        connection.set_busy_timeout(_BUSY_MS)
        if self._vfs is not None:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'OFF'}")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    def _migrate(self, now_ms: int) -> None:
        db = self._writer
        application = db.pragma("application_id")
        if application not in (0, APPLICATION_ID) or (application == 0 and db.pragma("schema_version") != 0):
            raise Damaged(f"{self._path} is not the data of a Sitebook server; give another directory.")
        if db.pragma("user_version") > len(MIGRATIONS):
            raise NewerFormat(
                f"The data in {self._path} was written by a newer version of Sitebook; update the server."
            )
        while True:
            with _transaction(db, "IMMEDIATE"):
                done = db.pragma("user_version")
                if done >= len(MIGRATIONS):
                    return
                if done == 0:
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, at_ms INTEGER) STRICT")
                MIGRATIONS[done](db)
                db.execute("INSERT INTO migrations VALUES (?, ?)", (done + 1, now_ms))
                db.execute(f"PRAGMA user_version = {done + 1}")

    def _make_generation(self, random: Random) -> bytes:
        with _transaction(self._writer, "IMMEDIATE"):
            self._writer.execute(
                "INSERT INTO facts VALUES ('generation', ?) ON CONFLICT DO NOTHING",
                (random(GENERATION_BYTES),),
            )
            value = self._writer.execute("SELECT value FROM facts WHERE name = 'generation'").get
        if not isinstance(value, bytes) or len(value) != GENERATION_BYTES:
            raise Damaged(f"The data in {self._path} is damaged; restore it from a backup.")
        return value


@contextmanager
def _transaction(db: apsw.Connection, kind: str) -> Iterator[None]:
    """One transaction; an exception undoes it."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # Some failures (a full disk) have rolled back already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn what the environment did to SQLite into a sentence; our own mistakes pass through."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise Damaged(f"The data in {path} is damaged; restore it from a backup.") from error
    except apsw.FullError as error:
        raise StorageError(f"The disk that holds {path} is full; make room on it.") from error
    except apsw.BusyError as error:
        raise StorageError(f"{path} is in use by another program; close that and try again.") from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError) as error:
        raise StorageError(f"{path} cannot be opened for writing; check its permissions.") from error
    except (apsw.IOError, apsw.NoMemError) as error:
        raise StorageError(f"{path} could not be read or written; check the disk.") from error
