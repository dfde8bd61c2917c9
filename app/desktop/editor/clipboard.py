"""Rich text on the clipboard: as Sitebook's own, as HTML, as Markdown and as plain text, out and in."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from PySide6.QtCore import QMimeData

from app.desktop.editor.surroundings import Surroundings
from app.richtext.delta import Insert, document_from_json, document_to_json
from app.richtext.markdown_read import read_markdown

OWN: Final = "application/x-sitebook-text+json"
"""A document as Quill writes it, in UTF-8."""
MARKDOWN: Final = "text/markdown"
MOST: Final = 4_000_000
"""Characters that are pasted at once; what is longer comes in as plain text up to here."""
_MARKDOWN_SIGNS: Final = re.compile(
    r"^(?:#{1,6} |\s*[-*+] (?:\[[ xX]\] )?\S|\s*\d{1,9}[.)] \S|> |```|(?:---|\*\*\*)\s*$)"
    r"|\*\*\S.*?\S\*\*|\[[^\]\n]+\]\([^)\s]+\)|`[^`\n]+`",
    re.MULTILINE,
)


def mime_data(document: list[Insert], surroundings: Surroundings | None) -> QMimeData:
    """A part of a text for the clipboard."""
    data = QMimeData()
    data.setData(OWN, msgspec.json.encode(document_to_json(document)))
    data.setText(_plain(document))
    return data


def pasted(source: QMimeData, *, plain: bool = False) -> list[Insert]:
    """What came from the clipboard, with the formats that a text knows; with ``plain`` only its words."""
    if not plain and source.hasFormat(OWN):
        found = _own(bytes(source.data(OWN).data()))
        if found:
            return found
    text = (
        source.text()[:MOST]
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\0", "")
    )
    if not text:
        return []
    if not plain and _MARKDOWN_SIGNS.search(text):
        return _as_pasted(read_markdown(text), text)
    return [Insert(text)]


def _own(data: bytes) -> list[Insert]:
    """What Sitebook itself put there; empty where it is damaged."""
    try:
        return document_from_json(msgspec.json.decode(data))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return []


def _as_pasted(document: list[Insert], text: str) -> list[Insert]:
    """Without the last newline that reading adds, where the text had none and its last line has no format."""
    last = document[-1]
    if text.endswith("\n") or last.attributes or not isinstance(last.content, str):
        return document
    return [*document[:-1], *([Insert(last.content[:-1])] if len(last.content) > 1 else [])]


def _plain(document: list[Insert]) -> str:
    return "".join(content for content, _ in document if isinstance(content, str))
