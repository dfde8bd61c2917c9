"""A PostgreSQL of the tests' own: on loopback, in a temporary folder, gone when they end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg import sql

USER: Final = "sitebook"
PASSWORD: Final = "no-secret-of-anyone"
GUARDED: Final = "guarded"
"""A user who needs :data:`PASSWORD`; the others need none."""
_MISSING: Final = (
    "PostgreSQL is not installed, and these tests need it: `apt-get install postgresql`"
    " (packaging/system-packages.txt)."
)
_ACCESS: Final = f"""
host all {GUARDED} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


class Postgres:
    """One server; each test takes a database of its own."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._numbers = count(1)
        self._admin = psycopg.connect(self.dsn("postgres"), autocommit=True)

    def dsn(self, database: str, user: str = USER) -> str:
        """How to connect."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database, as what to connect with; it goes with the block."""
        name = f"t{next(self._numbers)}"
        self.execute("CREATE DATABASE {}", name)
        try:
            yield self.dsn(name)
        finally:
            self.execute("DROP DATABASE {} WITH (FORCE)", name)

    def execute(self, statement: str, *names: str) -> None:
        """Do something as the superuser, outside the databases of tests."""
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def close(self) -> None:
        self._admin.close()


@contextmanager
def started(*settings: str) -> Iterator[Postgres]:
    """A server that runs until the block ends, and dies with this process in any case.

    It does without waiting for the disk, unless ``fsync=on`` is among the settings.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="sitebook-postgres-"))
    try:
        data, log, port = folder / "data", folder / "log", _free_port()
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            [
                *_unprivileged(),
                str(programs / "initdb"),
                *("-D", str(data), "-U", USER, "-E", "UTF8"),
                *("--no-locale", "--no-sync", "--no-instructions", "--auth=trust"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
        if made.returncode:
            pytest.fail(f"initdb failed: {made.stderr}")
        (data / "pg_hba.conf").write_text(_ACCESS)
        options = [
            *("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200", "jit=off"),
            *("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="),
            *settings,
        ]
        with log.open("wb") as written:
            process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "INT", *_unprivileged()),
                    str(programs / "postgres"),
                    *("-D", str(data)),
                    *(word for option in options for word in ("-c", option)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                cwd=folder,
            )
        try:
            yield from _served(process, port, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(process: subprocess.Popen[bytes], port: int, log: Path) -> Iterator[Postgres]:
    server = _connected(process, port, log)
    try:
        server.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.close()
        # Sessions that a failed test left open must not hold up the end.
        process.send_signal(signal.SIGINT)


def _connected(process: subprocess.Popen[bytes], port: int, log: Path) -> Postgres:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return Postgres(port, log)
        except psycopg.OperationalError:
            time.sleep(0.02)
    pytest.fail(f"PostgreSQL does not start: {log.read_text()}")


def _programs() -> Path:
    """Where Debian has the programs of the newest version."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    if found:
        return found[0].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        pytest.fail(_MISSING)
    return Path(elsewhere).parent


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
