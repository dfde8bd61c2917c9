"""Several processes of one server over one PostgreSQL: wake-ups, presence, and what happens when it is away."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sync.envelope import parse
from sync.errors import Unreachable
from sync.membership_actions import Role
from sync.server.hub import Hub, Listener
from sync.server.postgres import PostgresStorage
from sync.server.postgres_bus import MAX_PAYLOAD, PostgresBus
from sync.transport.base import MAX_PRESENCE_BYTES, Outcome
from sync.transport.http import HttpTransport
from tests.server.people import Person, found, join
from tests.server.postgres import Postgres
from tests.server.process import ServerProcess
from tests.server.streaming import Stream
from tests.server.support import FakeClock, Seeded
from tests.server.test_events import revoked

P = b"p" * 32


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as made:
        yield made


@pytest.fixture
def storage(dsn: str) -> Iterator[PostgresStorage]:
    made = PostgresStorage(dsn, FakeClock(), Seeded(1))
    yield made
    made.close()


def events(frames: bytes) -> list[tuple[str, dict[str, object]]]:
    blocks = [block.split("\n") for block in frames.decode().split("\n\n")[:-1]]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


async def heard(listener: Listener) -> list[tuple[str, dict[str, object]]]:
    """The next that a listener gets."""
    async with asyncio.timeout(10):
        await listener.woken.wait()
    listener.doubtful.clear()
    return events(listener.take())


def between(
    storage: PostgresStorage, work: Callable[[Hub, Hub, Listener, Listener], Awaitable[None]]
) -> None:
    """Two processes' hubs, with a listener each."""

    async def main() -> None:
        hubs = [Hub(streams=10, per_key=4), Hub(streams=10, per_key=4)]
        listeners: list[Listener] = []
        buses = [PostgresBus(storage, hub, Seeded(seed)) for seed, hub in enumerate(hubs)]
        for number, hub in enumerate(hubs):
            assert await asyncio.to_thread(buses[number].listening.wait, 10)
            listener = hub.listen(bytes([number]), [P])
            assert listener is not None
            hub.look_everywhere()
            assert await heard(listener) == [("changed", {"project": P.hex(), "version": 0})]
            listeners.append(listener)
        try:
            await work(hubs[0], hubs[1], listeners[0], listeners[1])
        finally:
            for bus in buses:
                bus.close()

    asyncio.run(main())


