"""Finding words in a rich text, and putting others in their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.richtext.context import Context, Edit, Range, Writer
from app.richtext.formats import LINK

OBJECT: Final = "\ufffc"
"""Stands for an embedded object, which no search finds."""


def find_all(text: str, words: str, *, case: bool = False) -> list[Range]:
    """Where words stand in a text, from its beginning on, none of them over another."""
    if not words:
        return []
    pattern = re.compile(re.escape(words), 0 if case else re.IGNORECASE)
    return [found.span() for found in pattern.finditer(text) if OBJECT not in found[0]]


def replaced(context: Context, found: Sequence[Range], words: str) -> Edit:
    """Put words in place of what was found, with the formats of the first letter that goes."""
    writer = Writer()
    for start, stop in found:
        formats = context.slice(start, start + 1)[0].attributes
        kept = {name: value for name, value in formats.items() if name != LINK or words}
        writer.insert(start, words, kept)
        writer.delete(start, stop)
    first, last = found[-1] if found else (0, 0)
    shift = sum(len(words) - (stop - start) for start, stop in found[:-1])
    return Edit(writer.done(), (first + shift, first + shift + len(words)) if found else (first, last))
