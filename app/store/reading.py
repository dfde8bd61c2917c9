"""Reading a project: records, columns, conflicts, history, and where the work is."""

from __future__ import annotations

from collections.abc import Sequence
from sys import getsizeof
from typing import Any

from app.domain.schema import ATTACHMENT, COMMENT, DEVICE, KINDS, MERGED_INTO, NUMBERS
from app.store.core import Core, unpack
from app.store.deletion import DELETED, DISPUTED
from app.store.origins import authors, credited, credited_stamp
from app.store.records import (
    FieldState,
    Record,
    Stamp,
    SyncMark,
)
from app.store.updates import merge_updates
from sync.change import MAX_CLOCK
from sync.merge import LiveWrite, shown_first

_EARLIEST_MS = -(1 << 45)
"""In the year 855: what an import says is a date in every time zone."""
_LAST = (COMMENT, ATTACHMENT, DEVICE, NUMBERS)
_RANK = {kind: index for index, kind in enumerate((*(each for each in KINDS if each not in _LAST), *_LAST))}
_RECORD_SIZE = 1_200
_WRITE_SIZE = 650
"""Bytes that a record takes in memory, and each of its writes beside twice what is written: about."""
_LIVE = (
    "SELECT w.fid, w.idx, w.value, c.id, c.clock, d.key FROM writes w JOIN changes c USING (cid)"
    " JOIN devices d USING (did) WHERE w.rid = ?"
)


