"""What stands around every request.

How many at once, how often from one address, a line in the log, and errors as answers that a client can read.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from sync.clock import Clock
from sync.errors import Absent, Malformed, Refused, SitebookError, TooLarge
from sync.server.log import log
from sync.server.rates import Buckets
from sync.transport.http_messages import ABSENT, CONTENT_TYPE, ErrorReply

RETRY_SECONDS: Final = 2.0
"""What a server that is too busy asks for."""
BUSY: Final = "The server is busy; try again in a moment."
_LOGGER: Final = logging.getLogger("sitebook.server")
FACTS: Final = "sitebook.facts"
"""Where in a scope they are."""
_ASIDE: Final = "sitebook.aside"


class Answer(Exception):
    """Ends a request with a status and a sentence."""

    def __init__(self, status: int, code: str, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.retry_after = retry_after

    def response(self) -> Response:
        """The answer as bytes."""
        body = msgspec.msgpack.encode(ErrorReply(code=self.code, sentence=self.sentence))
        headers = (
            {} if self.retry_after is None else {"retry-after": str(max(1, math.ceil(self.retry_after)))}
        )
        return Response(body, status_code=self.status, media_type=CONTENT_TYPE, headers=headers)


class Guard:
    """Middleware around all addresses."""

    def __init__(self, app: ASGIApp, *, addresses: Buckets, clock: Clock, requests: int) -> None:
        self._app = app
        self._addresses = addresses
        self._clock = clock
        self._requests = requests
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted: dict[str, Any] = {"status": None, "bytes_in": 0, "bytes_out": 0}
        scope[FACTS] = noted
        begun = self._clock.monotonic()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted["status"] = message["status"]
            elif message["type"] == "http.response.body":
                noted["bytes_out"] += len(message.get("body", b""))
            await send(message)

        scope[_ASIDE] = step_aside = _Once(self._end)
        self._active += 1
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                noted["code"] = refusal.code
                await refusal.response()(scope, receive, note)
            else:
                await self._app(scope, receive, note)
        except asyncio.CancelledError:
            # The server stops, and this request did not end in time. Its task ends here in any case.
            if noted["status"] is None:
                await Answer(503, "busy", BUSY, retry_after=RETRY_SECONDS).response()(scope, receive, note)
        finally:
            step_aside()
            # Without one, a mistake of ours is on its way to the answer for it.
            noted["status"] = noted["status"] or 500
            milliseconds = round((self._clock.monotonic() - begun) * 1_000, 1)
            # The path is one of ours or unknown; what a stranger made up has no place in the log.
            path = scope["path"] if "endpoint" in scope else "unknown"
            log(_LOGGER, logging.INFO, "request", path=path, ms=milliseconds, address=address(scope), **noted)

    def _end(self) -> None:
        self._active -= 1

    def _refusal(self, scope: Scope) -> Answer | None:
        if self._active > self._requests:
            return Answer(503, "busy", BUSY, retry_after=RETRY_SECONDS)
        wait = self._addresses.take(address(scope))
        if wait:
            sentence = "Too many requests from this address in a short time; wait a moment."
            return Answer(429, "rate", sentence, retry_after=wait)
        return None


class _Once:
    """Calls what it was made with once."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


def step_aside(scope: Scope) -> None:
    """Count this request no more among those that are worked on: a stream mostly waits, and has its own limit."""
    scope[_ASIDE]()


def facts(scope: Scope) -> dict[str, Any]:
    """What the log line of this request will say, to be added to."""
    noted: dict[str, Any] = scope[FACTS]
    return noted


def address(scope: Scope) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return "" if client is None else str(client[0])


async def _answer(request: Request, error: Exception) -> Response:
    """Answer whatever ended a request."""
    answer = _answer_to(error)
    if isinstance(answer, Answer):
        # The log and the metrics tell a full disk from a crowd by it.
        facts(request.scope)["code"] = answer.code
        return answer.response()
    return answer


def _answer_to(error: Exception) -> Answer | Response:
    if isinstance(error, Answer):
        return error
    if isinstance(error, TooLarge):
        return Answer(413, "too_large", str(error))
    if isinstance(error, Absent):
        return Answer(403, ABSENT, str(error))
    if isinstance(error, Refused):
        return Answer(403, "refused", str(error))
    if isinstance(error, Malformed):
        return Answer(400, "bad_request", str(error))
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, SitebookError):
        # The sentence names files of the server: it is for the log, not for whoever asks.
        log(_LOGGER, logging.ERROR, "storage", sentence=str(error), cause=repr(error.__cause__))
        sentence = "The server cannot reach its storage; its operator finds the reason in its log."
        return Answer(503, "storage", sentence, retry_after=10 * RETRY_SECONDS)
    # Starlette raises the error again after this answer, and so it reaches the log.
    return Answer(500, "internal", "The server made a mistake; its operator finds it in its log.")


def _http(error: HTTPException) -> Response:
    if error.status_code == 405:
        response = Answer(405, "method", "This address wants another method.").response()
        response.headers.update(error.headers or {})
        return response
    return Answer(
        error.status_code, "not_found", "This Sitebook server has nothing at this address."
    ).response()


async def _gone(request: Request, error: Exception) -> Response:
    """Nobody is there to read it; the status is for the log."""
    return Response(status_code=499)


EXCEPTION_HANDLERS: Final[Mapping[Any, ExceptionHandler]] = {
    Answer: _answer,
    SitebookError: _answer,
    HTTPException: _answer,
    ClientDisconnect: _gone,
    Exception: _answer,
}
