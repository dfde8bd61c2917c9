"""Formats of a line as marks around text: the format that goes on for longest is around the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from app.richtext.delta import Insert
from app.richtext.formats import BOLD, CODE, HIGHLIGHT, ITALIC, LINK, STRIKE, UNDERLINE

ORDER: Final = (LINK, HIGHLIGHT, BOLD, ITALIC, STRIKE, UNDERLINE, CODE)
"""From the outside to the inside, where formats go on for equally long."""

Bare = Callable[[Insert, bool], str]
"""Writes a piece without its formats; told whether it is code, which is always innermost."""
Wrap = Callable[[str, Any, str], str]
"""Puts a format, by name and value, around what is written."""


def nested(pieces: Sequence[Insert], bare: Bare, wrap: Wrap, done: frozenset[str] = frozenset()) -> str:
    """Pieces as marked text; ``done`` are the formats that stand around already."""
    found: list[str] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        left = [name for name in ORDER if name in piece.attributes and name not in done]
        if not left or left == [CODE]:
            found.append(bare(piece, bool(left)))
            at += 1
            continue
        runs = {name: _run(pieces, at, name) for name in left if name != CODE}
        name = max(runs, key=runs.__getitem__)
        stop = runs[name]
        found.append(wrap(name, piece.attributes[name], nested(pieces[at:stop], bare, wrap, done | {name})))
        at = stop
    return "".join(found)


def _run(pieces: Sequence[Insert], start: int, name: str) -> int:
    value = pieces[start].attributes[name]
    stop = start + 1
    while stop < len(pieces) and pieces[stop].attributes.get(name) == value:
        stop += 1
    return stop
