"""The block structure of Markdown, line by line: what a line of the source says about itself.

Each line is read knowing only the state that the lines above it left, so that reading and writing agree. Quotes go one
level deep and lists nest by their columns; what the formats of a text cannot say (tables, callouts, HTML blocks,
comments, displayed formulas, the underlines of Setext headings) is literal text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.richtext.formats import (
    BULLET,
    CHECKED,
    HEADER,
    INDENT,
    LIST,
    MOST_HEADER,
    MOST_INDENT,
    ORDERED,
    QUOTE,
    UNCHECKED,
)

TAB: Final = 4
INDENT_MARK: Final = "&emsp;"
"""Written once a level before the text of an indented line that is no list: Markdown has no such thing."""

Columns = tuple[tuple[int, int], ...]
"""For each open list level the columns of its last marker and of the text behind it."""


class State(NamedTuple):
    """What the lines above mean for the next one."""

    columns: Columns = ()
    quoted: bool = False
    after_text: bool = False


class Block(NamedTuple):
    """One line of the source: attributes of the line, where its content starts, and the content."""

    attributes: Mapping[str, Any]
    start: int
    content: str
    literal: bool = False
    """The content is text as it stands: no formats in it."""
    divider: bool = False


class Fence(NamedTuple):
    """The opening line of a code block."""

    mark: str
    info: str
    column: int
    level: int
    quoted: bool


_QUOTE_MARK = re.compile(r" {0,3}> ?")
_LIST_MARK = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)|$)")
_CHECK_BOX = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_DIVIDER = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_UNDERLINE = re.compile(r" {0,3}-+[ \t]*$")
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)$", re.DOTALL)
_PLAIN_START = re.compile(r"[^\W\d_]")
_BLOCK_TAGS = (
    "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link "
    "main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead "
    "title tr track ul"
).replace(" ", "|")
_LITERAL_START = re.compile(
    rf" {{0,3}}(?:(?P<callout>>[ \t]?\[!)|(?P<formula>\$\$)|(?P<remark>%%)|(?P<comment><!--(?!sitebook:))"
    rf"|<(?P<verbatim>pre|script|style|textarea)(?=[\s>]|$)|(?P<html></?(?:{_BLOCK_TAGS})(?=[\s>]|/>|$)))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r" {0,3}>")
_ENDS: Final = {"formula": "$$", "remark": "%%", "comment": "-->"}
_VERBATIM_END = re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE)
_INDENTS = re.compile(rf"(?:{INDENT_MARK}){{1,{MOST_INDENT}}}")


class LiteralBlocks:
    """Finds the stretches of lines that are literal text. ``lines`` holds None where a line can be no part of one."""

    def __init__(self, lines: Sequence[str | None]) -> None:
        self._lines = lines
        self._ends: dict[str, tuple[int, int]] = {}

    def end(self, at: int) -> int:
        """The line behind the literal stretch that begins at a line; that line itself where none does."""
        line = self._lines[at]
        found = _LITERAL_START.match(line) if line else None
        if line is None or found is None:
            return at
        kind = found.lastgroup
        assert kind is not None
        if kind == "callout":
            stop = at + 1
            while stop < len(self._lines) and _QUOTED.match(self._lines[stop] or ""):
                stop += 1
            return stop
        if kind != "html" and self._closes(kind, line, found.end()):
            return at + 1
        if kind in _ENDS and kind != "comment" and _ENDS[kind] in line[found.end() :]:
            return at
        # No search goes twice over the same lines: that would be quadratic for many openings without an end.
        begun, ended = self._ends.get(kind, (0, 0))
        if begun <= at < ended:
            return at
        stop = at + 1
        while stop < len(self._lines):
            below = self._lines[stop]
            if below is None:
                break
            if kind == "html":
                if not below.strip():
                    return stop
            elif self._closes(kind, below, 0):
                return stop + 1
            stop += 1
        else:
            if kind == "html":
                return stop
        self._ends[kind] = (at, stop)
        return at

    @staticmethod
    def _closes(kind: str, line: str, start: int) -> bool:
        if kind == "verbatim":
            return _VERBATIM_END.search(line, start) is not None
        return _ENDS[kind] in line[start:]


def opens_literal(line: str) -> bool:
    """Whether a line could begin a literal stretch."""
    return _LITERAL_START.match(line) is not None


def is_plain_start(text: str) -> bool:
    """Whether a text begins with a letter, and so with nothing that means something to Markdown."""
    return _PLAIN_START.match(text) is not None


def width(space: str, column: int = 0) -> int:
    """The column behind white space that begins at a column."""
    if "\t" not in space:
        return column + len(space)
    for each in space:
        column = column + TAB - column % TAB if each == "\t" else column + 1
    return column


def level_at(columns: Columns, column: int) -> tuple[int, Columns]:
    """How deep a list item at a column is, and the levels above it; spaces beyond a level's text make more levels."""
    if not columns and column < TAB:
        return 0, ()
    count = len(columns)
    while count and column < columns[count - 1][0] + 2:
        count -= 1
    base = columns[count - 1][1] if count else 0
    level = min(count + max(0, column - base) // TAB, MOST_INDENT)
    above = columns[:level] + tuple(
        (base + TAB * step, base + TAB * (step + 1)) for step in range(max(0, level - count))
    )
    return level, above


def column_of(columns: Columns, level: int) -> int:
    """Where a list item of a level is written, so that ``level_at`` gives this level."""
    if level < len(columns):
        return columns[level][0]
    return (columns[-1][1] if columns else 0) + TAB * (level - len(columns))


def read_block(line: str, state: State) -> tuple[Block, State]:
    """Read a line that is in no code block and no literal stretch, and the state that it leaves."""
    if _PLAIN_START.match(line):
        return Block({}, 0, line), _TEXT
    if not line or line.isspace():
        return Block({}, 0, line), State(() if state.quoted else state.columns)
    quote = _QUOTE_MARK.match(line)
    start = quote.end() if quote else 0
    if state.quoted != (quote is not None):
        state = State()
    block, state = _inner(line[start:], state)
    if quote is None:
        return block, state
    return (
        block._replace(attributes={**block.attributes, QUOTE: True}, start=start + block.start),
        state._replace(quoted=True),
    )


_TEXT: Final = State((), quoted=False, after_text=True)


def _inner(line: str, state: State) -> tuple[Block, State]:
    """A line behind its quote mark."""
    if not line or line.isspace():
        return Block({}, 0, line), State(state.columns)
    if state.after_text and _UNDERLINE.match(line):
        return Block({}, 0, line, literal=True), State()
    if _DIVIDER.match(line):
        return Block({}, 0, line, divider=True), State()
    item = _LIST_MARK.match(line)
    if item is not None and not (state.after_text and _continues_text(item[2])):
        return _item(line, item, state)
    block = _text(line, 0, {})
    heading = HEADER in block.attributes
    columns = state.columns if line[0] in " \t" and not heading else ()
    return block, State(columns, quoted=False, after_text=not heading and not block.literal)


def _continues_text(mark: str) -> bool:
    """A number other than 1 below a line of text is the text's, as in CommonMark."""
    return mark[0].isdigit() and mark[:-1] != "1"


def _item(line: str, item: re.Match[str], state: State) -> tuple[Block, State]:
    column = width(item[1])
    level, above = level_at(state.columns, column)
    behind = column + len(item[2])
    text = width(item[3] or "", behind)
    if not behind < text <= behind + TAB or item.end() == len(line):
        text = behind + 1
    kind, start = (ORDERED if item[2][0].isdigit() else BULLET), item.end()
    if check := _CHECK_BOX.match(line, start):
        kind, start = (UNCHECKED if check[1] == " " else CHECKED), check.end()
    block = _text(line, start, {LIST: kind, INDENT: level} if level else {LIST: kind})
    return block, State((*above, (column, text)))


def _text(line: str, start: int, given: Mapping[str, Any]) -> Block:
    """The heading or text that a line holds from ``start`` on; ``given`` is what its beginning says."""
    attributes = dict(given)
    stop = len(line)
    if heading := _HEADING.match(line, start):
        attributes[HEADER] = min(len(heading[1]), MOST_HEADER)
        start = heading.end()
        text = line[start:].rstrip(" \t")
        bare = text.rstrip("#")
        if bare != text and (not bare or bare[-1] in " \t"):
            text = bare.rstrip(" \t")
        stop = start + len(text)
    if LIST not in given and (indents := _INDENTS.match(line, start, stop)):
        attributes[INDENT] = len(indents[0]) // len(INDENT_MARK)
        start = indents.end()
    content = line[start:stop]
    return Block(attributes, start, content, literal=content.lstrip(" \t").startswith("|"))


def read_fence(line: str, state: State) -> Fence | None:
    """The code block that a line opens, if it does."""
    if "```" not in line and "~~~" not in line:
        return None
    quote = _QUOTE_MARK.match(line)
    start = quote.end() if quote else 0
    found = _FENCE.match(line, start)
    if found is None or (found[2][0] == "`" and "`" in found[3]):
        return None
    column = width(found[1])
    columns = state.columns if state.quoted == (quote is not None) else ()
    level, _ = level_at(columns, column)
    return Fence(found[2], found[3].strip(), column, level, quote is not None)


def read_code(line: str, fence: Fence) -> str | None:
    """The line of code that a line in a code block holds; None where the quote that holds the block has ended."""
    start = 0
    if fence.quoted:
        quote = _QUOTE_MARK.match(line)
        if quote is None:
            return None
        start = quote.end()
    column = 0
    while column < fence.column and start < len(line) and line[start] in " \t":
        after = width(line[start], column)
        if after > fence.column:
            break
        column, start = after, start + 1
    return line[start:]


def closes(code: str, fence: Fence) -> bool:
    """Whether a line in a code block closes it."""
    bare = code.strip(" \t")
    if len(bare) < len(fence.mark) or bare.strip(fence.mark[0]):
        return False
    return width(code[: code.index(bare[0])]) < TAB


def after_code(fence: Fence, state: State) -> State:
    """The state below a code block."""
    columns = state.columns if state.quoted == fence.quoted and fence.level else ()
    return State(columns, fence.quoted)
