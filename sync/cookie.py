"""The cookie: a place in a server's order of a project's envelopes.

Bytes: msgpack ``[1, generation, version, running]``. ``generation``: 16 random bytes, made when the
server's storage of the project is new. ``version``: how many envelopes stand up to here. ``running``: a hash
of their order, ``h' = SHA-256(h + envelope hash)``, which begins with the generation and 16 zero bytes. A
server that was wiped, rolled back, or went on from an old copy cannot show the same generation and hash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from sync.errors import Malformed, NewerFormat

FORMAT: Final = 1
MAX_COOKIE: Final = 128
"""Most bytes of an encoded cookie."""


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    format: int
    generation: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    version: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
    running: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Version(msgspec.Struct, frozen=True, array_like=True):
    format: int


_decoder = msgspec.msgpack.Decoder(_Wire)
_version_decoder = msgspec.msgpack.Decoder(_Version)


@dataclass(frozen=True, slots=True)
class Cookie:
    """A place in the order that one server gave to a project's envelopes."""

    generation: bytes
    version: int
    running: bytes

    @classmethod
    def start(cls, generation: bytes) -> Cookie:
        """The place before the first envelope of a new storage (``generation``: 16 random bytes)."""
        return cls(generation, 0, generation + bytes(16))

    def advance(self, envelope_hash: bytes) -> Cookie:
        """The place after one more envelope."""
        running = hashlib.sha256(self.running + envelope_hash).digest()
        return Cookie(self.generation, self.version + 1, running)

    def encode(self) -> bytes:
        """Bytes of the cookie."""
        return msgspec.msgpack.encode(_Wire(FORMAT, self.generation, self.version, self.running))

    @classmethod
    def decode(cls, data: bytes) -> Cookie:
        """Read a cookie. Raises Malformed, or NewerFormat for a later version's."""
        if len(data) > MAX_COOKIE:
            raise Malformed("A cookie is too long.")
        try:
            if _version_decoder.decode(data).format > FORMAT:
                raise NewerFormat("A cookie is of a newer Sitebook.")
            wire = _decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed("A cookie cannot be read.") from error
        if wire.format != FORMAT:
            raise Malformed("A cookie has no valid format number.")
        return cls(wire.generation, wire.version, wire.running)
