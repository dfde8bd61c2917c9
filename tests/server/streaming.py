"""A server in this process, on a real port, and a reader of its streams of events."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvicorn

from sync.clock import SystemClock, system_random
from sync.keys import SigningKey
from sync.server.http import make_app, make_hub
from sync.server.hub import Hub
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.storage import Storage
from sync.transport import http_messages as messages
from sync.transport.http import HttpTransport


@dataclass
class Running:
    """A server that listens."""

    url: str
    hub: Hub
    relay: Relay


@contextmanager
def running(storage: Storage, limits: Limits | None = None) -> Iterator[Running]:
    """A server over a storage, until the block ends."""
    limits = limits if limits is not None else Limits()
    clock, hub = SystemClock(), make_hub(limits)
    relay = Relay(storage, clock, limits, committed=hub.changed)
    app = make_app(relay, clock, system_random, limits, hub)
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        thread = threading.Thread(target=loop.run_until_complete, args=(server.serve([listener]),))
        thread.start()
        try:
            yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", hub, relay)
        finally:
            loop.call_soon_threadsafe(hub.close)
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
            loop.close()


class Stream:
    """An open stream; reading waits for ten seconds at most."""

    def __init__(self, url: str, key: SigningKey, *projects: bytes) -> None:
        transport = HttpTransport(url, key)
        token = transport._sign_in()
        transport.close()
        where = urlsplit(url)
        assert where.hostname is not None
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
        body = msgspec.msgpack.encode(messages.EventsRequest(projects=list(projects)))
        self.connection.request("POST", "/v1/events", body, {"authorization": f"Bearer {token}"})
        self.answer = self.connection.getresponse()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.answer.close()
        self.connection.close()

    def block(self) -> list[str]:
        """The lines up to the next empty one; nothing at the end of the stream."""
        lines: list[str] = []
        while line := self.answer.readline():
            if line == b"\n":
                break
            lines.append(line.decode().rstrip("\n"))
        return lines

    def event(self) -> tuple[str, dict[str, Any]] | None:
        """The next event, whatever comments stand before it; None at the end."""
        while lines := self.block():
            fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
            if "event" in fields:
                return fields["event"], json.loads(fields["data"])
        return None

    def changed(self, version: int) -> None:
        """Read up to the event that says that this version was reached."""
        while (event := self.event()) is not None:
            if event[0] == "changed" and event[1]["version"] >= version:
                return
        raise AssertionError("the stream ended")
