"""Bounded HTTP: one request at a time, with an end to everything.

Name resolution and connecting cannot be interrupted, so the work is done by a thread of its own that the
caller waits for as long as it wants to. Where it stops waiting, the thread runs into its own time limits.
"""

from __future__ import annotations

import ipaddress
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sync.clock import Clock
from sync.errors import Malformed, SitebookError, Unreachable
from sync.transport.trust import OtherCertificate, Seen, Untrusted, pinned_context, system_context

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 10.0
_STALL_SECONDS: Final = 30.0
"""How long nothing may arrive or leave."""
_KEEP_SECONDS: Final = 60.0
"""How long an idle connection is kept: longer than the time between two polls."""
_LONGEST_WAIT: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What to send, and what to bear: ``size`` bytes of an answer, ``seconds`` for all of it."""

    method: str
    path: str
    body: bytes | None
    token: str | None
    size: int
    seconds: float


_QUESTION: Final = HttpRequest("GET", "/healthz", None, None, 64 << 10, _CONNECT_SECONDS)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whoever it came from."""

    status: int
    content_type: str
    retry_after: float | None
    body: bytes


@dataclass(slots=True)
class _Job:
    request: HttpRequest
    ends: float
    outcome: queue.SimpleQueue[HttpAnswer | BaseException]


class HttpClient:
    """A connection to one server."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        certificate: bytes | None = None,
        make_context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """``certificate``: fingerprint of the only one that is accepted; None where the system decides.

        ``make_context``: decides instead of both. Raises SitebookError where ``url`` is not a server's address.
        """
        self.url = url.rstrip("/")
        self._loopback = _check_url(url)
        self._clock = clock
        if make_context is None:
            make_context = system_context if certificate is None else partial(pinned_context, certificate)
        self._make_context = make_context
        self._lock = threading.Lock()
        self._closed = False
        self._jobs: queue.SimpleQueue[_Job | None] | None = None
        self._thread: threading.Thread | None = None
        self._current: _Job | None = None

    def exchange(self, request: HttpRequest) -> HttpAnswer:
        """Send a request and wait for its answer.

        Raises:
            Unreachable: none came in time, or none that can be understood.
            Malformed: it is larger than it may be.
        """
        job = _Job(request, self._clock.monotonic() + request.seconds, queue.SimpleQueue())
        with self._lock:
            if self._closed:
                raise self._stopped()
            if self._jobs is None:
                self._jobs = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=self._work, args=(self._jobs,), name="sitebook-http", daemon=True
                )
                self._thread.start()
            self._current = job
            self._jobs.put(job)
        try:
            outcome = job.outcome.get(timeout=request.seconds)
        except queue.Empty as error:
            self._abandon()
            raise self._slow() from error
        finally:
            self._current = None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        """Let go of the connection; a request that waits in another thread ends at once."""
        with self._lock:
            self._closed = True
            job, thread = self._current, self._thread
            if job is not None:
                job.outcome.put(self._stopped())
        self._abandon()
        if job is None and thread is not None:
            thread.join(_CONNECT_SECONDS)

    def _abandon(self) -> None:
        with self._lock:
            if self._jobs is not None:
                self._jobs.put(None)
            self._jobs = self._thread = None

    def _work(self, jobs: queue.SimpleQueue[_Job | None]) -> None:
        """The thread: its own connection, one job after another, until told to go."""
        client: httpx.Client | None = None
        try:
            while (job := jobs.get()) is not None:
                try:
                    with self.explained():
                        client = client if client is not None else self.open()
                        job.outcome.put(self._perform(client, job))
                except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
                    job.outcome.put(error)
        finally:
            if client is not None:
                client.close()

    def open(self) -> httpx.Client:
        """A client of httpx for this server, for one thread. Raises Unreachable."""
        import httpx

        try:
            # A proxy or certificates from the environment have no say over this machine's own servers.
            plain = self._loopback and self.url.startswith("http://")
            return httpx.Client(
                verify=False if plain else self._make_context(),
                trust_env=not self._loopback,
                timeout=httpx.Timeout(_STALL_SECONDS, connect=_CONNECT_SECONDS),
                limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEEP_SECONDS),
                headers={"user-agent": "sitebook", "accept-encoding": "identity"},
            )
        except (ValueError, OSError, ImportError, httpx.InvalidURL) as error:
            raise Unreachable(
                "The proxy or certificate settings of this computer cannot be used; check the environment."
            ) from error

    def _perform(self, client: httpx.Client, job: _Job) -> HttpAnswer:
        request = job.request
        headers = {} if request.token is None else {"authorization": f"Bearer {request.token}"}
        if request.body is not None:
            headers["content-type"] = "application/msgpack"
        url = self.url + request.path
        with client.stream(request.method, url, content=request.body, headers=headers) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise self.not_sitebook()
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > request.size:
                    raise Malformed(
                        f"The server at {self.url} answered more than it may; the answer was dropped."
                    )
                if self._clock.monotonic() > job.ends:
                    raise self._slow()
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return HttpAnswer(
                response.status_code, kind, retry_seconds(response.headers.get("retry-after")), bytes(body)
            )

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what a network does into a sentence."""
        import httpx

        try:
            yield
        except httpx.TimeoutException as error:
            raise self._slow() from error
        except httpx.RemoteProtocolError as error:
            raise Unreachable(self._broken_off()) from error
        except httpx.ProxyError as error:
            raise Unreachable(
                f"The proxy on the way to {self.url} refused; check the proxy's settings."
            ) from error
        except (httpx.NetworkError, httpx.UnsupportedProtocol, UnicodeError) as error:
            broken_off = isinstance(error, (httpx.ReadError, httpx.WriteError))
            raise self._why(error, broken_off=broken_off) from error

    def _broken_off(self) -> str:
        hint = " If it speaks https, write https:// in its address." if self.url.startswith("http://") else ""
        return f"The server at {self.url} broke off its answer; it will be tried again.{hint}"

    def _why(self, error: BaseException, *, broken_off: bool) -> Unreachable:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OtherCertificate):
                return Unreachable(
                    f"The server at {self.url} shows another certificate than the one that was accepted; ask whoever "
                    "runs it whether it was changed, and if so set the server again to compare and accept the new one."
                )
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Untrusted(
                    f"The certificate of the server at {self.url} is not valid ({cause.verify_message}); "
                    "check the address and this computer's date, or ask the server's operator, who can also tell "
                    "you the fingerprint of the certificate to accept."
                )
            if isinstance(cause, ssl.SSLError):
                return Unreachable(f"What answers at {self.url} does not speak https; check the address.")
            cause = cause.__cause__ or cause.__context__
        if broken_off:
            return Unreachable(self._broken_off())
        return Unreachable(f"The server at {self.url} cannot be reached; check the network and the address.")

    def not_sitebook(self) -> Unreachable:
        """What answers is something else: often the sign-in page of a network."""
        return Unreachable(
            f"The server at {self.url} answered something that is not Sitebook; check the address, "
            "and whether this network wants a sign-in in a browser first."
        )

    def _slow(self) -> Unreachable:
        return Unreachable(f"The server at {self.url} did not answer in time; it will be tried again.")

    def _stopped(self) -> Unreachable:
        return Unreachable(f"The connection to {self.url} was closed here.")


