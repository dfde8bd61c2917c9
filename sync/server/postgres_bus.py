"""Wake-ups between the processes of one server: what one stored, the listeners of all hear.

Carried by ``NOTIFY`` on a channel of the database's own (two Sitebooks may share a database), after the
commit and outside of it, since a ``NOTIFY`` within a transaction makes all commits of the database queue. One thread
sends what happened here, many changes of one project as one; another listens on a connection of its
own. What is lost while that is down is made good: when it is up again, every listener of this process is
told to look. Payloads, words with spaces between, at most 8,000 bytes (PostgreSQL's bound)::

    changed  <process> <project> <version> <membership's version>
    presence <process> <project> <sender> <base64 of at most 4 KiB>
    mark     <process> <project> <event> <kind or ->

``process`` is a random name, by which a process knows what it said itself.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import selectors
import socket
import threading
from collections import deque
from typing import Final

import psycopg
from psycopg import sql

from sync.clock import Random
from sync.server.hub import Hub
from sync.server.log import log
from sync.server.postgres import PostgresStorage
from sync.server.postgres_pool import Connection

MAX_PAYLOAD: Final = 7_999
_LOGGER: Final = logging.getLogger("sitebook.server")
_WAITING: Final = 1_000
"""Most messages beside changes that wait to be sent."""
_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 10.0
_LOOK_SECONDS: Final = 30.0
"""How often a connection that is silent is asked whether it still lives."""


class PostgresBus:
    """One process's way to the others over one database. Works in two threads of its own until it is closed."""

    def __init__(self, storage: PostgresStorage, hub: Hub, random: Random) -> None:
        """Begin; the hub passes on here what happens in this process, from now on."""
        self._storage = storage
        self._hub = hub
        self._process = random(8).hex()
        self._channel = f"sitebook_{storage.generation.hex()}"
        self._lock = threading.Lock()
        self._changed: dict[bytes, tuple[int, int]] = {}
        self._others: deque[str] = deque(maxlen=_WAITING)
        self._something = threading.Event()
        self._closed = threading.Event()
        self._wake, self._woken = socket.socketpair()
        self.listening = threading.Event()
        """Set while this process hears the others."""
        self._threads = [
            threading.Thread(target=self._send, name="sitebook-notify", daemon=True),
            threading.Thread(target=self._listen, name="sitebook-listen", daemon=True),
        ]
        hub.elsewhere = self
        for thread in self._threads:
            thread.start()

    def changed(self, project: bytes, version: int, membership: int) -> None:
        """Something was stored."""
        with self._lock:
            known = self._changed.get(project, (0, 0))
            self._changed[project] = (max(known[0], version), max(known[1], membership))
        self._something.set()

    def presence(self, project: bytes, wire: bytes, sender: bytes) -> None:
        """Somebody who is there said so."""
        self._queue(
            f"presence {self._process} {project.hex()} {sender.hex()} {base64.b64encode(wire).decode()}"
        )

    def mark(self, project: bytes, event: str, kind: str) -> None:
        """A bundle or a notice came."""
        self._queue(f"mark {self._process} {project.hex()} {event} {kind or '-'}")

    def close(self) -> None:
        """Stop; what was not sent yet is sent, where that does not take long."""
        self._hub.elsewhere = None
        self._closed.set()
        self._something.set()
        self._wake.send(b"x")
        for thread in self._threads:
            thread.join(0.3)
        self._wake.close()

    def _queue(self, message: str) -> None:
        if len(message) <= MAX_PAYLOAD:
            with self._lock:
                self._others.append(message)
            self._something.set()

    def _send(self) -> None:
        """The thread that speaks."""
        wait = _FIRST_WAIT
        connection: Connection | None = None
        while True:
            self._something.wait()
            # Cleared first: what comes from here on is sent now or wakes this again.
            self._something.clear()
            try:
                if connection is None:
                    connection = self._storage.connect()
                self._say(connection)
                wait = _FIRST_WAIT
            except (psycopg.Error, OSError) as error:
                # The changes wait, and come together. Who is there, is not there any more when it is up again.
                log(_LOGGER, logging.WARNING, "notify_failed", cause=type(error).__name__)
                if connection is not None:
                    connection.close()
                connection = None
                with self._lock:
                    self._others.clear()
                self._something.set()
                self._closed.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
                if self._closed.is_set():
                    return
            if self._closed.is_set():
                if connection is not None:
                    connection.close()
                return

    def _say(self, connection: Connection) -> None:
        with self._lock:
            changed, self._changed = self._changed, {}
            others = list(self._others)
            self._others.clear()
        said = [
            f"changed {self._process} {project.hex()} {version} {membership}"
            for project, (version, membership) in changed.items()
        ]
        said += others
        if not said:
            return
        try:
            connection.execute(
                "SELECT pg_notify(%s, said) FROM unnest(%s::text[]) AS said", (self._channel, said)
            )
        except BaseException:
            for project, state in changed.items():
                self.changed(project, *state)
            raise

    def _listen(self) -> None:
        """The thread that hears."""
        wait = _FIRST_WAIT
        while not self._closed.is_set():
            try:
                with contextlib.closing(self._storage.connect()) as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    wait = _FIRST_WAIT
                    self._hub.look_everywhere()
                    self.listening.set()
                    self._hear(connection)
            except (psycopg.Error, OSError) as error:
                if not self._closed.is_set():
                    log(_LOGGER, logging.WARNING, "listen_failed", cause=type(error).__name__)
            self.listening.clear()
            self._closed.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        self._woken.close()

    def _hear(self, connection: Connection) -> None:
        """Pass on what others say, until this is closed or the connection is lost."""
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._closed.is_set():
                # First: some may have come with the answer to a statement.
                for said in connection.notifies(timeout=0):
                    self._take(said.payload)
                if not selector.select(_LOOK_SECONDS):
                    connection.execute("SELECT 1")

    def _take(self, payload: str) -> None:
        """Who may write to the database may say anything; what is not ours means nothing."""
        words = payload.split(" ")
        try:
            event, process, project = words[0], words[1], bytes.fromhex(words[2])
            if process == self._process or len(project) != 32:
                return
            if event == "changed":
                self._hub.changed_elsewhere(project, int(words[3]), int(words[4]))
            elif event == "presence":
                wire = base64.b64decode(words[4], validate=True)
                self._hub.presence_elsewhere(project, wire, bytes.fromhex(words[3]))
            elif event == "mark":
                self._hub.mark_elsewhere(project, words[3], "" if words[4] == "-" else words[4])
        except (IndexError, ValueError, binascii.Error):
            log(_LOGGER, logging.WARNING, "strange_notify")
