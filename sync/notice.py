"""Notices: what a device says about itself, kept beside the log. Format 1.

Of each device and kind only the newest is kept: a notice is a state and no history. Bytes: msgpack
``[1, project, kind, device, number, body, signature]``. ``number`` grows with each notice of a device and kind,
so that nobody can bring an older one back. The signature is Ed25519 by the device over :data:`LABEL` and the
msgpack of the first six. A body that is not for the server is sealed: msgpack ``[epoch id, nonce, ciphertext]``
by AES-256-GCM-SIV under ``HKDF(epoch key, salt = project, "sitebook/notice-key/1" + zero byte + kind)``, with
the label, project, kind and device as associated data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from sync.clock import Random
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat
from sync.keys import BadSignature, SigningKey, check_signature, derive
from sync.transport.base import MAX_NOTICE_BYTES, NoticeRoad

FORMAT: Final = 1
LABEL: Final = b"sitebook/notice/1\0"
_NONCE: Final = 12


class NoticeKind(StrEnum):
    """What a notice says."""

    LIVE = "live"
    """Plain: the names, 32 bytes each, of the chunks that the device's records refer to."""
    HELD = "held"
    """Sealed: which attachments the device holds."""
    STATE = "state"
    """Sealed: how far the device is, for the page that lists the devices."""
    CONFIRM = "confirm"
    """Plain: hash of the manifest of a bundle that holds what the device holds."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice whose signature was checked."""

    project: bytes
    kind: str
    device: bytes
    number: int
    body: bytes


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    format: int
    project: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    device: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    number: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
    body: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    epoch: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=_NONCE, max_length=_NONCE)]
    data: bytes


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(_Wire)
_sealed_decoder = msgspec.msgpack.Decoder(_Sealed)


def make_notice(*, project: bytes, kind: str, number: int, body: bytes, key: SigningKey) -> bytes:
    """Sign a notice; gives its bytes. Raises Malformed where the body is too long."""
    signed = [FORMAT, project, str(kind), key.public, number, body]
    wire = _encode([*signed, key.sign(LABEL, _encode(signed))])
    if len(wire) > MAX_NOTICE_BYTES:
        raise Malformed("A notice is longer than a server keeps.")
    return wire


def read_notice(wire: bytes) -> Notice:
    """Read a notice and check its signature; whether its device belongs to the project is for the caller.

    Raises Malformed, NewerFormat.
    """
    if len(wire) > MAX_NOTICE_BYTES:
        raise Malformed("A notice is longer than it may be.")
    try:
        read = _decoder.decode(wire)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("A notice does not have the form of one.") from error
    if read.format != FORMAT:
        raise NewerFormat("A notice was made by another version of Sitebook.")
    signed = [read.format, read.project, read.kind, read.device, read.number, read.body]
    try:
        check_signature(read.device, read.signature, LABEL, _encode(signed))
    except BadSignature as error:
        raise Malformed("A notice is not signed by its device.") from error
    return Notice(read.project, read.kind, read.device, read.number, read.body)


def seal_body(
    plain: bytes, *, project: bytes, kind: str, device: bytes, key: EpochKey, random: Random
) -> bytes:
    """Encrypt the body of a notice for the members of the project."""
    nonce = random(_NONCE)
    data = AESGCMSIV(_key(key, project, kind)).encrypt(nonce, plain, _bound(project, kind, device))
    return _encode([key.epoch, nonce, data])


def open_body(notice: Notice, keys: KeyRing) -> bytes | None:
    """The plain body of a sealed notice; None where its key is not here. Raises Malformed."""
    try:
        sealed = _sealed_decoder.decode(notice.body)
    except msgspec.DecodeError as error:
        raise Malformed("The body of a notice does not have the form of one.") from error
    key = keys.get(0, sealed.epoch)
    if key is None:
        return None
    bound = _bound(notice.project, notice.kind, notice.device)
    try:
        return AESGCMSIV(_key(key, notice.project, notice.kind)).decrypt(sealed.nonce, sealed.data, bound)
    except InvalidTag as error:
        raise Malformed("The body of a notice was changed.") from error


def _key(key: EpochKey, project: bytes, kind: str) -> bytes:
    return derive(key.key, project, b"sitebook/notice-key/1\0" + kind.encode(), 32)


def _bound(project: bytes, kind: str, device: bytes) -> bytes:
    return LABEL + project + kind.encode() + device


def every_notice(road: NoticeRoad, project: bytes, kind: str) -> Iterator[bytes]:
    """All notices of a kind that a server has, page by page. Raises like the road."""
    after_ms = 0
    while page := road.notices(project, kind, after_ms):
        for received_ms, wire in page:
            after_ms = max(after_ms, received_ms)
            yield wire
