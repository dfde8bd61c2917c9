"""The relay's storage in PostgreSQL, for servers of several processes.

Each view is one read-only transaction of one moment; each change is one transaction that first locks its
project's row, so the writers of one project queue and those of others do not wait. What was acknowledged is on the
disk of the database (``synchronous_commit`` is never off). Connections are kept in a pool; one that
was lost is replaced, and what ran on it failed as a whole. Between this and the database there must be no
pool that changes connections between transactions (PgBouncer: ``pool_mode = session``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import conninfo, errors

from sync.clock import Clock, Random
from sync.errors import Damaged, SitebookError
from sync.server.postgres_changes import PostgresTransaction
from sync.server.postgres_pool import Connection, Pool, PoolBusy
from sync.server.postgres_schema import migrate
from sync.server.storage import StorageError

GENERATION_BYTES: Final = 16
SECRET_BYTES: Final = 32
_CONNECTIONS: Final = 12
_WAIT_SECONDS: Final = 5.0
"""How long a request waits for a connection."""
_LOCK_MS: Final = 30_000
"""How long one waits for the writers before it."""
_ATTEMPTS: Final = 3
"""How often a transaction that has not done anything yet is begun again."""
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_USUAL: Final = {
    "application_name": "sitebook",
    "connect_timeout": "5",
    # A database that is gone without a word is noticed within half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}


class PostgresStorage:
    """Keeps everything in one database, in whose current schema it makes its tables where there are none."""

    def __init__(self, dsn: str, clock: Clock, random: Random, *, connections: int = _CONNECTIONS) -> None:
        """Connect. ``dsn``: as libpq has it, ``postgresql://...`` or ``name=value ...``.

        Raises:
            NewerFormat: the tables were made by a newer version.
            Damaged: the database holds something else, or was damaged.
            StorageError: it cannot be reached.
            SitebookError: that is no address of a database.
        """
        self._dsn, self._place = read_dsn(dsn)
        with explained(self._place), self.connect() as db:
            migrate(db, self._place, clock.now_ms())
            self._generation = self._fact(db, "generation", random(GENERATION_BYTES))
            self._secret = self._fact(db, "secret", random(SECRET_BYTES))
        self._pool = Pool(self.connect, size=connections, seconds=_WAIT_SECONDS)

    @property
    def generation(self) -> bytes:
        """16 random bytes, made when the tables were."""
        return self._generation

    @property
    def secret(self) -> bytes:
        """What all processes over this database share, and nobody else has: for sessions."""
        return self._secret

    @property
    def one_writer(self) -> bool:
        """Those of different projects write side by side."""
        return False

    @property
    def connections_in_use(self) -> int:
        """Of the pool, now."""
        return self._pool.used

    @property
    def place(self) -> str:
        """Which database this is, in words without secrets."""
        return self._place

    def connect(self) -> Connection:
        """A connection of its own, beside the pool; each statement is a transaction. Raises psycopg's errors."""
        connection = psycopg.connect(self._dsn, autocommit=True)
        _configure(connection)
        return connection

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """A consistent view of one moment."""
        with explained(self._place), self._transaction(_READ, None) as view:
            yield view

    @contextmanager
    def write(self, project: bytes) -> Iterator[PostgresTransaction]:
        """The only transaction that changes this project, of all processes; others queue.

        Raises:
            StorageError: nothing was stored; or, where the connection was lost at the very end, perhaps
                everything. The caller asks again, and is told what is there.
        """
        with explained(self._place), self._transaction(_WRITE, project) as change:
            yield change

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    @contextmanager
    def _transaction(self, begin: str, project: bytes | None) -> Iterator[PostgresTransaction]:
        """One transaction; an exception undoes it."""
        connection, transaction = self._begun(begin, project)
        try:
            try:
                yield transaction
                connection.execute("COMMIT")
            except BaseException:
                # Where the connection is gone, so is what was done on it.
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
        finally:
            self._pool.give(connection)

    def _begun(self, begin: str, project: bytes | None) -> tuple[Connection, PostgresTransaction]:
        """Begin, and for a change wait for the project; what fails before anything was done is tried again."""
        for attempt in range(1, _ATTEMPTS + 1):
            connection = self._pool.take()
            try:
                connection.execute(begin)
                transaction = PostgresTransaction(connection)
                if project is not None:
                    transaction.lock(project)
                return connection, transaction
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                lost = connection.broken or connection.closed
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                self._pool.give(connection)
                if attempt == _ATTEMPTS or isinstance(error, errors.LockNotAvailable):
                    raise
                if lost:
                    # The others are likely to be lost too, as when the database was started again.
                    self._pool.forget()
            except BaseException:
                connection.close()
                self._pool.give(connection)
                raise
        raise AssertionError

    def _fact(self, db: Connection, name: str, fresh: bytes) -> bytes:
        """Random bytes that the first process made, and all keep."""
        db.execute("INSERT INTO facts VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, fresh))
        row = db.execute("SELECT value FROM facts WHERE name = %s", (name,)).fetchone()
        if row is None or len(row[0]) != len(fresh):
            raise Damaged(f"{self._place} is damaged; restore it from a backup.")
        return bytes(row[0])


def read_dsn(dsn: str) -> tuple[str, str]:
    """What to connect with, and what to call it in sentences.

    Raises:
        SitebookError: it cannot be read. The sentence holds nothing of it: it may have a password.
    """
    try:
        given: dict[str, Any] = conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        given = {}
    if not given:
        # Without the cause, which quotes the password.
        raise SitebookError(
            "The address of the database cannot be read; give postgresql://USER@HOST/DATABASE."
        ) from None
    host = given.get("host") or given.get("hostaddr") or "this machine"
    place = f"The database {given.get('dbname') or given.get('user') or 'postgres'} on {host}"
    return conninfo.make_conninfo("", **(_USUAL | given)), place


def _configure(connection: Connection) -> None:
    # An operator may want less than waiting for replicas, but never less than the disk.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (str(_LOCK_MS),))


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what the environment did to the database into a sentence; our own mistakes pass through."""
    try:
        yield
    except (errors.DataCorrupted, errors.IndexCorrupted) as error:
        raise Damaged(f"{place} is damaged; restore it from a backup.") from error
    except errors.DiskFull as error:
        raise StorageError(f"{place} has no room on its disk; make some.") from error
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
        raise StorageError(
            f"{place} cannot be written to by this user; give it the rights, or name the primary server."
        ) from error
    except (
        PoolBusy,
        errors.LockNotAvailable,
        errors.SerializationFailure,
        errors.DeadlockDetected,
    ) as error:
        raise StorageError(f"{place} did not answer in time; it is busy or cannot be reached.") from error
    except (errors.InvalidPassword, errors.InvalidAuthorizationSpecification) as error:
        raise StorageError(f"{place} does not let this user in; check the name and the password.") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StorageError(
            f"{place} cannot be reached; check that PostgreSQL runs and lets us in."
        ) from error
