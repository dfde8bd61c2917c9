"""The full-text index of a project file, and keeping it up.

What touches a searchable field notes the record in ``local_unindexed``, in its own transaction and for some
microseconds. The index follows in small slices when it is quiet (``Project.maintain``), and who searches looks
into what is still noted by himself. The index holds no text and no truth: it can be made anew at any time.

There are no prefix indexes: they would make it half as large again or more, and who types finds by the first
letters anyway (``app.store.search``). Segments are merged here, in pieces of some milliseconds, and never in a
commit: FTS5's own merging made commits of up to 200 ms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import apsw

from app.domain.schema import COMMENT, ELEMENT, ISSUE, KINDS, NOTE, PERSON
from app.store.database import Database
from app.store.headings import SEPARATOR
from app.store.interning import Numbers
from app.store.schema import WORD_TABLE
from app.store.texts import TextStore
from app.store.words import spread

_HEADINGS = {ISSUE: "title", NOTE: "title", PERSON: "name", ELEMENT: "name"}
_OTHERS = {
    PERSON: ("company", "email", "phone", "specialty", "home_base"),
    ELEMENT: ("type", "external_id", "parameters"),
}
_TEXTS = (ISSUE, NOTE, COMMENT)
SEARCHED_KINDS = (ISSUE, NOTE, COMMENT, PERSON, ELEMENT)
SEARCHED = frozenset(
    [*_HEADINGS.items(), *((kind, "text") for kind in _TEXTS)]
    + [(kind, name) for kind, names in _OTHERS.items() for name in names]
)
"""The fields, as (kind, name), whose words are found."""

WORDS = "local_words"
_NOTE_ALL = "INSERT OR IGNORE INTO local_unindexed SELECT rid FROM records WHERE kind IN (?, ?, ?, ?, ?)"
_SHADOWS = ("data", "idx", "docsize", "config", "content")
_LONGEST = 4 << 20
_HEADING = 200


class Searchable(NamedTuple):
    """What of a record can be found: its heading, and its text or its other fields."""

    title: str
    text: str


class Documents:
    """Reads what can be found of records, on one connection."""

    def __init__(self, numbers: Numbers, texts: TextStore) -> None:
        self._numbers = numbers
        self._texts = texts
        self._values = texts.values

    def read(self, rid: int, kind: str) -> Searchable:
        """What can be found of a record as it stands."""
        title = self._values.shown(rid, kind, _HEADINGS[kind]) if kind in _HEADINGS else ""
        if kind in _TEXTS:
            fid = self._numbers.known_field(kind, "text")
            return Searchable(title, "" if fid is None else self._texts.plain(rid, fid))
        others = (self._values.shown(rid, kind, name) for name in _OTHERS.get(kind, ()))
        return Searchable(title, SEPARATOR.join(each for each in others if each))

    def heading(self, rid: int, kind: str) -> str:
        """What a record of any kind is called: its heading, or the beginning of its text."""
        name = KINDS[kind].heading
        if name not in KINDS[kind].text_fields:
            return self._values.shown(rid, kind, name)
        fid = self._numbers.known_field(kind, name)
        return "" if fid is None else self._texts.plain(rid, fid)[:_HEADING]

    def parent(self, rid: int, kind: str) -> bytes | None:
        """What a comment is on."""
        value = self._values.value(rid, kind, "parent") if kind == COMMENT else None
        return value if isinstance(value, bytes) else None


class WordIndex:
    """Writes the index on one connection; callers have a transaction open."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._db = database
        self._documents = documents

    def note(self, rids: Iterable[int]) -> None:
        """Note records to be indexed anew."""
        for rid in rids:
            self._db.run("INSERT OR IGNORE INTO local_unindexed VALUES (?)", (rid,))

    def waiting(self) -> int:
        """How many records are noted."""
        row = self._db.one("SELECT count(*) FROM local_unindexed")
        return 0 if row is None else int(row[0])

    def fill(self, most: int) -> int:
        """Index up to so many of the records that are noted, the newest first. Returns how many."""
        rows = self._db.all(
            "SELECT n.rid, r.kind FROM (SELECT rid FROM local_unindexed ORDER BY rid DESC LIMIT ?) n"
            " LEFT JOIN records r USING (rid) ORDER BY n.rid",
            (most,),
        )
        for rid, kind in rows:
            self._db.run("DELETE FROM local_words WHERE rowid = ?", (rid,))
            if kind is not None:
                found = self._documents.read(int(rid), str(kind))
                self._db.run(
                    "INSERT INTO local_words (rowid, title, text) VALUES (?, ?, ?)",
                    (rid, spread(found.title[:_LONGEST]), spread(found.text[:_LONGEST])),
                )
            self._db.run("DELETE FROM local_unindexed WHERE rid = ?", (rid,))
        return len(rows)

    def merge(self, pages: int) -> bool:
        """Merge a little of what was indexed at different times. Returns whether there may be more to merge."""
        before = self._db.connection.total_changes()
        self._db.run("INSERT INTO local_words (local_words, rank) VALUES ('merge', ?)", (pages,))
        # The documented way to learn whether anything was merged: https://sqlite.org/fts5.html, "merge".
        return self._db.connection.total_changes() - before >= 2

    def remake(self) -> None:
        """Throw the index away and note everything: it was damaged, or nobody vouches for it."""
        connection = self._db.connection
        connection.execute("SAVEPOINT remake")
        try:
            connection.execute("DROP TABLE IF EXISTS local_words")
        except apsw.Error:
            if not connection.in_transaction:
                # The disk failed, and SQLite has rolled all of it back: that is no matter of the index.
                raise
            # Where not even its settings can be read SQLite does not let go of it in the usual way.
            connection.execute("ROLLBACK TO remake")
            self._tear_out()
        connection.execute("RELEASE remake")
        connection.execute(WORD_TABLE)
        connection.execute(_NOTE_ALL, SEARCHED_KINDS)

    def _tear_out(self) -> None:
        connection = self._db.connection
        connection.execute("PRAGMA writable_schema = ON")
        try:
            connection.execute("DELETE FROM sqlite_schema WHERE name = 'local_words'")
        finally:
            connection.execute("PRAGMA writable_schema = RESET")
        for shadow in _SHADOWS:
            connection.execute(f"DROP TABLE IF EXISTS local_words_{shadow}")

    def size(self) -> int:
        """Bytes that the index takes."""
        row = self._db.one(
            "SELECT (SELECT coalesce(sum(length(block)), 0) FROM local_words_data)"
            " + (SELECT coalesce(sum(length(sz) + 9), 0) FROM local_words_docsize)"
        )
        return 0 if row is None else int(row[0])
