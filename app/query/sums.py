"""Adding up a column over groups of rows, exactly: money in minor units, numbers rounded once, at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.domain.schema import FieldType
from app.query.amounts import Amounts, type_of
from app.query.column import Column
from app.query.paths import ADDABLE
from app.query.totals import add_up, money_texts, whole

Rows = npt.NDArray[np.int32]


def sums_of(column: Column, rows: Rows, bounds: Sequence[int]) -> list[object]:
    """The sum of a column in each of the ranges of rows that lie between two of ``bounds``."""
    kind = type_of(column.field)
    if kind not in ADDABLE:
        return [None] * (len(bounds) - 1)
    codes = column.codes[rows]
    amounts = column.amounts()
    if amounts is not None and kind is FieldType.MONEY:
        minors = amounts.minors(len(rows))
        if minors is not None:
            return _money(amounts, minors, codes, bounds)
    elif amounts is not None:
        return _numbers(amounts, codes, bounds)
    values = column.values
    found: list[object] = []
    for start, stop in pairwise(bounds):
        each = [values[code] for code in codes[start:stop].tolist()]
        if column.field.many:
            each = [one for value in each if isinstance(value, tuple) for one in value]
        found.append(add_up(column.field, each))
    return found


def _money(
    amounts: Amounts, minors: npt.NDArray[np.int64], codes: Rows, bounds: Sequence[int]
) -> list[object]:
    units = amounts.units[codes]
    by_group: list[dict[str, Decimal]] = [{} for _ in bounds[1:]]
    for unit, currency in enumerate(amounts.currencies):
        mine = units == unit
        counts = _ranged(mine.astype(np.int64), bounds)
        sums = _ranged(np.where(mine, minors[codes], 0), bounds)
        for group, (count, total) in enumerate(zip(counts, sums, strict=True)):
            if count:
                by_group[group][currency] = Decimal(int(total)).scaleb(-amounts.places)
    return [money_texts(each) for each in by_group]


def _ranged(numbers: npt.NDArray[np.int64], bounds: Sequence[int]) -> list[int]:
    """The sums of the ranges, of which some may be empty."""
    running = np.concatenate((np.zeros(1, np.int64), np.cumsum(numbers)))
    found: list[int] = np.diff(running[np.asarray(bounds)]).tolist()
    return found


def _numbers(amounts: Amounts, codes: Rows, bounds: Sequence[int]) -> list[object]:
    floats = amounts.floats[codes]
    found: list[object] = []
    for start, stop in pairwise(bounds):
        part = floats[start:stop]
        part = part[~np.isnan(part)]
        total = math.fsum(part.tolist()) if len(part) else None
        found.append(None if total is None or not math.isfinite(total) else whole(total))
    return found
