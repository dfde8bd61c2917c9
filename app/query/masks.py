"""Tests over the distinct values of a column, many at once."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from app.domain.schema import Field, FieldType
from app.query.amounts import decimal_float, number_of, type_of
from app.query.column import Column, Mask, Test
from app.query.predicates import Among, Contains, Either, Empty, Equals, Opposite, Some, Within


def meeting(column: Column, test: Test) -> Mask:
    """Which distinct values of a column meet a test, by code."""
    return column.meeting(test, _ask)


def _ask(column: Column, test: Test, first: int) -> Mask:
    """Answer for the values from a code on."""
    count = len(column.values) - first
    if isinstance(test, Either):
        found = np.zeros(count, np.bool_)
        for each in test.tests:
            found |= _ask(column, each, first)
        return found
    if isinstance(test, Opposite):
        return ~_ask(column, test.test, first)
    if isinstance(test, Empty) and test.choice is None:
        found = np.zeros(count, np.bool_)
        if first == 0:
            found[0] = True
        return found
    wanted = test.test if isinstance(test, Some) else test
    if isinstance(wanted, Among) and column.field.many is isinstance(test, Some):
        found = np.zeros(count, np.bool_)
        codes = np.array(column.holding(wanted.wanted), np.intp) - first
        found[codes[codes >= 0]] = True
        return found
    if isinstance(test, Some):
        members = column.members()
        if members is not None:
            return members.holding(_ask(members.column, test.test, 0))[first:]
    if isinstance(test, Within):
        compared = _compare(column, test, first)
        if compared is not None:
            return compared
    if isinstance(test, Contains | Equals) and test.wanted:
        return _look(column, test, first)
    return _each(column, test, first)


def _each(column: Column, test: Test, first: int) -> Mask:
    return np.fromiter((test(value) for value in column.values[first:]), np.bool_, len(column.values) - first)


def _compare(column: Column, test: Within, first: int) -> Mask | None:
    """Compare numbers; None where that is not exact."""
    amounts = column.amounts()
    if amounts is None or type_of(test.field) is not type_of(column.field):
        return None
    floats = amounts.floats[first:]
    # What is no number compares as false, with anything.
    found = ~np.isnan(floats)
    for bound, is_low in ((test.low, True), (test.high, False)):
        if bound is None:
            continue
        place = _bound(test.field, bound)
        if place is None:
            return None
        if is_low:
            found &= floats > place if test.over else floats >= place
        else:
            found &= floats < place if test.under else floats <= place
    if test.currency is not None:
        if test.currency not in amounts.currencies:
            return np.zeros(len(floats), np.bool_)
        found &= amounts.units[first:] == amounts.currencies.index(test.currency)
    return found


def _bound(field: Field, bound: object) -> float | None:
    if isinstance(bound, Decimal):
        return decimal_float(bound)
    place = number_of(FieldType.NUMBER if isinstance(bound, int | float) else type_of(field), bound)
    return None if place is None or place != place else place


def _look(column: Column, test: Contains | Equals, first: int) -> Mask:
    """Look for words in all texts at once."""
    haystack = column.haystack()
    if haystack is None or first >= haystack.size:
        return _each(column, test, first)
    found = haystack.find(test.wanted)[first:]
    if isinstance(test, Equals):
        # What is equal contains it; of what contains it, few are equal.
        for code in np.flatnonzero(found).tolist():
            found[code] = test(column.values[code + first])
    return np.concatenate((found, _each(column, test, haystack.size)))
