"""Positions in a text, in three units: code points, UTF-16 units (Qt) and UTF-8 bytes (pycrdt).

A ``TextIndex`` holds the text in chunks of about a thousand code points with the size of each chunk in every
unit, so that a position is translated by a bisection over the chunks and a look into one of them, and an edit
touches one or two chunks. Where the chunks begin is added up only as far as somebody asks, so typing in one place
costs the same in texts of any length.
"""

from __future__ import annotations

from bisect import bisect_right
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
        # Where each chunk begins; right up to the one numbered ``_right``.
        self._point_starts: list[int] = [0]
        self._unit_starts: list[int] = [0]
        self._byte_starts: list[int] = [0]
        self._right = 0
        self._length = self._utf16 = self._utf8 = 0
        self._splice(0, 0, 0, 0, text)

    def __len__(self) -> int:
        return self._length

    def __str__(self) -> str:
        return "".join(self._chunks)

    @property
    def utf16_length(self) -> int:
        """UTF-16 units of the whole text."""
        return self._utf16

    @property
    def utf8_length(self) -> int:
        """UTF-8 bytes of the whole text."""
        return self._utf8

    def slice(self, start: int, stop: int) -> str:
        """Give the text between two positions."""
        self._check(start, stop)
        return self._joined(self._chunks, start, stop)

    def replace(self, start: int, stop: int, text: str) -> None:
        """Put ``text`` in place of what stands between two positions."""
        self._check(start, stop)
        if not self._chunks:
            self._splice(0, 0, 0, 0, text)
            return
        first, head = self._find(start)
        tail = head + stop - start
        if tail <= len(self._chunks[first]):
            if self._exchange(first, head, tail, text):
                return
            last = first + 1
        else:
            last = self._find(stop)[0] + 1
        held = sum(map(len, self._chunks[first:last]))
        if held - (tail - head) + len(text) < CHUNK // 4 and last < len(self._chunks):
            last += 1
        self._splice(first, last, head, tail, text)

    def point_to_utf16(self, position: int) -> int:
        """Translate a position in code points to UTF-16 units."""
        self._check(position, position)
        if self._utf16 == self._length:
            return position
        chunk, offset = self._find(position)
        text = self._chunks[chunk]
        inside = offset if self._units[chunk] == len(text) else utf16_length(text[:offset])
        return self._unit_starts[chunk] + inside

    def point_to_utf8(self, position: int) -> int:
        """Translate a position in code points to UTF-8 bytes."""
        self._check(position, position)
        if self._utf8 == self._length:
            return position
        chunk, offset = self._find(position)
        text = self._chunks[chunk]
        inside = offset if self._bytes[chunk] == len(text) else utf8_length(text[:offset])
        return self._byte_starts[chunk] + inside

    def utf16_to_point(self, position: int, *, up: bool = False) -> int:
        """Translate a position in UTF-16 units to code points."""
        if self._utf16 == self._length:
            self._check(position, position)
            return position
        chunk, offset = self._locate(self._unit_starts, position, self._utf16)
        text = self._chunks[chunk]
        start = self._point_starts[chunk]
        if self._units[chunk] == len(text):
            return start + offset
        head = text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "surrogatepass")
        split = bool(head) and "\ud800" <= head[-1] <= "\udbff"
        return start + len(head) - (split and not up)

    def utf8_to_point(self, position: int, *, up: bool = False) -> int:
        """Translate a position in UTF-8 bytes to code points."""
        if self._utf8 == self._length:
            self._check(position, position)
            return position
        chunk, offset = self._locate(self._byte_starts, position, self._utf8)
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

    def line_start(self, position: int) -> int:
        """Give the beginning of the line that a position is in."""
        self._check(position, position)
        if not self._chunks:
            return 0
        chunk, offset = self._find(position)
        found = self._chunks[chunk].rfind("\n", 0, offset)
        while found < 0 and chunk:
            chunk -= 1
            found = self._chunks[chunk].rfind("\n")
        return self._point_starts[chunk] + found + 1 if found >= 0 else 0

    def line_end(self, position: int) -> int:
        """Give the place of the newline that ends the line a position is in; the text's end where none does."""
        self._check(position, position)
        if not self._chunks:
            return 0
        chunk, offset = self._find(position)
        found = self._chunks[chunk].find("\n", offset)
        while found < 0 and chunk + 1 < len(self._chunks):
            chunk += 1
            found = self._chunks[chunk].find("\n")
        if found < 0:
            return self._length
        self._reach(chunk)
        return self._point_starts[chunk] + found

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= self._length:
            raise ValueError(f"positions {start} to {stop} are not within a text of {self._length}")

    def _joined(self, parts: list[str], start: int, stop: int) -> str:
        """What stands between two positions in the text, or in a string that is cut into the same parts."""
        if start == stop:
            return ""
        first, offset = self._find(start)
        missing = stop - start
        found = parts[first][offset : offset + missing]
        missing -= len(found)
        if not missing:
            return found
        more = [found]
        while missing > 0:
            first += 1
            found = parts[first][:missing]
            more.append(found)
            missing -= len(found)
        return "".join(more)

    def _find(self, position: int) -> tuple[int, int]:
        """Give the chunk that holds a position, and the position in it."""
        return self._locate(self._point_starts, position, self._length)

    def _locate(self, starts: list[int], position: int, end: int) -> tuple[int, int]:
        """Find the chunk of a position; the end of the text belongs to the last chunk."""
        if not 0 <= position <= end:
            raise ValueError(f"position {position} is not within a text of {end}")
        right = self._right
        if starts[right] <= position:
            count = len(self._chunks)
            while right < count and starts[right] <= position:
                right += 1
                self._reach(right)
        chunk = max(0, min(bisect_right(starts, position, 0, right + 1) - 1, len(self._chunks) - 1))
        return chunk, position - starts[chunk]

    def _reach(self, number: int) -> None:
        """Add up where the chunks begin, up to the one with this number."""
        at = self._right
        if at >= number:
            return
        points, units, sizes = self._point_starts, self._unit_starts, self._byte_starts
        while at < number:
            points[at + 1] = points[at] + len(self._chunks[at])
            units[at + 1] = units[at] + self._units[at]
            sizes[at + 1] = sizes[at] + self._bytes[at]
            at += 1
        self._right = number

    def _exchange(self, chunk: int, head: int, tail: int, text: str) -> bool:
        """Put a text into one chunk, where it keeps a good size; whether it did."""
        old = self._chunks[chunk]
        new = old[:head] + text + old[tail:]
        if not CHUNK // 4 <= len(new) <= 2 * CHUNK and (
            len(self._chunks) > 1 or not 0 < len(new) <= 2 * CHUNK
        ):
            return False
        gone = old[head:tail]
        units = utf16_length(text) - utf16_length(gone)
        size = utf8_length(text) - utf8_length(gone)
        self._chunks[chunk] = new
        self._units[chunk] += units
        self._bytes[chunk] += size
        self._length += len(text) - len(gone)
        self._utf16 += units
        self._utf8 += size
        self._right = min(self._right, chunk)
        return True

    def _splice(self, first: int, last: int, head: int, tail: int, text: str) -> list[int]:
        """Put a text in place of the chunks from ``first`` to before ``last``, and give the sizes of the new ones.

        What these chunks hold together stays before ``head`` and from ``tail`` on.
        """
        old = "".join(self._chunks[first:last])
        text = old[:head] + text + old[tail:]
        size = len(text) if len(text) <= 2 * CHUNK else CHUNK
        parts = [text[at : at + size] for at in range(0, len(text), size)] if text else []
        units, sizes = list(map(utf16_length, parts)), list(map(utf8_length, parts))
        self._length += len(text) - len(old)
        self._utf16 += sum(units) - sum(self._units[first:last])
        self._utf8 += sum(sizes) - sum(self._bytes[first:last])
        self._chunks[first:last], self._units[first:last], self._bytes[first:last] = parts, units, sizes
        for starts in (self._point_starts, self._unit_starts, self._byte_starts):
            del starts[first + 1 :]
            starts.extend([0] * (len(self._chunks) - first))
        self._right = min(self._right, first)
        return list(map(len, parts))
