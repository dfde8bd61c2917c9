"""One open project file."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from app.domain.schema import DEFAULT_STATUSES, PROJECT, STATUS
from app.store.bulk import Bulk
from app.store.bundle_state import BundleState, bundle_state, covered_version
from app.store.database import Database, WriteLock, connect, migrate
from app.store.inverse import Undone
from app.store.links import Links
from app.store.merging import merge_records
from app.store.schema import MIGRATIONS
from app.store.search import Search
from app.store.touched import Touched
from app.store.word_index import WORDS
from sync.clock import Clock, Random
from sync.errors import Damaged, SitebookError
from sync.order import keys_between

_BINARY: int = getattr(os, "O_BINARY", 0)
_TEXTS_AT_ONCE = 4
_WORDS_AT_ONCE = 12
"""Records indexed in one transaction: so many take some 3 ms."""
_MERGE_AFTER = 16
"""Such transactions after which the index is merged a little."""
_MERGE_PAGES = 16
_BARE_AT_ONCE = 96
"""Envelopes whose bytes are let go of in one turn."""
_PAGES_AT_ONCE = 256
"""Free pages given back in one turn."""
_LONG_LOG = 2_000
"""Pages (4 KiB) in the write-ahead log beyond which it is moved into the file."""


class Project(Links):
    """A project on one connection, used by one thread; ``second`` gives another thread its own."""

    path: Path
    _key: bytes
    _vfs: str | None
    _log_file: int | None = None
    _log_pages = 0
    _filled = 0
    _remade = False

    @classmethod
    def make(
        cls,
        path: Path,
        key: bytes,
        *,
        project: bytes,
        device: bytes,
        clock: Clock,
        random: Random,
        alone: bool,
        vfs: str | None = None,
    ) -> Project:
        """Make a new project file. ``alone``: this device founded it and is the only one so far.

        Raises SitebookError where the file is there already or the system refuses it.
        """
        if path.exists():
            raise SitebookError(f"There is already a project file at {path.name}; it was left as it is.")
        try:
            database = connect(path, key, create=True, vfs=vfs)
            found = cls._opened(database, path, key, WriteLock(), device, clock, random, vfs, urgent=True)
            with _closed_on_failure(found), found.writing():
                found.put_meta("project", project)
                found.put_meta("device", device)
                found.put_meta("alone", int(alone))
        except BaseException:
            # Half a file would stand in the way of the next try.
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            raise
        return found

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        *,
        device: bytes,
        clock: Clock,
        random: Random,
        vfs: str | None = None,
        lock: WriteLock | None = None,
        background: bool = False,
    ) -> Project:
        """Open a project file; typing that a crash left as a draft becomes changes.

        ``lock`` is shared by all connections of this program to the file. ``background``: for the sync
        thread; its writes let others pass, and drafts are left alone, since somebody may be typing.
        Raises Damaged, NewerFormat or SitebookError.
        """
        database = connect(path, key, vfs=vfs)
        found = cls._opened(
            database, path, key, lock or WriteLock(), device, clock, random, vfs, urgent=not background
        )
        with _closed_on_failure(found):
            if found.get_meta("project") is None:
                raise Damaged(
                    f"The project file {path.name} is incomplete; remove it and join the project again."
                )
            if found.get_meta("elect") is not None:
                with found.writing():
                    found.texts_store.settle_all()
                    found.db.run("DELETE FROM meta WHERE name = 'elect'")
            if not background:
                found.finish_drafts()
        return found

    @classmethod
    def _opened(
        cls,
        database: Database,
        path: Path,
        key: bytes,
        lock: WriteLock,
        device: bytes,
        clock: Clock,
        random: Random,
        vfs: str | None,
        *,
        urgent: bool,
    ) -> Project:
        try:
            migrate(database, MIGRATIONS, clock, f"The project file {path.name}")
        except BaseException:
            database.close()
            raise
        found = cls(database, lock, device=device, clock=clock, random=random, urgent=urgent)
        found.path, found._key, found._vfs = path, key, vfs
        found._undo, found._redo, found.undone = array("q"), array("q"), Undone()
        database.connection.set_wal_hook(found._note_log)
        return found

    def second(self) -> Project:
        """A second connection for the sync thread; call it there. The window's writes pass its own."""
        database = connect(self.path, self._key, vfs=self._vfs)
        return self._opened(
            database,
            self.path,
            self._key,
            self.lock,
            self.device,
            self.clock,
            self.random,
            self._vfs,
            urgent=False,
        )

    def close(self) -> None:
        """Close the connection."""
        if self._log_file is not None:
            os.close(self._log_file)
            self._log_file = None
        self.db.close()

    @property
    def record(self) -> bytes:
        """The id of the record that describes the project itself."""
        return self.id[:16]

    @property
    def name(self) -> str:
        """What the project is called."""
        value = self.field(self.record, "name", PROJECT).value
        return value if isinstance(value, str) else ""

    def furnish(self, name: str, currency: str = "") -> Touched:
        """Write what every new project begins with: its name and the usual statuses."""
        bulk = self.bulk()
        bulk.create(PROJECT, {"name": name, "currency": currency or None}, record=self.record)
        for status, order in zip(
            DEFAULT_STATUSES, keys_between(None, None, len(DEFAULT_STATUSES)), strict=True
        ):
            bulk.create(
                STATUS,
                {"name": status.name, "meaning": str(status.meaning), "color": status.color, "order": order},
            )
        touched = bulk.commit()
        del self._undo[:]
        return touched

    def bulk(self) -> Bulk:
        """Begin a larger action: many changes written together and undone as one."""
        return Bulk(self)

    def merge_records(
        self, kind: str, keep: bytes, gone: bytes, progress: Callable[[int, int], None] | None = None
    ) -> Touched:
        """Make one record of two that mean the same; see ``app.store.merging``."""
        return merge_records(self, kind, keep, gone, progress)

    def check(self) -> None:
        """Read the whole file and test that it is sound. Raises Damaged.

        Where only the full-text index is not, ``maintain`` makes it anew.
        """
        try:
            rows = self.db.all("PRAGMA integrity_check(20)")
        except apsw.SQLError:
            # The settings of the index cannot be read, and no check goes past that.
            self._remake_index()
            rows = self.db.all("PRAGMA integrity_check(20)")
        damage = [str(row[0]) for row in rows if row != ("ok",)]
        if any(WORDS in each for each in damage):
            self.lock.index_damaged = True
        if any(WORDS not in each for each in damage):
            raise Damaged(f"The project file {self.path.name} is damaged; restore it from a backup.")

    def bundle_state(self) -> BundleState:
        """Which bundle this file came from, and whether that was confirmed."""
        return bundle_state(self)

    def covered_version(self) -> int:
        """Up to which version a confirmed bundle on the server has everything; 0 where there is none."""
        return covered_version(self)

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the file, as far as no reader is in the way."""
        self.db.run("PRAGMA wal_checkpoint(PASSIVE)")

    def maintain(self, texts: int = 60) -> int:
        """Do a little of what is left for quiet moments, letting others write in between. Returns how much was done.

        The plain text and the links of each text are made, so that nobody who looks for words waits for it, long
        texts become short again, and the full-text index follows what was written.
        """
        done = 0
        with self.lightly():
            filled = _TEXTS_AT_ONCE
            while filled == _TEXTS_AT_ONCE and done < texts:
                stale = self.texts_store.stale(_TEXTS_AT_ONCE)
                filled = 0
                if stale:
                    touched = Touched()
                    with self.writing(touched):
                        filled = self.texts_store.fill(stale, touched)
                done += filled
            done += self._index_words(texts)
            if not done:
                done = self._compact()
        self.tend_log()
        return done

    def _compact(self) -> int:
        """Let go of what nobody needs any more: where nothing else is left to do.

        Beside a window free pages go a few at a time; to copy the file would keep it waiting for too long.
        """
        from app.store.compaction import drop_covered, give_back, give_back_slices

        done = drop_covered(self, _BARE_AT_ONCE)
        done = done or give_back_slices(self, _PAGES_AT_ONCE)
        return done or int(self._urgent and give_back(self))

    def _index_words(self, most: int) -> int:
        """Index some records, each few in a transaction of their own, and merge what there is to merge."""
        words = self.applier.words
        done = 0
        try:
            if self.lock.index_damaged:
                self._remake_index()
            filled = _WORDS_AT_ONCE
            while filled == _WORDS_AT_ONCE and done < most:
                with self.writing(Touched()):
                    filled = words.fill(_WORDS_AT_ONCE)
                done += filled
                self._filled += bool(filled)
            more = self._filled >= _MERGE_AFTER
            while more:
                with self.writing(Touched()):
                    more = words.merge(_MERGE_PAGES)
                self._filled = 0
        except (Damaged, apsw.SQLError):
            if self._remade:
                raise
            self._remake_index()
            return 1
        self._remade = self._remade and not done
        return done

    def _remake_index(self) -> None:
        """Make the index anew; where it is damaged again before anything went well, it is not the index."""
        self._remade = True
        with self.writing():
            self.applier.words.remake()
        self.lock.index_damaged = False

    def reader(self) -> Search:
        """Searching on a connection of its own, which only reads and holds nobody up; for any one thread."""
        return Search(connect(self.path, self._key, readonly=True, vfs=self._vfs), self.lock)

    def tend_log(self) -> None:
        """Bring the write-ahead log to the disk, and into the file where it has become long.

        Nobody is held up by it, and who commits next waits for little more than what he wrote himself.
        """
        if self._log_file is None:
            try:
                self._log_file = os.open(self.path.with_name(self.path.name + "-wal"), os.O_RDWR | _BINARY)
            except FileNotFoundError:
                return
        try:
            os.fsync(self._log_file)
        except OSError as error:
            raise SitebookError(
                f"The project file {self.path.name} could not be written; check the disk and try again."
            ) from error
        if self.log_is_long:
            self._log_pages = 0
            self.checkpoint()

    @property
    def log_is_long(self) -> bool:
        """Whether the write-ahead log should be moved into the file: what is read has to be looked for in it."""
        return self._log_pages > _LONG_LOG

    def _note_log(self, connection: object, name: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK


@contextmanager
def _closed_on_failure(project: Project) -> Iterator[None]:
    """Close a project that could not be opened whole: what is left open keeps the next try out."""
    try:
        yield
    except BaseException:
        with suppress(SitebookError):
            project.close()
        raise
