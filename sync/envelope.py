"""The envelope: what travels. One header, one body, one signature.

Bytes (``wire``): msgpack ``[header, signature, body or nil]``, where header and body are byte strings.
Header: msgpack ``[format, suite, lowest reader, kind, project, device, sequence, hash of the previous one or
nil, membership heads, compartment, epoch, nonce, length of the body, hash of the body]``. ``sync/README.md``
says what each holds. The signature is over the exact bytes of the header; the hash that names an envelope is
too, so an envelope may travel without its body.

A later version may add elements at the end of the header and the body. It raises ``lowest reader`` where an
older version must not go by what it understands of it: then the envelope is kept, and waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import Annotated, Final, NamedTuple

import msgspec
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from sync.clock import Random
from sync.cookie import MAX_COOKIE, Cookie
from sync.epochs import EpochKey
from sync.errors import Malformed, NewerFormat
from sync.keys import SIGNATURE, BadSignature, SigningKey, check_signature

__all__ = [
    "BadSignature",
    "Body",
    "Envelope",
    "EnvelopeKind",
    "Head",
    "Header",
    "Suite",
    "open_changes",
    "parse",
    "seal_changes",
    "seal_membership",
    "verify",
]

FORMAT: Final = 1
READER: Final = 1
"""The version of this reader: envelopes whose lowest reader is greater wait for an update."""
MAX_WIRE: Final = 3 << 19
"""Most bytes of a whole envelope: 1.5 MiB."""
MAX_HEADER: Final = 8 << 10
MAX_HEADS: Final = 64
"""Most membership heads in a header."""
MAX_CHANGES: Final = 500
"""Most changes in an envelope."""
MAX_PLAINTEXT: Final = (1 << 20) + (64 << 10)
"""Most bytes of a body before compression: one change of the greatest size always fits."""
MAX_AUTHOR_HEADS: Final = 500
"""Most author heads in a body; more wait for the next envelope."""
MAX_MEMBERSHIP_BODY: Final = 64 << 10
"""Most bytes of a membership envelope's body."""
ZERO_HASH: Final = bytes(32)
_ZERO_NONCE: Final = bytes(12)
_SMALLEST_BODY: Final = 256
_TAG: Final = 16
_ENVELOPE_LABEL: Final = b"sitebook/envelope/1\0"
_SIGNATURE_LABEL: Final = b"sitebook/envelope-signature/1\0"
_NEWER: Final = "An envelope was made by a newer Sitebook; update this one to read it."


class EnvelopeKind(IntEnum):
    """What an envelope holds."""

    CHANGES = 0
    MEMBERSHIP = 1


class Suite(IntEnum):
    """How a body is kept."""

    PLAIN = 0
    """Readable: membership only."""
    ZSTD_PADME_AES256GCMSIV = 1


_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Nonce = Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
_Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=(1 << 63) - 1)]


class Header(msgspec.Struct, frozen=True, array_like=True):
    """What everybody may read of an envelope, the server too."""

    format: Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
    suite: _Byte
    min_reader: Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
    kind: _Byte
    project: _Hash
    device: _Hash
    seq: _Count
    prev: _Hash | None
    membership_heads: Annotated[tuple[_Hash, ...], msgspec.Meta(max_length=MAX_HEADS)]
    compartment: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
    epoch: _Hash
    nonce: _Nonce
    body_length: Annotated[int, msgspec.Meta(ge=0, le=MAX_WIRE)]
    body_hash: _Hash

    @property
    def founding(self) -> bool:
        """Whether this founds a project: its own id cannot stand in it, so zeros do."""
        return self.project == ZERO_HASH

    @property
    def understood(self) -> bool:
        """Whether this version knows the kind and the suite; where not, the envelope waits."""
        return self.kind <= EnvelopeKind.MEMBERSHIP and self.suite <= Suite.ZSTD_PADME_AES256GCMSIV


class Head(NamedTuple):
    """The last envelope known of a device."""

    device: bytes
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope whose form, bounds and body hash were checked; not yet its signature (:func:`verify`)."""

    header: Header
    header_bytes: bytes
    signature: bytes
    body: bytes | None
    hash: bytes

    def wire(self) -> bytes:
        """Bytes of the whole envelope."""
        return msgspec.msgpack.encode((self.header_bytes, self.signature, self.body))

    def without_body(self) -> Envelope:
        """The same envelope as evidence only: its place in the chain, and who signed."""
        return replace(self, body=None)


@dataclass(frozen=True, slots=True)
class Body:
    """The opened body of an envelope of changes."""

    author_heads: tuple[Head, ...] = ()
    """Heads of other devices that the author had, as a difference to what it said last."""
    cookie: Cookie | None = None
    """Where the author stood in the server's order."""
    changes: tuple[bytes, ...] = ()
    """Changes as bytes, in the author's order."""


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    header: bytes
    signature: bytes
    body: bytes | None


class _Preamble(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]
    suite: Annotated[int, msgspec.Meta(ge=0)]
    min_reader: Annotated[int, msgspec.Meta(ge=1)]


