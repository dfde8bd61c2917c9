"""The messages of the HTTP road, as both sides read them.

Bodies are msgpack arrays that begin with the version, 1; more elements at the end are for later versions and
ignored. Everything but ``GET /healthz`` is a ``POST``, so that ids of projects stand in no log of a
proxy.

=========================== ======================================= ==========================================
``/v1/session/challenge``   ``[1, public key]``                      ``[1, nonce]``
``/v1/session``             ``[1, public key, nonce, signature]``    ``[1, token, seconds it lives]``
``/v1/pull``                ``[1, project, cookie or nil, limit]``   ``[1, [wire, ...], cookie, more, reset]``
``/v1/push``                ``[1, project, [wire, ...]]``            ``[1, [acknowledgement, ...]]``
``/v1/grants/put``          ``[1, project, [grant, ...]]``           ``[1]``
``/v1/grants/get``          ``[1, project, recipient]``              ``[1, [grant, ...]]``
``/v1/grants/delete``       ``[1, project, recipient]``              ``[1]``
``/v1/projects``            ``[1]``                                  ``[1, [project, ...]]``
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
HEALTH_PATH: Final = "/healthz"
HEALTH_KEY: Final = "sitebook"
"""The JSON object that ``/healthz`` answers has this name, with the version as value."""
NONCE_BYTES: Final = 56
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


class PullReply(Message, frozen=True, array_like=True, kw_only=True):
    """One page."""

    wires: list[bytes]
    cookie: Annotated[bytes, msgspec.Meta(max_length=256)]
    more: bool
    reset: bool


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


class ErrorReply(Message, frozen=True, array_like=True, kw_only=True):
    """Why a request was not served."""

    code: str
    sentence: str
