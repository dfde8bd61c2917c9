"""A server that answers whatever a test wants, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

Script = Callable[[socket.socket, bytes], None]
"""Gets a connection and the head of a request with what came of its body; then the connection is closed."""


class ScriptedServer:
    """Listens on loopback; one thread, one connection at a time."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)
        self.requests: list[bytes] = []
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(20)
                with contextlib.suppress(OSError):
                    if self._tls is None:
                        self._answer(connection)
                    else:
                        with self._tls.wrap_socket(connection, server_side=True) as secured:
                            self._answer(secured)

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        # A TLS greeting begins with 0x16 and has no blank line.
        while b"\r\n\r\n" not in head and head[:1] != b"\x16" and (data := connection.recv(65536)):
            head += data
        if head:
            self.requests.append(head)
            self._script(connection, head)


def always(answer: bytes) -> Script:
    """Answer this to everything."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(answer)

    return script


def http(body: bytes, *, status: str = "200 OK", kind: str = "application/msgpack", extra: str = "") -> bytes:
    """A whole answer."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n{extra}\r\n".encode() + body
