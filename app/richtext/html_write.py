"""Document -> HTML, as it is copied for other programs.

A fragment of plain tags, every text and attribute escaped. Links that may not be opened are text. An embedded object
carries itself in ``data-embed``, so that it comes back where the text is pasted here; elsewhere it shows as a link with
its title, a name, or an image.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from app.richtext.delta import Attributes, Insert
from app.richtext.formats import (
    BOLD,
    CHECKED,
    CODE_BLOCK,
    HEADER,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    IMAGE,
    INDENT,
    ITALIC,
    LINK,
    LIST,
    MENTION,
    ORDERED,
    QUOTE,
    REF,
    STRIKE,
    UNCHECKED,
    UNDERLINE,
    divider,
    is_opened,
    record_of,
)
from app.richtext.known import ALT, known_lines
from app.richtext.lines import Line
from app.richtext.names import PERSON_ADDRESS, RECORD_ADDRESS, NoTitles, WriteNames
from app.richtext.nesting import nested
from sync.ids import id_text

EMBED_ATTRIBUTE: Final = "data-embed"
LANGUAGE_ATTRIBUTE: Final = "data-language"
INDENT_CLASS: Final = "ql-indent-"
COLOR: Final = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,24}|(?:rgb|hsl)a?\([\d.,%/ ]{1,40}\)", re.ASCII)
"""Colours that are written and read; others become the usual highlight."""
_TAGS: Final = {BOLD: "strong", ITALIC: "em", UNDERLINE: "u", STRIKE: "s", HIGHLIGHT: "mark"}
_SPACES: Final = re.compile("^[ \t]|[ \t]$|[ \t]{2}|[\t\r\f\xa0]")

ImageSource = Callable[[bytes], str | None]
"""The address that shows an attachment where the HTML goes, usually ``data:``; None leaves the words alone."""


def write_html(
    document: Iterable[Insert], names: WriteNames | None = None, image: ImageSource | None = None
) -> str:
    """Write a document as an HTML fragment; ``read_html`` reads it back."""
    return "".join(_Writer(names or NoTitles(), image).written(known_lines(document)))


class _Writer:
    def __init__(self, names: WriteNames, image: ImageSource | None) -> None:
        self._names = names
        self._image = image
        self._lists: list[str] = []
        self._quoted = False

    def written(self, lines: Sequence[Line]) -> Iterator[str]:
        at = 0
        while at < len(lines):
            line = lines[at]
            quoted = QUOTE in line.attributes
            if LIST not in line.attributes or quoted != self._quoted:
                yield from self._close_lists(0)
            if quoted != self._quoted:
                yield "<blockquote>" if quoted else "</blockquote>"
                self._quoted = quoted
            stop = at + 1
            if CODE_BLOCK in line.attributes:
                while stop < len(lines) and lines[stop].attributes == line.attributes:
                    stop += 1
                yield self._code(lines[at:stop])
            elif LIST in line.attributes:
                yield from self._item(line)
            elif line.pieces == (Insert(divider()),) and not line.attributes.keys() - {QUOTE}:
                yield "<hr>"
            else:
                yield self._block(line, f"h{line.attributes[HEADER]}" if HEADER in line.attributes else "p")
            at = stop
        yield from self._close_lists(0)
        if self._quoted:
            yield "</blockquote>"

    def _close_lists(self, depth: int) -> Iterator[str]:
        while len(self._lists) > depth:
            yield f"</li></{self._lists.pop()}>"

    def _item(self, line: Line) -> Iterator[str]:
        level = line.attributes.get(INDENT, 0)
        tag = "ol" if line.attributes[LIST] == ORDERED else "ul"
        yield from self._close_lists(level + 1)
        if len(self._lists) == level + 1:
            if self._lists[-1] == tag:
                yield "</li>"
            else:
                yield from self._close_lists(level)
        while len(self._lists) <= level:
            tag_here = tag if len(self._lists) == level else "ul"
            yield (
                f"<{tag_here}>" if len(self._lists) == level else f'<{tag_here}><li style="list-style:none">'
            )
            self._lists.append(tag_here)
        box = {
            CHECKED: '<input type="checkbox" checked disabled> ',
            UNCHECKED: '<input type="checkbox" disabled> ',
        }.get(line.attributes[LIST], "")
        if HEADER in line.attributes:
            heading = {HEADER: line.attributes[HEADER]}
            yield f"<li>{box}{self._block(Line(line.pieces, heading), f'h{heading[HEADER]}')}"
        else:
            yield f"<li{_style(line)}>{box}{self._content(line)}"

    def _block(self, line: Line, tag: str) -> str:
        return f"<{tag}{_indent(line.attributes)}{_style(line)}>{self._content(line)}</{tag}>"

    def _code(self, lines: Sequence[Line]) -> str:
        attributes = lines[0].attributes
        language = attributes[CODE_BLOCK]
        named = f' {LANGUAGE_ATTRIBUTE}="{_escaped(language)}"' if isinstance(language, str) else ""
        text = "".join(f"{_escaped(line.text)}\n" for line in lines)
        return f"<pre{_indent(attributes)}{named}><code>{text}</code></pre>"

    def _content(self, line: Line) -> str:
        return nested(line.pieces, self._bare, _wrap) or "<br>"

    def _bare(self, piece: Insert, code: bool) -> str:
        text = _escaped(piece.content) if isinstance(piece.content, str) else self._embed(piece)
        return f"<code>{text}</code>" if code else text

    def _embed(self, piece: Insert) -> str:
        embed = piece.content
        assert isinstance(embed, Mapping)
        data = f'{EMBED_ATTRIBUTE}="{_escaped(json.dumps(embed, separators=(",", ":"), sort_keys=True))}"'
        kind, record = record_of(embed) or ("", b"")
        if kind in (REF, MENTION):
            scheme, shown = RECORD_ADDRESS, embed[kind].get("text") or self._names.title(record) or "…"
            if kind == MENTION:
                scheme, shown = PERSON_ADDRESS, f"@{self._names.person(record) or ''}"
            if is_opened(piece.attributes.get(LINK)):
                # A link holds no other link.
                return f"<span {data}>{_escaped(str(shown))}</span>"
            return f'<a href="{scheme}{id_text(record)}" {data}>{_escaped(str(shown))}</a>'
        if kind == IMAGE:
            source = self._image(record) if self._image else None
            shown = f' src="{_escaped(source)}"' if source else ""
            return f'<img alt="{_escaped(piece.attributes.get(ALT, ""))}"{shown} {data}>'
        if IMAGE in embed and ALT in piece.attributes:
            return f'<img alt="{_escaped(piece.attributes[ALT])}" {data}>'
        return f"<span {data}></span>"


def _escaped(text: str) -> str:
    return escape(text).replace("\r", "&#13;")


def _style(line: Line) -> str:
    """White space that HTML would take together is kept by a style."""
    text = "".join(each.content if isinstance(each.content, str) else "x" for each in line.pieces)
    return ' style="white-space:pre-wrap"' if _SPACES.search(text) else ""


def _indent(attributes: Attributes) -> str:
    level = attributes.get(INDENT)
    return f' class="{INDENT_CLASS}{level}"' if level else ""


def _wrap(name: str, value: Any, inner: str) -> str:
    if name == LINK:
        return f'<a href="{_escaped(value)}">{inner}</a>' if is_opened(value) else inner
    if name == HIGHLIGHT and value != HIGHLIGHT_COLOR and COLOR.fullmatch(value):
        return f'<mark style="background:{value}">{inner}</mark>'
    return f"<{_TAGS[name]}>{inner}</{_TAGS[name]}>"
