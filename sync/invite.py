"""Invites: a code that is handed over, and what follows from it.

The code holds a seed, the project, the invite (the hash of its envelope), the server's address and, where
that needs one, the fingerprint of its certificate. From the seed follow an Ed25519 key, which signs the
join and opens the door at the server, and a KEM key, to which the project's keys are sealed in grants. So
joining needs nobody else online, and the server learns nothing.

Text of a code: ``SB1-`` and, in Crockford's base 32 (no I, L, O, U), msgpack ``[seed, project, invite,
server, fingerprint or nil]`` followed by 4 bytes of checksum. Case, spaces, line ends and hyphens do not
matter.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Final, NamedTuple

import msgspec

from sync.clock import Random
from sync.envelope import Envelope, seal_membership
from sync.epochs import EpochKey
from sync.errors import Malformed, NewerFormat, Refused
from sync.grants import recipient_id, seal_grant
from sync.identity import DeviceIdentity
from sync.keys import KEM_PRIVATE, SIGN_SEED, KemKey, SigningKey, derive
from sync.membership import Decision, Membership, Role, seal_action
from sync.membership_actions import InviteAction, RecoveryPublic, encode_action, make_join

SEED: Final = 24
"""Bytes of a new invite's seed: 192 bits, the strength of ML-KEM-768."""
MAX_SERVER: Final = 500
"""Most characters of a server's address."""
MAX_CODE: Final = 4_000
"""Most characters of a code as it is typed."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_CODE: Final = re.compile(r"SB([0-9]{1,3})-(.*)", re.DOTALL)
_IGNORED: Final = re.compile(r"\s+")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_SIGN_INFO: Final = b"sitebook/invite-sign/1\0"
_KEM_INFO: Final = b"sitebook/invite-kem/1\0"
_CHECKSUM_LABEL: Final = b"sitebook/invite-code/1\0"
_TYPING_ERROR: Final = "The code has a typing error or is not complete; copy it again, from SB1- to its end."

_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    seed: Annotated[bytes, msgspec.Meta(min_length=16, max_length=32)]
    project: _Hash
    invite: _Hash
    server: Annotated[str, msgspec.Meta(max_length=MAX_SERVER)]
    certificate: _Hash | None


_decoder = msgspec.msgpack.Decoder(_Wire)


@dataclass(frozen=True)
class InviteCode:
    """What a code says, and the keys that follow from its seed. ``repr`` shows neither."""

    seed: bytes = field(repr=False)
    project: bytes
    invite: bytes
    """Hash of the invite's envelope. Its header names what membership its maker knew."""
    server: str
    """Address of the server; empty where there is none."""
    certificate: bytes | None = None
    """SHA-256 of the server's certificate, where that is to be trusted by this alone."""

    @property
    def heads(self) -> tuple[bytes, ...]:
        """The heads of the membership that a log must hold to be whole up to the invite."""
        return (self.invite,)

    @cached_property
    def signing(self) -> SigningKey:
        """The invite's key: proves to the server and to all members that the code was handed over."""
        return SigningKey(derive(self.seed, self.project, _SIGN_INFO, SIGN_SEED))

    @cached_property
    def kem(self) -> KemKey:
        """Opens the grants that lie for the invite."""
        return KemKey(derive(self.seed, self.project, _KEM_INFO, KEM_PRIVATE))

    @property
    def recipient(self) -> bytes:
        """What the grants lie under."""
        return recipient_id(self.kem.public)

    def text(self) -> str:
        """The code as it is handed over. It is a secret."""
        payload = msgspec.msgpack.encode(
            _Wire(self.seed, self.project, self.invite, self.server, self.certificate)
        )
        return "SB1-" + _to_base32(payload + _checksum(payload))


class MadeInvite(NamedTuple):
    """A new invite. To be kept and pushed: the envelope; to be put on the server: the grants."""

    code: InviteCode
    envelope: Envelope
    grants: tuple[bytes, ...]


