"""Rich text on the clipboard: as Sitebook's own, as HTML, as Markdown and as plain text, out and in."""

from __future__ import annotations

import logging
import re
from typing import Final

import msgspec
from PySide6.QtCore import QMimeData

from app.desktop.editor.surroundings import Surroundings
from app.richtext.delta import Insert, document_from_json, document_to_json, plain_text
from app.richtext.html_read import read_html
from app.richtext.html_write import write_html
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from app.richtext.plain import write_plain

_log = logging.getLogger(__name__)
OWN: Final = "application/x-sitebook-text+json"
"""A document as Quill writes it, in UTF-8."""
MARKDOWN: Final = "text/markdown"
MOST: Final = 4_000_000
"""Characters that are pasted at once; what is longer comes in as plain text up to here."""
_CLOSED: Final = re.compile(
    r"</(?:p|div|h[1-6]|li|ul|ol|table|pre|blockquote)>\s*"
    r"(?:<!--EndFragment-->|</body>|</html>|\s)*$",
    re.IGNORECASE,
)
"""HTML that ends in a block, and not within a line."""
_MARKDOWN_SIGNS: Final = re.compile(
    r"^(?:#{1,6} |\s*[-*+] (?:\[[ xX]\] )?\S|\s*\d{1,9}[.)] \S|> |```|(?:---|\*\*\*)\s*$)"
    r"|\*\*\S.*?\S\*\*|\[[^\]\n]+\]\([^)\s]+\)|`[^`\n]+`",
    re.MULTILINE,
)


def mime_data(document: list[Insert], surroundings: Surroundings | None) -> QMimeData:
    """A part of a text for the clipboard."""
    data = QMimeData()
    names = _Names(surroundings)
    data.setData(OWN, msgspec.json.encode(document_to_json(document)))
    data.setHtml(write_html(document, names))
    data.setData(MARKDOWN, write_markdown(document, names).encode())
    words = write_plain(document, names)
    data.setText(words if plain_text(document[-1:]).endswith("\n") else words.removesuffix("\n"))
    return data


def pasted(source: QMimeData, *, plain: bool = False) -> list[Insert]:
    """What came from the clipboard, with the formats that a text knows; with ``plain`` only its words."""
    if not plain and source.hasFormat(OWN):
        found = _own(bytes(source.data(OWN).data()))
        if found:
            return found
    if not plain and source.hasHtml():
        html = source.html()
        try:
            found = _as_pasted(read_html(html), closed=bool(_CLOSED.search(html)))
        except ValueError:
            _log.warning("pasted HTML is too long; its words are taken")
            found = []
        if plain_text(found, "x").strip():
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
        return _as_pasted(read_markdown(text), closed=text.endswith("\n"))
    return [Insert(text)]


def _own(data: bytes) -> list[Insert]:
    """What Sitebook itself put there; empty where it is damaged."""
    try:
        return document_from_json(msgspec.json.decode(data))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return []


def _as_pasted(document: list[Insert], *, closed: bool) -> list[Insert]:
    """Without the last newline that reading adds where the source had none and its last line has no format."""
    last = document[-1]
    if closed or last.attributes or not isinstance(last.content, str):
        return document
    return [*document[:-1], *([Insert(last.content[:-1])] if len(last.content) > 1 else [])]


class _Names:
    """Titles and names for the Markdown, HTML and words that are copied."""

    def __init__(self, surroundings: Surroundings | None) -> None:
        self._surroundings = surroundings

    def _named(self, record: bytes) -> str | None:
        named = None if self._surroundings is None else self._surroundings.named(record)
        return None if named is None else named.text

    def title(self, record: bytes) -> str | None:
        return self._named(record)

    def path(self, attachment: bytes) -> str | None:
        return None

    def person(self, person: bytes) -> str | None:
        return self._named(person)
