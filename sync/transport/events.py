r"""The client of ``/v1/events``: what happens on a server, told as it happens.

A stream has a thread and a connection of its own. It says :class:`Live` when the server answers, then what comes,
and :class:`Lost` when it ends; in between it connects again by itself, with backoff. It is a help and no more: whoever
hears nothing looks every 30 s all the same. Where a server does not serve streams, or a proxy on the way holds
them back, it tries again after a quarter of an hour and says nothing.

The format is the one of ``text/event-stream``, as ``sync.server.events`` writes it. Lines and events are bounded, what
is not known is passed by, and a connection that said nothing for 45 s (the server speaks every 20 s) is dead.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from sync.backoff import Backoff
from sync.clock import Clock, Random
from sync.errors import Malformed, SitebookError, Unreachable
from sync.keys import SigningKey
from sync.transport.base import MAX_PRESENCE_BYTES
from sync.transport.http import HttpTransport
from sync.transport.http_client import HttpClient, retry_seconds
from sync.transport.http_messages import EventsRequest

if TYPE_CHECKING:
    import httpx

EVENTS_PATH: Final = "/v1/events"
DEAD_SECONDS: Final = 45.0
"""How long a stream may say nothing: two of the server's signs of life, and a bit."""
FIRST_SECONDS: Final = 5.0
"""How long the first line may take once connected: longer means that something on the way collects them."""
NOT_SERVED_SECONDS: Final = 900.0
_SETTLED: Final = 30.0
"""A stream that lived so long in seconds was a success."""
_RETRY: Final = (1.0, 3_600.0)
_MAX_LINE: Final = 16 << 10
_MAX_REFUSAL: Final = 64 << 10
_JOIN_SECONDS: Final = 0.5
_NOT_SERVED: Final = frozenset({404, 405, 406, 410, 501, 505})


@dataclass(frozen=True, slots=True)
class Live:
    """The server tells from now on what happens."""


@dataclass(frozen=True, slots=True)
class Lost:
    """It does not any more; it will be tried again."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The log of a project has grown to a version; 0: something may have changed, look."""

    project: bytes
    version: int


@dataclass(frozen=True, slots=True)
class PresenceCame:
    """Somebody who is there said so."""

    project: bytes
    wire: bytes


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice of this kind, or a bundle (``bundle``), came."""

    project: bytes
    kind: str


Event = Changed | PresenceCame | Noticed
Heard = Live | Lost | Event


class _NotServed(SitebookError):
    """There are no streams on this way."""


class _ChangedData(msgspec.Struct):
    project: str
    version: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


class _PresenceData(msgspec.Struct):
    project: str
    wire: Annotated[str, msgspec.Meta(max_length=2 * MAX_PRESENCE_BYTES)]


class _NoticeData(msgspec.Struct):
    project: str
    kind: Annotated[str, msgspec.Meta(max_length=16)] = "bundle"


class Reader:
    """Takes a stream apart, piece by piece, whatever it is cut into."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = b""
        self._data = b""
        self.retry: float | None = None
        """Seconds after which the server wants to be asked again."""
        self.lines = 0
        """How many whole lines came."""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that end in this piece. Raises Malformed for a line that is too long."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MAX_LINE or any(len(line) > _MAX_LINE for line in lines):
            raise Malformed("The server sent an event that is longer than it may be.")
        for line in lines:
            self.lines += 1
            event = self._line(line.removesuffix(b"\r"))
            if event is not None:
                yield event

    def _line(self, line: bytes) -> Event | None:
        if not line:
            event = read_event(self._name, self._data) if self._name else None
            self._name = self._data = b""
            return event
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value
        elif field == b"data":
            self._data = value
        elif field == b"retry" and value.isdigit():
            self.retry = min(max(int(value[:9]) / 1000, _RETRY[0]), _RETRY[1])
        return None


def read_event(name: bytes, data: bytes) -> Event | None:
    """One event; None where it is of a later version or has no meaning."""
    try:
        match name:
            case b"changed":
                changed = msgspec.json.decode(data, type=_ChangedData)
                return Changed(_project(changed.project), changed.version)
            case b"presence":
                came = msgspec.json.decode(data, type=_PresenceData)
                wire = base64.b64decode(came.wire, validate=True)
                return PresenceCame(_project(came.project), wire) if len(wire) <= MAX_PRESENCE_BYTES else None
            case b"notice" | b"bundle":
                noticed = msgspec.json.decode(data, type=_NoticeData)
                return Noticed(_project(noticed.project), noticed.kind)
            case _:
                return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, binascii.Error):
        return None


def _project(text: str) -> bytes:
    project = bytes.fromhex(text)
    if len(project) != 32:
        raise ValueError
    return project


