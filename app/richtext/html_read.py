"""HTML -> document: what is pasted from browsers, word processors, mail and spreadsheets.

``html_clean`` reduces it first. Then each block is a line, white space is taken together as browsers do, formats come
from tags and from a few properties of ``style``, nested lists are indents. The rows of a table are lines with tabs
between the cells. Hidden text, scripts, and images from elsewhere are left out (an image leaves its words).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from app.richtext.delta import PLAIN, Attributes, Insert
from app.richtext.formats import (
    BOLD,
    BULLET,
    CHECKED,
    CODE,
    CODE_BLOCK,
    HEADER,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    INDENT,
    ITALIC,
    LINK,
    LIST,
    LISTS,
    MOST_INDENT,
    ORDERED,
    QUOTE,
    STRIKE,
    UNCHECKED,
    UNDERLINE,
    divider,
    is_opened,
)
from app.richtext.html_clean import BLOCKS, clean_html
from app.richtext.html_write import COLOR, EMBED_ATTRIBUTE, INDENT_CLASS, LANGUAGE_ATTRIBUTE
from app.richtext.known import ALT, EMPTY, is_object, joined, json_value, known_line
from app.richtext.lines import Line, join_lines

_INLINE: Final = {
    "b": BOLD,
    "strong": BOLD,
    "i": ITALIC,
    "em": ITALIC,
    "cite": ITALIC,
    "dfn": ITALIC,
    "var": ITALIC,
    "u": UNDERLINE,
    "ins": UNDERLINE,
    "s": STRIKE,
    "strike": STRIKE,
    "del": STRIKE,
    "code": CODE,
    "kbd": CODE,
    "samp": CODE,
    "tt": CODE,
}
_VOID: Final = frozenset({"br", "hr", "img", "input"})
_SPACE: Final = re.compile("[ \t\n\r\f]+")
_DECLARATION: Final = re.compile(r"([\w-]+)\s*:\s*((?:[^;\"']|\"[^\"]*\"|'[^']*')*)")
_MSO_LEVEL: Final = re.compile(r"\blevel(\d)")
_NUMBER: Final = re.compile(r"\(?(?:\d{1,4}|[A-Za-z]|[ivxlcIVXLC]{1,7})[.)]")
_MARKERS: Final = frozenset({"yellow", "#ffff00", "#ff0", "rgb(255, 255, 0)", "rgb(255,255,0)"})
_OVERRIDES: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_STYLE: Final = 4_000
_LONGEST_EMBED: Final = 10_000
_MOST_CELL_LINES: Final = 3
"""Lines in a cell up to which its table is a table, and not the layout of a page."""


def read_html(html: str) -> list[Insert]:
    """Read HTML as a document. Raises ValueError beyond ``html_clean.LARGEST`` characters."""
    reader = _Reader()
    reader.feed(clean_html(html))
    reader.close()
    return join_lines([known_line(line) for line in reader.finished()] or [EMPTY])


class _Item:
    """An open list item: its mark goes to the first line in it."""

    def __init__(self, kind: str, level: int, start: int) -> None:
        self.kind = kind
        self.level = min(level, MOST_INDENT)
        self.start = start
        self.begun = False


class _Frame(NamedTuple):
    """An open element and what holds inside of it."""

    tag: str = ""
    formats: Mapping[str, Any] = PLAIN
    line: Mapping[str, Any] = PLAIN
    item: _Item | None = None
    lists: tuple[str, int] = ("", 0)
    """The innermost list's tag, and how many are open."""
    kept_space: bool = False
    skipped: bool = False
    mark: bool = False
    """Holds the mark of a list item of a word processor."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[Line] = []
        self._pieces: list[tuple[Insert, bool]] = []
        self._after_space = True
        self._after_box = False
        self._frames = [_Frame()]
        self._rows: list[list[int]] = []

    def finished(self) -> list[Line]:
        """All lines; the last one ends here."""
        self._end_line()
        return self._lines

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        style = _declarations(given.get("style", ""))
        top = self._frames[-1]
        if tag in BLOCKS and not top.skipped:
            self._end_line()
        if tag in _VOID:
            if not top.skipped and not _is_hidden(given, style):
                self._void(tag, given)
            return
        if tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(len(self._lines))
        frame = self._opened(tag, given, style, top)
        embed = None if frame.skipped else _embed(given)
        if embed is not None:
            self._add(Insert(embed, top.formats), kept_space=True)
            frame = frame._replace(skipped=True)
        self._frames.append(frame)

    def handle_endtag(self, tag: str) -> None:
        frame = self._frames[-1]
        if frame.tag != tag:
            return
        if tag in BLOCKS and not frame.skipped:
            self._end_line()
            item = frame.item
            if tag == "li" and item is not None and len(self._lines) == item.start:
                self._end_line(forced=True)
        self._frames.pop()
        if tag == "tr":
            self._end_row(self._rows.pop(), frame.line)

    def handle_data(self, data: str) -> None:
        frame = self._frames[-1]
        if frame.skipped:
            return
        if frame.mark:
            if frame.item is not None and not frame.item.begun and data.strip():
                frame.item.kind = ORDERED if _NUMBER.match(data.strip()) else BULLET
            return
        if frame.kept_space:
            # One space parts a check box from its text.
            first, *more = (data.removeprefix(" ") if self._after_box else data).split("\n")
            self._after_box = False
            self._add(Insert(first, frame.formats), kept_space=True)
            for text in more:
                self._end_line(forced=True)
                self._add(Insert(text, frame.formats), kept_space=True)
            return
        text = _SPACE.sub(" ", data)
        if self._after_space:
            text = text.removeprefix(" ")
        self._add(Insert(text, frame.formats), kept_space=False)

    def _add(self, piece: Insert, *, kept_space: bool) -> None:
        self._after_box = False
        if piece.content == "":
            return
        self._pieces.append((piece, kept_space))
        content = piece.content
        self._after_space = not kept_space and isinstance(content, str) and content[-1] == " "

    def _end_line(self, *, forced: bool = False) -> None:
        pieces, self._pieces = self._pieces, []
        self._after_space, self._after_box = True, False
        if not pieces and not forced:
            return
        found: list[Insert] = []
        for (content, formats), kept_space in reversed(pieces):
            if isinstance(content, str) and not kept_space:
                content = (content if found else content.rstrip(" \xa0")).replace("\xa0", " ")
            if content != "":
                found.append(Insert(content, formats))
        frame = self._frames[-1]
        attributes = dict(frame.line)
        item = frame.item
        if item is not None and CODE_BLOCK not in attributes:
            level = min(item.level + item.begun, MOST_INDENT)
            if not item.begun:
                attributes[LIST] = item.kind
                item.begun = True
            attributes[INDENT] = level
        self._lines.append(Line(joined(reversed(found)), attributes))

    def _void(self, tag: str, given: Mapping[str, str]) -> None:
        frame = self._frames[-1]
        if tag == "br":
            # WebKit ends what it copies with one that means nothing.
            self._end_line(forced="Apple-interchange-newline" not in given.get("class", ""))
        elif tag == "hr":
            self._end_line()
            self._lines.append(Line((Insert(divider()),), {QUOTE: True} if QUOTE in frame.line else PLAIN))
        elif tag == "input":
            if given.get("type", "").lower() == "checkbox" and frame.item is not None:
                frame.item.kind = CHECKED if "checked" in given else UNCHECKED
                self._after_box = True
        elif (embed := _embed(given)) is not None:
            alt = {ALT: given["alt"]} if given.get("alt") else {}
            self._add(Insert(embed, {**frame.formats, **alt}), kept_space=True)
        else:
            self.handle_data(given.get("alt", ""))

    def _opened(self, tag: str, given: Mapping[str, str], style: Mapping[str, str], top: _Frame) -> _Frame:
        listed = style.get("mso-list", "")
        frame = _Frame(
            tag,
            _formats(tag, given, style, top.formats),
            _line(tag, given, top.line),
            top.item,
            (tag, top.lists[1] + 1) if tag in ("ul", "ol") else top.lists,
            _keeps_space(tag, style, top),
            top.skipped or _is_hidden(given, style),
            top.mark or listed.lower() == "ignore",
        )
        if tag == "li":
            indent = frame.line.get(INDENT, 0)
            item = _Item(_kind(given, top.lists[0]), max(0, top.lists[1] - 1) + indent, len(self._lines))
            return frame._replace(item=item)
        if tag == "blockquote":
            return frame._replace(item=None, lists=("", 0))
        if level := _MSO_LEVEL.search(listed):
            return frame._replace(item=_Item(BULLET, int(level[1]) - 1, len(self._lines)))
        return frame

    def _end_row(self, cells: list[int], attributes: Attributes) -> None:
        """Make one line of the cells of a row; a row of one cell, or of long ones, only lays a page out."""
        if len(cells) < 2:
            return
        bounds = [*cells, len(self._lines)]
        parts = [self._lines[first:last] for first, last in pairwise(bounds)]
        if max(map(len, parts)) > _MOST_CELL_LINES:
            return
        pieces: list[Insert] = []
        for count, part in enumerate(parts):
            pieces.append(Insert("\t" if count else ""))
            for place, line in enumerate(part):
                pieces.append(Insert(" " if place else ""))
                pieces.extend(line.pieces)
        self._lines[cells[0] :] = [Line(joined(pieces), attributes)]


def _declarations(style: str) -> dict[str, str]:
    if not style or len(style) > _LONGEST_STYLE:
        return {}
    return {name.lower(): value.strip() for name, value in _DECLARATION.findall(style)}


def _is_hidden(given: Mapping[str, str], style: Mapping[str, str]) -> bool:
    return (
        "hidden" in given
        or style.get("display", "").lower() == "none"
        or style.get("visibility", "").lower() in ("hidden", "collapse")
        or style.get("mso-hide", "").lower() == "all"
    )


def _keeps_space(tag: str, style: Mapping[str, str], top: _Frame) -> bool:
    value = style.get("white-space", "").lower()
    if value:
        return (value.startswith("pre") and value != "pre-line") or value == "break-spaces"
    return tag == "pre" or top.kept_space


def _kind(given: Mapping[str, str], tag: str) -> str:
    if given.get("data-list") in LISTS:
        return given["data-list"]
    if given.get("role") == "checkbox":
        return CHECKED if given.get("aria-checked") == "true" else UNCHECKED
    return ORDERED if tag == "ol" else BULLET


def _line(tag: str, given: Mapping[str, str], above: Attributes) -> Attributes:
    """The line formats inside an element."""
    found: dict[str, Any] = {}
    classes = given.get("class", "")
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        found[HEADER] = int(tag[1])
    elif tag == "blockquote":
        found[QUOTE] = True
    elif tag == "pre":
        found[CODE_BLOCK] = given.get(LANGUAGE_ATTRIBUTE) or True
    elif tag == "code" and above.get(CODE_BLOCK) is True and "language-" in classes:
        found[CODE_BLOCK] = classes.partition("language-")[2].split()[0]
    place = classes.find(INDENT_CLASS)
    if tag in BLOCKS and place >= 0 and classes[place + len(INDENT_CLASS) :][:1].isdigit():
        found[INDENT] = int(classes[place + len(INDENT_CLASS)])
    return {**above, **found} if found else above


def _formats(tag: str, given: Mapping[str, str], style: Mapping[str, str], above: Attributes) -> Attributes:
    """The formats inside an element: those above, its own, and what its style says."""
    found: dict[str, Any] = {}
    if name := _INLINE.get(tag):
        found[name] = True
    elif tag == "a" and (address := _address(given.get("href", ""))):
        found[LINK] = address
    elif tag == "mark":
        color = style.get("background", "")
        found[HIGHLIGHT] = color if COLOR.fullmatch(color) else HIGHLIGHT_COLOR
    if style:
        weight = style.get("font-weight", "").lower()
        if weight:
            found[BOLD] = weight in ("bold", "bolder") or (weight.isdigit() and int(weight[:4]) >= 600)
        if slant := style.get("font-style", "").lower():
            found[ITALIC] = slant.startswith(("italic", "oblique"))
        lines = f"{style.get('text-decoration', '')} {style.get('text-decoration-line', '')}".lower()
        if "underline" in lines and LINK not in above and tag != "a":
            found[UNDERLINE] = True
        if "line-through" in lines:
            found[STRIKE] = True
        if "none" in lines:
            found.pop(_INLINE.get(tag, ""), None)
        colors = {style.get(each, "").lower() for each in ("background", "background-color", "mso-highlight")}
        if colors & _MARKERS and tag != "mark":
            found[HIGHLIGHT] = HIGHLIGHT_COLOR
    if not found:
        return above
    return {name: value for name, value in {**above, **found}.items() if value is not False}


def _address(address: str) -> str:
    """An address that may be opened; characters that change the direction of writing are written out."""
    address = _OVERRIDES.sub(lambda found: quote(found[0]), address)
    return address if is_opened(address) else ""


def _embed(given: Mapping[str, str]) -> Mapping[str, Any] | None:
    data = given.get(EMBED_ATTRIBUTE, "")
    if not data or len(data) > _LONGEST_EMBED:
        return None
    embed = json_value(data)
    return embed if is_object(embed) else None
