"""The relay as a process."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

import uvicorn

from sync.clock import Clock, Random, SystemClock, system_random
from sync.errors import SitebookError
from sync.server import log
from sync.server.around import Around
from sync.server.certificates import ServedCertificate
from sync.server.collecting import collecting
from sync.server.config import SQLITE, MetricsSection, ServerConfig
from sync.server.http import make_app, make_hub
from sync.server.hub import Hub
from sync.server.limits import Limits
from sync.server.listening import allow_files, listening, locked, shown
from sync.server.metrics import Metrics
from sync.server.opening import (
    connections_in_use,
    open_objects,
    open_storage,
    place,
    shared_secret,
    told_to_others,
)
from sync.server.relay import Relay
from sync.server.storage import Storage, Totals

_GRACE: Final = 0.5
"""Seconds that requests under way have to finish once the server is told to stop."""
_BACKLOG: Final = 1_024
_OTHER_FILES: Final = 200
"""Files and connections to the storage, beside those of devices."""
_LOOK_SECONDS: Final = 10.0
"""How often the files of the certificate are looked at."""

Task = Callable[[], Coroutine[Any, Any, None]]
"""What runs beside the requests until the server stops."""


def serve(
    config: ServerConfig,
    *,
    clock: Clock | None = None,
    random: Random = system_random,
    output: TextIO | None = None,
) -> None:
    """Run a relay until SIGINT or SIGTERM.

    Prints one line with its address once it answers, and one with the certificate's fingerprint where it has
    one; port 0 takes a free one. The log goes to standard error.

    Raises:
        SitebookError: what the configuration names cannot be used; the sentence says why.
    """
    limits = config.limits()
    clock = clock if clock is not None else SystemClock()
    with ExitStack() as stack:
        stack.enter_context(log.to_standard_error(log.LEVELS[config.log.level]))
        if config.storage.url == SQLITE:
            stack.enter_context(locked(config.data))
        allow_files(limits.connections + _OTHER_FILES)
        certificate = _certificate(config)
        listener = stack.enter_context(listening(config.listen.host, config.listen.port))
        storage = open_storage(config, clock, random)
        stack.callback(storage.close)
        metrics = Metrics(clock)
        stack.enter_context(_metrics_address(config.metrics, metrics))
        metrics.totals(lambda: _totals(storage))
        in_use = connections_in_use(storage)
        if in_use is not None:
            metrics.gauge("database_connections", "Connections to the database that are in use.", in_use)
        hub = make_hub(limits)
        stack.enter_context(told_to_others(storage, hub, random))
        metrics.gauge("open_streams", "Streams of events that are open.", lambda: len(hub))
        objects = open_objects(config, random)
        relay = Relay(storage, clock, limits, hub.changed, objects=objects, marked=hub.mark)
        app = make_app(relay, clock, random, limits, hub, metrics, shared_secret(storage))
        around = Around(
            app,
            clock=clock,
            random=random,
            trusted=config.trusted,
            metrics=metrics,
            token=config.metrics.token.reveal(),
        )
        scheme = "http" if certificate is None else "https"
        address = f"{scheme}://{shown(config.listen.host)}:{listener.getsockname()[1]}"
        lines = [f"Sitebook server at {address}, data in {place(config)}"]
        tasks: list[Task] = [lambda: collecting(storage, objects, clock, limits, metrics.collected)]
        if certificate is not None:
            lines.append(f"Certificate's SHA-256: {certificate.fingerprint}")
            tasks.append(lambda: _watch(certificate))
        server = _Server(
            _uvicorn(around, limits, certificate),
            lines,
            output if output is not None else sys.stdout,
            hub,
            tasks,
            certificate,
        )
        asyncio.run(server.serve(sockets=[listener]))


def _totals(storage: Storage) -> Totals:
    with storage.read() as view:
        return view.totals()


def _certificate(config: ServerConfig) -> ServedCertificate | None:
    if not config.tls.certificate:
        return None
    return ServedCertificate(Path(config.tls.certificate).expanduser(), Path(config.tls.key).expanduser())


def _uvicorn(app: Around, limits: Limits, certificate: ServedCertificate | None) -> uvicorn.Config:
    context = None if certificate is None else certificate.context
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        # Who asks is who connects, or whom a trusted proxy names: that is `Around`'s to say.
        proxy_headers=False,
        server_header=False,
        ssl_context_factory=None if context is None else lambda _config, _usual: context,
        limit_concurrency=limits.connections,
        backlog=_BACKLOG,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=16 << 10,
    )


class _Server(uvicorn.Server):
    """Says where it listens once it does; a signal stops it and does not kill it afterwards."""

    def __init__(
        self,
        config: uvicorn.Config,
        lines: Sequence[str],
        output: TextIO,
        hub: Hub,
        tasks: Sequence[Task],
        certificate: ServedCertificate | None,
    ) -> None:
        super().__init__(config)
        self._hub = hub
        self._lines = lines
        self._output = output
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []
        self._certificate = certificate
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._running = [asyncio.create_task(task()) for task in self._tasks]
        print("\n".join(self._lines), file=self._output, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self._running:
            task.cancel()
        self._hub.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(super().shutdown(sockets), _GRACE)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers: dict[int, Any] = {signal.SIGINT: self.handle_exit, signal.SIGTERM: self.handle_exit}
        if sys.platform != "win32":
            handlers[signal.SIGHUP] = self._again
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _again(self, _number: int, _frame: object) -> None:
        """SIGHUP: a certificate that was renewed counts from now on. Nothing else is read again."""
        certificate = self._certificate
        if certificate is not None and self._loop is not None:
            # A handler of a signal may run between any two steps: the loop does it at its next turn.
            self._loop.call_soon_threadsafe(lambda: certificate.look(always=True))


async def _watch(certificate: ServedCertificate) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        certificate.look()


@contextmanager
def _metrics_address(section: MetricsSection, metrics: Metrics) -> Iterator[None]:
    """An address for the metrics alone, where the configuration wants one."""
    if not section.port:
        yield
        return
    try:
        close = metrics.listen(section.host, section.port)
    except OSError as error:
        where = f"Port {section.port} on {section.host}"
        raise SitebookError(
            f"[metrics] {where} cannot be used ({error.strerror or error}); give another."
        ) from error
    try:
        yield
    finally:
        close()
