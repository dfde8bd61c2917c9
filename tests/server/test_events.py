"""Streams of events and presence, on a real port; and the hub behind them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sync.errors import Refused, Unreachable
from sync.keys import SigningKey
from sync.membership import seal_action
from sync.membership_actions import Revoke, Role
from sync.server.hub import Hub, Listener
from sync.server.limits import Limits
from sync.server.sqlite import SqliteStorage
from sync.transport.http import HttpTransport
from tests.server.people import Person, Site, begin, found
from tests.server.process import ServerProcess
from tests.server.streaming import Running, Stream, running
from tests.server.support import FakeClock, Seeded

P, Q = b"p" * 32, b"q" * 32


@pytest.fixture
def storage() -> Iterator[SqliteStorage]:
    made = SqliteStorage(":memory:", FakeClock(), Seeded(7))
    yield made
    made.close()


@pytest.fixture
def server(storage: SqliteStorage) -> Iterator[Running]:
    with running(storage) as made:
        yield made


@pytest.fixture
def site(server: Running) -> Site:
    return begin(server.relay, FakeClock())


def revoked(founder: Person, person: Person) -> bytes:
    """What takes all rights from somebody."""
    member = founder.membership.member_of(person.device)
    assert member is not None
    envelope = seal_action(
        founder.membership,
        Revoke(member.id, None, ()),
        device_key=founder.signing,
        seq=founder.seq + 1,
        prev=founder.prev,
    )
    founder.membership.add(founder._took(envelope))
    return envelope.wire()


def test_a_stream_begins_with_where_the_log_stands_and_tells_what_comes(server: Running, site: Site) -> None:
    founder = site.founder
    site.push(founder, founder.write())
    with Stream(server.url, founder.signing, site.project) as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.block() == ["retry: 3000"]
        assert stream.event() == ("changed", {"project": site.project.hex(), "version": 2})
        site.push(founder, founder.write())
        assert stream.event() == ("changed", {"project": site.project.hex(), "version": 3})
        # What stores nothing tells nothing.
        site.push(founder, site.founding)
        site.push(founder, founder.write())
        assert stream.event() == ("changed", {"project": site.project.hex(), "version": 4})


def test_presence_reaches_the_others_and_is_not_stored(
    server: Running, site: Site, storage: SqliteStorage, caplog: pytest.LogCaptureFixture
) -> None:
    other = site.member(Role.VIEWER)
    sending = HttpTransport(server.url, site.founder.signing)
    with (
        Stream(server.url, site.founder.signing, site.project) as own,
        Stream(server.url, other.signing, site.project) as theirs,
    ):
        own.changed(3)
        theirs.changed(3)
        sending.send_presence(site.project, b"somebody is here")
        text = base64.b64encode(b"somebody is here").decode()
        assert theirs.event() == ("presence", {"project": site.project.hex(), "wire": text})
        site.push(site.founder, site.founder.write())
        event = own.event()
        assert event is not None
        assert event[0] == "changed"
    sending.send_presence(site.project, bytes(4 << 10))
    with pytest.raises(Refused, match="4096 bytes"):
        sending.send_presence(site.project, bytes((4 << 10) + 1))
    sending.close()
    assert b"somebody" not in storage._writer.serialize("main")
    assert "somebody" not in caplog.text
    assert text not in caplog.text


def test_strangers_are_not_served_and_may_not_speak(server: Running, site: Site) -> None:
    stranger = SigningKey.generate(Seeded(99))
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    for key in (stranger, invite.code.signing):
        with Stream(server.url, key, site.project, P) as stream:
            assert stream.block() == ["retry: 30000"]
            assert stream.block() == []
        transport = HttpTransport(server.url, key)
        with pytest.raises(Refused, match="no such project"):
            transport.send_presence(site.project, b"hello")
        transport.close()
    with Stream(server.url, site.founder.signing, site.project, P) as stream:
        stream.changed(2)
        server.hub.changed(P, 9, 9)
        server.hub.presence(P, b"secret", b"")
        site.push(site.founder, site.founder.write())
        event = stream.event()
        assert event is not None
        assert event[1] == {"project": site.project.hex(), "version": 3}
    assert not server.hub._listeners.get(P)


def test_who_is_removed_is_told_to_look_and_hears_no_more(server: Running, site: Site) -> None:
    other = site.member(Role.EDITOR)
    with Stream(server.url, other.signing, site.project) as stream:
        stream.changed(3)
        site.push(site.founder, revoked(site.founder, other))
        assert stream.event() == ("changed", {"project": site.project.hex(), "version": 0})
        assert stream.event() is None
    transport = HttpTransport(server.url, other.signing)
    with pytest.raises(Refused, match="no such project"):
        transport.send_presence(site.project, b"still here")
    transport.close()


def test_a_keys_oldest_stream_ends_where_it_has_too_many(storage: SqliteStorage) -> None:
    with running(storage, Limits(streams=3, streams_per_key=2)) as server:
        site = begin(server.relay, FakeClock())
        other = site.member(Role.EDITOR)
        streams = [Stream(server.url, site.founder.signing, site.project) for _ in range(3)]
        assert streams[0].block() == ["retry: 3000"]
        assert streams[0].event() is not None
        assert streams[0].event() is None
        streams.append(Stream(server.url, other.signing, site.project))
        streams.append(Stream(server.url, other.signing, site.project))
        assert streams[4].answer.status == 503
        assert int(streams[4].answer.headers["retry-after"]) > 0
        for stream in streams:
            stream.close()


def test_streams_are_no_requests_under_way(storage: SqliteStorage) -> None:
    with running(storage, Limits(requests=1)) as server:
        site = begin(server.relay, FakeClock())
        with (
            Stream(server.url, site.founder.signing, site.project) as first,
            Stream(server.url, site.founder.signing, site.project) as second,
        ):
            first.changed(1)
            second.changed(1)
            transport = HttpTransport(server.url, site.founder.signing)
            transport.check()
            transport.close()


def test_a_silent_stream_says_that_it_lives_and_ends_in_time(storage: SqliteStorage) -> None:
    with running(storage, Limits(keep_alive_seconds=0.05, stream_seconds=0.3)) as server:
        site = begin(server.relay, FakeClock())
        with Stream(server.url, site.founder.signing, site.project) as stream:
            blocks = list(iter(stream.block, []))
        assert blocks[2:]
        assert all(block == [":"] for block in blocks[2:])
        assert len(server.hub) == 0


def test_a_reader_that_goes_is_forgotten(server: Running, site: Site) -> None:
    with Stream(server.url, site.founder.signing, site.project) as stream:
        stream.changed(1)
        assert len(server.hub) == 1
    deadline = time.monotonic() + 10
    while len(server.hub) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(server.hub) == 0
    assert not server.hub._listeners


def test_who_takes_nothing_costs_little_and_is_cut(storage: SqliteStorage) -> None:
    with running(storage, Limits(stalled_seconds=0.2)) as server:
        site = begin(server.relay, FakeClock())
        with Stream(server.url, site.founder.signing, site.project) as stream:
            stream.changed(1)
            listener = next(iter(server.hub._of_key[site.founder.device]))
            deadline = time.monotonic() + 20
            sent = 0
            while len(server.hub) and time.monotonic() < deadline:
                server.hub.presence(site.project, bytes(4_000), b"somebody else")
                assert len(listener._items) <= 64
                sent += 1
            assert len(server.hub) == 0
            assert sent > 64
            # What was on its way is to be had; then the connection is at its end, and nothing waits.
            begun = time.monotonic()
            with contextlib.suppress(ConnectionError, http.client.IncompleteRead):
                while stream.event() is not None:
                    pass
            assert time.monotonic() - begun < 9


def test_who_speaks_too_often_waits(storage: SqliteStorage) -> None:
    with running(storage, Limits(presence_burst=2, presence_rate=0.01)) as server:
        site = begin(server.relay, FakeClock())
        transport = HttpTransport(server.url, site.founder.signing)
        for _ in range(2):
            transport.send_presence(site.project, b"here")
        with pytest.raises(Unreachable, match="Too many messages") as caught:
            transport.send_presence(site.project, b"here")
        assert caught.value.retry_after is not None
        transport.close()


def test_a_server_that_stops_ends_its_streams_at_once(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as process:
        founder, founding = begin_at(process.url)
        with Stream(process.url, founder.signing, founder.project) as stream:
            stream.changed(1)
            begun = time.monotonic()
            assert process.stop(signal.SIGTERM) == 0
            assert time.monotonic() - begun < 1.5
            # It was ended, and not cut.
            assert stream.answer.fp.read().endswith(b"0\r\n\r\n")
        assert founding
    assert "Traceback" not in process.log.read_text()


def begin_at(url: str) -> tuple[Person, bytes]:
    founder, founding = found()
    transport = HttpTransport(url, founder.signing)
    transport.push(founder.project, [founding])
    transport.close()
    return founder, founding


async def settle() -> None:
    """Let the hub do what it was told to."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def trusted(hub: Hub, key: bytes, *projects: bytes) -> Listener:
    listener = hub.listen(key, projects)
    assert listener is not None
    listener.doubtful.clear()
    listener.checked.update(dict.fromkeys(projects, 3))
    return listener


