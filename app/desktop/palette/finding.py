"""What can be opened to find something, by name."""

from __future__ import annotations

from enum import StrEnum


class Find(StrEnum):
    """The ways of finding: all of them, items only, texts, keys; and the values of one field."""

    PALETTE = "palette"
    ITEMS = "items"
    SEARCH = "search"
    KEYS = "keys"
    VALUES = "values"
