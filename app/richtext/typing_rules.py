"""Markdown as one types: signs that become formats as soon as they are complete.

A rule is asked for after what was typed stands in the text, and its edit is a step of undo of its own: taking it
back leaves what was typed. Nothing is done in code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from app.richtext.context import (
    Context,
    Edit,
    Writer,
    attributes_at,
    is_code,
    line_at,
    pieces_between,
    without_formats,
)
from app.richtext.delta import Attributes, Insert, attribute_change
from app.richtext.formats import (
    BOLD,
    BULLET,
    CHECKED,
    CODE,
    CODE_BLOCK,
    HEADER,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    INLINE,
    ITALIC,
    LINE,
    LINK,
    LIST,
    ORDERED,
    QUOTE,
    STRIKE,
    UNCHECKED,
    divider,
    is_opened,
)
from app.richtext.formatting import with_line_format

_REACH: Final = 1000
"""So many code points before the cursor are looked at: a line may have a million."""
_OBJECT: Final = "\ufffc"
_CLOSING: Final = ".,;:!?'\"»“”’…)]}>*_~"
_WIDE: Final = "\u2e80"
"""From here on scripts have no spaces between words."""

_LINES: Final[dict[str, tuple[str, Any]]] = {
    **{"#" * level: (HEADER, level) for level in range(1, 7)},
    "-": (LIST, BULLET),
    "*": (LIST, BULLET),
    "+": (LIST, BULLET),
    "1.": (LIST, ORDERED),
    "1)": (LIST, ORDERED),
    "[]": (LIST, UNCHECKED),
    "[ ]": (LIST, UNCHECKED),
    "[x]": (LIST, CHECKED),
    "[X]": (LIST, CHECKED),
    "- [ ]": (LIST, UNCHECKED),
    "- [x]": (LIST, CHECKED),
    ">": (QUOTE, True),
    "```": (CODE_BLOCK, True),
}
_MARKS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("**", BOLD, True),
    ("__", BOLD, True),
    ("~~", STRIKE, True),
    ("==", HIGHLIGHT, HIGHLIGHT_COLOR),
    ("*", ITALIC, True),
    ("_", ITALIC, True),
    ("`", CODE, True),
)
_DIVIDERS: Final = ("---", "***", "___")
_FENCE: Final = re.compile(r"```([\w+#.-]{0,40})")
_LINK: Final = re.compile(r"(?<!!)\[([^\[\]\n]+)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)$")
_ADDRESS: Final = re.compile(
    r"(?:https?://|sitebook://|mailto:|www\.)\S+$|[\w.+-]+@[\w-]+(?:\.[\w-]+)+\S*$", re.I
)
_HOST: Final = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}\.?", re.I)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class _Before(NamedTuple):
    """What stands before the cursor in its line, as far as it is looked at."""

    start: int
    text: str
    pieces: list[Insert]
    whole: bool
    """Whether it begins where the line does."""
    formats: Attributes

    def has(self, name: str, first: int, last: int) -> bool:
        """Say whether anything between two places of ``text`` has an inline format."""
        at = 0
        for piece in self.pieces:
            if at < last and at + piece.length > first and piece.attributes.get(name):
                return True
            at += piece.length
        return False

    def formats_at(self, place: int) -> Attributes:
        """Give the inline formats of the letter at a place of ``text``."""
        at = 0
        for piece in self.pieces:
            if at <= place < at + piece.length:
                return piece.attributes
            at += piece.length
        return {}


def converted(context: Context, position: int, typed: str) -> Edit | None:
    """Give what becomes of signs that are complete now; ``typed`` has just been put in before ``position``.

    A newline was put in by Enter. None where nothing is to be done.
    """
    last = typed[-1:]
    rules = _RULES.get(last)
    if rules is None:
        return None
    end = context.line_span(position)[0] - 1 if last == "\n" else position
    if end < 0:
        return None
    before = _before(context, end)
    if is_code(before.formats):
        return None
    return next((edit for rule in rules if (edit := rule(context, before, position)) is not None), None)


def _before(context: Context, position: int) -> _Before:
    (line, _), formats = attributes_at(context, position)
    start = max(line, position - _REACH)
    pieces = context.slice(start, position)
    text = "".join(content if isinstance(content, str) else _OBJECT for content, _ in pieces)
    return _Before(start, text, pieces, start == line, formats)


# Lines


def _line_sign(context: Context, before: _Before, position: int) -> Edit | None:
    sign = before.text[:-1]
    found = _LINES.get(sign) if before.whole else None
    if found is None or before.has(CODE, 0, len(sign)):
        return None
    name, value = found
    old = before.formats
    box = name == LIST and value in (CHECKED, UNCHECKED)
    allowed = {HEADER} if name == HEADER else {LIST} if box else set()
    if any(each in old and each not in allowed for each in LINE if each != "indent" or LIST not in old):
        return None
    placed = line_at(context, position)
    writer = Writer()
    writer.delete(placed.start, position)
    new = with_line_format(old, name, value)
    if is_code(new):
        without_formats(writer, pieces_between(placed, position, placed.newline))
    writer.format(placed.newline, placed.stop, attribute_change(old, new))
    return Edit(writer.done(), (placed.start, placed.start))


def _whole_line(context: Context, before: _Before, position: int) -> Edit | None:
    """Three dashes, or backticks, that Enter ends."""
    if not before.whole or any(each in before.formats for each in LINE):
        return None
    start, end = before.start, before.start + len(before.text)
    writer = Writer()
    if before.text in _DIVIDERS:
        writer.insert(start, divider())
        writer.delete(start, end)
        place = position - len(before.text) + 1
        return Edit(writer.done(), (place, place))
    fence = _FENCE.fullmatch(before.text)
    if fence is None:
        return None
    placed = line_at(context, position)
    writer.delete(start, placed.start)
    without_formats(writer, pieces_between(placed, placed.start, placed.newline))
    new = with_line_format(placed.attributes, CODE_BLOCK, fence[1] or True)
    writer.format(placed.newline, placed.stop, attribute_change(placed.attributes, new))
    return Edit(writer.done(), (start, start))


# Letters


def _mark(_context: Context, before: _Before, position: int) -> Edit | None:
    text = before.text
    for sign, name, value in _MARKS:
        if not text.endswith(sign):
            continue
        size = len(sign)
        first = text.rfind(sign, 0, len(text) - size)
        inner = text[first + size : len(text) - size]
        if first < 0 or not _encloses(text[:first], sign, inner) or before.has(CODE, first, len(text)):
            continue
        start, stop = before.start + first, position
        known = before.formats_at(first)
        writer = Writer()
        writer.delete(start, start + size)
        formats: Attributes = {name: value}
        if name == CODE:
            formats = {**{each: None for each in INLINE if before.has(each, first, len(text))}, **formats}
        writer.format(start + size, stop - size, formats)
        writer.delete(stop - size, stop)
        place = stop - 2 * size
        typing = {each: known[each] for each in known if each != LINK}
        return Edit(writer.done(), (place, place), typing)
    return None


def _encloses(head: str, sign: str, inner: str) -> bool:
    """Say whether signs stand around words: no space within them, no letter before them."""
    if not inner or inner[0].isspace() or inner[-1].isspace() or sign[0] in (inner[0], inner[-1]):
        return False
    before = head[-1:]
    return before != sign[0] and (not before.isalnum() or before >= _WIDE)


def _link(_context: Context, before: _Before, position: int) -> Edit | None:
    found = _LINK.search(before.text)
    if found is None or before.has(CODE, found.start(), found.end()):
        return None
    address = full_address(found[2])
    if address is None:
        return None
    start = before.start + found.start()
    stop = start + 1 + len(found[1])
    writer = Writer()
    writer.delete(start, start + 1)
    writer.format(start + 1, stop, {LINK: address})
    writer.delete(stop, position)
    known = before.formats_at(found.start())
    place = stop - 1
    return Edit(writer.done(), (place, place), {each: known[each] for each in known if each != LINK})


def _typed_address(_context: Context, before: _Before, position: int) -> Edit | None:
    """An address that a space or Enter ends."""
    text = before.text.removesuffix(" ")
    found = _ADDRESS.search(text)
    if found is None:
        return None
    word = trimmed_address(found[0])
    address = full_address(word)
    first, last = found.start(), found.start() + len(word)
    if address is None or before.has(CODE, first, last) or before.has(LINK, first, last):
        return None
    writer = Writer()
    writer.format(before.start + first, before.start + last, {LINK: address})
    known = before.formats_at(first)
    return Edit(writer.done(), (position, position), {each: known[each] for each in known if each != LINK})


def trimmed_address(word: str) -> str:
    """Give a typed address without the signs behind it; a bracket that opens in it stays."""
    while word and word[-1] in _CLOSING:
        if word[-1] == ")" and word.count("(") >= word.count(")"):
            break
        if word[-1] in "*_~" and word[-1] not in word[:-1]:
            break
        word = word[:-1]
    return word


def full_address(word: str) -> str | None:
    """Give the address that a person means: with its scheme. None where it is none that a link opens."""
    word = word.strip()
    if is_opened(word):
        return word if word.partition(":")[2].strip("/") else None
    if _MAIL.fullmatch(word):
        return f"mailto:{word}"
    bare = word.partition("/")[0].partition("?")[0].partition(":")[0]
    if "." in bare.strip(".") and not any(each.isspace() for each in word) and _HOST.fullmatch(bare):
        return f"https://{word}"
    return None


_Rule = Callable[[Context, _Before, int], Edit | None]
_RULES: Final[dict[str, tuple[_Rule, ...]]] = {
    " ": (_line_sign, _typed_address),
    "\n": (_whole_line, _typed_address),
    ")": (_link,),
    **dict.fromkeys("*_~=`", (_mark,)),
}
