"""Sums, counts and extremes of the values of several records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from app.domain import numbers
from app.domain.directory import Context
from app.domain.merged import Merges
from app.domain.schema import Field, FieldType
from app.domain.values import sort_key
from app.query.identity import identity
from app.query.paths import Total

Money = list[str]


def add_up(field: Field, values: Iterable[object]) -> object:
    """The sum of what are numbers; of money, a tuple with one amount for each currency. None without any."""
    if field.shown_as is FieldType.MONEY:
        return add_money(values)
    found = [value for value in values if isinstance(value, int | float) and numbers.is_number(value)]
    if not found:
        return None
    try:
        total = math.fsum(found)
    except OverflowError:
        return None
    return whole(total) if math.isfinite(total) else None


def whole(total: float) -> float:
    """A sum without a fraction as a whole number."""
    return int(total) if total.is_integer() and abs(total) < 1 << 53 else total


def add_money(values: Iterable[object]) -> tuple[Money, ...] | None:
    """Amounts added up by currency, exactly."""
    sums: dict[str, Decimal] = {}
    for value in values:
        if numbers.is_money(value):
            assert isinstance(value, list | tuple)
            amount = numbers.amount_of(value[0])
            assert amount is not None
            sums[value[1]] = sums.get(value[1], Decimal()) + amount
    return money_texts(sums)


def money_texts(sums: Mapping[str, Decimal]) -> tuple[Money, ...] | None:
    """Amounts by currency as values of fields, in the order of the currencies' codes; None where there is none."""
    return tuple([_plain(sums[each]), each] for each in sorted(sums)) or None


def _plain(amount: Decimal) -> str:
    """Without zeros at the end of a fraction."""
    written = f"{amount:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def total_of(total: Total, field: Field, values: Sequence[object], context: Context) -> object:
    """What a roll-up shows of the values of the records behind a reference; None where there is nothing."""
    if total is Total.COUNT:
        return len(values)
    if total is Total.SUM:
        return add_up(field, values)
    single = [(sort_key(field, value, context), value) for value in values]
    fitting = [pair for pair in single if pair[0][0] == 0]
    if not fitting:
        return None
    pick = min if total is Total.MIN else max
    return pick(fitting, key=lambda pair: pair[0])[1]


def distinct(values: Iterable[object]) -> tuple[object, ...]:
    """Each value once, in the order in which they come."""
    return tuple({identity(value): value for value in values}.values())


def resolved(merges: Merges, value: object) -> object:
    """References, to what their records became."""
    if isinstance(value, bytes):
        return merges.resolve(value)
    if isinstance(value, tuple):
        return tuple(
            dict.fromkeys(merges.resolve(each) if isinstance(each, bytes) else each for each in value)
        )
    return value
