"""Which records are deleted: a deletion holds only where it had seen all that is in the record.

A deletion names the live writes and text updates of the record and of its children (comments, attachments,
notes below a note). Any other write to them, earlier or later, is a conflict: the record stays visible and
is marked. The number of an issue is left out: it is a label that the program gives by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from app.domain.schema import KINDS
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
        above = self._ever_above(rids)
        troubled = [each for each in above if self._state(each) != THERE or self._deletes(each)]
        if not troubled:
            return
        below: dict[int, list[int]] = {}
        for each, over in above.items():
            for parent in over:
                below.setdefault(parent, []).append(each)
        waiting = _reached(troubled, lambda each: below.get(each, ()))
        done: set[int] = set()
        doomed: dict[int, bool] = {}
        while waiting:
            each = waiting.pop()
            if each in done:
                continue
            done.add(each)
            before = self._state(each)
            state = self._verdict(each, doomed)
            self._set_state(each, state, touched)
            # What is below depends on whether this is gone, and on nothing else of it.
            if (before == DELETED) != (state == DELETED):
                waiting.extend(self._children(each))

    def _ever_above(self, rids: Iterable[int]) -> dict[int, list[int]]:
        """The records and all that they were ever written to be below, each with what was directly above it."""
        found: dict[int, list[int]] = {}
        waiting = list(rids)
        while waiting:
            each = waiting.pop()
            if each not in found:
                rows = self._db.all(
                    "SELECT r.rid FROM children ch JOIN records r ON r.id = ch.parent WHERE ch.rid = ?",
                    (each,),
                )
                found[each] = [int(above) for (above,) in rows]
                waiting.extend(found[each])
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
            "SELECT EXISTS (SELECT 1 FROM writes WHERE rid = ?1) OR EXISTS (SELECT 1 FROM history WHERE rid = ?1)"
            " OR EXISTS (SELECT 1 FROM replacements WHERE rid = ?1)"
            " OR EXISTS (SELECT 1 FROM updates u JOIN changes c USING (cid) WHERE u.rid = ?1 AND c.aside = 0)",
            (rid,),
        )
        return row is not None and not row[0]

    def _verdict(self, rid: int, doomed: dict[int, bool]) -> int:
        if self._state(rid) == EMPTY and self._is_empty(rid):
            return EMPTY
        own = self._own(rid)
        return DELETED if own == DELETED or self._is_doomed(rid, doomed) else own

    def _is_doomed(self, rid: int, doomed: dict[int, bool]) -> bool:
        """Whether the deletion of this record, or of one above it, holds. ``doomed``: what is known of others."""
        came_from: dict[int, int | None] = {rid: None}
        waiting = [rid]
        while waiting:
            each = waiting.pop()
            if doomed.get(each) or (each not in doomed and self._own(each) == DELETED):
                step: int | None = each
                while step is not None:
                    doomed[step] = True
                    step = came_from[step]
                return True
            for above in () if each in doomed else self._parents(each):
                if above not in came_from:
                    came_from[above] = each
                    waiting.append(above)
        doomed.update(dict.fromkeys(came_from, False))
        return False

    def _own(self, rid: int) -> int:
        deletes = self._deletes(rid)
        if not deletes:
            return THERE
        present = (write for each in self._tree(rid) for write in self.present(each))
        return DELETED if deletion_holds(True, self._covered(deletes), present) else DISPUTED

    def _covered(self, deletes: Iterable[tuple[int, int]]) -> set[WriteId]:
        """All that some live deletions name."""
        covered: set[WriteId] = set()
        for cid, index in deletes:
            row = self._db.one("SELECT names FROM covers WHERE cid = ? AND idx = ?", (cid, index))
            if row is not None:
                covered.update(each_name(_names_decoder.decode(row[0])))
        return covered

    def covered_by(self, writes: Iterable[WriteId]) -> set[WriteId]:
        """All that some deletions name, be they live or not, by the names of their writes."""
        found: set[WriteId] = set()
        for change, index in writes:
            row = self._db.one("SELECT cid FROM changes WHERE id = ?", (change,))
            if row is not None:
                found |= self._covered([(int(row[0]), index)])
        return found

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
        return [write for each in self._tree(rid) for write in self.present(each)]

    def _kind(self, rid: int) -> str:
        row = self._db.one("SELECT kind FROM records WHERE rid = ?", (rid,))
        return "" if row is None else str(row[0])

    def parent(self, rid: int) -> bytes | None:
        """The id that the shown value of ``parent`` names."""
        fid = self._numbers.known_field(self._kind(rid), "parent")
        if fid is None:
            return None
        row = self._db.one(
            "SELECT w.value FROM writes w JOIN changes c USING (cid) JOIN devices d USING (did)"
            " WHERE w.fid = ? AND w.rid = ? ORDER BY c.clock DESC, d.key DESC, c.id DESC, w.idx DESC LIMIT 1",
            (fid, rid),
        )
        value = None if row is None else msgspec.msgpack.decode(row[0])
        return value if isinstance(value, bytes) else None

    def _parents(self, rid: int) -> list[int]:
        """The records of that id, of all kinds that a record of this kind may be below.

        A comment made under the id of somebody's note takes none of what is below the note.
        """
        parent = self.parent(rid)
        if parent is None:
            return []
        kind = KINDS.get(self._kind(rid))
        rows = self._db.all("SELECT rid, kind FROM records WHERE id = ?", (parent,))
        return [int(above) for above, over in rows if kind is None or over in kind.child_of]

    def _children(self, rid: int) -> list[int]:
        rows = self._db.all(
            "SELECT ch.rid FROM children ch JOIN records r ON r.id = ch.parent WHERE r.rid = ? ORDER BY ch.rid",
            (rid,),
        )
        return [int(below) for (below,) in rows if rid in self._parents(int(below))]

    def _tree(self, rid: int) -> Iterator[int]:
        """A record and all that is below it, as far as somebody asks."""
        seen = {rid}
        waiting = [rid]
        while waiting:
            each = waiting.pop()
            yield each
            fresh = [below for below in self._children(each) if below not in seen]
            seen.update(fresh)
            waiting.extend(fresh)


def _reached(start: Iterable[int], following: Callable[[int], Iterable[int]]) -> list[int]:
    """All that one comes to from some records, these included."""
    found = dict.fromkeys(start)
    waiting = list(found)
    while waiting:
        for each in following(waiting.pop()):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return list(found)
