"""Which records are deleted: a deletion holds only where it had seen all that is in the record.

A deletion names the live writes and text updates of the record and of its children (comments, attachments,
notes below a note). Any other write to them, earlier or later, is a conflict: the record stays visible and
is marked. The number of an issue is left out: it is a label that the program gives by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.store.database import Database
from app.store.interning import Numbers
from app.store.touched import Touched
from sync.change import Names, WriteId, each_name
from sync.merge import deletion_holds

THERE, DELETED, DISPUTED, EMPTY = 0, 1, 2, 3
"""EMPTY: all that was ever written to it was set aside; to readers it does not exist."""
_LABELS = frozenset({("issue", "number")})
_names_decoder = msgspec.msgpack.Decoder(Names)
_TRUE = msgspec.msgpack.encode(True)
_MAX_DEPTH = 100


class Deletions:
    """Keeps ``records.state`` on one connection."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._db = database
        self._numbers = numbers

    def adopt(self, parent: bytes, rid: int) -> None:
        """Remember that a record was, at some time, written to be a child of another."""
        self._db.run("INSERT OR IGNORE INTO children VALUES (?, ?)", (parent, rid))

    def refresh(self, rids: Iterable[int], touched: Touched) -> None:
        """Decide anew for records that were written to, and for all above and below them."""
        for rid in rids:
            above = self._ever_above(rid)
            if not any(self._state(each) != THERE or self._deletes(each) for each in above):
                continue
            affected = {below for each in above for below in self._descendants(each)}
            for each in sorted(above | affected):
                self._set_state(each, self._verdict(each), touched)

    def _ever_above(self, rid: int) -> set[int]:
        """The record and all that it was ever written to be below: their verdicts may depend on it."""
        found = {rid}
        waiting = [rid]
        while waiting:
            rows = self._db.all(
                "SELECT r.rid FROM children ch JOIN records r ON r.id = ch.parent WHERE ch.rid = ?",
                (waiting.pop(),),
            )
            for (above,) in rows:
                if above not in found:
                    found.add(above)
                    waiting.append(above)
        return found

    def state_of(self, rid: int) -> int:
        """THERE, DELETED or DISPUTED."""
        return self._state(rid)

    def _state(self, rid: int) -> int:
        row = self._db.one("SELECT state FROM records WHERE rid = ?", (rid,))
        return THERE if row is None else int(row[0])

    def _set_state(self, rid: int, state: int, touched: Touched) -> None:
        if self._state(rid) == state:
            return
        self._db.run("UPDATE records SET state = ? WHERE rid = ?", (state, rid))
        row = self._db.one("SELECT kind, id FROM records WHERE rid = ?", (rid,))
        assert row is not None
        touched.note(str(row[0]), bytes(row[1]), "deleted")
        touched.visibility.add(bytes(row[1]))
        if state == DISPUTED:
            touched.conflicts += 1

    def note_empty(self, rid: int, touched: Touched) -> None:
        """Hide a record of which everything was set aside."""
        if self._is_empty(rid):
            self._set_state(rid, EMPTY, touched)

    def _is_empty(self, rid: int) -> bool:
        row = self._db.one(
            "SELECT EXISTS (SELECT 1 FROM writes WHERE rid = ?1)"
            " OR EXISTS (SELECT 1 FROM updates u JOIN changes c USING (cid) WHERE u.rid = ?1 AND c.aside = 0)",
            (rid,),
        )
        return row is not None and not row[0]

    def _verdict(self, rid: int) -> int:
        if self._state(rid) == EMPTY and self._is_empty(rid):
            return EMPTY
        own = self._own(rid)
        if own == DELETED or any(self._own(above) == DELETED for above in self._ancestors(rid)):
            return DELETED
        return own

    def _own(self, rid: int) -> int:
        deletes = self._deletes(rid)
        if not deletes:
            return THERE
        return DELETED if deletion_holds(True, self._covered(deletes), self.present_below(rid)) else DISPUTED

    def _covered(self, deletes: Iterable[tuple[int, int]]) -> set[WriteId]:
        """All that some live deletions name."""
        covered: set[WriteId] = set()
        for cid, index in deletes:
            row = self._db.one("SELECT names FROM covers WHERE cid = ? AND idx = ?", (cid, index))
            if row is not None:
                covered.update(each_name(_names_decoder.decode(row[0])))
        return covered

    def unseen(self, rid: int) -> list[WriteId]:
        """What stands in a record and its children that its live deletions had not seen."""
        covered = self._covered(self._deletes(rid))
        return [write for write in self.present_below(rid) if write not in covered]

    def _deletes(self, rid: int) -> list[tuple[int, int]]:
        kind = self._kind(rid)
        fid = self._numbers.known_field(kind, "deleted") if kind else None
        if fid is None:
            return []
        rows = self._db.all(
            "SELECT cid, idx FROM writes WHERE fid = ? AND rid = ? AND value = ?", (fid, rid, _TRUE)
        )
        return [(int(cid), int(index)) for cid, index in rows]

    def present(self, rid: int) -> list[WriteId]:
        """All that a deletion of this record has to name: its live writes and its text updates."""
        rows = self._db.all(
            "SELECT c.id, w.idx, w.fid, w.value FROM writes w JOIN changes c USING (cid) WHERE w.rid = ?",
            (rid,),
        )
        found = []
        for change, index, fid, value in rows:
            name = self._numbers.field_name(int(fid))
            if name not in _LABELS and not (name[1] == "deleted" and value == _TRUE):
                found.append((bytes(change), int(index)))
        texts = self._db.all(
            "SELECT c.id, u.idx FROM updates u JOIN changes c USING (cid) WHERE u.rid = ? AND c.aside = 0",
            (rid,),
        )
        found.extend((bytes(change), int(index)) for change, index in texts)
        return found

    def present_below(self, rid: int) -> list[WriteId]:
        """All that a deletion of this record and its children has to name."""
        return [write for each in (rid, *self._descendants(rid)) for write in self.present(each)]

    def _kind(self, rid: int) -> str:
        row = self._db.one("SELECT kind FROM records WHERE rid = ?", (rid,))
        return "" if row is None else str(row[0])

    def parent(self, rid: int) -> int | None:
        """The record that the shown value of ``parent`` points to."""
        fid = self._numbers.known_field(self._kind(rid), "parent")
        if fid is None:
            return None
        row = self._db.one(
            "SELECT w.value FROM writes w JOIN changes c USING (cid) JOIN devices d USING (did)"
            " WHERE w.fid = ? AND w.rid = ? ORDER BY c.clock DESC, d.key DESC, c.id DESC, w.idx DESC LIMIT 1",
            (fid, rid),
        )
        value = None if row is None else msgspec.msgpack.decode(row[0])
        if not isinstance(value, bytes):
            return None
        row = self._db.one("SELECT rid FROM records WHERE id = ? ORDER BY kind LIMIT 1", (value,))
        return None if row is None else int(row[0])

    def _ancestors(self, rid: int) -> list[int]:
        found: list[int] = []
        above = self.parent(rid)
        while above is not None and above != rid and above not in found and len(found) < _MAX_DEPTH:
            found.append(above)
            above = self.parent(above)
        return found

    def _descendants(self, rid: int) -> list[int]:
        found: list[int] = []
        waiting = [rid]
        seen = {rid}
        while waiting:
            above = waiting.pop()
            rows = self._db.all(
                "SELECT ch.rid FROM children ch JOIN records r ON r.id = ch.parent WHERE r.rid = ? ORDER BY ch.rid",
                (above,),
            )
            for (below,) in rows:
                if below not in seen and self.parent(int(below)) == above:
                    seen.add(int(below))
                    found.append(int(below))
                    waiting.append(int(below))
        return found
