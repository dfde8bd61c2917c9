"""Key slots: the vault's key, wrapped once for each way to open the vault, and their file format.

A slot is ``[kind, parameters, nonce, wrapped]``: the vault key under AES-256-GCM-SIV, with vault id, kind and
parameters as associated data, so that a slot fits only the vault and the parameters that it was made for.
Kinds of a later version are kept as they are.

The file (``vault.slots``, and the same again in ``vault.slots.copy``)::

    8 bytes   "SBSLOTS" and a zero
    32 bytes  SHA-256 of the rest
    the rest  msgpack [version, vault id, generation, [slot, ...]]

The generation grows by one with each writing, so that of two good copies the newer is known. The checksum
finds accidents; against a forger stand the associated data and the floors.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from enum import IntEnum
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.clock import Random
from sync.errors import Malformed, NewerFormat, SitebookError

KEY_BYTES = 32
VAULT_ID_BYTES = 16
VERSION = 1
_MAGIC = b"SBSLOTS\0"
_NONCE_BYTES = 12
_WRAPPED_BYTES = KEY_BYTES + 16
_SALT_BYTES = 16
_MAX_FILE_BYTES = 64 * 1024


class SlotKind(IntEnum):
    """What opens a slot. The numbers stand in files."""

    KEYRING = 1
    PASSPHRASE = 2
    RECOVERY = 3


@dataclass(frozen=True, slots=True)
class ArgonCost:
    """What one guess of a passphrase costs (RFC 9106, its second recommended choice)."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Floors:
    """Bounds that a slot's stored cost must keep.

    The floors keep a forged slot from making guesses cheap; the ceilings keep it from eating all memory.
    """

    memory_kib: int = 64 * 1024
    iterations: int = 3
    max_memory_kib: int = 2 * 1024 * 1024
    max_iterations: int = 64
    max_lanes: int = 64

    def hold(self, cost: ArgonCost) -> bool:
        """Whether ``cost`` is within them."""
        return (
            self.memory_kib <= cost.memory_kib <= self.max_memory_kib
            and self.iterations <= cost.iterations <= self.max_iterations
            and 1 <= cost.lanes <= self.max_lanes
            and cost.memory_kib >= 8 * cost.lanes  # Argon2's own rule
        )


@dataclass(frozen=True, slots=True)
class Strength:
    """What a new passphrase slot costs, and what is accepted when one is read. Tests pass a weak one."""

    cost: ArgonCost = ArgonCost()
    floors: Floors = Floors()


PRODUCTION = Strength()


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to open the vault. Holds nothing secret."""

    kind: int
    parameters: bytes
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class SlotTable:
    """All slots of one vault, as they stand in the file."""

    vault_id: bytes
    generation: int
    slots: tuple[Slot, ...] = field(default=())

    def find(self, kind: SlotKind) -> Slot | None:
        """The slot of that kind, where there is one."""
        return next((slot for slot in self.slots if slot.kind == kind), None)

    def having(self, slot: Slot) -> SlotTable:
        """The next generation, with ``slot`` in place of those of its kind."""
        return self._next((*self._others(slot.kind), slot))

    def lacking(self, kind: SlotKind) -> SlotTable:
        """The next generation, without slots of that kind."""
        return self._next(self._others(kind))

    def _others(self, kind: int) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.kind != kind)

    def _next(self, slots: tuple[Slot, ...]) -> SlotTable:
        return replace(self, generation=self.generation + 1, slots=slots)


def encode(table: SlotTable) -> bytes:
    """The file's bytes."""
    slots = [[slot.kind, slot.parameters, slot.nonce, slot.wrapped] for slot in table.slots]
    payload = msgspec.msgpack.encode([VERSION, table.vault_id, table.generation, slots])
    return _MAGIC + sha256(payload).digest() + payload


def decode(data: bytes) -> SlotTable:
    """Reads the file's bytes.

    :raises Malformed: a byte is not what was written.
    :raises NewerFormat: whole, but of a later version.
    """
    payload = data[len(_MAGIC) + 32 :]
    if len(data) > _MAX_FILE_BYTES or data != _MAGIC + sha256(payload).digest() + payload:
        raise Malformed("The key slots have a wrong checksum.")
    try:
        parts = msgspec.msgpack.decode(payload, type=list[msgspec.Raw])
        if parts and msgspec.msgpack.decode(parts[0], type=int) > VERSION:
            raise NewerFormat(
                "The key slots of this profile were written by a newer Sitebook: update Sitebook to open it."
            )
        version, vault_id, generation, slots = msgspec.msgpack.decode(
            payload, type=tuple[int, bytes, int, list[tuple[int, bytes, bytes, bytes]]]
        )
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Malformed("The key slots are not in their format.") from error
    if version != VERSION or len(vault_id) != VAULT_ID_BYTES:
        raise Malformed("The key slots are not in their format.")
    return SlotTable(vault_id, generation, tuple(Slot(*slot) for slot in slots))


