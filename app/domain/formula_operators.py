"""The operators of formulas: which types go together, what they give, and how it is worked out.

One table serves the check of types before a formula runs and the running itself. An empty operand makes the
result of arithmetic empty; a comparison with an empty value is false, except that empty equals empty.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from itertools import product
from typing import Any

from app.domain.dates import find_date
from app.domain.directory import Context
from app.domain.formula_values import (
    DAY_MS,
    EXACT,
    Failed,
    Moment,
    Money,
    Span,
    Type,
    checked,
    day,
    day_of,
    first_moment,
    moment,
    named,
    text_of,
    type_of,
)
from app.domain.names import fold

_N, _M, _T = Type.NUMBER, Type.MONEY, Type.TEXT
_D, _O, _C, _S = Type.DATE, Type.MOMENT, Type.CHECK, Type.SPAN
_LARGEST = Decimal(10_000_000)
MOST_PAIRS = 20_000

# The types of the operands are the key in the table.
Operation = Callable[[Any, Any, Context], object]


def exact(work: Callable[[], Decimal]) -> Decimal:
    """The result of a calculation. Raises Failed where there is none."""
    try:
        return work()
    except DecimalException as error:
        raise Failed("The result is too large, or there is none.") from error


def divided(first: Decimal, second: Decimal) -> Decimal:
    """A quotient. Raises Failed for a division by zero."""
    if not second:
        raise Failed("This divides by zero.")
    return exact(lambda: EXACT.divide(first, second))


def whole(number: Decimal) -> int:
    """A number of sensible size without its fraction. Raises Failed."""
    if abs(number) > _LARGEST:
        raise Failed(f"{number:.0f} is too many here.")
    return int(number)


def currency_of(first: Money, second: Money) -> str:
    """The currency of both. Raises Failed where they differ."""
    if first.currency and second.currency and first.currency != second.currency:
        raise Failed(f"{first.currency} and {second.currency} cannot be reckoned together.")
    return first.currency or second.currency


def add_span(start: date, span: Span) -> date:
    """A day some time later; the 31st becomes the last day of a shorter month. Raises Failed."""
    year, month = divmod(start.year * 12 + start.month - 1 + span.months, 12)
    days = span.days + span.ms // DAY_MS
    try:
        last = calendar.monthrange(year, month + 1)[1]
        return day(date(year, month + 1, min(start.day, last)) + timedelta(days=days))
    except (OverflowError, ValueError) as error:
        raise Failed("The date is outside the years 1000 to 9999.") from error


def _moment_later(start: Moment, span: Span, context: Context) -> Moment:
    if not span.months:
        return moment(start.ms + span.days * DAY_MS + span.ms)
    begin = day_of(start, context)
    within = start.ms - first_moment(begin, context).ms
    later = first_moment(add_span(begin, Span(span.months, span.days)), context)
    return moment(later.ms + within + span.ms)


def _days(number: Decimal) -> Span:
    days = whole(number)
    return Span(0, days, int((number - days) * DAY_MS))


def _whole_days(number: Decimal) -> Span:
    return Span(0, whole(number))


def _scaled(span: Span, factor: Decimal) -> Span:
    months = span.months * factor
    if months != months.to_integral_value():
        raise Failed("Months can be taken only whole.")
    days = _days(span.days * factor)
    return Span(whole(months), days.days, days.ms + whole(span.ms * factor / 1000) * 1000)


def _between(first: Moment, second: Moment) -> Decimal:
    return EXACT.divide(Decimal(first.ms - second.ms), Decimal(DAY_MS))


def _money(first: Money, second: Money, plus: bool) -> Money:
    work = EXACT.add if plus else EXACT.subtract
    return Money(exact(lambda: work(first.amount, second.amount)), currency_of(first, second))


def _negated(span: Span) -> Span:
    return Span(-span.months, -span.days, -span.ms)


TABLE: dict[tuple[str, Type, Type], tuple[Type, Operation]] = {
    ("+", _N, _N): (_N, lambda a, b, c: exact(lambda: EXACT.add(a, b))),
    ("-", _N, _N): (_N, lambda a, b, c: exact(lambda: EXACT.subtract(a, b))),
    ("*", _N, _N): (_N, lambda a, b, c: exact(lambda: EXACT.multiply(a, b))),
    ("/", _N, _N): (_N, lambda a, b, c: divided(a, b)),
    ("+", _M, _M): (_M, lambda a, b, c: _money(a, b, True)),
    ("-", _M, _M): (_M, lambda a, b, c: _money(a, b, False)),
    ("+", _M, _N): (_M, lambda a, b, c: _money(a, Money(b, ""), True)),
    ("-", _M, _N): (_M, lambda a, b, c: _money(a, Money(b, ""), False)),
    ("+", _N, _M): (_M, lambda a, b, c: _money(Money(a, ""), b, True)),
    ("-", _N, _M): (_M, lambda a, b, c: _money(Money(a, ""), b, False)),
    ("*", _M, _N): (_M, lambda a, b, c: Money(exact(lambda: EXACT.multiply(a.amount, b)), a.currency)),
    ("*", _N, _M): (_M, lambda a, b, c: Money(exact(lambda: EXACT.multiply(a, b.amount)), b.currency)),
    ("/", _M, _N): (_M, lambda a, b, c: Money(divided(a.amount, b), a.currency)),
    ("/", _M, _M): (_N, lambda a, b, c: divided(a.amount, b.amount) if currency_of(a, b) is not None else a),
    ("+", _D, _N): (_D, lambda a, b, c: add_span(a, _whole_days(b))),
    ("+", _N, _D): (_D, lambda a, b, c: add_span(b, _whole_days(a))),
    ("-", _D, _N): (_D, lambda a, b, c: add_span(a, _whole_days(-b))),
    ("+", _D, _S): (_D, lambda a, b, c: add_span(a, b)),
    ("+", _S, _D): (_D, lambda a, b, c: add_span(b, a)),
    ("-", _D, _S): (_D, lambda a, b, c: add_span(a, _negated(b))),
    ("-", _D, _D): (_N, lambda a, b, c: Decimal(a.toordinal() - b.toordinal())),
    ("+", _O, _N): (_O, lambda a, b, c: _moment_later(a, _days(b), c)),
    ("-", _O, _N): (_O, lambda a, b, c: _moment_later(a, _negated(_days(b)), c)),
    ("+", _O, _S): (_O, lambda a, b, c: _moment_later(a, b, c)),
    ("+", _S, _O): (_O, lambda a, b, c: _moment_later(b, a, c)),
    ("-", _O, _S): (_O, lambda a, b, c: _moment_later(a, _negated(b), c)),
    ("-", _O, _O): (_N, lambda a, b, c: _between(a, b)),
    ("-", _O, _D): (_N, lambda a, b, c: _between(a, first_moment(b, c))),
    ("-", _D, _O): (_N, lambda a, b, c: _between(first_moment(a, c), b)),
    ("+", _S, _S): (_S, lambda a, b, c: Span(a.months + b.months, a.days + b.days, a.ms + b.ms)),
    ("-", _S, _S): (_S, lambda a, b, c: Span(a.months - b.months, a.days - b.days, a.ms - b.ms)),
    ("*", _S, _N): (_S, lambda a, b, c: _scaled(a, b)),
    ("*", _N, _S): (_S, lambda a, b, c: _scaled(b, a)),
}

_COMPARED: dict[tuple[Type, Type], Callable[[Any, Any, Context], tuple[Any, Any]]] = {
    **{(each, each): lambda a, b, c: (a, b) for each in (_N, _D, _O, _C)},
    (_T, _T): lambda a, b, c: (fold(a), fold(b)),
    (_M, _M): lambda a, b, c: (a.amount, b.amount) if currency_of(a, b) is not None else (a, b),
    (_M, _N): lambda a, b, c: (a.amount, b),
    (_N, _M): lambda a, b, c: (a, b.amount),
    (_D, _O): lambda a, b, c: (first_moment(a, c), b),
    (_O, _D): lambda a, b, c: (a, first_moment(b, c)),
    (_D, _T): lambda a, b, c: (a, written_date(b, c)),
    (_T, _D): lambda a, b, c: (written_date(a, c), b),
    (_O, _T): lambda a, b, c: (a, first_moment(written_date(b, c), c)),
    (_T, _O): lambda a, b, c: (first_moment(written_date(a, c), c), b),
    (_S, _S): lambda a, b, c: (_length(a), _length(b)),
}


def _length(span: Span) -> Decimal:
    """A length for comparing, with a month of thirty days and ten hours, the mean."""
    return Decimal(span.months) * 2_629_746_000 + Decimal(span.days) * DAY_MS + span.ms


def written_date(text: str, context: Context) -> date:
    """A date as people write it. Raises Failed."""
    found = find_date(text, context.today)
    if found is None:
        raise Failed(f"“{named(text, context)}” is not a date; write it as 2027-01-31.")
    return found


def arithmetic_type(sign: str, first: Type, second: Type) -> Type | None:
    """What two types give; None where they do not go together."""
    if sign == "&":
        return _T
    if Type.ANY in (first, second):
        return Type.ANY
    if Type.EMPTY in (first, second):
        other = second if first is Type.EMPTY else first
        return other if other is not _T else None
    found = TABLE.get((sign, first, second))
    return None if found is None else found[0]


def comparable(first: Type, second: Type) -> bool:
    """Whether two types can be compared."""
    open_types = (Type.ANY, Type.EMPTY)
    return first in open_types or second in open_types or (first, second) in _COMPARED


def one(value: object) -> object:
    """The one value of a field that may hold many. Raises Failed where there are several."""
    if not isinstance(value, tuple):
        return value
    if len(value) > 1:
        raise Failed(f"There are {len(value)} values here; use sum, min, max, count, first or join.")
    return value[0] if value else None


def calculate(sign: str, first: object, second: object, context: Context) -> object:
    """What an operator gives. Raises Failed."""
    if sign == "&":
        return checked(text_of(first, context) + text_of(second, context))
    first, second = one(first), one(second)
    if first is None or second is None:
        return None
    found = TABLE.get((sign, type_of(first), type_of(second)))
    if found is None:
        raise Failed(cannot(sign, type_of(first), type_of(second)))
    return found[1](first, second, context)


def cannot(sign: str, first: Type, second: Type) -> str:
    """The sentence for operands that do not go together."""
    if sign == "+" and first is second is _T:
        return "Texts are joined with &, not with +."
    return f"{first.capitalize()} and {second} do not go together with {sign}."


def compare(sign: str, first: object, second: object, context: Context) -> bool:
    """The verdict of a comparison. Where a field holds many values, one that fits is enough for ``=``."""
    if isinstance(first, tuple) or isinstance(second, tuple):
        left, right = _each(first), _each(second)
        if len(left) * len(right) > MOST_PAIRS:
            raise Failed("These are too many values to compare each with each.")
        pairs = product(left, right)
        if sign == "!=":
            return not any(_compared("=", a, b, context) for a, b in pairs)
        return any(_compared(sign, a, b, context) for a, b in pairs)
    return _compared(sign, first, second, context)


def _each(value: object) -> tuple[object, ...]:
    return (value or (None,)) if isinstance(value, tuple) else (value,)


def _compared(sign: str, first: object, second: object, context: Context) -> bool:
    first = None if first == "" else first
    second = None if second == "" else second
    if first is None or second is None:
        same = first is second
        return same if sign == "=" else not same if sign == "!=" else False
    kinds = (type_of(first), type_of(second))
    if kinds not in _COMPARED:
        raise Failed(f"{kinds[0].capitalize()} and {kinds[1]} cannot be compared.")
    a, b = _COMPARED[kinds](first, second, context)
    if sign in ("=", "!="):
        return bool(a == b) == (sign == "=")
    if sign == "<":
        return bool(a < b)
    if sign == ">":
        return bool(a > b)
    return bool(a <= b if sign == "<=" else a >= b)
