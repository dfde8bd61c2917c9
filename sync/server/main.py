"""The relay as a process."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

import filelock
import uvicorn

from sync.clock import Clock, Random, SystemClock, system_random
from sync.errors import Busy, SitebookError
from sync.server import log
from sync.server.http import make_app, make_hub
from sync.server.hub import Hub
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8750
DATA_FILE: Final = "relay.db"
LOCK_FILE: Final = "relay.lock"
_GRACE: Final = 0.5
"""Seconds that requests under way have to finish once the server is told to stop."""
_BACKLOG: Final = 1_024


def serve(
    data_dir: Path,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    limits: Limits | None = None,
    clock: Clock | None = None,
    random: Random = system_random,
    output: TextIO | None = None,
) -> None:
    """Run a relay until SIGINT or SIGTERM.

    Prints one line with its address once it answers; port 0 takes a free one. The log goes to standard error.

    Raises:
        SitebookError: the directory or the port cannot be used; the sentence says why.
    """
    limits = limits if limits is not None else Limits()
    clock = clock if clock is not None else SystemClock()
    with ExitStack() as stack:
        stack.enter_context(log.to_standard_error())
        stack.enter_context(_lock(data_dir))
        listener = stack.enter_context(_listen(host, port))
        storage = SqliteStorage(data_dir / DATA_FILE, clock, random)
        stack.callback(storage.close)
        hub = make_hub(limits)
        app = make_app(Relay(storage, clock, limits, hub.changed), clock, random, limits, hub)
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # Who asks is who connects: a header that a client can write must not choose its rate limit.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=limits.connections,
            backlog=_BACKLOG,
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=16 << 10,
        )
        address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
        line = f"Sitebook server at {address}, data in {data_dir}"
        server = _Server(config, line, output if output is not None else sys.stdout, hub)
        asyncio.run(server.serve(sockets=[listener]))


class _Server(uvicorn.Server):
    """Says where it listens once it does; a signal stops it and does not kill it afterwards."""

    def __init__(self, config: uvicorn.Config, line: str, output: TextIO, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub
        self._line = line
        self._output = output

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._line, file=self._output, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(super().shutdown(sockets), _GRACE)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """One server for a directory, which is made where there is none."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(data_dir / LOCK_FILE)
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise Busy(
            f"Another server already runs on {data_dir}; stop it, or give another directory."
        ) from error
    except OSError as error:
        raise SitebookError(
            f"The directory {data_dir} cannot be used ({error.strerror}); give one that can be written to."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket: before anything else is started, so that a port in use is a sentence."""
    if not 0 <= port < 1 << 16:
        raise SitebookError(f"{port} is not a port; give one from 1 to 65535, or 0 for a free one.")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise SitebookError(f"{host} port {port} is not an address of this machine; give another.") from error
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
        except OSError as error:
            raise SitebookError(_unusable(host, port, error)) from error
        yield listener
    finally:
        listener.close()


def _unusable(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; give another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user; give one above 1023 with --port."
    return f"{host} port {port} is not an address of this machine; give another."


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
