"""What a condition means for each type of field: from values as typed to a test of stored values.

A test takes what is stored in the field of one record (None where nothing is; of a map of parameters, the one
that is meant) and never raises, whatever shape the value has: one that does not fit the type of the field meets
only ``any``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain import dates, numbers
from app.domain.directory import Context
from app.domain.names import fold, natural_key, shorten, unknown
from app.domain.people import people_like, people_named
from app.domain.references import UnknownName, find_locations, find_person, statuses_matching
from app.domain.schema import Field, FieldType
from app.domain.values import parse
from app.query.ast import Literal, Op, Range, Special, SpecialValue, Value
from app.query.predicates import (
    WORDS,
    Among,
    Checked,
    Contains,
    Either,
    Empty,
    Equals,
    HasWords,
    Number,
    Opposite,
    Some,
    Spoken,
    Test,
    Within,
)
from sync.errors import SitebookError

_SAME = frozenset({Op.HAS, Op.EQUAL, Op.UNEQUAL})


class Conditions:
    """Builds tests for one project; ``warnings`` collects what can be answered but was hardly meant."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.warnings: list[str] = []

    def test(self, field: Field, op: Op, value: Value) -> Test:
        """The test of one value, of ``!=`` as if it were ``=``. Raises SitebookError for nonsense."""
        if isinstance(value, SpecialValue) and value.special is Special.ME:
            if field.shown_as not in (FieldType.PERSON, FieldType.PEOPLE):
                raise SitebookError(f"{field.typed_name} holds no people; “@me” cannot be asked for in it.")
            value = Literal(value.special.value, value.span)
        if isinstance(value, SpecialValue):
            if op not in _SAME:
                raise SitebookError(f"“{op.value}” cannot be followed by “{value.special.value}”.")
            present = value.special is Special.ANY
            if field.type is FieldType.CHOICE and value.special.value in field.choices and not present:
                return Empty(value.special.value)
            return Opposite(Empty()) if present else Empty()
        test = self._single(field, op, value)
        return Some(test) if field.many else test

    def _single(self, field: Field, op: Op, value: Literal | Range) -> Test:
        """A test of one element."""
        kind = field.shown_as
        if kind in _READERS:
            return self._ordered(field, op, value)
        if isinstance(value, Range) or op not in _SAME:
            if kind in WORDS:
                return self._ordered(field, op, value)
            sign = ".." if isinstance(value, Range) else op.value
            raise SitebookError(f"{field.typed_name} has no order; “{sign}” cannot be used with it.")
        if kind is FieldType.RICH and op is Op.HAS:
            return HasWords(value.text)
        if kind in WORDS:
            return text_test(value.text) if op is Op.HAS else _equals(value.text)
        if kind in (FieldType.CHOICE, FieldType.CHOICES):
            return self._choice(field, value)
        if kind is FieldType.LIST:
            return Some(_equals(value.text))
        if kind is FieldType.CHECKBOX:
            return Checked(parse(_free(field), value.text, self.context) is True)
        if kind is FieldType.PARAMETERS:
            return self._parameter(field, op, value)
        return self._records(field, op, value)

    # Types that have an order

    def _ordered(self, field: Field, op: Op, value: Literal | Range) -> Test:
        if isinstance(value, Range):
            low = None if value.low is None else self._read(field, value.low.text, op)[0]
            high = None if value.high is None else self._read(field, value.high.text, op)[1]
            if op not in _SAME:
                raise SitebookError(f"“{op.value}” takes one value and no range.")
        else:
            low, high = self._read(field, value.text, op)
            if op is Op.LESS:
                return Within(field, high=low, under=True, currency=self._currency(field, value.text))
            if op is Op.MORE:
                return Within(field, low=high, over=True, currency=self._currency(field, value.text))
            low = None if op is Op.AT_MOST else low
            high = None if op is Op.AT_LEAST else high
        source = value.text if isinstance(value, Literal) else _money_mark(value)
        return Within(field, low, high, currency=self._currency(field, source))

    def _currency(self, field: Field, text: str) -> str | None:
        """The currency that amounts must be in to be compared; None where a bare amount was typed."""
        if field.shown_as is not FieldType.MONEY or numbers.find_number(text) is not None:
            return None
        money = numbers.find_money(text, self.context.currency)
        return None if money is None else money[1]

    def _read(self, field: Field, text: str, op: Op) -> tuple[Any, Any]:
        """The first and the last key that a text means."""
        reader = _READERS.get(field.shown_as, _read_words)
        found = reader(field, text, op, self.context)
        if found is None:
            raise SitebookError(
                f"“{shorten(text)}” is not {_WHAT[field.shown_as]}, which {field.typed_name} needs."
            )
        return found

    # Types without

    def _choice(self, field: Field, value: Literal) -> Test:
        wanted = fold(value.text.strip())
        if field.choices and not field.open_choices and wanted not in map(fold, field.choices):
            raise SitebookError(unknown(field.typed_name, value.text, field.choices))
        return _equals(value.text)

    def _parameter(self, field: Field, op: Op, value: Literal) -> Test:
        if not field.key:
            raise SitebookError("Name the parameter itself, in quotes where it has spaces.")
        words = text_test(value.text) if op is Op.HAS else _equals(value.text)
        number = numbers.find_number(value.text)
        tests: list[Test] = [words, Spoken(words)]
        return Either((*tests, Number(number)) if number is not None else tuple(tests))

    def _records(self, field: Field, op: Op, value: Literal) -> Test:
        finder = {
            FieldType.PERSON: self._people,
            FieldType.PEOPLE: self._people,
            FieldType.STATUS: self._statuses,
            FieldType.LABELS: self._labels,
            FieldType.LOCATION: self._locations,
            FieldType.REFERENCE: self._references,
            FieldType.REFERENCES: self._references,
        }.get(field.type)
        if finder is None:
            raise SitebookError(f"{field.typed_name} can only be asked for as “any” or “none”.")
        wanted = finder(field, op, value.text)
        return Among(wanted)

    def _people(self, field: Field, op: Op, text: str) -> frozenset[bytes]:
        people = list(self.context.directory.people.values())
        found = people_named(text.strip().removeprefix("@"), people)
        if not found and op is Op.HAS and fold(text.strip()) != Special.ME.value:
            found = people_like(text.removeprefix("@"), people)
        return frozenset(each.id for each in found) or frozenset({find_person(text, self.context.directory)})

    def _statuses(self, field: Field, op: Op, text: str) -> frozenset[bytes]:
        found = statuses_matching(text, self.context.directory)
        if op is not Op.HAS:
            wanted = fold(text.strip())
            found = [each for each in found if fold(each.name) == wanted] or found
        if not found:
            names = [each.name for each in self.context.directory.statuses.values()]
            raise UnknownName(unknown("status", text, names), text)
        return frozenset(each.id for each in found)

    def _labels(self, field: Field, op: Op, text: str) -> frozenset[bytes]:
        labels = self.context.directory.labels.values()
        wanted = fold(text.strip())
        found = frozenset(each.id for each in labels if fold(each.name) == wanted)
        if not found:
            # No error: scripts ask for labels before anybody has made them.
            self.warnings.append(unknown("label", text, [each.name for each in labels]))
        return found

    def _locations(self, field: Field, op: Op, text: str) -> frozenset[bytes]:
        found = frozenset(each.id for each in find_locations(text, self.context.directory))
        if op is not Op.HAS:
            return found
        everywhere = self.context.directory.locations.values()
        return found | {each.id for each in everywhere if not found.isdisjoint(each.ancestors)}

    def _references(self, field: Field, op: Op, text: str) -> frozenset[bytes]:
        record = parse(_free(field), text, self.context)
        assert isinstance(record, bytes)
        return frozenset({record})


