"""The relay's questions as statements of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sync.server.postgres_pool import Connection
from sync.server.storage import (
    Lease,
    ProjectState,
    StoredBundle,
    StoredChunk,
    StoredEnvelope,
    StoredNotice,
    Totals,
)

STATE: Final = """
    SELECT version, running, membership, created_ms, floor, log_bytes, chunk_bytes, bundle, since
    FROM projects WHERE project = %s
"""
RETURNING_STATE: Final = (
    " RETURNING version, running, membership, created_ms, floor, log_bytes, chunk_bytes, bundle, since"
)
_CHUNKS: Final = "SELECT name, place, size, purpose, uploaded_ms FROM chunks WHERE project = %s"
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
_NOTICES: Final = """
    SELECT kind, device, number, received_ms, wire FROM (
        SELECT kind, device, number, received_ms, wire,
            sum(octet_length(wire)) OVER part AS total, row_number() OVER part AS place
        FROM notices WHERE project = %s AND kind = %s AND received_ms > %s
        WINDOW part AS (ORDER BY received_ms)
    ) AS counted WHERE place = 1 OR total <= %s ORDER BY received_ms
"""


class PostgresReading:
    """A view on one connection."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def project(self, project: bytes) -> ProjectState | None:
        """Where the project's log ends."""
        return self._ask_state(STATE, (project,))

    def _ask_state(self, statement: str, values: Sequence[Any]) -> ProjectState | None:
        row = self._one(statement, values)
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

    def projects_of(self, device: bytes) -> list[bytes]:
        """The projects that a device ever came into."""
        rows = self._rows("SELECT project FROM devices WHERE device = %s ORDER BY project", (device,))
        return [row[0] for row in rows]

    def totals(self) -> Totals:
        """How much there is."""
        row = self._one(
            "SELECT count(*), coalesce(sum(version), 0)::bigint, coalesce(sum(log_bytes), 0)::bigint,"
            " coalesce(sum(chunk_bytes), 0)::bigint FROM projects",
            (),
        )
        return Totals() if row is None else Totals(*row)

    def projects(self, after: bytes, count: int) -> list[bytes]:
        """The first projects after an id."""
        rows = self._rows(
            "SELECT project FROM projects WHERE project > %s ORDER BY project LIMIT %s", (after, count)
        )
        return [row[0] for row in rows]

    def chunks(self, project: bytes, names: Iterable[bytes]) -> dict[bytes, StoredChunk]:
        """Those of these chunks that are here."""
        asked = list(names)
        if not asked:
            return {}
        rows = self._rows(f"{_CHUNKS} AND name = ANY(%s)", (project, asked))
        return {row[0]: StoredChunk(*row) for row in rows}

    def old_chunks(self, project: bytes, before_ms: int, after: bytes, count: int) -> list[StoredChunk]:
        """Chunks that were not left or asked for since a moment."""
        rows = self._rows(
            f"{_CHUNKS} AND uploaded_ms < %s AND name > %s ORDER BY name LIMIT %s",
            (project, before_ms, after, count),
        )
        return [StoredChunk(*row) for row in rows]

    def bundles(self, project: bytes) -> list[StoredBundle]:
        """All bundles, the highest and latest first."""
        rows = self._rows(
            "SELECT hash, version, publisher, size, received_ms, wire FROM bundles WHERE project = %s"
            " ORDER BY version DESC, received_ms DESC, hash",
            (project,),
        )
        return [StoredBundle(*row) for row in rows]

    def confirmations(self, project: bytes) -> dict[bytes, set[bytes]]:
        """Who ever confirmed which bundle."""
        found: dict[bytes, set[bytes]] = {}
        for bundle, device in self._rows(
            "SELECT bundle, device FROM confirmations WHERE project = %s", (project,)
        ):
            found.setdefault(bundle, set()).add(device)
        return found

    def notice(self, project: bytes, kind: str, device: bytes) -> StoredNotice | None:
        """One device's."""
        if "\0" in kind:
            return None
        row = self._one(
            "SELECT kind, device, number, received_ms, wire FROM notices"
            " WHERE project = %s AND kind = %s AND device = %s",
            (project, kind, device),
        )
        return None if row is None else StoredNotice(*row)

    def notices(self, project: bytes, kind: str, after_ms: int, size: int) -> list[StoredNotice]:
        """Those of a kind that came after a moment, in their order."""
        if "\0" in kind:
            # Texts of PostgreSQL have none.
            return []
        rows = self._rows(_NOTICES, (project, kind, after_ms, size))
        return [StoredNotice(*row) for row in rows]

    def notice_bytes(self, project: bytes) -> int:
        """Bytes of all notices."""
        return self._count(
            "SELECT coalesce(sum(octet_length(wire)), 0)::bigint FROM notices WHERE project = %s", (project,)
        )

    def lease(self, project: bytes) -> Lease | None:
        """The last lease that was not given back."""
        row = self._one("SELECT device, ends_ms FROM leases WHERE project = %s", (project,))
        return None if row is None else Lease(*row)

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
