"""Files of every schema that was ever released open, with all that is in them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sync.cookie import Cookie
from sync.envelope import parse
from sync.server.relay import Relay
from sync.server.sqlite import MIGRATIONS, SqliteStorage
from sync.transport.base import Outcome
from tests.server.make_fixture import FOLDER
from tests.server.people import found, recovery
from tests.server.support import FakeClock, Seeded


@pytest.mark.parametrize("schema", range(1, len(MIGRATIONS) + 1))
def test_an_old_file_opens_with_all_that_is_in_it(schema: int, tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    path.write_bytes(gzip.decompress((FOLDER / f"relay-{schema}.db.gz").read_bytes()))
    clock = FakeClock()
    storage = SqliteStorage(path, clock, Seeded(9))
    assert storage.generation == Seeded(7)(16)
    relay = Relay(storage, clock)
    founder, founding = found(1)
    page = relay.pull(founder.project, None, by=founder.device)
    assert page.wires[0] == founding
    cookie = Cookie.start(storage.generation)
    for wire in page.wires:
        cookie = cookie.advance(parse(wire).hash)
    assert (cookie, len(page.wires)) == (page.cookie, 5)
    assert relay.projects(by=recovery(1).sign_public) == [founder.project]
    with storage.read() as view:
        assert view.count_grants(founder.project) == 1
        state = view.project(founder.project)
        assert state is not None
        assert state.log_bytes == sum(map(len, page.wires))
        assert state.since == (state.log_bytes if schema == 1 else 0)
        assert [len(each) for each in view.confirmations(founder.project).values()] == [1] * (schema - 1)
        assert (view.lease(founder.project) is None) == (schema == 1)
    assert [each.confirmations for each in relay.bundles(founder.project, by=founder.device)] == [1] * (
        schema - 1
    )
    ack = relay.push(founder.project, [founder.write()], by=founder.device)[0]
    assert (ack.outcome, ack.version) == (Outcome.ACCEPTED, 6)
    storage.close()