class _WireHead(msgspec.Struct, frozen=True, array_like=True):
    device: _Hash
    seq: _Count
    hash: _Hash


class _BodyVersion(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]


class _WireBody(msgspec.Struct, frozen=True, array_like=True):
    format: int
    author_heads: Annotated[tuple[_WireHead, ...], msgspec.Meta(max_length=MAX_AUTHOR_HEADS)]
    cookie: Annotated[bytes, msgspec.Meta(max_length=MAX_COOKIE)] | None
    changes: Annotated[tuple[bytes, ...], msgspec.Meta(min_length=1, max_length=MAX_CHANGES)]


_encode = msgspec.msgpack.Encoder().encode
_wire_decoder = msgspec.msgpack.Decoder(_Wire)
_preamble_decoder = msgspec.msgpack.Decoder(_Preamble)
_header_decoder = msgspec.msgpack.Decoder(Header)
_body_version_decoder = msgspec.msgpack.Decoder(_BodyVersion)
_body_decoder = msgspec.msgpack.Decoder(_WireBody)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def parse(wire: bytes) -> Envelope:
    """Read an envelope: its bounds, its form, and that body and header belong together. No keys are needed.

    Raises:
        Malformed: it is no envelope.
        NewerFormat: it asks for a newer reader than this.
    """
    if len(wire) > MAX_WIRE:
        raise Malformed("An envelope is larger than 1.5 MiB.")
    try:
        outer = _wire_decoder.decode(wire)
        if len(outer.header) > MAX_HEADER:
            raise Malformed("The header of an envelope is too long.")
        if _preamble_decoder.decode(outer.header).min_reader > READER:
            raise NewerFormat(_NEWER)
        header = _header_decoder.decode(outer.header)
    except _UNREADABLE as error:
        raise Malformed("An envelope cannot be read.") from error
    if len(outer.signature) != SIGNATURE:
        raise Malformed("The signature of an envelope has a wrong length.")
    _check_header(header, outer.header)
    body = outer.body
    if body is not None and (
        len(body) != header.body_length or hashlib.sha256(body).digest() != header.body_hash
    ):
        raise Malformed("The body of an envelope is not the one that its header names.")
    return Envelope(header, outer.header, outer.signature, body, envelope_hash(outer.header))


def envelope_hash(header_bytes: bytes) -> bytes:
    """The hash that names an envelope."""
    return hashlib.sha256(_ENVELOPE_LABEL + header_bytes).digest()


def verify(envelope: Envelope) -> None:
    """Check that the device in the header signed it. Raises BadSignature."""
    check_signature(envelope.header.device, envelope.signature, _SIGNATURE_LABEL, envelope.header_bytes)


def _check_header(header: Header, header_bytes: bytes) -> None:
    """What types and bounds do not say. Raises Malformed."""
    if not _canonical(header, header_bytes):
        raise Malformed("The header of an envelope is not in its canonical form.")
    if header.min_reader > header.format:
        raise Malformed("An envelope asks for a reader that is newer than its own format.")
    if (header.seq == 1) != (header.prev is None):
        raise Malformed("An envelope has a wrong place in its device's chain.")
    heads = header.membership_heads
    if any(first >= second for first, second in pairwise(heads)):
        raise Malformed("The membership heads of an envelope are not in order.")
    if header.founding:
        if header.kind != EnvelopeKind.MEMBERSHIP or header.seq != 1 or heads:
            raise Malformed("An envelope without a project is not a founding.")
    elif not heads:
        raise Malformed("An envelope names no membership.")
    if not header.understood:
        return
    if (header.kind == EnvelopeKind.MEMBERSHIP) != (header.suite == Suite.PLAIN):
        raise Malformed("An envelope has a cipher suite that its kind may not have.")
    if header.suite == Suite.PLAIN and (
        header.compartment
        or header.epoch != ZERO_HASH
        or header.nonce != _ZERO_NONCE
        or header.body_length > MAX_MEMBERSHIP_BODY
    ):
        raise Malformed("A membership envelope has fields of an encrypted one, or is too long.")


def _canonical(header: Header, header_bytes: bytes) -> bool:
    """Whether the known elements are encoded in the one way that they can be.

    Elements that a later version adds may be anything; only the count at the front tells of them.
    """
    encoded = _encode(header)
    if header_bytes == encoded:
        return True
    if header_bytes[0] == 0x9F:
        front = 1
    elif header_bytes[0] == 0xDC and int.from_bytes(header_bytes[1:3], "big") > 15:
        front = 3
    else:
        return False
    return header_bytes[front:].startswith(encoded[1:])


