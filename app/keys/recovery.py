"""The recovery key: 32 random bytes that a person keeps as 24 words on paper (BIP-39, English).

It opens the vault, and it is itself a device of the member: from it follow the keys of a *recovery device*
that every project's keys are granted to, so that with the words alone a new machine can join again.
Both follow by HKDF-SHA256 under labels of their own, so neither tells anything of the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from app.keys.errors import WrongSecret
from sync.clock import Random
from sync.keys import KEM_PRIVATE, KemKey, SigningKey
from sync.membership_actions import RecoveryPublic

ENTROPY_BYTES = 32
WORD_COUNT = 24

# Words as people copy them from paper: "1. abandon, 2) ability". Numbers and punctuation are no words.
_NOT_WORDS = re.compile(r"[\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The secret behind the words. Shows itself only through :meth:`words`."""

    _entropy: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._entropy) != ENTROPY_BYTES:
            raise ValueError("a recovery key is 32 bytes")

    @classmethod
    def generate(cls, random: Random) -> RecoveryKey:
        """A new one."""
        return cls(random(ENTROPY_BYTES))

    @classmethod
    def parse(cls, text: str) -> RecoveryKey:
        """Reads words as a person types them: case, spacing, commas, line numbers do not matter.

        :raises WrongSecret: says how many words are there, or which is not in the list, or that the checksum
            fails. It names positions and never repeats a word: what was typed is nearly a secret.
        """
        words = [word for word in _NOT_WORDS.split(text.lower()) if word]
        listed = _positions()
        strange = [str(place) for place, word in enumerate(words, 1) if word not in listed]
        if len(words) != WORD_COUNT:
            raise WrongSecret(
                f"A recovery key has {WORD_COUNT} words and {len(words)} were given: check for words that "
                "are missing or joined."
            )
        if strange:
            which = f"Word {strange[0]}" if len(strange) == 1 else f"Words {', '.join(strange)}"
            verb = "is" if len(strange) == 1 else "are"
            raise WrongSecret(
                f"{which} of the recovery key {verb} not in its list of words: check the spelling."
            )
        try:
            return cls(bytes(_english().to_entropy(words)))
        except ValueError:
            # Not chained: the library's error stands beside the words in a traceback.
            raise WrongSecret(
                "The words of the recovery key do not fit together (the checksum fails): one was swapped or "
                "mistaken for another, compare them with the paper."
            ) from None

    def words(self) -> str:
        """The 24 words with single spaces, to be shown once and written down."""
        return str(_english().to_mnemonic(self._entropy))

    def slot_secret(self) -> bytes:
        """32 bytes that the vault's recovery slot is locked with."""
        return self._derive(b"sitebook/recovery/1/slot", 32)

    def device_seed(self) -> bytes:
        """32 bytes: the Ed25519 seed of the recovery device."""
        return self._derive(b"sitebook/recovery/1/device", 32)

    def kem_private(self) -> bytes:
        """96 bytes: the private key that grants to the recovery device are sealed to, as sync.keys has it."""
        return self._derive(b"sitebook/recovery/1/kem", KEM_PRIVATE)

    def public(self) -> RecoveryPublic:
        """What projects and the vault know of the recovery device."""
        return RecoveryPublic(SigningKey(self.device_seed()).public, KemKey(self.kem_private()).public)

    def _derive(self, purpose: bytes, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(self._entropy)


@cache
def _english() -> Mnemonic:
    return Mnemonic("english")


@cache
def _positions() -> dict[str, int]:
    return {word: place for place, word in enumerate(_english().wordlist)}
