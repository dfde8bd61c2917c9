"""Document -> Markdown: each line of the document is one line of the source, and reads back as the same line.

What is written is read again line by line, and the nicest way that reads back is taken: literal text is escaped only
where it would be read as something else, and formats that Markdown's signs cannot say at a place (white space at the
edge of bold, halves of words, colours of highlights, underline) are HTML tags. Objects without a form in Markdown are
kept in comments (``<!--sitebook:{...}-->``). What is not known (``app.richtext.known``) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from app.richtext.delta import Attributes, Insert
from app.richtext.formats import (
    CHECKED,
    CODE_BLOCK,
    HEADER,
    IMAGE,
    INDENT,
    LIST,
    ORDERED,
    QUOTE,
    REF,
    UNCHECKED,
    divider,
    record_of,
)
from app.richtext.known import known_lines
from app.richtext.lines import Line
from app.richtext.markdown_inline import SPECIAL
from app.richtext.markdown_inline_write import surest, ways
from app.richtext.markdown_lines import (
    INDENT_MARK,
    Fence,
    LiteralBlocks,
    State,
    after_code,
    closes,
    column_of,
    is_plain_start,
    opens_literal,
    read_block,
    read_code,
    read_fence,
)
from app.richtext.markdown_read import BOM, SourceLine, code_attributes, line_of
from app.richtext.names import NoNames, NoTitles, ReadNames, WriteNames
from app.richtext.numbering import Numbering

MARK: Final = re.compile(r"([ \t>]*)([-*+]|\d{1,9}([.)]))(?=[ \t])")
"""The mark of a list item: the space before it, the mark, and what ends the number of an ordered one."""


class SourceBlock(NamedTuple):
    """A code block of a source: its first line of the document, how many there are, what opens and closes it."""

    first: int
    size: int
    opening: SourceLine
    closing: SourceLine | None


class Kept(NamedTuple):
    """A line of the document that came from a source and did not change.

    ``place`` is which line of that document it was, ``lines`` are its lines of the source, fences included, and
    ``content`` is the one that holds it; None in an empty code block.
    """

    place: int
    lines: Sequence[SourceLine]
    content: SourceLine | None
    block: SourceBlock | None = None


class Style(NamedTuple):
    """What new lines look like."""

    end: str = "\n"
    bullet: str = "-"
    number: str = "."
    tabs: bool = False


def write_markdown(
    document: Iterable[Insert], names: WriteNames | None = None, reading: ReadNames | None = None
) -> str:
    """Write a document as Markdown. Ends with a newline; a document of one empty line is the empty string.

    ``reading`` is how links will be resolved when the source is read again. Without it, only the names that are written
    here count, and ``[[Title]]`` that is text in the document is written as it is.
    """
    lines = known_lines(document)
    if len(lines) == 1 and lines[0] == Line(()):
        return ""
    writer = Writer(lines, names or NoTitles(), reading, Style(), {})
    return without_bom("".join(each.text + each.end for each in writer.written()))


def without_bom(source: str) -> str:
    """A source whose first character is written out where it would be taken for a BOM."""
    return f"&#{ord(BOM)};{source[1:]}" if source.startswith(BOM) else source


class _Written:
    """Resolves just the names that a writer gives."""

    def __init__(self, names: WriteNames, pieces: Sequence[Insert]) -> None:
        self._titles: dict[str, bytes] = {}
        self._paths: dict[str, bytes] = {}
        for content, _ in pieces:
            found = record_of(content) if isinstance(content, Mapping) else None
            if found is not None and found[0] == REF and (title := names.title(found[1])):
                self._titles[title] = found[1]
            elif found is not None and found[0] == IMAGE and (path := names.path(found[1])):
                self._paths[path] = found[1]

    def record(self, title: str) -> bytes | None:
        """The record that was written with a title."""
        return self._titles.get(title)

    def attachment(self, path: str) -> bytes | None:
        """The attachment that was written with a path."""
        return self._paths.get(path)


class Writer:
    """Writes lines; those that are kept from a source as they stood there, where they still mean the same."""

    def __init__(
        self,
        lines: Sequence[Line],
        names: WriteNames,
        reading: ReadNames | None,
        style: Style,
        kept: Mapping[int, Kept],
        prefixes: Mapping[int, str] | None = None,
    ) -> None:
        self._lines = lines
        self._names = names
        self._reading = reading
        self._style = style
        self._kept = kept
        self._prefixes = prefixes or {}
        self._state = State()
        self._numbers = Numbering()

    def written(self) -> Iterator[SourceLine]:
        """The lines of the source. A line that was kept may have no end."""
        plain = [_plain(line) for line in self._lines]
        literal = LiteralBlocks(plain)
        at = 0
        while at < len(self._lines):
            attributes = self._lines[at].attributes
            stop = literal.end(at)
            if stop > at and not self._quote_would_go_on(plain[at] or "", stop):
                for place in range(at, stop):
                    yield self._literal(place, plain[place] or "")
                self._state, at = State(), stop
                self._numbers = Numbering()
            elif CODE_BLOCK in attributes:
                stop = at
                while stop < len(self._lines) and self._lines[stop].attributes == attributes:
                    stop += 1
                yield from self._code(at, stop)
                at = stop
                self._numbers = Numbering()
            else:
                yield self._line(at)
                at += 1

    def _quote_would_go_on(self, first: str, stop: int) -> bool:
        callout = first.lstrip(" ").startswith(">")
        return callout and stop < len(self._lines) and QUOTE in self._lines[stop].attributes

    def _literal(self, at: int, text: str) -> SourceLine:
        kept = self._kept.get(at)
        if kept is not None and kept.content is not None and kept.block is None:
            return kept.content
        return SourceLine(text, self._style.end)

    def _line(self, at: int) -> SourceLine:
        line = self._lines[at]
        number = self._numbers.next(line.attributes)
        kept = self._kept.get(at)
        text = _only_text(line)
        names = self._reading or (_Written(self._names, line.pieces) if text is None else _NOTHING)
        source = kept.content if kept is not None and kept.block is None else None
        if source is not None and self._takes(source.text, line, names):
            if LIST in line.attributes and (found := MARK.match(source.text)):
                style = self._style
                self._style = style._replace(number=found[3]) if found[3] else style._replace(bullet=found[2])
            return source
        end = self._style.end
        if text is not None and is_plain_start(text) and not SPECIAL.search(text) and "\r" not in text:
            if not line.attributes:
                self._state = State(after_text=True)
                return SourceLine(text, end)
            if text[-1] not in " \t#":
                # Nothing in such a text can be read as anything else.
                for prefix in self._beginnings(at, number):
                    if self._takes(prefix + text, line, names):
                        return SourceLine(prefix + text, end)
        if line.pieces == (Insert(divider()),):
            for mark in ("---", "***"):
                quote = "> " if QUOTE in line.attributes else ""
                if self._takes(quote + mark, line, names):
                    return SourceLine(quote + mark, end)
        beginnings = list(self._beginnings(at, number))
        stripped = HEADER in line.attributes or LIST in line.attributes
        for content in ways(line.pieces, self._names, stripped=stripped):
            for prefix in beginnings:
                if "\n" not in content and "\r" not in content and self._takes(prefix + content, line, names):
                    return SourceLine(prefix + content, end)
        text = beginnings[-1] + surest(line.pieces)
        _, self._state = read_block(text, self._state)
        return SourceLine(text, end)

    def _takes(self, text: str, line: Line, names: ReadNames) -> bool:
        """Whether a line of Markdown reads as a line of the document here; if so, go on behind it."""
        if opens_literal(text) or read_fence(text, self._state) is not None:
            return False
        block, state = read_block(text, self._state)
        if block.attributes != line.attributes or line_of(block, names).pieces != line.pieces:
            return False
        self._state = state
        return True

    def _beginnings(self, at: int, number: int) -> Iterator[str]:
        """What may stand before the content of a line: as it was, in the style around it, plainly."""
        if at in self._prefixes:
            yield self._prefixes[at]
        attributes = self._lines[at].attributes
        if self._style.tabs and LIST in attributes:
            yield self._beginning(attributes, number, self._style.bullet, tabs=True)
        yield self._beginning(attributes, number, self._style.bullet)
        if LIST in attributes:
            # Below a line of text a lone dash would underline it.
            yield self._beginning(attributes, number, "*")

    def _beginning(self, attributes: Attributes, number: int, bullet: str, *, tabs: bool = False) -> str:
        quote = "> " if QUOTE in attributes else ""
        heading = "#" * attributes.get(HEADER, 0) + " " if HEADER in attributes else ""
        kind: str | None = attributes.get(LIST)
        level: int = attributes.get(INDENT, 0)
        if kind is None:
            return f"{quote}{heading}{INDENT_MARK * level}"
        columns = self._state.columns if self._state.quoted == bool(quote) else ()
        column = column_of(columns, level)
        space = "\t" * -(-column // 4) if tabs else " " * column
        mark = f"{number}{self._style.number}" if kind == ORDERED else bullet
        box = {CHECKED: "[x] ", UNCHECKED: "[ ] "}.get(kind, "")
        return f"{quote}{space}{mark} {box}{heading}"

    def _code(self, at: int, stop: int) -> Iterator[SourceLine]:
        attributes = self._lines[at].attributes
        codes = [line.text for line in self._lines[at:stop]]
        block = self._whole_block(at, stop)
        fence = read_fence(block.opening.text, self._state) if block is not None else None
        if block is not None and fence is not None and code_attributes(fence) == attributes:
            for place in range(at, stop):
                yield from self._kept[place].lines
            self._state = after_code(fence, self._state)
            return
        opening, fence, closing = self._fence(at, stop, codes)
        quote = "> " if fence.quoted else ""
        yield opening
        for place, code in zip(range(at, stop), codes, strict=True):
            kept = self._kept.get(place)
            source = kept.content if kept is not None and kept.block is not None else None
            if source is not None and read_code(source.text, fence) == code and not closes(code, fence):
                yield source
            else:
                space = " " * fence.column if code else ""
                yield SourceLine(f"{quote}{space}{code}" if code else quote.rstrip(), self._style.end)
        yield closing
        self._state = after_code(fence, self._state)

    def _whole_block(self, at: int, stop: int) -> SourceBlock | None:
        """The code block of the source that lines of the document are, from its first line to its last."""
        first = self._kept.get(at)
        block = first.block if first is not None else None
        if block is None or block.size != stop - at:
            return None
        for place in range(at, stop):
            kept = self._kept.get(place)
            if kept is None or kept.place != block.first + place - at:
                return None
        if block.closing is None and stop < len(self._lines):
            return None
        return block

    def _fence(self, at: int, stop: int, codes: Sequence[str]) -> tuple[SourceLine, Fence, SourceLine]:
        """How a code block opens and closes: as the one that most of it was, or anew."""
        attributes = self._lines[at].attributes
        info = attributes[CODE_BLOCK] if isinstance(attributes[CODE_BLOCK], str) else ""
        quoted = QUOTE in attributes
        for place in range(at, stop):
            kept = self._kept.get(place)
            block = kept.block if kept is not None else None
            fence = read_fence(block.opening.text, self._state) if block is not None else None
            if (
                block is not None
                and fence is not None
                and code_attributes(fence) == attributes
                and not any(closes(code, fence) for code in codes)
            ):
                quote = "> " if quoted else ""
                end = SourceLine(f"{quote}{' ' * fence.column}{fence.mark}", self._style.end)
                return block.opening, fence, block.closing or end
        sign = "~" if "`" in info else "`"
        longest = max((len(run) for code in codes for run in re.findall(f"{sign}+", code)), default=0)
        mark = sign * max(3, longest + 1)
        columns = self._state.columns if self._state.quoted == quoted else ()
        level = attributes.get(INDENT, 0)
        column = column_of(columns, level) if level else 0
        space = ("> " if quoted else "") + " " * column
        fence = Fence(mark, info, column, level, quoted)
        return (
            SourceLine(space + mark + info, self._style.end),
            fence,
            SourceLine(space + mark, self._style.end),
        )


_NOTHING: Final = NoNames()


def _only_text(line: Line) -> str | None:
    """The text of a line that is one piece without formats."""
    if len(line.pieces) != 1:
        return None
    content, attributes = line.pieces[0]
    return content if isinstance(content, str) and not attributes else None


def _plain(line: Line) -> str | None:
    """The text of a line without formats of any kind; None where it has some, or could not stand as it is."""
    if line.attributes:
        return None
    if not line.pieces:
        return ""
    text = _only_text(line)
    return None if text is None or "\r" in text else text
