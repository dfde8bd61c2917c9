"""The messages of the HTTP road, as both sides read them.

Bodies are msgpack arrays that begin with the version, 1; more elements at the end are for later versions and
ignored. Everything but ``GET /healthz`` is a ``POST``, so that ids of projects stand in no log of a
proxy.

=========================== ======================================= ==========================================
``/v1/session/challenge``   ``[1, public key]``                      ``[1, nonce]``
``/v1/session``             ``[1, public key, nonce, signature]``    ``[1, token, seconds it lives]``
``/v1/pull``                ``[1, project, cookie or nil, limit,     ``[1, [wire, ...], cookie, more, reset,
                            takes bundles]``                          floor, newest bundle or nil, bytes since]``
``/v1/push``                ``[1, project, [wire, ...]]``            ``[1, [acknowledgement, ...]]``
``/v1/grants/put``          ``[1, project, [grant, ...]]``           ``[1]``
``/v1/grants/get``          ``[1, project, recipient]``              ``[1, [grant, ...]]``
``/v1/grants/delete``       ``[1, project, recipient]``              ``[1]``
``/v1/projects``            ``[1]``                                  ``[1, [project, ...]]``
``/v1/chunks/have``         ``[1, project, [name, ...]]``            ``[1, [boolean, ...]]``
``/v1/chunks/put``          ``[1, project, purpose, data]``          ``[1]``
``/v1/chunks/get``          ``[1, project, name]``                   ``[1, data or nil]``
``/v1/notices/put``         ``[1, project, wire]``                   ``[1]``
``/v1/notices/get``         ``[1, project, kind, after_ms]``         ``[1, [[received_ms, wire], ...]]``
``/v1/bundles/lease``       ``[1, project, release]``                ``[1, granted, seconds]``
``/v1/bundles/put``         ``[1, project, manifest]``               ``[1]``
``/v1/bundles/get``         ``[1, project]``                         ``[1, [[manifest, confirmations, received_ms],
                                                                     ...]]``
``/v1/presence``            ``[1, project, wire]``                   ``[1]``
``/v1/events``              ``[1, [project, ...]]``                  server-sent events, see ``sync.transport.events``
any, with a status >= 400                                            ``[1, code, sentence]``
=========================== ======================================= ==========================================

An acknowledgement is ``[hash, outcome, version or nil, reason]``. The signature of a session is by the
Ed25519 key named, over :data:`SESSION_LABEL`, nonce and public key; the token goes into
``Authorization: Bearer``.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

VERSION: Final = 1
CONTENT_TYPE: Final = "application/msgpack"
ABSENT: Final = "absent"
"""The code of an error: there is no such project, or its members do not include who asks."""
HEALTH_PATH: Final = "/healthz"
HEALTH_KEY: Final = "sitebook"
"""The JSON object that ``/healthz`` answers has this name, with the version as value."""
NONCE_BYTES: Final = 56
MAX_NAMES: Final = 1_000
"""Most chunks that one request asks about."""
MAX_STREAM_PROJECTS: Final = 200
"""Most projects of one stream of events."""
SESSION_LABEL: Final = b"sitebook/session/1\0"

Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Nonce = Annotated[bytes, msgspec.Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Recipient = Annotated[bytes, msgspec.Meta(min_length=1, max_length=64)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]


class Message(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Every body."""

    v: int = VERSION


class ChallengeRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for a nonce to sign."""

    public: Bytes32


class ChallengeReply(Message, frozen=True, array_like=True, kw_only=True):
    """The nonce."""

    nonce: Nonce


class SessionRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Proves possession of the key."""

    public: Bytes32
    nonce: Nonce
    signature: Signature


class SessionReply(Message, frozen=True, array_like=True, kw_only=True):
    """The token of a session."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern="^[0-9A-Za-z_.-]+$")]
    seconds: float


class PullRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for what comes after a cookie."""

    project: Bytes32
    cookie: Annotated[bytes, msgspec.Meta(max_length=256)] | None
    limit: Count
    bundles: bool = False


class PullReply(Message, frozen=True, array_like=True, kw_only=True):
    """One page."""

    wires: list[bytes]
    cookie: Annotated[bytes, msgspec.Meta(max_length=256)]
    more: bool
    reset: bool
    floor: int = 0
    bundle: Bytes32 | None = None
    since: int = 0


class PushRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Offers envelopes."""

    project: Bytes32
    wires: list[bytes]


class AckMessage(msgspec.Struct, frozen=True, array_like=True):
    """What became of one envelope."""

    hash: bytes
    outcome: str
    version: int | None
    reason: str


class PushReply(Message, frozen=True, array_like=True, kw_only=True):
    """What became of each."""

    acks: list[AckMessage]


class GrantsRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Names the recipient whose grants are asked for, or to be removed."""

    project: Bytes32
    recipient: Recipient


class GrantsPutRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Leaves grants."""

    project: Bytes32
    grants: list[bytes]


class GrantsReply(Message, frozen=True, array_like=True, kw_only=True):
    """The grants of a recipient."""

    grants: list[bytes]


class ProjectsReply(Message, frozen=True, array_like=True, kw_only=True):
    """The projects of the device that asks."""

    projects: list[Bytes32]


class ChunksRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks which of these chunks are there."""

    project: Bytes32
    names: Annotated[list[Bytes32], msgspec.Meta(max_length=MAX_NAMES)]


class ChunksReply(Message, frozen=True, array_like=True, kw_only=True):
    """Whether each is, in their order."""

    here: list[bool]


class ChunkPutRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Leaves a chunk; its name is the SHA-256 of its bytes. Purpose: ``file`` or ``bundle``."""

    project: Bytes32
    purpose: Annotated[str, msgspec.Meta(max_length=16)]
    data: bytes


class ChunkGetRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for a chunk."""

    project: Bytes32
    name: Bytes32


class ChunkReply(Message, frozen=True, array_like=True, kw_only=True):
    """The chunk, where it is there."""

    data: bytes | None


class NoticePutRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Leaves a notice (``sync.notice``)."""

    project: Bytes32
    wire: bytes


class NoticesRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for the notices of a kind that came after a moment of the server's clock."""

    project: Bytes32
    kind: Annotated[str, msgspec.Meta(max_length=16)]
    after_ms: int


class NoticesReply(Message, frozen=True, array_like=True, kw_only=True):
    """Each with the time when it came."""

    notices: list[tuple[int, bytes]]


class LeaseRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for the right to publish a bundle, to keep it, or to give it back."""

    project: Bytes32
    release: bool


class LeaseReply(Message, frozen=True, array_like=True, kw_only=True):
    """Whether the caller has it now, and how long: its own, or that of whoever has it."""

    granted: bool
    seconds: float


class BundlePutRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Publishes a bundle, all chunks of which are there."""

    project: Bytes32
    manifest: bytes


class ProjectRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Asks for what the server has of a project: its bundles."""

    project: Bytes32


class BundlesReply(Message, frozen=True, array_like=True, kw_only=True):
    """The bundles, the one to take first: manifest, how many devices confirmed it, when it came."""

    bundles: list[tuple[bytes, int, int]]


class PresenceRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Passes a short message on to whoever listens now; it is not kept."""

    project: Bytes32
    wire: bytes


class EventsRequest(Message, frozen=True, array_like=True, kw_only=True):
    """Opens a stream of events about these projects."""

    projects: Annotated[list[Bytes32], msgspec.Meta(max_length=MAX_STREAM_PROJECTS)]


class ErrorReply(Message, frozen=True, array_like=True, kw_only=True):
    """Why a request was not served."""

    code: str
    sentence: str
