"""Two versions of a text as one, in which each piece says what became of it; and the way back to either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from app.richtext.delta import (
    Delete,
    Document,
    Insert,
    Op,
    Retain,
    length,
    merged,
    normal_document,
    sliced,
)

CHANGE: Final = "changed-between-versions"
"""The attribute that says what became of a piece. It is never written into a text, and not shown from one."""
INSERTED: Final = "inserted"
DELETED: Final = "deleted"


def unmarked(document: Iterable[Insert]) -> list[Insert]:
    """The text without what says what became of its pieces, whoever wrote that into it."""
    return normal_document(
        Insert(content, {name: value for name, value in attributes.items() if name != CHANGE})
        if CHANGE in attributes
        else Insert(content, attributes)
        for content, attributes in document
    )


def marked(old: Document, change: Iterable[Op]) -> list[Insert]:
    """The text after a change, with what it inserts marked as such, and what it deletes still there and marked.

    Raises ValueError where the change reaches beyond the end of the text.
    """
    before = unmarked(old)
    change = _readable(before, change)
    found: list[Insert] = []
    written: list[Insert] = []
    """What takes the place of something comes after it."""
    at = 0
    for op in change:
        if isinstance(op, Insert):
            written.append(_with(op, INSERTED))
            continue
        part = sliced(before, at, at + op.length)
        if sum(piece.length for piece in part) != op.length:
            raise ValueError("the change reaches beyond the end of the text")
        at += op.length
        if isinstance(op, Delete):
            found += [_with(piece, DELETED) for piece in part]
        else:
            found += written
            written = []
            found += [Insert(content, merged(given, op.attributes)) for content, given in part]
    found += [*written, *sliced(before, at, length(before))]
    return normal_document(found)


def selected(document: Document, start: int, stop: int) -> tuple[str, int, int] | None:
    """Which version a part of a marked text can be taken from, and where it is there; None for nothing.

    What was deleted is taken from the old version, and anything else from the new one.
    """
    if start >= stop:
        return None
    part = sliced(document, start, stop)
    side = DELETED if all(piece.attributes.get(CHANGE) == DELETED for piece in part) else INSERTED
    skipped = INSERTED if side == DELETED else DELETED
    first = sum(piece.length for piece in _kept(sliced(document, 0, start), skipped))
    last = first + sum(piece.length for piece in _kept(part, skipped))
    return side, first, last


def _readable(document: Document, change: Iterable[Op]) -> list[Op]:
    """The change with a single space that stayed between two changes taken out and in again: words stay together."""
    ops = list(change)
    found: list[Op] = []
    at = 0
    for number, op in enumerate(ops):
        inner = 0 < number < len(ops) - 1 and not isinstance(ops[number + 1], Retain)
        if isinstance(op, Retain) and op.length == 1 and not op.attributes and inner:
            space = sliced(document, at, at + 1)
            if space and space[0].content == " ":
                found += [space[0], Delete(1)]
                at += 1
                continue
        found.append(op)
        at += 0 if isinstance(op, Insert) else op.length
    return found


def _kept(pieces: Iterable[Insert], skipped: str) -> Iterator[Insert]:
    return (piece for piece in pieces if piece.attributes.get(CHANGE) != skipped)


def _with(piece: Insert, change: str) -> Insert:
    return Insert(piece.content, {**piece.attributes, CHANGE: change})
