"""Applying a change to the tables, and taking it back where membership sets it aside.

The result depends on the set of applied changes alone: the live writes of a field are all its writes less
those that some applied operation on that same field names.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.store.database import Database
from app.store.deletion import Deletions
from app.store.interning import Numbers
from app.store.texts import TextStore, open_document
from app.store.touched import Touched
from sync.change import Add, Change, Delete, Names, Remove, Set, Text, each_name
from sync.errors import Malformed
from sync.yupdate import read_insertion

_pack = msgspec.msgpack.Encoder().encode
TRUE = _pack(True)


def check_texts(change: Change) -> None:
    """Read every text update of a change strictly, then try it on an empty document. Raises Malformed."""
    for operation in change.operations:
        if isinstance(operation, Text):
            read_insertion(operation.update, operation.client)
            try:
                open_document(operation.update)
            except ValueError as error:
                raise Malformed("A text update cannot be applied.") from error


class Applier:
    """Applies changes on one connection, always inside a transaction of the caller's."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._db = database
        self._numbers = numbers
        self.texts = TextStore(database, numbers)
        self.deletions = Deletions(database, numbers)

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
        known = self.known(change.id)
        if known is not None and not known[1]:
            return None
        check_texts(change)
        if known is None:
            cid = self._insert(change, eid, aside=False, data=change.data if keep_data else None)
        else:
            cid = known[0]
            self._db.run("UPDATE changes SET aside = 0, eid = ?, data = NULL WHERE cid = ?", (eid, cid))
            self._db.run("DELETE FROM updates WHERE cid = ?", (cid,))
        rids: dict[int, tuple[str, bytes]] = {}
        rebuilt: set[tuple[int, int]] = set()
        for index, operation in enumerate(change.operations):
            rid, new = self._numbers.record(operation.kind, operation.record)
            rids[rid] = (operation.kind, operation.record)
            if new:
                touched.created.add(operation.record)
            name = "deleted" if isinstance(operation, Delete) else operation.field
            touched.note(operation.kind, operation.record, name)
            fid = self._numbers.field(operation.kind, name)
            if isinstance(operation, Text):
                if self.texts.append(rid, fid, cid, index, operation, change.author):
                    rebuilt.add((rid, fid))
                    touched.texts_rebuilt.add(operation.record)
                continue
            if operation.replaces:
                self._replace(rid, fid, cid, operation.replaces)
            if isinstance(operation, Remove):
                self._recount(rid, fid)
                continue
            value = TRUE if isinstance(operation, Delete) else _pack(operation.value)
            if isinstance(operation, Delete):
                self._db.run(
                    "INSERT OR REPLACE INTO covers VALUES (?, ?, ?)", (cid, index, _pack(operation.covers))
                )
            self._write(rid, fid, cid, index, change.id, value)
            if self._recount(rid, fid) and isinstance(operation, Set):
                touched.conflicts += 1
            if name == "parent" and isinstance(
                operation.value if isinstance(operation, Set | Add) else None, bytes
            ):
                self.deletions.adopt(operation.value, rid)  # type: ignore[union-attr]
        if known is not None:
            for rid, fid in self.texts.of_change(cid):
                self.texts.rebuild(rid, fid)
        for rid in rids:
            self._update_stamp(rid, cid, change)
        self.deletions.refresh(rids, touched)
        return cid

    def set_aside(self, change: Change, touched: Touched, *, eid: int | None) -> None:
        """Take back a change, or note one that must not count. Its texts are integrated and deleted."""
        known = self.known(change.id)
        if known is not None and known[1]:
            return
        if known is None:
            check_texts(change)
            cid = self._insert(change, eid, aside=True, data=None)
            for index, operation in enumerate(change.operations):
                if isinstance(operation, Text):
                    rid, _ = self._numbers.record(operation.kind, operation.record)
                    fid = self._numbers.field(operation.kind, operation.field)
                    self.texts.append(rid, fid, cid, index, operation, change.author)
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
        self.deletions.refresh(dict.fromkeys(rids), touched)

    def _insert(self, change: Change, eid: int | None, *, aside: bool, data: bytes | None) -> int:
        row = self._db.one(
            "INSERT INTO changes (id, did, clock, gid, eid, aside, data) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING cid",
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
        assert row is not None
        return int(row[0])

    def _write(self, rid: int, fid: int, cid: int, index: int, change: bytes, value: bytes) -> None:
        replaced = self._db.one(
            "SELECT 1 FROM replacements WHERE rid = ? AND fid = ? AND target = ? AND idx = ?",
            (rid, fid, change, index),
        )
        if replaced is None:
            self._db.run("INSERT INTO writes VALUES (?, ?, ?, ?, ?)", (fid, rid, cid, index, value))
        else:
            self._db.run("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (rid, fid, cid, index, value))

    def _replace(self, rid: int, fid: int, cid: int, named: Names) -> None:
        for change, index in each_name(named):
            self._db.run(
                "INSERT OR IGNORE INTO replacements VALUES (?, ?, ?, ?, ?)", (rid, fid, change, index, cid)
            )
            row = self._db.one("SELECT cid FROM changes WHERE id = ?", (change,))
            if row is None:
                continue
            value = self._db.one(
                "DELETE FROM writes WHERE fid = ? AND rid = ? AND cid = ? AND idx = ? RETURNING value",
                (fid, rid, row[0], index),
            )
            if value is not None:
                self._db.run(
                    "INSERT INTO history VALUES (?, ?, ?, ?, ?)", (rid, fid, row[0], index, value[0])
                )

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

    def _recount(self, rid: int, fid: int) -> bool:
        """Keep the list of fields in which more than one write stands. Returns whether this one is new on it."""
        row = self._db.one(
            "SELECT count(*) FROM (SELECT 1 FROM writes WHERE fid = ? AND rid = ? LIMIT 2)", (fid, rid)
        )
        if row is not None and int(row[0]) > 1:
            self._db.run("INSERT OR IGNORE INTO contested VALUES (?, ?)", (rid, fid))
            return bool(self._db.changes())
        self._db.run("DELETE FROM contested WHERE rid = ? AND fid = ?", (rid, fid))
        return False

    def _update_stamp(self, rid: int, cid: int, change: Change) -> None:
        row = self._db.one(
            "SELECT c.clock, d.key, c.id FROM records r JOIN changes c ON c.cid = r.updated"
            " JOIN devices d USING (did) WHERE r.rid = ?",
            (rid,),
        )
        if row is None or (int(row[0]), bytes(row[1]), bytes(row[2])) < (
            change.clock,
            change.author,
            change.id,
        ):
            self._db.run("UPDATE records SET updated = ? WHERE rid = ?", (cid, rid))

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
