"""The relay's questions and changes about logs as statements of SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from sync.envelope import EnvelopeKind
from sync.server.sqlite_beside import SqliteBeside
from sync.server.storage import ProjectState, StoredEnvelope, Totals

_SELECT: Final = "SELECT version, running, hash, kind, wire FROM envelopes WHERE project = ? AND version > ?"
_STATE: Final = (
    "SELECT version, running, membership, created_ms, floor, bytes - dropped, chunk_bytes, bundle,"
    " bytes - bundle_bytes FROM projects WHERE project = ?"
)
_KNOWN_AT_ONCE: Final = 200
"""Envelopes that are asked for in one statement."""
_DROPPABLE: Final = (
    "SELECT version, received_ms, length(wire) FROM envelopes WHERE project = ? AND kind = 0"
    " AND version > (SELECT floor FROM projects WHERE project = ?) AND version <= ? ORDER BY version LIMIT ?"
)


class SqliteTransaction(SqliteBeside):
    """A view or a transaction on one connection."""

    def project(self, project: bytes) -> ProjectState | None:
        """Where the project's log ends."""
        row = self._db.execute(_STATE, (project,)).fetchone()
        return None if row is None else ProjectState(*row)

    def running(self, project: bytes, version: int) -> bytes | None:
        """The running hash at a version."""
        row = self._db.execute(
            "SELECT running FROM envelopes WHERE project = ? AND version = ?", (project, version)
        ).fetchone()
        return None if row is None else row[0]

    def known(self, project: bytes, hashes: Iterable[bytes]) -> dict[bytes, int]:
        """Which of these envelopes are stored."""
        found: dict[bytes, int] = {}
        wanted = list(hashes)
        for at in range(0, len(wanted), _KNOWN_AT_ONCE):
            batch = wanted[at : at + _KNOWN_AT_ONCE]
            marks = ", ".join("?" for _ in batch)
            rows = self._db.execute(
                f"SELECT hash, version FROM envelopes WHERE project = ? AND hash IN ({marks})",  # noqa: S608
                (project, *batch),
            )
            found.update(cast("Iterable[tuple[bytes, int]]", rows))
        return found

    def page(self, project: bytes, after: int, count: int, size: int) -> list[StoredEnvelope]:
        """Envelopes after a version."""
        envelopes: list[StoredEnvelope] = []
        total = 0
        rows = self._db.execute(f"{_SELECT} ORDER BY version LIMIT ?", (project, after, count))
        for row in rows:
            envelope = StoredEnvelope(*row)
            total += len(envelope.wire)
            if envelopes and total > size:
                break
            envelopes.append(envelope)
        return envelopes

    def membership(self, project: bytes, after: int) -> list[StoredEnvelope]:
        """All membership envelopes after a version."""
        rows = self._db.execute(f"{_SELECT} AND kind = 1 ORDER BY version", (project, after))
        return [StoredEnvelope(*row) for row in rows]

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """A recipient's grants, by their key."""
        rows = self._db.execute(
            "SELECT body FROM grants WHERE project = ? AND recipient = ? ORDER BY key", (project, recipient)
        )
        return [row[0] for row in rows]

    def count_grants(self, project: bytes) -> int:
        """How many grants the project has."""
        return int(self._db.execute("SELECT count(*) FROM grants WHERE project = ?", (project,)).get)

    def totals(self) -> Totals:
        """How much there is."""
        row = self._db.execute(
            "SELECT count(*), coalesce(sum(version), 0), coalesce(sum(bytes - dropped), 0),"
            " coalesce(sum(chunk_bytes), 0) FROM projects"
        ).get
        return Totals(*row)

    def projects_of(self, device: bytes) -> list[bytes]:
        """The projects that a device ever came into."""
        rows = self._db.execute("SELECT project FROM devices WHERE device = ? ORDER BY project", (device,))
        return [row[0] for row in rows]

    def projects(self, after: bytes, count: int) -> list[bytes]:
        """The first projects after an id."""
        rows = self._db.execute(
            "SELECT project FROM projects WHERE project > ? ORDER BY project LIMIT ?", (after, count)
        )
        return [row[0] for row in rows]

    def append(self, project: bytes, envelopes: Sequence[StoredEnvelope], now_ms: int) -> None:
        """Put envelopes at the end of a log."""
        if not envelopes:
            return
        self._db.executemany(
            "INSERT INTO envelopes (project, version, hash, running, kind, received_ms, wire)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(project, e.version, e.hash, e.running, e.kind, now_ms, e.wire) for e in envelopes],
        )
        last = envelopes[-1]
        membership = max((e.version for e in envelopes if e.kind == EnvelopeKind.MEMBERSHIP), default=0)
        size = sum(len(e.wire) for e in envelopes)
        self._db.execute(
            "INSERT INTO projects (project, version, running, membership, created_ms, bytes)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET version = excluded.version, running = excluded.running,"
            " membership = max(membership, excluded.membership), bytes = bytes + excluded.bytes",
            (project, last.version, last.running, membership, now_ms, size),
        )

    def add_devices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Note devices that came into a project."""
        self._db.executemany(
            "INSERT INTO devices VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(project, device) for device in devices],
        )

    def put_grants(self, project: bytes, grants: Mapping[bytes, tuple[bytes, bytes]]) -> None:
        """Keep grants."""
        self._db.executemany(
            "INSERT INTO grants VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
            [(project, recipient, key, body) for key, (recipient, body) in grants.items()],
        )

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove a recipient's grants."""
        self._db.execute("DELETE FROM grants WHERE project = ? AND recipient = ?", (project, recipient))

    def drop_log(self, project: bytes, upto: int, before_ms: int, count: int) -> int:
        """Give up the bytes of old changes."""
        rows: list[tuple[int, int, int]] = self._db.execute(
            _DROPPABLE, (project, project, upto, count)
        ).fetchall()  # type: ignore[assignment]
        versions: list[int] = []
        freed = 0
        for version, received_ms, size in rows:
            if received_ms >= before_ms:
                break
            versions.append(version)
            freed += size
        if versions:
            self._db.executemany(
                "UPDATE envelopes SET wire = x'' WHERE project = ? AND version = ?",
                [(project, version) for version in versions],
            )
            self._db.execute(
                "UPDATE projects SET floor = ?, dropped = dropped + ? WHERE project = ?",
                (versions[-1], freed, project),
            )
        return len(versions)
