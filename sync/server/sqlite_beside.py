"""The relay's questions and changes about what lies beside logs, as statements of SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import apsw

from sync.server.storage import Lease, StoredBundle, StoredChunk, StoredNotice

_CHUNK: Final = "SELECT name, place, size, purpose, uploaded_ms FROM chunks WHERE project = ?"
_NOTICE: Final = "SELECT kind, device, number, received_ms, wire FROM notices WHERE project = ? AND kind = ?"


class SqliteBeside:
    """Chunks, bundles, notices and leases on one connection."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def chunks(self, project: bytes, names: Iterable[bytes]) -> dict[bytes, StoredChunk]:
        """Those of these chunks that are here."""
        found: dict[bytes, StoredChunk] = {}
        for name in names:
            row = self._db.execute(f"{_CHUNK} AND name = ?", (project, name)).fetchone()
            if row is not None:
                found[name] = StoredChunk(*row)
        return found

    def old_chunks(self, project: bytes, before_ms: int, after: bytes, count: int) -> list[StoredChunk]:
        """Chunks from before a moment, in pages."""
        rows = self._db.execute(
            f"{_CHUNK} AND name > ? AND uploaded_ms < ? ORDER BY name LIMIT ?",
            (project, after, before_ms, count),
        )
        return [StoredChunk(*row) for row in rows]

    def bundles(self, project: bytes) -> list[StoredBundle]:
        """All bundles, the newest first."""
        rows = self._db.execute(
            "SELECT hash, version, publisher, size, received_ms, wire FROM bundles WHERE project = ?"
            " ORDER BY version DESC, received_ms DESC",
            (project,),
        )
        return [StoredBundle(*row) for row in rows]

    def confirmations(self, project: bytes) -> dict[bytes, set[bytes]]:
        """Who confirmed which bundle."""
        found: dict[bytes, set[bytes]] = {}
        rows = self._db.execute("SELECT bundle, device FROM confirmations WHERE project = ?", (project,))
        for bundle, device in rows:
            found.setdefault(bundle, set()).add(device)
        return found

    def notice(self, project: bytes, kind: str, device: bytes) -> StoredNotice | None:
        """One device's notice."""
        row = self._db.execute(f"{_NOTICE} AND device = ?", (project, kind, device)).fetchone()
        return None if row is None else StoredNotice(*row)

    def notices(self, project: bytes, kind: str, after_ms: int, size: int) -> list[StoredNotice]:
        """Notices after a moment."""
        found: list[StoredNotice] = []
        total = 0
        rows = self._db.execute(
            f"{_NOTICE} AND received_ms > ? ORDER BY received_ms", (project, kind, after_ms)
        )
        for row in rows:
            notice = StoredNotice(*row)
            total += len(notice.wire)
            if found and total > size:
                break
            found.append(notice)
        return found

    def notice_bytes(self, project: bytes) -> int:
        """Bytes of all notices."""
        return int(
            self._db.execute("SELECT coalesce(sum(size), 0) FROM notices WHERE project = ?", (project,)).get
        )

    def lease(self, project: bytes) -> Lease | None:
        """The last lease."""
        row = self._db.execute("SELECT device, ends_ms FROM leases WHERE project = ?", (project,)).fetchone()
        return None if row is None else Lease(*row)

    def stamp(self, project: bytes, now_ms: int) -> int:
        """Move the project's clock on."""
        return int(
            self._db.execute(
                "UPDATE projects SET stamped_ms = max(stamped_ms + 1, ?) WHERE project = ? RETURNING stamped_ms",
                (now_ms, project),
            ).get
        )

    def put_chunk(self, project: bytes, chunk: StoredChunk) -> None:
        """Note a chunk."""
        self._db.execute(
            "INSERT INTO chunks (project, name, place, size, purpose, uploaded_ms) VALUES (?, ?, ?, ?, ?, ?)",
            (project, chunk.name, chunk.place, chunk.size, chunk.purpose, chunk.uploaded_ms),
        )
        self._count_chunk_bytes(project, chunk.size)

    def touch_chunks(self, project: bytes, names: Iterable[bytes], uploaded_ms: int) -> set[bytes]:
        """Give chunks a new time."""
        touched: set[bytes] = set()
        for name in names:
            self._db.execute(
                "UPDATE chunks SET uploaded_ms = ? WHERE project = ? AND name = ?",
                (uploaded_ms, project, name),
            )
            if self._db.changes():
                touched.add(name)
        return touched

    def delete_chunks(self, project: bytes, names: Iterable[bytes], before_ms: int) -> list[StoredChunk]:
        """Forget chunks from before a moment."""
        gone: list[StoredChunk] = []
        for name in names:
            row = self._db.execute(
                "DELETE FROM chunks WHERE project = ? AND name = ? AND uploaded_ms < ?"
                " RETURNING name, place, size, purpose, uploaded_ms",
                (project, name, before_ms),
            ).fetchone()
            if row is not None:
                gone.append(StoredChunk(*row))
        if gone:
            self._count_chunk_bytes(project, -sum(chunk.size for chunk in gone))
        return gone

    def put_bundle(self, project: bytes, bundle: StoredBundle) -> None:
        """Keep a bundle, the newest."""
        self._db.execute(
            "INSERT INTO bundles (project, hash, version, publisher, size, received_ms, wire)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                project,
                bundle.hash,
                bundle.version,
                bundle.publisher,
                bundle.size,
                bundle.received_ms,
                bundle.wire,
            ),
        )
        # Only what a bundle covered was given up, and none goes less far than the one before: the bytes of all
        # that stands after this one are here to be counted.
        self._db.execute(
            "UPDATE projects SET bundle = ?1, bundle_bytes = bytes - (SELECT coalesce(sum(length(wire)), 0)"
            " FROM envelopes WHERE project = ?2 AND version > ?3) WHERE project = ?2",
            (bundle.hash, project, bundle.version),
        )

    def delete_bundles(self, project: bytes, hashes: Iterable[bytes]) -> None:
        """Forget bundles and their confirmations."""
        for name in hashes:
            self._db.execute("DELETE FROM bundles WHERE project = ? AND hash = ?", (project, name))
            self._db.execute("DELETE FROM confirmations WHERE project = ? AND bundle = ?", (project, name))

    def confirm(self, project: bytes, bundle: bytes, device: bytes) -> None:
        """Note a confirmation."""
        self._db.execute(
            "INSERT INTO confirmations VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (project, bundle, device)
        )

    def put_notice(self, project: bytes, notice: StoredNotice) -> None:
        """Keep a notice in place of the last one."""
        self._db.execute(
            "INSERT INTO notices (project, kind, device, number, received_ms, size, wire)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number,"
            " received_ms = excluded.received_ms, size = excluded.size, wire = excluded.wire",
            (
                project,
                notice.kind,
                notice.device,
                notice.number,
                notice.received_ms,
                len(notice.wire),
                notice.wire,
            ),
        )

    def delete_notices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Remove all notices of devices."""
        gone = set(devices)
        rows = self._db.execute("SELECT rowid, device FROM notices WHERE project = ?", (project,)).fetchall()
        self._db.executemany(
            "DELETE FROM notices WHERE rowid = ?", [(row,) for row, device in rows if device in gone]
        )

    def set_lease(self, project: bytes, lease: Lease | None) -> None:
        """Keep the one lease, or none."""
        if lease is None:
            self._db.execute("DELETE FROM leases WHERE project = ?", (project,))
            return
        self._db.execute(
            "INSERT INTO leases VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET device = excluded.device, ends_ms = excluded.ends_ms",
            (project, lease.device, lease.ends_ms),
        )

    def _count_chunk_bytes(self, project: bytes, more: int) -> None:
        self._db.execute(
            "UPDATE projects SET chunk_bytes = chunk_bytes + ? WHERE project = ?", (more, project)
        )
