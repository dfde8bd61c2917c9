"""How each type of field reads text, checks what is stored, and shows it: the types that stand on their own.

========== ==========================================================================================
text       text (also choice, link, phone, email: text that is checked when it is typed)
number     integer or float
money      ``[amount, currency]``: decimal text without exponent, ISO 4217 code or empty
date       ``YYYY-MM-DD``
moment     milliseconds since 1970-01-01 UTC
checkbox   true or false
coordinates ``[latitude, longitude]`` in degrees, WGS 84
list       array of texts
parameters map from name to text, number, or true or false
========== ==========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from app.domain import dates, numbers
from app.domain.directory import Context
from app.domain.lists import join_list, split_list
from app.domain.names import fold, listing, shorten, unknown
from app.domain.schema import Field
from app.domain.units import converted, related_units, split_unit
from sync.errors import SitebookError

_YES = frozenset({"yes", "true", "on", "1", "y", "x", "✓"})
_NO = frozenset({"no", "false", "off", "0", "n"})
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "file"})
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")
_DEEPEST = 4


def plain(value: object, depth: int = 0) -> str:
    """Any value as text, for what came in a shape that its field does not have. Never raises."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return shorten(value.hex())
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return shorten(", ".join([plain(each, depth + 1) for each in list(value)[:20]]), 200)
    if depth < _DEEPEST and isinstance(value, Mapping):
        parts = [
            f"{plain(key, depth + 1)}: {plain(each, depth + 1)}" for key, each in list(value.items())[:20]
        ]
        return shorten(", ".join(parts), 200)
    return "…" if depth >= _DEEPEST else shorten(repr(value), 200)


class Codec:
    """What one type of field does with values; this base is that of text.

    ``text``, ``shown``, ``json`` and ``key`` are only asked about values that ``fits`` accepts. ``text``
    reads back as the same value; ``shown`` is for a cell; ``key`` has the order that people expect.
    """

    def fits(self, value: object) -> bool:
        """Whether a stored value has the shape of this type."""
        return isinstance(value, str)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read what a person typed, which is not blank. Raises SitebookError."""
        return text

    def text(self, field: Field, value: object, context: Context) -> str:
        """Write a value so that ``parse`` reads it back."""
        return str(value)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """Write a value for people, in one line."""
        return shorten(self.text(field, value, context), 400)

    def json(self, field: Field, value: object, context: Context) -> object:
        """A value for JSON."""
        return self.text(field, value, context)

    def key(self, field: Field, value: object, context: Context) -> object:
        """A key to sort by, comparable with those of other values of the same field."""
        return context.collate(self.text(field, value, context)[:400])


class ChoiceCodec(Codec):
    """Text out of a list, which may be open; it sorts in the order of the list."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError for what a closed list does not have."""
        wanted = fold(text.strip())
        for choice in field.choices:
            if fold(choice.strip()) == wanted:
                return choice
        if field.open_choices:
            return text.strip()
        raise SitebookError(unknown(f"{field.typed_name}", text, field.choices))

    def key(self, field: Field, value: object, context: Context) -> object:
        """The place in the list, then the text."""
        place = field.choices.index(value) if value in field.choices else len(field.choices)
        return place, context.collate(str(value)[:400])


class BarcodeCodec(Codec):
    """What a scanner reads: one line, without the spaces and the line end around it."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        code = text.strip()
        if len(code) > 500 or not code.isprintable():
            raise SitebookError(
                f"“{shorten(text)}” is not a barcode: it takes one line of at most 500 characters."
            )
        return code


class LinkCodec(Codec):
    """An address that can be opened: only schemes that cannot run a program."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Put ``https://`` before an address without scheme. Raises SitebookError."""
        address = text.strip()
        try:
            scheme = urlsplit(address).scheme.lower()
        except ValueError as error:
            raise SitebookError(f"“{shorten(text)}” is not a link.") from error
        if scheme in _LINK_SCHEMES:
            return address
        host = address.split("/")[0]
        if any(character.isspace() for character in address) or not ("." in host or ":" in host):
            raise SitebookError(f"“{shorten(text)}” is not a link; write it as https://example.com.")
        if scheme and not host.rpartition(":")[2].isdigit():
            raise SitebookError(f"Links of the kind “{scheme}:” cannot be opened; use https.")
        return f"https://{address}"


class EmailCodec(Codec):
    """A mail address."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        if _EMAIL.fullmatch(text.strip()) is None:
            raise SitebookError(f"“{shorten(text)}” is not a mail address; write it as name@example.com.")
        return text.strip()


class PhoneCodec(Codec):
    """A telephone number, kept as it was typed."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError where there is no digit."""
        if not any(character.isdigit() for character in text):
            raise SitebookError(f"“{shorten(text)}” is not a telephone number: it has no digits.")
        return text.strip()


def _measured(field: Field, text: str) -> int | float:
    """Read a number with another unit than that of its field, which it is made into. Raises SitebookError."""
    measure = split_unit(text)
    plain = None if measure is None else numbers.find_number(measure[0])
    if measure is None or plain is None:
        unit = f", in {field.unit}" if field.unit else ""
        raise SitebookError(f"“{shorten(text)}” is not a number; write it as 1200.5{unit}.")
    if not field.unit:
        raise SitebookError(f"{field.title} has no unit; write “{shorten(text)}” as {measure[0].strip()}.")
    found = converted(Decimal(repr(plain)), measure[1], field.unit)
    if found is None:
        others = [field.unit, *related_units(field.unit)]
        raise SitebookError(
            f"“{shorten(measure[1], 20)}” cannot be made into {field.unit}; {field.title} takes {listing(others)}."
        )
    return int(found) if found == found.to_integral_value() and abs(found) < 1 << 62 else float(found)


