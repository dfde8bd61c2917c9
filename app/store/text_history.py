"""The time line of a text: who wrote in it when, in sessions, and what it was after each.

A session is what one author wrote without a pause of two minutes, by that author's clock, and without anybody else's
changes coming in between. What was no typing is a session of its own: an action of several changes, or one that wrote
something else too. Only how the record was made goes with what was typed next. Sessions stand in the order in which
changes came to this device: what was written away and arrived late stands where it arrived, since that is when the text
here became so.

Each session is kept as the change that it was, and every so often the whole text, so that a moment far back is put
together of a few changes. ``steps`` reads one session at a time, and goes on with what came since it was read last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.richtext.delta import Delete, Insert, Op, Retain, compose, normal_document
from app.richtext.positions import EMBED, TextIndex
from app.richtext.yjs import read_event
from app.store.origins import authors
from app.store.texts import document_text, open_document

if TYPE_CHECKING:
    from pycrdt import TextEvent

    from app.store.core import Core

PAUSE_MS: Final = 2 * 60_000
"""A pause that ends a session."""
_ACTION: Final = (
    "CASE WHEN c.id = ?1 OR c.gid = (SELECT m.gid FROM changes m WHERE m.id = ?1) THEN x''"
    " WHEN c.gid IS NOT NULL THEN c.gid"
    " WHEN EXISTS (SELECT 1 FROM updates o WHERE o.cid = u.cid AND (o.rid <> u.rid OR o.fid <> u.fid))"
    " OR EXISTS (SELECT 1 FROM writes w WHERE w.cid = u.cid)"
    " OR EXISTS (SELECT 1 FROM history h WHERE h.cid = u.cid) THEN c.id ELSE x'' END"
)
"""The action that an update belongs to, in SQL: its group or its change; empty where it was typed, or made the record.
Its first parameter is the change that made the record."""
_EVERY: Final = 16
"""Sessions after which the whole text is kept."""


@dataclass(frozen=True, slots=True)
class TextSession:
    """What one author wrote at a stretch.

    ``device``: the key of the author's device; ``at`` and ``until``: its first and last moment by that device's clock
    (ms since 1970, UTC); ``first`` and ``last``: ids of changes; ``changes``: how many; ``inserted`` and ``deleted``:
    code points, as it was left at the end. ``name``: of the author, where a table was imported. ``action``: what it
    was, where it was not typed: the id of a group or of a change.
    """

    device: bytes
    at: int
    until: int
    first: bytes
    last: bytes
    changes: int = 1
    inserted: int = 0
    deleted: int = 0
    name: str = ""
    action: bytes = b""


@dataclass(slots=True)
class _Stretch:
    """Updates that are read together, and the session that they are, or a part of; None of what was set aside alone."""

    first: int
    past: int
    session: TextSession | None = None


class Heard:
    """A document that updates are put into, and what it told of that."""

    def __init__(self) -> None:
        self.index = TextIndex()
        self.change: list[Op] = []
        self.document = open_document(None)
        self._text = document_text(self.document)
        self._subscription = self._text.observe(self._hear)

    def take(self, update: bytes) -> list[Op]:
        """Put an update in; gives the change that it was to the text, in code points."""
        self.change = []
        self.document.apply_update(update)
        return self.change

    def _hear(self, event: TextEvent) -> None:
        index = self.index
        at = 0
        found: list[Op] = []
        for op in read_event(event.delta):  # type: ignore[attr-defined]
            if isinstance(op, Insert):
                index.replace(at, at, op.content if isinstance(op.content, str) else EMBED)
                found.append(op)
                at += op.length
                continue
            past = index.utf8_to_point(index.point_to_utf8(at) + op.length)
            if isinstance(op, Delete):
                index.replace(at, past, "")
                found.append(Delete(past - at))
            else:
                found.append(Retain(past - at, op.attributes))
                at = past
        self.change = compose(self.change, found)


class TextHistory:
    """The sessions of one text, the oldest first, as far as they were read."""

    def __init__(self, core: Core, rid: int, fid: int, made: tuple[bytes, str] = (b"", "")) -> None:
        """``made``: the change that made the record, and how an imported table names its author."""
        self._core = core
        self._place = (rid, fid)
        self._made = made
        self._begin()

    def _begin(self) -> None:
        self.sessions: list[TextSession] = []
        self._changes: list[list[Op]] = []
        self._whole: dict[int, list[Insert]] = {-1: []}
        """The text at the end of some sessions that are over, exactly as it was."""
        self._heard = Heard()
        self._read = 0
        self._sum = (0, 0, 0)

    def finish(self) -> None:
        """Read all that is left."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[int]:
        """Read on, one session at a time, and tell how many there are so far."""
        if self._checked() != self._sum:
            self._begin()
        try:
            for stretch in self._stretches():
                self._take(stretch)
                yield len(self.sessions)
        finally:
            self._sum = self._checked()

    def _checked(self) -> tuple[int, int, int]:
        """What changes where something that was read was set aside since, or counts again."""
        row = self._core.db.one(
            "SELECT count(*), coalesce(sum(u.lost), 0), coalesce(sum(c.aside), 0) FROM updates u"
            " JOIN changes c USING (cid) WHERE u.rid = ? AND u.fid = ? AND u.uid <= ?",
            (*self._place, self._read),
        )
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])

    def _stretches(self) -> list[_Stretch]:
        rows = self._core.db.all(
            f"SELECT u.uid, c.aside, c.clock, d.key, c.id, {_ACTION} FROM updates u JOIN changes c USING (cid)"  # noqa: S608
            " JOIN devices d USING (did)"
            " WHERE u.rid = ?2 AND u.fid = ?3 AND u.uid > ?4 AND u.lost <= 0 ORDER BY u.uid",
            (self._made[0], *self._place, self._read),
        )
        wrote = authors(self._core)
        last = self.sessions[-1] if self.sessions else None
        found: list[_Stretch] = []
        for uid, aside, clock, key, change, action in rows:
            if aside:
                if not found:
                    found.append(_Stretch(uid, uid))
                found[-1].past = uid + 1
                continue
            device = wrote.get(bytes(change), bytes(key))
            goes_on = last is not None and (last.device, last.action) == (device, action)
            if last is None or not goes_on or abs(clock - last.until) >= PAUSE_MS:
                name = self._made[1] if bytes(change) == self._made[0] else ""
                last = TextSession(
                    device, clock, clock, bytes(change), bytes(change), name=name, action=bytes(action)
                )
                found.append(_Stretch(uid, uid + 1, last))
                continue
            again = last.last == change
            last = replace(last, until=clock, last=bytes(change), changes=last.changes + (not again))
            if not found:
                found.append(_Stretch(uid, uid))
            found[-1].past = uid + 1
            found[-1].session = last
        return found

    def _take(self, stretch: _Stretch) -> None:
        change = self._heard.take(self._core.texts_store.between(*self._place, stretch.first, stretch.past))
        self._read = stretch.past - 1
        session = stretch.session or (self.sessions[-1] if self.sessions else None)
        if session is None:
            return
        if self.sessions and session.first == self.sessions[-1].first:
            self._changes[-1] = compose(self._changes[-1], change)
        else:
            if len(self.sessions) % _EVERY == 0 and self.sessions:
                self._whole[len(self.sessions) - 1] = self._text_after(len(self.sessions) - 1)
            self.sessions.append(session)
            self._changes.append(change)
        inserted = sum(op.length for op in self._changes[-1] if isinstance(op, Insert))
        deleted = sum(op.length for op in self._changes[-1] if isinstance(op, Delete))
        self.sessions[-1] = replace(session, inserted=inserted, deleted=deleted)

    # What the text was

    def change(self, at: int) -> Sequence[Op]:
        """What a session did to the text, as one change from the text before it."""
        return self._changes[at]

    def after(self, at: int) -> list[Insert]:
        """The text at the end of a session; -1 is before the first one."""
        return normal_document(self._text_after(at))

    def _text_after(self, at: int) -> list[Insert]:
        start = max(kept for kept in self._whole if kept <= at)
        change: list[Op] = []
        for each in self._changes[start + 1 : at + 1]:
            change = compose(change, each)
        return [op for op in compose(self._whole[start], change) if isinstance(op, Insert)]

    def at(self, change: bytes) -> list[Insert] | None:
        """The text at the end of the session that ends with a change; None where none does."""
        for at in range(len(self.sessions) - 1, -1, -1):
            if self.sessions[at].last == change:
                return self.after(at)
        return None
