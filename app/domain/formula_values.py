"""The values that formulas work with, and how stored values become such values and results become stored ones.

Numbers are exact decimals of 28 digits; an empty value is None; a field with many values is a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, DivisionByZero, InvalidOperation, Overflow
from decimal import Context as DecimalContext
from enum import StrEnum

from app.domain import dates, numbers
from app.domain.date_words import FIRST_YEAR
from app.domain.directory import Context
from app.domain.fieldtypes import FieldType
from app.domain.names import shorten
from app.domain.shape import Field

EXACT = DecimalContext(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=-99_999,
    Emax=99_999,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""The arithmetic of formulas: 28 digits, and an exception instead of an infinity."""
LONGEST_TEXT = 100_000
"""A longer text ends a formula with a message, so that texts cannot be multiplied without an end."""
DAY_MS = 86_400_000
_DIGITS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Type(StrEnum):
    """What a part of a formula gives; the value of the enum is how a sentence calls it."""

    NUMBER = "a number"
    MONEY = "an amount of money"
    TEXT = "text"
    DATE = "a date"
    MOMENT = "a date and time"
    CHECK = "yes or no"
    SPAN = "a length of time"
    EMPTY = "nothing"
    ANY = "one of several types"
    """Known only when the formula runs."""


@dataclass(frozen=True, slots=True)
class FormulaError:
    """The value of a formula that has none: ``message`` is shown in the cell. ``span`` is where in the text."""

    message: str
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        """The message."""
        return self.message


class Failed(Exception):
    """A part of a formula has no value; it becomes a FormulaError, or what ``iferror`` puts in its place."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; an empty currency goes with every other."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """Milliseconds since 1970-01-01 UTC."""

    ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: months, which differ in length, then days, then milliseconds."""

    months: int = 0
    days: int = 0
    ms: int = 0


def type_of(value: object) -> Type:
    """The type of a value that is not a tuple."""
    return _TYPES[type(value)]


_TYPES: dict[type, Type] = {
    type(None): Type.EMPTY,
    bool: Type.CHECK,
    Decimal: Type.NUMBER,
    str: Type.TEXT,
    Money: Type.MONEY,
    date: Type.DATE,
    Moment: Type.MOMENT,
    Span: Type.SPAN,
}

Reader = Callable[[object, Context], object]


def decimal_of(value: object) -> Decimal | None:
    """A stored number as the decimal that it is written as; None for what is no number."""
    if not numbers.is_number(value):
        return None
    return EXACT.create_decimal(repr(value))


def _number(value: object, context: Context) -> object:
    return decimal_of(value)


def _money(value: object, context: Context) -> object:
    if not numbers.is_money(value):
        return None
    assert isinstance(value, list | tuple)
    return Money(Decimal(str(value[0])), str(value[1]))


def _date(value: object, context: Context) -> object:
    return date.fromisoformat(value) if isinstance(value, str) and dates.is_date(value) else None


def _moment(value: object, context: Context) -> object:
    return Moment(value) if isinstance(value, int) and dates.is_moment(value) else None


def _check(value: object, context: Context) -> object:
    return value is True


_READERS: dict[FieldType, tuple[Type, Reader]] = {
    FieldType.NUMBER: (Type.NUMBER, _number),
    FieldType.INTEGER: (Type.NUMBER, _number),
    FieldType.MONEY: (Type.MONEY, _money),
    FieldType.DATE: (Type.DATE, _date),
    FieldType.MOMENT: (Type.MOMENT, _moment),
    FieldType.CHECKBOX: (Type.CHECK, _check),
}


def field_type(field: Field) -> Type:
    """The type of the values that a field has in a formula."""
    if field.shown_as is FieldType.FORMULA:  # one that cannot be read itself
        return Type.ANY
    return _READERS[field.shown_as][0] if field.shown_as in _READERS else Type.TEXT


def field_reader(field: Field) -> Reader:
    """How stored values of a field become values of a formula.

    What has no type of its own here, such as people and statuses, is the text that a cell shows. A value of
    a shape that the field does not have counts as empty, as that text, or as no.
    """
    one = _READERS[field.shown_as][1] if field.shown_as in _READERS else _shown(field)

    def read(value: object, context: Context) -> object:
        if isinstance(value, FormulaError):
            raise Failed(value.message)
        if field.many:
            listed = value if isinstance(value, list | tuple) else () if value is None else (value,)
            found = (one(each, context) for each in listed)
            return tuple(each for each in found if each is not None)
        return one(value, context)

    return read


