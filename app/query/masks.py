"""Tests over the distinct values of a column, many at once."""

from __future__ import annotations

import numpy as np

from app.query.column import Column, Mask, Test
from app.query.predicates import Among, Either, Empty, Opposite, Some


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
    return np.fromiter((test(value) for value in column.values[first:]), np.bool_, count)
