"""The relay on HTTP: sessions, limits, and one way from bytes to the relay and back.

Work on the storage runs in threads, so the event loop lives whatever the disk does. Every refusal is a
status and one sentence; what a request carried never reaches a log.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import anyio
import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sync.bundle import MAX_MANIFEST_BYTES
from sync.clock import Clock, Random
from sync.cookie import Cookie
from sync.server.events import Events
from sync.server.guard import BUSY, EXCEPTION_HANDLERS, RETRY_SECONDS, Answer, Guard, address, facts
from sync.server.http_beside import BesideApi, decode
from sync.server.hub import Hub
from sync.server.limits import Limits
from sync.server.rates import Buckets
from sync.server.relay import Relay
from sync.server.session import Sessions
from sync.server.watch import Nobody, Watch
from sync.transport import http_messages as messages
from sync.transport.base import MAX_NOTICE_BYTES

Work = Callable[[bytes], messages.Message]
"""From a body to a reply, in a thread."""


class Api:
    """The endpoints over one relay."""

    def __init__(
        self,
        relay: Relay,
        clock: Clock,
        random: Random,
        limits: Limits,
        hub: Hub,
        watch: Watch,
        secret: bytes | None,
    ) -> None:
        self._relay = relay
        self._watch = watch
        self._limits = limits
        self._sessions = Sessions(clock, random, limits, secret)
        watch.sessions(self._sessions)
        self._keys = Buckets(clock, rate=limits.key_rate, burst=limits.key_burst, keys=limits.buckets)
        self._sign_ins = Buckets(
            clock, rate=limits.sign_in_rate, burst=limits.sign_in_burst, keys=limits.buckets
        )
        self._threads = anyio.CapacityLimiter(limits.threads)
        self._events = Events(relay, hub, clock, limits, self._threads)
        self._waiting = 0
        """Bytes of bodies that stand in memory, over all requests."""

    def routes(self) -> list[Route]:
        """All addresses."""
        small, large = self._limits.small_body_bytes, self._limits.push_body_bytes
        return [
            Route(messages.HEALTH_PATH, self._health, methods=["GET"]),
            self._open("/v1/session/challenge", self._challenge),
            self._open("/v1/session", self._sign_in),
            self._signed_in("/v1/pull", small, self._pull),
            self._signed_in("/v1/push", large, self._push),
            self._signed_in("/v1/grants/put", large, self._put_grants),
            self._signed_in("/v1/grants/get", small, self._grants),
            self._signed_in("/v1/grants/delete", small, self._delete_grants),
            self._signed_in("/v1/projects", small, self._projects),
            self._signed_in("/v1/presence", small, self._presence),
            *self._beside_routes(),
            Route("/v1/events", self._stream, methods=["POST"]),
        ]

    def _beside_routes(self) -> list[Route]:
        """Addresses of what is not in the log."""
        beside, small = BesideApi(self._relay), self._limits.small_body_bytes
        return [
            self._signed_in("/v1/chunks/have", small, beside.have_chunks),
            self._signed_in("/v1/chunks/put", self._limits.chunk_body_bytes, beside.put_chunk),
            self._signed_in("/v1/chunks/get", small, beside.get_chunk),
            self._signed_in("/v1/notices/put", MAX_NOTICE_BYTES + small, beside.put_notice),
            self._signed_in("/v1/notices/get", small, beside.notices),
            self._signed_in("/v1/bundles/lease", small, beside.lease),
            self._signed_in("/v1/bundles/put", MAX_MANIFEST_BYTES + small, beside.put_bundle),
            self._signed_in("/v1/bundles/get", small, beside.bundles),
        ]

    def _open(self, path: str, work: Work) -> Route:
        async def endpoint(request: Request) -> Response:
            _within_rate(self._sign_ins, address(request.scope))
            return await self._run(request, self._limits.small_body_bytes, work)

        return Route(path, endpoint, methods=["POST"])

    def _signed_in(self, path: str, size: int, work: Callable[[bytes, bytes], messages.Message]) -> Route:
        async def endpoint(request: Request) -> Response:
            by = self._holder(request)
            facts(request.scope)["key"] = by[:4].hex()
            _within_rate(self._keys, by)
            return await self._run(request, size, lambda body: work(body, by))

        return Route(path, endpoint, methods=["POST"])

    async def _stream(self, request: Request) -> Response:
        by = self._holder(request)
        facts(request.scope)["key"] = by[:4].hex()
        _within_rate(self._keys, by)
        body = await self._body(request, self._limits.small_body_bytes)
        self._waiting -= len(body)
        return self._events.open(decode(body, messages.EventsRequest).projects, by)

    def _holder(self, request: Request) -> bytes:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        by = self._sessions.holder(token) if scheme.lower() == "bearer" else None
        if by is None:
            raise Answer(401, "sign_in", "This request belongs to no session; sign in again.")
        return by

    async def _run(self, request: Request, size: int, work: Work) -> Response:
        body = await self._body(request, size)
        try:
            reply = await anyio.to_thread.run_sync(lambda: self._worked(work, body), limiter=self._threads)
        finally:
            self._waiting -= len(body)
        return Response(reply, media_type=messages.CONTENT_TYPE)

    def _worked(self, work: Work, body: bytes) -> bytes:
        """In a thread: the work, counted."""
        reply = work(body)
        self._watch.replied(reply)
        return msgspec.msgpack.encode(reply)

    async def _body(self, request: Request, size: int) -> bytes:
        """The body; it counts as waiting until the caller lets go of it."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                await self._fill(body, request, size)
        except TimeoutError as error:
            self._waiting -= len(body)
            raise Answer(408, "timeout", "The request took too long to arrive.") from error
        except BaseException:
            self._waiting -= len(body)
            raise
        facts(request.scope)["bytes_in"] = len(body)
        return bytes(body)

    async def _fill(self, body: bytearray, request: Request, size: int) -> None:
        """Read the body, counted against the memory for all of them; stop at the first byte too many."""
        too_large = Answer(413, "too_large", f"A request to this address may have {size} bytes at most.")
        announced = request.headers.get("content-length", "0")
        if not (
            announced.isascii() and announced.isdigit() and len(announced) < 18 and int(announced) <= size
        ):
            raise too_large
        async for chunk in request.stream():
            if len(body) + len(chunk) > size:
                raise too_large
            if self._waiting + len(chunk) > self._limits.waiting_bytes:
                raise Answer(503, "busy", BUSY, retry_after=RETRY_SECONDS)
            self._waiting += len(chunk)
            body += chunk

    async def _health(self, request: Request) -> Response:
        await anyio.to_thread.run_sync(self._relay.check, limiter=self._threads)
        return Response(json.dumps({messages.HEALTH_KEY: messages.VERSION}), media_type="application/json")

    def _challenge(self, body: bytes) -> messages.Message:
        asked = decode(body, messages.ChallengeRequest)
        return messages.ChallengeReply(nonce=self._sessions.challenge(asked.public))

    def _sign_in(self, body: bytes) -> messages.Message:
        asked = decode(body, messages.SessionRequest)
        token = self._sessions.sign_in(asked.public, asked.nonce, asked.signature)
        if token is None:
            raise Answer(401, "sign_in", "The key did not sign this server's challenge; ask for a new one.")
        return messages.SessionReply(token=token, seconds=self._limits.session_seconds)

    def _pull(self, body: bytes, by: bytes) -> messages.Message:
        asked = decode(body, messages.PullRequest)
        cookie = None if asked.cookie is None else Cookie.decode(asked.cookie)
        page = self._relay.pull(asked.project, cookie, asked.limit, by=by, bundles=asked.bundles)
        return messages.PullReply(
            wires=list(page.wires),
            cookie=page.cookie.encode(),
            more=page.more,
            reset=page.reset,
            floor=page.floor,
            bundle=page.bundle,
            since=page.since,
        )

    def _push(self, body: bytes, by: bytes) -> messages.Message:
        asked = decode(body, messages.PushRequest)
        acks = self._relay.push(asked.project, asked.wires, by=by)
        return messages.PushReply(
            acks=[messages.AckMessage(ack.hash, ack.outcome, ack.version, ack.reason) for ack in acks]
        )

    def _put_grants(self, body: bytes, by: bytes) -> messages.Message:
        asked = decode(body, messages.GrantsPutRequest)
        self._relay.put_grants(asked.project, asked.grants, by=by)
        return messages.Message()

    def _grants(self, body: bytes, by: bytes) -> messages.Message:
        asked = decode(body, messages.GrantsRequest)
        return messages.GrantsReply(grants=self._relay.grants(asked.project, asked.recipient, by=by))

    def _delete_grants(self, body: bytes, by: bytes) -> messages.Message:
        asked = decode(body, messages.GrantsRequest)
        self._relay.delete_grants(asked.project, asked.recipient, by=by)
        return messages.Message()

    def _projects(self, body: bytes, by: bytes) -> messages.Message:
        decode(body, messages.Message)
        return messages.ProjectsReply(projects=self._relay.projects(by=by))

    def _presence(self, body: bytes, by: bytes) -> messages.Message:
        return self._events.presence(decode(body, messages.PresenceRequest), by)


def make_hub(limits: Limits) -> Hub:
    """A hub as these limits want it; ``Relay(committed=hub.changed, marked=hub.mark)`` tells it what came."""
    return Hub(streams=limits.streams, per_key=limits.streams_per_key)


def make_app(
    relay: Relay,
    clock: Clock,
    random: Random,
    limits: Limits,
    hub: Hub | None = None,
    watch: Watch | None = None,
    secret: bytes | None = None,
) -> ASGIApp:
    """The whole server as an ASGI application; ``secret`` is what several processes share for sessions."""
    hub = hub if hub is not None else make_hub(limits)
    watch = watch if watch is not None else Nobody()
    addresses = Buckets(clock, rate=limits.address_rate, burst=limits.address_burst, keys=limits.buckets)
    app = Starlette(
        routes=Api(relay, clock, random, limits, hub, watch, secret).routes(),
        middleware=[Middleware(Guard, addresses=addresses, clock=clock, requests=limits.requests)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.router.redirect_slashes = False
    return app


def _within_rate(buckets: Buckets, key: bytes | str) -> None:
    wait = buckets.take(key)
    if wait:
        raise Answer(429, "rate", "Too many requests in a short time; wait a moment.", retry_after=wait)
