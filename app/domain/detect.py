"""Guessing from the cells of a table what type of field each of its columns is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import dates
from app.domain.names import fold_name
from app.domain.numbers import find_number
from app.domain.schema import FieldType
from sync.errors import SitebookError

_MOST_CHOICES = 24
_LONGEST_CHOICE = 60
_ROWS_PER_CHOICE = 4
_CODE = re.compile(r"[+-]?0[0-9].*")
_LATITUDE = frozenset({"latitude", "lat", "y_lat", "gps_latitude"})
_LONGITUDE = frozenset({"longitude", "lon", "lng", "long", "x_lon", "gps_longitude"})
# Forms that are tried where none is given. A column that fits two that disagree stays text.
_FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a column seems to be.

    ``date_format`` is in the letters of ``strptime``; ``choices`` are in the order in which they first occur;
    ``ambiguous`` are the date formats between which the cells do not decide.
    """

    type: FieldType
    date_format: str = ""
    choices: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def _is_date(cell: str, form: str) -> bool:
    try:
        dates.parse_date_with(cell, form)
    except SitebookError:
        return False
    return True


def _fits_date(cells: Sequence[str], form: str) -> bool:
    return all(_is_date(cell, form) for cell in cells)


def _same_dates(cells: Sequence[str], one: str, other: str) -> bool:
    return all(dates.parse_date_with(cell, one) == dates.parse_date_with(cell, other) for cell in cells)


def _is_number(cell: str) -> bool:
    # 007 is the name of somebody, and +44 20 7946 0958 is no quantity.
    return not _CODE.fullmatch(cell) and not cell.startswith("+") and find_number(cell) is not None


def detect_column(cells: Sequence[str], date_format: str = "") -> Detected:
    """The type of one column: number, date, choice or text, whichever fits every cell that is not blank.

    Where ``date_format`` fits at least half of the cells, the column is one of dates, and the others are
    mistakes that the import must name. Without it common forms are tried on all cells, and a column that more
    than one fits with different days stays text. A choice has few different values, each of them often.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return Detected(FieldType.TEXT)
    distinct = list(dict.fromkeys(filled))
    if all(_is_number(cell) for cell in distinct):
        return Detected(FieldType.NUMBER)
    if date_format and 2 * sum(_is_date(cell, date_format) for cell in distinct) >= len(distinct):
        return Detected(FieldType.DATE, date_format)
    forms = [form for form in _FORMS if _fits_date(distinct, form)]
    if forms and all(_same_dates(distinct, forms[0], other) for other in forms[1:]):
        return Detected(FieldType.DATE, forms[0])
    if (
        2 <= len(distinct) <= _MOST_CHOICES
        and len(filled) >= _ROWS_PER_CHOICE * len(distinct)
        and all(len(cell) <= _LONGEST_CHOICE and "\n" not in cell for cell in distinct)
    ):
        return Detected(FieldType.CHOICE, choices=tuple(distinct), ambiguous=tuple(forms))
    return Detected(FieldType.TEXT, ambiguous=tuple(forms))


def coordinate_pair(columns: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The names of the columns that hold latitude and longitude, or None.

    They are known by their names, and every cell that is not blank must be within the range of degrees.
    """
    latitude = _degrees(columns, _LATITUDE, 90)
    longitude = _degrees(columns, _LONGITUDE, 180)
    return (latitude, longitude) if latitude is not None and longitude is not None else None


def _degrees(columns: Mapping[str, Sequence[str]], names: frozenset[str], limit: float) -> str | None:
    for name, cells in columns.items():
        if fold_name(name) in names:
            values = [find_number(cell) for cell in cells if cell.strip()]
            if values and all(value is not None and abs(value) <= limit for value in values):
                return name
    return None
