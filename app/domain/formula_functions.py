"""The functions of formulas that take values; those that decide what is worked out at all are in ``formula``.

A function of one value gives nothing for an empty value; a function of many takes fields with many values as
well as a list of arguments, and passes over what is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.directory import Context
from app.domain.formula_calendar import (
    days_between,
    end_of_month,
    make_date,
    now,
    part_of_day,
    part_of_time,
    workdays,
)
from app.domain.formula_operators import calculate, compare, divided, exact, whole
from app.domain.formula_values import (
    EXACT,
    LONGEST_TEXT,
    Failed,
    Money,
    Span,
    Type,
    checked,
    named,
    text_of,
    too_long,
    type_of,
)
from app.domain.names import fold, natural_key
from app.domain.numbers import find_number

_N, _M, _T, _D, _O, _C, _S = (
    Type.NUMBER,
    Type.MONEY,
    Type.TEXT,
    Type.DATE,
    Type.MOMENT,
    Type.CHECK,
    Type.SPAN,
)
_AMOUNTS = frozenset({_N, _M})
_WHEN = frozenset({_D, _O, _T})
_NUMBER = frozenset({_N})
_ANYTHING = frozenset(Type)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a value before a formula runs: its type, and whether it may be several."""

    type: Type
    many: bool = False


