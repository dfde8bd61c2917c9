"""What of a project asks for somebody: conflicts, what was refused, what is only here, what lies in the trash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.domain.schema import ISSUE, KINDS
from app.store.apply import TRUE
from app.store.bundle_state import DIFFERENT, bundle_state
from app.store.core import unpack
from app.store.deletion import DELETED, DISPUTED, EMPTY
from app.store.file_places import queue, refused_files, retry_files
from app.store.origins import author, credited
from app.store.reading import Reading
from app.store.records import BUNDLE_ITEM, AttentionItem, Conflict, SyncStatus, Trashed
from sync.merge import LiveWrite, is_conflicted, shown_first

_PAGE = 10_000
_AT_ONCE = 16
"""Records whose conflicts are read at once: in a millisecond or two."""
_LAST_NUMBER = (1 << 63) - 1
_EACH_CONTESTED_FIELD = """
WITH RECURSIVE each (fid) AS (
    SELECT min(fid) FROM contested
    UNION ALL SELECT (SELECT min(fid) FROM contested WHERE fid > each.fid) FROM each WHERE each.fid IS NOT NULL)
SELECT fid FROM each WHERE fid IS NOT NULL
"""
"""One look into the index for each field, however many records hold several values in it."""
_WAITING = """
SELECT (SELECT count(DISTINCT cid) FROM local_pending)
    - (SELECT count(*) FROM envelopes e JOIN changes c USING (eid)
       WHERE e.pushed IN (2, 3) AND e.pushed <> 1 AND EXISTS (SELECT 1 FROM local_pending p WHERE p.cid = c.cid))
