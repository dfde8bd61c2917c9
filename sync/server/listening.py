"""What a server has for itself alone: its data directory, and a port."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import filelock

from sync.errors import Busy, SitebookError

LOCK_FILE: Final = "relay.lock"
_GONE_MS: Final = 60_000
"""How long what was sent may stay unconfirmed, or unread: then the other side is gone, and its stream ends."""


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """One server for a directory, which is made where there is none.

    Raises:
        Busy: another one runs on it.
        SitebookError: it cannot be used.
    """
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
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket: before anything else is started, so that a port in use is a sentence.

    Raises:
        SitebookError: the address cannot be had.
    """
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
        if sys.platform == "linux":
            # Connections take it over from the socket that accepts them.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _GONE_MS)
        try:
            listener.bind(where)
        except OSError as error:
            raise SitebookError(_unusable(host, port, error)) from error
        yield listener
    finally:
        listener.close()


def allow_files(count: int) -> None:
    """Let this process have so many connections open, as far as the system lets it; usually it is 1,024."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _unusable(host: str, port: int, error: OSError) -> str:
    """Why an address cannot be had, as a sentence."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; give another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user; give one above 1023 with --port."
    return f"{host} port {port} is not an address of this machine; give another."


def shown(host: str) -> str:
    """A host as it stands in an address."""
    return f"[{host}]" if ":" in host else host
