"""What of a document the known formats can say: Markdown and HTML write this and nothing else.

A line is reduced, never its words: attributes that are not known, or whose values make no sense, are left out. A code
block holds bare text, and goes with ``indent`` and ``blockquote`` only; with an embedded object in it, it is no code
block.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from app.richtext.delta import PLAIN, Attributes, Insert
from app.richtext.formats import (
    BOLD,
    CODE,
    CODE_BLOCK,
    HEADER,
    HIGHLIGHT,
    IMAGE,
    INDENT,
    ITALIC,
    LINK,
    LIST,
    LISTS,
    MOST_HEADER,
    MOST_INDENT,
    QUOTE,
    STRIKE,
    UNDERLINE,
)
from app.richtext.lines import Line, split_lines

ALT: Final = "alt"
"""The attribute of an image that says it in words, as Quill names it."""
_FLAGS: Final = (BOLD, ITALIC, UNDERLINE, STRIKE, CODE)
EMPTY: Final = Line(())


def known_lines(document: Iterable[Insert]) -> list[Line]:
    """The lines of a document, at least one, each reduced to what is known."""
    return [known_line(line) for line in split_lines(document)] or [EMPTY]


def known_line(line: Line) -> Line:
    """A line with known formats only, equal neighbours joined."""
    pieces, attributes = line
    if not attributes and all(isinstance(each.content, str) and not each.attributes for each in pieces):
        return line if len(pieces) < 2 else Line((Insert(line.text),))
    found = _line_attributes(attributes)
    if CODE_BLOCK in found:
        if all(isinstance(each.content, str) for each in pieces):
            text = line.text.replace("\r", "")
            return Line((Insert(text),) if text else (), found)
        found = {name: value for name, value in found.items() if name != CODE_BLOCK}
    return Line(joined(Insert(content, _inline(content, given)) for content, given in pieces), found or PLAIN)


def joined(pieces: Iterable[Insert]) -> tuple[Insert, ...]:
    """Pieces with equal neighbours made one, in linear time; empty ones are left out."""
    found: list[Insert] = []
    texts: list[str] = []
    formats: Attributes = PLAIN
    for piece in pieces:
        content, attributes = piece
        if texts and (not isinstance(content, str) or attributes != formats):
            found.append(Insert("".join(texts), formats))
            texts = []
        if not isinstance(content, str):
            found.append(piece)
        elif content:
            texts.append(content)
            formats = attributes
    if texts:
        found.append(Insert("".join(texts), formats))
    return tuple(found)


def _line_attributes(given: Attributes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if _whole(given.get(INDENT), MOST_INDENT):
        found[INDENT] = given[INDENT]
    if given.get(QUOTE):
        found[QUOTE] = True
    if code := given.get(CODE_BLOCK):
        named = isinstance(code, str) and code.strip() and not set(code) & set("\r\n")
        found[CODE_BLOCK] = code.strip() if named else True
        return found
    if _whole(given.get(HEADER), MOST_HEADER):
        found[HEADER] = given[HEADER]
    if given.get(LIST) in LISTS:
        found[LIST] = given[LIST]
    return found


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _inline(content: str | Mapping[str, Any], given: Attributes) -> Attributes:
    if not given:
        return PLAIN
    found: dict[str, Any] = {name: True for name in _FLAGS if given.get(name)}
    for name in (HIGHLIGHT, LINK):
        if isinstance(given.get(name), str) and given[name]:
            found[name] = given[name]
    if isinstance(content, Mapping) and IMAGE in content and isinstance(given.get(ALT), str) and given[ALT]:
        found[ALT] = given[ALT]
    return MappingProxyType(found) if found else PLAIN


def json_value(text: str) -> Any:
    """The value that a text holds as JSON; None where it is no JSON, or holds what no text of ours can."""
    try:
        value = json.loads(text, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def is_object(value: Any) -> bool:
    """Whether a value is an embedded object: one name and what it names."""
    return isinstance(value, dict) and len(value) == 1
