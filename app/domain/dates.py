"""Reading dates and moments as people write them, relative to a given day.

A date is stored as ``YYYY-MM-DD``; a moment as milliseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from sync.errors import SitebookError

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_YEAR = re.compile(r"[0-9]{4}")
_OFFSET = re.compile(r"([+\-−])\s*([0-9]{1,5})\s*([dwmy])[a-z]*", re.IGNORECASE)
_DAY_MONTH = re.compile(r"([0-9]{1,2})\.?\s+([A-Za-z]{3,9})\.?,?(?:\s+([0-9]{4}))?")
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?(?:\s+([0-9]{4}))?")
_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1}
# English names, whatever the locale of the machine: a query means the same on every device.
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
FIRST_YEAR = 1000  # below it, ISO texts no longer sort as dates
EARLIEST_MS = -62_135_596_800_000
"""The beginning of year 1."""
LATEST_MS = 253_402_300_799_999
"""The end of year 9999."""


def _index(name: str, names: tuple[str, ...]) -> int | None:
    found = [place for place, each in enumerate(names) if len(name) >= 3 and each.startswith(name.lower())]
    return found[0] if len(found) == 1 else None


def _made(year: int, month: int, day: int) -> date | None:
    if year < FIRST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shifted(today: date, sign: int, count: int, unit: str) -> date | None:
    try:
        if unit in "dw":
            day = today + timedelta(days=sign * count * (7 if unit == "w" else 1))
            return day if day.year >= FIRST_YEAR else None
        months = today.year * 12 + today.month - 1 + sign * count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        if not FIRST_YEAR <= year <= date.max.year:
            return None
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    except OverflowError:
        return None


def is_relative(text: str) -> bool:
    """Whether a text counts from today by a number of days, weeks, months or years (``+7d``, ``-1m``)."""
    return _OFFSET.fullmatch(text.strip()) is not None


def find_date(text: str, today: date) -> date | None:
    """Read ``2027-01-31``, ``today``, ``+7d``, ``fri``, ``next fri``, ``31 Jan 2027``, ``Jan 31``; else None.

    A day of the week is the next one after today, and ``next`` changes nothing. Without a year the current
    one is meant. Dates of digits and slashes are not read: 3/4 is another day on each side of an ocean.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    lowered = text.lower()
    if lowered in _WORDS:
        return _shifted(today, 1, _WORDS[lowered], "d")
    if match := _OFFSET.fullmatch(text):
        return _shifted(today, 1 if match[1] == "+" else -1, int(match[2]), match[3].lower())
    weekday = _index(lowered.removeprefix("next").strip(), _DAYS)
    if weekday is not None:
        return _shifted(today, 1, (weekday - today.weekday() - 1) % 7 + 1, "d")
    if match := _DAY_MONTH.fullmatch(text):
        day, month_name, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(text):
        month_name, day, year = match.groups()
    else:
        return None
    month = _index(month_name, _MONTHS)
    return None if month is None else _made(int(year or today.year), month + 1, int(day))


def find_days(text: str, today: date) -> tuple[date, date] | None:
    """Like ``find_date``, and also ``2027-01`` and ``2027``: the first and the last day that is meant."""
    text = text.strip()
    if match := _MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        first = _made(year, month, 1)
        return None if first is None else (first, date(year, month, calendar.monthrange(year, month)[1]))
    if _YEAR.fullmatch(text):
        first = _made(int(text), 1, 1)
        return None if first is None else (first, date(first.year, 12, 31))
    day = find_date(text, today)
    return None if day is None else (day, day)


def parse_date(text: str, today: date) -> str:
    """Read a date and give it as it is stored. Raises SitebookError."""
    found = find_date(text, today)
    if found is None:
        raise SitebookError(
            f"“{text[:60]}” is not a date; write it as 2027-01-31, or today, +7d, fri, 31 Jan 2027."
        )
    return found.isoformat()


def parse_date_with(text: str, form: str) -> str:
    """Read a date in the letters of ``strptime`` and give it as it is stored. Raises SitebookError."""
    try:
        found = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 (a calendar date has no zone)
    except (ValueError, re.error) as error:
        raise SitebookError(f"“{text[:60]}” is not a date of the form {form}.") from error
    if found.year < FIRST_YEAR:
        raise SitebookError(f"“{text[:60]}” is before the year {FIRST_YEAR}.")
    return found.isoformat()


def is_date(value: object) -> bool:
    """Whether a stored value is a date."""
    return isinstance(value, str) and len(value) == 10 and _valid_iso(value)


# Dates are few where records are many, and every filter on a date checks them all.
@lru_cache(maxsize=8192)
def _valid_iso(text: str) -> bool:
    match = _ISO.fullmatch(text)
    return match is not None and _made(int(match[1]), int(match[2]), int(match[3])) is not None


def parse_moment(text: str, today: date, zone: tzinfo) -> int:
    """Read a date and time, as ISO 8601 or a date and ``HH:MM``; without an offset it is local time.

    A date alone is its first moment. Raises SitebookError.
    """
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None:
        day = find_date(text, today)
        if day is None:
            raise SitebookError(
                f"“{text[:60]}” is not a date and time; write it as 2027-01-31 14:30 or 2027-01-31T14:30:00Z."
            )
        found = datetime(day.year, day.month, day.day, tzinfo=zone)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    moment = (found - _EPOCH) // timedelta(milliseconds=1)
    if not EARLIEST_MS <= moment <= LATEST_MS:
        raise SitebookError(f"“{text[:60]}” is outside the years 1 to 9999.")
    return moment


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_moment(value: object) -> bool:
    """Whether a stored value is a moment that can be written as a date and time."""
    return isinstance(value, int) and not isinstance(value, bool) and EARLIEST_MS <= value <= LATEST_MS


def moment_iso(moment: int) -> str:
    """Write a moment as ISO 8601 in UTC, with milliseconds only where there are any."""
    at = _EPOCH + timedelta(milliseconds=moment)
    precision = "milliseconds" if moment % 1000 else "seconds"
    return at.isoformat(timespec=precision).replace("+00:00", "Z")


def moment_local(moment: int, zone: tzinfo) -> str:
    """Write a moment to the minute in a time zone, for people."""
    at = _EPOCH + timedelta(milliseconds=moment)
    try:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError):  # at the very edges of the calendar
        return at.isoformat(sep=" ", timespec="minutes")
