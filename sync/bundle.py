"""Bundles: a project's content as one file, so that a new device does not replay the log. Format 1.

A bundle is a stream that is compressed, cut into chunks and sealed like an attachment (``sync.attachments``), and a
manifest, which lies on the server. What is in the stream is for the store (``app.store.bundle_image``); here is
what the server and every reader can check.

Manifest: msgpack ``[head, signature]``, two byte strings, at most 1 MiB. The signature is Ed25519 by the publishing
device over :data:`LABEL` and the head. ``head`` is msgpack:

    [1, lowest reader, project, publisher, cookie, size, chunk size, names, epoch, nonce, sealed]

``cookie`` is the place in the server's order up to which the content goes. ``names`` are those of the chunks, 32
bytes each, joined; ``size`` is that of the stream before it was sealed. ``sealed`` is by AES-256-GCM-SIV under
``HKDF(epoch key, salt = project, "sitebook/bundle-key/1" + epoch)``, with the label and the first nine elements
as associated data; in it is msgpack:

    [1, key of the chunks, SHA-256 of the stream, bytes when decompressed, schema number,
     heads [[device, sequence, hash], ...], digest, count, [membership head, ...], what is set aside]

``digest`` is the sum modulo 2^256 of ``SHA-256("sitebook/bundle-change/1" + change id + 1 byte: 1 where it is set
aside, else 0)`` over all changes, so it does not depend on an order; ``count`` is how many there are, and the last
how many of them are set aside. The hash of a manifest is ``SHA-256("sitebook/bundle/1" + head)``.

Later versions may add elements at the end of each array; they raise the lowest reader where an older one must not
go by what it understands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from sync import attachments
from sync.clock import Random
from sync.cookie import MAX_COOKIE, Cookie
from sync.envelope import Head
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat
from sync.keys import BadSignature, SigningKey, check_signature, derive
from sync.membership import Membership

FORMAT: Final = 1
READER: Final = 1
"""The version of this reader."""
LABEL: Final = b"sitebook/bundle-signature/1\0"
_HASH_LABEL: Final = b"sitebook/bundle/1\0"
_KEY_INFO: Final = b"sitebook/bundle-key/1\0"
_CHANGE_LABEL: Final = b"sitebook/bundle-change/1\0"
MAX_MANIFEST_BYTES: Final = 1 << 20
CHUNK_SIZE: Final = 1 << 20
MAX_CHUNKS: Final = (200 << 10) // 32
"""Most chunks of a bundle: with chunks of 1 MiB, 6.2 GiB."""
MAX_RAW: Final = 64 << 30
"""Most bytes of a bundle when decompressed, whatever its manifest says."""
_NONCE: Final = 12
_SUM: Final = 1 << 256

Name = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    head: Annotated[bytes, msgspec.Meta(max_length=MAX_MANIFEST_BYTES)]
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class _Version(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]
    lowest_reader: Annotated[int, msgspec.Meta(ge=1)]


class _Head(msgspec.Struct, frozen=True, array_like=True):
    format: int
    lowest_reader: int
    project: Name
    publisher: Name
    cookie: Annotated[bytes, msgspec.Meta(max_length=MAX_COOKIE)]
    size: Annotated[int, msgspec.Meta(ge=1, lt=1 << 40)]
    chunk_size: Annotated[int, msgspec.Meta(ge=256, le=CHUNK_SIZE)]
    names: Annotated[bytes, msgspec.Meta(min_length=32, max_length=MAX_CHUNKS * 32)]
    epoch: Name
    nonce: Annotated[bytes, msgspec.Meta(min_length=_NONCE, max_length=_NONCE)]
    sealed: bytes


class _HeadWire(msgspec.Struct, frozen=True, array_like=True):
    device: Name
    seq: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
    hash: Name


class _Contents(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]
    key: Name
    sha256: Name
    raw_size: Annotated[int, msgspec.Meta(ge=1, le=MAX_RAW)]
    schema: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    heads: list[_HeadWire]
    digest: Name
    count: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
    membership_heads: list[Name]
    aside: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


_encode = msgspec.msgpack.Encoder().encode
_wire_decoder = msgspec.msgpack.Decoder(_Wire)
_version_decoder = msgspec.msgpack.Decoder(_Version)
_head_decoder = msgspec.msgpack.Decoder(_Head)
_contents_decoder = msgspec.msgpack.Decoder(_Contents)
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest whose signature was checked; whether its publisher may publish is for the caller."""

    wire: bytes = field(repr=False)
    hash: bytes
    """Names it."""
    project: bytes
    publisher: bytes
    """The device that signed it."""
    cookie: Cookie
    """The place in the server's order up to which the content goes."""
    lowest_reader: int
    size: int
    """Bytes of the stream, about what is to be downloaded."""
    chunk_size: int
    chunks: tuple[bytes, ...] = field(repr=False)
    """Names of the chunks, in their order."""
    epoch: bytes
    _nonce: bytes = field(repr=False)
    _sealed: bytes = field(repr=False)

    @property
    def generation(self) -> bytes:
        """Of which storage of the server."""
        return self.cookie.generation

    @property
    def version(self) -> int:
        """How many envelopes of that generation are covered."""
        return self.cookie.version


