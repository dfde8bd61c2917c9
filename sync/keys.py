"""Keys of devices, invites and recovery: signing, sealing, deriving.

Signing is Ed25519 (RFC 8032), always over a label that names purpose and version. Sealing is HPKE (RFC 9180)
with the hybrid KEM ML-KEM-768 + X25519, HKDF-SHA256 and AES-256-GCM: it stays closed as long as one of the
two holds. The classes never show their bytes: not in ``repr``, not in errors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.clock import Random
from sync.errors import Malformed

SIGN_SEED: Final = 32
"""Bytes of an Ed25519 seed."""
SIGN_PUBLIC: Final = 32
"""Bytes of an Ed25519 public key, which is also a device's id."""
SIGNATURE: Final = 64
"""Bytes of a signature."""
_MLKEM_SEED: Final = 64
_MLKEM_PUBLIC: Final = 1184
KEM_PRIVATE: Final = _MLKEM_SEED + 32
"""Bytes of a KEM private key: the seed of ML-KEM-768 (64 bytes, FIPS 203: d, z), then the X25519 key."""
KEM_PUBLIC: Final = _MLKEM_PUBLIC + 32
"""Bytes of a KEM public key: that of ML-KEM-768, then that of X25519."""
KEM_OVERHEAD: Final = 1088 + 32 + 16
"""Bytes by which a sealed message is longer: both encapsulations and the tag."""

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class BadSignature(Malformed):
    """A signature does not belong to what it stands under."""


def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869): ``length`` bytes for the one purpose that ``info`` names."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class SigningKey:
    """An Ed25519 private key."""

    __slots__ = ("_key", "_seed", "public")

    def __init__(self, seed: bytes) -> None:
        """``seed``: 32 bytes. Raises ValueError for another length."""
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: Final = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, random: Random) -> SigningKey:
        """Make a new key."""
        return cls(random(SIGN_SEED))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for the vault."""
        return self._seed

    def sign(self, label: bytes, message: bytes) -> bytes:
        """Sign ``label + message``; labels end in a zero byte, so none begins another."""
        return self._key.sign(label + message)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()[:8]}…)"


class KemKey:
    """A private key that others seal messages to."""

    __slots__ = ("_key", "_private", "public")

    def __init__(self, private: bytes) -> None:
        """``private``: 96 bytes, see :data:`KEM_PRIVATE`. Raises ValueError for another length."""
        if len(private) != KEM_PRIVATE:
            raise ValueError("a KEM private key has 96 bytes")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(private[:_MLKEM_SEED])
        x25519 = X25519PrivateKey.from_private_bytes(private[_MLKEM_SEED:])
        self._private = private
        self._key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public: Final = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, random: Random) -> KemKey:
        """Make a new key."""
        return cls(random(KEM_PRIVATE))

    @property
    def private(self) -> bytes:
        """The 96 secret bytes, for the vault."""
        return self._private

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open what was sealed to this key under the same ``info``. Raises Malformed where it was not."""
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise Malformed("A sealed key does not open with this device's key.") from error

    def __repr__(self) -> str:
        return "KemKey()"


def seal_to(public: bytes, message: bytes, info: bytes) -> bytes:
    """Seal a message to a KEM public key (HPKE base mode; the randomness is the operating system's).

    Raises:
        Malformed: the bytes are not such a public key.
    """
    if len(public) != KEM_PUBLIC:
        raise Malformed("A key to seal to has a wrong length.")
    try:
        key = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
        )
        return _SUITE.encrypt(message, key, info)
    except ValueError as error:
        raise Malformed("A key to seal to is not valid.") from error


@lru_cache(maxsize=1_024)
def _public_key(public: bytes) -> Ed25519PublicKey:
    """A public key, read once: many signatures of one device follow each other. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(public)


def check_signature(public: bytes, signature: bytes, label: bytes, message: bytes) -> None:
    """Check a signature over ``label + message``. Raises BadSignature."""
    try:
        _public_key(public).verify(signature, label + message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(
            "A signature is not valid: the bytes were changed, or others wrote them."
        ) from error
