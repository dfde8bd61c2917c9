"""Adding up a column over rows, exactly: money in minor units, numbers rounded once, at the end."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from app.domain.schema import FieldType
from app.query.amounts import Amounts, Floats, type_of
from app.query.column import Codes, Column
from app.query.paths import ADDABLE
from app.query.totals import add_up, money_texts, whole

_MANY = 2_000
"""For fewer numbers, adding them up one by one takes no longer."""
_MANTISSA = 53
_HALF = 27


def sum_of(column: Column, codes: Codes) -> object:
    """The sum of a column's values with these codes; None where there is nothing to add up."""
    kind = type_of(column.field)
    if kind not in ADDABLE:
        return None
    amounts = column.amounts()
    if amounts is not None and kind is FieldType.MONEY:
        minors = amounts.minors(len(codes))
        if minors is not None:
            return _money(amounts, minors, codes)
    elif amounts is not None:
        floats = amounts.floats[codes]
        return _numbers(floats[~np.isnan(floats)])
    each = [column.values[code] for code in codes.tolist()]
    if column.field.many:
        each = [one for value in each if isinstance(value, tuple) for one in value]
    return add_up(column.field, each)


def _money(amounts: Amounts, minors: npt.NDArray[np.int64], codes: Codes) -> object:
    units = amounts.units[codes]
    found: dict[str, Decimal] = {}
    for unit, currency in enumerate(amounts.currencies):
        mine = codes[units == unit]
        if len(mine):
            found[currency] = Decimal(int(minors[mine].sum())).scaleb(-amounts.places)
    return money_texts(found)


def _numbers(floats: Floats) -> object:
    if not len(floats):
        return None
    try:
        total = _added(floats) if len(floats) > _MANY else math.fsum(floats.tolist())
    except OverflowError:
        return None
    return whole(total) if math.isfinite(total) else None


def _added(floats: Floats) -> float:
    """The sum as ``math.fsum`` has it, in a fraction of the time.

    By exponent, the mantissas are added up in two halves that are so short that no sum of them is rounded. Raises
    OverflowError where the sum is no float.
    """
    if not np.isfinite(floats).all():
        return math.nan
    fractions, exponents = np.frexp(floats)
    mantissas = np.ldexp(fractions, _MANTISSA).astype(np.int64)
    least = int(exponents.min())
    places = exponents - least
    upper = np.bincount(places, mantissas >> _HALF)
    lower = np.bincount(places, mantissas & ((1 << _HALF) - 1))
    total = 0
    for place, (high, low) in enumerate(zip(upper.tolist(), lower.tolist(), strict=True)):
        total += ((int(high) << _HALF) + int(low)) << place
    scale = least - _MANTISSA
    return float(total << scale) if scale >= 0 else total / (1 << -scale)
