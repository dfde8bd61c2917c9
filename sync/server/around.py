"""The outermost layer of the server: who really asks, a name for each request, and counting.

A proxy in front says in ``X-Forwarded-For`` for whom it asks. Only a proxy that the operator trusts is believed,
since the address decides about rate limits, and anybody can write a header.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import anyio.to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.clock import Clock, Random
from sync.server.log import REQUEST
from sync.server.metrics import METRICS_TYPE, Metrics

Networks = Sequence[IPv4Network | IPv6Network]
METRICS_PATH: Final = "/metrics"
_ID_BYTES: Final = 6
_HEADER: Final = b"x-request-id"


class Around:
    """Middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        random: Random,
        trusted: Networks,
        metrics: Metrics,
        token: str = "",
    ) -> None:
        """``token``: who has it may read the metrics on the server's own address; nobody without one."""
        self._app = app
        self._clock = clock
        self._random = random
        self._trusted = tuple(trusted)
        self._metrics = metrics
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._token and scope["path"] == METRICS_PATH and scope["method"] == "GET":
            await (await self._metrics_page(scope))(scope, receive, send)
            return
        scope["client"] = asker(scope, self._trusted)
        name = self._random(_ID_BYTES).hex()
        named = REQUEST.set(name)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, name.encode())]
            await send(message)

        begun = self._clock.monotonic()
        try:
            await self._app(scope, receive, marked)
        finally:
            self._metrics.answered(scope, self._clock.monotonic() - begun)
            REQUEST.reset(named)

    async def _metrics_page(self, scope: Scope) -> Response:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, b"Bearer " + self._token.encode()):
            return Response("The metrics are for who has the token.\n", status_code=401)
        page = await anyio.to_thread.run_sync(self._metrics.text)
        return Response(page, media_type=METRICS_TYPE)


def asker(scope: Scope, trusted: Networks) -> tuple[str, int] | None:
    """Who asks: whoever connected, or whom the last trusted proxy names."""
    client: tuple[str, int] | None = scope.get("client")
    if client is None or not trusted or not _within(_address(client[0]), trusted):
        return client
    headers = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for part in reversed(b",".join(headers).decode("latin-1").split(",")):
        found = _address(part)
        # What is no address was not written by a proxy of ours: then the proxy itself is limited.
        if found is None:
            break
        client = (str(found), 0)
        if not _within(found, trusted):
            break
    return client


def _address(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # A socket for both families shows IPv4 inside IPv6.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped if mapped is not None else found


def _within(found: IPv4Address | IPv6Address | None, networks: Networks) -> bool:
    return found is not None and any(found in network for network in networks)