@dataclass(frozen=True, slots=True)
class Summary:
    """What can be said of a project file's state, equal on all devices that applied the same."""

    heads: tuple[Head, ...]
    digest: bytes
    count: int
    aside: int
    membership_heads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The sealed part of a manifest, for members."""

    key: bytes = field(repr=False)
    sha256: bytes
    raw_size: int
    schema: int
    summary: Summary


def change_sum(changes: Iterable[tuple[bytes, bool]]) -> tuple[bytes, int, int]:
    """(digest, how many, how many set aside) of changes, given as (id, whether it is set aside), in any order."""
    total = count = asides = 0
    start = hashlib.sha256(_CHANGE_LABEL)
    for name, aside in changes:
        one = start.copy()
        one.update(name + (b"\1" if aside else b"\0"))
        total += int.from_bytes(one.digest(), "big")
        count += 1
        asides += aside
    return (total % _SUM).to_bytes(32, "big"), count, asides


def make_manifest(
    *,
    project: bytes,
    key: SigningKey,
    cookie: Cookie,
    stream: attachments.SealedFile,
    raw_size: int,
    schema: int,
    summary: Summary,
    epoch_key: EpochKey,
    random: Random,
    lowest_reader: int = READER,
) -> bytes:
    """Sign the manifest of a bundle; gives its bytes. Raises Malformed where it is larger than a bundle may be."""
    made = stream.manifest
    if made.depth or len(made.names) > MAX_CHUNKS:
        raise Malformed("The project is larger than a bundle may be; new devices take its log.")
    bound = [
        FORMAT,
        lowest_reader,
        project,
        key.public,
        cookie.encode(),
        made.size,
        made.chunk_size,
        b"".join(made.names),
        epoch_key.epoch,
    ]
    contents = _Contents(
        FORMAT,
        stream.key,
        made.sha256,
        raw_size,
        schema,
        [_HeadWire(head.device, head.seq, head.hash) for head in summary.heads],
        summary.digest,
        summary.count,
        list(summary.membership_heads),
        summary.aside,
    )
    nonce = random(_NONCE)
    sealed = AESGCMSIV(_bundle_key(epoch_key, project)).encrypt(
        nonce, _encode(contents), LABEL + _encode(bound)
    )
    head = _encode([*bound, nonce, sealed])
    wire = _encode([head, key.sign(LABEL, head)])
    if len(wire) > MAX_MANIFEST_BYTES:
        raise Malformed("The project has more devices than a bundle may name; new devices take its log.")
    return wire


def read_manifest(wire: bytes) -> Manifest:
    """Read a manifest and check its signature. Raises Malformed, NewerFormat."""
    if len(wire) > MAX_MANIFEST_BYTES:
        raise Malformed("The manifest of a bundle is longer than it may be.")
    try:
        outer = _wire_decoder.decode(wire)
        version = _version_decoder.decode(outer.head)
        if version.format > FORMAT or version.lowest_reader > READER:
            raise NewerFormat("A bundle was made by a newer Sitebook; update Sitebook to read it.")
        head = _head_decoder.decode(outer.head)
    except _WRONG as error:
        raise Malformed("The manifest of a bundle does not have the form of one.") from error
    names = tuple(head.names[at : at + 32] for at in range(0, len(head.names), 32))
    if len(head.names) % 32 or len(names) != -(-head.size // head.chunk_size):
        raise Malformed("The list of a bundle's chunks does not fit its size.")
    try:
        check_signature(head.publisher, outer.signature, LABEL, outer.head)
    except BadSignature as error:
        raise Malformed("The manifest of a bundle is not signed by its publisher.") from error
    return Manifest(
        wire,
        hashlib.sha256(_HASH_LABEL + outer.head).digest(),
        head.project,
        head.publisher,
        Cookie.decode(head.cookie),
        head.lowest_reader,
        head.size,
        head.chunk_size,
        names,
        head.epoch,
        head.nonce,
        head.sealed,
    )


def open_contents(manifest: Manifest, keys: KeyRing) -> Contents | None:
    """Open the sealed part; None where its key is not here. Raises Malformed, NewerFormat."""
    key = keys.get(0, manifest.epoch)
    if key is None:
        return None
    bound = [
        FORMAT,
        manifest.lowest_reader,
        manifest.project,
        manifest.publisher,
        manifest.cookie.encode(),
        manifest.size,
        manifest.chunk_size,
        b"".join(manifest.chunks),
        manifest.epoch,
    ]
    try:
        plain = AESGCMSIV(_bundle_key(key, manifest.project)).decrypt(
            manifest._nonce,
            manifest._sealed,
            LABEL + _encode(bound),
        )
        read = _contents_decoder.decode(plain)
    except InvalidTag as error:
        raise Malformed("The sealed part of a bundle's manifest was changed.") from error
    except _WRONG as error:
        raise Malformed("The sealed part of a bundle's manifest does not have the form of one.") from error
    return Contents(
        read.key,
        read.sha256,
        read.raw_size,
        read.schema,
        Summary(
            tuple(Head(head.device, head.seq, head.hash) for head in read.heads),
            read.digest,
            read.count,
            read.aside,
            tuple(read.membership_heads),
        ),
    )


def stream_of(manifest: Manifest, contents: Contents) -> attachments.Manifest:
    """The chunks of a bundle as ``sync.attachments`` reads them."""
    return attachments.Manifest(manifest.size, manifest.chunk_size, contents.sha256, 0, manifest.chunks)


def _bundle_key(key: EpochKey, project: bytes) -> bytes:
    return derive(key.key, project, _KEY_INFO + key.epoch, 32)


def may_confirm(membership: Membership, publisher: bytes, device: bytes) -> bool:
    """Whether what a device says of a bundle of the publisher's counts.

    It is another device, in the project, and of another member: one person with two devices cannot vouch for himself.
    Where nobody else is in the project, his other device may.
    """
    found, author = membership.device(device), membership.member_of(publisher)
    if found is None or found.revoked or device == publisher or author is None:
        return False
    if found.member != author.id:
        return True
    return not any(
        not each.revoked and not each.recovery
        for member in membership.members.values()
        if member.id != author.id
        for each in member.devices
    )
