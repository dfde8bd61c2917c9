"""The formats and embedded objects that a rich text knows, by the names that Quill gives them.

What is not listed here (a later version's, another editor's) is kept and passed on, and shows as plain text or a
plain box. Names are part of the format of texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sync.errors import Malformed
from sync.ids import id_text, parse_id

BOLD: Final = "bold"
ITALIC: Final = "italic"
UNDERLINE: Final = "underline"
STRIKE: Final = "strike"
CODE: Final = "code"
HIGHLIGHT: Final = "background"
LINK: Final = "link"
INLINE: Final = (BOLD, ITALIC, UNDERLINE, STRIKE, CODE, HIGHLIGHT, LINK)

HIGHLIGHT_COLOR: Final = "#ffe58f"
"""What is written where a text is highlighted; any colour shows as the theme's highlight."""

HEADER: Final = "header"
LIST: Final = "list"
INDENT: Final = "indent"
QUOTE: Final = "blockquote"
CODE_BLOCK: Final = "code-block"
LINE: Final = (HEADER, LIST, INDENT, QUOTE, CODE_BLOCK)

KNOWN_FORMATS: Final = frozenset(
    {*INLINE, *LINE, "alt", "align", "color", "direction", "font", "height", "script", "size", "width"}
)
"""Ours and those of Quill: any number of others is kept only where a text has few of them."""

BULLET: Final = "bullet"
ORDERED: Final = "ordered"
CHECKED: Final = "checked"
UNCHECKED: Final = "unchecked"
LISTS: Final = (BULLET, ORDERED, CHECKED, UNCHECKED)
MOST_HEADER: Final = 6
MOST_INDENT: Final = 8

IMAGE: Final = "image"
REF: Final = "ref"
MENTION: Final = "mention"
DIVIDER: Final = "divider"

ATTACHMENT_SCHEME: Final = "attachment:"
"""An image that is an attachment of the item: ``{"image": "attachment:ID"}``."""
APP_SCHEME: Final = "sitebook"
OPENED_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", APP_SCHEME})
"""The only addresses that a link opens, and only after a click."""


def divider() -> Mapping[str, Any]:
    """A line across."""
    return {DIVIDER: True}


def reference(record: bytes, text: str = "") -> Mapping[str, Any]:
    """A link to a note or issue; it shows the title, or ``text`` where somebody named it otherwise."""
    return {REF: {"id": id_text(record), **({"text": text} if text else {})}}


def mention(person: bytes) -> Mapping[str, Any]:
    """A person who is told."""
    return {MENTION: {"id": id_text(person)}}


def attached_image(attachment: bytes) -> Mapping[str, Any]:
    """An image in the text: an attachment of the item."""
    return {IMAGE: ATTACHMENT_SCHEME + id_text(attachment)}


def record_of(embed: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """What an embedded object points to: its type (ref, mention, image) and a record's id; None if to none."""
    for name in (REF, MENTION):
        value = embed.get(name)
        if isinstance(value, Mapping):
            found = _id(value.get("id"))
            return None if found is None else (name, found)
    image = embed.get(IMAGE)
    if isinstance(image, str) and image.startswith(ATTACHMENT_SCHEME):
        found = _id(image.removeprefix(ATTACHMENT_SCHEME))
        return None if found is None else (IMAGE, found)
    return None


def _id(text: object) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        return parse_id(text)
    except Malformed:
        return None


def is_opened(address: object) -> bool:
    """Whether a link may be opened: only a few schemes are, and none with control characters in it."""
    if not isinstance(address, str) or any(ord(each) < 0x20 or ord(each) == 0x7F for each in address):
        return False
    try:
        return urlsplit(address.strip()).scheme.lower() in OPENED_SCHEMES
    except ValueError:
        return False
