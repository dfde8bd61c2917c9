"""The numbers of ordered lists, which a document does not hold: they follow from the lines."""

from __future__ import annotations

from app.richtext.delta import Attributes
from app.richtext.formats import INDENT, LIST, ORDERED, QUOTE


class Numbering:
    """Counts the items of ordered lists, line after line. Other lines at the same place begin a new list."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._quoted = False

    def next(self, attributes: Attributes) -> int:
        """The number of the next line, from 1; 0 where it is no item of an ordered list."""
        quoted = bool(attributes.get(QUOTE))
        kind = attributes.get(LIST)
        if kind is None or quoted != self._quoted:
            self._counts, self._quoted = [], quoted
        if kind is None:
            return 0
        level = attributes.get(INDENT, 0)
        del self._counts[level + 1 :]
        self._counts += [0] * (level + 1 - len(self._counts))
        self._counts[level] = self._counts[level] + 1 if kind == ORDERED else 0
        return self._counts[level]
