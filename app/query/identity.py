"""What makes two stored values the same."""

from __future__ import annotations

import msgspec

from app.domain.formula_values import FormulaError

_PLAIN = frozenset({str, bytes, int})
_pack = msgspec.msgpack.Encoder().encode


def identity(value: object) -> object:
    """What tells values apart: unlike ``==``, it knows 1 from True and from 1.0, and takes lists and maps."""
    if type(value) in _PLAIN or isinstance(value, FormulaError):
        return value
    if isinstance(value, tuple) and all(type(each) in _PLAIN for each in value):
        return value
    return type(value), _pack(value)
