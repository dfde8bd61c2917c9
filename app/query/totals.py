"""Sums, counts and extremes of the values of several records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.domain import numbers
from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.domain.values import sort_key
from app.query.paths import Total

Money = list[str]


def add_up(field: Field, values: Iterable[object]) -> object:
    """The sum of what are numbers; of money, a tuple with one amount for each currency. None without any."""
    if field.type is FieldType.MONEY:
        return add_money(values)
    found = [value for value in values if numbers.is_number(value)]
    if not found:
        return None
    if all(isinstance(value, int) for value in found):
        return sum(found)  # type: ignore[arg-type]
    total = math.fsum(found)  # type: ignore[arg-type]
    return total if math.isfinite(total) else None


def add_money(values: Iterable[object]) -> tuple[Money, ...] | None:
    """Amounts added up by currency, exactly, in the order of the currencies' codes."""
    sums: dict[str, Decimal] = {}
    for value in values:
        if numbers.is_money(value):
            assert isinstance(value, list | tuple)
            amount = numbers.amount_of(value[0])
            assert amount is not None
            sums[value[1]] = sums.get(value[1], Decimal()) + amount
    return tuple([f"{sums[each]:f}", each] for each in sorted(sums)) or None


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
