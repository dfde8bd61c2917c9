"""A text with attributes that an editor keeps beside its document: positions in all units, and what stands where.

Each distinct set of attributes is one *mark*, a small number; the marks of a text are kept as a second string of the
same length, cut like the text, so that they are sliced and compared as fast as text is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from app.richtext.delta import PLAIN, Attributes, Embed, Insert
from app.richtext.positions import CHUNK, EMBED, TextIndex

_EMBED_KEY: Final = "\0"
"""Under this name a mark holds the embedded object itself beside its attributes."""


class Marks:
    """Numbers for sets of attributes, also together with an embedded object; 0 is nothing at all."""

    def __init__(self) -> None:
        self._known: list[tuple[Attributes, Embed | None]] = [(PLAIN, None)]
        self._numbers: dict[bytes, int] = {_key(PLAIN, None): 0}
        self._changed: dict[tuple[int, bytes], int] = {}

    def number(self, attributes: Attributes, embed: Embed | None = None) -> int:
        """The mark of attributes, and of an object that has them."""
        if not attributes and embed is None:
            return 0
        key = _key(attributes, embed)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._known)
            self._known.append((attributes, embed))
        return found

    def attributes(self, mark: int) -> Attributes:
        """The attributes of a mark."""
        return self._known[mark][0]

    def embed(self, mark: int) -> Embed | None:
        """The embedded object of a mark; None where it is one of text."""
        return self._known[mark][1]

    def without_embed(self, mark: int) -> int:
        """The mark with the same attributes, for text."""
        attributes, embed = self._known[mark]
        return mark if embed is None else self.number(attributes)

    def changed(self, mark: int, change: Attributes) -> int:
        """The mark after a change of attributes; null takes one away."""
        if not change:
            return mark
        key = mark, msgspec.json.encode(dict(change))
        found = self._changed.get(key)
        if found is None:
            old, embed = self._known[mark]
            both = {name: value for name, value in {**old, **change}.items() if value is not None}
            found = self._changed[key] = self.number(both, embed)
        return found


def _key(attributes: Attributes, embed: Embed | None) -> bytes:
    whole: dict[str, Any] = dict(attributes)
    if embed is not None:
        whole[_EMBED_KEY] = dict(embed)
    return msgspec.json.encode(whole, order="deterministic")


class RichIndex(TextIndex):
    """A ``TextIndex`` in which each character has a mark. EMBED stands where a mark has an object."""

    def __init__(self, pieces: Sequence[Insert] = (), marks: Marks | None = None) -> None:
        self.marks = Marks() if marks is None else marks
        self._signs: list[str] = []
        known: dict[int, str] = {}
        signs = []
        for piece in pieces:
            if isinstance(piece.content, str):
                # By identity: those who read a text give equal attributes as one object.
                sign = known.get(id(piece.attributes))
                if sign is None:
                    sign = known[id(piece.attributes)] = chr(self.mark_of(piece))
                signs.append(sign * len(piece.content))
            else:
                signs.append(chr(self.mark_of(piece)))
        self._given = "".join(signs)
        super().__init__("".join(p.content if isinstance(p.content, str) else EMBED for p in pieces))

    def mark_of(self, piece: Insert) -> int:
        """The mark of a piece of a document."""
        embed = None if isinstance(piece.content, str) else piece.content
        return self.marks.number(piece.attributes, embed)

    def put(self, start: int, stop: int, text: str, signs: str) -> None:
        """Put a text in place of what stands between two positions; ``signs`` has the mark of each character."""
        self._given = signs
        self.replace(start, stop, text)

    def type(self, position: int, text: str, mark: int) -> None:
        """Put a few characters of one mark, each of one UTF-16 unit, at a position: what each key press does."""
        chunk, offset = self._find(position)
        old = self._chunks[chunk] if self._chunks else ""
        count = len(text)
        if not CHUNK // 4 < len(old) < 2 * CHUNK - count:
            self.put(position, position, text, chr(mark) * count)
            return
        signs = self._signs[chunk]
        self._chunks[chunk] = old[:offset] + text + old[offset:]
        self._signs[chunk] = signs[:offset] + chr(mark) * count + signs[offset:]
        size = count if text.isascii() else len(text.encode())
        self._units[chunk] += count
        self._bytes[chunk] += size
        self._length += count
        self._utf16 += count
        self._utf8 += size
        if chunk < self._right:
            self._right = chunk

    def signs(self, start: int, stop: int) -> str:
        """The marks between two positions, one character each: ``ord`` gives the number."""
        self._check(start, stop)
        return self._joined(self._signs, start, stop)

    def mark_at(self, position: int) -> int:
        """The mark of the character at a position."""
        chunk, offset = self._find(position)
        return ord(self._signs[chunk][offset])

    def change_marks(self, start: int, stop: int, change: Attributes) -> str:
        """Change the attributes between two positions, and give the marks that stand there now."""
        old = self.signs(start, stop)
        new = old.translate({ord(sign): self.marks.changed(ord(sign), change) for sign in set(old)})
        if new != old:
            self.set_signs(start, new)
        return new

    def set_signs(self, start: int, signs: str) -> None:
        """Put other marks on the text from a position on."""
        at, left = start, signs
        while left:
            chunk, offset = self._find(at)
            part = self._signs[chunk]
            count = min(len(left), len(part) - offset)
            self._signs[chunk] = part[:offset] + left[:count] + part[offset + count :]
            at, left = at + count, left[count:]

    def runs(self, start: int, stop: int) -> Iterator[tuple[str, int]]:
        """The text between two positions in stretches of one mark, each with its number; objects one by one."""
        yield from runs_of(self.slice(start, stop), self.signs(start, stop), self.marks)

    def pieces(self, start: int, stop: int) -> list[Insert]:
        """What stands between two positions, as a document has it."""
        return self.pieces_of(self.slice(start, stop), self.signs(start, stop))

    def pieces_of(self, text: str, signs: str) -> list[Insert]:
        """A text with the marks of each character, as a document has it."""
        found = []
        for part, mark in runs_of(text, signs, self.marks):
            embed = self.marks.embed(mark)
            found.append(Insert(part if embed is None else embed, self.marks.attributes(mark)))
        return found

    def _exchange(self, chunk: int, head: int, tail: int, text: str) -> bool:
        if not super()._exchange(chunk, head, tail, text):
            return False
        old = self._signs[chunk]
        self._signs[chunk] = old[:head] + self._given + old[tail:]
        return True

    def _splice(self, first: int, last: int, head: int, tail: int, text: str) -> list[int]:
        old = "".join(self._signs[first:last])
        signs = old[:head] + self._given + old[tail:]
        sizes = super()._splice(first, last, head, tail, text)
        parts, at = [], 0
        for size in sizes:
            parts.append(signs[at : at + size])
            at += size
        self._signs[first:last] = parts
        return sizes


def runs_of(text: str, signs: str, marks: Marks) -> Iterator[tuple[str, int]]:
    """A text in stretches of one mark, each with its number; objects one by one."""
    if not text:
        return
    if signs.count(signs[0]) == len(signs) and marks.embed(ord(signs[0])) is None:
        yield text, ord(signs[0])
        return
    at = 0
    for sign, group in groupby(signs):
        count, mark = sum(1 for _ in group), ord(sign)
        if marks.embed(mark) is None:
            yield text[at : at + count], mark
        else:
            for place in range(at, at + count):
                yield text[place : place + 1], mark
        at += count
