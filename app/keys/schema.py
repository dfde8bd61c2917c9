"""The vault's tables, as numbered migrations."""

from __future__ import annotations

from collections.abc import Sequence

_FIRST = """
CREATE TABLE vault (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    vault_id BLOB NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    recovery_device BLOB NOT NULL DEFAULT x'',
    recovery_kem BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE TABLE project (
    project BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    server TEXT NOT NULL,
    file_key BLOB NOT NULL,
    sign_seed BLOB NOT NULL,
    kem_private BLOB NOT NULL,
    member BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    recovery_device BLOB NOT NULL
) STRICT;
CREATE TABLE epoch_key (
    project BLOB NOT NULL REFERENCES project ON DELETE CASCADE,
    position INTEGER NOT NULL,
    compartment INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (project, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
"""

_CERTIFICATE = """
ALTER TABLE project ADD COLUMN certificate BLOB NOT NULL DEFAULT x'';
"""

MIGRATIONS: Sequence[str] = (_FIRST, _CERTIFICATE)
"""Number n (from 1) is the script that leads from schema n-1 to n. What was released is never changed."""