"""
"""Changes to be given to the server, without those that it refused: counted along an index."""
_SHOWN = f"r.state NOT IN ({DELETED}, {EMPTY})"


class Troubles(Reading):
    """Lists over the whole project."""

    def flagged(self, kind: str, flag: str) -> set[bytes]:
        """The records that have one of: unsynced, attention, conflict, attachments, comments."""
        if flag == "unsynced":
            return self.pending_records()
        if flag == "attention":
            return {record for item in self.attention() for record in item.records}
        if flag == "conflict":
            return self.conflicted_records()
        children = {"attachments": "attachment", "comments": "comment"}[flag]
        return {parent for parent in self.column(children, "parent").values() if isinstance(parent, bytes)}

    def conflicts(self) -> list[Conflict]:
        """All fields in which people wrote different things without having seen each other."""
        return list(self.each_conflict())

    def each_conflict(self) -> Iterator[Conflict]:
        """The conflicts one by one, read few at a time, for who does not want to wait for all of thousands."""
        single = self._contested_fields()
        marks = ", ".join("?" for _ in single)
        rids = [
            int(rid)
            for (rid,) in self.db.all(
                "SELECT DISTINCT x.rid FROM contested x JOIN records r USING (rid)"  # noqa: S608
                f" WHERE {_SHOWN} AND x.fid IN ({marks}) ORDER BY r.id, x.rid",
                single,
            )
        ]
        for at in range(0, len(rids), _AT_ONCE):
            yield from self._conflicts_in(rids[at : at + _AT_ONCE], single)
        disputed = self.db.all(
            "SELECT rid, id, kind FROM records WHERE state <> 0 AND state = ? ORDER BY id", (DISPUTED,)
        )
        for rid, record, kind in disputed:
            yield self._dispute(int(rid), bytes(record), str(kind))

    def conflicts_of(self, record: bytes) -> list[Conflict]:
        """The conflicts in the fields of one record."""
        rows = self.db.all("SELECT rid, kind, state FROM records WHERE id = ?", (record,))
        found = list(self._conflicts_in([int(rid) for rid, _, _ in rows], self._contested_fields()))
        found += [
            self._dispute(int(rid), record, str(kind)) for rid, kind, state in rows if state == DISPUTED
        ]
        return found

    def _conflicts_in(self, rids: Sequence[int], single: Sequence[int]) -> Iterator[Conflict]:
        fields, records = (", ".join("?" for _ in each) for each in (single, rids))
        rows = self.db.all(
            "SELECT x.rid, x.fid, r.id, r.kind, w.idx, w.value, c.id, c.clock, d.key"  # noqa: S608
            " FROM contested x JOIN records r USING (rid) JOIN writes w ON w.fid = x.fid AND w.rid = x.rid"
            " JOIN changes c ON c.cid = w.cid JOIN devices d USING (did)"
            f" WHERE {_SHOWN} AND x.fid IN ({fields}) AND x.rid IN ({records}) ORDER BY r.id, x.rid, x.fid",
            (*single, *rids),
        )
        for (_, fid, record, kind), group in groupby(rows, key=lambda row: row[:4]):
            live = shown_first(
                LiveWrite((bytes(change), int(index)), unpack(value), bytes(key), int(clock))
                for *_, index, value, change, clock, key in group
            )
            if is_conflicted(live):
                name = self.numbers.field_name(int(fid))[1]
                yield Conflict(bytes(record), str(kind), name, credited(self, live))

    def conflicted_records(self) -> set[bytes]:
        """The records with conflicts, without a look at what is in them: at thousands it takes milliseconds."""
        single = self._contested_fields()
        marks = ", ".join("?" for _ in single)
        rows = self.db.all(
            "SELECT r.id FROM contested x JOIN records r USING (rid) JOIN writes w ON w.fid = x.fid AND w.rid = x.rid"  # noqa: S608
            f" WHERE {_SHOWN} AND x.fid IN ({marks}) GROUP BY x.rid, x.fid HAVING count(DISTINCT w.value) > 1",
            single,
        )
        rows += self.db.all("SELECT id FROM records WHERE state <> 0 AND state = ?", (DISPUTED,))
        return {bytes(record) for (record,) in rows}

    def _contested_fields(self) -> list[int]:
        fids = [int(fid) for (fid,) in self.db.all(_EACH_CONTESTED_FIELD)]
        return [fid for fid in fids if self._is_single(fid)]

    def _is_single(self, fid: int) -> bool:
        kind, name = self.numbers.field_name(fid)
        return name not in ("deleted", "created") and not self.is_many(kind, name)

    def _dispute(self, rid: int, record: bytes, kind: str) -> Conflict:
        fid = self.numbers.field(kind, "deleted")
        deletes = tuple(write for write in self.live(rid, fid) if write.value is True)
        # Beside the deletions stands the latest of what they had not seen.
        unseen = [
            LiveWrite(write, False, bytes(key), int(clock))
            for write in self.deletions.unseen(rid)
            for clock, key in self.db.all(
                "SELECT c.clock, d.key FROM changes c JOIN devices d USING (did) WHERE c.id = ?", (write[0],)
            )
        ]
        kept = shown_first(unseen)[0]
        return Conflict(record, kind, "deleted", (*credited(self, (kept,)), *deletes))

    def trash(self) -> list[Trashed]:
        """What was deleted by itself (not with what it was below), the last deletion first."""
        found = [each for kind in KINDS for page in self.trash_pages(kind, 2_000) for each in page]
        found.sort(key=lambda each: (each.at, each.record), reverse=True)
        return found

    def trash_pages(self, kind: str, count: int = 40) -> Iterator[list[Trashed]]:
        """What was deleted of a kind, the last made first, some at a time."""
        before = _LAST_NUMBER
        while True:
            rows = self.db.all(
                "SELECT rid FROM records WHERE state <> 0 AND state = ? AND kind = ? AND rid < ?"
                " ORDER BY rid DESC LIMIT ?",
                (DELETED, kind, before, count),
            )
            rids = [int(rid) for (rid,) in rows]
            yield self._trashed(rids)
            if len(rids) < count:
                return
            before = rids[-1]

    def trashed(self, record: bytes) -> Trashed | None:
        """What became of one record; None where it is not in the trash."""
        rows = self.db.all("SELECT rid FROM records WHERE id = ? AND state = ?", (record, DELETED))
        found = self._trashed([int(rid) for (rid,) in rows])
        return found[0] if found else None

    def _trashed(self, rids: Sequence[int]) -> list[Trashed]:
        marks = ", ".join("?" for _ in rids)
        rows = self.db.all(
            "SELECT r.rid, r.id, r.kind, max(c.clock), d.key, c.id FROM records r"  # noqa: S608
            " JOIN fields f ON f.kind = r.kind AND f.name = 'deleted' JOIN writes w ON w.fid = f.fid AND w.rid = r.rid"
            " JOIN changes c USING (cid) JOIN devices d USING (did)"
            f" WHERE r.rid IN ({marks}) AND w.value = ? GROUP BY r.rid",
            (*rids, TRUE),
        )
        return [
            Trashed(
                bytes(record),
                str(kind),
                self.documents.heading(int(rid), str(kind)),
                int(clock),
                author(self, bytes(change)) or bytes(key),
            )
            for rid, record, kind, clock, key, change in rows
            if kind in KINDS
        ]

    def trash_size(self, kinds: Sequence[str]) -> int:
        """How many records of these kinds were deleted, those with what they were below included."""
        marks = ", ".join("?" for _ in kinds)
        row = self.db.one(
            f"SELECT count(*) FROM records WHERE state <> 0 AND state = ? AND kind IN ({marks})",  # noqa: S608
            (DELETED, *kinds),
        )
        assert row is not None
        return int(row[0])

    def archived(self) -> set[bytes]:
        """The issues that were put into the archive."""
        return {record for record, value in self.column(ISSUE, "archived").items() if value is True}

    def pending_records(self) -> set[bytes]:
        """Records with work that is only on this device."""
        return {record for page in self.each_pending(_PAGE) for record in page}

    def pending_among(self, records: Sequence[bytes]) -> set[bytes]:
        """Those of some records with work that is only on this device."""
        marks = ", ".join("?" for _ in records)
        rows = self.db.all(
            f"SELECT r.id FROM records r WHERE r.id IN ({marks})"  # noqa: S608 - question marks
            " AND EXISTS (SELECT 1 FROM local_pending p WHERE p.rid = r.rid)",
            records,
        )
        return {bytes(record) for (record,) in rows}

    def each_pending(self, size: int) -> Iterator[list[bytes]]:
        """The same, so many at a time, for who does not want to wait for all of thousands."""
        last = 0
        while True:
            rows = self.db.all(
                "SELECT p.rid, r.id FROM (SELECT DISTINCT rid FROM local_pending WHERE rid > ? ORDER BY rid LIMIT ?) p"
                " JOIN records r USING (rid) ORDER BY p.rid",
                (last, size),
            )
            if rows:
                last = int(rows[-1][0])
            yield [bytes(record) for _, record in rows]
            if len(rows) < size:
                return

    def attention(self) -> list[AttentionItem]:
        """What the server refused, and what came in and cannot be used."""
        rows = self.db.all(
            "SELECT e.eid, e.hash, d.key, e.reason, e.received_ms FROM envelopes e JOIN devices d USING (did)"
            " WHERE e.pushed = 2 OR e.state IN (2, 3) AND e.pushed <> 3 ORDER BY e.eid"
        )
        items = []
        for eid, hashed, key, reason, received in rows:
            records = self.db.all(
                "SELECT DISTINCT r.id FROM changes c JOIN local_pending p USING (cid) JOIN records r USING (rid)"
                " WHERE c.eid = ?",
                (eid,),
            )
            items.append(
                AttentionItem(
                    bytes(hashed),
                    bytes(key) == self.device,
                    str(reason),
                    int(received),
                    tuple(bytes(r[0]) for r in records),
                )
            )
        items += [
            AttentionItem(b"file" + each.record, True, each.sentence, each.at_ms, (each.record,), file=True)
            for each in refused_files(self)
        ]
        refused = bundle_state(self).refused
        if refused is not None:
            items.append(AttentionItem(BUNDLE_ITEM + refused, False, DIFFERENT, 0, ()))
        return items

    def retry_refused(self) -> int:
        """Queue once more what the server refused (the user asks). Returns how many envelopes and files."""
        with self.writing():
            self.db.run("UPDATE envelopes SET pushed = 0, reason = '' WHERE pushed = 2")
            count = self.db.changes()
        return count + retry_files(self)

    def status(self) -> SyncStatus:
        """Counts for the bottom line."""
        waiting = self.db.one(_WAITING)
        drafts = self.db.one(
            "SELECT (SELECT count(*) FROM local_drafts WHERE dirty = 1)"
            " + (SELECT count(*) FROM (SELECT DISTINCT rid, fid FROM local_typing))"
        )
        attention = self.db.one(
            "SELECT count(*) FROM envelopes WHERE pushed = 2 OR state IN (2, 3) AND pushed <> 3"
        )
        held = self.db.one("SELECT count(*) FROM envelopes WHERE state = 1")
        files = queue(self)
        assert waiting is not None
        assert drafts is not None
        assert attention is not None
        assert held is not None
        return SyncStatus(
            int(waiting[0]) + int(drafts[0]),
            int(attention[0]) + files.refused + (self.get_meta("bundle_refused") is not None),
            int(held[0]),
            self.get_meta("last_success_ms"),
            files.up,
        )
