"""The tables of the relay in PostgreSQL, step by step.

Every table but the two small ones about the database itself has the project's id as the first column of its
primary key and of every unique index; there are no sequences, no foreign keys and no triggers. So a database
that is distributed by Citus takes them as they are, once they are made and before there is data::

    SELECT create_distributed_table('projects', 'project');
    SELECT create_distributed_table('envelopes', 'project', colocate_with => 'projects');
    -- ... and so each other table of DISTRIBUTED
    SELECT create_reference_table('facts');
    SELECT create_reference_table('migrations');

Every statement that answers a request names one project, and so goes to one shard; only the question which
projects a device is in, and what the operator asks, go to all of them. The locks of projects that do not exist
yet are held where the server's processes connect to, so all of them connect to the same coordinator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import psycopg

from sync.errors import Damaged, NewerFormat
from sync.server.postgres_pool import Connection

APPLICATION: Final = b"sitebook server"
"""Stands among the facts of a database of ours."""
_MIGRATING: Final = 0x53_42_53_76
"""The advisory lock under which one process at a time brings the tables up to date."""


def _first_schema(db: Connection) -> None:
    """Schema 1."""
    db.execute(
        """
        CREATE TABLE projects (
            project bytea PRIMARY KEY, version bigint NOT NULL, running bytea NOT NULL,
            membership bigint NOT NULL, created_ms bigint NOT NULL, floor bigint NOT NULL DEFAULT 0,
            log_bytes bigint NOT NULL, chunk_bytes bigint NOT NULL DEFAULT 0,
            bundle bytea, since bigint NOT NULL, clock_ms bigint NOT NULL DEFAULT 0
        );
        CREATE TABLE envelopes (
            project bytea NOT NULL, version bigint NOT NULL, hash bytea NOT NULL, running bytea NOT NULL,
            kind bigint NOT NULL, received_ms bigint NOT NULL, size bigint NOT NULL, wire bytea NOT NULL,
            PRIMARY KEY (project, version)
        );
        CREATE UNIQUE INDEX envelopes_by_hash ON envelopes (project, hash);
        CREATE INDEX membership_by_version ON envelopes (project, version) WHERE kind = 1;
        -- Ciphertext does not become shorter.
        ALTER TABLE envelopes ALTER COLUMN wire SET STORAGE EXTERNAL;
        CREATE TABLE devices (project bytea NOT NULL, device bytea NOT NULL, PRIMARY KEY (project, device));
        CREATE INDEX projects_by_device ON devices (device, project);
        CREATE TABLE grants (
            project bytea NOT NULL, recipient bytea NOT NULL, key bytea NOT NULL, body bytea NOT NULL,
            PRIMARY KEY (project, recipient, key)
        );
        ALTER TABLE grants ALTER COLUMN body SET STORAGE EXTERNAL;
        CREATE TABLE chunks (
            project bytea NOT NULL, name bytea NOT NULL, place text NOT NULL, size bigint NOT NULL,
            purpose text NOT NULL, uploaded_ms bigint NOT NULL,
            PRIMARY KEY (project, name)
        );
        CREATE TABLE bundles (
            project bytea NOT NULL, hash bytea NOT NULL, version bigint NOT NULL, publisher bytea NOT NULL,
            size bigint NOT NULL, received_ms bigint NOT NULL, wire bytea NOT NULL,
            PRIMARY KEY (project, hash)
        );
        CREATE TABLE confirmations (
            project bytea NOT NULL, bundle bytea NOT NULL, device bytea NOT NULL,
            PRIMARY KEY (project, bundle, device)
        );
        CREATE TABLE notices (
            project bytea NOT NULL, kind text NOT NULL, device bytea NOT NULL, number bigint NOT NULL,
            received_ms bigint NOT NULL, wire bytea NOT NULL,
            PRIMARY KEY (project, kind, device)
        );
        CREATE INDEX notices_by_time ON notices (project, kind, received_ms);
        ALTER TABLE notices ALTER COLUMN wire SET STORAGE EXTERNAL;
        CREATE TABLE leases (project bytea PRIMARY KEY, device bytea NOT NULL, ends_ms bigint NOT NULL)
        """
    )


DISTRIBUTED: Final = (
    "projects",
    "envelopes",
    "devices",
    "grants",
    "chunks",
    "bundles",
    "confirmations",
    "notices",
    "leases",
)
"""The tables that begin with a project."""
MIGRATIONS: Final[tuple[Callable[[Connection], None], ...]] = (_first_schema,)
"""The step to schema 1, 2, ...; each runs in a transaction of its own, which records it."""


def migrate(db: Connection, place: str, now_ms: int) -> None:
    """Bring the tables up to date; several processes may do so at one time. ``db`` commits by itself.

    Raises:
        Damaged: the database holds something else. It is left as it is.
        NewerFormat: it was written by a newer version.
    """
    while True:
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            done = _schema_of(db, place)
            if done > len(MIGRATIONS):
                raise NewerFormat(
                    f"The data in {place} was written by a newer version of Sitebook; update the server."
                )
            if done == len(MIGRATIONS):
                return
            if done == 0:
                db.execute("CREATE TABLE facts (name text PRIMARY KEY, value bytea NOT NULL)")
                db.execute("CREATE TABLE migrations (number bigint PRIMARY KEY, at_ms bigint NOT NULL)")
                db.execute("INSERT INTO facts VALUES ('application', %s)", (APPLICATION,))
            MIGRATIONS[done](db)
            db.execute("INSERT INTO migrations VALUES (%s, %s)", (done + 1, now_ms))


def _schema_of(db: Connection, place: str) -> int:
    """The number of the last step that was done; 0 for a database with nothing in it."""
    tables = {
        str(name)
        for (name,) in db.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind <> 'i'"
        )
    }
    if not tables:
        return 0
    if {"facts", "migrations"} <= tables:
        try:
            marked = db.execute(
                "SELECT 1 FROM facts WHERE name = 'application' AND value = %s", (APPLICATION,)
            )
            if marked.fetchone() is not None:
                row = db.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
                return 0 if row is None else int(row[0])
        except psycopg.errors.UndefinedColumn:
            # Somebody else's tables of these names.
            pass
    raise Damaged(f"{place} holds something other than the data of a Sitebook server; give an empty one.")
