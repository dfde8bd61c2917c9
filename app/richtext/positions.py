"""Positions in a text, in three units: code points, UTF-16 units (Qt) and UTF-8 bytes (pycrdt).

A ``TextIndex`` holds the text in chunks of about a thousand code points with the size of each chunk in every
unit, so that a position is translated by a bisection over the chunks and a look into one of them, and an edit
touches one or two chunks.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Final

CHUNK: Final = 1024
"""Code points that a chunk has when it is made; it is split when it has more than twice as many."""

EMBED: Final = "\udcff"
"""Stands for an embedded object: one code point, one UTF-16 unit and one UTF-8 byte, which no text contains.

A lone surrogate: ``surrogateescape`` encodes it as the single byte 0xFF, the length that Yjs gives an object.
"""

_CONTINUATION: Final = bytes(range(0x80, 0xC0))


def utf16_length(text: str) -> int:
    """Count the UTF-16 units of a text; EMBED is one."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_length(text: str) -> int:
    """Count the UTF-8 bytes of a text; EMBED is one."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-8", "surrogateescape"))


def code_point_to_utf8(text: str, position: int) -> int:
    """Translate one position in a text at hand; for many in a long text a ``TextIndex`` is faster."""
    return utf8_length(text[:position])


class TextIndex:
    """A text that translates positions between units. Positions and counts are code points unless named.

    A position inside a character means its start, or its end with ``up``. Positions outside of the text raise
    ValueError.
    """

    def __init__(self, text: str = "") -> None:
        self._chunks: list[str] = []
        self._units: list[int] = []
        self._bytes: list[int] = []
        self._point_starts: list[int] = [0]
        self._unit_starts: list[int] = [0]
        self._byte_starts: list[int] = [0]
        self._stale = False
        self._splice(0, 0, text)

    def __len__(self) -> int:
        self._refresh()
        return self._point_starts[-1]

    def __str__(self) -> str:
        return "".join(self._chunks)

    @property
    def utf16_length(self) -> int:
        """UTF-16 units of the whole text."""
        self._refresh()
        return self._unit_starts[-1]

    @property
    def utf8_length(self) -> int:
        """UTF-8 bytes of the whole text."""
        self._refresh()
        return self._byte_starts[-1]

    def slice(self, start: int, stop: int) -> str:
        """Give the text between two positions."""
        self._check(start, stop)
        first, offset = self._find(start)
        parts = []
        missing = stop - start
        while missing > 0:
            part = self._chunks[first][offset : offset + missing]
            parts.append(part)
            missing -= len(part)
            first, offset = first + 1, 0
        return "".join(parts)

    def replace(self, start: int, stop: int, text: str) -> None:
        """Put ``text`` in place of what stands between two positions."""
        self._check(start, stop)
        if not self._chunks:
            self._splice(0, 0, text)
            return
        first, head = self._find(start)
        last, tail = self._find(stop)
        text = self._chunks[first][:head] + text + self._chunks[last][tail:]
        last += 1
        if len(text) < CHUNK // 4 and last < len(self._chunks):
            text += self._chunks[last]
            last += 1
        self._splice(first, last, text)

    def point_to_utf16(self, position: int) -> int:
        """Translate a position in code points to UTF-16 units."""
        self._check(position, position)
        if not self._chunks:
            return 0
        chunk, offset = self._find(position)
        text = self._chunks[chunk]
        inside = offset if self._units[chunk] == len(text) else utf16_length(text[:offset])
        return self._unit_starts[chunk] + inside

    def point_to_utf8(self, position: int) -> int:
        """Translate a position in code points to UTF-8 bytes."""
        self._check(position, position)
        if not self._chunks:
            return 0
        chunk, offset = self._find(position)
        text = self._chunks[chunk]
        inside = offset if self._bytes[chunk] == len(text) else utf8_length(text[:offset])
        return self._byte_starts[chunk] + inside

    def utf16_to_point(self, position: int, *, up: bool = False) -> int:
        """Translate a position in UTF-16 units to code points."""
        self._refresh()
        chunk, offset = _locate(self._unit_starts, position)
        if not self._chunks:
            return 0
        text = self._chunks[chunk]
        start = self._point_starts[chunk]
        if self._units[chunk] == len(text):
            return start + offset
        head = text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "surrogatepass")
        split = bool(head) and "\ud800" <= head[-1] <= "\udbff"
        return start + len(head) - (split and not up)

    def utf8_to_point(self, position: int, *, up: bool = False) -> int:
        """Translate a position in UTF-8 bytes to code points."""
        self._refresh()
        chunk, offset = _locate(self._byte_starts, position)
        if not self._chunks:
            return 0
        text = self._chunks[chunk]
        start = self._point_starts[chunk]
        if self._bytes[chunk] == len(text):
            return start + offset
        data = text.encode("utf-8", "surrogateescape")
        points = len(data[:offset].translate(None, _CONTINUATION))
        split = data[offset : offset + 1].translate(None, _CONTINUATION) == b"" and offset < len(data)
        return start + points - (split and not up)

    def utf16_to_utf8(self, position: int) -> int:
        """Translate a position in UTF-16 units to UTF-8 bytes."""
        return self.point_to_utf8(self.utf16_to_point(position))

    def utf8_to_utf16(self, position: int) -> int:
        """Translate a position in UTF-8 bytes to UTF-16 units."""
        return self.point_to_utf16(self.utf8_to_point(position))

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= len(self):
            raise ValueError(f"positions {start} to {stop} are not within a text of {len(self)}")

    def _find(self, position: int) -> tuple[int, int]:
        """Give the chunk that holds a position, and the position in it."""
        self._refresh()
        return _locate(self._point_starts, position)

    def _splice(self, first: int, last: int, text: str) -> None:
        """Put the text, cut into chunks, in place of the chunks from ``first`` to before ``last``."""
        size = len(text) if len(text) <= 2 * CHUNK else CHUNK
        parts = [text[at : at + size] for at in range(0, len(text), size)] if text else []
        self._chunks[first:last] = parts
        self._units[first:last] = map(utf16_length, parts)
        self._bytes[first:last] = map(utf8_length, parts)
        self._stale = True

    def _refresh(self) -> None:
        if self._stale:
            self._point_starts = [0, *accumulate(map(len, self._chunks))]
            self._unit_starts = [0, *accumulate(self._units)]
            self._byte_starts = [0, *accumulate(self._bytes)]
            self._stale = False


def _locate(starts: list[int], position: int) -> tuple[int, int]:
    """Find the chunk of a position; the end of the text belongs to the last chunk."""
    if not 0 <= position <= starts[-1]:
        raise ValueError(f"position {position} is not within a text of {starts[-1]}")
    chunk = max(0, min(bisect_right(starts, position) - 1, len(starts) - 2))
    return chunk, position - starts[chunk]
