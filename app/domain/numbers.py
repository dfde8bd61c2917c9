"""Reading and writing numbers and money.

A number is stored as an integer or a float; money as ``[amount, currency]``, both texts: the amount a decimal
without exponent, the currency a code of ISO 4217, or empty where the project names none.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from app.domain.currencies import CURRENCIES
from app.domain.names import shorten
from sync.errors import SitebookError

_SPACES = re.compile("(?<=[0-9])[\\s'’\u00a0\u2009\u202f_](?=[0-9]{3}(?![0-9]))")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_GROUPED_DOTS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_LONGEST = 60
_MAX_INTEGER = (1 << 63) - 1

_SYMBOLS = {
    "£": "GBP",
    "€": "EUR",
    "$": "USD",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "₦": "NGN",
    "₱": "PHP",
    "zł": "PLN",
}
# Signs that several currencies share mean the project's own where that is one of them.
_SHARED = {
    "$": frozenset({"USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "BRL", "CLP", "COP", "ARS"}),
    "¥": frozenset({"JPY", "CNY"}),
    "£": frozenset({"GBP", "EGP", "GIP"}),
}
_NO_MINOR = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
_THREE_MINOR = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_CODE = re.compile(r"[A-Za-z]{3}")
_MONEY = re.compile(r"([+-]?)\s*([^\d\s+.,-]{0,3})\s*([+-]?)\s*([\d.,\s'’]+)\s*(\D{0,3})")


def _normal(text: str) -> str | None:
    """The number in a text as plain digits with a point; None where there is none."""
    text = _SPACES.sub("", text.strip().replace("−", "-"))
    if len(text) > _LONGEST or not text.isascii():
        return None
    if _PLAIN.fullmatch(text):
        return text
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if _GROUPED_DOTS.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return None


def find_number(text: str, unit: str = "") -> int | float | None:
    """Read ``1200.5``, ``1,200.5``, ``1 200,5`` or ``60 min`` (where ``min`` is the unit); else None."""
    text = text.strip()
    if unit and text.lower().endswith(unit.lower()):
        text = text[: len(text) - len(unit)]
    plain = _normal(text)
    if plain is None:
        return None
    if plain.lstrip("+-").isdigit():
        whole = int(plain)
        return whole if -_MAX_INTEGER <= whole <= _MAX_INTEGER else float(whole)
    number = float(plain)
    return number if math.isfinite(number) else None


def is_number(value: object) -> bool:
    """Whether a stored value is a number that can be compared."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number_text(value: float) -> str:
    """Write a number so that it reads back equal, whole ones without a fraction."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def find_money(text: str, currency: str) -> tuple[str, str] | None:
    """Read ``GBP 4200.00``, ``£4,200``, ``4.200,00 €``, or ``4200``, then in ``currency``; else None."""
    if len(text) > _LONGEST:
        return None
    match = _MONEY.fullmatch(text.strip().replace("−", "-"))
    if match is None or (match[1] and match[3]) or (match[2] and match[5].strip()):
        return None
    code = _currency(match[2] or match[5].strip(), currency)
    plain = _normal(match[4])
    if code is None or plain is None:
        return None
    amount = amount_of(match[1] + match[3] + plain)
    return None if amount is None else (f"{amount:f}", code)


def _currency(mark: str, default: str) -> str | None:
    if not mark:
        return default
    if default in _SHARED.get(mark, ()):
        return default
    if mark.lower() in _SYMBOLS:
        return _SYMBOLS[mark.lower()]
    return mark.upper() if mark.upper() in CURRENCIES else None


def amount_of(text: object) -> Decimal | None:
    """The amount of a stored money value; None where it is not a decimal of a sensible size."""
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and -12 <= amount.adjusted() <= 24 else None


def is_money(value: object) -> bool:
    """Whether a stored value is ``[amount, currency]``."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and amount_of(value[0]) is not None
        and isinstance(value[1], str)
        and (value[1] == "" or _CODE.fullmatch(value[1]) is not None)
    )


def _minor(currency: str) -> int:
    """How many digits a currency has behind the point."""
    return 0 if currency in _NO_MINOR else 3 if currency in _THREE_MINOR else 2


def rounded_money(amount: str, currency: str) -> list[str]:
    """A stored money value, rounded to what the currency has coins for."""
    number = Decimal(amount)
    digits = Decimal(1).scaleb(-_minor(currency))
    if number.adjusted() < 24 and number != number.quantize(digits):
        number = number.quantize(digits, rounding=ROUND_HALF_UP)
    return [f"{number:f}", currency]


def money_text(amount: str, currency: str, *, grouped: bool = False) -> str:
    """Write money as ``GBP 4200.00``, with at least the digits that the currency has after the point."""
    number = Decimal(amount)
    exponent = number.as_tuple().exponent
    digits = max(_minor(currency), -exponent if isinstance(exponent, int) else 0)
    written = f"{number:,.{digits}f}" if grouped else f"{number:.{digits}f}"
    return f"{currency} {written}" if currency else written


def parse_currency(text: str) -> str:
    """Read a code of ISO 4217 or a currency sign. Raises SitebookError."""
    code = _currency(text.strip(), "")
    if code is None:
        raise SitebookError(
            f"“{shorten(text)}” is not a currency; write its code of three letters, like GBP."
        )
    return code