def events(frames: bytes) -> list[tuple[str, object]]:
    blocks = [block.split("\n") for block in frames.decode().split("\n\n")[:-1]]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_a_slow_listener_loses_events_and_is_told_to_look() -> None:
    async def main() -> None:
        hub = Hub(streams=10, per_key=4)
        slow = trusted(hub, b"a", P)
        for version in range(1, 1_001):
            hub.changed(P, version, 0)
            hub.presence(P, b"x" * 4_000, b"b")
            hub.mark(P, "bundle")
            await settle()
        got = events(slow.take())
        assert got[0] == ("changed", {"project": P.hex(), "version": 1_000})
        assert len(got) == 1 + 64
        assert [name for name, _ in got].count("bundle") == 1
        assert slow.take() == b""
        # What was lost is not held against it.
        for _ in range(65):
            hub.presence(P, b"y", b"b")
        await settle()
        assert events(slow.take())[0] == ("changed", {"project": P.hex(), "version": 0})

    asyncio.run(main())


def test_nothing_of_a_doubtful_project_is_sent() -> None:
    async def main() -> None:
        hub = Hub(streams=10, per_key=4)
        listener = trusted(hub, b"a", P, Q)
        hub.changed(P, 5, 5)
        hub.changed(Q, 6, 3)
        hub.presence(P, b"x", b"b")
        await settle()
        # The membership of the first is later than what it was looked at with.
        assert listener.doubtful == {P}
        assert events(listener.take()) == [("changed", {"project": Q.hex(), "version": 6})]
        hub.drop(listener, {P})
        assert listener.take() == b""
        assert listener.projects == {Q}

    asyncio.run(main())


def test_after_a_gap_everybody_looks() -> None:
    async def main() -> None:
        hub = Hub(streams=10, per_key=4)
        listener = trusted(hub, b"a", P, Q)
        hub.look_everywhere()
        await settle()
        assert listener.doubtful == {P, Q}
        listener.doubtful.clear()
        assert {name for name, _ in events(listener.take())} == {"changed"}

    asyncio.run(main())


def test_a_hub_that_nobody_listens_to_keeps_nothing() -> None:
    hub = Hub(streams=10, per_key=4)
    for version in range(100):
        hub.changed(P, version, 0)
        hub.presence(P, b"x", b"")
    assert not hub._news
    assert not hub._inbox
    assert msgspec.json.encode(len(hub)) == b"0"
