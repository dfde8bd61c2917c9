"""A text, or a part of one, as a quote with who said it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.richtext.delta import Document, Insert, Op, Retain, length, normal, normal_document
from app.richtext.formats import BOLD, BULLET, CHECKED, INDENT, LIST, ORDERED, QUOTE, UNCHECKED
from app.richtext.lines import Line, join_lines, split_lines

_SIGNS: Final = {BULLET: "• ", CHECKED: "☑ ", UNCHECKED: "☐ "}
"""A line is a quote or of a list: what was of a list keeps its sign as text."""


def quoted(document: Iterable[Insert], who: str) -> list[Insert]:
    """The text as quote lines under a line with the name, and an empty line to write on.

    Lines that are quotes already are left out, so that an answer to an answer does not grow.
    """
    said = _without_blank_ends([line for line in split_lines(document) if not line.attributes.get(QUOTE)])
    number = 0
    lines = [Line((Insert(who, {BOLD: True}),), {QUOTE: True})] if who else []
    for pieces, attributes in said:
        kind = attributes.get(LIST)
        number = number + 1 if kind == ORDERED and not attributes.get(INDENT) else 0
        sign = (
            f"{number or 1}. " if kind == ORDERED else _SIGNS.get(kind, "") if isinstance(kind, str) else ""
        )
        lines.append(Line((Insert(sign), *pieces) if sign else pieces, {QUOTE: True}))
    return join_lines([*lines, Line(())])


def appended(document: Document, more: Document) -> list[Op]:
    """The change that puts more lines behind a text, in place of a blank last line; the last of them is the last."""
    lines = split_lines(document)
    last = lines[-1] if lines else Line(())
    change: list[Op] = [Retain(length(document) - 1)]
    if not _is_blank(last):
        change.append(Insert("\n", last.attributes))
    *ended, (end, _) = normal_document(more)
    assert isinstance(end, str), "a document ends in a newline"
    change += [*ended, Insert(end[:-1], more[-1].attributes)]
    if last.attributes:
        change.append(Retain(1, dict.fromkeys(last.attributes)))
    return normal(change)


def trimmed(document: Iterable[Insert]) -> list[Insert]:
    """The text without blank lines at its beginning and its end; empty where nothing else is in it."""
    lines = _without_blank_ends(split_lines(document))
    return join_lines(lines) if lines else []


def _without_blank_ends(lines: list[Line]) -> list[Line]:
    first, last = 0, len(lines)
    while first < last and _is_blank(lines[first]):
        first += 1
    while last > first and _is_blank(lines[last - 1]):
        last -= 1
    return lines[first:last]


def _is_blank(line: Line) -> bool:
    return not line.text.strip() and all(isinstance(each.content, str) for each in line.pieces)