def wrap_secret(kind: SlotKind, vault_id: bytes, secret: bytes, key: bytes, random: Random) -> Slot:
    """A slot that ``secret`` opens: 32 random bytes from the keyring or the recovery key."""
    return _wrap(kind, vault_id, b"", secret, key, random)


def unwrap_secret(slot: Slot, vault_id: bytes, secret: bytes) -> bytes | None:
    """The vault key, or None where ``secret`` is not this slot's."""
    return _unwrap(slot, vault_id, secret)


def wrap_passphrase(vault_id: bytes, passphrase: str, key: bytes, strength: Strength, random: Random) -> Slot:
    """A slot that a passphrase opens.

    :raises SitebookError: the passphrase is empty or no text.
    """
    cost = strength.cost
    if not strength.floors.hold(cost):
        raise ValueError("a slot of that cost could never be read")
    salt = random(_SALT_BYTES)
    parameters = msgspec.msgpack.encode([salt, cost.memory_kib, cost.iterations, cost.lanes])
    return _wrap(
        SlotKind.PASSPHRASE,
        vault_id,
        parameters,
        _stretch(passphrase_bytes(passphrase), salt, cost),
        key,
        random,
    )


def unwrap_passphrase(slot: Slot, vault_id: bytes, passphrase: str, floors: Floors) -> bytes | None:
    """The vault key, or None where the passphrase is wrong.

    :raises Malformed: the slot's parameters are beyond the bounds, so somebody changed them.
    """
    try:
        salt, memory, iterations, lanes = msgspec.msgpack.decode(
            slot.parameters, type=tuple[bytes, int, int, int]
        )
    except msgspec.MsgspecError as error:
        raise Malformed("The passphrase's slot is not in its format.") from error
    cost = ArgonCost(memory, iterations, lanes)
    if not floors.hold(cost) or len(salt) != _SALT_BYTES:
        raise Malformed(
            "The passphrase's slot asks for less protection, or more memory, than Sitebook allows."
        )
    return _unwrap(slot, vault_id, _stretch(passphrase_bytes(passphrase), salt, cost))


def passphrase_bytes(passphrase: str) -> bytes:
    """The bytes that are stretched: UTF-8 of the NFC form, so that every keyboard gives the same.

    :raises SitebookError: it is empty or holds bytes that are no text.
    """
    if not passphrase:
        raise SitebookError("The passphrase is empty: give one, or unset SITEBOOK_PASSPHRASE.")
    try:
        return unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        # Not chained: that error carries the passphrase.
        raise SitebookError(
            "The passphrase is not valid UTF-8: give it in the terminal's encoding."
        ) from None


def _stretch(passphrase: bytes, salt: bytes, cost: ArgonCost) -> bytes:
    return Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
    ).derive(passphrase)


def _wrap(
    kind: SlotKind, vault_id: bytes, parameters: bytes, secret: bytes, key: bytes, random: Random
) -> Slot:
    nonce = random(_NONCE_BYTES)
    wrapped = AESGCMSIV(_wrapping_key(kind, vault_id, secret)).encrypt(
        nonce, key, _associated(kind, vault_id, parameters)
    )
    return Slot(int(kind), parameters, nonce, wrapped)


def _unwrap(slot: Slot, vault_id: bytes, secret: bytes) -> bytes | None:
    if len(slot.nonce) != _NONCE_BYTES or len(slot.wrapped) != _WRAPPED_BYTES:
        raise Malformed("A key slot is not in its format.")
    try:
        return AESGCMSIV(_wrapping_key(slot.kind, vault_id, secret)).decrypt(
            slot.nonce, slot.wrapped, _associated(slot.kind, vault_id, slot.parameters)
        )
    except InvalidTag:
        return None


def _wrapping_key(kind: int, vault_id: bytes, secret: bytes) -> bytes:
    info = b"sitebook/slot/1/" + str(int(kind)).encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=vault_id, info=info).derive(secret)


def _associated(kind: int, vault_id: bytes, parameters: bytes) -> bytes:
    return msgspec.msgpack.encode(["sitebook/slot/1", vault_id, int(kind), parameters])
