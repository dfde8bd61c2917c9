"""What monitoring reads: Prometheus metrics in a registry of their own.

Labels are of closed sets (our paths, statuses, outcomes), so nobody can make the number of series grow, and no
label or value names a project, a device or an address.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import asdict
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.clock import Clock
from sync.errors import SitebookError
from sync.server.collect import Collected
from sync.server.guard import FACTS
from sync.server.log import log
from sync.server.storage import Totals
from sync.transport import http_messages as messages

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_STREAM: Final = "/v1/events"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TOTALS_SECONDS: Final = 60.0
"""How old the totals may be: to count them, the storage reads a row of each project."""
_LOGGER: Final = logging.getLogger("sitebook.server")


class Metrics:
    """The numbers of one process. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._registry = registry = CollectorRegistry()
        self._now = _Now(clock)
        registry.register(self._now)
        ProcessCollector(registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"sitebook_{name}", text, labels, registry=registry)

        self._requests = counter("requests", "Requests that were answered.", "path", "status")
        self._seconds = Histogram(
            "sitebook_request_seconds",
            "How long requests took, streams of events left out.",
            ("path",),
            registry=registry,
            buckets=_BUCKETS,
        )
        self._bytes_in = counter("received_bytes", "Bytes of bodies that came.")
        self._bytes_out = counter("sent_bytes", "Bytes of answers that went out.")
        self._pushed = counter(
            "pushed_envelopes", "Envelopes that were pushed, by what became of them.", "outcome"
        )
        self._pulled = counter("pulled_envelopes", "Envelopes that were pulled.")
        self._chunk_bytes = counter("pulled_chunk_bytes", "Bytes of chunks that were fetched.")
        self._failures = counter("storage_errors", "Requests that failed since the storage did.")
        self._mistakes = counter("internal_errors", "Requests that failed by a mistake of the server's.")
        self._refused = counter("busy", "Requests turned away: too many at once, or too often.", "reason")
        self._collected = counter("collected", "What gc has removed.", "what")
        self._rounds = counter("gc_rounds", "Rounds of gc, by whether they went through.", "outcome")
        for outcome in ("accepted", "known", "refused", "later"):
            self._pushed.labels(outcome)
        # A series that begins with its first event would not show it as an increase.
        for reason in ("busy", "rate"):
            self._refused.labels(reason)
        for outcome in ("done", "failed"):
            self._rounds.labels(outcome)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a number that is read when somebody asks."""
        self._now.gauges[f"sitebook_{name}"] = (text, read)

    def totals(self, read: Callable[[], Totals]) -> None:
        """Add what the storage holds; it is counted once a minute at most."""
        self._now.read = read

    def sessions(self, sessions: Sized) -> None:
        """These are the sessions of this process."""
        self.gauge("sessions", "Sessions that are signed in.", lambda: len(sessions))

    def replied(self, reply: messages.Message) -> None:
        """Count what an answer holds."""
        if isinstance(reply, messages.PushReply):
            for ack in reply.acks:
                self._pushed.labels(str(ack.outcome)).inc()
        elif isinstance(reply, messages.PullReply):
            self._pulled.inc(len(reply.wires))
        elif isinstance(reply, messages.ChunkReply):
            self._chunk_bytes.inc(len(reply.data or b""))

    def answered(self, scope: Mapping[str, Any], seconds: float) -> None:
        """Count a request that has ended."""
        facts: Mapping[str, Any] = scope.get(FACTS, {})
        # A path that is none of ours must not become a series.
        path = scope["path"] if "endpoint" in scope else "unknown"
        self._requests.labels(path, str(facts.get("status") or 500)).inc()
        if path != _STREAM:
            self._seconds.labels(path).observe(seconds)
        self._bytes_in.inc(facts.get("bytes_in", 0))
        self._bytes_out.inc(facts.get("bytes_out", 0))
        code = facts.get("code")
        if code == "storage":
            self._failures.inc()
        elif code == "internal":
            self._mistakes.inc()
        elif code in ("busy", "rate"):
            self._refused.labels(code).inc()

    def collected(self, done: Collected | None) -> None:
        """A round of gc went through, or, with None, did not."""
        self._rounds.labels("failed" if done is None else "done").inc()
        for what, count in ({} if done is None else asdict(done)).items():
            self._collected.labels(what).inc(count)

    def listen(self, host: str, port: int) -> Callable[[], None]:
        """Answer on an address of their own, from a thread; gives what ends it. Raises OSError."""
        server, thread = start_http_server(port, host, registry=self._registry)

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close

    def text(self) -> bytes:
        """All of it as Prometheus reads it. May wait for the storage: for a thread."""
        return generate_latest(self._registry)


class _Now(Collector):
    """What is read when somebody asks."""

    def __init__(self, clock: Clock) -> None:
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self.read: Callable[[], Totals] | None = None
        self._clock = clock
        self._begun = clock.monotonic()
        self._lock = threading.Lock()
        self._known: tuple[float, Totals] | None = None

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are ours, and asking the storage for them would be dear."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The numbers of now."""
        yield GaugeMetricFamily(
            "sitebook_uptime_seconds", "Since the server began.", value=self._clock.monotonic() - self._begun
        )
        for name, (text, read) in list(self.gauges.items()):
            yield GaugeMetricFamily(name, text, value=read())
        totals = self._totals()
        if totals is not None:
            yield GaugeMetricFamily("sitebook_projects", "Projects.", value=totals.projects)
            yield GaugeMetricFamily("sitebook_envelopes", "Envelopes, all projects.", value=totals.envelopes)
            yield GaugeMetricFamily("sitebook_log_bytes", "Bytes of envelopes.", value=totals.log_bytes)
            yield GaugeMetricFamily("sitebook_chunk_bytes", "Bytes of chunks.", value=totals.chunk_bytes)

    def _totals(self) -> Totals | None:
        with self._lock:
            now = self._clock.monotonic()
            if self.read is not None and (self._known is None or now - self._known[0] >= _TOTALS_SECONDS):
                try:
                    self._known = (now, self.read())
                except SitebookError as error:
                    # The other numbers say what is wrong; without these they must not fail too.
                    log(_LOGGER, logging.WARNING, "metrics", sentence=str(error))
                    self._known = None
            return None if self._known is None else self._known[1]
