"""Days of a month or a week, and how the values of a date field stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from PySide6.QtCore import QDate, QLocale, Qt

from app.desktop.lists.rows import parse_day
from app.desktop.translate import locale
from app.domain.schema import Field, FieldType

WEEK = 7
DATE_TYPES = frozenset({FieldType.DATE, FieldType.MOMENT})
"""The types of field that a calendar can stand by."""
_FIRST, _LAST = date(1000, 1, 1), date(9998, 12, 31)
"""The calendar ends a year before dates do, so that every week has all its days."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a calendar shows at once: days in weeks, and which month is meant (0 for a single week)."""

    days: tuple[date, ...]
    month: int = 0

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return len(self.days) // WEEK

    def index(self, day: date) -> int | None:
        """The place of a day; None where it is not shown."""
        place = (day - self.days[0]).days
        return place if 0 <= place < len(self.days) else None


def _bounded(day: date) -> date:
    return min(max(day, _FIRST), _LAST)


def week_begin(day: date, spoken: QLocale | None = None) -> date:
    """The first day of the week of a day, as the user's locale begins weeks."""
    first = (spoken or locale()).firstDayOfWeek().value - 1
    return day - timedelta(days=(day.weekday() - first) % WEEK)


def month_of(day: date, spoken: QLocale | None = None) -> Stretch:
    """The whole weeks of the month of a day."""
    day = _bounded(day)
    begin = week_begin(day.replace(day=1), spoken)
    after = QDate(day.year, day.month, 1).addMonths(1)
    days = (date(after.year(), after.month(), 1) - begin).days
    weeks = -(-days // WEEK)
    return Stretch(tuple(begin + timedelta(days=each) for each in range(WEEK * weeks)), day.month)


def week_of(day: date, spoken: QLocale | None = None) -> Stretch:
    """The week of a day."""
    begin = week_begin(_bounded(day), spoken)
    return Stretch(tuple(begin + timedelta(days=each) for each in range(WEEK)))


def shift_month(day: date, months: int) -> date:
    """The same day of another month, or its last."""
    moved = QDate(day.year, day.month, day.day).addMonths(months)
    return _bounded(date(moved.year(), moved.month(), moved.day()) if moved.year() <= 9999 else _LAST)


def shift_days(day: date, days: int) -> date:
    """So many days later, no further than the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, _FIRST.toordinal()), _LAST.toordinal()))


def is_weekend(day: date, spoken: QLocale | None = None) -> bool:
    """Whether people rest on this day, as the user's locale has it."""
    return Qt.DayOfWeek(day.isoweekday()) not in (spoken or locale()).weekdays()


def title_of(stretch: Stretch) -> str:
    """March 2026; for a week, 2–8 March 2026 as far as its ends differ."""
    first, last = stretch.days[0], stretch.days[-1]
    if stretch.month:
        middle = stretch.days[len(stretch.days) // 2]
        return _say(middle, "MMMM yyyy")
    if first.month == last.month:
        return f"{first.day} – {_say(last, 'd MMMM yyyy')}"
    if first.year == last.year:
        return f"{_say(first, 'd MMM')} – {_say(last, 'd MMM yyyy')}"
    return f"{_say(first, 'd MMM yyyy')} – {_say(last, 'd MMM yyyy')}"


def long_text(day: date) -> str:
    """The day in full, for a screen reader."""
    return _say(day, "dddd d MMMM yyyy")


def first_day_text(day: date) -> str:
    """1 Mar: how the first day of a month is numbered."""
    return _say(day, "d MMM")


def day_names(stretch: Stretch, *, short: bool = False) -> list[str]:
    """The names of the days of a week, from its first."""
    form = QLocale.FormatType.NarrowFormat if short else QLocale.FormatType.ShortFormat
    return [locale().standaloneDayName(day.isoweekday(), form) for day in stretch.days[:WEEK]]


def _say(day: date, pattern: str) -> str:
    return locale().toString(QDate(day.year, day.month, day.day), pattern)


def day_of(field: Field, value: object, zone: tzinfo) -> date | None:
    """The day on which a stored value stands; None for none, or for what is no date."""
    if field.type is FieldType.DATE:
        return parse_day(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, zone).date()
    except (OverflowError, OSError, ValueError):
        return None


def ordinals(field: Field, values: Sequence[object], zone: tzinfo) -> list[int]:
    """The proleptic ordinals of the days of many values, 0 for those without one."""
    return [0 if (day := day_of(field, value, zone)) is None else day.toordinal() for value in values]


def moved_to(field: Field, value: object, day: date | None, zone: tzinfo) -> object:
    """What a value becomes on another day: a moment keeps its time on the clock, noon where it has none."""
    if day is None:
        return None
    if field.type is FieldType.DATE:
        return day.isoformat()
    clock = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    if isinstance(value, int) and day_of(field, value, zone) is not None:
        before = datetime.fromtimestamp(value / 1000, zone)
        clock = before.replace(year=day.year, month=day.month, day=day.day)
    return round(clock.astimezone(UTC).timestamp() * 1000)
