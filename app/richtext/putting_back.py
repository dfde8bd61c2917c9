"""A part of an older version of a text put back into the text as it is now, where it stood or next to that."""

from __future__ import annotations

from collections.abc import Iterable

from app.richtext.delta import (
    Delete,
    Delta,
    Document,
    Insert,
    Op,
    Retain,
    difference,
    length,
    plain_text,
    sliced,
)
from app.richtext.positions import EMBED


def put_back(
    old: Document, now: Document, start: int, stop: int, since: Delta | None = None
) -> tuple[list[Op], tuple[int, int]]:
    """The change that puts ``old[start:stop]`` into ``now``, and where it stands then. Counts are code points.

    ``since`` is the change that made ``now`` of ``old``, where it is known: it tells the place best.

    Words go between the words that stood around them. Whole lines, and more than one line, come back as lines of
    their own, with their formats. Raises ValueError where nothing is selected.
    """
    text = plain_text(old, EMBED)
    stop = min(stop, len(text))
    if not 0 <= start < stop:
        raise ValueError("nothing is selected")
    part = sliced(old, start, stop)
    at = carried(start, difference(old, now) if since is None else since)
    if _is_lines(text, start, stop):
        if text[stop - 1] != "\n":
            part += sliced(old, _line_end(text, stop), _line_end(text, stop) + 1)
        at = _line_start(plain_text(now, EMBED), at)
    at = min(at, length(now))
    at = min(at, length(now) - 1) if not _ends_line(part) else at
    change: list[Op] = [Retain(at)] if at else []
    return [*change, *part], (at, at + length(part))


def carried(position: int, change: Delta) -> int:
    """Where a position of a text is after a change: behind what was inserted there, before what stood behind it."""
    before = after = 0
    for op in change:
        if isinstance(op, Insert):
            after += op.length
        elif before + op.length > position:
            return after if isinstance(op, Delete) else after + position - before
        else:
            before += op.length
            after += op.length if isinstance(op, Retain) else 0
    return after + position - before


def _is_lines(text: str, start: int, stop: int) -> bool:
    """Whether a part is more than words of one line: a whole line, or what goes over several."""
    if "\n" in text[start:stop]:
        return True
    return (start == 0 or text[start - 1] == "\n") and text[stop : stop + 1] in ("\n", "")


def _line_end(text: str, position: int) -> int:
    """Where the newline of the line of a position is."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def _line_start(text: str, position: int) -> int:
    """The position itself at the beginning of a line, else the beginning of the next."""
    if position == 0 or text[position - 1 : position] == "\n":
        return position
    return min(_line_end(text, position) + 1, len(text))


def _ends_line(part: Iterable[Insert]) -> bool:
    last = list(part)[-1].content
    return isinstance(last, str) and last.endswith("\n")
