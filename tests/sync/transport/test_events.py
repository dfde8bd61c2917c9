"""The client of streams of events: against the real server, and against ones that hang, lie and buffer."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from sync.clock import SystemClock, system_random
from sync.errors import Malformed
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.server.sqlite import SqliteStorage
from sync.transport import http_messages as messages
from sync.transport.events import (
    Changed,
    EventStream,
    Heard,
    Live,
    Lost,
    Noticed,
    PresenceCame,
    Reader,
    read_event,
)
from sync.transport.http import HttpTransport
from tests.server.people import Site, begin, found
from tests.server.process import ServerProcess
from tests.server.streaming import Running, running
from tests.server.support import FakeClock, Seeded
from tests.sync.transport.scripted import Script, ScriptedServer, http

P = b"p" * 32
KEY = SigningKey.generate(Seeded(5))
_LIVE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


class Ear:
    """A stream and what it told."""

    def __init__(
        self, url: str, key: SigningKey, *projects: bytes, dead: float = 45.0, first: float = 5.0
    ) -> None:
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self.stream = EventStream(
            url,
            key,
            projects,
            self._heard.put,
            clock=SystemClock(),
            random=system_random,
            dead_seconds=dead,
            first_seconds=first,
        )
        self.stream.begin()

    def __enter__(self) -> Ear:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def next(self, seconds: float = 10.0) -> Heard:
        return self._heard.get(timeout=seconds)

    def silent(self) -> bool:
        return self._heard.empty()


@pytest.fixture
def server() -> Iterator[Running]:
    storage = SqliteStorage(":memory:", FakeClock(), Seeded(7))
    with running(storage) as made:
        yield made
    storage.close()


@pytest.fixture
def site(server: Running) -> Site:
    return begin(server.relay, FakeClock())


def test_it_hears_what_happens(server: Running, site: Site) -> None:
    other = SigningKey.generate(Seeded(6))
    founder = site.founder
    with Ear(server.url, founder.signing, site.project) as ear:
        assert ear.next() == Live()
        assert ear.next() == Changed(site.project, 1)
        site.push(founder, founder.write())
        assert ear.next() == Changed(site.project, 2)
        server.hub.presence(site.project, b"here", other.public)
        assert ear.next() == PresenceCame(site.project, b"here")
        server.hub.mark(site.project, "bundle")
        assert ear.next() == Noticed(site.project, "bundle")
        server.hub.mark(site.project, "notice", "held")
        assert ear.next() == Noticed(site.project, "held")


def test_presence_goes_from_one_device_to_the_other(server: Running, site: Site) -> None:
    other = site.member(Role.EDITOR)
    sending = HttpTransport(server.url, site.founder.signing)
    with Ear(server.url, other.signing, site.project) as ear:
        assert ear.next() == Live()
        assert ear.next() == Changed(site.project, 3)
        sending.send_presence(site.project, b"I am here")
        assert ear.next() == PresenceCame(site.project, b"I am here")
    sending.close()


def test_it_comes_back_after_the_server_did(tmp_path: Path) -> None:
    founder, founding = found()
    with ServerProcess(tmp_path / "data") as process:
        port = process.url.rsplit(":", 1)[1]
        transport = HttpTransport(process.url, founder.signing)
        transport.push(founder.project, [founding])
        transport.close()
        with Ear(process.url, founder.signing, founder.project) as ear:
            assert ear.next() == Live()
            assert ear.next() == Changed(founder.project, 1)
            process.stop()
            assert ear.next() == Lost()
            with ServerProcess(tmp_path / "data", "--port", port):
                ear.stream.renew()
                assert ear.next(20) == Live()
                assert ear.next() == Changed(founder.project, 1)


def test_closing_ends_it_at_once(server: Running, site: Site) -> None:
    ear = Ear(server.url, site.founder.signing, site.project)
    assert ear.next() == Live()
    assert ear.next() == Changed(site.project, 1)
    begun = time.monotonic()
    ear.stream.close()
    assert time.monotonic() - begun < 0.5
    assert not ear.stream._thread.is_alive()
    assert ear.silent()


def sessions(then: Callable[[socket.socket], None]) -> Script:
    """Signs anybody in, and answers the stream as told."""

    def script(connection: socket.socket, head: bytes) -> None:
        if b"/v1/session/challenge" in head:
            connection.sendall(http(msgspec.msgpack.encode(messages.ChallengeReply(nonce=bytes(56)))))
        elif b"/v1/session" in head:
            connection.sendall(http(msgspec.msgpack.encode(messages.SessionReply(token="t", seconds=60.0))))
        else:
            then(connection)

    return script


def test_a_connection_that_says_nothing_is_dead() -> None:
    over = threading.Event()

    def silent(connection: socket.socket) -> None:
        connection.sendall(_LIVE + b"retry: 1000\n\n")
        over.wait(10)

    with ScriptedServer(sessions(silent)) as server, Ear(server.url, KEY, P, dead=0.2) as ear:
        assert ear.next() == Live()
        assert ear.next() == Lost()
        over.set()


def test_one_that_drips_without_an_end_of_a_line_is_dead() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(_LIVE + b"retry: 1000\n\n")
        try:
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)
        except OSError:
            pass

    with ScriptedServer(sessions(drip)) as server, Ear(server.url, KEY, P, dead=0.3) as ear:
        assert ear.next() == Live()
        assert ear.next() == Lost()


@pytest.mark.parametrize("answer", [_LIVE, http(b"", status="404 Not Found")])
def test_where_streams_are_not_served_or_held_back_it_is_quiet(answer: bytes) -> None:
    over = threading.Event()

    def answering(connection: socket.socket) -> None:
        connection.sendall(answer)
        if answer is _LIVE:
            over.wait(10)

    with ScriptedServer(sessions(answering)) as server:
        ear = Ear(server.url, KEY, P, first=0.2)
        waits: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        wait = ear.stream._wake.wait

        def noted(timeout: float | None = None) -> bool:
            waits.put(timeout)
            return wait(timeout)

        ear.stream._wake.wait = noted  # type: ignore[method-assign]
        found = waits.get(timeout=10)
        assert found is not None
        assert found >= 450.0
        assert ear.silent()
        over.set()
        ear.stream.close()


def test_a_portals_page_is_no_stream() -> None:
    asked = threading.Event()

    def page(connection: socket.socket) -> None:
        connection.sendall(http(b"<html>sign in</html>", kind="text/html"))
        asked.set()

    with ScriptedServer(sessions(page)) as server, Ear(server.url, KEY, P) as ear:
        assert asked.wait(10)
        assert ear.silent()


def test_a_line_without_end_ends_the_stream() -> None:
    over = threading.Event()

    def flood(connection: socket.socket) -> None:
        connection.sendall(_LIVE)
        try:
            while True:
                connection.sendall(b"x" * 65_536)
        except OSError:
            over.set()

    with ScriptedServer(sessions(flood)) as server, Ear(server.url, KEY, P) as ear:
        assert over.wait(10)
        assert ear.silent()


def test_events_of_others_projects_are_not_told() -> None:
    def lie(connection: socket.socket) -> None:
        for project in (b"q" * 32, P):
            data = json.dumps({"project": project.hex(), "version": 7}).encode()
            connection.sendall((_LIVE if project != P else b"") + b"event: changed\ndata: " + data + b"\n\n")

    with ScriptedServer(sessions(lie)) as server, Ear(server.url, KEY, P) as ear:
        assert ear.next() == Live()
        assert ear.next() == Changed(P, 7)


def test_a_stream_is_read_however_it_is_cut() -> None:
    data = json.dumps({"project": P.hex(), "version": 3})
    text = f": hello\nretry: 5000\n\nevent: changed\r\ndata: {data}\r\n\nevent: later\ndata: 1\n\n".encode()
    for size in range(1, len(text) + 1):
        reader = Reader()
        events = []
        for place in range(0, len(text), size):
            events += list(reader.feed(text[place : place + size]))
        assert events == [Changed(P, 3)]
        assert reader.retry == 5.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[" * 5_000,
        b"null",
        b'{"project": "zz", "version": 1}',
        b'{"project": "00", "version": 1}',
        json.dumps({"project": P.hex(), "version": -1}).encode(),
        json.dumps({"project": P.hex(), "version": 1 << 70}).encode(),
        json.dumps({"project": P.hex(), "version": "1", "wire": "*"}).encode(),
        json.dumps({"project": P.hex(), "wire": "A" * 9_000}).encode(),
        json.dumps({"project": P.hex(), "wire": "A" * 8_000}).encode(),
        json.dumps({"project": P.hex(), "kind": "x" * 17}).encode(),
        b'{"project": "\xff"}',
    ],
)
def test_nonsense_is_passed_by(data: bytes) -> None:
    assert read_event(b"changed", data) is None
    assert read_event(b"presence", data) is None
    if b"zz" not in data and P.hex().encode() not in data:
        assert read_event(b"notice", data) is None
    assert read_event(b"unknown", data) is None


def test_a_long_line_is_refused() -> None:
    reader = Reader()
    with pytest.raises(Malformed):
        list(reader.feed(b"data: " + b"x" * 20_000))
    with pytest.raises(Malformed):
        list(Reader().feed(b"data: " + b"x" * 20_000 + b"\n"))
