"""Reading dates and moments as people write them, relative to a given day.

A date is stored as ``YYYY-MM-DD``; a moment as milliseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from app.domain.date_words import FIRST_YEAR, find_period, find_weekday, find_words, shifted
from app.domain.names import shorten
from sync.errors import SitebookError

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_YEAR = re.compile(r"[0-9]{4}")
_OFFSET = re.compile(r"([+\-−])\s*([0-9]{1,5})\s*([dwmy])[a-z]*", re.IGNORECASE)
_DAY_MONTH = re.compile(r"([0-9]{1,2})\.?\s+([A-Za-z]{3,9})\.?,?(?:\s+([0-9]{4}))?")
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?(?:\s+([0-9]{4}))?")
_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_CLOCK = re.compile(r"(?:^|(?<=[\s,]))([0-9]{1,2})(?::([0-5][0-9]))?\s*([ap]m)?$", re.IGNORECASE)
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


def is_relative(text: str) -> bool:
    """Whether a text counts from today by a number of days, weeks, months or years (``+7d``, ``-1m``)."""
    return _OFFSET.fullmatch(text.strip()) is not None


def find_date(text: str, today: date) -> date | None:
    """Read ``2027-01-31``, ``today``, ``+7d``, ``fri``, ``31 Jan 2027``, ``Jan 31``, ``end of month``; else None.

    A day of the week is the next one after today, and ``next`` changes nothing (``last fri`` does); other
    words are those of ``app.domain.date_words``. Without a year the current
    one is meant. Dates of digits and slashes are not read: 3/4 is another day on each side of an ocean.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    lowered = text.lower()
    if lowered in _WORDS:
        return shifted(today, _WORDS[lowered], "day")
    if match := _OFFSET.fullmatch(text):
        return shifted(today, int(match[2]) * (1 if match[1] == "+" else -1), _UNITS[match[3].lower()])
    named = find_weekday(text, today) or find_words(text, today) if len(text) <= 60 else None
    if named is not None:
        return named
    if match := _DAY_MONTH.fullmatch(text):
        day, month_name, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(text):
        month_name, day, year = match.groups()
    else:
        return None
    month = _index(month_name, _MONTHS)
    return None if month is None else _made(int(year or today.year), month + 1, int(day))


def find_days(text: str, today: date) -> tuple[date, date] | None:
    """Like ``find_date``, and also ``2027-01``, ``2027``, ``this week``: the first and the last day meant."""
    text = text.strip()
    if (period := find_period(text, today) if len(text) <= 60 else None) is not None:
        return period
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
            f"“{shorten(text)}” is not a date; write it as 2027-01-31, or today, +7d, fri, in 2 weeks, 31 Jan 2027."
        )
    return found.isoformat()


def parse_date_with(text: str, form: str) -> str:
    """Read a date in the letters of ``strptime`` and give it as it is stored. Raises SitebookError."""
    try:
        found = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 (a calendar date has no zone)
    except (ValueError, re.error) as error:
        raise SitebookError(f"“{shorten(text)}” is not a date of the form {form}.") from error
    if found.year < FIRST_YEAR:
        raise SitebookError(f"“{shorten(text)}” is before the year {FIRST_YEAR}.")
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

    The date may be in words (``tomorrow 14:30``, ``fri 9am``); one alone is its first moment, a time alone
    is today's. Raises SitebookError.
    """
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None:
        words, hour, minute = _split_time(text)
        day = find_date(words, today) if words else today
        if day is None:
            raise SitebookError(
                f"“{shorten(text)}” is not a date and time; write it as 2027-01-31 14:30 or 2027-01-31T14:30:00Z."
            )
        found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    moment = (found - _EPOCH) // timedelta(milliseconds=1)
    if not EARLIEST_MS <= moment <= LATEST_MS:
        raise SitebookError(f"“{shorten(text)}” is outside the years 1 to 9999.")
    return moment


def _split_time(text: str) -> tuple[str, int, int]:
    """What stands before a time of day, and the hour and minute; midnight where there is none."""
    match = _CLOCK.search(text) if len(text) <= 80 else None
    if match is None:
        return text, 0, 0
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        if not 1 <= hour <= 12:
            return text, 0, 0
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    elif match[2] is None or hour > 23:
        return text, 0, 0
    return text[: match.start()].rstrip(" ,").removesuffix(" at"), hour, minute


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
