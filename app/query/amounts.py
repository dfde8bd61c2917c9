"""The distinct values of a column as numbers, where its type has them: for comparing and adding up many at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from app.domain import dates, numbers
from app.domain.schema import Field, FieldType

Floats = npt.NDArray[np.float64]
_EXACT = 1 << 53
_DIGITS = 15
"""Decimals of so many digits are told apart as floats."""
_MOST_PLACES = 6
_WHOLE = frozenset({FieldType.INTEGER, FieldType.AUTO_NUMBER})
NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.MOMENT, *_WHOLE})


def type_of(field: Field) -> FieldType:
    """The type of the values of a field: of a formula, that of its results."""
    return field.result or field.type


def number_of(type: FieldType, value: object) -> float | None:
    """A value as a float that is ordered like it and equal only to its equals.

    NaN where the value does not have the shape of the type; None where a float cannot tell it from others.
    """
    if type is FieldType.DATE:
        return float(str(value).replace("-", "")) if dates.is_date(value) else math.nan
    if type is FieldType.MONEY:
        if not numbers.is_money(value):
            return math.nan
        assert isinstance(value, list | tuple)
        return decimal_float(numbers.amount_of(value[0]))
    if not numbers.is_number(value) or (type is not FieldType.NUMBER and not isinstance(value, int)):
        return math.nan
    assert isinstance(value, int | float)
    if type is FieldType.MOMENT and not dates.is_moment(value):
        return math.nan
    return float(value) if abs(value) <= _EXACT else None


def decimal_float(amount: Decimal | None) -> float | None:
    """A decimal as a float; None where others have the same float."""
    return float(amount) if amount is not None and len(amount.as_tuple().digits) <= _DIGITS else None


class Amounts:
    """The numbers of a column's values by code, extended as values come."""

    def __init__(self, field: Field) -> None:
        self._type = type_of(field)
        self._floats: Floats = np.empty(16, np.float64)
        self._units: npt.NDArray[np.int16] = np.empty(16, np.int16)
        self._size = 0
        self._minors = np.empty(0, np.int64)
        self._largest = 0.0
        self.exact = True
        """Whether all that have the shape of the type are told apart."""
        self.odd = False
        """Whether some have another shape."""
        self.currencies: list[str] = []
        self.places = 0
        """Of money: the most digits behind the point."""

    def __len__(self) -> int:
        """How many values were taken in."""
        return self._size

    def extend(self, values: Sequence[object], upto: int | None = None) -> None:
        """Take in the values that came since, or those up to a code."""
        stop = len(values) if upto is None else min(upto, len(values))
        if stop <= self._size:
            return
        if stop > len(self._floats):
            grown = stop + stop // 4
            self._floats = np.concatenate((self._floats, np.empty(grown - len(self._floats))))
            self._units = np.concatenate((self._units, np.empty(grown - len(self._units), np.int16)))
        fresh = values[self._size : stop]
        found = [self._number(value) for value in fresh]
        self._floats[self._size : stop] = found
        if self._type is FieldType.MONEY:
            self._units[self._size : stop] = [self._unit(value) for value in fresh]
        self._size = stop

    def _number(self, value: object) -> float:
        if value is None:
            return math.nan
        found = number_of(self._type, value)
        if found is None:
            self.exact = False
            return math.nan
        if found != found:
            self.odd = True
        return found

    def _unit(self, value: object) -> int:
        if not numbers.is_money(value):
            return -1
        assert isinstance(value, list | tuple)
        amount, currency = value
        _, _, behind = str(amount).partition(".")
        self.places = max(self.places, len(behind))
        if currency not in self.currencies:
            self.currencies.append(currency)
        return self.currencies.index(currency)

    @property
    def floats(self) -> Floats:
        """The number of each value; NaN where it has none."""
        return self._floats[: self._size]

    @property
    def units(self) -> npt.NDArray[np.int16]:
        """Of money: the place of each value's currency in ``currencies``; -1 where it has none."""
        return self._units[: self._size]

    def minors(self, rows: int) -> npt.NDArray[np.int64] | None:
        """Money in whole minor units of ``places`` digits; None where adding up ``rows`` of them is not exact."""
        if not self.exact or self.places > _MOST_PLACES:
            return None
        if len(self._minors) < self._size:
            scaled = np.nan_to_num(self.floats) * 10.0**self.places
            self._largest = float(np.abs(scaled).max(initial=0.0))
            self._minors = np.rint(np.where(np.abs(scaled) < _EXACT, scaled, 0.0)).astype(np.int64)
        if self._largest >= _EXACT or self._largest * max(rows, 1) >= 2**62:
            return None
        return self._minors
