"""A proxy on loopback that does to requests and answers what a bad network does.

It understands requests and answers of HTTP/1.1 with a length, which is all that client and server here say to
each other (streams of events pass through byte by byte). What is done to a request is a function of the
exchange; :mod:`tests.faults.bad` holds the usual ones.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final

_LINGER: Final = struct.pack("ii", 1, 0)
_PATIENCE: Final = 30.0
"""Seconds after which a test that hangs ends, rather than the run."""


class Gone(Exception):
    """The other end of a connection went away."""


class Exchange:
    """One request of a device, and the ways to answer it."""

    def __init__(self, proxy: Proxy, near: socket.socket, request: bytes) -> None:
        self.proxy = proxy
        self.request = request
        self.path = request.split(b" ", 2)[1].decode()
        self.number = 0
        """Its place among the requests since the fault began."""
        self._near = near

    def forward(self, request: bytes | None = None, port: int | None = None) -> bytes:
        """Take the request (or another) to the server (or another); its whole answer."""
        with socket.create_connection(("127.0.0.1", port or self.proxy.target), _PATIENCE) as far:
            far.sendall(self.request if request is None else request)
            return read_message(far)

    def upload(self, length: int) -> None:
        """Let only the first bytes of the request reach the server."""
        with socket.create_connection(("127.0.0.1", self.proxy.target), _PATIENCE) as far:
            far.sendall(self.request[:length])

    def send(self, data: bytes) -> None:
        """Give bytes to the device."""
        try:
            self._near.sendall(data)
        except OSError as error:
            raise Gone from error

    def reset(self) -> None:
        """End the connection with a reset and not in order."""
        self._near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)

    def until_it_hangs_up(self, seconds: float = _PATIENCE) -> bool:
        """Wait until the device ends the connection; whether it did in that time."""
        self._near.settimeout(seconds)
        try:
            while self._near.recv(4_096):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                self._near.settimeout(_PATIENCE)
        return True


Fault = Callable[[Exchange], bool]
"""Deals with one exchange; whether the connection goes on after it."""


def pass_on(exchange: Exchange) -> bool:
    """No fault."""
    exchange.send(exchange.forward())
    return True


class Proxy:
    """Listens on loopback until the block ends; a thread for each connection."""

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        """``target``: the port of the server. ``tls``: what to show of oneself, where this end is encrypted."""
        self.target = target
        self.tls = tls
        self.requests: list[str] = []
        """Paths, in the order in which they came."""
        self.bytes = 0
        self._fault: Fault = pass_on
        self._since = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port = int(self._listener.getsockname()[1])
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"

    def begin(self, fault: Fault) -> None:
        """Let this happen to every request from now on."""
        with self._lock:
            self._fault = fault
            self._since = len(self.requests)

    def end(self) -> None:
        """No more faults."""
        self.begin(pass_on)

    def cut(self) -> None:
        """End all connections that stand."""
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Proxy:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            near.settimeout(_PATIENCE)
            with self._lock:
                self._open.add(near)
            self._start(self._serve, near)

    def _serve(self, plain: socket.socket) -> None:
        near = plain
        try:
            if self.tls is not None:
                near = self.tls.wrap_socket(plain, server_side=True, suppress_ragged_eofs=True)
                with self._lock:
                    self._open.discard(plain)
                    self._open.add(near)
            while (request := read_message(near)) and self._deal(near, request):
                pass
        except (OSError, Gone):
            pass
        finally:
            with self._lock:
                self._open.discard(near)
            near.close()

    def _deal(self, near: socket.socket, request: bytes) -> bool:
        exchange = Exchange(self, near, request)
        with self._lock:
            exchange.number = len(self.requests) - self._since
            self.requests.append(exchange.path)
            self.bytes += len(request)
            fault = self._fault
        if exchange.path == "/v1/events":
            return self._stream(near, request)
        return fault(exchange)

    def _stream(self, near: socket.socket, request: bytes) -> bool:
        """Pass a stream of events on until either end has enough."""
        with socket.create_connection(("127.0.0.1", self.target), _PATIENCE) as far:
            far.sendall(request)
            far.settimeout(None)
            with self._lock:
                self._open.add(far)
            try:
                while data := far.recv(65_536):
                    near.sendall(data)
            finally:
                with self._lock:
                    self._open.discard(far)
        return False


def read_message(end: socket.socket) -> bytes:
    """One whole request or answer, or what came of it before the end."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        piece = end.recv(65_536)
        if not piece:
            return bytes(data)
        data += piece
    head = bytes(data).partition(b"\r\n\r\n")[0]
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    whole = len(head) + 4 + length
    while len(data) < whole:
        piece = end.recv(65_536)
        if not piece:
            break
        data += piece
    return bytes(data)
