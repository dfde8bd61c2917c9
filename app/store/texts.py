"""Rich texts in the project file: Yjs updates as they came, and their merged state.

A text is its set of updates; the merged state is only a cache of them, made by ``merge_updates``, which keeps
updates that still wait for earlier ones (a document's own state drops them). Where two updates claim the same
characters (a cloned or hostile device), the same ones lose on every device: the rule depends on the set alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Set
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from app.richtext.delta import Insert
from app.richtext.formats import KNOWN_FORMATS, MENTION, REF
from app.richtext.yjs import read_document
from app.store.database import Database
from app.store.headings import Values
from app.store.interning import Numbers
from app.store.plain_texts import plain_of
from app.store.text_states import compacted, counting, targets_of
from app.store.touched import Touched
from app.store.updates import merge_updates
from sync.change import Text
from sync.ids import id_text
from sync.yupdate import ROOT, YUpdate

if TYPE_CHECKING:
    from pycrdt import Doc, UndoManager
    from pycrdt import Text as YText

_TAKEN_BACK = "taken back"
_TOGETHER = 1 << 40
"""Milliseconds within which edits are taken back in one: all."""
_ALL_LOST = 1
"""In ``updates.lost``: the update does not count. Zero: all of it does; less: as many of its first units do not."""
_MOST_STRANGE = 16
"""Formats of one text that are not known, up to which they count."""
_WORTHWHILE = 4096
"""Bytes of a state from which on a shorter one is looked for."""
_SMALL = 2048
"""Bytes of updates that are left beside a short state before they are merged into it."""


def open_document(state: bytes | None, client: int | None = None) -> Doc:  # type: ignore[type-arg]
    """Make a document from a merged state, inserting under ``client`` from then on."""
    # Loaded with the first text: a window shows its table before that.
    from pycrdt import Doc
    from pycrdt import Text as YText

    document: Doc = Doc() if client is None else Doc(client_id=client)  # type: ignore[type-arg]
    document.get(ROOT, type=YText)
    if state:
        document.apply_update(state)
    return document


def document_text(document: Doc) -> YText:  # type: ignore[type-arg]
    """The root text of a document."""
    from pycrdt import Text as YText

    text: YText = document.get(ROOT, type=YText)
    return text


class Stale(NamedTuple):
    """A text that was read to make its plain text: its row as it was, its document, and a shorter state for it."""

    rid: int
    fid: int
    state: bytes
    tail: int
    document: list[Insert]
    compact: bytes | None


class TextStore:
    """Reads and appends text updates on one connection."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._db = database
        self._numbers = numbers
        self.values = Values(database, numbers)

    def append(
        self,
        rid: int,
        fid: int,
        cid: int,
        index: int,
        operation: Text,
        update: YUpdate,
        author: bytes,
        *,
        first: bool = False,
    ) -> bool:
        """Store one update, ``update`` being what it says. ``first``: the text begins with it.

        Returns whether somebody's characters collide: then ``settle`` has to follow.
        """
        start = update.inserts[0].clock if update.inserts else 0
        past = start + (update.inserts[0].length if update.inserts else 0)
        collides = (
            not first and past > start and self._collides(rid, fid, operation.client, start, past, author)
        )
        row = self._db.one(
            "INSERT INTO updates (rid, fid, cid, idx, client, first, past, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " RETURNING uid",
            (rid, fid, cid, index, operation.client, start, past, operation.update),
        )
        assert row is not None
        strange = update.formats - KNOWN_FORMATS
        if strange and self._note_formats(rid, fid, strange):
            return True
        if not collides:
            self._extend(rid, fid, int(row[0]), operation.update)
        return collides

    def _note_formats(self, rid: int, fid: int, names: Iterable[str]) -> bool:
        """Note formats that are not known. Returns whether the text has many, and none of them counts."""
        for name in names:
            self._db.run("INSERT OR IGNORE INTO text_formats VALUES (?, ?, ?)", (rid, fid, name))
        return self._is_crowded(rid, fid)

    def _is_crowded(self, rid: int, fid: int) -> bool:
        """Whether a text has so many sorts of formats that those which are not known are left out.

        Each of them would be told of each piece of the text: a short text could fill the memory.
        """
        sql = "SELECT 1 FROM text_formats WHERE rid = ? AND fid = ? LIMIT 1 OFFSET ?"
        return self._db.one(sql, (rid, fid, _MOST_STRANGE)) is not None

    def settle(self, collided: Iterable[tuple[int, int, int]]) -> None:
        """Decide who has characters that collide, by (record, field, client), and make the texts anew."""
        texts = set()
        for rid, fid, client in collided:
            self._elect(rid, fid, client)
            texts.add((rid, fid))
        for rid, fid in texts:
            self.rebuild(rid, fid)

    def settle_all(self) -> None:
        """Decide anew wherever some characters do not count."""
        rows = self._db.all("SELECT DISTINCT rid, fid, client FROM updates WHERE lost <> 0")
        self.settle((int(rid), int(fid), int(client)) for rid, fid, client in rows)

    def _collides(self, rid: int, fid: int, client: int, start: int, past: int, author: bytes) -> bool:
        """Whether another update has some of these characters, or another device writes under this number."""
        row = self._db.one(
            "SELECT 1 FROM updates u JOIN changes c USING (cid) WHERE u.rid = ? AND u.fid = ? AND u.client = ?"
            " AND u.past > u.first AND (u.first < ? AND u.past > ? OR c.did <> ?) LIMIT 1",
            (rid, fid, client, past, start, self._numbers.device(author)),
        )
        return row is not None

    def _elect(self, rid: int, fid: int, client: int) -> None:
        """Decide which of the updates under one client number count: a pure function of their set.

        Whose update is the first has the number. Others' count where those of that device do not reach: two devices
        may both have brought in what another program wrote. Of these the beginning is left out that is there already.
        """
        rows = self._db.all(
            "SELECT u.first, c.id, u.idx, u.past, c.did, u.uid FROM updates u JOIN changes c USING (cid)"
            " WHERE u.rid = ? AND u.fid = ? AND u.client = ? AND u.past > u.first",
            (rid, fid, client),
        )
        rows.sort(key=lambda row: (row[0], bytes(row[1]), row[2]))
        taken: list[tuple[int, int]] = []  # apart from each other, in order
        for mine in (True, False):
            for first, _, _, past, did, uid in rows:
                if (did == rows[0][4]) != mine:
                    continue
                at = bisect_left(taken, (past, 0))
                reached = max(taken[at - 1][1], first) if at else first
                lost = _ALL_LOST if reached >= past or (mine and reached > first) else first - reached
                if lost != _ALL_LOST:
                    taken.insert(at, (reached, past))
                self._db.run("UPDATE updates SET lost = ? WHERE uid = ?", (lost, uid))

    def _extend(self, rid: int, fid: int, uid: int, update: bytes) -> None:
        """Put an update behind a text's merged state, and merge it in where many wait there."""
        self._db.run(
            "INSERT INTO texts VALUES (?, ?, ?, ?, 0, NULL) ON CONFLICT DO UPDATE SET tail = tail + ?,"
            " plain = NULL WHERE tail + ? <= max(?, length(state) / 4)",
            (rid, fid, update, uid, len(update), len(update), _SMALL),
        )
        if not self._db.changes():
            row = self._db.one("SELECT state, upto FROM texts WHERE rid = ? AND fid = ?", (rid, fid))
            assert row is not None
            self._store(rid, fid, self._with_tail(rid, fid, *row), uid)

    def _store(self, rid: int, fid: int, state: bytes, upto: int) -> None:
        self._db.run("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, 0, NULL)", (rid, fid, state, upto))

    def state(self, rid: int, fid: int) -> bytes | None:
        """The merged state of a text, as one Yjs update; None where there is no text."""
        row = self._db.one("SELECT state, upto, tail FROM texts WHERE rid = ? AND fid = ?", (rid, fid))
        if row is None:
            return None
        return self._with_tail(rid, fid, row[0], row[1]) if row[2] else bytes(row[0])

    def _with_tail(self, rid: int, fid: int, state: bytes, upto: int) -> bytes:
        tail = self._db.all(
            "SELECT data, client, lost FROM updates WHERE rid = ? AND fid = ? AND uid > ? AND lost <= 0 ORDER BY uid",
            (rid, fid, upto),
        )
        crowded = self._is_crowded(rid, fid)
        return merge_updates(state, *(counting(*row, crowded=crowded) for row in tail))

    def rebuild(self, rid: int, fid: int) -> None:
        """Make the merged state anew from all updates: after something was set aside, or counts again."""
        rows = self._db.all(
            "SELECT u.uid, u.data, u.client, u.lost, c.aside FROM updates u JOIN changes c USING (cid)"
            " WHERE u.rid = ? AND u.fid = ? AND u.lost <= 0 ORDER BY u.uid",
            (rid, fid),
        )
        crowded = self._is_crowded(rid, fid)
        pieces = [counting(*row, crowded=crowded) for _, *row in rows]
        if pieces:
            self._store(rid, fid, merge_updates(*pieces), int(rows[-1][0]))
        else:
            self._db.run("DELETE FROM texts WHERE rid = ? AND fid = ?", (rid, fid))

    def taking_back(self, rid: int, fid: int, changes: Set[int], client: int) -> bytes | None:
        """The update, inserting under ``client``, that takes back what some changes did to a text together.

        What they inserted goes, as far as it is there; what they deleted comes back. All that other changes did
        stays. None where nothing is left to take back.
        """
        rows = self._db.all(
            "SELECT u.cid, u.data, u.client, u.lost, c.aside FROM updates u JOIN changes c USING (cid)"
            " WHERE u.rid = ? AND u.fid = ? AND u.lost <= 0 ORDER BY u.uid",
            (rid, fid),
        )
        crowded = self._is_crowded(rid, fid)
        pieces = [(change in changes, counting(*row, crowded=crowded)) for change, *row in rows]
        from pycrdt import UndoManager

        document = open_document(None, client)
        undo: UndoManager | None = None
        for own, group in groupby(pieces, key=itemgetter(0)):
            update = merge_updates(*(piece for _, piece in group))
            if own and undo is None:
                undo = UndoManager(scopes=[document_text(document)], capture_timeout_millis=_TOGETHER)
                undo.include_origin(_TAKEN_BACK)
            with document.transaction(origin=_TAKEN_BACK if own else None):
                document.apply_update(update)
        found: list[bytes] = []
        subscription = document.observe(lambda event: found.append(event.update))
        undone = undo is not None and undo.undo()
        document.unobserve(subscription)
        return merge_updates(*found) if undone and found else None

    def as_of(self, rid: int, fid: int, cid: int) -> bytes | None:
        """The state with all updates up to those of a change, in the order in which they came here."""
        row = self._db.one(
            "SELECT max(uid) FROM updates WHERE rid = ? AND fid = ? AND cid = ?", (rid, fid, cid)
        )
        return None if row is None or row[0] is None else self.between(rid, fid, 0, int(row[0]) + 1)

    def between(self, rid: int, fid: int, first: int, past: int) -> bytes:
        """The updates of a text from one number to before another, as one."""
        rows = self._db.all(
            "SELECT u.data, u.client, u.lost, c.aside FROM updates u JOIN changes c USING (cid) WHERE u.rid = ?"
            " AND u.fid = ? AND u.uid >= ? AND u.uid < ? AND u.lost <= 0 ORDER BY u.uid",
            (rid, fid, first, past),
        )
        crowded = self._is_crowded(rid, fid)
        return merge_updates(*(counting(*row, crowded=crowded) for row in rows))

    def reached(self, rid: int, fid: int, client: int) -> list[tuple[int, int]]:
        """The stretches of a client's characters that are here, apart from each other, in order."""
        rows = self._db.all(
            "SELECT first - min(lost, 0), past FROM updates WHERE rid = ? AND fid = ? AND client = ? AND past > first"
            " AND lost <= 0 ORDER BY first",
            (rid, fid, client),
        )
        return [(int(first), int(past)) for first, past in rows]

    def of_change(self, cid: int) -> list[tuple[int, int]]:
        """The texts that a change writes to."""
        rows = self._db.all("SELECT DISTINCT rid, fid FROM updates WHERE cid = ?", (cid,))
        return [(int(rid), int(fid)) for rid, fid in rows]

    def plain(self, rid: int, fid: int) -> str:
        """The text as plain text, without the closing line break; from the cache where it is fresh."""
        row = self._db.one("SELECT plain FROM texts WHERE rid = ? AND fid = ?", (rid, fid))
        if row is None:
            return ""
        if row[0] is not None:
            return str(row[0])
        return plain_of(self.document(rid, fid), self.values.name_of)

    def document(self, rid: int, fid: int) -> list[Insert]:
        """The text as a document."""
        return read_document(document_text(open_document(self.state(rid, fid))))

    def stale(self, limit: int) -> list[Stale]:
        """Up to ``limit`` texts whose plain text has to be made anew, read. Nobody else need wait for this."""
        rows = self._db.all(
            "SELECT rid, fid, state, upto, tail FROM texts WHERE plain IS NULL LIMIT ?", (limit,)
        )
        return [self._read_stale(*row) for row in rows]

    def _read_stale(self, rid: int, fid: int, state: bytes, upto: int, tail: int) -> Stale:
        merged = self._with_tail(rid, fid, state, upto) if tail else bytes(state)
        document = open_document(merged)
        compact = compacted(document, merged) if len(merged) > _WORTHWHILE else None
        return Stale(rid, fid, bytes(state), tail, read_document(document_text(document)), compact)

    def fill(self, stale: Iterable[Stale], touched: Touched) -> int:
        """Keep the plain text and the links of texts that were read, where they stand as they did; and a shorter state
        of those that hold much of what was deleted, which is then noted. Returns how many were kept.

        The caller has a transaction open.
        """
        filled = 0
        for each in stale:
            place = (each.rid, each.fid)
            plain = plain_of(each.document, self.values.name_of)
            self._db.run(
                "UPDATE texts SET plain = ? WHERE rid = ? AND fid = ? AND plain IS NULL AND tail = ? AND state = ?",
                (plain, *place, each.tail, each.state),
            )
            if not self._db.changes():
                continue
            filled += 1
            if each.compact is not None:
                self._db.run(
                    "UPDATE texts SET state = ?1, tail = 0, upto ="
                    " (SELECT max(uid) FROM updates WHERE rid = ?2 AND fid = ?3) WHERE rid = ?2 AND fid = ?3",
                    (each.compact, *place),
                )
                kind, record = self._numbers.record_id(each.rid)
                touched.note(kind, record, self._numbers.field_name(each.fid)[1])
            self._db.run("DELETE FROM local_links WHERE rid = ? AND fid = ?", place)
            for sort, target in targets_of(each.document):
                self._db.run("INSERT INTO local_links VALUES (?, ?, ?, ?)", (*place, sort, target))
        return filled

    def refresh_plain(self, limit: int) -> int:
        """Fill the plain text and the links of up to ``limit`` texts that changed. Returns how many were filled."""
        return self.fill(self.stale(limit), Touched())

    def named_anew(self, record: bytes) -> list[tuple[int, int]]:
        """Another name shows for a record: the plain texts that say it are to be made anew. Returns their texts."""
        rows = self._db.all(
            "SELECT DISTINCT rid, fid FROM local_links WHERE target = ? AND sort IN (?, ?)",
            (record, REF, MENTION),
        )
        for rid, fid in rows:
            self._db.run("UPDATE texts SET plain = NULL WHERE rid = ? AND fid = ?", (rid, fid))
        return [(int(rid), int(fid)) for rid, fid in rows]

    def pointing(self, targets: Iterable[bytes], sorts: Collection[str]) -> set[tuple[int, int]]:
        """The texts, as (record, field), that point to one of some records; those that are stale are looked into."""
        found: set[tuple[int, int]] = set()
        for target in targets:
            rows = self._db.all(
                "SELECT l.rid, l.fid, l.sort FROM local_links l JOIN texts t USING (rid, fid)"
                " WHERE l.target = ? AND t.plain IS NOT NULL",
                (target,),
            )
            found.update((int(rid), int(fid)) for rid, fid, sort in rows if sort in sorts)
            for rid, fid in self._stale_with(id_text(target).encode()):
                if any((sort, target) in targets_of(self.document(rid, fid)) for sort in sorts):
                    found.add((rid, fid))
        return found

    def _stale_with(self, data: bytes) -> list[tuple[int, int]]:
        """The stale texts in which some bytes stand, as an id does in an embedded object."""
        rows = self._db.all(
            "SELECT t.rid, t.fid FROM texts t WHERE t.plain IS NULL AND (instr(t.state, ?1) > 0 OR t.tail > 0"
            " AND EXISTS (SELECT 1 FROM updates u WHERE u.rid = t.rid AND u.fid = t.fid AND u.uid > t.upto"
            "  AND instr(u.data, ?1) > 0))",
            (data,),
        )
        return [(int(rid), int(fid)) for rid, fid in rows]