class Reading(Core):
    """The reading side of a project."""

    def kind_of(self, record: bytes) -> str | None:
        """The kind of a record, or None where there is none of this id."""
        rows = self.db.all("SELECT kind FROM records WHERE id = ? AND state <> 3", (record,))
        # What contributors may write comes last: nobody hides an issue behind a comment made under its id.
        return min(
            (str(kind) for (kind,) in rows), key=lambda kind: (_RANK.get(kind, 99), kind), default=None
        )

    def get(self, record: bytes, kind: str | None = None) -> Record | None:
        """A record as it stands, or None. What is given is shared with others who ask: leave it as it is."""
        found: Record | None = self.cached(record, f"record {kind or ''}", lambda: self._read(record, kind))
        return found

    def _read(self, record: bytes, kind: str | None) -> tuple[Record | None, int]:
        kind = kind or self.kind_of(record)
        rid = None if kind is None else self.numbers.known_record(kind, record)
        if kind is None or rid is None:
            return None, 0
        live: dict[str, list[LiveWrite]] = {}
        size = _RECORD_SIZE
        for fid, index, value, change, clock, key in self.db.all(_LIVE, (rid,)):
            name = self.numbers.field_name(int(fid))[1]
            write = LiveWrite((bytes(change), int(index)), unpack(value), bytes(key), int(clock))
            live.setdefault(name, []).append(write)
            size += _WRITE_SIZE + 2 * len(value)
        fields = {
            name: FieldState(name, credited(self, shown_first(writes)), self.is_many(kind, name))
            for name, writes in live.items()
        }
        row = self.db.one(
            "SELECT r.state, c.clock, d.key, c.id FROM records r LEFT JOIN changes c ON c.cid = r.updated"
            " LEFT JOIN devices d USING (did) WHERE r.rid = ?",
            (rid,),
        )
        assert row is not None
        updated = credited_stamp(self, Stamp(int(row[1] or 0), bytes(row[2] or b"")), row[3])
        conflicts = [name for name, state in fields.items() if state.conflicted and name != "deleted"]
        if row[0] == DISPUTED:
            conflicts.append("deleted")
        found = Record(
            record,
            kind,
            fields,
            row[0] == DELETED,
            _created(fields.get("created"), updated),
            updated,
            self._mark(rid),
            tuple(sorted(conflicts)),
        )
        return found, size

    def _mark(self, rid: int) -> SyncMark:
        row = self.db.one(
            "SELECT max(coalesce(e.pushed, 0)) FROM local_pending p JOIN changes c USING (cid)"
            " LEFT JOIN envelopes e USING (eid) WHERE p.rid = ?",
            (rid,),
        )
        if row is None or row[0] is None:
            return SyncMark.SYNCED
        return SyncMark.ATTENTION if row[0] == 2 else SyncMark.PENDING

    def records(self, kind: str, *, deleted: bool = False) -> list[bytes]:
        """Ids of a kind, newest first; the deleted ones where asked for."""
        condition = "= 1" if deleted else "NOT IN (1, 3)"
        rows = self.db.all(
            f"SELECT id FROM records WHERE kind = ? AND state {condition} ORDER BY id DESC",  # noqa: S608
            (kind,),
        )
        return [bytes(record) for (record,) in rows]

    def children(self, parent: bytes, kind: str) -> list[bytes]:
        """Ids of the records of a kind below another, oldest first."""
        rows = self.db.all(
            "SELECT r.rid, r.id FROM children ch JOIN records r ON r.rid = ch.rid"
            " WHERE ch.parent = ? AND r.kind = ? AND r.state NOT IN (1, 3) ORDER BY r.id",
            (parent, kind),
        )
        return [bytes(record) for rid, record in rows if self.deletions.parent(int(rid)) == parent]

    def column(self, kind: str, field: str) -> dict[bytes, Any]:
        """The shown value of one field in all records of a kind that are not deleted; sets as tuples.

        ``merged_into`` is that of the deleted ones: a record that is there was merged into nothing.
        """
        if field == "updated":
            rows = self.db.all(
                "SELECT r.id, c.clock FROM records r JOIN changes c ON c.cid = r.updated"
                " WHERE r.kind = ? AND r.state NOT IN (1, 3)",
                (kind,),
            )
            return {bytes(record): int(clock) for record, clock in rows}
        fid = self.numbers.known_field(kind, field)
        if fid is None:
            return {}
        if field == "created":
            return {record: stamp.at for record, stamp in self.created(kind).items()}
        many = self.is_many(kind, field)
        there = "= 1" if field == MERGED_INTO else "NOT IN (1, 3)"
        rows = self.db.all(
            "SELECT r.id, w.value, w.rid FROM writes w JOIN records r USING (rid)"  # noqa: S608
            f" WHERE w.fid = ? AND r.state {there}",
            (fid,),
        )
        found: dict[bytes, Any] = {}
        if many:
            for record, value, _ in rows:
                member = unpack(value)
                before = found.get(record, ())
                if member is not None and member not in before:
                    found[record] = (*before, member)
            return found
        contested = {int(rid) for (rid,) in self.db.all("SELECT rid FROM contested WHERE fid = ?", (fid,))}
        if not contested:
            shown = {record: unpack(value) for record, value, _ in rows}
            return {record: value for record, value in shown.items() if value is not None}
        for record, value, rid in rows:
            if rid not in contested:
                found[record] = unpack(value)
        for record, _, rid in rows:
            if rid in contested and record not in found:
                found[record] = self.live(int(rid), fid)[0].value
        return {record: value for record, value in found.items() if value is not None}

    def created(self, kind: str) -> dict[bytes, Stamp]:
        """Who made the records of a kind, and when."""
        rows = self.db.all(
            "SELECT r.id, w.value, c.clock, d.key, c.id, w.idx FROM writes w JOIN records r USING (rid)"
            " JOIN changes c USING (cid) JOIN devices d USING (did) WHERE w.fid = ? AND r.state NOT IN (1, 3)",
            (self.numbers.known_field(kind, "created"),),
        )
        live: dict[bytes, list[LiveWrite]] = {}
        wrote = authors(self)
        for record, value, clock, key, change, index in rows:
            name = (bytes(change), int(index))
            write = LiveWrite(name, unpack(value), wrote.get(name[0], bytes(key)), int(clock))
            live.setdefault(bytes(record), []).append(write)
        return {record: _first_stamp(writes) for record, writes in live.items()}

    def updated(self, kind: str) -> dict[bytes, Stamp]:
        """Who changed the records of a kind last, and when."""
        rows = self.db.all(
            "SELECT r.id, c.clock, d.key, c.id FROM records r JOIN changes c ON c.cid = r.updated"
            " JOIN devices d USING (did) WHERE r.kind = ? AND r.state <> 1",
            (kind,),
        )
        wrote = authors(self)
        return {
            bytes(record): Stamp(int(clock), wrote.get(bytes(change), bytes(key)))
            for record, clock, key, change in rows
        }

    def live(self, rid: int, fid: int) -> tuple[LiveWrite, ...]:
        """The live writes of one field, the one that shows first."""
        rows = self.db.all(_LIVE + " AND w.fid = ?", (rid, fid))
        live = shown_first(
            LiveWrite((bytes(change), int(index)), unpack(value), bytes(key), int(clock))
            for _, index, value, change, clock, key in rows
        )
        return credited(self, live)

    def replaced(self, kind: str, record: bytes, name: str) -> list[LiveWrite]:
        """The writes of a field that others replaced."""
        rid, fid = self.numbers.known_record(kind, record), self.numbers.known_field(kind, name)
        rows = self.db.all(
            "SELECT h.idx, h.value, c.id, c.clock, d.key FROM history h JOIN changes c USING (cid)"
            " JOIN devices d USING (did) WHERE h.rid = ? AND h.fid = ?",
            (rid, fid),
        )
        return [
            LiveWrite((bytes(change), int(index)), unpack(value), bytes(key), int(clock))
            for index, value, change, clock, key in rows
        ]

    def field(self, record: bytes, name: str, kind: str | None = None) -> FieldState:
        """One field of a record; empty where nothing was written."""
        kind = kind or self.kind_of(record) or ""
        rid, fid = self.numbers.known_record(kind, record), self.numbers.known_field(kind, name)
        live = () if rid is None or fid is None else self.live(rid, fid)
        return FieldState(name, live, self.is_many(kind, name))

    def plain_text(self, record: bytes, field: str = "text") -> str:
        """A rich text as plain text, without its closing line break."""

        def read() -> tuple[str, int]:
            numbers = self._text_numbers(record, field)
            text = "" if numbers is None else self.texts_store.plain(*numbers)
            return text, getsizeof(text)

        found: str = self.cached(record, f"plain {field}", read)
        return found

    def text_state(self, record: bytes, field: str = "text") -> bytes | None:
        """The merged state of a rich text as one Yjs update, with what is being typed here."""

        def read() -> tuple[bytes | None, int]:
            state = self._text_state(record, field)
            return state, getsizeof(state)

        found: bytes | None = self.cached(record, f"state {field}", read)
        return found

    def _text_state(self, record: bytes, field: str) -> bytes | None:
        numbers = self._text_numbers(record, field)
        if numbers is None:
            return None
        state = self.texts_store.state(*numbers)
        typing = self.db.all("SELECT data FROM local_typing WHERE rid = ? AND fid = ? ORDER BY uid", numbers)
        if not typing:
            return state
        pieces = [bytes(data) for (data,) in typing]
        # Merged, not read from a document: that would drop what still waits for what came before it.
        return merge_updates(*([] if state is None else [state]), *pieces)

    def _text_numbers(self, record: bytes, field: str) -> tuple[int, int] | None:
        kind = self.kind_of(record) or ""
        rid, fid = self.numbers.known_record(kind, record), self.numbers.known_field(kind, field)
        return None if rid is None or fid is None else (rid, fid)

    def texts(self, kind: str, field: str = "text") -> dict[bytes, str]:
        """The plain texts of all records of a kind that are not deleted."""
        fid = self.numbers.known_field(kind, field)
        if fid is None:
            return {}
        rows = self.db.all(
            "SELECT r.id, t.plain, t.rid FROM texts t JOIN records r USING (rid)"
            " WHERE t.fid = ? AND r.kind = ? AND r.state NOT IN (1, 3)",
            (fid, kind),
        )
        return {
            bytes(record): self.texts_store.plain(int(rid), fid) if text is None else str(text)
            for record, text, rid in rows
        }


def _created(state: FieldState | None, updated: Stamp) -> Stamp:
    return updated if state is None or not state.live else _first_stamp(state.live)


def _first_stamp(live: Sequence[LiveWrite]) -> Stamp:
    """The earliest of several creations: its author and clock, or those that an import brought along."""
    first = min(live, key=lambda write: (write.clock, write.author, write.id))
    value = first.value
    if (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
        and _EARLIEST_MS <= value[1] <= MAX_CLOCK
    ):
        return Stamp(value[1], first.author, value[0])
    return Stamp(first.clock, first.author)
