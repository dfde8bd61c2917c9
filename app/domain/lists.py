"""Several values in one text: commas between, quotes around what has a comma, a quote or outer spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.domain.names import shorten
from sync.errors import SitebookError

_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]*(?:"[^,]*)?))\s*(,|\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def quote(text: str) -> str:
    """Put a text in double quotes; quotes and backslashes in it get a backslash."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(inner: str) -> str:
    """The text that stands between quotes, without its backslashes."""
    return _ESCAPE.sub(r"\1", inner)


def split_list(text: str) -> list[str]:
    """Split at commas outside quotes; empty items are dropped. Raises SitebookError for a quote left open."""
    items: list[str] = []
    place = 0
    while place < len(text):
        match = _ITEM.match(text, place)
        if match is None or (match[2] is not None and match[2].lstrip().startswith('"')):
            raise SitebookError(f"A quote is not closed, or text follows it, in “{shorten(text)}”.")
        item = unquote(match[1]) if match[1] is not None else match[2].strip()
        if item or match[1] is not None:
            items.append(item)
        place = match.end()
    return items


def join_list(items: Sequence[str]) -> str:
    """Join so that ``split_list`` gives the same items."""
    return ", ".join(
        quote(item) if not item or item != item.strip() or any(mark in item for mark in ',"\\') else item
        for item in items
    )
