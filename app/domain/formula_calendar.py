"""The functions of formulas that know the calendar."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.directory import Context
from app.domain.formula_operators import add_span, whole, written_date
from app.domain.formula_values import Failed, Moment, Span, day, day_of, first_moment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_day(value: Any, context: Context) -> date:
    """The day of a date, a moment, or a written date. Raises Failed."""
    if isinstance(value, Moment):
        return day_of(value, context)
    return written_date(value, context) if isinstance(value, str) else value


def make_date(values: list[Any], context: Context) -> object:
    """A date of year, month and day, or of one value."""
    if len(values) == 1:
        return as_day(values[0], context)
    if len(values) != 3:
        raise Failed("A date takes a year, a month and a day.")
    year, month, number = (whole(each) for each in values)
    try:
        return day(date(year, month, number))
    except (ValueError, OverflowError) as error:
        raise Failed(f"{year}-{month}-{number} is not a date.") from error


def now(values: list[Any], context: Context) -> object:
    """The beginning of today: a formula gives the same all day, on a screen as in an export."""
    return first_moment(context.today, context)


def days_between(values: list[Any], context: Context) -> object:
    """How many days the second is after the first."""
    first, second = (as_day(each, context) for each in values)
    return Decimal(second.toordinal() - first.toordinal())


def workdays(values: list[Any], context: Context) -> object:
    """Days from Monday to Friday from the first day to the second, both counted."""
    first, second = (as_day(each, context) for each in values)
    sign, (low, high) = (1, (first, second)) if first <= second else (-1, (second, first))
    weeks, rest = divmod(high.toordinal() - low.toordinal() + 1, 7)
    more = sum((low.weekday() + each) % 7 < 5 for each in range(rest))
    return Decimal(sign * (weeks * 5 + more))


def part_of_day(work: Callable[[date], int]) -> Callable[[list[Any], Context], object]:
    """A function that gives a part of a date."""
    return lambda values, context: Decimal(work(as_day(values[0], context)))


def part_of_time(part: str) -> Callable[[list[Any], Context], object]:
    """A function that gives a part of the local time."""

    def apply(values: list[Any], context: Context) -> object:
        try:
            local = (_EPOCH + timedelta(milliseconds=values[0].ms)).astimezone(context.zone)
        except (OverflowError, ValueError) as error:
            raise Failed("The date is outside the years 1 to 9999.") from error
        return Decimal(getattr(local, part))

    return apply


def end_of_month(values: list[Any], context: Context) -> object:
    """The last day of the month, or of one some months later."""
    later = add_span(as_day(values[0], context), Span(whole(values[1]) if len(values) > 1 else 0))
    return later.replace(day=calendar.monthrange(later.year, later.month)[1])