class NumberCodec(Codec):
    """A number, with the unit of its field."""

    def fits(self, value: object) -> bool:
        """Finite numbers."""
        return numbers.is_number(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        number = numbers.find_number(text, field.unit)
        return _measured(field, text) if number is None else number

    def text(self, field: Field, value: object, context: Context) -> str:
        """Without the unit."""
        assert isinstance(value, int | float)
        return numbers.number_text(value)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """With the unit."""
        written = self.text(field, value, context)
        return f"{written} {field.unit}" if field.unit else written

    def json(self, field: Field, value: object, context: Context) -> object:
        """The number itself."""
        return value

    def key(self, field: Field, value: object, context: Context) -> object:
        """The number itself."""
        return value


class IntegerCodec(NumberCodec):
    """A whole number that the program gives."""

    def fits(self, value: object) -> bool:
        """Integers."""
        return isinstance(value, int) and not isinstance(value, bool)


class MoneyCodec(Codec):
    """An amount and its currency."""

    def fits(self, value: object) -> bool:
        """``[amount, currency]``."""
        return numbers.is_money(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """In the field's or the project's currency where none is said. Raises SitebookError."""
        money = numbers.find_money(text, field.currency or context.currency)
        if money is None:
            raise SitebookError(
                f"“{shorten(text)}” is not an amount of money; write it as GBP 4200.00 or 4200."
            )
        return list(money)

    def text(self, field: Field, value: object, context: Context) -> str:
        """``GBP 4200.00``."""
        assert isinstance(value, list | tuple)
        return numbers.money_text(str(value[0]), str(value[1]))

    def shown(self, field: Field, value: object, context: Context) -> str:
        """``GBP 4,200.00``."""
        assert isinstance(value, list | tuple)
        return numbers.money_text(str(value[0]), str(value[1]), grouped=True)

    def key(self, field: Field, value: object, context: Context) -> object:
        """By currency, then by amount."""
        assert isinstance(value, list | tuple)
        return str(value[1]), numbers.amount_of(value[0])


class DateCodec(Codec):
    """A calendar date."""

    def fits(self, value: object) -> bool:
        """``YYYY-MM-DD``."""
        return dates.is_date(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        return dates.parse_date(text, context.today)

    def key(self, field: Field, value: object, context: Context) -> object:
        """ISO dates sort as text."""
        return value


class MomentCodec(Codec):
    """A moment, shown in the device's time zone."""

    def fits(self, value: object) -> bool:
        """Milliseconds within the years 1 to 9999."""
        return dates.is_moment(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        return dates.parse_moment(text, context.today, context.zone)

    def text(self, field: Field, value: object, context: Context) -> str:
        """ISO 8601, UTC."""
        assert isinstance(value, int)
        return dates.moment_iso(value)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """To the minute, local."""
        assert isinstance(value, int)
        return dates.moment_local(value, context.zone)

    def key(self, field: Field, value: object, context: Context) -> object:
        """The milliseconds."""
        return value


class CheckboxCodec(Codec):
    """Yes or no."""

    def fits(self, value: object) -> bool:
        """True or false."""
        return isinstance(value, bool)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Raises SitebookError."""
        word = fold(text.strip())
        if word not in _YES and word not in _NO:
            raise SitebookError(f"“{shorten(text)}” is neither yes nor no.")
        return word in _YES

    def text(self, field: Field, value: object, context: Context) -> str:
        """``yes`` or ``no``."""
        return "yes" if value else "no"

    def json(self, field: Field, value: object, context: Context) -> object:
        """True or false."""
        return value

    def key(self, field: Field, value: object, context: Context) -> object:
        """No before yes."""
        return value


class ListCodec(Codec):
    """A few texts in one value."""

    def fits(self, value: object) -> bool:
        """An array of texts."""
        return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Texts with commas between; one that has a comma itself stands in quotes. Raises SitebookError."""
        return split_list(text)

    def text(self, field: Field, value: object, context: Context) -> str:
        """``a, b, "c, d"``."""
        assert isinstance(value, list | tuple)
        return join_list([str(each) for each in value])

    def json(self, field: Field, value: object, context: Context) -> object:
        """The texts."""
        assert isinstance(value, list | tuple)
        return list(value)


class ParametersCodec(Codec):
    """Properties that came from outside; with ``field.key``, one of them."""

    def fits(self, value: object) -> bool:
        """A map, or one value out of it."""
        return isinstance(value, Mapping | str | int | float)

    def text(self, field: Field, value: object, context: Context) -> str:
        """A value as it is, a map as ``name: value``."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return numbers.number_text(value) if isinstance(value, int | float) else plain(value)

    def json(self, field: Field, value: object, context: Context) -> object:
        """The map or the value."""
        if isinstance(value, Mapping):
            return {str(key): self.json(field, each, context) for key, each in value.items()}
        return value if isinstance(value, str | bool) or numbers.is_number(value) else plain(value)

    def key(self, field: Field, value: object, context: Context) -> object:
        """Numbers before texts."""
        if numbers.is_number(value):
            return 0, value, ""
        return 1, 0, context.collate(self.text(field, value, context)[:400])
