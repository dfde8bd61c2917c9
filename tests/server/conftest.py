"""What the tests of the server share: a PostgreSQL that runs as long as they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql

from sync.server.postgres import PostgresStorage
from tests.server.postgres import Postgres, started
from tests.server.support import FakeClock, Seeded


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server, started for the first test that asks for it."""
    with started() as server:
        yield server


@pytest.fixture(scope="session")
def kept_storage(postgres: Postgres) -> Iterator[PostgresStorage]:
    """A storage in a database that many tests use, one after the other."""
    with postgres.database() as dsn:
        made = PostgresStorage(dsn, FakeClock(), Seeded(7), connections=20)
        yield made
        made.close()


@pytest.fixture
def postgres_storage(kept_storage: PostgresStorage) -> PostgresStorage:
    """A storage in PostgreSQL with nothing in it."""
    with kept_storage.connect() as db:
        rows = db.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = [sql.Identifier(name) for (name,) in rows if name not in ("facts", "migrations")]
        db.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))
    return kept_storage


@pytest.fixture(scope="module")
def module_storage(postgres: Postgres) -> Iterator[PostgresStorage]:
    """A storage in a database that one module uses for all its tests."""
    with postgres.database() as dsn:
        made = PostgresStorage(dsn, FakeClock(), Seeded(7))
        yield made
        made.close()
