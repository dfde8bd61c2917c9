"""Grants: an epoch's key, sealed to one device or one invite, kept by the server outside the log.

Bytes: msgpack ``[1, suite, project, compartment, epoch, recipient, granter, sealed, signature]``.
``recipient`` is the SHA-256 of the KEM public key that it is sealed to, ``granter`` the device that
signed. Whoever opens one checks the key against the commitment in the envelope that opened the epoch, so
it does not matter who granted; the signature is for the server, which takes grants from members only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from sync.epochs import KEY, EpochKey
from sync.errors import Malformed, NewerFormat
from sync.keys import (
    KEM_OVERHEAD,
    SIGN_PUBLIC,
    SIGNATURE,
    KemKey,
    SigningKey,
    check_signature,
    seal_to,
)
from sync.membership import Membership

FORMAT: Final = 1
SUITE: Final = 1
"""HPKE: ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM."""
MAX_GRANT: Final = 4 << 10
"""Most bytes of a grant."""
_SEALED: Final = KEY + KEM_OVERHEAD
_SEAL_INFO: Final = b"sitebook/grant/1\0"
_SIGNATURE_LABEL: Final = b"sitebook/grant-signature/1\0"

_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """A grant as everybody may read it; the key in it is sealed."""

    format: Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
    suite: Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
    project: _Hash
    compartment: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
    epoch: _Hash
    recipient: _Hash
    granter: Annotated[bytes, msgspec.Meta(min_length=SIGN_PUBLIC, max_length=SIGN_PUBLIC)]
    sealed: Annotated[bytes, msgspec.Meta(min_length=_SEALED, max_length=_SEALED)]
    signature: Annotated[bytes, msgspec.Meta(min_length=SIGNATURE, max_length=SIGNATURE)]


class _Version(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]
    suite: Annotated[int, msgspec.Meta(ge=1)]


_encode = msgspec.msgpack.Encoder().encode
_version_decoder = msgspec.msgpack.Decoder(_Version)
_decoder = msgspec.msgpack.Decoder(Grant)


def recipient_id(kem_public: bytes) -> bytes:
    """What grants to a KEM public key lie under."""
    return hashlib.sha256(kem_public).digest()


def seal_grant(*, project: bytes, epoch_key: EpochKey, kem_public: bytes, device_key: SigningKey) -> bytes:
    """Seal an epoch's key to the holder of a KEM key. The randomness of HPKE is the operating system's.

    Raises:
        Malformed: ``kem_public`` is not such a key.
    """
    recipient = recipient_id(kem_public)
    info = _info(project, epoch_key.compartment, epoch_key.epoch, recipient)
    fields = (
        FORMAT,
        SUITE,
        project,
        epoch_key.compartment,
        epoch_key.epoch,
        recipient,
        device_key.public,
        seal_to(kem_public, epoch_key.key, info),
    )
    return _encode((*fields, device_key.sign(_SIGNATURE_LABEL, _encode(fields))))


def parse_grant(wire: bytes) -> Grant:
    """Read a grant and check its signature. Whether the granter is a member is for the caller to ask.

    Raises:
        Malformed: it is no grant, or not signed by the granter that it names.
        NewerFormat: it is of a newer version.
    """
    if len(wire) > MAX_GRANT:
        raise Malformed("A key grant is too long.")
    try:
        version = _version_decoder.decode(wire)
        if version.format > FORMAT or version.suite > SUITE:
            raise NewerFormat("A key grant was made by a newer Sitebook; update this one to use it.")
        grant = _decoder.decode(wire)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("A key grant cannot be read.") from error
    if _encode(grant) != wire:
        raise Malformed("A key grant is not in its canonical form.")
    fields = msgspec.structs.astuple(grant)[:-1]
    check_signature(grant.granter, grant.signature, _SIGNATURE_LABEL, _encode(fields))
    return grant


def open_grant(wire: bytes, kem: KemKey, membership: Membership) -> EpochKey:
    """Open a grant that is sealed to ``kem``, and check the key against the epoch's commitment.

    Raises:
        Malformed: it is no grant for this key and project, or the key in it is not that of the epoch.
        NewerFormat: it is of a newer version.
    """
    grant = parse_grant(wire)
    recipient = recipient_id(kem.public)
    if grant.project != membership.project or grant.recipient != recipient:
        raise Malformed("A key grant is for another project or another device.")
    committed = membership.commitment(grant.compartment, grant.epoch)
    if committed is None:
        raise Malformed("A key grant is for an epoch that the project does not have.")
    info = _info(grant.project, grant.compartment, grant.epoch, recipient)
    key = EpochKey(grant.compartment, grant.epoch, kem.open(grant.sealed, info))
    if key.commitment() != committed:
        raise Malformed("A key grant holds another key than the project was opened with.")
    return key


def open_grants(wires: Iterable[bytes], kem: KemKey, membership: Membership) -> tuple[EpochKey, ...]:
    """Open what there is for ``kem`` among a server's grants; what is not for it, or not right, is passed by.

    Raises:
        Malformed: none of them opens.
        NewerFormat: none of them opens, and one is of a newer version.
    """
    keys: dict[tuple[int, bytes], EpochKey] = {}
    problem: Malformed | NewerFormat = Malformed("There is no key for this device.")
    for wire in wires:
        try:
            key = open_grant(wire, kem, membership)
        except NewerFormat as error:
            problem = error
        except Malformed:
            continue
        else:
            keys[key.compartment, key.epoch] = key
    if not keys:
        raise problem
    return tuple(keys.values())


def unproven_keys(wires: Iterable[bytes], kem: KemKey, project: bytes) -> tuple[EpochKey, ...]:
    """The keys in grants for ``kem``, before anything is known of the membership that has to vouch for them.

    Good for nothing but to open the bundle that brings the membership; then ``open_grants`` decides.
    """
    recipient = recipient_id(kem.public)
    keys: dict[tuple[int, bytes, bytes], EpochKey] = {}
    for wire in wires:
        try:
            grant = parse_grant(wire)
            if grant.project != project or grant.recipient != recipient:
                continue
            opened = kem.open(grant.sealed, _info(project, grant.compartment, grant.epoch, recipient))
        except (Malformed, NewerFormat):
            continue
        keys[grant.compartment, grant.epoch, opened] = EpochKey(grant.compartment, grant.epoch, opened)
    return tuple(keys.values())


def _info(project: bytes, compartment: int, epoch: bytes, recipient: bytes) -> bytes:
    return _SEAL_INFO + project + compartment.to_bytes(4, "big") + epoch + recipient
