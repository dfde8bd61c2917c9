"""Markdown -> document: each line of the source is one line of the document.

The fences of code blocks are the one exception: they are no lines of the document (an empty block is one empty line of
code). Lines end with LF, CRLF or CR. Links and images find what they name through ``ReadNames``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.richtext.delta import PLAIN, Insert
from app.richtext.formats import CODE_BLOCK, INDENT, QUOTE, divider
from app.richtext.known import EMPTY
from app.richtext.lines import Line, join_lines
from app.richtext.markdown_inline import read_inline, without_surrogates
from app.richtext.markdown_lines import (
    Block,
    Fence,
    LiteralBlocks,
    State,
    after_code,
    closes,
    read_block,
    read_code,
    read_fence,
)
from app.richtext.names import NoNames, ReadNames

BOM = "\ufeff"
_ENDS = re.compile(r"(\r\n|\n|\r)")


class SourceLine(NamedTuple):
    """One line of the source, without and with its end."""

    text: str
    end: str


class ReadLine(NamedTuple):
    """A line of the document and the lines of the source that it came from: ``start`` to before ``stop``."""

    line: Line
    start: int
    stop: int
    content: int = 0
    """Where the content begins in its line of the source."""
    at: int = 0
    """The line of the source that holds the content; the others are fences."""
    fence: tuple[int, int] | None = None
    """For a line of code, the lines of the source that open and close its block; -1 where nothing closes it."""


def read_markdown(source: str, names: ReadNames | None = None) -> list[Insert]:
    """Read Markdown as a document. A BOM at the beginning is skipped; any text can be read."""
    found = read_lines(split_source(source.removeprefix(BOM)), names or NoNames())
    return join_lines(each.line for each in found) if found else join_lines([EMPTY])


def decode_markdown(data: bytes) -> str:
    """The text of a file; what is no UTF-8 is kept as lone surrogates, which ``encode_markdown`` turns back."""
    return data.decode("utf-8", "surrogateescape")


def encode_markdown(source: str) -> bytes:
    """The bytes of a source, exactly those that ``decode_markdown`` was given."""
    return source.encode("utf-8", "surrogateescape")


def split_source(source: str) -> list[SourceLine]:
    """The lines of a source with their ends; only the last may have none."""
    parts = _ENDS.split(source)
    lines = [SourceLine(text, end) for text, end in zip(parts[0::2], [*parts[1::2], ""], strict=True)]
    if not lines[-1].text:
        del lines[-1]
    return lines


def read_lines(source: list[SourceLine], names: ReadNames) -> list[ReadLine]:
    """The lines of the document that lines of Markdown are."""
    literal = LiteralBlocks([each.text for each in source])
    found: list[ReadLine] = []
    state = State()
    at = 0
    while at < len(source):
        text = source[at].text
        stop = literal.end(at)
        if stop > at:
            found.extend(
                ReadLine(_literal(source[place].text, PLAIN), place, place + 1, 0, place)
                for place in range(at, stop)
            )
            state, at = State(), stop
        elif fence := read_fence(text, state):
            at = _read_block_of_code(source, at, fence, found)
            state = after_code(fence, state)
        else:
            block, state = read_block(text, state)
            found.append(ReadLine(line_of(block, names), at, at + 1, block.start, at))
            at += 1
    return found


def line_of(block: Block, names: ReadNames) -> Line:
    """The line of the document that a line of Markdown is."""
    if block.divider:
        return Line((Insert(divider()),), block.attributes)
    if block.literal:
        return _literal(block.content, block.attributes)
    return Line(read_inline(block.content, names), block.attributes)


def _literal(text: str, attributes: Mapping[str, Any]) -> Line:
    text = without_surrogates(text)
    return Line((Insert(text),) if text else (), attributes)


def code_attributes(fence: Fence) -> dict[str, Any]:
    """The attributes of the lines in a code block."""
    found: dict[str, Any] = {CODE_BLOCK: without_surrogates(fence.info) or True}
    if fence.level:
        found[INDENT] = fence.level
    if fence.quoted:
        found[QUOTE] = True
    return found


def _read_block_of_code(source: list[SourceLine], opening: int, fence: Fence, found: list[ReadLine]) -> int:
    """Read a code block on to ``found``; give the line of the source behind it."""
    attributes = code_attributes(fence)
    codes: list[str] = []
    at = opening + 1
    closing = -1
    while at < len(source):
        code = read_code(source[at].text, fence)
        if code is None:
            break
        if closes(code, fence):
            closing = at
            at += 1
            break
        codes.append(code)
        at += 1
    if not codes:
        found.append(ReadLine(Line((), attributes), opening, at, 0, -1, (opening, closing)))
    for count, code in enumerate(codes):
        place = opening + 1 + count
        first = opening if count == 0 else place
        last = at if count == len(codes) - 1 else place + 1
        start = len(source[place].text) - len(code)
        found.append(ReadLine(_literal(code, attributes), first, last, start, place, (opening, closing)))
    return at
