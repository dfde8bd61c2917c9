r"""Streams of events, and presence: what ``/v1/events`` and ``/v1/presence`` answer.

``POST /v1/events``, within a session like all others, body ``[1, [project, ...]]`` (at most 200). The answer is
``text/event-stream`` in UTF-8, lines end with ``\n``, one ``data`` line an event::

    retry: 3000                        first, at once: milliseconds to wait before connecting again

    event: changed
    data: {"project": "<hex>", "version": 17}

    event: presence
    data: {"project": "<hex>", "wire": "<base64>"}

    event: bundle
    data: {"project": "<hex>"}

    event: notice
    data: {"project": "<hex>", "kind": "held"}

    : a comment every 20 s keeps the connection open

- ``changed`` comes once for each project that is served as the stream begins, with the version that its log has
  then, so nothing is missed between two streams; then whenever the log grows. Several changes may come as one,
  with the newest version. ``version`` 0 says no more than: look (events were lost, or what may be read changed).
- ``presence``: what somebody else sent to ``/v1/presence`` just now, from any other key. It is not kept; one who
  listens slowly may miss some.
- ``bundle``, ``notice``: one came; several may come as one.
- Other events are of later versions and ignored.
- Projects that the key is no member's device of are silently not served. Where none is served, the stream ends at
  once, after ``retry: 30000``.
- The stream ends when the device is removed from the last project that it is served (after a ``changed`` with
  version 0), after an hour, when the key opens more than four streams (the oldest ends), when the reader takes
  nothing for a minute, and when the server stops. Then connect again, after a random time around ``retry``. 503
  with ``retry-after``: the server has too many streams; look every 30 s.

``POST /v1/presence``, body ``[1, project, wire]``, at most 4 KiB: 200 and ``[1]`` whether anybody listens
or not; 403 for who is not a member's device; 429 with ``retry-after`` for who sends too often (ten a second,
thirty at once).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import anyio
import anyio.to_thread
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from sync.clock import Clock
from sync.errors import Absent, Refused, SitebookError
from sync.server.guard import BUSY, RETRY_SECONDS, Answer, step_aside
from sync.server.hub import LOOK, Hub, Listener, changed_frame
from sync.server.judging import ABSENT
from sync.server.limits import Limits
from sync.server.log import log
from sync.server.rates import Buckets
from sync.server.relay import Relay
from sync.transport.base import MAX_PRESENCE_BYTES
from sync.transport.http_messages import Message as Reply
from sync.transport.http_messages import PresenceRequest

_LOGGER: Final = logging.getLogger("sitebook.server")
_RETRY: Final = b"retry: 3000\n\n"
_RETRY_LATER: Final = b"retry: 30000\n\n"
_KEEP_ALIVE: Final = b":\n\n"
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    # nginx would collect it otherwise.
    (b"x-accel-buffering", b"no"),
]


class Events:
    """The streams of one process over one relay."""

    def __init__(
        self, relay: Relay, hub: Hub, clock: Clock, limits: Limits, threads: anyio.CapacityLimiter
    ) -> None:
        self.relay = relay
        self.hub = hub
        self.limits = limits
        self.threads = threads
        self._presences = Buckets(
            clock, rate=limits.presence_rate, burst=limits.presence_burst, keys=limits.buckets
        )

    def open(self, projects: list[bytes], by: bytes) -> Response:
        """A stream for a key. Raises Answer where there are too many."""
        listener = self.hub.listen(by, projects)
        if listener is None:
            raise Answer(503, "busy", BUSY, retry_after=15 * RETRY_SECONDS)
        return _Stream(self, listener)

    def presence(self, asked: PresenceRequest, by: bytes) -> Reply:
        """Pass a message on, in a thread. Raises Refused, Answer."""
        if len(asked.wire) > MAX_PRESENCE_BYTES:
            raise Refused(f"A message about who is there may have {MAX_PRESENCE_BYTES} bytes at most.")
        wait = self._presences.take(by)
        if wait:
            raise Answer(
                429, "rate", "Too many messages about who is there; wait a moment.", retry_after=wait
            )
        if not self.relay.listened([asked.project], by=by):
            raise Absent(ABSENT)
        self.hub.presence(asked.project, asked.wire, by)
        return Reply()


class _Stream(Response):
    """One answer that goes on until somebody ends it."""

    def __init__(self, events: Events, listener: Listener) -> None:
        # Nothing of Starlette's own: thousands of these are open at one time.
        self._events = events
        self._listener = listener
        self._served: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens, as ASGI has it."""
        listener = self._listener
        step_aside(scope)
        # The body was read, so what comes next says that the other side is gone.
        gone = asyncio.ensure_future(receive())
        gone.add_done_callback(lambda _: listener.end())
        over = asyncio.get_running_loop().call_later(self._events.limits.stream_seconds, listener.end)
        begun = stalled = False
        try:
            await self._check()
            begun = True
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._send(send, (_RETRY if listener.projects else _RETRY_LATER) + listener.take())
            while listener.projects and not listener.ended:
                await self._next(send)
        except TimeoutError:
            # Nobody reads, so an end would not be read either: the server cuts the connection.
            stalled = True
        except SitebookError as error:
            if not begun:
                raise
            # It connects again, and hears then.
            log(_LOGGER, logging.ERROR, "storage", sentence=str(error), cause=repr(error.__cause__))
        finally:
            over.cancel()
            self._events.hub.leave(listener)
            left = gone.done()
            gone.cancel()
        if not left and not stalled:
            await send(_body(b"", more=False))

    async def _next(self, send: Send) -> None:
        """Wait for something, and send it."""
        listener = self._listener
        try:
            async with asyncio.timeout(self._events.limits.keep_alive_seconds):
                await listener.woken.wait()
        except TimeoutError:
            await self._send(send, _KEEP_ALIVE)
            return
        farewell = await self._check() if listener.doubtful and not listener.ended else b""
        frames = farewell + listener.take()
        if frames and not listener.ended:
            await self._send(send, frames)

    async def _check(self) -> bytes:
        """Find out which of the doubtful projects are served; gives what is to be said of those no longer are.

        Raises:
            StorageError: nobody knows.
        """
        listener, events = self._listener, self._events
        # What becomes doubtful meanwhile is looked at the next time.
        asked, listener.doubtful = listener.doubtful, set()
        states = await anyio.to_thread.run_sync(
            lambda: events.relay.listened(asked, by=listener.key), limiter=events.threads
        )
        for project, state in states.items():
            listener.checked[project] = state.membership
            listener.look(project, state.version)
        gone = asked - states.keys()
        events.hub.drop(listener, gone)
        farewell = b"".join(changed_frame(project, LOOK) for project in gone & self._served)
        self._served |= states.keys()
        self._served -= gone
        return farewell

    async def _send(self, send: Send, data: bytes) -> None:
        """Raises TimeoutError where the other side takes nothing for long."""
        async with asyncio.timeout(self._events.limits.stalled_seconds):
            await send(_body(data, more=True))


def _body(data: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}
