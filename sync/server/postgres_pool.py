"""A few connections to one database, made when they are needed.

Made for this rather than taken from psycopg_pool, whose clients wait out their time while the database is
down and again while its pauses between attempts last: here whoever asks hears at once why there is no
connection, and is served at once when there is one again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

Connection = psycopg.Connection[Any]


class PoolBusy(Exception):
    """All connections were in use for too long."""


class Pool:
    """At most ``size`` connections at one time. Safe to use from several threads."""

    def __init__(self, connect: Callable[[], Connection], *, size: int, seconds: float) -> None:
        """``seconds``: how long to wait for one that others use."""
        self._connect = connect
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        self._used = 0

    @property
    def used(self) -> int:
        """Connections that are in use now."""
        return self._used

    def take(self) -> Connection:
        """A connection, the one that was used last where one is idle.

        Raises:
            PoolBusy: there was none in time.
            psycopg.Error: a new one could not be made.
        """
        if not self._places.acquire(timeout=self._seconds):
            raise PoolBusy
        try:
            with self._lock:
                self._used += 1
                if self._idle:
                    return self._idle.pop()
            return self._connect()
        except BaseException:
            with self._lock:
                self._used -= 1
            self._places.release()
            raise

    def give(self, connection: Connection) -> None:
        """Give one back; it is kept where it is as it was."""
        try:
            with self._lock:
                if not self._closed and connection.info.transaction_status == TransactionStatus.IDLE:
                    self._idle.append(connection)
                    return
            connection.close()
        finally:
            with self._lock:
                self._used -= 1
            self._places.release()

    def forget(self) -> None:
        """Close those that are idle, as when one of them turned out to be lost."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close those that are idle, and the others when they are given back."""
        self._closed = True
        self.forget()
