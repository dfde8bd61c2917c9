"""The vault's SQLite file: encrypted whole, opened with its raw key, checked, migrated.

One file and a rollback journal, no WAL: it is small and seldom written, and a single file is easier to keep
whole. ``synchronous=EXTRA`` is FULL that also syncs the directory once the journal is gone: without it a
power cut can bring the journal back and with it undo an acknowledged write.

Every page is authenticated, but for the file's first 24 bytes, which stand in the clear: a salt that a raw
key does not use (here the vault's id) and eight bytes about pages that are always the same. They are
compared.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from app.keys.entry import Identity
from app.keys.files import PRIVATE_FILE, damaged, plain_errors
from app.keys.schema import MIGRATIONS
from sync.errors import NewerFormat, SitebookError
from sync.membership_actions import RecoveryPublic

_BUSY_MS = 5_000
# Pages of 4,096 bytes; no WAL; 64 bytes of each page for nonce and tag; and three constants of SQLite.
_CLEAR_HEADER = bytes.fromhex("1000010140402020")
Row = tuple[Any, ...]


class VaultFile:
    """An open vault file. May be used from any thread, by one at a time (the lock sees to it)."""

    def __init__(self, connection: apsw.Connection, path: Path, vault_id: bytes) -> None:
        self._connection = connection
        self._path = path
        self._vault_id = vault_id
        self._lock = threading.RLock()
        self._writing = False

    @classmethod
    def create(cls, path: Path, key: bytes, vault_id: bytes) -> VaultFile:
        """Makes the file at an empty ``path`` with all tables.

        :raises SitebookError: the disk said no.
        """
        with plain_errors(path):
            path.touch(PRIVATE_FILE, exist_ok=False)  # before SQLite would make it readable for others
            connection = _connect(path, key, writable=True, vault_id=vault_id)
            try:
                connection.pragma("auto_vacuum", 1)  # no free pages, so no page that the check does not read
                connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY) STRICT")
                file = cls(connection, path, vault_id)
                file.migrate()
                file.write("INSERT INTO vault (only, vault_id) VALUES (1, ?)", (vault_id,))
            except BaseException:
                connection.close()
                raise
        return file

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        vault_id: bytes,
        *,
        writable: bool,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> VaultFile:
        """Opens and checks every page, since a vault is small and a flipped byte must not wait.

        :raises Damaged: a byte is not what was written.
        :raises NewerFormat: the schema is of a later version.
        :raises SitebookError: the system or the disk said no.
        """
        with plain_errors(path):
            connection = _connect(path, key, writable=writable)
            try:
                file = cls(connection, path, vault_id)
                file.check()
                applied = file._applied()
                if applied > len(migrations):
                    raise NewerFormat(
                        f"The vault of this profile was written by a newer Sitebook (schema {applied}, this "
                        f"one knows {len(migrations)}): update Sitebook to open it."
                    )
                if applied < len(migrations):
                    if not writable:
                        raise SitebookError(
                            "The vault of this profile is of an older Sitebook: open it once to write."
                        )
                    file.migrate(migrations)
                if file.read("SELECT vault_id FROM vault") != [(vault_id,)]:
                    raise damaged(path)
            except BaseException:
                connection.close()
                raise
        return file

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def read(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT.

        :raises SitebookError: the file is damaged or cannot be read.
        """
        with self._lock, plain_errors(self._path):
            return list(self._connection.execute(statement, tuple(values)))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """All reads within it see one state of the file."""
        with self._lock, plain_errors(self._path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:  # some failures have rolled back by themselves
                    self._connection.execute("ROLLBACK")

    def write(self, statement: str, values: Sequence[object] = ()) -> None:
        """One statement, durable when this returns unless a :meth:`transaction` is open.

        :raises SitebookError: nothing was changed.
        """
        with self.transaction():
            self._connection.execute(statement, tuple(values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within it or none; durable when it ends. Nested ones belong to the outermost.

        :raises SitebookError: nothing was changed.
        """
        with self._lock, plain_errors(self._path):
            if self._writing:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._writing = True
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # some failures have rolled back by themselves
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._writing = False

    def set_identity(self, identity: Identity) -> None:
        """Writes the person's name and address."""
        self.write("UPDATE vault SET name = ?, email = ?", (identity.name, identity.email))

    def set_recovery(self, public: RecoveryPublic) -> None:
        """Writes the public keys of the recovery device."""
        keys = (public.sign_public, public.kem_public)
        self.write("UPDATE vault SET recovery_device = ?, recovery_kem = ?", keys)

    def check(self) -> None:
        """Reads every page.

        :raises Damaged: one is not as it was written, or the file is empty.
        """
        expected = self._vault_id + _CLEAR_HEADER
        with plain_errors(self._path):
            header = _first_bytes(self._path, len(expected))
        if header != expected or self.read("PRAGMA integrity_check") != [("ok",)]:
            raise damaged(self._path)
        # SQLite takes an empty file for a new database, and never may a lost vault become one.
        if not self.read("SELECT 1 FROM sqlite_schema WHERE name = 'migration'") or not self._applied():
            raise damaged(self._path)

    def migrate(self, migrations: Sequence[str] = MIGRATIONS) -> None:
        """Applies what is missing, each step in one transaction with its number."""
        for number in range(self._applied() + 1, len(migrations) + 1):
            with self.transaction():
                self._connection.execute(migrations[number - 1])
                self._connection.execute("INSERT INTO migration VALUES (?)", (number,))

    def copy_to(self, path: Path, key: bytes) -> None:
        """Writes a consistent copy under ``key`` to an empty ``path``, while others may write here.

        :raises SitebookError: the disk said no; what was begun is removed.
        """
        with self._lock, plain_errors(path):
            path.touch(PRIVATE_FILE, exist_ok=False)
            try:
                target = _connect(path, key, writable=True, vault_id=self._vault_id)
                try:
                    with target.backup("main", self._connection, "main") as backup:
                        backup.step()  # all pages at once: one read transaction
                finally:
                    target.close()
            except BaseException:
                path.unlink()
                raise

    def _applied(self) -> int:
        [(number,)] = self.read("SELECT coalesce(max(number), 0) FROM migration")
        return int(number)


def _first_bytes(path: Path, count: int) -> bytes:
    # Through SQLite: closing a file of one's own would drop the locks that this process has on the same one.
    flags = [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0]
    file = apsw.VFSFile("", str(path), flags)
    try:
        return file.xRead(count, 0) if file.xFileSize() >= count else b""
    finally:
        file.xClose()


def _connect(path: Path, key: bytes, *, writable: bool, vault_id: bytes | None = None) -> apsw.Connection:
    # ``vault_id`` for a new file only, as its salt.
    # A reader opens for writing too, and is told to write nothing: it must be able to undo what a killed
    # process left in the journal. Without SQLITE_OPEN_CREATE a missing file stays missing.
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(_BUSY_MS)
        connection.pragma("cipher", "aegis")
        if vault_id is not None:
            connection.pragma("cipher_salt", vault_id.hex())
        connection.pragma("key", f"raw:{key.hex()}")
        connection.pragma("synchronous", "EXTRA")
        connection.pragma("temp_store", "memory")
        connection.pragma("trusted_schema", False)
        connection.pragma("foreign_keys", True)
        connection.pragma("query_only", not writable)
    except BaseException:
        connection.close()
        raise
    return connection
