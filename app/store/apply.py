"""Applying a change to the tables, and taking it back where membership sets it aside.

The result depends on the set of applied changes alone: the live writes of a field are all its writes less
those that some applied operation on that same field names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from app.store.database import Database
from app.store.deletion import THERE, Deletions
from app.store.headings import NAMED_BY
from app.store.interning import Numbers
from app.store.texts import TextStore
from app.store.touched import Touched
from app.store.word_index import SEARCHED, Documents, WordIndex
from sync.change import Add, Change, Delete, Names, Remove, Set, Text, each_name
from sync.errors import Malformed
from sync.yupdate import YUpdate, read_insertion

_pack = msgspec.msgpack.Encoder().encode
TRUE = _pack(True)
_CROWD = 50
"""Live writes of one field from which on they are not read as a whole."""


def check_texts(change: Change) -> dict[int, YUpdate]:
    """Read every text update of a change strictly, then try it on an empty document.

    Returns them by the index of their operation. Raises Malformed.
    """
    found: dict[int, YUpdate] = {}
    for index, operation in enumerate(change.operations):
        if isinstance(operation, Text):
            # Loaded with the first text: a window shows its table before that.
            from pycrdt import Doc

            found[index] = read_insertion(operation.update, operation.client)
            try:
                Doc().apply_update(operation.update)
            except ValueError as error:
                raise Malformed("A text update cannot be applied.") from error
    return found


class Applier:
    """Applies changes on one connection, always inside a transaction of the caller's."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._db = database
        self._numbers = numbers
        self.texts = TextStore(database, numbers)
        self.deletions = Deletions(database, numbers)
        self.documents = Documents(numbers, self.texts)
        self.words = WordIndex(database, self.documents)

    def known(self, change: bytes) -> tuple[int, bool] | None:
        """(number, whether it is set aside) of a change that is here already."""
        row = self._db.one("SELECT cid, aside FROM changes WHERE id = ?", (change,))
        return None if row is None else (int(row[0]), bool(row[1]))

    def apply(
        self, change: Change, touched: Touched, *, eid: int | None, keep_data: bool = False
    ) -> int | None:
        """Apply a change once. Returns its number, or None where it stood already.

        ``eid`` is the envelope that it came in; ``keep_data`` keeps its bytes until it is sealed.
        Raises Malformed, before anything is written, where a text update in it is not one.
        """
        spans = check_texts(change)
        cid = self._insert(change, eid, aside=False, data=change.data if keep_data else None)
        again = cid is None
        if cid is None:
            known = self.known(change.id)
            assert known is not None
            if not known[1]:
                return None
            cid = known[0]
            self._db.run("UPDATE changes SET aside = 0, eid = ?, data = NULL WHERE cid = ?", (eid, cid))
            self._db.run("DELETE FROM updates WHERE cid = ?", (cid,))
        rids: set[int] = set()
        fresh: set[int] = set()
        written: set[tuple[int, int]] = set()
        unsure: set[int] = set()
        bare: set[int] = set()
        worded: set[int] = set()
        named: set[bytes] = set()
        collided: set[tuple[int, int, int]] = set()
        for index, operation in enumerate(change.operations):
            rid, new = self._numbers.record(operation.kind, operation.record, cid)
            rids.add(rid)
            if new:
                fresh.add(rid)
                touched.created.add(operation.record)
            name = "deleted" if isinstance(operation, Delete) else operation.field
            touched.note(operation.kind, operation.record, name)
            fid = self._numbers.field(operation.kind, name)
            if (operation.kind, name) in SEARCHED:
                worded.add(rid)
            if (operation.kind, name) in NAMED_BY:
                named.add(operation.record)
            # Nothing can stand in a field of a record that begins with this very change, or name a write to it.
            first = rid in fresh and (rid, fid) not in written
            written.add((rid, fid))
            if isinstance(operation, Text):
                if self.texts.append(
                    rid, fid, cid, index, operation, spans[index], change.author, first=first
                ):
                    collided.add((rid, fid, operation.client))
                    touched.texts_rebuilt.add(operation.record)
                continue
            value = None
            if isinstance(operation, Delete):
                value = TRUE
                self._db.run(
                    "INSERT OR REPLACE INTO covers VALUES (?, ?, ?)", (cid, index, _pack(operation.covers))
                )
            elif not isinstance(operation, Remove):
                value = _pack(operation.value)
            if first and value is not None and not operation.replaces:
                self._db.run("INSERT INTO writes VALUES (?, ?, ?, ?, ?)", (fid, rid, cid, index, value))
            else:
                contested, empty = self._write(rid, fid, cid, index, change.id, value, operation.replaces)
                touched.conflicts += contested and isinstance(operation, Set)
                if empty:
                    bare.add(rid)
            if name == "deleted":
                unsure.add(rid)
            elif name == "parent" and isinstance(operation, Set | Add) and isinstance(operation.value, bytes):
                self.deletions.adopt(operation.value, rid)
                unsure.add(rid)
        self.texts.settle(collided)
        if again:
            for rid, fid in self.texts.of_change(cid):
                self.texts.rebuild(rid, fid)
        for rid in bare:
            self.deletions.note_empty(rid, touched)
        self.words.note(worded)
        self._name_anew(named, touched)
        unsure |= {rid for rid in rids - fresh if self._stamp(rid, cid, change)}
        self.deletions.refresh(unsure, touched)
        return cid

    def set_aside(self, change: Change, touched: Touched, *, eid: int | None) -> None:
        """Take back a change, or note one that must not count. Its texts are integrated and deleted."""
        known = self.known(change.id)
        if known is not None and known[1]:
            return
        if known is None:
            spans = check_texts(change)
            cid = self._insert(change, eid, aside=True, data=None)
            assert cid is not None
            for index, operation in enumerate(change.operations):
                if isinstance(operation, Text):
                    rid, _ = self._numbers.record(operation.kind, operation.record)
                    fid = self._numbers.field(operation.kind, operation.field)
                    if self.texts.append(rid, fid, cid, index, operation, spans[index], change.author):
                        self.texts.settle({(rid, fid, operation.client)})
                    touched.note(operation.kind, operation.record, operation.field)
        else:
            cid = known[0]
            self._take_back(cid, change, touched)
        for rid, fid in self.texts.of_change(cid):
            self.texts.rebuild(rid, fid)
        for operation in change.operations:
            if isinstance(operation, Text):
                touched.texts_rebuilt.add(operation.record)
            record = self._numbers.known_record(operation.kind, operation.record)
            if record is not None:
                self.deletions.note_empty(record, touched)
                self.words.note([record])
        self._name_anew({each.record for each in change.operations if not isinstance(each, Text)}, touched)

    def _name_anew(self, records: Iterable[bytes], touched: Touched) -> None:
        """Texts that say what other records are called read otherwise where one of those was named."""
        for record in records:
            texts = self.texts.named_anew(record)
            self.words.note(rid for rid, _ in texts)
            for rid, fid in texts:
                kind, text = self._numbers.record_id(rid)
                touched.note(kind, text, self._numbers.field_name(fid)[1])

    def _take_back(self, cid: int, change: Change, touched: Touched) -> None:
        self._db.run("UPDATE changes SET aside = 1 WHERE cid = ?", (cid,))
        rids: set[int] = set()
        fields: set[tuple[int, int]] = set()
        for operation in change.operations:
            rid, _ = self._numbers.record(operation.kind, operation.record)
            name = "deleted" if isinstance(operation, Delete) else operation.field
            rids.add(rid)
            fields.add((rid, self._numbers.field(operation.kind, name)))
            touched.note(operation.kind, operation.record, name)
        self._db.run("DELETE FROM writes WHERE cid = ?", (cid,))
        self._db.run("DELETE FROM history WHERE cid = ?", (cid,))
        self._db.run("DELETE FROM covers WHERE cid = ?", (cid,))
        named = self._db.all("DELETE FROM replacements WHERE cid = ? RETURNING rid, fid, target, idx", (cid,))
        for rid, fid, target, index in named:
            self._revive(int(rid), int(fid), bytes(target), int(index))
        for rid, fid in fields:
            self._recount(rid, fid)
        for rid in rids:
            self._restamp(rid)
        self._db.run("DELETE FROM local_pending WHERE cid = ?", (cid,))
        self.deletions.refresh(rids, touched)

    def _insert(self, change: Change, eid: int | None, *, aside: bool, data: bytes | None) -> int | None:
        """Number a change; None where it has its number already."""
        row = self._db.one(
            "INSERT OR IGNORE INTO changes (id, did, clock, gid, eid, aside, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " RETURNING cid",
            (
                change.id,
                self._numbers.device(change.author),
                change.clock,
                change.group.id if change.group else None,
                eid,
                int(aside),
                data,
            ),
        )
        return None if row is None else int(row[0])

    def _write(
        self, rid: int, fid: int, cid: int, index: int, change: bytes, value: bytes | None, named: Names
    ) -> tuple[bool, bool]:
        """Take the writes named out of a field and put a value there, if there is one.

        Returns whether the field is contested now and was not before, and whether nothing stands in it.
        """
        if named:
            before, standing = self._replace(rid, fid, cid, named)
        else:
            rows = self._db.all("SELECT 1 FROM writes WHERE fid = ? AND rid = ? LIMIT 2", (fid, rid))
            before = standing = len(rows)
        if value is not None:
            # A write that somebody replaced before it arrived is history at once.
            self._db.run(
                "INSERT INTO writes SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS"
                " (SELECT 1 FROM replacements WHERE rid = ?2 AND fid = ?1 AND target = ?6 AND idx = ?4)",
                (fid, rid, cid, index, value, change),
            )
            if self._db.changes():
                standing += 1
            else:
                self._db.run("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (rid, fid, cid, index, value))
        if standing > 1 and before <= 1:
            self._db.run("INSERT INTO contested VALUES (?, ?)", (rid, fid))
            return True, False
        if standing <= 1 and before > 1:
            self._db.run("DELETE FROM contested WHERE rid = ? AND fid = ?", (rid, fid))
        return False, not standing

    def _replace(self, rid: int, fid: int, cid: int, named: Names) -> tuple[int, int]:
        """Move the writes named into history. Returns how many stood in the field before, and stand now."""
        rows = self._db.all(
            "SELECT c.id, w.idx, w.cid, w.value FROM writes w JOIN changes c USING (cid)"
            " WHERE w.fid = ? AND w.rid = ? LIMIT ?",
            (fid, rid, _CROWD),
        )
        if len(rows) == _CROWD:
            return _CROWD, self._replace_in_crowd(rid, fid, cid, named)
        standing = {(target, index): (number, value) for target, index, number, value in rows}
        for target, index in each_name(named):
            self._db.run(
                "INSERT OR IGNORE INTO replacements VALUES (?, ?, ?, ?, ?)", (rid, fid, target, index, cid)
            )
            found = standing.pop((target, index), None)
            if found is not None:
                number, value = found
                self._db.run(
                    "DELETE FROM writes WHERE fid = ? AND rid = ? AND cid = ? AND idx = ?",
                    (fid, rid, number, index),
                )
                self._db.run("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (rid, fid, number, index, value))
        return len(rows), len(standing)

    def _replace_in_crowd(self, rid: int, fid: int, cid: int, named: Names) -> int:
        """Look each name up by itself: only a set, or ill will, puts so many writes into a field."""
        for target, index in each_name(named):
            self._db.run(
                "INSERT OR IGNORE INTO replacements VALUES (?, ?, ?, ?, ?)", (rid, fid, target, index, cid)
            )
            row = self._db.one(
                "DELETE FROM writes WHERE fid = ? AND rid = ? AND idx = ?"
                " AND cid = (SELECT cid FROM changes WHERE id = ?) RETURNING cid, value",
                (fid, rid, index, target),
            )
            if row is not None:
                self._db.run("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (rid, fid, row[0], index, row[1]))
        return len(self._db.all("SELECT 1 FROM writes WHERE fid = ? AND rid = ? LIMIT 2", (fid, rid)))

    def _revive(self, rid: int, fid: int, target: bytes, index: int) -> None:
        """Put a replaced write back where nothing that counts names it any more."""
        other = self._db.one(
            "SELECT 1 FROM replacements WHERE rid = ? AND fid = ? AND target = ? AND idx = ?",
            (rid, fid, target, index),
        )
        row = self._db.one("SELECT cid FROM changes WHERE id = ?", (target,))
        if other is not None or row is None:
            return
        value = self._db.one(
            "DELETE FROM history WHERE rid = ? AND fid = ? AND cid = ? AND idx = ? RETURNING value",
            (rid, fid, row[0], index),
        )
        if value is not None:
            self._db.run("INSERT INTO writes VALUES (?, ?, ?, ?, ?)", (fid, rid, row[0], index, value[0]))

    def _recount(self, rid: int, fid: int) -> None:
        """Keep the list of fields in which more than one write stands."""
        if len(self._db.all("SELECT 1 FROM writes WHERE fid = ? AND rid = ? LIMIT 2", (fid, rid))) > 1:
            self._db.run("INSERT OR IGNORE INTO contested VALUES (?, ?)", (rid, fid))
        else:
            self._db.run("DELETE FROM contested WHERE rid = ? AND fid = ?", (rid, fid))

    def _stamp(self, rid: int, cid: int, change: Change) -> bool:
        """Note the last change of a record. Returns whether a deletion may have something to do with it."""
        row = self._db.one(
            "UPDATE records SET updated = ?2 WHERE rid = ?1 AND NOT EXISTS"
            " (SELECT 1 FROM changes c JOIN devices d USING (did) WHERE c.cid = records.updated"
            "  AND (c.clock, d.key, c.id) >= (?3, ?4, ?5))"
            " RETURNING state, EXISTS (SELECT 1 FROM children WHERE rid = ?1)",
            (rid, cid, change.clock, change.author, change.id),
        ) or self._db.one(
            "SELECT state, EXISTS (SELECT 1 FROM children WHERE rid = ?1) FROM records WHERE rid = ?1", (rid,)
        )
        return row is not None and bool(row[0] != THERE or row[1])

    def _restamp(self, rid: int) -> None:
        rows: list[Any] = self._db.all(
            "SELECT c.clock, d.key, c.id, c.cid FROM changes c JOIN devices d USING (did)"
            " WHERE c.aside = 0 AND c.cid IN"
            " (SELECT cid FROM writes WHERE rid = ?1 UNION SELECT cid FROM history WHERE rid = ?1"
            "  UNION SELECT cid FROM updates WHERE rid = ?1 UNION SELECT cid FROM replacements WHERE rid = ?1)",
            (rid,),
        )
        latest = max(rows, default=(0, b"", b"", 0))
        self._db.run("UPDATE records SET updated = ? WHERE rid = ?", (latest[3], rid))
