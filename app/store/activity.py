"""What happened to a record: who did what, when, and on which device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.richtext.delta import Insert, normal_document
from app.richtext.yjs import read_document
from app.store.core import unpack
from app.store.origins import authors
from app.store.plain_texts import plain_of
from app.store.records import Deed, HistoryEntry
from app.store.text_history import TextHistory, TextSession
from app.store.texts import document_text, open_document
from app.store.troubles import Troubles
from sync.merge import LiveWrite, shown_first


class Activity(Troubles):
    """Histories of records."""

    _history: tuple[int, int, TextHistory] | None = None

    def history(self, record: bytes) -> list[HistoryEntry]:
        """All writes of a record, withdrawals, and edits of its texts, newest first (by their authors' clocks)."""
        kind = self.kind_of(record)
        rid = None if kind is None else self.numbers.known_record(kind, record)
        if kind is None or rid is None:
            return []
        rows = self.db.all(
            "SELECT c.clock, d.key, c.id, x.fid, x.value, x.live, x.idx, x.cid FROM"
            " (SELECT fid, cid, idx, value, 1 AS live FROM writes WHERE rid = ?1"
            "  UNION ALL SELECT fid, cid, idx, value, 0 FROM history WHERE rid = ?1"
            "  UNION ALL SELECT fid, cid, idx, NULL, 1 FROM updates WHERE rid = ?1) x"
            " JOIN changes c USING (cid) JOIN devices d USING (did) WHERE c.aside = 0",
            (rid,),
        )
        replaced = self._replaced_by(rid)
        wrote = authors(self)
        found: list[tuple[tuple[Any, ...], HistoryEntry]] = []
        for clock, key, change, fid, value, live, index, cid in rows:
            name = self.numbers.field_name(int(fid))[1]
            many = self.is_many(kind, name)
            before = () if many else replaced.pop((int(cid), int(fid)), ())
            entry = HistoryEntry(
                int(clock),
                wrote.get(bytes(change), bytes(key)),
                bytes(change),
                name,
                None if value is None else unpack(value),
                bool(live),
                value is None,
                _deed(name, many, value is None, None if value is None else unpack(value)),
                before[0].value if before else None,
                int(index),
            )
            found.append(((clock, key, change, index), entry))
        for (cid, fid), gone in replaced.items():
            found.extend(self._withdrawn(cid, kind, self.numbers.field_name(fid)[1], gone, wrote))
        found.sort(key=lambda each: each[0], reverse=True)
        return [entry for _, entry in found]

    def _replaced_by(self, rid: int) -> dict[tuple[int, int], Sequence[LiveWrite]]:
        """What each change took the place of in each field, by the numbers of both; what showed comes first."""
        rows = self.db.all(
            "SELECT p.cid, p.fid, h.idx, h.value, t.id, t.clock, d.key FROM replacements p"
            " JOIN changes t ON t.id = p.target JOIN history h ON h.rid = p.rid AND h.fid = p.fid"
            " AND h.cid = t.cid AND h.idx = p.idx JOIN devices d USING (did) WHERE p.rid = ?",
            (rid,),
        )
        found: dict[tuple[int, int], list[LiveWrite]] = {}
        for cid, fid, index, value, change, clock, key in rows:
            write = LiveWrite((bytes(change), int(index)), unpack(value), bytes(key), int(clock))
            found.setdefault((int(cid), int(fid)), []).append(write)
        return {place: shown_first(writes) for place, writes in found.items()}

    def _withdrawn(
        self, cid: int, kind: str, name: str, gone: Sequence[LiveWrite], wrote: dict[bytes, bytes]
    ) -> list[tuple[tuple[Any, ...], HistoryEntry]]:
        """What a change took out of a field without putting anything there."""
        row = self.db.one(
            "SELECT c.clock, d.key, c.id, c.aside FROM changes c JOIN devices d USING (did) WHERE c.cid = ?",
            (cid,),
        )
        assert row is not None
        if row[3]:
            return []
        clock, key, change = int(row[0]), bytes(row[1]), bytes(row[2])
        many = self.is_many(kind, name)
        deed = Deed.RESTORED if name == "deleted" else Deed.REMOVED if many else Deed.CLEARED
        entries = []
        for at, write in enumerate(gone if many else gone[:1]):
            entry = HistoryEntry(
                clock, wrote.get(change, key), change, name, None, False, False, deed, write.value, -1 - at
            )
            entries.append(((clock, key, change, -1 - at), entry))
        return entries

    def text_as_of(self, record: bytes, change: bytes, field: str = "text") -> str:
        """A text as plain text, as it was on this device when a change to it had been taken in."""
        return plain_of(self.text_at(record, field, change), self.texts_store.values.name_of)

    def text_at(self, record: bytes, field: str, change: bytes) -> list[Insert]:
        """A text as it was on this device when a change to it had been taken in; empty where there is none."""
        numbers = self._text_numbers(record, field)
        known = self.applier.known(change)
        if numbers is None or known is None:
            return normal_document([])
        read = self._history_of(*numbers)
        found = None if read is None else read.at(change)
        if found is not None:
            return found
        return read_document(document_text(open_document(self.texts_store.as_of(*numbers, known[0]))))

    def text_sessions(self, record: bytes, field: str = "text") -> list[TextSession]:
        """Who wrote in a text when, the oldest first; see ``app.store.text_history``."""
        history = self.text_history(record, field)
        if history is None:
            return []
        history.finish()
        return list(history.sessions)

    def text_history(self, record: bytes, field: str = "text") -> TextHistory | None:
        """The time line of a text, to be read in ``steps``; None where there is no text. The last one is kept."""
        numbers = self._text_numbers(record, field)
        if numbers is None:
            return None
        history = self._history_of(*numbers)
        if history is None:
            found = self.get(record)
            live = () if found is None else found.fields["created"].live if "created" in found.fields else ()
            made = (live[0].id[0], found.created.name) if found is not None and live else (b"", "")
            history = TextHistory(self, *numbers, made)
            self._history = (*numbers, history)
        return history

    def _history_of(self, rid: int, fid: int) -> TextHistory | None:
        """The time line that was read last, if it is of this text."""
        kept = self._history
        return kept[2] if kept is not None and kept[:2] == (rid, fid) else None


def _deed(name: str, many: bool, text: bool, value: Any) -> Deed:
    if text:
        return Deed.TYPED
    if name == "created":
        return Deed.CREATED
    if name == "deleted":
        return Deed.DELETED if value is True else Deed.RESTORED
    return Deed.ADDED if many else Deed.SET
