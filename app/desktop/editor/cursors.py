"""Where a cursor or a selection stands after someone else's edits."""

from __future__ import annotations

from collections.abc import Iterable

from app.desktop.editor.binding import Shift


def moved(position: int, shifts: Iterable[Shift], *, behind: bool = False) -> int:
    """Give the place of a position after edits, all in UTF-16 units.

    What someone inserts right there comes after it: a person who types is not pushed on by what others type.
    With ``behind`` it comes before: a selection does not grow at its beginning.
    """
    for shift in shifts:
        if position > shift.position:
            position = max(shift.position, position - shift.removed)
        if position > shift.position or (behind and position == shift.position):
            position += shift.added
    return position


def moved_selection(anchor: int, position: int, shifts: Iterable[Shift]) -> tuple[int, int]:
    """Give the place of a selection after edits: it neither grows nor loses what was in it."""
    shifts = list(shifts)
    if anchor == position:
        place = moved(position, shifts)
        return place, place
    first, last = sorted((anchor, position))
    start = moved(first, shifts, behind=True)
    stop = max(start, moved(last, shifts))
    return (start, stop) if anchor < position else (stop, start)