def make_invite(
    *,
    membership: Membership,
    identity: DeviceIdentity,
    seq: int,
    prev: bytes | None,
    keys: tuple[EpochKey, ...],
    role: Role,
    expires_ms: int | None,
    next_device: bool,
    server: str,
    certificate: bytes | None = None,
    random: Random,
) -> MadeInvite:
    """Invite somebody, or (``next_device``) another device of one's own, with no network.

    ``seq`` and ``prev``: the place of the invite's envelope in this device's chain. ``keys``: the project's
    keys that the joining device gets. ``role`` is of no effect for a next device. ``expires_ms``: wall time.

    Raises:
        Refused: the role of this member does not allow it.
        ValueError: the server's address is too long.
    """
    if len(server) > MAX_SERVER:
        raise ValueError("the server's address is too long for a code")
    project = membership.project
    seed = random(SEED)
    draft = InviteCode(seed, project, project, server, certificate)
    action = InviteAction(
        draft.signing.public,
        draft.kem.public,
        role,
        expires_ms,
        identity.member if next_device else None,
    )
    envelope = seal_action(membership, action, device_key=identity.signing, seq=seq, prev=prev)
    if membership.check(envelope).decision is not Decision.ACCEPT:
        raise Refused("Your role does not allow this invite; ask an owner of the project to make it.")
    grants = tuple(
        seal_grant(project=project, epoch_key=key, kem_public=draft.kem.public, device_key=identity.signing)
        for key in keys
    )
    return MadeInvite(InviteCode(seed, project, envelope.hash, server, certificate), envelope, grants)


def parse_code(text: str) -> InviteCode:
    """Read a code as it was typed or pasted.

    Raises:
        Malformed: a sentence about the typing error.
        NewerFormat: it was made by a newer version.
    """
    if len(text) > MAX_CODE:
        raise Malformed(_TYPING_ERROR)
    match = _CODE.fullmatch(_DASHES.sub("-", _IGNORED.sub("", text)).upper())
    if match is None:
        raise Malformed("This is not an invite code; an invite code begins with SB1-.")
    if match[1] != "1":
        raise NewerFormat("The code was made by a newer Sitebook; update this one to use it.")
    data = _from_base32(match[2].replace("-", ""))
    payload, checksum = data[:-4], data[-4:]
    if _checksum(payload) != checksum:
        raise Malformed(_TYPING_ERROR)
    try:
        wire = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(_TYPING_ERROR) from error
    return InviteCode(wire.seed, wire.project, wire.invite, wire.server, wire.certificate)


def check_log(code: InviteCode, membership: Membership) -> None:
    """Check that a pulled log is that of the code's project, whole up to the invite, and the invite is good.

    Raises:
        Refused: it is not.
    """
    if membership.project != code.project or not membership.knows(code.project):
        raise Refused("The server does not have this project; check the address with who invited you.")
    if not membership.knows(code.invite):
        raise Refused(
            "The invite has not reached the server, or the server withholds it; "
            "ask who invited you to sync, then join again."
        )
    state = membership.invites.get(code.invite)
    if state is None or not state.usable:
        raise Refused("This invite was cancelled; ask who invited you for a new code.")
    if state.sign_public != code.signing.public:
        raise Refused("The code does not fit the project's invite; ask who invited you for a new code.")


class Joined(NamedTuple):
    """A new device. To be kept and pushed: the envelope, the first of this device (sequence 1)."""

    envelope: Envelope
    identity: DeviceIdentity


def join_project(
    *, code: InviteCode, membership: Membership, random: Random, recovery: RecoveryPublic | None = None
) -> Joined:
    """Join a project whose log was pulled into ``membership``.

    Raises:
        Refused: the log is not whole, or the invite was cancelled.
    """
    check_log(code, membership)
    signing = SigningKey.generate(random)
    kem = KemKey.generate(random)
    join = make_join(
        project=code.project,
        invite=code.invite,
        invite_key=code.signing,
        device=signing.public,
        kem_public=kem.public,
        recovery=recovery,
    )
    envelope = seal_membership(
        project=code.project,
        device_key=signing,
        seq=1,
        prev=None,
        membership_heads=membership.heads_for(signing.public, code.invite),
        action=encode_action(join),
    )
    member = membership.invites[code.invite].member or envelope.hash
    return Joined(envelope, DeviceIdentity(code.project, signing.seed, kem.private, member))


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(_CHECKSUM_LABEL + payload).digest()[:4]


def _to_base32(data: bytes) -> str:
    """Five bits a letter, the last filled up with zeros."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (count * 5 - len(data) * 8)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range((count - 1) * 5, -1, -5))


def _from_base32(letters: str) -> bytes:
    number = 0
    for letter in letters:
        if letter not in _VALUES:
            raise Malformed(_TYPING_ERROR)
        number = number << 5 | _VALUES[letter]
    length, spare = divmod(len(letters) * 5, 8)
    if number & ((1 << spare) - 1) or spare > 4:
        raise Malformed(_TYPING_ERROR)
    return (number >> spare).to_bytes(length, "big")