def test_what_one_process_says_the_other_hears_and_itself_once(storage: PostgresStorage) -> None:
    async def work(first: Hub, second: Hub, own: Listener, theirs: Listener) -> None:
        first.changed(P, 7, 3)
        assert await heard(theirs) == [("changed", {"project": P.hex(), "version": 7})]
        assert await heard(own) == [("changed", {"project": P.hex(), "version": 7})]
        wire = bytes(range(256)) * (MAX_PRESENCE_BYTES // 256)
        second.presence(P, wire, theirs.key)
        text = base64.b64encode(wire).decode()
        assert await heard(own) == [("presence", {"project": P.hex(), "wire": text})]
        # Not to the sender's own streams, wherever they are.
        first.presence(P, b"x", b"\x01")
        first.mark(P, "notice", "held")
        assert await heard(theirs) == [("notice", {"project": P.hex(), "kind": "held"})]
        first.mark(P, "bundle")
        assert await heard(theirs) == [("bundle", {"project": P.hex()})]

    between(storage, work)


def test_the_membership_of_a_change_elsewhere_makes_doubtful(storage: PostgresStorage) -> None:
    async def work(first: Hub, second: Hub, own: Listener, theirs: Listener) -> None:
        theirs.checked[P] = 3
        first.changed(P, 7, 3)
        async with asyncio.timeout(10):
            await theirs.woken.wait()
        assert theirs.doubtful == set()
        theirs.take()
        first.changed(P, 8, 8)
        async with asyncio.timeout(10):
            await theirs.woken.wait()
        assert theirs.doubtful == {P}

    between(storage, work)


def test_what_somebody_else_says_on_the_channel_means_nothing(
    storage: PostgresStorage, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(first: Hub, second: Hub, own: Listener, theirs: Listener) -> None:
        with storage.connect() as db:
            for payload in (
                "",
                "hello",
                "changed x",
                f"changed x {P.hex()} one two",
                f"changed x {P.hex()}",
                f"changed x {P.hex()[:-2]} 1 1",
                f"presence x {P.hex()} zz {'A' * 10}",
                f"presence x {P.hex()} 00 ???",
                f"later x {P.hex()} 1 1",
                f"changed x {P.hex()} 9 0",
            ):
                db.execute("SELECT pg_notify(%s, %s)", (f"sitebook_{storage.generation.hex()}", payload))
        assert await heard(theirs) == [("changed", {"project": P.hex(), "version": 9})]

    with caplog.at_level(logging.DEBUG):
        between(storage, work)
    assert P.hex() not in caplog.text


def test_after_a_gap_every_listener_is_told_to_look_and_changes_are_not_lost(
    storage: PostgresStorage, postgres: Postgres
) -> None:
    async def work(first: Hub, second: Hub, own: Listener, theirs: Listener) -> None:
        postgres.end_sessions()
        assert await heard(own) == [("changed", {"project": P.hex(), "version": 0})]
        assert await heard(theirs) == [("changed", {"project": P.hex(), "version": 0})]
        first.changed(P, 5, 0)
        assert await heard(theirs) == [("changed", {"project": P.hex(), "version": 5})]
        postgres.end_sessions()
        # The connection to speak is lost too. What was to be said waits for the next, and where the other
        # hears again only after that, it is told to look.
        first.changed(P, 6, 0)
        assert (await heard(theirs))[0][1]["version"] in (0, 6)

    between(storage, work)


def test_a_database_refuses_what_is_too_long_and_we_never_say_it(storage: PostgresStorage) -> None:
    with storage.connect() as db:
        db.execute("SELECT pg_notify('c', %s)", ("x" * MAX_PAYLOAD,))
        with pytest.raises(psycopg.Error):
            db.execute("SELECT pg_notify('c', %s)", ("x" * (MAX_PAYLOAD + 1),))


class Two:
    """Two processes over one database."""

    def __init__(self, folder: Path, dsn: str) -> None:
        environment = {"SITEBOOK_SERVER_STORAGE_URL": dsn}
        self.servers = [ServerProcess(folder / name, environment=environment) for name in ("one", "two")]
        self.urls = [server.url for server in self.servers]
        self.transports: list[HttpTransport] = []

    def to(self, number: int, person: Person) -> HttpTransport:
        """A way to one of them."""
        transport = HttpTransport(self.urls[number], person.signing)
        self.transports.append(transport)
        return transport

    def close(self) -> None:
        for transport in self.transports:
            transport.close()
        for server in self.servers:
            server.kill()


@pytest.fixture
def two(dsn: str, tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path, dsn)
    yield made
    made.close()


def test_a_change_at_one_process_wakes_a_stream_at_the_other(two: Two) -> None:
    founder, founding = found()
    here = two.to(0, founder)
    invite = founder.invite(Role.EDITOR)
    person, joined = join(founder, invite, 50)
    here.push(founder.project, [founding, invite.envelope.wire(), joined])
    founder.learn(joined)
    with Stream(two.urls[1], person.signing, founder.project) as stream:
        stream.changed(3)
        here.push(founder.project, [founder.write()])
        stream.changed(4)
        here.send_presence(founder.project, b"I am here")
        event = stream.event()
        assert event is not None
        assert (event[0], base64.b64decode(event[1]["wire"])) == ("presence", b"I am here")
        here.push(founder.project, [revoked(founder, person)])
        stream.changed(0)
        assert stream.event() is None
    assert [server.stop() for server in two.servers] == [0, 0]
    for server in two.servers:
        assert "Traceback" not in server.log.read_text()


def test_every_request_may_go_to_another_process(two: Two) -> None:
    founder, founding = found()
    one, other = two.to(0, founder), two.to(1, founder)
    one.push(founder.project, [founding])
    # As a load balancer would have it: signed in at the one, and served by the other.
    other._token = one._token
    assert other.push(founder.project, [founder.write()])[0].version == 2
    assert other._token == one._token
    text = "".join(server.log.read_text() for server in two.servers)
    assert text.count('"/v1/session"') == 1
    assert one._token is not None
    assert one._token not in text


def test_two_processes_take_pushes_to_one_project_at_once(two: Two) -> None:
    founder, founding = found()
    people = [founder]
    wires = [founding]
    for seed in range(50, 53):
        invite = founder.invite(Role.EDITOR)
        person, joined = join(founder, invite, seed)
        founder.learn(joined)
        wires += [invite.envelope.wire(), joined]
        people.append(person)
    two.to(0, founder).push(founder.project, wires)
    ways = [two.to(number % 2, person) for number, person in enumerate(people)]
    given: dict[int, bytes] = {}
    problems: list[object] = []

    def work(person: Person, way: HttpTransport) -> None:
        try:
            for _ in range(8):
                for ack in way.push(founder.project, [person.write() for _ in range(5)]):
                    assert ack.version is not None
                    assert ack.outcome is Outcome.ACCEPTED
                    given[ack.version] = ack.hash
        except BaseException as error:  # noqa: BLE001 - looked at below
            problems.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(people, ways, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert sorted(given) == list(range(len(wires) + 1, len(wires) + 1 + 4 * 8 * 5))
    log = ways[1].pull(founder.project, None)
    assert not log.more
    assert {version: parse(log.wires[version - 1]).hash for version in given} == given


def test_a_database_that_was_away_is_used_again(two: Two, postgres: Postgres) -> None:
    founder, founding = found()
    way = two.to(0, founder)
    way.push(founder.project, [founding])
    with Stream(two.urls[1], founder.signing, founder.project) as stream:
        stream.changed(1)
        postgres.stop()
        wire = founder.write()
        with pytest.raises(Unreachable, match="cannot take more now"):
            way.push(founder.project, [wire])
        postgres.start()
        assert way.push(founder.project, [wire])[0].version == 2
        stream.changed(2)
