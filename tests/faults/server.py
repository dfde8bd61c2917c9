"""A real server process for these tests: no limits of rate, and a clock that is set from outside.

``python -m tests.faults.server DATA PORT OFFSET_MS``; each line on its standard input is a new offset of its
clock in milliseconds.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

import uvicorn

from sync.clock import SystemClock, system_random
from sync.server.http import make_app, make_hub
from sync.server.limits import Limits
from sync.server.objects import FOLDER, folder_objects
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage

_ROOT = Path(__file__).resolve().parents[2]
_MANY = 1e9


class SetClock(SystemClock):
    """The machine's clock, and so much beside it."""

    def __init__(self, offset_ms: int) -> None:
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        return super().now_ms() + self.offset_ms


class Server:
    """The process; it can be killed and started again at the same address."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self.offset_ms = 0
        self._log = data.with_name(f"{data.name}.log")
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.server"),
                    *(str(self.data), str(self.port), str(self.offset_ms)),
                ],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("Server at "):
            self.kill()
            raise AssertionError(f"the server said {line!r} and {self._log.read_text()[-2000:]!r}")
        self.port = int(line.rpartition(":")[2])

    def set_clock(self, offset_ms: int) -> None:
        """Let its clock jump; it stands so when this returns."""
        self.offset_ms = offset_ms
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{offset_ms}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def kill(self) -> None:
        """SIGKILL; nothing where it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def main() -> None:
    """Serve until killed."""
    data, port, offset = sys.argv[1:]
    clock = SetClock(int(offset))

    def listen() -> None:
        for line in sys.stdin:
            clock.offset_ms = int(line)
            print("set", flush=True)

    limits = Limits(
        key_rate=_MANY,
        key_burst=_MANY,
        address_rate=_MANY,
        address_burst=_MANY,
        sign_in_rate=_MANY,
        sign_in_burst=_MANY,
    )
    # With its protocol named, or asyncio leaves Nagle's algorithm on and each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(1_024)
    folder = Path(data)
    folder.mkdir(exist_ok=True)
    storage = SqliteStorage(folder / "relay.db", clock, system_random)
    hub = make_hub(limits)
    relay = Relay(storage, clock, limits, hub.changed, objects=folder_objects(folder / FOLDER, system_random))
    app = make_app(relay, clock, system_random, limits, hub)
    config = uvicorn.Config(
        app, loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None, access_log=False
    )
    # Connections that come now wait in the listener's queue until it is served.
    print(f"Server at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    threading.Thread(target=listen, daemon=True).start()
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