def _shown(field: Field) -> Reader:
    from app.domain.values import display  # values themselves know of formulas

    single = replace(field, many=False)

    def read(value: object, context: Context) -> object:
        return value or None if isinstance(value, str) else display(single, value, context) or None

    return read


def text_of(value: object, context: Context) -> str:
    """A value as text; an empty one is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Money):
        return numbers.money_text(f"{value.amount:f}", value.currency)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Moment):
        return dates.moment_local(value.ms, context.zone)
    if isinstance(value, Span):
        return _span_text(value)
    assert isinstance(value, tuple)
    return ", ".join(text_of(each, context) for each in value)


def decimal_text(value: Decimal) -> str:
    """At most twelve digits behind the point; an exponent only where there would be very many before it."""
    if value and value.adjusted() > 40:
        return str(value.normalize(EXACT))
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DIGITS and value.adjusted() < 28 - _DIGITS:
        value = value.quantize(Decimal(1).scaleb(-_DIGITS), context=EXACT)
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _span_text(span: Span) -> str:
    hours = Decimal(span.ms) / 3_600_000
    parts = [(Decimal(span.months), "month"), (Decimal(span.days), "day"), (hours, "hour")]
    said = [f"{decimal_text(count)} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return ", ".join(said) or "0 days"


_RESULTS = {
    Type.NUMBER: FieldType.NUMBER,
    Type.MONEY: FieldType.MONEY,
    Type.DATE: FieldType.DATE,
    Type.MOMENT: FieldType.MOMENT,
    Type.CHECK: FieldType.CHECKBOX,
}


def result_type(type: Type, many: bool) -> FieldType:
    """The type of field that shows what a formula gives; text where it is one of several."""
    return FieldType.TEXT if many else _RESULTS.get(type, FieldType.TEXT)


def stored(value: object, result: FieldType, context: Context) -> object:
    """A result in the shape in which a field of type ``result`` stores it. Raises Failed."""
    if value is None or value == ():
        return None
    if result is FieldType.TEXT:
        return checked(text_of(value, context)) or None
    if isinstance(value, Decimal) and result is FieldType.NUMBER:
        return _plain_number(value)
    if isinstance(value, Money | Decimal) and result is FieldType.MONEY:
        money = value if isinstance(value, Money) else Money(value, context.currency)
        if money.amount and money.amount.adjusted() > 24:
            raise Failed("The amount is beyond what an amount of money can be.")
        return [decimal_text(money.amount), money.currency]
    if isinstance(value, bool) and result is FieldType.CHECKBOX:
        return value
    if isinstance(value, date) and result is FieldType.DATE:
        return day(value).isoformat()
    if isinstance(value, Moment) and result is FieldType.MOMENT:
        return value.ms
    raise Failed(f"The formula gives {type_of(value)} here, and {result} elsewhere.")


def _plain_number(value: Decimal) -> int | float:
    if value == value.to_integral_value() and abs(value) < 1 << 62:
        return int(value)
    number = float(value)
    if not numbers.is_number(number):
        raise Failed("The number is too large.")
    return number


def checked(text: str) -> str:
    """A text that is not too long. Raises Failed."""
    if len(text) > LONGEST_TEXT:
        raise too_long()
    return text


def too_long() -> Failed:
    """Why a formula gives no text: there is no room for it."""
    return Failed(f"The text becomes longer than {LONGEST_TEXT} characters.")


def day(value: date) -> date:
    """A date that can be stored. Raises Failed."""
    if value.year < FIRST_YEAR:
        raise Failed(f"The date is before the year {FIRST_YEAR}.")
    return value


def moment(ms: int) -> Moment:
    """A moment that can be stored. Raises Failed."""
    if not dates.is_moment(ms):
        raise Failed("The date is outside the years 1 to 9999.")
    return Moment(ms)


def first_moment(value: date, context: Context) -> Moment:
    """The moment at which a day begins here."""
    return Moment(context.day_start(value.toordinal()))


def day_of(value: Moment, context: Context) -> date:
    """The day of a moment here."""
    try:
        return (_EPOCH + timedelta(milliseconds=value.ms)).astimezone(context.zone).date()
    except (OverflowError, ValueError) as error:
        raise Failed("The date is outside the years 1 to 9999.") from error


def named(value: object, context: Context) -> str:
    """A value in a sentence."""
    return shorten(text_of(value, context), 40)
