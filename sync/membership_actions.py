"""Membership actions: the bodies of membership envelopes, readable by the server, names left out.

Bytes: msgpack ``[1, [code, field, ...]]``. Codes: 1 founding, 2 invite, 3 join, 4 role, 5 cancel, 6 revoke,
7 succession, 8 epoch. A later version may add elements at the end and further codes: an action of an unknown
code takes its place in the membership, changes nothing, and is passed on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, cast

import msgspec

from sync.envelope import MAX_MEMBERSHIP_BODY, Head
from sync.epochs import COMMITMENT, WRAPPED
from sync.errors import Malformed
from sync.keys import KEM_PUBLIC, SIGN_PUBLIC, SIGNATURE, SigningKey, check_signature

FORMAT: Final = 1
MAX_ACCEPTED: Final = 500
"""Most devices that a role change or a revocation names."""
MAX_PREVIOUS: Final = 16
"""Most earlier epochs that an epoch wraps the keys of."""
MAX_TIME: Final = 1 << 47
_JOIN_LABEL: Final = b"sitebook/join/1\0"
_SUCCESSION_LABEL: Final = b"sitebook/succession/1\0"


class Role(StrEnum):
    """What a member may do; each may do what those below it may."""

    OWNER = "owner"
    EDITOR = "editor"
    CONTRIBUTOR = "contributor"
    VIEWER = "viewer"

    @property
    def rank(self) -> int:
        """4 for an owner down to 1 for a viewer; who may do nothing has 0."""
        return _RANKS[self]


_RANKS: Final = {Role.OWNER: 4, Role.EDITOR: 3, Role.CONTRIBUTOR: 2, Role.VIEWER: 1}

_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_SignPublic = Annotated[bytes, msgspec.Meta(min_length=SIGN_PUBLIC, max_length=SIGN_PUBLIC)]
_KemPublic = Annotated[bytes, msgspec.Meta(min_length=KEM_PUBLIC, max_length=KEM_PUBLIC)]
_Signature = Annotated[bytes, msgspec.Meta(min_length=SIGNATURE, max_length=SIGNATURE)]
_Commitment = Annotated[bytes, msgspec.Meta(min_length=COMMITMENT, max_length=COMMITMENT)]
_Wrapped = Annotated[bytes, msgspec.Meta(min_length=WRAPPED, max_length=WRAPPED)]
_Salt = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Seq = Annotated[int, msgspec.Meta(ge=1, le=(1 << 63) - 1)]
_Compartment = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class RecoveryPublic(msgspec.Struct, frozen=True, array_like=True):
    """The public halves of a recovery key: a device of the member that nobody carries about."""

    sign_public: _SignPublic
    kem_public: _KemPublic


class Accepted(msgspec.Struct, frozen=True, array_like=True):
    """The last envelope of a device that still counts under the role before."""

    device: _Hash
    seq: _Seq
    hash: _Hash

    @classmethod
    def of(cls, head: Head) -> Accepted:
        """From a head."""
        return cls(head.device, head.seq, head.hash)


class PreviousEpoch(msgspec.Struct, frozen=True, array_like=True):
    """The key of an earlier epoch, wrapped under the key of the one that this action opens."""

    epoch: _Hash
    wrapped: _Wrapped


class Founding(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Founds a project and opens its first epoch; its author is the founder."""

    kem_public: _KemPublic
    recovery: RecoveryPublic | None
    commitment: _Commitment
    salt: _Salt


