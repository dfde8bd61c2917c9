"""Rows that keep their place under the user's hands though the answer says otherwise, until he looks away."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from app.desktop.desk.lines import Held, Lines

_MOST = 200
"""Where more rows were edited at once they go where they belong: nobody looks at so many."""


class Holding:
    """Which records are held, and where they stood."""

    def __init__(self) -> None:
        self.edited: set[bytes] = set()
        """What was edited here since the user last looked away: kept where it stood."""
        self.opened: bytes | None = None
        """What is open beside the list: kept in the list as long as it is."""

    def hold(self, records: Iterable[bytes]) -> None:
        """Keep records where they stand."""
        found = {*self.edited, *records}
        self.edited = found if len(found) <= _MOST else set()

    def release(self, kept: Iterable[bytes]) -> bool:
        """The user looks elsewhere: let all go but these; whether anything was let go."""
        before = self.edited
        self.edited = before.intersection(kept)
        return len(self.edited) < len(before)

    def places(
        self, before: Lines, rows: Iterable[int], opened: int | None, wanted: np.ndarray
    ) -> list[Held]:
        """Where held rows go in the new lines. ``rows`` are those edited, ``opened`` the one that is open;
        ``wanted`` are the rows of the answer. What stood nowhere goes to the top.
        """
        found: list[Held] = []
        for row in rows:
            line = before.line_of(row)
            if line is not None:
                found.append(Held(row, _behind(before, line), line))
        known = opened is None or any(each.row == opened for each in found)
        if not known and not bool((wanted == opened).any()):
            assert opened is not None
            line = before.line_of(opened)
            place = Held(opened, None, 0) if line is None else Held(opened, _behind(before, line), line)
            found.append(place)
        return found


def _behind(lines: Lines, line: int) -> int | None:
    """The row right above a line; None at the top and below the head of a group."""
    return lines.row(line - 1) if line else None
