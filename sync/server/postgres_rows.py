"""The relay's questions and changes as statements of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sync.envelope import EnvelopeKind
from sync.server.postgres_pool import Connection
from sync.server.storage import ProjectState, StoredEnvelope, Totals

_STATE: Final = "SELECT version, running, membership, created_ms FROM projects WHERE project = %s"
_SELECT: Final = (
    "SELECT version, running, hash, kind, wire FROM envelopes WHERE project = %s AND version > %s"
)
_PAGE: Final = """
    SELECT version, running, hash, kind, wire FROM (
        SELECT version, running, hash, kind, wire,
            sum(octet_length(wire)) OVER part AS total, row_number() OVER part AS place
        FROM (
            SELECT version, running, hash, kind, wire FROM envelopes
            WHERE project = %s AND version > %s ORDER BY version LIMIT %s
        ) AS next
        WINDOW part AS (ORDER BY version)
    ) AS counted WHERE place = 1 OR total <= %s ORDER BY version
"""


class PostgresTransaction:
    """A view or a transaction on one connection."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._locked: bytes | None = None
        self._state: ProjectState | None = None
        """Of the locked project, which nobody else can change."""

    def lock(self, project: bytes) -> None:
        """Wait until no one else changes a project."""
        self._state = self._ask_state(project, " FOR UPDATE")
        if self._state is None:
            # There is no row to lock. Who begins the same project waits here, and finds its row after that.
            self._rows("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(project[:8], signed=True),))
            self._state = self._ask_state(project, " FOR UPDATE")
        self._locked = project

    def project(self, project: bytes) -> ProjectState | None:
        """Where the project's log ends."""
        return self._state if project == self._locked else self._ask_state(project)

    def _ask_state(self, project: bytes, more: str = "") -> ProjectState | None:
        row = self._one(_STATE + more, (project,))
        return None if row is None else ProjectState(*row)

    def running(self, project: bytes, version: int) -> bytes | None:
        """The running hash at a version."""
        row = self._one(
            "SELECT running FROM envelopes WHERE project = %s AND version = %s", (project, version)
        )
        return None if row is None else row[0]

    def known(self, project: bytes, hashes: Iterable[bytes]) -> dict[bytes, int]:
        """Which of these envelopes are stored."""
        asked = list(hashes)
        if not asked:
            return {}
        return dict(
            self._rows(
                "SELECT hash, version FROM envelopes WHERE project = %s AND hash = ANY(%s)", (project, asked)
            )
        )

    def page(self, project: bytes, after: int, count: int, size: int) -> list[StoredEnvelope]:
        """Envelopes after a version."""
        rows = self._rows(_PAGE, (project, after, count, size))
        return [StoredEnvelope(*row) for row in rows]

    def membership(self, project: bytes, after: int) -> list[StoredEnvelope]:
        """All membership envelopes after a version."""
        return [
            StoredEnvelope(*row)
            for row in self._rows(f"{_SELECT} AND kind = 1 ORDER BY version", (project, after))
        ]

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """A recipient's grants, by their key."""
        rows = self._rows(
            "SELECT body FROM grants WHERE project = %s AND recipient = %s ORDER BY key", (project, recipient)
        )
        return [row[0] for row in rows]

    def count_grants(self, project: bytes) -> int:
        """How many grants the project has."""
        return self._count("SELECT count(*) FROM grants WHERE project = %s", (project,))

    def totals(self) -> Totals:
        """How much there is."""
        rows = self._rows(
            "SELECT count(*), coalesce(sum(version), 0)::bigint, coalesce(sum(bytes), 0)::bigint FROM projects",
            (),
        )
        return Totals(*rows[0])

    def projects_of(self, device: bytes) -> list[bytes]:
        """The projects that a device ever came into."""
        rows = self._rows("SELECT project FROM devices WHERE device = %s ORDER BY project", (device,))
        return [row[0] for row in rows]

    def append(self, project: bytes, envelopes: Sequence[StoredEnvelope], now_ms: int) -> None:
        """Put envelopes at the end of a log."""
        if not envelopes:
            return
        self._db.execute(
            "INSERT INTO envelopes (project, version, hash, running, kind, received_ms, wire)"
            " SELECT %s, version, hash, running, kind, %s, wire"
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
        row = self._one(
            "INSERT INTO projects AS held (project, version, running, membership, created_ms, bytes)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (project) DO UPDATE SET version = excluded.version, running = excluded.running,"
            " membership = greatest(held.membership, excluded.membership),"
            " bytes = held.bytes + excluded.bytes"
            " RETURNING version, running, membership, created_ms",
            (project, last.version, last.running, membership, now_ms, sum(len(e.wire) for e in envelopes)),
        )
        if project == self._locked and row is not None:
            self._state = ProjectState(*row)

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

    def _rows(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._db.cursor(binary=True) as cursor:
            return cursor.execute(statement.encode(), values).fetchall()

    def _one(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        with self._db.cursor(binary=True) as cursor:
            return cursor.execute(statement.encode(), values).fetchone()

    def _count(self, statement: str, values: Sequence[Any]) -> int:
        row = self._one(statement, values)
        assert row is not None
        return int(row[0])
