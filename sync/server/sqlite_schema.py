"""The tables of the relay's storage in SQLite, as steps from one schema to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw


def _first_schema(db: apsw.Connection) -> None:
    """Schema 1."""
    db.execute(
        """
        CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE projects (
            project BLOB PRIMARY KEY, version INTEGER NOT NULL, running BLOB NOT NULL,
            membership INTEGER NOT NULL, created_ms INTEGER NOT NULL, bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE envelopes (
            project BLOB NOT NULL, version INTEGER NOT NULL, hash BLOB NOT NULL, running BLOB NOT NULL,
            kind INTEGER NOT NULL, received_ms INTEGER NOT NULL, wire BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX envelopes_by_version ON envelopes (project, version);
        CREATE UNIQUE INDEX envelopes_by_hash ON envelopes (project, hash);
        CREATE INDEX membership_by_version ON envelopes (project, version) WHERE kind = 1;
        CREATE TABLE devices (
            project BLOB NOT NULL, device BLOB NOT NULL, PRIMARY KEY (project, device)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX projects_by_device ON devices (device, project);
        CREATE TABLE grants (
            project BLOB NOT NULL, recipient BLOB NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (project, recipient, key)
        ) STRICT, WITHOUT ROWID;
        """
    )


def _second_schema(db: apsw.Connection) -> None:
    """Schema 2: chunks, bundles, notices, leases, and a floor of the log."""
    db.execute(
        """
        ALTER TABLE projects ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE projects ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE projects ADD COLUMN chunk_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE projects ADD COLUMN stamped_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE projects ADD COLUMN bundle BLOB;
        ALTER TABLE projects ADD COLUMN bundle_bytes INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX changes_by_version ON envelopes (project, version, received_ms) WHERE kind = 0;
        CREATE TABLE chunks (
            project BLOB NOT NULL, name BLOB NOT NULL, place TEXT NOT NULL, size INTEGER NOT NULL,
            purpose TEXT NOT NULL, uploaded_ms INTEGER NOT NULL, PRIMARY KEY (project, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE bundles (
            project BLOB NOT NULL, hash BLOB NOT NULL, version INTEGER NOT NULL, publisher BLOB NOT NULL,
            size INTEGER NOT NULL, received_ms INTEGER NOT NULL, wire BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX bundles_by_hash ON bundles (project, hash);
        CREATE TABLE confirmations (
            project BLOB NOT NULL, bundle BLOB NOT NULL, device BLOB NOT NULL,
            PRIMARY KEY (project, bundle, device)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE notices (
            project BLOB NOT NULL, kind TEXT NOT NULL, device BLOB NOT NULL, number INTEGER NOT NULL,
            received_ms INTEGER NOT NULL, size INTEGER NOT NULL, wire BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX notices_by_device ON notices (project, kind, device);
        CREATE INDEX notices_by_time ON notices (project, kind, received_ms);
        CREATE INDEX notices_by_size ON notices (project, size);
        CREATE TABLE leases (
            project BLOB PRIMARY KEY, device BLOB NOT NULL, ends_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    )


MIGRATIONS: Final[tuple[Callable[[apsw.Connection], None], ...]] = (_first_schema, _second_schema)
"""The step to schema 1, 2, ...; each runs in a transaction of its own, which records it."""
