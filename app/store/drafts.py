"""Typing: committed key by key to an open draft, which becomes one change after a pause.

A draft is local and is not fsynced by itself: a power cut may lose its last second, a crash of the program
loses nothing. It becomes a change on leaving the field, after a second's pause, and before sync pushes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from app.store.core import pack, unpack
from app.store.operations import Edit, Operations
from app.store.touched import Touched
from app.store.updates import merge_updates
from sync.change import Operation, Text, WriteId
from sync.errors import NotFound, Refused

_seen_decoder = msgspec.msgpack.Decoder(list[tuple[bytes, int]])
_EVER = 1 << 62


class Drafts(Operations):
    """Drafts of single values and of texts."""

    @contextmanager
    def _quickly(self, kind: str, record: bytes, name: str) -> Iterator[None]:
        """Write what is typed without waiting for the disk; the next finished action syncs it too."""
        touched = Touched()
        touched.note(kind, record, name)
        with self.lightly(), self.writing(touched):
            yield

    def draft_value(self, record: bytes, name: str, value: Any, seen: Sequence[WriteId]) -> None:
        """Keep what is typed into a field of one value. ``seen`` is what stood there when typing began."""
        kind = self._editable(record)
        with self._quickly(kind, record, name):
            rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
            row = self.db.one("SELECT seen FROM local_drafts WHERE rid = ? AND fid = ?", (rid, fid))
            known = pack([list(each) for each in seen]) if row is None else row[0]
            self.db.run(
                "INSERT OR REPLACE INTO local_drafts VALUES (?, ?, 1, ?, ?, ?)",
                (rid, fid, self.clock.now_ms(), known, pack(value)),
            )

    def draft_text(self, record: bytes, name: str, client: int, update: bytes) -> None:
        """Keep one update of a text that is being typed in an editor under a client number of its own."""
        kind = self._editable(record)
        with self._quickly(kind, record, name):
            rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
            self.db.run(
                "INSERT INTO local_typing (rid, fid, client, touched_ms, data) VALUES (?, ?, ?, ?, ?)",
                (rid, fid, client, self.clock.now_ms(), update),
            )

    def discard_draft(self, record: bytes, name: str) -> None:
        """Forget what was typed into a field and is not a change yet (Esc)."""
        kind = self._existing(record)
        with self.writing():
            rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
            self.db.run("DELETE FROM local_drafts WHERE rid = ? AND fid = ?", (rid, fid))

    def open_drafts(self) -> int:
        """How many drafts hold something that is not a change yet."""
        row = self.db.one(
            "SELECT (SELECT count(*) FROM local_drafts WHERE dirty = 1) + (SELECT count(*) FROM local_typing)"
        )
        return 0 if row is None else int(row[0])

    def finish_drafts(self, idle_ms: int | None = None, *, leave: bool = True) -> Touched:
        """Make changes of drafts, one a field.

        ``idle_ms``: only those that nobody typed in for that long. ``leave``: typing is over; else the field
        is still being edited, and what is typed next replaces what is written now. What the role does not
        allow any more since it was typed, or the record of which was set aside, stays a draft: it stops
        nothing and is not lost.
        """
        touched = Touched()
        before = _EVER if idle_ms is None else self.clock.now_ms() - idle_ms
        if not self._any_draft(leave):
            return touched
        made = []
        with self.writing(touched):
            values = self.db.all(
                "SELECT d.rid, d.fid, d.dirty, d.seen, d.value, r.id FROM local_drafts d JOIN records r USING (rid)"
                " WHERE d.touched_ms <= ?",
                (before,),
            )
            for rid, fid, dirty, seen, value, record in values:
                name = self.numbers.field_name(int(fid))[1]
                if dirty:
                    edit = Edit(name, unpack(value), "set", _seen_decoder.decode(seen))
                    try:
                        change = self.append(self._draft_operations(bytes(record), edit), touched)
                    except (NotFound, Refused):
                        continue
                    if change is not None:
                        made.append(change)
                        seen = pack([[change.id, index] for index in range(len(change.operations))])
                if leave:
                    self.db.run("DELETE FROM local_drafts WHERE rid = ? AND fid = ?", (rid, fid))
                else:
                    self.db.run(
                        "UPDATE local_drafts SET dirty = 0, seen = ? WHERE rid = ? AND fid = ?",
                        (seen, rid, fid),
                    )
            for operations in self._typed(self._idle_texts(before)):
                change = self.append(operations, touched)
                if change is not None:
                    made.append(change)
        for change in made:
            self.remember([change])
        return touched

    def _any_draft(self, leave: bool) -> bool:
        condition = "" if leave else " WHERE dirty = 1"
        row = self.db.one(
            f"SELECT EXISTS (SELECT 1 FROM local_drafts{condition}) OR EXISTS (SELECT 1 FROM local_typing)"  # noqa: S608
        )
        return row is not None and bool(row[0])

    def _draft_operations(self, record: bytes, edit: Edit) -> Sequence[Operation]:
        """A draft of a record that was deleted meanwhile is written all the same: it is a conflict to settle."""
        return self.edits(record, [edit], even_deleted=True)

    def finish_typing(self, record: bytes, name: str) -> Touched:
        """Make changes of what was typed into one text; its editor goes on as it was."""
        touched = Touched()
        kind = self._editable(record)
        rid, fid = self.numbers.known_record(kind, record), self.numbers.known_field(kind, name)
        clients = (
            "SELECT client FROM local_typing WHERE rid = ? AND fid = ? GROUP BY client ORDER BY min(uid)"
        )
        if rid is None or fid is None or self.db.one(clients, (rid, fid)) is None:
            return touched
        made = []
        with self.writing(touched):
            texts = [(rid, fid, int(client)) for (client,) in self.db.all(clients, (rid, fid))]
            for operations in self._typed(texts):
                change = self.append(operations, touched)
                if change is not None:
                    made.append(change)
        for change in made:
            self.remember([change])
        return touched

    def _idle_texts(self, before: int) -> list[tuple[int, int, int]]:
        """The texts that were typed into, as (record, field, client)."""
        rows = self.db.all(
            "SELECT rid, fid, client FROM local_typing GROUP BY rid, fid, client HAVING max(touched_ms) <= ?"
            " ORDER BY min(uid)",
            (before,),
        )
        return [(int(rid), int(fid), int(client)) for rid, fid, client in rows]

    def _typed(self, texts: Iterable[tuple[int, int, int]]) -> Iterator[list[Operation]]:
        for rid, fid, client in texts:
            row = self.db.one("SELECT id FROM records WHERE rid = ?", (rid,))
            assert row is not None
            kind, name = self.numbers.field_name(int(fid))
            if not self.permits([Text(kind, bytes(row[0]), name, b"", int(client))]):
                continue
            rows = self.db.all(
                "DELETE FROM local_typing WHERE rid = ? AND fid = ? AND client = ? RETURNING uid, data",
                (rid, fid, client),
            )
            update = merge_updates(*(bytes(data) for _, data in sorted(rows)))
            yield [Text(kind, bytes(row[0]), name, update, int(client))]
