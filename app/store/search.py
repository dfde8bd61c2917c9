"""Searching the texts of a project: on a read connection of its own, so that it holds nobody up.

Three questions, each of which can be cancelled from any thread: ``first_hits``, newest first, for every key
that is pressed; ``ranked``, the best first, a moment later; ``matching``, all of them, for the query engine.

What the index has not taken in yet is looked into directly, so a word is found as soon as its change is made.
Without prefix indexes FTS5 has to gather all places of all words that begin with *th* before it gives the
first, which takes up to half a second. So the index is asked for the words that a sample of the project tells
to be rare, which it finds in a millisecond, and whether the common ones are there too is seen in the texts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

import apsw

from app.store.database import Database, translate
from app.store.deletion import DELETED, EMPTY
from app.store.interning import Numbers
from app.store.texts import TextStore
from app.store.word_index import SEARCHED_KINDS, Documents, Searchable
from app.store.words import Folded, Snippet, Words, snippet
from sync.errors import SitebookError

_SAMPLE = 48
_COMMON = 4
"""One in so many texts of a sample has a beginning of a word that counts as common."""
_CANDIDATES = 300
_MOST_KNOWN = 2_000
_CACHE_KB = 32_768
_UNINDEXED = 100
"""Most records that the index has not taken in which the first hits look into."""
_RANKED = 4
"""How many times as many records as are wanted are ranked, where some of the words are not ranked by."""
_THERE = f"r.state NOT IN ({DELETED}, {EMPTY})"
_FROM = "FROM local_words w JOIN records r ON r.rid = w.rowid"
_ROW = f"SELECT w.rowid, r.id, r.kind {_FROM}"
_INDEXED = "w.rowid NOT IN (SELECT rid FROM local_unindexed)"
_WEIGHTS = "bm25(local_words, 8.0, 1.0)"
_MARK_KINDS = ", ".join("?" for _ in SEARCHED_KINDS)


class Cancelled(SitebookError):
    """A search that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record in which the words are found. ``parent``: what a comment is on, and what a hit in it leads to."""

    record: bytes
    kind: str
    parent: bytes | None
    title: Snippet
    text: Snippet


class TextSearch:
    """``Search.in_texts`` on a thread and a connection of its own, for who goes on in steps meanwhile."""

    def __init__(self, make: Callable[[], Search], kind: str, words: Words) -> None:
        """Begin. ``make`` opens the connection; it is called on the thread."""
        self._make = make
        self._search: Search | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._found: set[bytes] = set()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(kind, words), daemon=True)
        self._thread.start()

    def _run(self, kind: str, words: Words) -> None:
        try:
            with self._make() as search:
                with self._lock:
                    self._search = search
                    if self._stopped:
                        return
                try:
                    self._found = search.in_texts(kind, words)
                finally:
                    with self._lock:
                        self._search = None
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> set[bytes]:
        """What was found, once it has ended. Raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self._found

    def stop(self) -> None:
        """End it: nobody wants the result any more."""
        with self._lock:
            self._stopped = True
            if self._search is not None:
                self._search.cancel()
        self._thread.join()


class _Lock(Protocol):
    index_damaged: bool


class _Known(NamedTuple):
    """A record that was read, and the same folded."""

    found: Searchable
    folded: tuple[Folded, Folded]


_Row = tuple[int, bytes, str]
_Found = TypeVar("_Found")