def shown_certificate(url: str, clock: Clock, accepted: bytes | None = None) -> bytes | None:
    """Fingerprint of a server's certificate where a person has to accept it; None where that is not so.

    It is so where this computer does not trust it, or where it is not the one that was ``accepted``. Nothing but
    a question for the server's version is sent. Raises SitebookError, Unreachable.
    """
    if accepted is None:
        client = HttpClient(url, clock)
        try:
            client.exchange(_QUESTION)
        except Untrusted:
            pass
        else:
            return None
        finally:
            client.close()
    seen = Seen()
    client = HttpClient(url, clock, make_context=lambda: seen.context)
    try:
        client.exchange(_QUESTION)
    finally:
        client.close()
    return None if seen.certificate == accepted else seen.certificate


def _check_url(url: str) -> bool:
    """Whether the address is this machine's own."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _wrong_url() from error
    if (
        parts.scheme not in ("http", "https")
        or not host
        or port == 0
        or parts.username is not None
        or parts.query
        or parts.fragment
        or not url.isprintable()
        or " " in url
    ):
        raise _wrong_url()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _wrong_url() -> SitebookError:
    # The text itself is not repeated: what was typed may be a code that holds a secret.
    return SitebookError(
        "That is not the address of a server; it looks like https://sitebook.example.org:8750."
    )


def retry_seconds(text: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, would need two clocks to agree."""
    if text is None or not text.isascii() or not text.strip().isdigit():
        return None
    return min(float(text[:9]), _LONGEST_WAIT)
