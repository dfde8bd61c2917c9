"""Merging the updates of a text.

The library for it is loaded with the first text: it takes as long as drawing the first screen of a project, and that
shows no text.
"""

from __future__ import annotations


def merge_updates(*updates: bytes) -> bytes:
    """One update that says what several say; those that wait for others are kept. Raises ValueError."""
    from pycrdt import merge_updates as merge

    return bytes(merge(*updates))
