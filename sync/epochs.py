"""Epochs: the keys that a project's envelopes are encrypted under.

An epoch's id is the hash of the membership envelope that opened it (the founding envelope opens the first),
and that envelope carries a commitment to the key, so nobody can hand two people different keys for one epoch.
A later epoch also carries the key before it, wrapped under the new one: who holds the newest key reads
everything before. A compartment has epochs of its own; compartment 0 is everyone's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from sync.clock import Random
from sync.errors import Malformed
from sync.keys import derive

KEY: Final = 32
"""Bytes of an epoch key."""
COMMITMENT: Final = 32
"""Bytes of a commitment."""
WRAPPED: Final = 12 + KEY + 16
"""Bytes of a wrapped key: nonce, ciphertext, tag."""
_COMMITMENT_INFO: Final = b"sitebook/epoch-commitment/1\0"
_WRAP_INFO: Final = b"sitebook/epoch-wrap/1\0"
_BODY_INFO: Final = b"sitebook/body/1\0"


def commitment(compartment: int, key: bytes) -> bytes:
    """Commit to a key: hides it, and fits no other key."""
    return derive(key, b"", _COMMITMENT_INFO + compartment.to_bytes(4, "big"), COMMITMENT)


@dataclass(frozen=True, slots=True)
class EpochKey:
    """The key of one epoch of one compartment. Its bytes are hidden in ``repr``."""

    compartment: int
    epoch: bytes
    key: bytes = field(repr=False)

    def commitment(self) -> bytes:
        """What the envelope that opened the epoch says about this key."""
        return commitment(self.compartment, self.key)

    def body_key(self, project: bytes) -> bytes:
        """The key for bodies of envelopes of this epoch: derived, so that it serves nothing else."""
        info = _BODY_INFO + self.compartment.to_bytes(4, "big") + self.epoch
        return derive(self.key, project, info, KEY)


def wrap_previous(new_key: bytes, previous: EpochKey, project: bytes, random: Random) -> bytes:
    """Wrap the key of an epoch under the key of the one that follows it: nonce, ciphertext, tag."""
    nonce = random(12)
    sealed = AESGCMSIV(derive(new_key, project, _WRAP_INFO, KEY)).encrypt(
        nonce, previous.key, _wrap_binding(project, previous.compartment, previous.epoch)
    )
    return nonce + sealed


def unwrap_previous(wrapped: bytes, later: EpochKey, epoch: bytes, project: bytes) -> EpochKey:
    """Read the key of ``epoch`` that a later epoch carries. Raises Malformed."""
    if len(wrapped) != WRAPPED:
        raise Malformed("A wrapped key has a wrong length.")
    try:
        key = AESGCMSIV(derive(later.key, project, _WRAP_INFO, KEY)).decrypt(
            wrapped[:12], wrapped[12:], _wrap_binding(project, later.compartment, epoch)
        )
    except InvalidTag as error:
        raise Malformed("A wrapped key does not open with the key that came after it.") from error
    return EpochKey(later.compartment, epoch, key)


def _wrap_binding(project: bytes, compartment: int, epoch: bytes) -> bytes:
    return _WRAP_INFO + project + compartment.to_bytes(4, "big") + epoch


class KeyRing:
    """The epoch keys that a device holds of one project."""

    def __init__(self, keys: tuple[EpochKey, ...] = ()) -> None:
        self._keys: dict[tuple[int, bytes], EpochKey] = {}
        for key in keys:
            self.add(key)

    def add(self, key: EpochKey) -> None:
        """Take a key in; new envelopes of its compartment are sealed under the key that was added last."""
        self._keys.pop((key.compartment, key.epoch), None)
        self._keys[key.compartment, key.epoch] = key

    def get(self, compartment: int, epoch: bytes) -> EpochKey | None:
        """The key of an epoch, where it is held."""
        return self._keys.get((compartment, epoch))

    def current(self, compartment: int = 0) -> EpochKey:
        """The key to seal under. Raises KeyError where no key of the compartment is held."""
        for key in reversed(self._keys.values()):
            if key.compartment == compartment:
                return key
        raise KeyError(compartment)

    def __iter__(self) -> Iterator[EpochKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeyRing({len(self)} keys)"
