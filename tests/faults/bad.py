"""What may happen to a request on its way, each as a function of the exchange."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from sync.transport.http_messages import HEALTH_PATH
from tests.faults.proxy import Exchange, Fault, pass_on

PORTAL: Final = b"<!doctype html><title>Welcome</title><p>Accept the terms to use this network.</p>"


def answer(
    status: str, body: bytes = b"", kind: str = "text/html", extra: str = "", *, close: bool = True
) -> Fault:
    """Answer this and ask nobody."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{extra}"
    head += "connection: close\r\n\r\n" if close else "\r\n"

    def act(exchange: Exchange) -> bool:
        exchange.send(head.encode() + body)
        return not close

    return act


def lose_request(exchange: Exchange) -> bool:
    """It never arrives, and the connection ends."""
    return False


def lose_answer(exchange: Exchange) -> bool:
    """The server acted, and nobody hears of it."""
    exchange.forward()
    return False


def reset_before(exchange: Exchange) -> bool:
    """A reset in place of an answer; the server knows nothing."""
    exchange.reset()
    return False


def reset_after(exchange: Exchange) -> bool:
    """A reset in the middle of the answer."""
    whole = exchange.forward()
    exchange.send(whole[: len(whole) // 2])
    exchange.reset()
    return False


def twice(exchange: Exchange) -> bool:
    """The server gets it twice; the second answer is passed on."""
    exchange.forward()
    return pass_on(exchange)


def twice_and_first(exchange: Exchange) -> bool:
    """The server gets it twice; the first answer is passed on."""
    first = exchange.forward()
    exchange.forward()
    exchange.send(first)
    return True


def silent(exchange: Exchange) -> bool:
    """Taken, and no answer ever."""
    exchange.until_it_hangs_up()
    return False


def too_late(exchange: Exchange) -> bool:
    """The server acts once the device has given up waiting."""
    exchange.until_it_hangs_up()
    exchange.forward()
    return False


def late(exchange: Exchange) -> bool:
    """The answer comes late, though in time."""
    whole = exchange.forward()
    exchange.until_it_hangs_up(0.02)
    exchange.send(whole)
    return True


def drip(exchange: Exchange) -> bool:
    """The answer comes byte by byte, and never to its end before the device has enough."""
    for byte in exchange.forward():
        exchange.send(bytes([byte]))
        if exchange.until_it_hangs_up(0.02):
            return False
    return False


def drip_fast(exchange: Exchange) -> bool:
    """The answer comes in small pieces, all of it."""
    whole = exchange.forward()
    for start in range(0, len(whole), 7):
        exchange.send(whole[start : start + 7])
    return True


def cut_upload(exchange: Exchange) -> bool:
    """Half of the request reaches the server."""
    exchange.upload(len(exchange.request) // 2)
    return False


def truncated(length: int) -> Fault:
    """So many bytes of the answer arrive."""

    def act(exchange: Exchange) -> bool:
        exchange.send(exchange.forward()[:length])
        return False

    return act


def truncated_unmeasured(length: int) -> Fault:
    """So many bytes of the body arrive, under a head that does not say how many there are."""

    def act(exchange: Exchange) -> bool:
        exchange.send(unmeasured(exchange.forward(), length))
        return False

    return act


def unmeasured(whole: bytes, length: int) -> bytes:
    """An answer as an old proxy gives it: without a length, at its end when the connection ends."""
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"connection: close"]) + b"\r\n\r\n" + body[:length]


def elsewhere(port: int) -> Fault:
    """Another server answers."""

    def act(exchange: Exchange) -> bool:
        exchange.send(exchange.forward(port=port))
        return True

    return act


def garbage(exchange: Exchange) -> bool:
    """Something that is no HTTP."""
    exchange.send(bytes(range(256)) * 4)
    return False


def others_answer(exchange: Exchange) -> bool:
    """The answer to another request: as a proxy gives that mixes up its connections."""
    health = f"GET {HEALTH_PATH} HTTP/1.1\r\nhost: 127.0.0.1:{exchange.proxy.target}\r\n\r\n"
    exchange.send(exchange.forward(health.encode()))
    return True


def on(paths: tuple[str, ...], fault: Fault) -> Fault:
    """Only to requests to these addresses."""
    return lambda exchange: (fault if exchange.path in paths else pass_on)(exchange)


def nth(number: int, fault: Fault) -> Fault:
    """Only to the request with that number, from 0."""
    return lambda exchange: (fault if exchange.number == number else pass_on)(exchange)


class Stray:
    """Keeps requests back; they arrive when the test says so, after others."""

    def __init__(self) -> None:
        self._kept: list[Exchange] = []
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> bool:
        with self._lock:
            self._kept.append(exchange)
        return False

    def arrive(self) -> int:
        """Let all of them arrive; how many they were."""
        with self._lock:
            kept, self._kept = self._kept, []
        for exchange in kept:
            exchange.forward()
        return len(kept)


FAULTS: Final[Mapping[str, Fault]] = {
    "lose request": lose_request,
    "lose answer": lose_answer,
    "reset before": reset_before,
    "reset after": reset_after,
    "cut upload": cut_upload,
    "silent": silent,
    "too late": too_late,
    "drip": drip,
    "garbage": garbage,
    "other answer": others_answer,
    "no body": truncated_unmeasured(0),
    "half a body": truncated_unmeasured(30),
    "500": answer("500 Internal Server Error"),
    "502": answer("502 Bad Gateway", b"<h1>Bad Gateway</h1>"),
    "503": answer("503 Service Unavailable", extra="retry-after: 3\r\n"),
    "429": answer("429 Too Many Requests", extra="retry-after: 7\r\n"),
    "429 with a date": answer(
        "429 Too Many Requests", extra="retry-after: Fri, 01 Jan 2100 00:00:00 GMT\r\n"
    ),
    "413": answer("413 Content Too Large", b"<h1>Request Entity Too Large</h1>"),
    "401": answer("401 Unauthorized"),
    "403": answer("403 Forbidden", b"<h1>Blocked by the policy of your company</h1>"),
    "404": answer("404 Not Found"),
    "portal": answer("200 OK", PORTAL),
    "portal elsewhere": answer("302 Found", extra="location: http://portal.example/\r\n"),
    "empty answer": answer("200 OK", kind="application/msgpack"),
}
"""Each stands in the way: the device hears of no success."""
HARMLESS: Final[Mapping[str, Callable[[Exchange], bool]]] = {
    "twice": twice,
    "twice and first": twice_and_first,
    "late": late,
    "drip fast": drip_fast,
}
"""Under these all goes through."""


def at_most(size: int) -> Fault:
    """A proxy that takes no larger requests than this, as many do, and says so in its own words."""
    too_large = FAULTS["413"]
    return lambda exchange: (too_large if len(exchange.request) > size else pass_on)(exchange)
