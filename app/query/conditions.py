"""What a condition means for each type of field: from values as typed to a test of stored values.

A test takes what is stored in the field of one record (None where nothing is) and never raises, whatever
shape the value has: one that does not fit the type of the field meets only ``any``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.domain import dates, numbers
from app.domain.directory import Context
from app.domain.names import fold, natural_key, shorten, unknown
from app.domain.people import people_like, people_named
from app.domain.references import UnknownName, find_locations, find_person, statuses_matching
from app.domain.schema import Field, FieldType
from app.domain.values import parse, valid
from app.query.ast import Literal, Op, Range, Special, SpecialValue, Value
from app.query.steps import Contains, Test
from sync.errors import SitebookError

_SAME = frozenset({Op.HAS, Op.EQUAL, Op.UNEQUAL})
_EMPTY: tuple[object, ...] = (None, "", (), [])


def is_empty(value: object) -> bool:
    """Whether a field has nothing in it."""
    return value in _EMPTY


class Conditions:
    """Builds tests for one project; ``warnings`` collects what can be answered but was hardly meant."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.warnings: list[str] = []

    def test(self, field: Field, op: Op, value: Value) -> Test:
        """The test of one value, of ``!=`` as if it were ``=``. Raises SitebookError for nonsense."""
        if isinstance(value, SpecialValue) and value.special is Special.ME:
            if field.type not in (FieldType.PERSON, FieldType.PEOPLE):
                raise SitebookError(f"{field.typed_name} holds no people; “@me” cannot be asked for in it.")
            value = Literal(value.special.value, value.span)
        if isinstance(value, SpecialValue):
            if op not in _SAME:
                raise SitebookError(f"“{op.value}” cannot be followed by “{value.special.value}”.")
            present = value.special is Special.ANY
            if field.type is FieldType.CHOICE and value.special.value in field.choices and not present:
                return lambda stored: is_empty(stored) or stored == value.special.value
            return lambda stored: is_empty(_part(field, stored)) is not present
        test = self._single(field, op, value)
        if field.many:
            return lambda stored: isinstance(stored, tuple | list) and any(test(each) for each in stored)
        if field.key:
            return lambda stored: isinstance(stored, Mapping) and test(stored.get(field.key))
        return test

    def _single(self, field: Field, op: Op, value: Literal | Range) -> Test:
        """A test of one element."""
        kind = field.type
        if kind in _READERS:
            return self._ordered(field, op, value)
        if isinstance(value, Range) or op not in _SAME:
            if kind in _WORDS:
                return self._ordered(field, op, value)
            sign = ".." if isinstance(value, Range) else op.value
            raise SitebookError(f"{field.typed_name} has no order; “{sign}” cannot be used with it.")
        if kind in _WORDS:
            return _contains(value.text) if op is Op.HAS else _equals(value.text)
        if kind in (FieldType.CHOICE, FieldType.CHOICES):
            return self._choice(field, value)
        if kind is FieldType.LIST:
            test = _equals(value.text)
            return lambda stored: isinstance(stored, list | tuple) and any(test(each) for each in stored)
        if kind is FieldType.CHECKBOX:
            wanted = parse(_free(field), value.text, self.context) is True
            return lambda stored: (stored is True) is wanted
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
                return _below(_keys(field, self.context, value.text), low)
            if op is Op.MORE:
                return _above(_keys(field, self.context, value.text), high)
            low = None if op is Op.AT_MOST else low
            high = None if op is Op.AT_LEAST else high
        source = value.text if isinstance(value, Literal) else _money_mark(value)
        return _between(_keys(field, self.context, source), low, high)

    def _read(self, field: Field, text: str, op: Op) -> tuple[Any, Any]:
        """The first and the last key that a text means."""
        reader = _READERS.get(field.type, _read_words)
        found = reader(field, text, op, self.context)
        if found is None:
            raise SitebookError(
                f"“{shorten(text)}” is not {_WHAT[field.type]}, which {field.typed_name} needs."
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
        number = numbers.find_number(value.text)
        words = _contains(value.text) if op is Op.HAS else _equals(value.text)

        def test(stored: object) -> bool:
            if isinstance(stored, bool):
                return words("yes" if stored else "no") or words("true" if stored else "false")
            return stored == number if numbers.is_number(stored) else words(stored)

        return test

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
        # A value of a wrong shape may not be hashable.
        return lambda stored: isinstance(stored, bytes) and stored in wanted

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
    return field if field.writable else Field(field.name, field.type, field.title, field.many, field.target)


def _part(field: Field, stored: object) -> object:
    return stored.get(field.key) if field.key and isinstance(stored, Mapping) else stored


# Words


def _contains(text: str) -> Test:
    return Contains(fold(" ".join(text.split())))


def _equals(text: str) -> Test:
    wanted = fold(text.strip())
    return lambda stored: isinstance(stored, str) and fold(stored.strip()) == wanted


def text_test(text: str) -> Test:
    """Whether a title or text contains these words, ignoring case and accents."""
    return _contains(text)


# Order: a reader gives the first and the last key that a typed value means, a key that of a stored value.

_Reader = Callable[[Field, str, Op, Context], tuple[Any, Any] | None]


def _read_number(field: Field, text: str, op: Op, context: Context) -> tuple[Any, Any] | None:
    number = numbers.find_number(text.strip().removeprefix("#"), field.unit)
    return None if number is None else (number, number)


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
    FieldType.MONEY: _read_money,
    FieldType.DATE: _read_date,
    FieldType.MOMENT: _read_moment,
}
_WORDS = frozenset({FieldType.TEXT, FieldType.RICH, FieldType.LINK, FieldType.PHONE, FieldType.EMAIL})
_WHAT = {
    FieldType.NUMBER: "a number",
    FieldType.INTEGER: "a whole number",
    FieldType.MONEY: "an amount of money",
    FieldType.DATE: "a date (2027-01-31, today, +7d, fri)",
    FieldType.MOMENT: "a date or a time (2027-01-31, today, -1d, 2027-01-31T14:30)",
}


def _money_mark(value: Range) -> str:
    """The end of a range that names a currency, if any does."""
    ends = [each.text for each in (value.low, value.high) if each is not None]
    return next((end for end in ends if numbers.find_number(end) is None), ends[0])


def _keys(field: Field, context: Context, text: str) -> Callable[[object], Any]:
    """What gives the place of a stored value in the order of its type, None where it has none."""
    if field.type is FieldType.MONEY:
        # A bare amount is compared with amounts in any currency, one with a currency only with its own.
        money = None if numbers.find_number(text) is not None else numbers.find_money(text, context.currency)
        currency = None if money is None else money[1]

        def amount(stored: object) -> Decimal | None:
            if not isinstance(stored, list | tuple) or not numbers.is_money(stored):
                return None
            return numbers.amount_of(stored[0]) if currency in (None, stored[1]) else None

        return amount
    if field.type in _WORDS:
        return lambda stored: natural_key(stored) if isinstance(stored, str) and stored else None
    return lambda stored: stored if valid(field, stored) else None


def _below(key: Callable[[object], Any], bound: Any) -> Test:
    return lambda stored: (place := key(stored)) is not None and bool(place < bound)


def _above(key: Callable[[object], Any], bound: Any) -> Test:
    return lambda stored: (place := key(stored)) is not None and bool(place > bound)


def _between(key: Callable[[object], Any], low: Any, high: Any) -> Test:
    def test(stored: object) -> bool:
        place = key(stored)
        return place is not None and (low is None or place >= low) and (high is None or place <= high)

    return test
