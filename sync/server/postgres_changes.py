"""The relay's changes as statements of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sync.envelope import EnvelopeKind
from sync.server.postgres_pool import Connection
from sync.server.postgres_rows import RETURNING_STATE, STATE, PostgresReading
from sync.server.storage import (
    Lease,
    ProjectState,
    StoredBundle,
    StoredChunk,
    StoredEnvelope,
    StoredNotice,
)

_LOCK: Final = f"{STATE} FOR UPDATE"
_DROPPED: Final = """
    WITH next AS (
        SELECT version, received_ms, octet_length(wire) AS size FROM envelopes
        WHERE project = %s AND kind = 0 AND version > %s AND version <= %s ORDER BY version LIMIT %s
    )
    SELECT count(*), max(version), coalesce(sum(size), 0)::bigint FROM next
    WHERE NOT EXISTS (
        SELECT 1 FROM next AS fresh WHERE fresh.received_ms >= %s AND fresh.version <= next.version
    )
"""


class PostgresTransaction(PostgresReading):
    """A transaction on one connection that changes one project, which is locked."""

    def __init__(self, db: Connection) -> None:
        super().__init__(db)
        self._locked: bytes | None = None
        self._state: ProjectState | None = None
        """Of the locked project, which nobody else can change."""

    def lock(self, project: bytes) -> None:
        """Wait until no one else changes a project."""
        self._state = self._ask_state(_LOCK, (project,))
        if self._state is None:
            # There is no row to lock. Who begins the same project waits here, and finds its row after that.
            self._rows("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(project[:8], signed=True),))
            self._state = self._ask_state(_LOCK, (project,))
        self._locked = project

    def project(self, project: bytes) -> ProjectState | None:
        """Where the project's log ends."""
        return self._state if project == self._locked else super().project(project)

    def _set(self, project: bytes, statement: str, values: Sequence[Any]) -> None:
        """Change the row of a project."""
        state = self._ask_state(f"{statement}{RETURNING_STATE}", values)
        if project == self._locked:
            self._state = state

    def append(self, project: bytes, envelopes: Sequence[StoredEnvelope], now_ms: int) -> None:
        """Put envelopes at the end of a log."""
        if not envelopes:
            return
        self._db.execute(
            "INSERT INTO envelopes (project, version, hash, running, kind, received_ms, size, wire)"
            " SELECT %s, version, hash, running, kind, %s, octet_length(wire), wire"
            " FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bigint[], %s::bytea[])"
            " AS new (version, hash, running, kind, wire)",
            (
                project,
                now_ms,
                [e.version for e in envelopes],
                [e.hash for e in envelopes],
                [e.running for e in envelopes],
                [e.kind for e in envelopes],
                [e.wire for e in envelopes],
            ),
        )
        last = envelopes[-1]
        membership = max((e.version for e in envelopes if e.kind == EnvelopeKind.MEMBERSHIP), default=0)
        size = sum(len(e.wire) for e in envelopes)
        self._set(
            project,
            "INSERT INTO projects AS held (project, version, running, membership, created_ms, log_bytes, since)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (project) DO UPDATE SET version = excluded.version, running = excluded.running,"
            " membership = greatest(held.membership, excluded.membership),"
            " log_bytes = held.log_bytes + excluded.log_bytes, since = held.since + excluded.since",
            (project, last.version, last.running, membership, now_ms, size, size),
        )

    def add_devices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Note devices that came into a project."""
        self._db.execute(
            "INSERT INTO devices SELECT %s, device FROM unnest(%s::bytea[]) AS new (device) ON CONFLICT DO NOTHING",
            (project, list(devices)),
        )

    def put_grants(self, project: bytes, grants: Mapping[bytes, tuple[bytes, bytes]]) -> None:
        """Keep grants."""
        self._db.execute(
            "INSERT INTO grants (project, recipient, key, body) SELECT %s, recipient, key, body"
            " FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[]) AS new (recipient, key, body)"
            " ON CONFLICT (project, recipient, key) DO UPDATE SET body = excluded.body",
            (
                project,
                [recipient for recipient, _ in grants.values()],
                list(grants),
                [body for _, body in grants.values()],
            ),
        )

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove a recipient's grants."""
        self._db.execute("DELETE FROM grants WHERE project = %s AND recipient = %s", (project, recipient))

    def stamp(self, project: bytes, now_ms: int) -> int:
        """Move the project's own clock on, and give what it shows then."""
        return self._count(
            "UPDATE projects SET clock_ms = greatest(%s, clock_ms + 1) WHERE project = %s RETURNING clock_ms",
            (now_ms, project),
        )

    def put_chunk(self, project: bytes, chunk: StoredChunk) -> None:
        """Note a chunk, and count its bytes."""
        self._db.execute(
            "INSERT INTO chunks (project, name, place, size, purpose, uploaded_ms)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (project, chunk.name, chunk.place, chunk.size, chunk.purpose, chunk.uploaded_ms),
        )
        self._set(
            project,
            "UPDATE projects SET chunk_bytes = chunk_bytes + %s WHERE project = %s",
            (chunk.size, project),
        )

    def touch_chunks(self, project: bytes, names: Iterable[bytes], uploaded_ms: int) -> set[bytes]:
        """Give chunks a new time; which of them were here."""
        asked = list(names)
        if not asked:
            return set()
        rows = self._rows(
            "UPDATE chunks SET uploaded_ms = %s WHERE project = %s AND name = ANY(%s) RETURNING name",
            (uploaded_ms, project, asked),
        )
        return {row[0] for row in rows}

    def delete_chunks(self, project: bytes, names: Iterable[bytes], before_ms: int) -> list[StoredChunk]:
        """Forget chunks that are still as old as that, and count their bytes off."""
        asked = list(names)
        if not asked:
            return []
        rows = self._rows(
            "DELETE FROM chunks WHERE project = %s AND name = ANY(%s) AND uploaded_ms < %s"
            " RETURNING name, place, size, purpose, uploaded_ms",
            (project, asked, before_ms),
        )
        gone = sorted((StoredChunk(*row) for row in rows), key=lambda chunk: chunk.name)
        if gone:
            self._set(
                project,
                "UPDATE projects SET chunk_bytes = chunk_bytes - %s WHERE project = %s",
                (sum(chunk.size for chunk in gone), project),
            )
        return gone

    def put_bundle(self, project: bytes, bundle: StoredBundle) -> None:
        """Keep a bundle, which is the newest from now on."""
        self._db.execute(
            "INSERT INTO bundles (project, hash, version, publisher, size, received_ms, wire)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                *(project, bundle.hash, bundle.version, bundle.publisher),
                *(bundle.size, bundle.received_ms, bundle.wire),
            ),
        )
        self._set(
            project,
            "UPDATE projects SET bundle = %s, since = ("
            "SELECT coalesce(sum(size), 0) FROM envelopes WHERE project = %s AND version > %s"
            ") WHERE project = %s",
            (bundle.hash, project, bundle.version, project),
        )

    def delete_bundles(self, project: bytes, hashes: Iterable[bytes]) -> None:
        """Forget bundles, and who confirmed them; never the newest."""
        state = self.project(project)
        gone = [each for each in hashes if state is None or each != state.bundle]
        self._db.execute(
            "DELETE FROM bundles WHERE project = %s AND hash = ANY(%s::bytea[])", (project, gone)
        )
        self._db.execute(
            "DELETE FROM confirmations WHERE project = %s AND bundle = ANY(%s::bytea[])", (project, gone)
        )

    def confirm(self, project: bytes, bundle: bytes, device: bytes) -> None:
        """Note that a device confirmed a bundle."""
        self._db.execute(
            "INSERT INTO confirmations VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (project, bundle, device)
        )

    def put_notice(self, project: bytes, notice: StoredNotice) -> None:
        """Keep a notice in place of the device's last one of this kind."""
        self._db.execute(
            "INSERT INTO notices (project, kind, device, number, received_ms, wire)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (project, kind, device) DO UPDATE SET number = excluded.number,"
            " received_ms = excluded.received_ms, wire = excluded.wire",
            (project, notice.kind, notice.device, notice.number, notice.received_ms, notice.wire),
        )

    def delete_notices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Remove all notices of devices."""
        self._db.execute(
            "DELETE FROM notices WHERE project = %s AND device = ANY(%s::bytea[])", (project, list(devices))
        )

    def set_lease(self, project: bytes, lease: Lease | None) -> None:
        """Keep the project's one lease, or none."""
        if lease is None:
            self._db.execute("DELETE FROM leases WHERE project = %s", (project,))
            return
        self._db.execute(
            "INSERT INTO leases (project, device, ends_ms) VALUES (%s, %s, %s)"
            " ON CONFLICT (project) DO UPDATE SET device = excluded.device, ends_ms = excluded.ends_ms",
            (project, lease.device, lease.ends_ms),
        )

    def drop_log(self, project: bytes, upto: int, before_ms: int, count: int) -> int:
        """Give up the bytes of old changes up to a version."""
        state = self.project(project)
        if state is None:
            return 0
        row = self._one(_DROPPED, (project, state.floor, upto, count, before_ms))
        if row is None or not row[0]:
            return 0
        dropped, floor, size = row
        self._db.execute(
            "UPDATE envelopes SET wire = ''"
            " WHERE project = %s AND kind = 0 AND version > %s AND version <= %s",
            (project, state.floor, floor),
        )
        self._set(
            project,
            "UPDATE projects SET floor = %s, log_bytes = log_bytes - %s WHERE project = %s",
            (floor, size, project),
        )
        return int(dropped)
