"""The log of envelopes in a project file: raw, as they came, with what became of each."""

from __future__ import annotations

from enum import IntEnum
from itertools import chain
from typing import NamedTuple

from app.store.core import Core
from sync.envelope import Envelope, Head

# Membership actions that do not hold are offered too: what their authors wrote next stands on them.
_MISSING = "version IS NULL AND pushed = 1 AND NOT bare AND (state IN (0, 1, 3) OR state = 2 AND kind = 1 AND seq > 0)"


class State(IntEnum):
    """What became of an envelope on this device."""

    APPLIED = 0
    WAITING = 1
    QUARANTINED = 2
    ASIDE = 3
    APPLYING = 4


class Push(IntEnum):
    """Whether the server has an envelope. DROPPED: it refused it, and the user did not want it any more."""

    OPEN = 0
    DONE = 1
    REFUSED = 2
    DROPPED = 3


class Kept(NamedTuple):
    """An envelope in the log."""

    eid: int
    state: State
    wire: bytes


class Log:
    """The log on one connection; callers hold a transaction where they write."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._db = core.db

    def find(self, hashed: bytes) -> tuple[int, State] | None:
        """(number, state) of an envelope that is here."""
        row = self._db.one("SELECT eid, state FROM envelopes WHERE hash = ?", (hashed,))
        return None if row is None else (int(row[0]), State(row[1]))

    def add(
        self,
        hashed: bytes,
        envelope: Envelope | None,
        wire: bytes,
        state: State,
        push: Push,
        *,
        version: int | None = None,
        reason: str = "",
    ) -> int:
        """Keep an envelope; one whose header could not even be read is kept under the hash of its bytes."""
        header = None if envelope is None else envelope.header
        did = self._core.numbers.device(header.device if header else b"\0" * 32)
        row = self._db.one(
            "INSERT INTO envelopes (hash, did, seq, prev, kind, state, reason, version, pushed, received_ms, wire)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING eid",
            (
                hashed,
                did,
                header.seq if header else 0,
                header.prev if header else None,
                header.kind if header else 0,
                state,
                reason,
                version,
                push,
                self._core.clock.now_ms(),
                wire,
            ),
        )
        assert row is not None
        if header is not None and state in (State.APPLIED, State.APPLYING):
            self._head(did, header.seq, hashed)
        if header is not None and push is Push.OPEN and header.device == self._core.device:
            self._db.run("INSERT OR REPLACE INTO local_chain VALUES ('made', ?)", (hashed,))
        return int(row[0])

    def is_bare(self, eid: int) -> bool:
        """Whether only header and signature of an envelope are here, and what was in it is in the tables."""
        row = self._db.one("SELECT bare FROM envelopes WHERE eid = ?", (eid,))
        return row is not None and bool(row[0])

    def completes(self, eid: int, wire: bytes) -> bool:
        """Whether these bytes are more than what is kept of an envelope that waits: it had come without its body."""
        row = self._db.one(
            "SELECT length(wire) < ? FROM envelopes WHERE eid = ? AND state = 1", (len(wire), eid)
        )
        return row is not None and bool(row[0])

    def replace(self, eid: int, wire: bytes, state: State) -> None:
        """Keep other bytes of the same envelope, and note that it is decided anew."""
        self._db.run("UPDATE envelopes SET wire = ?, state = ? WHERE eid = ?", (wire, state, eid))

    def _head(self, did: int, seq: int, hashed: bytes) -> None:
        self._db.run(
            "INSERT INTO heads VALUES (?, ?, ?)"
            " ON CONFLICT (did) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
            " WHERE (excluded.seq, excluded.hash) > (seq, hash)",
            (did, seq, hashed),
        )

    def mark(self, eid: int, state: State, reason: str = "") -> None:
        """Note what became of an envelope."""
        self._db.run("UPDATE envelopes SET state = ?, reason = ? WHERE eid = ?", (state, reason, eid))

    def came_back(self, eid: int, version: int) -> None:
        """Note the place at which the server gave an envelope that is here already."""
        self._db.run("UPDATE envelopes SET version = ? WHERE eid = ?", (version, eid))
        self.taken(eid)

    def taken(self, eid: int) -> None:
        """Note that the server took an envelope: what it holds is no longer only here.

        Its place stays open until it comes back in a pull: only then has it survived there.
        """
        self._db.run("UPDATE envelopes SET pushed = 1 WHERE eid = ? AND pushed <> 1", (eid,))
        if self._db.changes():
            self._db.run(
                "DELETE FROM local_pending WHERE cid IN (SELECT cid FROM changes WHERE eid = ?)",
                (eid,),
            )

    def forget_places(self) -> None:
        """The server shows another history: what stood where in the one before says nothing now."""
        self._db.run("UPDATE envelopes SET version = NULL WHERE version IS NOT NULL")
        self._db.run("UPDATE local_files SET served = 0, asked_ms = 0 WHERE served = 1")

    def queue_missing(self) -> None:
        """Offer the server again what it should have and did not give, after the last page of a pull."""
        self._db.run(
            f"UPDATE envelopes SET pushed = 0 WHERE {_MISSING}"  # noqa: S608 - a constant
        )

    def anything_missing(self) -> bool:
        """Tell whether there is such an envelope."""
        row = self._db.one(
            f"SELECT 1 FROM envelopes WHERE {_MISSING} LIMIT 1"  # noqa: S608 - a constant
        )
        return row is not None

    def wire(self, eid: int, push: Push) -> bytes | None:
        """The bytes of an envelope of which the server said so; else None."""
        row = self._db.one("SELECT wire FROM envelopes WHERE eid = ? AND pushed = ?", (eid, push))
        return None if row is None else bytes(row[0])

    def drop(self, eid: int) -> None:
        """Note that an envelope is never to be sent, and counts for nothing."""
        self._db.run("UPDATE envelopes SET pushed = 3, state = 3 WHERE eid = ?", (eid,))

    def refused(self, eid: int, reason: str) -> None:
        """Note that the server refused an envelope."""
        self._db.run("UPDATE envelopes SET pushed = 2, reason = ? WHERE eid = ?", (reason, eid))

    def in_state(self, *states: State) -> list[Kept]:
        """Envelopes in one of some states other than applied, in the order in which they came."""
        marks = ", ".join("?" for _ in states)
        rows = self._db.all(
            f"SELECT eid, state, wire FROM envelopes WHERE state <> 0 AND state IN ({marks}) ORDER BY eid",  # noqa: S608
            states,
        )
        return [Kept(int(eid), State(state), bytes(wire)) for eid, state, wire in rows]

    def membership(self, after: int = 0) -> list[Kept]:
        """The membership envelopes numbered above ``after``: also the refused, since later ones may free them."""
        rows = self._db.all(
            "SELECT eid, state, wire FROM envelopes WHERE kind = 1 AND seq > 0 AND eid > ? ORDER BY eid",
            (after,),
        )
        return [Kept(int(eid), State(state), bytes(wire)) for eid, state, wire in rows]

    def newest_membership(self) -> int:
        """Number of the last membership envelope; 0 where there is none."""
        row = self._db.one("SELECT max(eid) FROM envelopes WHERE kind = 1")
        return 0 if row is None else int(row[0] or 0)

    def count(self, *states: State) -> int:
        """How many envelopes are in one of some states other than applied."""
        marks = ", ".join("?" for _ in states)
        row = self._db.one(
            f"SELECT count(*) FROM envelopes WHERE state <> 0 AND state IN ({marks})",  # noqa: S608
            states,
        )
        return 0 if row is None else int(row[0])

    def of_device(self, device: bytes) -> list[Kept]:
        """Every envelope of changes by a device that is decided: applied, set aside or refused."""
        rows = self._db.all(
            "SELECT e.eid, e.state, e.wire FROM envelopes e JOIN devices d USING (did)"
            " WHERE d.key = ? AND e.kind = 0 AND e.seq > 0 AND e.state IN (0, 2, 3) AND e.pushed <> 3"
            " ORDER BY e.eid",
            (device,),
        )
        return [Kept(int(eid), State(state), bytes(wire)) for eid, state, wire in rows]

    def link(self, hashed: bytes) -> tuple[bytes | None, int] | None:
        """(hash of its predecessor, sequence) of an envelope that is here."""
        row = self._db.one("SELECT prev, seq FROM envelopes WHERE hash = ?", (hashed,))
        return None if row is None else (None if row[0] is None else bytes(row[0]), int(row[1]))

    def own_head(self, device: bytes) -> Head | None:
        """The last envelope under this device's key."""
        row = self._db.one(
            "SELECT e.seq, e.hash FROM envelopes e JOIN devices d USING (did) WHERE d.key = ?"
            " ORDER BY e.seq DESC, e.hash DESC LIMIT 1",
            (device,),
        )
        return None if row is None else Head(device, int(row[0]), bytes(row[1]))

    def heads_to_tell(self, limit: int) -> list[Head]:
        """Heads of others that this device has not told yet."""
        rows = self._db.all(
            "SELECT d.key, h.seq, h.hash FROM heads h JOIN devices d USING (did) LEFT JOIN local_said s USING (did)"
            " WHERE d.key <> ? AND h.hash IS NOT s.hash ORDER BY d.key LIMIT ?",
            (self._core.device, limit),
        )
        return [Head(bytes(key), int(seq), bytes(hashed)) for key, seq, hashed in rows]

    def told(self, heads: list[Head]) -> None:
        """Remember which heads were told."""
        for head in heads:
            self._db.run(
                "INSERT OR REPLACE INTO local_said VALUES (?, ?, ?)",
                (self._core.numbers.device(head.device), head.seq, head.hash),
            )

    def all_heads(self) -> list[Head]:
        """The last envelope known of every device."""
        rows = self._db.all(
            "SELECT d.key, h.seq, h.hash FROM heads h JOIN devices d USING (did) ORDER BY d.key"
        )
        return [Head(bytes(key), int(seq), bytes(hashed)) for key, seq, hashed in rows]

    def open_to_push(self, max_count: int, max_bytes: int) -> list[tuple[bytes, bytes]]:
        """The first envelopes that the server does not have, in order, at least one if there is any.

        The founding stands before all: a server begins a project with nothing else, and who joined has had the
        join before it.
        """
        found: list[tuple[bytes, bytes]] = []
        room = max_bytes
        project = self._core.get_meta("project")
        founding = self._db.all("SELECT hash, wire FROM envelopes WHERE hash = ? AND pushed = 0", (project,))
        rows = self._db.connection.execute(
            "SELECT hash, wire FROM envelopes WHERE pushed = 0 AND hash IS NOT ? ORDER BY eid LIMIT ?",
            (project, max_count - len(founding)),
        )
        for hashed, wire in chain(founding, rows):
            room -= len(wire)
            if found and room < 0:
                break
            found.append((bytes(hashed), bytes(wire)))
        return found