class EventStream:
    """Listens to one server with one key. ``heard`` is called in the thread of the stream and must be quick."""

    def __init__(
        self,
        url: str,
        key: SigningKey,
        projects: Sequence[bytes],
        heard: Callable[[Heard], None],
        *,
        clock: Clock,
        random: Random,
        certificate: bytes | None = None,
        dead_seconds: float = DEAD_SECONDS,
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        """Raises SitebookError where ``url`` is not the address of a server."""
        self._client = HttpClient(url, clock, certificate)
        self._transport = HttpTransport(url, key, clock, certificate)
        self._projects = frozenset(projects)
        self._heard = heard
        self._clock = clock
        self._random = random
        self._backoff = Backoff(random)
        self._dead = dead_seconds
        self._first = first_seconds
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._wake = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="sitebook-events", daemon=True)

    def begin(self) -> None:
        """Start listening."""
        self._thread.start()

    def renew(self) -> None:
        """Connect anew and at once: the network changed, or the computer slept."""
        self._backoff.reset()
        self._wake.set()
        self._hang_up()

    def close(self) -> None:
        """End it, from any thread, in under a second. Nothing is heard afterwards but what is being told now."""
        self._closed.set()
        self._wake.set()
        self._hang_up()
        self._transport.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            # Looking up a name cannot be interrupted: then the thread ends by itself.
            self._thread.join(_JOIN_SECONDS)

    def _hang_up(self) -> None:
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # Not the method of a TLS socket, which another thread is reading from.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    # In the thread of the stream

    def _run(self) -> None:
        while not self._closed.is_set():
            wait = self._attempt()
            if not self._closed.is_set():
                self._wake.wait(wait)
                self._wake.clear()

    def _attempt(self) -> float:
        """Listen until it ends; the seconds to wait then."""
        begun = self._clock.monotonic()
        try:
            wait = self._spread(self._listen())
        except _NotServed:
            return self._spread(NOT_SERVED_SECONDS)
        except SitebookError as error:
            if self._clock.monotonic() - begun >= _SETTLED:
                self._backoff.reset()
            return self._backoff.fail(error.retry_after if isinstance(error, Unreachable) else None)
        if self._clock.monotonic() - begun < _SETTLED:
            return max(wait, self._backoff.fail())
        self._backoff.reset()
        return wait

    def _spread(self, seconds: float) -> float:
        """About so long: listeners that lost the same server do not come back in step."""
        return seconds * (0.5 + int.from_bytes(self._random(4), "big") / (1 << 32))

    def _listen(self) -> float:
        """One connection; the seconds that the server wants us to wait after it. Raises SitebookError."""
        token = self._transport.session()
        with self._client.explained():
            client = self._client.open()
            try:
                answer = self._stream(client, token)
                if answer is None:
                    answer = self._stream(client, self._transport.session(fresh=True))
                if answer is None:
                    raise self._client.not_sitebook()
                return answer
            finally:
                client.close()

    def _stream(self, client: httpx.Client, token: str) -> float | None:
        """Ask, and hear what comes; None where the session is over."""
        bounds = {"connect": 10.0, "read": 10.0, "write": 10.0, "pool": 10.0}
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/msgpack",
            "accept": "text/event-stream",
        }
        body = msgspec.msgpack.encode(EventsRequest(projects=sorted(self._projects)))
        url = self._client.url + EVENTS_PATH
        with client.stream(
            "POST", url, content=body, headers=headers, extensions={"timeout": bounds}
        ) as response:
            if response.status_code == 401:
                return None
            self._check(response)
            # What httpx looks at when it begins to read the answer's body.
            bounds["read"] = self._dead
            with self._reachable(response):
                return self._hear(response.iter_raw())

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in _NOT_SERVED:
            raise _NotServed
        retry = retry_seconds(response.headers.get("retry-after"))
        if status in (429, 503):
            raise Unreachable("The server has too many listeners.", retry_after=retry)
        if status != 200:
            raise Unreachable(f"The server refused a stream of events ({status}).", retry_after=retry)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream" or response.headers.get("content-encoding", "identity") != "identity":
            raise self._client.not_sitebook()

    @contextlib.contextmanager
    def _reachable(self, response: httpx.Response) -> Iterator[None]:
        """Let other threads end the connection."""
        with self._lock:
            self._socket = response.extensions["network_stream"].get_extra_info("socket")
        if self._closed.is_set():
            self._hang_up()
        try:
            yield
        finally:
            with self._lock:
                self._socket = None

    def _hear(self, pieces: Iterable[bytes]) -> float:
        reader = Reader()
        held_back = threading.Event()

        def give_up() -> None:
            held_back.set()
            self._hang_up()

        first = threading.Timer(self._first, give_up)
        first.daemon = True
        first.start()
        live = False
        try:
            spoke = self._clock.monotonic()
            for piece in pieces:
                lines = reader.lines
                events = list(reader.feed(piece))
                if reader.lines > lines:
                    spoke = self._clock.monotonic()
                    if not live:
                        first.cancel()
                        live = True
                        self._tell(Live())
                elif self._clock.monotonic() - spoke > self._dead:
                    break
                for event in events:
                    if event.project in self._projects:
                        self._tell(event)
                if self._closed.is_set():
                    break
        except Exception:
            if held_back.is_set():
                raise _NotServed from None
            raise
        finally:
            first.cancel()
            if live:
                self._tell(Lost())
        if held_back.is_set():
            raise _NotServed
        return reader.retry or 3.0

    def _tell(self, what: Heard) -> None:
        if not self._closed.is_set():
            self._heard(what)
