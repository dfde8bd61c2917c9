"""What rules of editing are told of a text, and what they answer.

Positions are code points in the whole text; an embedded object is one. A text ends in a newline, and nobody stands
behind it: the last place of a cursor is ``length() - 1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from app.richtext.delta import (
    PLAIN,
    Attributes,
    Delete,
    Document,
    Embed,
    Insert,
    Op,
    Retain,
    length,
    normal,
    normal_document,
    sliced,
)
from app.richtext.formats import CODE_BLOCK, DIVIDER
from app.richtext.lines import Line, split_lines

Range = tuple[int, int]


class Context(Protocol):
    """A text in which something is edited; only a small part of it is looked at."""

    def length(self) -> int:
        """Count the code points of the whole text, its last newline included."""
        ...

    def slice(self, start: int, stop: int) -> list[Insert]:
        """Give the part between two positions."""
        ...

    def line_span(self, position: int) -> Range:
        """Say where the line of a position begins and where the next one does."""
        ...


class DocumentContext:
    """A document at hand as a context."""

    def __init__(self, document: Document) -> None:
        self.document = normal_document(document)
        self._starts = [0]
        for line in split_lines(self.document):
            self._starts.append(self._starts[-1] + line.length)

    def length(self) -> int:
        """Count its code points."""
        return self._starts[-1]

    def slice(self, start: int, stop: int) -> list[Insert]:
        """Give the part between two positions."""
        return sliced(self.document, start, stop)

    def line_span(self, position: int) -> Range:
        """Say where the line of a position begins and where the next one does."""
        for start, stop in zip(self._starts, self._starts[1:], strict=False):
            if position < stop:
                return start, stop
        return self._starts[-2], self._starts[-1]


class Edit(NamedTuple):
    """What becomes of a text, and what is selected afterwards.

    ``typing`` are the inline formats of what is typed next, where they are not those of the letter before.
    """

    change: list[Op]
    select: Range
    typing: Attributes | None = None


class Placed(NamedTuple):
    """A line and where it begins."""

    start: int
    line: Line

    @property
    def stop(self) -> int:
        """Where the next line begins."""
        return self.start + self.line.length

    @property
    def newline(self) -> int:
        """Where its newline stands: the last place of a cursor in it."""
        return self.start + self.line.length - 1

    @property
    def attributes(self) -> Attributes:
        """The formats of the line."""
        return self.line.attributes


class Writer:
    """Writes a change from the front; positions are those of the text before it, and never fall."""

    def __init__(self) -> None:
        self._ops: list[Op] = []
        self._at = 0

    def _go(self, position: int) -> None:
        assert position >= self._at, "a change is written from the front"
        if position > self._at:
            self._ops.append(Retain(position - self._at))
            self._at = position

    def insert(self, position: int, content: str | Embed, attributes: Attributes = PLAIN) -> None:
        """Put something in."""
        self._go(position)
        self._ops.append(Insert(content, attributes))

    def insert_all(self, position: int, pieces: Iterable[Insert]) -> None:
        """Put several things in, in their order."""
        for content, attributes in pieces:
            self.insert(position, content, attributes)

    def delete(self, start: int, stop: int) -> None:
        """Take a part out."""
        if start < stop:
            self._go(start)
            self._ops.append(Delete(stop - start))
            self._at = stop

    def format(self, start: int, stop: int, attributes: Attributes) -> None:
        """Put attributes over a part; null ones are taken away."""
        if start < stop and attributes:
            self._go(start)
            self._ops.append(Retain(stop - start, attributes))
            self._at = stop

    def done(self) -> list[Op]:
        """Give the change."""
        return normal(self._ops)


def clamped(context: Context, start: int, stop: int) -> Range:
    """Give the range in order and within the text."""
    last = max(context.length() - 1, 0)
    start, stop = min(max(start, 0), last), min(max(stop, 0), last)
    return min(start, stop), max(start, stop)


def line_at(context: Context, position: int) -> Placed:
    """Give the line of a position."""
    start, stop = context.line_span(position)
    found = split_lines(context.slice(start, stop))
    return Placed(start, found[0] if found else Line(()))


def attributes_at(context: Context, position: int) -> tuple[Range, Attributes]:
    """Say where the line of a position lies and which formats it has, without reading its text."""
    start, stop = context.line_span(position)
    newline = context.slice(stop - 1, stop)
    return (start, stop), newline[0].attributes if newline else PLAIN


def lines_in(context: Context, start: int, stop: int) -> list[Placed]:
    """Give the lines of a selection; a line before whose first character it ends is none of them."""
    first = context.line_span(start)[0]
    last = context.line_span(stop - 1 if stop > start else stop)[1]
    found: list[Placed] = []
    for line in split_lines(context.slice(first, last)):
        found.append(Placed(first, line))
        first += line.length
    return found


def pieces_between(placed: Placed, start: int, stop: int) -> Sequence[tuple[int, Insert]]:
    """Give what a line has within a selection, each with its position, without the newline."""
    at = placed.start
    found: list[tuple[int, Insert]] = []
    for piece in placed.line.pieces:
        first, last = max(start - at, 0), min(stop - at, piece.length)
        if first < last:
            content = piece.content[first:last] if isinstance(piece.content, str) else piece.content
            found.append((at + first, Insert(content, piece.attributes)))
        at += piece.length
    return found


def is_divider(line: Line) -> bool:
    """Say whether a line is only a divider."""
    if len(line.pieces) != 1:
        return False
    content = line.pieces[0].content
    return not isinstance(content, str) and DIVIDER in content


def is_code(attributes: Attributes) -> bool:
    """Say whether a line with these formats is code."""
    return bool(attributes.get(CODE_BLOCK))


def without_formats(writer: Writer, pieces: Iterable[tuple[int, Insert]]) -> None:
    """Take all formats of pieces away, as code has none."""
    for position, piece in pieces:
        writer.format(position, position + piece.length, dict.fromkeys(piece.attributes))


def moved_back(change: Iterable[Op], by: int) -> list[Op]:
    """Give the same change for a text that stands ``by`` code points further back."""
    return normal([Retain(by), *change]) if by else list(change)


def text_length(pieces: Iterable[Insert]) -> int:
    """Count the code points of pieces."""
    return length(pieces)