class Search:
    """Searches of one project, by one thread at a time; ``cancel`` may be called by any."""

    def __init__(self, database: Database, lock: _Lock) -> None:
        self._db = database
        self._db.run(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._lock = lock
        self._numbers = Numbers(database)
        self._documents = Documents(self._numbers, TextStore(database, self._numbers))
        self._cancelled = threading.Event()
        self._open: list[apsw.Cursor] = []
        self._version: tuple[Any, ...] | None = None
        self._known: dict[int, _Known] = {}
        """What was read since the file changed last: the next key that is pressed asks for much of it again."""

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def __enter__(self) -> Search:
        """Close at the end."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Close the connection."""
        self.close()

    def cancel(self) -> None:
        """End the search that is running, which raises Cancelled; ``renew`` allows the next one."""
        self._cancelled.set()
        self._db.connection.interrupt()

    def renew(self) -> None:
        """Allow a search again after ``cancel``; called by whoever begins it, before it is begun."""
        self._cancelled.clear()

    def warm(self) -> None:
        """Do what else the first search would do: when somebody is about to type."""
        self._guarded(lambda: self._sample)

    def first_hits(self, text: str, limit: int = 20) -> list[Hit]:
        """The newest records with all the words, the newest first."""
        words = Words.read(text)
        return self._guarded(lambda: self._hits(self._first(words, limit), words)) if words else []

    def ranked(self, text: str, limit: int = 20) -> list[Hit]:
        """The records that the words fit best, the best first.

        Beginnings of words that are in very many texts have to be there and do not count for the order. Where
        nothing else was typed the headings come first.
        """
        words = Words.read(text)
        return self._guarded(lambda: self._hits(self._best(words, limit), words)) if words else []

    def matching(self, text: str) -> set[bytes]:
        """The ids of all records with all the words; of comments, their own."""
        words = Words.read(text)
        return self._guarded(lambda: self._all(words)) if words else set()

    def in_texts(self, kind: str, words: Words) -> set[bytes]:
        """The ids of all records of a kind whose texts, whatever their headings are, have all the words."""
        return self._guarded(lambda: self._texts_with(kind, words)) if words else set()

    # What runs under guard

    def _guarded(self, search: Callable[[], _Found]) -> _Found:
        try:
            self._check()
            row = self._db.one("PRAGMA data_version")
            if row != self._version:
                self._version = row
                self._known.clear()
            return search()
        except apsw.InterruptError as error:
            raise Cancelled("The search was cancelled.") from error
        except apsw.Error as error:
            raise translate(error, self._db.path) from error
        finally:
            # Who looks no further leaves statements unfinished, and SQLite forgets that it was interrupted only
            # when none is: every search from then on would end as cancelled.
            while self._open:
                self._open.pop().close(True)

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled("The search was cancelled.")

    def _rows(self, sql: str, values: tuple[Any, ...]) -> Iterator[_Row]:
        cursor = self._db.connection.cursor()
        self._open.append(cursor)
        for rid, record, kind in cursor.execute(sql, values):
            self._check()
            yield int(rid), bytes(record), str(kind)

    def _read(self, rid: int, kind: str) -> _Known:
        known = self._known.get(rid)
        if known is None:
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            found = self._documents.read(rid, kind)
            known = _Known(found, (Folded.of(found.title), Folded.of(found.text)))
            self._known[rid] = known
        return known

    def _indexed(self, words: Words, order: str, limit: int) -> Iterator[_Row]:
        """What the index knows; where it is damaged, all records are looked into instead."""
        sql = f"{_ROW} WHERE local_words MATCH ? AND {_THERE} AND {_INDEXED} ORDER BY {order} LIMIT ?"
        try:
            yield from self._rows(sql, (words.expression, limit))
        except (apsw.CorruptError, apsw.SQLError):
            self._lock.index_damaged = True
            yield from self._looked_into(self._newest(-1), words)

    def _newest(self, limit: int) -> Iterator[_Row]:
        sql = f"SELECT rid, id, kind FROM records r NOT INDEXED WHERE kind IN ({_MARK_KINDS}) AND {_THERE}"  # noqa: S608
        sql += " ORDER BY rid DESC LIMIT ?"
        return self._rows(sql, (*SEARCHED_KINDS, limit))

    def _unindexed(self, words: Words, limit: int) -> Iterator[_Row]:
        sql = f"SELECT n.rid, r.id, r.kind FROM local_unindexed n JOIN records r USING (rid) WHERE {_THERE}"  # noqa: S608
        sql += " ORDER BY n.rid DESC LIMIT ?"
        return self._looked_into(self._rows(sql, (limit,)), words)

    def _looked_into(self, rows: Iterable[_Row], words: Words) -> Iterator[_Row]:
        return (row for row in rows if self._has(row, words))

    def _has(self, row: _Row, words: Words) -> bool:
        return words.stand_in(self._read(row[0], row[2]).folded)

    def _first(self, words: Words, limit: int) -> list[_Row]:
        rare = self._rare(words)
        if rare == words:
            return list(islice(self._by_age(words), limit))
        candidates = self._by_age(rare) if rare else self._newest(-1)
        found: list[_Row] = []
        for looked, row in enumerate(candidates):
            if looked == _CANDIDATES:
                return list(islice(self._by_age(words), limit))
            if self._has(row, words):
                found.append(row)
                if len(found) == limit:
                    break
        return found

    def _by_age(self, words: Words) -> Iterator[_Row]:
        """What has the words, the newest first; of what is not indexed, only the newest are looked into."""
        waiting = list(self._unindexed(words, _UNINDEXED))
        return merge(self._indexed(words, "w.rowid DESC", -1), waiting, reverse=True)

    def _rare(self, words: Words) -> Words:
        """The terms that few texts have, as far as a sample tells, and the whole phrases."""
        sample = self._sample
        return Words(
            tuple(
                term
                for at, term in enumerate(words.terms)
                if not term.prefix
                or sum(any(words.finds(at, text) for text in texts) for texts in sample) * _COMMON
                < len(sample)
            )
        )

    @cached_property
    def _sample(self) -> list[tuple[Folded, ...]]:
        """Some records from all over the project."""
        newest = self._db.one("SELECT max(rid) FROM records")
        most = int(newest[0] or 0) if newest is not None else 0
        found = []
        for at in range(_SAMPLE):
            # By its index the first of one kind would be found, wherever in the project the others are.
            sql = f"SELECT rid, kind FROM records NOT INDEXED WHERE rid > ? AND kind IN ({_MARK_KINDS})"  # noqa: S608
            sql += " ORDER BY rid LIMIT 1"
            row = self._db.one(sql, (most * at // _SAMPLE, *SEARCHED_KINDS))
            if row is not None:
                found.append(tuple(map(Folded.of, self._documents.read(int(row[0]), str(row[1])))))
        return found

    def _best(self, words: Words, limit: int) -> list[_Row]:
        rare = self._rare(words)
        if not rare:
            found = self._first(words, limit)
            headed = {row[0]: words.stand_in(self._read(row[0], row[2]).folded[:1]) for row in found}
            return sorted(found, key=lambda row: not headed[row[0]])
        if rare == words:
            found = list(self._indexed(words, _WEIGHTS, limit))
        else:
            ranked = self._indexed(rare, _WEIGHTS, limit * _RANKED)
            found = [row for row in ranked if self._has(row, words)]
        found.extend(self._unindexed(words, _UNINDEXED))
        if len(found) < limit:
            known = {row[0] for row in found}
            found.extend(row for row in self._first(words, limit) if row[0] not in known)
        return found[:limit]

    def _all(self, words: Words) -> set[bytes]:
        return {
            row[1]
            for rows in (self._indexed(words, "w.rowid", -1), self._unindexed(words, -1))
            for row in rows
        }

    def _texts_with(self, kind: str, words: Words) -> set[bytes]:
        sql = f"SELECT r.id {_FROM} WHERE local_words MATCH ? AND r.kind = ? AND {_THERE} AND {_INDEXED}"
        try:
            cursor = self._db.connection.execute(sql, (f"text : ({words.expression})", kind))
            found = {bytes(record) for (record,) in cursor}
            waiting = (
                f"SELECT n.rid, r.id, r.kind FROM local_unindexed n JOIN records r USING (rid) WHERE {_THERE}"  # noqa: S608
            )
            rest = self._rows(f"{waiting} AND r.kind = ?", (kind,))
        except (apsw.CorruptError, apsw.SQLError):
            self._lock.index_damaged = True
            found = set()
            rest = (row for row in self._newest(-1) if row[2] == kind)
        found.update(record for rid, record, _ in rest if words.matches(self._documents.read(rid, kind).text))
        return found

    def _hits(self, rows: list[_Row], words: Words) -> list[Hit]:
        return [self._hit(*row, words) for row in rows]

    def _hit(self, rid: int, record: bytes, kind: str, words: Words) -> Hit:
        self._check()
        found, (title, text) = self._read(rid, kind)
        parent = self._documents.parent(rid, kind)
        return Hit(record, kind, parent, snippet(found.title, words, title), snippet(found.text, words, text))
