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
_USUAL: Final = (
    *("full_page_writes=off", "shared_buffers=32MB", "max_connections=200", "jit=off"),
    *("listen_addresses=127.0.0.1", "unix_socket_directories="),
)


class Postgres:
    """One server; each test takes a database of its own."""

    def __init__(self, programs: Path, folder: Path, settings: tuple[str, ...]) -> None:
        self._programs = programs
        self._folder = folder
        self._settings = settings
        self._numbers = count(1)
        self.port = _free_port()
        _run([str(programs / "initdb"), "-D", "data", "-U", USER, "-E", "UTF8", *_INITDB], folder)
        (folder / "data" / "pg_hba.conf").write_text(_ACCESS)
        self._process = self._started()
        self._admin = self._connected()
        self.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")

    @property
    def log(self) -> str:
        """What it wrote about itself."""
        return (self._folder / "log").read_text(errors="replace")

    def dsn(self, database: str, user: str = USER) -> str:
        """How to connect."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

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

    def end_sessions(self, but: int = 0) -> None:
        """Cut every connection but this one's and that of one process."""
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid NOT IN (pg_backend_pid(), %s)",
            (but,),
        )

    def crash(self) -> None:
        """Die as in a power cut, as far as the memory of the server goes."""
        self._admin.close()
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Start again, after :meth:`crash` or :meth:`stop`."""
        self._process = self._started()
        self._admin = self._connected()

    def stop(self) -> None:
        """Stop, whoever is still connected."""
        self._admin.close()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        options = [*_USUAL, f"port={self.port}", *self._settings]
        with (self._folder / "log").open("ab") as log:
            # It ends when this process does, however that ends.
            return subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "INT", *_unprivileged()),
                    *(str(self._programs / "postgres"), "-D", "data"),
                    *(word for option in options for word in ("-c", option)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )

    def _connected(self) -> psycopg.Connection:
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                return psycopg.connect(self.dsn("postgres"), autocommit=True)
            except psycopg.OperationalError:
                time.sleep(0.02)
        if self._process.poll() is None:
            self._process.kill()
        pytest.fail(f"PostgreSQL does not start: {self.log}")


@contextmanager
def started(*settings: str) -> Iterator[Postgres]:
    """A server that runs until the block ends, and dies with this process in any case.

    It does without waiting for the disk, unless there are settings.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="sitebook-postgres-"))
    try:
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        server = Postgres(programs, folder, settings or ("fsync=off",))
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB: Final = ("--no-locale", "--no-sync", "--no-instructions", "--auth=trust")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        [*("setpriv", *_unprivileged()), *command] if _unprivileged() else command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stderr}")


def _programs() -> Path:
    """Where Debian has the programs of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        pytest.fail(_MISSING)
    return Path(elsewhere).parent


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