class InviteAction(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Lets who holds the seed join. ``member``: as the next device of this member, not as a new one."""

    sign_public: _SignPublic
    kem_public: _KemPublic
    role: Role
    expires_ms: Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)] | None
    member: _Hash | None


class Join(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """The author, a new device, joins by an invite; ``signature`` is that of the invite's key."""

    invite: _Hash
    kem_public: _KemPublic
    recovery: RecoveryPublic | None
    signature: _Signature


class RoleAction(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Gives a member a role. What its devices wrote beyond ``accepted``, not knowing it, falls under it."""

    member: _Hash
    role: Role
    accepted: Annotated[tuple[Accepted, ...], msgspec.Meta(max_length=MAX_ACCEPTED)]


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Cancels an invite."""

    invite: _Hash


class Revoke(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """Takes all rights from a member or one device of it; what lies beyond ``accepted`` is set aside."""

    member: _Hash
    device: _Hash | None
    accepted: Annotated[tuple[Accepted, ...], msgspec.Meta(max_length=MAX_ACCEPTED)]


class Succession(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """The author goes on under a new key, having found another using its own after ``fork``.

    ``signature`` is that of the new key.
    """

    device: _Hash
    kem_public: _KemPublic
    fork: Accepted | None
    signature: _Signature


class EpochAction(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """Opens an epoch: its id is the hash of this envelope."""

    compartment: _Compartment
    commitment: _Commitment
    previous: Annotated[tuple[PreviousEpoch, ...], msgspec.Meta(max_length=MAX_PREVIOUS)]


class UnknownAction(msgspec.Struct, frozen=True):
    """An action of a later version, or (code 0) in a later form."""

    code: int


Known = Founding | InviteAction | Join | RoleAction | Cancel | Revoke | Succession | EpochAction
Action = Known | UnknownAction


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    format: Annotated[int, msgspec.Meta(ge=1)]
    action: msgspec.Raw


class _Code(msgspec.Struct, frozen=True, array_like=True):
    code: Annotated[int, msgspec.Meta(ge=1)]


_encode = msgspec.msgpack.Encoder().encode
_wire_decoder = msgspec.msgpack.Decoder(_Wire)
_code_decoder = msgspec.msgpack.Decoder(_Code)
_action_decoder: msgspec.msgpack.Decoder[Known] = msgspec.msgpack.Decoder(cast("type[Known]", Known))
_LAST_CODE: Final = 8


def encode_action(action: Known) -> bytes:
    """Bytes of an action. Raises ValueError where they are more than an envelope holds."""
    data = _encode((FORMAT, action))
    if len(data) > MAX_MEMBERSHIP_BODY:
        raise ValueError("the action is longer than a membership envelope may be")
    return data


def decode_action(data: bytes) -> Action:
    """Read an action. Raises Malformed."""
    if len(data) > MAX_MEMBERSHIP_BODY:
        raise Malformed("A membership action is too long.")
    try:
        wire = _wire_decoder.decode(data)
        if wire.format > FORMAT:
            return UnknownAction(0)
        code = _code_decoder.decode(wire.action).code
        if code > _LAST_CODE:
            return UnknownAction(code)
        return _action_decoder.decode(wire.action)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("A membership action cannot be read.") from error


def make_join(
    *,
    project: bytes,
    invite: bytes,
    invite_key: SigningKey,
    device: bytes,
    kem_public: bytes,
    recovery: RecoveryPublic | None,
) -> Join:
    """A join, signed with the invite's key; the device itself signs the envelope."""
    message = _join_message(project, invite, device, kem_public)
    return Join(invite, kem_public, recovery, invite_key.sign(_JOIN_LABEL, message))


def check_join(join: Join, *, project: bytes, device: bytes, invite_public: bytes) -> None:
    """Check that who joins holds the invite's key. Raises BadSignature."""
    message = _join_message(project, join.invite, device, join.kem_public)
    check_signature(invite_public, join.signature, _JOIN_LABEL, message)


def _join_message(project: bytes, invite: bytes, device: bytes, kem_public: bytes) -> bytes:
    return project + invite + device + kem_public


def make_succession(
    *, project: bytes, old_device: bytes, new_key: SigningKey, kem_public: bytes, fork: Head | None
) -> Succession:
    """A succession, signed with the new key; the old one signs the envelope."""
    accepted = None if fork is None else Accepted.of(fork)
    message = _succession_message(project, old_device, new_key.public, kem_public, accepted)
    signature = new_key.sign(_SUCCESSION_LABEL, message)
    return Succession(new_key.public, kem_public, accepted, signature)


def check_succession(succession: Succession, *, project: bytes, old_device: bytes) -> None:
    """Check that the new key agrees. Raises BadSignature."""
    message = _succession_message(
        project, old_device, succession.device, succession.kem_public, succession.fork
    )
    check_signature(succession.device, succession.signature, _SUCCESSION_LABEL, message)


def _succession_message(
    project: bytes, old_device: bytes, new_device: bytes, kem_public: bytes, fork: Accepted | None
) -> bytes:
    return project + old_device + new_device + kem_public + _encode(fork)