Result = Callable[[Sequence[Shape]], Shape]
# The types of what is given are checked before.
Apply = Callable[[list[Any], Context], object]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how many arguments of which types (the last for all that follow), and what it gives.

    ``lists``: fields with many values are taken as they are; ``empties``: empty values are too.
    """

    apply: Apply
    result: Result
    takes: tuple[frozenset[Type], ...]
    fewest: int
    most: int | None
    lists: bool = False
    empties: bool = False


def united(shapes: Sequence[Shape]) -> Shape:
    """What one of several values is: their type where they have one, else known only when it runs."""
    types = {each.type for each in shapes} - {Type.EMPTY}
    many = any(each.many for each in shapes)
    if not types:
        return Shape(Type.EMPTY, many)
    if types == _AMOUNTS:
        return Shape(_M, many)
    return Shape(types.pop() if len(types) == 1 else Type.ANY, many)


def _gives(type: Type) -> Result:
    return lambda shapes: Shape(type)


def _like_first(shapes: Sequence[Shape]) -> Shape:
    return Shape(shapes[0].type)


def _like_all(shapes: Sequence[Shape]) -> Shape:
    return Shape(united(shapes).type)


def _flat(values: Sequence[object]) -> list[object]:
    found: list[object] = []
    for each in values:
        found.extend(each if isinstance(each, tuple) else (each,))
    return [each for each in found if each is not None]


def _extreme(sign: str) -> Apply:
    def apply(values: list[Any], context: Context) -> object:
        best: object = None
        for each in _flat(values):
            if best is None or compare(sign, each, best, context):
                best = each
        return best

    return apply


def _sum(values: list[Any], context: Context) -> object:
    found = _flat(values)
    if not found:
        return None
    total = found[0]
    for each in found[1:]:
        total = calculate("+", total, each, context)
    return total


def _average(values: list[Any], context: Context) -> object:
    count = len(_flat(values))
    return calculate("/", _sum(values, context), Decimal(count), context) if count else None


def _on_amount(work: Callable[..., Decimal]) -> Apply:
    """A function of a number that keeps the currency of money."""

    def apply(values: list[Any], context: Context) -> object:
        amount, rest = values[0], values[1:]
        if isinstance(amount, Money):
            return Money(exact(lambda: work(amount.amount, *rest)), amount.currency)
        return exact(lambda: work(amount, *rest))

    return apply


def _rounded(mode: str) -> Callable[..., Decimal]:
    def work(amount: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
        places = whole(digits)
        if not -20 <= places <= 20:
            raise Failed("Round to between -20 and 20 digits.")
        if amount.adjusted() + places > 26:
            return amount
        return amount.quantize(Decimal(1).scaleb(-places), rounding=mode, context=EXACT)

    return work


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if not base and exponent < 0:
        raise Failed("This divides by zero.")
    return EXACT.power(base, exponent) if base or exponent else Decimal(1)


def _modulo(values: list[Any], context: Context) -> object:
    first, second = values
    return first - second * divided(first, second).to_integral_value(ROUND_FLOOR)


def _texts(work: Callable[..., object]) -> Apply:
    return lambda values, context: work(*(text_of(each, context) for each in values))


def _taken(count: Decimal) -> int:
    return max(whole(count), 0)


def _middle(values: list[Any], context: Context) -> object:
    text, start, length = text_of(values[0], context), whole(values[1]), _taken(values[2])
    begin = max(start - 1, 0)
    return text[begin : begin + length]


def _replace(values: list[Any], context: Context) -> object:
    text, old, new = (text_of(each, context) for each in values)
    if not old:
        return text
    if len(text) + text.count(old) * max(len(new) - len(old), 0) > 1_000_000:
        raise Failed("The text becomes too long.")
    return checked(text.replace(old, new))


def _contains(values: list[Any], context: Context) -> object:
    wanted = fold(text_of(values[1], context))
    every = values[0] if isinstance(values[0], tuple) else (values[0],)
    return any(wanted in fold(text_of(each, context)) for each in every)


def _joined(values: Iterable[object], between: str, context: Context) -> str:
    """Texts one after the other; what gets too long is given up before it takes memory. Raises Failed."""
    pieces: list[str] = []
    length = 0
    for each in values:
        pieces.append(text_of(each, context))
        length += len(pieces[-1]) + len(between)
        if length - len(between) > LONGEST_TEXT:
            raise too_long()
    return between.join(pieces)


def _join(values: list[Any], context: Context) -> object:
    between = text_of(values[1], context) if len(values) > 1 else ", "
    every = values[0] if isinstance(values[0], tuple) else (values[0],)
    return _joined((each for each in every if each is not None), between, context)


def _number(values: list[Any], context: Context) -> object:
    value = values[0]
    if isinstance(value, Money):
        return value.amount
    if not isinstance(value, str):
        return value
    found = find_number(value)
    if found is None:
        raise Failed(f"“{named(value, context)}” is not a number.")
    return EXACT.create_decimal(repr(found))


def _between(values: list[Any], context: Context) -> object:
    return compare(">=", values[0], values[1], context) and compare("<=", values[0], values[2], context)


def _unique(values: list[Any], context: Context) -> object:
    return tuple({(type_of(each), text_of(each, context)): each for each in _flat(values)}.values())


def _sorted(values: list[Any], context: Context) -> object:
    return tuple(sorted(_flat(values), key=lambda each: natural_key(text_of(each, context))))


def _span(unit: str) -> Apply:
    each = {"days": (0, 1), "weeks": (0, 7), "months": (1, 0), "years": (12, 0)}

    def apply(values: list[Any], context: Context) -> object:
        number = values[0]
        if unit in each:
            months, days = each[unit]
            return Span(_whole_only(number, unit) * months, _whole_only(number, unit) * days)
        minutes = number if unit == "minutes" else number * 60
        return Span(0, 0, whole(minutes) * 60_000)

    return apply


def _whole_only(number: Decimal, unit: str) -> int:
    if number != number.to_integral_value():
        raise Failed(f"{unit.capitalize()} can be taken only whole.")
    return whole(number)


def _function(
    apply: Apply,
    result: Result | Type,
    *takes: frozenset[Type],
    fewest: int | None = None,
    more: bool = False,
    lists: bool = False,
    empties: bool = False,
) -> Function:
    given = _gives(result) if isinstance(result, Type) else result
    most = None if more else len(takes)
    return Function(apply, given, takes, len(takes) if fewest is None else fewest, most, lists, empties)


FUNCTIONS: dict[str, Function] = {
    "negative": _function(
        lambda values, context: calculate("*", values[0], Decimal(-1), context),
        _like_first,
        frozenset({_N, _M, _S}),
    ),
    "percent": _function(_on_amount(lambda amount: amount / 100), _like_first, _AMOUNTS),
    "power": _function(_on_amount(_power), _N, _NUMBER, _NUMBER),
    **{
        f"in {unit}": _function(_span(unit), _S, _NUMBER)
        for unit in ("days", "weeks", "months", "years", "hours", "minutes")
    },
    "min": _function(_extreme("<"), _like_all, _ANYTHING, fewest=1, more=True, lists=True),
    "max": _function(_extreme(">"), _like_all, _ANYTHING, fewest=1, more=True, lists=True),
    "sum": _function(_sum, _like_all, frozenset({_N, _M, _S}), fewest=1, more=True, lists=True),
    "average": _function(_average, _like_all, _AMOUNTS, fewest=1, more=True, lists=True),
    "count": _function(
        lambda values, context: Decimal(sum(each != "" for each in _flat(values))),
        _N,
        _ANYTHING,
        fewest=1,
        more=True,
        lists=True,
        empties=True,
    ),
    "first": _function(lambda v, c: (_flat(v) or (None,))[0], _like_first, _ANYTHING, lists=True),
    "last": _function(lambda v, c: (_flat(v) or (None,))[-1], _like_first, _ANYTHING, lists=True),
    "unique": _function(_unique, lambda s: Shape(s[0].type, many=True), _ANYTHING, lists=True),
    "sorted": _function(_sorted, lambda s: Shape(s[0].type, many=True), _ANYTHING, lists=True),
    "join": _function(_join, _T, _ANYTHING, frozenset({_T}), fewest=1, lists=True, empties=True),
    "round": _function(_on_amount(_rounded(ROUND_HALF_UP)), _like_first, _AMOUNTS, _NUMBER, fewest=1),
    "floor": _function(_on_amount(_rounded(ROUND_FLOOR)), _like_first, _AMOUNTS, _NUMBER, fewest=1),
    "ceiling": _function(_on_amount(_rounded(ROUND_CEILING)), _like_first, _AMOUNTS, _NUMBER, fewest=1),
    "int": _function(_on_amount(_rounded(ROUND_DOWN)), _like_first, _AMOUNTS),
    "abs": _function(_on_amount(abs), _like_first, _AMOUNTS),
    "mod": _function(_modulo, _N, _NUMBER, _NUMBER),
    "sqrt": _function(_on_amount(EXACT.sqrt), _N, _NUMBER),
    "number": _function(_number, _N, frozenset({_T, _N, _M})),
    "upper": _function(_texts(str.upper), _T, _ANYTHING),
    "lower": _function(_texts(str.lower), _T, _ANYTHING),
    "proper": _function(_texts(str.title), _T, _ANYTHING),
    "trim": _function(_texts(lambda text: " ".join(text.split())), _T, _ANYTHING),
    "len": _function(
        lambda values, context: Decimal(len(text_of(values[0], context))), _N, _ANYTHING, empties=True
    ),
    "left": _function(lambda v, c: text_of(v[0], c)[: _taken(v[1])], _T, _ANYTHING, _NUMBER),
    "right": _function(
        lambda v, c: text_of(v[0], c)[max(len(text_of(v[0], c)) - _taken(v[1]), 0) :], _T, _ANYTHING, _NUMBER
    ),
    "mid": _function(_middle, _T, _ANYTHING, _NUMBER, _NUMBER),
    "concat": _function(
        lambda values, context: _joined(values, "", context),
        _T,
        _ANYTHING,
        fewest=1,
        more=True,
        lists=True,
        empties=True,
    ),
    "text": _function(_texts(str), _T, _ANYTHING, lists=True),
    "replace": _function(_replace, _T, _ANYTHING, _ANYTHING, _ANYTHING, empties=True),
    "find": _function(
        _texts(lambda part, text: Decimal(fold(text).find(fold(part)) + 1)), _N, _ANYTHING, _ANYTHING
    ),
    "contains": _function(_contains, _C, _ANYTHING, _ANYTHING, lists=True, empties=True),
    "starts_with": _function(
        _texts(lambda text, part: fold(text).startswith(fold(part))), _C, _ANYTHING, _ANYTHING, empties=True
    ),
    "ends_with": _function(
        _texts(lambda text, part: fold(text).endswith(fold(part))), _C, _ANYTHING, _ANYTHING, empties=True
    ),
    "between": _function(_between, _C, _ANYTHING, _ANYTHING, _ANYTHING, empties=True),
    "today": _function(lambda values, context: context.today, _D),
    "now": _function(now, _O),
    "date": _function(make_date, _D, _ANYTHING - {_C, _S, _M}, _NUMBER, _NUMBER, fewest=1),
    "days": _function(days_between, _N, _WHEN, _WHEN),
    "workdays": _function(workdays, _N, _WHEN, _WHEN),
    "year": _function(part_of_day(lambda day: day.year), _N, _WHEN),
    "month": _function(part_of_day(lambda day: day.month), _N, _WHEN),
    "day": _function(part_of_day(lambda day: day.day), _N, _WHEN),
    "weekday": _function(part_of_day(date.isoweekday), _N, _WHEN),
    "week": _function(part_of_day(lambda day: day.isocalendar().week), _N, _WHEN),
    "hour": _function(part_of_time("hour"), _N, frozenset({_O})),
    "minute": _function(part_of_time("minute"), _N, frozenset({_O})),
    "end_of_month": _function(end_of_month, _D, _WHEN, _NUMBER, fewest=1),
}
"""Every function by its name. Those with a space in the name are signs and units."""

ALIASES = {
    "avg": "average",
    "ceil": "ceiling",
    "length": "len",
    "days_between": "days",
    "concatenate": "concat",
    "value": "number",
    "startswith": "starts_with",
    "endswith": "ends_with",
    "eomonth": "end_of_month",
    "substitute": "replace",
}
"""Other names of functions, as people know them from spreadsheets."""
