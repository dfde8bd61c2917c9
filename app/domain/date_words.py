"""Days that people name by words: ``in 2 weeks``, ``3 days ago``, ``end of month``, ``last fri``, ``this week``."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

FIRST_YEAR = 1000
"""Below it, ISO texts no longer sort as dates."""
# English names, whatever the locale of the machine: a query means the same on every device.
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNT = r"(?P<count>[0-9]{1,5}|an?|one|two|three|four|five|six)\s+(?P<unit>day|week|fortnight|month|quarter|year)s?"
_IN = re.compile(rf"in\s+{_COUNT}|{_COUNT.replace('P<', 'P<x')}\s+from\s+(?:now|today)")
_AGO = re.compile(rf"{_COUNT}\s+ago")
_EDGE = re.compile(
    r"(?P<edge>start|beginning|end)\s+of\s+(?:the\s+)?(?:(?P<which>this|next|last)\s+)?(?P<unit>week|month|quarter|year)"
)
_WHOLE = re.compile(r"(?P<which>this|next|last)\s+(?P<unit>week|month|quarter|year)")
_SHORT_EDGES = {"eow": "end of week", "eom": "end of month", "eoq": "end of quarter", "eoy": "end of year"}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_WHICH = {"this": 0, "next": 1, "last": -1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WEEKS = {"day": 1, "week": 7, "fortnight": 14}


def shifted(today: date, count: int, unit: str) -> date | None:
    """A day some days, weeks, months, quarters or years away; the 31st becomes the last of a shorter month."""
    try:
        if unit in _WEEKS:
            day = today + timedelta(days=count * _WEEKS[unit])
            return day if day.year >= FIRST_YEAR else None
        year, month = divmod(today.year * 12 + today.month - 1 + count * _MONTHS[unit], 12)
        if not FIRST_YEAR <= year <= date.max.year:
            return None
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    except OverflowError:
        return None


def find_words(text: str, today: date) -> date | None:
    """The day that some words mean, else None. Of a week or a month it is the first day."""
    words = " ".join(text.lower().split())
    words = _SHORT_EDGES.get(words, words)
    if match := _IN.fullmatch(words):
        found = match.groupdict()
        return shifted(today, _number(found["count"] or found["xcount"]), found["unit"] or found["xunit"])
    if match := _AGO.fullmatch(words):
        return shifted(today, -_number(match["count"]), match["unit"])
    if match := _EDGE.fullmatch(words):
        span = _period(today, match["which"] or "this", match["unit"])
        return None if span is None else span[match["edge"] == "end"]
    span = find_period(words, today)
    return None if span is None else span[0]


def find_period(text: str, today: date) -> tuple[date, date] | None:
    """The first and the last day of ``this week``, ``next month``, ``last quarter``, ``this year``; else None."""
    match = _WHOLE.fullmatch(" ".join(text.lower().split()))
    return None if match is None else _period(today, match["which"], match["unit"])


def find_weekday(text: str, today: date) -> date | None:
    """``fri``, ``next fri`` and ``this fri`` are the next one after today, ``last fri`` the one before it."""
    words = text.lower().split()
    which = words.pop(0) if len(words) == 2 and words[0] in _WHICH else ""
    name = words[0] if len(words) == 1 else ""
    found = [place for place, each in enumerate(DAYS) if len(name) >= 3 and each.startswith(name)]
    if len(found) != 1:
        return None
    if which == "last":
        return shifted(today, -((today.weekday() - found[0] - 1) % 7 + 1), "day")
    return shifted(today, (found[0] - today.weekday() - 1) % 7 + 1, "day")


def _number(word: str) -> int:
    return _COUNTS[word] if word in _COUNTS else int(word)


def _period(today: date, which: str, unit: str) -> tuple[date, date] | None:
    """A week from Monday to Sunday, or the calendar month, quarter or year."""
    start: date | None
    if unit == "week":
        start = shifted(today, -today.weekday(), "day")
    else:
        month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[unit]
        start = date(today.year, month, 1)
    start = None if start is None else shifted(start, _WHICH[which], unit)
    after = None if start is None else shifted(start, 1, unit)
    last = None if after is None else shifted(after, -1, "day")
    return None if start is None or last is None else (start, last)
