"""The road over HTTP to a relay.

What answers is not trusted: it may be a captive portal, another server, or a hostile one. Sizes and times
are bounded, redirects are not followed, compressed answers are refused, and whatever is not what a relay
would say becomes one sentence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from sync.chunks import chunk_name
from sync.clock import Clock, SystemClock
from sync.cookie import Cookie
from sync.errors import Absent, Malformed, NewerFormat, Refused, TooLarge, Unreachable
from sync.keys import SigningKey
from sync.transport import http_messages as messages
from sync.transport.base import (
    MAX_PAGE_BYTES,
    MAX_PAGE_ENVELOPES,
    MAX_REASON,
    OfferedBundle,
    Outcome,
    PullPage,
    PushAck,
)
from sync.transport.http_client import HttpAnswer, HttpClient, HttpRequest

M = TypeVar("M", bound=messages.Message)

CHECK_SECONDS: Final = 5.0
"""How long finding out whether the server is there may take, name resolution included."""
_SMALL_SECONDS: Final = 60.0
_LARGE_SECONDS: Final = 900.0
"""The whole of a request that carries envelopes: 4 MiB at 5 kB/s."""
_GRANTS_AT_ONCE: Final = 500
_SMALL_ANSWER: Final = 64 << 10
_PAGE_ANSWER: Final = MAX_PAGE_BYTES + (4 << 20)
"""A page, one envelope beyond it, and what is around them."""
_LIST_ANSWER: Final = 8 << 20
_CHUNK_ANSWER: Final = (16 << 20) + (64 << 10)
"""The largest chunk that a reader accepts, and what is around it."""
_NOTICES_ANSWER: Final = 64 << 20
_DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class HttpTransport:
    """One key's way to one relay. Used by one thread; :meth:`close` may come from any."""

    def __init__(
        self, url: str, key: SigningKey, clock: Clock | None = None, certificate: bytes | None = None
    ) -> None:
        """``url``: ``http://`` or ``https://``, host, port, and where a proxy has it a path.

        ``key``: a device's, or an invite's while joining. ``certificate``: fingerprint of the only certificate of
        the server that is accepted; None where this computer decides.

        Raises:
            SitebookError: that is not the address of a server.
        """
        self._client = HttpClient(url, clock if clock is not None else SystemClock(), certificate)
        self._key = key
        self._token: str | None = None

    def check(self) -> None:
        """Find out within five seconds whether the server can be reached."""
        answer = self._client.exchange(
            HttpRequest("GET", messages.HEALTH_PATH, None, None, _SMALL_ANSWER, CHECK_SECONDS)
        )
        if answer.status != 200:
            raise self._failure(answer)
        try:
            version = msgspec.json.decode(answer.body, type=dict[str, object]).get(messages.HEALTH_KEY)
        except _DECODE_ERRORS as error:
            raise self._client.not_sitebook() from error
        if version is None:
            raise self._client.not_sitebook()
        if version != messages.VERSION:
            raise self._other_version()

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = MAX_PAGE_ENVELOPES) -> PullPage:
        """The envelopes after ``cookie``, or from the beginning."""
        request = messages.PullRequest(
            project=project, cookie=None if cookie is None else cookie.encode(), limit=limit, bundles=True
        )
        reply = self._ask("/v1/pull", request, messages.PullReply, _PAGE_ANSWER, _LARGE_SECONDS)
        if len(reply.wires) > limit or (reply.more and not reply.wires):
            raise self._malformed()
        try:
            after = Cookie.decode(reply.cookie)
        except (Malformed, NewerFormat) as error:
            raise self._malformed() from error
        return PullPage(
            tuple(reply.wires), after, reply.more, reply.reset, reply.floor, reply.bundle, reply.since
        )

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        """Offer envelopes; one acknowledgement for each, in their order."""
        request = messages.PushRequest(project=project, wires=list(wires))
        reply = self._ask("/v1/push", request, messages.PushReply, _LIST_ANSWER, _LARGE_SECONDS)
        if len(reply.acks) != len(wires):
            raise self._malformed()
        try:
            return [
                PushAck(ack.hash, Outcome(ack.outcome), ack.version, _plain(ack.reason)) for ack in reply.acks
            ]
        except ValueError as error:
            raise self._malformed() from error

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        """Leave sealed keys for others."""
        for first in range(0, len(grants), _GRANTS_AT_ONCE):
            part = list(grants[first : first + _GRANTS_AT_ONCE])
            request = messages.GrantsPutRequest(project=project, grants=part)
            self._ask("/v1/grants/put", request, messages.Message, _SMALL_ANSWER, _LARGE_SECONDS)

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """The sealed keys that lie there for one recipient."""
        request = messages.GrantsRequest(project=project, recipient=recipient)
        return self._ask("/v1/grants/get", request, messages.GrantsReply, _LIST_ANSWER, _LARGE_SECONDS).grants

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove what lies there for one recipient."""
        request = messages.GrantsRequest(project=project, recipient=recipient)
        self._ask("/v1/grants/delete", request, messages.Message, _SMALL_ANSWER, _SMALL_SECONDS)

    def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
        """Which of these chunks the server has, in their order."""
        request = messages.ChunksRequest(project=project, names=list(names))
        reply = self._ask("/v1/chunks/have", request, messages.ChunksReply, _SMALL_ANSWER, _SMALL_SECONDS)
        if len(reply.here) != len(names):
            raise self._malformed()
        return reply.here

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        """Leave a chunk."""
        request = messages.ChunkPutRequest(project=project, purpose=purpose, data=data)
        self._ask("/v1/chunks/put", request, messages.Message, _SMALL_ANSWER, _LARGE_SECONDS)

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        """The bytes of a chunk, checked against its name; None where the server does not have it."""
        request = messages.ChunkGetRequest(project=project, name=name)
        data = self._ask("/v1/chunks/get", request, messages.ChunkReply, _CHUNK_ANSWER, _LARGE_SECONDS).data
        if data is not None and chunk_name(data) != name:
            raise self._malformed()
        return data

    def put_notice(self, project: bytes, wire: bytes) -> None:
        """Leave a notice."""
        request = messages.NoticePutRequest(project=project, wire=wire)
        self._ask("/v1/notices/put", request, messages.Message, _SMALL_ANSWER, _LARGE_SECONDS)

    def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
        """The notices of a kind that came after a moment of the server's clock."""
        request = messages.NoticesRequest(project=project, kind=kind, after_ms=after_ms)
        return self._ask(
            "/v1/notices/get", request, messages.NoticesReply, _NOTICES_ANSWER, _LARGE_SECONDS
        ).notices

    def lease_bundle(self, project: bytes, *, release: bool = False) -> tuple[bool, float]:
        """Ask for the right to publish a bundle, or give it back."""
        request = messages.LeaseRequest(project=project, release=release)
        reply = self._ask("/v1/bundles/lease", request, messages.LeaseReply, _SMALL_ANSWER, _SMALL_SECONDS)
        return reply.granted, reply.seconds

    def put_bundle(self, project: bytes, manifest: bytes) -> None:
        """Publish a bundle whose chunks are all there."""
        request = messages.BundlePutRequest(project=project, manifest=manifest)
        self._ask("/v1/bundles/put", request, messages.Message, _SMALL_ANSWER, _LARGE_SECONDS)

    def bundles(self, project: bytes) -> list[OfferedBundle]:
        """What is offered, the one to take first."""
        request = messages.ProjectRequest(project=project)
        reply = self._ask("/v1/bundles/get", request, messages.BundlesReply, _LIST_ANSWER, _LARGE_SECONDS)
        return [OfferedBundle(*each) for each in reply.bundles]

    def send_presence(self, project: bytes, wire: bytes) -> None:
        """Pass a short message on to whoever listens now."""
        request = messages.PresenceRequest(project=project, wire=wire)
        self._ask("/v1/presence", request, messages.Message, _SMALL_ANSWER, _SMALL_SECONDS)

    def projects(self) -> list[bytes]:
        """The projects that this key's device is in."""
        reply = self._ask(
            "/v1/projects", messages.Message(), messages.ProjectsReply, _LIST_ANSWER, _SMALL_SECONDS
        )
        return reply.projects

    def session(self, *, fresh: bool = False) -> str:
        """The token of a session, for a stream of events; ``fresh``: the one before was refused."""
        return self._sign_in() if fresh or self._token is None else self._token

    def close(self) -> None:
        """Let go of the connection. A call that waits in another thread ends at once with ``Unreachable``."""
        self._client.close()

    def _ask(self, path: str, request: messages.Message, kind: type[M], size: int, seconds: float) -> M:
        """One request within a session; where the session is over, another is begun, once."""
        body = msgspec.msgpack.encode(request)
        fresh = self._token is None
        token = self._token or self._sign_in()
        answer = self._client.exchange(HttpRequest("POST", path, body, token, size, seconds))
        if answer.status == 401 and not fresh:
            token = self._sign_in()
            answer = self._client.exchange(HttpRequest("POST", path, body, token, size, seconds))
        return self._read(answer, kind)

    def _sign_in(self) -> str:
        self._token = None
        public = self._key.public
        nonce = self._post(
            "/v1/session/challenge", messages.ChallengeRequest(public=public), messages.ChallengeReply
        ).nonce
        signature = self._key.sign(messages.SESSION_LABEL, nonce + public)
        proof = messages.SessionRequest(public=public, nonce=nonce, signature=signature)
        self._token = self._post("/v1/session", proof, messages.SessionReply).token
        return self._token

    def _post(self, path: str, request: messages.Message, kind: type[M]) -> M:
        body = msgspec.msgpack.encode(request)
        return self._read(
            self._client.exchange(HttpRequest("POST", path, body, None, _SMALL_ANSWER, _SMALL_SECONDS)), kind
        )

    def _read(self, answer: HttpAnswer, kind: type[M]) -> M:
        if answer.status != 200:
            raise self._failure(answer)
        if answer.content_type != messages.CONTENT_TYPE:
            raise self._client.not_sitebook()
        try:
            reply = msgspec.msgpack.decode(answer.body, type=kind)
        except _DECODE_ERRORS as error:
            raise self._malformed() from error
        if reply.v != messages.VERSION:
            raise self._other_version()
        return reply

    def _failure(self, answer: HttpAnswer) -> Unreachable | Refused:
        """What a status that is not success means."""
        url = self._client.url
        code = sentence = ""
        if answer.content_type == messages.CONTENT_TYPE:
            with contextlib.suppress(*_DECODE_ERRORS):
                reply = msgspec.msgpack.decode(answer.body, type=messages.ErrorReply)
                code, sentence = reply.code, _plain(reply.sentence)
        if answer.status in (429, 503):
            reason = sentence or "Try again in a moment."
            return Unreachable(
                f"The server at {url} cannot take more now. {reason}", retry_after=answer.retry_after
            )
        if answer.status >= 500:
            return Unreachable(f"The server at {url} has a fault ({answer.status}); it will be tried again.")
        if answer.status == 413:
            # Also without our form: many proxies have a bound of their own, and say so in theirs.
            return TooLarge(
                sentence or f"Something on the way to {url} takes only smaller requests; ask its operator."
            )
        if not sentence:
            return self._client.not_sitebook()
        if answer.status == 403 and code == messages.ABSENT:
            return Absent(sentence)
        if answer.status in (400, 403):
            return Refused(sentence)
        return Unreachable(f"The server at {url} did not serve the request. {sentence}")

    def _malformed(self) -> Malformed:
        return Malformed(f"The server at {self._client.url} answered something that is not Sitebook's form.")

    def _other_version(self) -> Unreachable:
        return Unreachable(
            f"The server at {self._client.url} speaks another version of Sitebook; update it, or this app."
        )


def _plain(text: str) -> str:
    """A sentence from a server as one line of bounded length, fit to be shown."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_REASON]).strip()
