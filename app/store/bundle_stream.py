"""The plain bytes of a bundle out of its compressed pieces, with bounds on what a lying one can cost."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, Final, cast

import zstandard

from sync.bundle import MAX_RAW
from sync.errors import Malformed

_PIECE: Final = 1 << 20
_MOST_RAW: Final = 8 << 30
"""Most bytes that are decompressed into memory here."""
_LARGE: Final = "The bundle on the server is too large for the memory of this device; it was not used."
_WRONG: Final = "A bundle on the server does not hold what it should; it was not used."


def decompressed(pieces: Iterable[bytes], raw_size: int) -> bytearray:
    """The plain bytes of a stream, of which nothing is more than it said. Raises Malformed."""
    if not 0 < raw_size <= MAX_RAW:
        raise Malformed(_WRONG)
    if raw_size > _MOST_RAW:
        raise Malformed(_LARGE)
    source = _Pieces(pieces)
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(cast("IO[bytes]", source))
    # Written where it stays: joining parts would copy all of it once more, after the last of it came.
    try:
        data = bytearray(raw_size)
    except MemoryError as error:
        raise Malformed(_LARGE) from error
    view, length = memoryview(data), 0
    try:
        while length < raw_size:
            count = reader.readinto(view[length : length + _PIECE])
            if not count:
                raise Malformed(_WRONG)
            length += count
        if reader.read(1) or source.read(1):
            raise Malformed(_WRONG)
    except zstandard.ZstdError as error:
        raise Malformed(_WRONG) from error
    return data


class _Pieces(io.RawIOBase):
    """Pieces as a stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._held:
            self._held = next(self._pieces, b"")
        part, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        return part
