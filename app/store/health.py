"""*Check everything*: whether this file holds all that it should, and repairing what it does not.

The running hash of the cookie proves the order of all envelopes up to it: where it follows from the envelopes that are
here, and the server takes the cookie, both have the same. An envelope that is gone from here, or damaged, is pulled
again: the cookie goes back to the place before it. A change whose envelope is here and whose rows are not is applied
again from the envelope's bytes.

``Check.slices`` is walked bit by bit, each in some milliseconds, and can be left at any point: every repair stands by
itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.store.sync_side import SyncSide
from app.store.touched import Touched
from sync.change import Change, Delete, Remove, Text, decode_change
from sync.cookie import Cookie
from sync.envelope import Envelope, EnvelopeKind, open_changes, parse, verify
from sync.errors import Malformed, NewerFormat

_AT_ONCE: Final = 8
"""Envelopes looked at in one slice: a signature takes a quarter of a millisecond, opening somewhat more."""
_HASHES_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. What counts as missing or lost was repaired unless ``problems`` says otherwise."""

    envelopes: int = 0
    """Looked at."""
    changes: int = 0
    """Looked at."""
    damaged: int = 0
    """Envelopes whose bytes were not as they came; they were removed here to be pulled again."""
    missing: int = 0
    """Envelopes that the server gave once and that are not here."""
    lost: int = 0
    """Changes whose rows were not here, or not all of them."""
    repaired: int = 0
    """Changes that were applied again."""
    problems: tuple[str, ...] = ()
    """Sentences about what is still wrong."""

    @property
    def well(self) -> bool:
        """Whether there was nothing to repair, and nothing is wrong."""
        return not (self.damaged or self.missing or self.lost or self.problems)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is."""

    done: int
    total: int


class Check:
    """One look through a project file, on the connection of its side."""

    def __init__(self, side: SyncSide) -> None:
        self._side = side
        self._store = side.store
        self._counts: Counter[str] = Counter()
        self._problems: list[str] = []
        self.touched = Touched()
        """What the repairs changed."""
        self.rewound = False
        """Whether the next pull begins at an earlier place: then pull, and check again."""

    @property
    def health(self) -> Health:
        """What was found so far."""
        return Health(**self._counts, problems=tuple(self._problems))

    def slices(self) -> Iterator[Progress]:
        """Do the check, bit by bit."""
        row = self._store.db.one("SELECT count(*) FROM envelopes")
        assert row is not None
        total, done, last = int(row[0]), 0, 0
        yield Progress(0, total)
        while True:
            rows = self._store.db.all(
                "SELECT eid, hash, seq, state, bare, wire FROM envelopes WHERE eid > ? ORDER BY eid LIMIT ?",
                (last, _AT_ONCE),
            )
            for eid, hashed, seq, state, bare, wire in rows:
                last = int(eid)
                if seq:
                    self._envelope(last, bytes(hashed), int(state), bool(bare), bytes(wire))
            done += len(rows)
            yield Progress(done, total)
            if len(rows) < _AT_ONCE:
                break
        yield from self._order(total)

    # Each envelope, and what was in it

    def _envelope(self, eid: int, hashed: bytes, state: int, bare: bool, wire: bytes) -> None:
        self._counts["envelopes"] += 1
        try:
            envelope = parse(wire)
            verify(envelope)
        except NewerFormat:
            return
        except Malformed:
            envelope = None
        if envelope is None or envelope.hash != hashed:
            self._remove(eid)
            return
        if state == 0 and not bare and envelope.header.kind == EnvelopeKind.CHANGES:
            for change in self._changes(envelope):
                self._counts["changes"] += 1
                self._change(change, eid)

    def _remove(self, eid: int) -> None:
        self._counts["damaged"] += 1
        row = self._store.db.one("SELECT version, pushed FROM envelopes WHERE eid = ?", (eid,))
        if row is None or row[0] is None:
            self._problems.append(
                "Something that was not on the server yet is damaged; restore this project from a backup."
            )
            return
        with self._store.writing():
            self._store.db.run("DELETE FROM envelopes WHERE eid = ?", (eid,))

    def _changes(self, envelope: Envelope) -> list[Change]:
        key = self._side.keys.get(envelope.header.compartment, envelope.header.epoch)
        if key is None or envelope.body is None:
            return []
        found = []
        try:
            bodies = open_changes(envelope, key).changes
        except (Malformed, NewerFormat):
            return []
        for data in bodies:
            try:
                found.append(decode_change(data))
            except (Malformed, NewerFormat):
                continue
        return found

    def _change(self, change: Change, eid: int) -> None:
        known = self._store.db.one(
            "SELECT c.cid, c.aside, e.eid IS NULL FROM changes c LEFT JOIN envelopes e USING (eid) WHERE c.id = ?",
            (change.id,),
        )
        if known is not None and known[1]:
            return
        if known is not None and self._whole(change, int(known[0])):
            if known[2]:
                with self._store.writing(Touched()):
                    self._store.db.run("UPDATE changes SET eid = ? WHERE cid = ?", (eid, known[0]))
            return
        self._counts["lost"] += 1
        try:
            with self._store.writing():
                self._apply_again(change, eid, known is not None)
        except Malformed as error:
            self._problems.append(str(error))
            return
        self._counts["repaired"] += 1

    def _whole(self, change: Change, cid: int) -> bool:
        """Whether a row stands for each operation that leaves one."""
        texts = sum(isinstance(each, Text) for each in change.operations)
        values = sum(not isinstance(each, Text | Remove) for each in change.operations)
        deletes = sum(isinstance(each, Delete) for each in change.operations)
        row = self._store.db.one(
            "SELECT (SELECT count(*) FROM writes WHERE cid = ?1) + (SELECT count(*) FROM history WHERE cid = ?1),"
            " (SELECT count(*) FROM updates WHERE cid = ?1), (SELECT count(*) FROM covers WHERE cid = ?1)",
            (cid,),
        )
        return row is not None and (int(row[0]), int(row[1])) == (values, texts) and int(row[2]) <= deletes

    def _apply_again(self, change: Change, eid: int, known: bool) -> None:
        applier, db = self._store.applier, self._store.db
        orphans: set[tuple[int, int]] = set()
        if known:
            applier.set_aside(change, self.touched, eid=eid)
        else:
            for table in ("writes", "history", "covers", "replacements"):
                db.run(f"DELETE FROM {table} WHERE cid NOT IN (SELECT cid FROM changes)")  # noqa: S608
            orphans = {
                (int(rid), int(fid))
                for rid, fid in db.all(
                    "DELETE FROM updates WHERE cid NOT IN (SELECT cid FROM changes) RETURNING rid, fid"
                )
            }
        applier.apply(change, self.touched, eid=eid)
        for rid, fid in orphans:
            self._store.texts_store.rebuild(rid, fid)

    # Their order on the server

    def _order(self, total: int) -> Iterator[Progress]:
        cookie = self._side.cookie()
        if cookie is None:
            return
        row = self._store.db.one("SELECT coalesce(max(version), 0) FROM envelopes WHERE bare = 1")
        assert row is not None
        bundled = int(row[0])
        place: Cookie | None = Cookie.start(cookie.generation)
        version = 0
        first: int | None = None
        while version < cookie.version:
            rows = self._store.db.all(
                "SELECT version, hash, seq FROM envelopes WHERE version > ? AND version <= ? ORDER BY version LIMIT ?",
                (version, cookie.version, _HASHES_AT_ONCE),
            )
            for found, hashed, seq in rows:
                gap = int(found) - version - 1
                if gap and version >= bundled:
                    self._counts["missing"] += gap
                    first = version if first is None else first
                if first is None:
                    # What could not be read has another name here than on the server.
                    place = place.advance(bytes(hashed)) if place and not gap and seq else None
                version = int(found)
            yield Progress(total, total)
            if len(rows) < _HASHES_AT_ONCE:
                break
        rest = cookie.version - max(version, bundled)
        if rest > 0:
            self._counts["missing"] += rest
            first = version if first is None else first
        if first is not None:
            self._rewind(place if place is not None and place.version == first else None)
        elif place is not None and place != cookie:
            self._rewind(None)

    def _rewind(self, place: Cookie | None) -> None:
        """Let the next pull begin at an earlier place: all that is here already is only looked at."""
        self.rewound = True
        with self._store.writing(Touched()):
            self._store.put_meta("cookie", None if place is None else place.encode())
