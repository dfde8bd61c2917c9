"""Tests of what is stored in a field.

A test never raises, whatever shape a value has. Tests are plain data, two of the same are equal, so that what one
found can be kept; over columns they are answered for many values at once (``app.query.masks``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.domain import numbers
from app.domain.formula_values import FormulaError
from app.domain.names import fold, natural_key
from app.domain.schema import Field, FieldType
from app.domain.values import valid
from app.store.words import Words

Test = Callable[[object], bool]

WORDS = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.RICH,
        FieldType.LINK,
        FieldType.PHONE,
        FieldType.EMAIL,
        FieldType.BARCODE,
    }
)
"""The types that hold words."""
_LONGEST_KEY = 4_000
"""Words are compared by so many of their first characters: a text of a megabyte has no other place for the rest."""


def is_empty(value: object) -> bool:
    """Whether a field has nothing in it."""
    return value is None or value == "" or value == () or value == []


@lru_cache(maxsize=64)
def _words(typed: str) -> Words:
    return Words.read('"' + typed.replace('"', " "))


@dataclass(frozen=True, slots=True)
class HasWords:
    """A long text has words, as searching has it: each found by its beginning, one after the other.

    So an index of words answers the same (``app.store.words``).
    """

    typed: str

    @property
    def words(self) -> Words:
        """What is looked for: one word, or several that follow one another."""
        return _words(self.typed)

    def __call__(self, stored: object) -> bool:
        """Whether one text has them."""
        words = _words(self.typed)
        return bool(words) and isinstance(stored, str) and words.matches(stored)


@dataclass(frozen=True, slots=True)
class Contains:
    """A text contains folded words."""

    wanted: str

    def __call__(self, stored: object) -> bool:
        """Whether one text does."""
        return isinstance(stored, str) and self.wanted in fold(stored)


@dataclass(frozen=True, slots=True)
class Equals:
    """A text is another, but for case, accents and the spaces around it."""

    wanted: str

    def __call__(self, stored: object) -> bool:
        """Whether one text is."""
        return isinstance(stored, str) and fold(stored.strip()) == self.wanted


@dataclass(frozen=True, slots=True)
class Among:
    """An id is one of some records."""

    wanted: frozenset[bytes]

    def __call__(self, stored: object) -> bool:
        """Whether one value is; one of a wrong shape may not be hashable."""
        return isinstance(stored, bytes) and stored in self.wanted


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing stands in a field; ``choice`` is a value that means the same."""

    choice: str | None = None

    def __call__(self, stored: object) -> bool:
        """Whether a field is empty."""
        return is_empty(stored) or (self.choice is not None and stored == self.choice)


@dataclass(frozen=True, slots=True)
class Checked:
    """A box is checked, or is not."""

    wanted: bool = True

    def __call__(self, stored: object) -> bool:
        """Whether a box is as wanted."""
        return (stored is True) is self.wanted


@dataclass(frozen=True, slots=True)
class Number:
    """A value is this number."""

    wanted: int | float

    def __call__(self, stored: object) -> bool:
        """Whether one value is."""
        return numbers.is_number(stored) and stored == self.wanted


@dataclass(frozen=True, slots=True)
class Spoken:
    """A box of a parameter is what a word says: yes, no, true, false."""

    word: Test

    def __call__(self, stored: object) -> bool:
        """Whether one value is."""
        if not isinstance(stored, bool):
            return False
        return self.word("yes" if stored else "no") or self.word("true" if stored else "false")


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of several tests is met."""

    tests: tuple[Test, ...]

    def __call__(self, stored: object) -> bool:
        """Whether one value meets any."""
        return any(test(stored) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Opposite:
    """A test is not met."""

    test: Test

    def __call__(self, stored: object) -> bool:
        """Whether one value does not meet it."""
        return not self.test(stored)


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the values of a field that holds many meets a test."""

    test: Test

    def __call__(self, stored: object) -> bool:
        """Whether any does."""
        return isinstance(stored, tuple | list) and any(self.test(each) for each in stored)


@dataclass(frozen=True, slots=True)
class Within:
    """A value lies between two places in the order of its type, of which either may be open.

    ``over`` and ``under`` say that the ends themselves do not count. With a ``currency``, only amounts in it
    are compared.
    """

    field: Field
    low: Any = None
    high: Any = None
    over: bool = False
    under: bool = False
    currency: str | None = None

    def __call__(self, stored: object) -> bool:
        """Whether one value does; what has no place in the order does not."""
        place = self.place(stored)
        if place is None:
            return False
        if self.low is not None and (place <= self.low if self.over else place < self.low):
            return False
        return self.high is None or bool(place < self.high if self.under else place <= self.high)

    def place(self, stored: object) -> Any:
        """The place of a value in the order of its type; None where it has none."""
        kind = self.field.shown_as
        if kind is FieldType.MONEY:
            return self._amount(stored)
        if kind in WORDS:
            return natural_key(stored[:_LONGEST_KEY]) if isinstance(stored, str) and stored else None
        fits = valid(self.field, stored) and not isinstance(stored, FormulaError)
        return stored if fits else None

    def _amount(self, stored: object) -> Decimal | None:
        if not isinstance(stored, list | tuple) or not numbers.is_money(stored):
            return None
        return numbers.amount_of(stored[0]) if self.currency in (None, stored[1]) else None