def seal_changes(
    *,
    project: bytes,
    device_key: SigningKey,
    seq: int,
    prev: bytes | None,
    membership_heads: Sequence[bytes],
    epoch_key: EpochKey,
    body: Body,
    random: Random,
) -> Envelope:
    """Seal changes into an envelope.

    ``seq`` and ``prev``: the place in this device's chain. ``membership_heads``: of the membership that this
    device knows, at most 64.

    Raises:
        ValueError: more changes or bytes than an envelope holds (see MAX_CHANGES, MAX_PLAINTEXT).
    """
    if not 0 < len(body.changes) <= MAX_CHANGES or len(body.author_heads) > MAX_AUTHOR_HEADS:
        raise ValueError("an envelope holds 1 to 500 changes and at most 500 heads")
    plaintext = _encode(
        (
            FORMAT,
            body.author_heads,
            None if body.cookie is None else body.cookie.encode(),
            body.changes,
        )
    )
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError("the changes are more than one envelope holds")
    padded = pad(zstandard.ZstdCompressor(level=3).compress(plaintext))
    fields = (
        FORMAT,
        Suite.ZSTD_PADME_AES256GCMSIV,
        READER,
        EnvelopeKind.CHANGES,
        project,
        device_key.public,
        seq,
        prev,
        tuple(sorted(membership_heads)),
        epoch_key.compartment,
        epoch_key.epoch,
        random(12),
    )
    sealed = AESGCMSIV(epoch_key.body_key(project)).encrypt(fields[-1], padded, _encode(fields))
    return _sign(Header(*fields, len(sealed), hashlib.sha256(sealed).digest()), sealed, device_key)


def seal_membership(
    *,
    project: bytes,
    device_key: SigningKey,
    seq: int,
    prev: bytes | None,
    membership_heads: Sequence[bytes],
    action: bytes,
) -> Envelope:
    """Sign a membership action (bytes from ``membership_actions``). A founding's project is ZERO_HASH."""
    header = Header(
        FORMAT,
        Suite.PLAIN,
        READER,
        EnvelopeKind.MEMBERSHIP,
        project,
        device_key.public,
        seq,
        prev,
        tuple(sorted(membership_heads)),
        0,
        ZERO_HASH,
        _ZERO_NONCE,
        len(action),
        hashlib.sha256(action).digest(),
    )
    return _sign(header, action, device_key)


def _sign(header: Header, body: bytes, device_key: SigningKey) -> Envelope:
    header_bytes = _encode(header)
    signature = device_key.sign(_SIGNATURE_LABEL, header_bytes)
    envelope = Envelope(header, header_bytes, signature, body, envelope_hash(header_bytes))
    if len(body) + len(header_bytes) + 128 > MAX_WIRE or len(header.membership_heads) > MAX_HEADS:
        raise ValueError("an envelope that nobody would accept")
    return envelope


def open_changes(envelope: Envelope, epoch_key: EpochKey) -> Body:
    """Decrypt and read the body of an envelope of changes. Verify the envelope first.

    Raises:
        Malformed: the key does not open it, or the content is not a body; or the body did not come along.
        NewerFormat: the body is of a newer version.
    """
    header = envelope.header
    if envelope.body is None or header.kind != EnvelopeKind.CHANGES:
        raise Malformed("An envelope has no body that could be opened.")
    try:
        padded = AESGCMSIV(epoch_key.body_key(header.project)).decrypt(
            header.nonce, envelope.body, _associated(header)
        )
    except (InvalidTag, ValueError) as error:
        raise Malformed("An envelope does not open with the project's key.") from error
    plaintext = _decompress(unpad(padded))
    try:
        if _body_version_decoder.decode(plaintext).format > FORMAT:
            raise NewerFormat(_NEWER)
        body = _body_decoder.decode(plaintext)
    except _UNREADABLE as error:
        raise Malformed("The content of an envelope cannot be read.") from error
    return Body(
        tuple(Head(head.device, head.seq, head.hash) for head in body.author_heads),
        None if body.cookie is None else Cookie.decode(body.cookie),
        body.changes,
    )


def _associated(header: Header) -> bytes:
    """The header's fields before the length of the body, as bound by the cipher."""
    return _encode(
        (
            header.format,
            header.suite,
            header.min_reader,
            header.kind,
            header.project,
            header.device,
            header.seq,
            header.prev,
            header.membership_heads,
            header.compartment,
            header.epoch,
            header.nonce,
        )
    )


def _decompress(data: bytes) -> bytes:
    """Decompress what says its size and keeps to it. Raises Malformed."""
    try:
        size = zstandard.frame_content_size(data)
        if not 0 < size <= MAX_PLAINTEXT:
            raise Malformed("The content of an envelope has no size or is too large.")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Malformed("The content of an envelope cannot be decompressed.") from error


def padded_length(length: int) -> int:
    """Padmé (Nikitin and others, "PURBs", 2019): hides all but the magnitude of a length, at most 12 % more.

    Lengths below 256 all become 256.
    """
    if length <= _SMALLEST_BODY:
        return _SMALLEST_BODY
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def pad(data: bytes) -> bytes:
    """Put the length before the data (4 bytes, big-endian) and zeros behind it."""
    framed = len(data).to_bytes(4, "big") + data
    return framed.ljust(padded_length(len(framed)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Take the padding off again. Raises Malformed where it is not exactly what :func:`pad` makes."""
    length = int.from_bytes(padded[:4], "big")
    data = padded[4 : 4 + length]
    if pad(data) != padded:
        raise Malformed("The content of an envelope is padded in a wrong way.")
    return data
