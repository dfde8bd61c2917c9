"""What the tests of the server share: a PostgreSQL that runs as long as they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.postgres import Postgres, started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server, started for the first test that asks for it."""
    with started() as server:
        yield server
