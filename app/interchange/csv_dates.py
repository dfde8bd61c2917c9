"""Guessing how the dates of a column are written where some of its cells are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from app.domain import dates
from sync.errors import SitebookError

FORMS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
"""Forms of dates in the letters of ``strptime``."""
_ENOUGH: Final = 10


def nearly_dates(cells: Sequence[str]) -> str:
    """The form of the dates in a column where nine in ten are dates: the others are mistakes to be named."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < _ENOUGH or not _dates_in(filled[:40]):
        return ""
    fitting = _dates_in(filled)
    return fitting[0] if len(fitting) == 1 else ""


def _dates_in(cells: Sequence[str]) -> list[str]:
    """The forms that nine in ten cells have."""
    counts = Counter(cells)
    return [
        form
        for form in FORMS
        if 10 * sum(count for cell, count in counts.items() if _fits(cell, form)) >= 9 * len(cells)
    ]


def _fits(cell: str, form: str) -> bool:
    try:
        dates.parse_date_with(cell, form)
    except SitebookError:
        return False
    return True
