"""A document line by line: what editors, Markdown and history look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.richtext.delta import PLAIN, Attributes, Insert, normal_document


class Line(NamedTuple):
    """One line: its pieces without the newline, and the attributes of that newline."""

    pieces: tuple[Insert, ...]
    attributes: Attributes = PLAIN

    @property
    def text(self) -> str:
        """The text alone, without embedded objects."""
        return "".join(each.content for each in self.pieces if isinstance(each.content, str))

    @property
    def length(self) -> int:
        """Code points, the newline included."""
        return sum(each.length for each in self.pieces) + 1


def split_lines(document: Iterable[Insert]) -> list[Line]:
    """The lines of a document; a last line without a newline is one too."""
    lines: list[Line] = []
    pieces: list[Insert] = []
    for content, attributes in document:
        if not isinstance(content, str):
            pieces.append(Insert(content, attributes))
            continue
        *ended, rest = content.split("\n")
        for text in ended:
            if text:
                pieces.append(Insert(text, attributes))
            lines.append(Line(tuple(pieces), attributes))
            pieces = []
        if rest:
            pieces.append(Insert(rest, attributes))
    if pieces:
        lines.append(Line(tuple(pieces)))
    return lines


def join_lines(lines: Iterable[Line]) -> list[Insert]:
    """The document that lines make."""
    found: list[Insert] = []
    for pieces, attributes in lines:
        found.extend(pieces)
        found.append(Insert("\n", attributes))
    return normal_document(found)
