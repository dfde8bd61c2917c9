"""The whole program as users start it: one process a command, a server, a wire that is recorded."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "correct horse battery"
_AHEAD = """\
import sys
from sync.clock import SystemClock
from sync.server.config import read_config
from sync.server.main import serve

class Ahead(SystemClock):
    def now_ms(self):
        return super().now_ms() + int(sys.argv[3]) * 86_400_000

given = {("storage", "data"): sys.argv[1], ("listen", "port"): sys.argv[2]}
serve(read_config(None, {}, given), clock=Ahead())
"""
_READY = re.compile(r"Sitebook server at (http://\S+), data in .+\n")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]


@dataclass
class Program:
    """One profile, driven by the command line only."""

    profile: Path
    passphrase: str = PASSPHRASE
    recovery: str = ""
    """Where it is known, it opens the profile: unlike a passphrase it is not stretched, which takes long."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SITEBOOK_PROFILE": str(self.profile),
            "SITEBOOK_PASSPHRASE": self.passphrase,
            "SITEBOOK_RECOVERY": self.recovery,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "LC_ALL": "C.UTF-8",
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *words: str) -> Ran:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        if process.returncode:
            assert err.startswith("sitebook: "), err
            assert err.count("\n") == 1, err
        return Ran(process.returncode, out, err)

    def ok(self, *words: str) -> Ran:
        ran = self.run(*words)
        assert ran.code == 0, ran
        return ran

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json").out)


class Server:
    """``sitebook serve`` on loopback; it may be stopped and started again at the same address."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = data.with_name(f"{data.name}.log")
        self.port = 0
        self.days_ahead = 0
        """How far its clock is ahead when it is started the next time."""
        self.process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self._words()],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        match = _READY.fullmatch(line)
        if match is None:
            self.kill()
            raise AssertionError(f"the server said {line!r} and {self.log.read_text()!r}")
        self.port = int(match[1].rpartition(":")[2])

    def _words(self) -> list[str]:
        if self.days_ahead:
            return ["-c", _AHEAD, str(self.data), str(self.port), str(self.days_ahead)]
        return ["-m", "app", "serve", "--data", str(self.data), "--port", str(self.port)]

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.kill()
        return code

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class Wire:
    """Passes connections on to a server on loopback, and keeps every byte of both directions."""

    def __init__(self, port: int, record: Path) -> None:
        self._target = port
        self._record = record.open("wb")
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._ends += [near, far]
            threading.Thread(target=self._pass, args=(near, far), daemon=True).start()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        try:
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for each in ready:
                    data = each.recv(1 << 16)
                    if not data:
                        return
                    with self._lock:
                        self._record.write(data)
                    other[each].sendall(data)
        except (OSError, ValueError):
            return
        finally:
            near.close()
            far.close()

    def close(self) -> None:
        self._listener.close()
        with self._lock:
            self._record.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
