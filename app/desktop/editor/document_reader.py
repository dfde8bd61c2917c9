"""What a stretch of a QTextDocument holds: its text, and the mark of each character.

A character's mark is in its format, a line's in its block's; see ``text_style``. Positions are UTF-16 units.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from app.desktop.editor.text_style import MARK
from app.richtext.positions import utf16_length
from app.richtext.rich_index import Marks

OBJECT = "\ufffc"
"""The character that stands in a document for an embedded object."""


class Stretch(NamedTuple):
    """A text with the mark of each character.

    ``halved``: half a character was among them, and reads as U+FFFD. ``astray``: a letter has an object's format,
    which typing took over from its neighbour.
    """

    text: str
    signs: str
    halved: bool = False
    astray: bool = False


def read(document: QTextDocument, start: int, stop: int, marks: Marks) -> Stretch:
    """What stands between two positions."""
    if start >= stop:
        return Stretch("", "")
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
    text = cursor.selectedText()
    halved = utf16_length(text) != stop - start
    if halved:
        units = "".join(document.characterAt(at) for at in range(start, stop))
        text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.replace("\u2029", "\n")
    signs = _signs(document, start, stop)
    if len(signs) != len(text):
        signs = _by_characters(text, signs)
    checked = _checked(text, signs, marks)
    return Stretch(text, checked, halved, checked != signs)


def line_mark(block: QTextBlock) -> int:
    """The mark of a line."""
    return int(block.blockFormat().intProperty(MARK))


def _signs(document: QTextDocument, start: int, stop: int) -> str:
    """The marks of the UTF-16 units between two positions."""
    block = document.findBlock(start)
    at = start
    found = []
    while at < stop and block.isValid():
        first = block.position()
        end = first + block.length() - 1
        if at < end:
            for piece in block.textFormats():
                last = min(first + piece.start + piece.length, stop)
                if last > at:
                    found.append(chr(piece.format.intProperty(MARK)) * (last - at))
                    at = last
                    if at == stop:
                        break
        if at < stop and at == end:
            found.append(chr(line_mark(block)))
            at += 1
        block = block.next()
    return "".join(found)


def _by_characters(text: str, signs: str) -> str:
    """One mark for each character, where there is one for each UTF-16 unit."""
    found = []
    at = 0
    for character in text:
        found.append(signs[at])
        at += 2 if ord(character) > 0xFFFF else 1
    return "".join(found)


def _checked(text: str, signs: str, marks: Marks) -> str:
    """The same marks without an object where there is none: typing takes over its neighbour's format."""
    objects = {sign for sign in set(signs) if marks.embed(ord(sign)) is not None}
    if not objects:
        return signs
    return "".join(
        chr(marks.without_embed(ord(sign))) if sign in objects and character != OBJECT else sign
        for character, sign in zip(text, signs, strict=True)
    )
