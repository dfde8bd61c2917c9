"""Showing what is worked out: auto-numbers over the number of an issue, and the results of formulas."""

from __future__ import annotations

import re

from app.domain import numbers
from app.domain.codecs import Codec, IntegerCodec
from app.domain.directory import Context
from app.domain.formula_values import FormulaError
from app.domain.names import fold, shorten
from app.domain.shape import Field
from sync.errors import SitebookError

_PLACES = re.compile("#+")
_USUAL = 4
_DECIMALS = 6
"""Digits behind the point in a cell; the value keeps all."""


def auto_number(pattern: str, number: int) -> str:
    """Write a number in a pattern: ``DEF-`` or ``DEF-####`` makes ``DEF-0042``; without a pattern ``0042``."""
    match = _PLACES.search(pattern)
    if match is None:
        return f"{pattern}{number:0{_USUAL}d}"
    return f"{pattern[: match.start()]}{number:0{len(match[0])}d}{pattern[match.end() :]}"


class AutoNumberCodec(IntegerCodec):
    """The number of the record, in the pattern of the field."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read ``DEF-0042`` or ``42``. Raises SitebookError."""
        written = fold(text.strip())
        for digits in re.findall("[0-9]{1,18}", text):
            if written in (fold(auto_number(field.prefix, int(digits))), digits.lstrip("0"), digits):
                return int(digits)
        raise SitebookError(
            f"“{shorten(text)}” is not such a number; write it as {auto_number(field.prefix, 42)} or 42."
        )

    def text(self, field: Field, value: object, context: Context) -> str:
        """In the pattern."""
        assert isinstance(value, int)
        return auto_number(field.prefix, value)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """In the pattern."""
        return self.text(field, value, context)

    def json(self, field: Field, value: object, context: Context) -> object:
        """In the pattern."""
        return self.text(field, value, context)


class FormulaCodec(Codec):
    """The result of a formula, as a field of its type shows it; one that failed is its message."""

    def __init__(self, inner: Codec) -> None:
        """``inner`` is the codec of the type that the formula gives."""
        self._inner = inner

    def fits(self, value: object) -> bool:
        """Results of the type, and failures."""
        return isinstance(value, FormulaError) or self._inner.fits(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read a value to compare results with. Raises SitebookError."""
        return self._inner.parse(field, text, context)

    def text(self, field: Field, value: object, context: Context) -> str:
        """The result in full."""
        if isinstance(value, FormulaError):
            return value.message
        return self._inner.text(field, value, context)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """The result with no more digits than a cell has use for."""
        if isinstance(value, FormulaError):
            return value.message
        if isinstance(value, float):
            value = round(value, _DECIMALS)
        elif numbers.is_money(value):
            assert isinstance(value, list | tuple)
            value = numbers.rounded_money(str(value[0]), str(value[1]))
        return self._inner.shown(field, value, context)

    def json(self, field: Field, value: object, context: Context) -> object:
        """The result, or an object that holds the message."""
        if isinstance(value, FormulaError):
            return {"error": value.message}
        return self._inner.json(field, value, context)

    def key(self, field: Field, value: object, context: Context) -> object:
        """As the results sort; failures behind them."""
        if isinstance(value, FormulaError):
            return 1, value.message
        return 0, self._inner.key(field, value, context)
