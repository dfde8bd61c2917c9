"""Searching the texts of a project: on a read connection of its own, so that it holds nobody up.

Three questions, each of which can be cancelled from any thread: ``first_hits``, newest first, for every key
that is pressed; ``ranked``, the best first, a moment later; ``matching``, all of them, for the query engine.

What the index has not taken in yet is looked into directly, so a word is found as soon as its change is made.
Without prefix indexes FTS5 has to gather all places of all words that begin with *th* before it gives the
first; but where a beginning is common it stands in most of the newest records too. So the newest are looked
into first, and the index is asked only where they do not give enough, which is where it is quick.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import apsw

from app.store.database import Database, translate
from app.store.deletion import DELETED, EMPTY
from app.store.interning import Numbers
from app.store.texts import TextStore
from app.store.word_index import SEARCHED_KINDS, Documents, Searchable
from app.store.words import Snippet, Term, Words, snippet
from sync.errors import SitebookError

_SHORT = 3
"""Beginnings of words up to so long are looked for in the newest records before the index is asked."""
_NEWEST = 100
_UNINDEXED = 100
"""Most records that the index has not taken in which the first hits look into."""
_RANKED = 4
"""How many times as many records as are wanted are ranked, where some of the words are too short to rank by."""
_THERE = f"r.state NOT IN ({DELETED}, {EMPTY})"
_ROW = "SELECT w.rowid, r.id, r.kind FROM local_words w JOIN records r ON r.rid = w.rowid"
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


class _Lock(Protocol):
    index_damaged: bool


_Row = tuple[int, bytes, str]
_Found = TypeVar("_Found")


class Search:
    """Searches of one project, by one thread at a time; ``cancel`` may be called by any."""

    def __init__(self, database: Database, lock: _Lock) -> None:
        self._db = database
        self._lock = lock
        self._numbers = Numbers(database)
        self._documents = Documents(database, self._numbers, TextStore(database, self._numbers))
        self._cancelled = threading.Event()

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

    def first_hits(self, text: str, limit: int = 30) -> list[Hit]:
        """The newest records with all the words, the newest first."""
        words = Words.read(text)
        return self._guarded(lambda: self._hits(self._first(words, limit), words)) if words else []

    def ranked(self, text: str, limit: int = 30) -> list[Hit]:
        """The records that the words fit best, the best first.

        Words of up to three letters, of which only the beginning is known, are in nearly every text: they have
        to be there and do not count for the order. Where there are no others the headings come first.
        """
        words = Words.read(text)
        return self._guarded(lambda: self._hits(self._best(words, limit), words)) if words else []

    def matching(self, text: str) -> set[bytes]:
        """The ids of all records with all the words; of comments, their own."""
        words = Words.read(text)
        return self._guarded(lambda: self._all(words)) if words else set()

    # What runs under guard

    def _guarded(self, search: Callable[[], _Found]) -> _Found:
        try:
            self._check()
            return search()
        except apsw.InterruptError as error:
            raise Cancelled("The search was cancelled.") from error
        except apsw.Error as error:
            raise translate(error, self._db.path) from error

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled("The search was cancelled.")

    def _rows(self, sql: str, values: tuple[Any, ...]) -> Iterator[_Row]:
        for rid, record, kind in self._db.connection.execute(sql, values):
            self._check()
            yield int(rid), bytes(record), str(kind)

    def _indexed(self, words: Words, order: str, limit: int) -> Iterator[_Row]:
        """What the index knows; where it is damaged, all records are looked into instead."""
        sql = f"{_ROW} WHERE local_words MATCH ? AND {_THERE} AND {_INDEXED} ORDER BY {order} LIMIT ?"
        try:
            yield from self._rows(sql, (words.expression, limit))
        except (apsw.CorruptError, apsw.SQLError):
            self._lock.index_damaged = True
            yield from self._looked_into(self._newest(-1), words)

    def _newest(self, limit: int) -> Iterator[_Row]:
        sql = f"SELECT rid, id, kind FROM records r WHERE kind IN ({_MARK_KINDS}) AND {_THERE}"  # noqa: S608
        sql += " ORDER BY rid DESC LIMIT ?"
        return self._rows(sql, (*SEARCHED_KINDS, limit))

    def _unindexed(self, words: Words, limit: int) -> Iterator[_Row]:
        sql = f"SELECT n.rid, r.id, r.kind FROM local_unindexed n JOIN records r USING (rid) WHERE {_THERE}"  # noqa: S608
        sql += " ORDER BY n.rid DESC LIMIT ?"
        return self._looked_into(self._rows(sql, (limit,)), words)

    def _looked_into(self, rows: Iterator[_Row], words: Words) -> Iterator[_Row]:
        for row in rows:
            if words.matches(*self._documents.read(row[0], row[2])):
                yield row

    def _first(self, words: Words, limit: int) -> list[_Row]:
        short, rest = _parted(words)
        if short:
            some = self._candidates(rest)
            found = []
            for row in self._looked_into(some, words):
                found.append(row)
                if len(found) == limit:
                    return found
        waiting = list(self._unindexed(words, _UNINDEXED))
        return sorted([*self._indexed(words, "w.rowid DESC", limit), *waiting], reverse=True)[:limit]

    def _candidates(self, words: Words) -> Iterator[_Row]:
        """The newest records with some of the words, and those not indexed, the newest first."""
        if not words:
            return self._newest(_NEWEST)
        waiting = self._unindexed(words, _UNINDEXED)
        return iter(sorted([*self._indexed(words, "w.rowid DESC", _NEWEST), *waiting], reverse=True))

    def _best(self, words: Words, limit: int) -> list[_Row]:
        short, rest = _parted(words)
        if not rest:
            found = self._first(words, limit)
            headed = {row[0]: words.matches(self._documents.read(row[0], row[2]).title) for row in found}
            return sorted(found, key=lambda row: not headed[row[0]])
        most = limit * _RANKED if short else limit
        ranked = self._indexed(rest, _WEIGHTS, most)
        found = list(self._looked_into(ranked, words) if short else ranked)
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

    def _hits(self, rows: list[_Row], words: Words) -> list[Hit]:
        return [self._hit(*row, words) for row in rows]

    def _hit(self, rid: int, record: bytes, kind: str, words: Words) -> Hit:
        self._check()
        found: Searchable = self._documents.read(rid, kind)
        parent = self._documents.parent(rid, kind)
        return Hit(record, kind, parent, snippet(found.title, words), snippet(found.text, words))


def _parted(words: Words) -> tuple[tuple[Term, ...], Words]:
    """The terms of which only a short beginning is known, and the others."""
    short = tuple(term for term in words.terms if 0 < term.prefix <= _SHORT)
    return short, Words(tuple(term for term in words.terms if term not in short))