def _free(field: Field) -> Field:
    """The field as one that may be typed, for reading a value to compare with."""
    return replace(field, writable=True)


# Words


def _equals(text: str) -> Test:
    return Equals(fold(text.strip()))


def text_test(text: str) -> Test:
    """Whether a title or text contains these words, ignoring case and accents."""
    return Contains(fold(" ".join(text.split())))


# Order: a reader gives the first and the last key that a typed value means, a key that of a stored value.

_Reader = Callable[[Field, str, Op, Context], tuple[Any, Any] | None]


def _read_number(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    number = numbers.find_number(text.strip().removeprefix("#"), field.unit)
    return None if number is None else (number, number)


def _read_auto(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    number = parse(_free(field), text, context)
    return number, number


def _read_money(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    money = numbers.find_money(text, field.currency or context.currency)
    return None if money is None else (Decimal(money[0]), Decimal(money[0]))


def _read_date(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    days = dates.find_days(text, context.today)
    return None if days is None else (days[0].isoformat(), days[1].isoformat())


def _read_moment(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    days = dates.find_days(text, context.today)
    if days is not None:
        first = context.day_start(days[0].toordinal())
        # “changed>-1d” is since yesterday began, while “changed>2027-01-31” is after that day.
        exact = dates.is_relative(text) and op not in _SAME
        return first, first if exact else context.day_start(days[1].toordinal() + 1) - 1
    try:
        moment = dates.parse_moment(text, context.today, context.zone)
    except SitebookError:
        return None
    return moment, moment


def _read_words(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    return natural_key(text), natural_key(text)


_READERS: Mapping[FieldType, _Reader] = {
    FieldType.NUMBER: _read_number,
    FieldType.INTEGER: _read_number,
    FieldType.AUTO_NUMBER: _read_auto,
    FieldType.MONEY: _read_money,
    FieldType.DATE: _read_date,
    FieldType.MOMENT: _read_moment,
}
_WHAT = {
    FieldType.NUMBER: "a number",
    FieldType.INTEGER: "a whole number",
    FieldType.AUTO_NUMBER: "a number",
    FieldType.MONEY: "an amount of money",
    FieldType.DATE: "a date (2027-01-31, today, +7d, fri)",
    FieldType.MOMENT: "a date or a time (2027-01-31, today, -1d, 2027-01-31T14:30)",
}


def _money_mark(value: Range) -> str:
    """The end of a range that names a currency, if any does."""
    ends = [each.text for each in (value.low, value.high) if each is not None]
    return next((end for end in ends if numbers.find_number(end) is None), ends[0])
