from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.numbers import (
    amount_of,
    find_money,
    find_number,
    is_money,
    money_text,
    number_text,
    parse_currency,
)
from sync.errors import SitebookError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1200", 1200),
        ("1,200.5", 1200.5),
        ("1 200,5", 1200.5),
        ("1.200.000", 1200000),
        ("1.200,50", 1200.5),
        ("1'234'567", 1234567),
        ("3,5", 3.5),
        ("−5", -5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("60 min", 60),
        ("60MIN", 60),
    ],
)
def test_numbers_as_people_write_them(text: str, expected: float) -> None:
    assert find_number(text, "min") == expected


@pytest.mark.parametrize(
    "text", ["", "abc", "1,2,3", "1..2", "nan", "inf", "1e999", "٣", "12 34", "0x10", "1" * 99]
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert find_number(text) is None


@given(st.one_of(st.integers(-(2**63) + 1, 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_written_number_reads_back(number: float) -> None:
    assert find_number(number_text(number)) == number


@given(st.text(max_size=20))
def test_no_text_makes_reading_fail(text: str) -> None:
    find_number(text)
    money = find_money(text, "GBP")
    assert money is None or is_money(list(money))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GBP 4200.00", ("4200.00", "GBP")),
        ("£4,200", ("4200", "GBP")),
        ("4200", ("4200", "CAD")),
        ("$4200", ("4200", "CAD")),
        ("4.200,50 €", ("4200.50", "EUR")),
        ("-5 usd", ("-5", "USD")),
        ("£-5", ("-5", "GBP")),
        ("- £5", ("-5", "GBP")),
        ("100 zł", ("100", "PLN")),
    ],
)
def test_money_as_people_write_it(text: str, expected: tuple[str, str]) -> None:
    assert find_money(text, "CAD") == expected


@pytest.mark.parametrize(
    "text", ["1 jan", "XYZ 5", "", "GBP", "GBP 5 EUR", "five", "5 pounds", "--5", "1,2,3", "1e99", "9" * 61]
)
def test_what_is_no_money_is_not_read(text: str) -> None:
    assert find_money(text, "GBP") is None


@given(st.decimals(-(10**15), 10**15, places=3), st.sampled_from(["GBP", "JPY", "KWD", ""]), st.booleans())
def test_written_money_reads_back(amount: Decimal, currency: str, grouped: bool) -> None:
    written = money_text(f"{amount:f}", currency, grouped=grouped)
    found = find_money(written, "")
    assert found is not None
    assert Decimal(found[0]) == amount
    assert found[1] == currency


def test_currencies_have_their_own_number_of_digits() -> None:
    assert money_text("4200", "GBP") == "GBP 4200.00"
    assert money_text("4200", "JPY") == "JPY 4200"
    assert money_text("4200", "KWD") == "KWD 4200.000"
    assert money_text("4200.1234", "GBP", grouped=True) == "GBP 4,200.1234"
    assert money_text("4200", "") == "4200.00"


@pytest.mark.parametrize(
    "value", [None, "5", ["5"], ["x", "GBP"], ["5", "POUND"], [5, "GBP"], ["NaN", "GBP"], ["1e999999", "GBP"]]
)
def test_other_shapes_are_no_money(value: object) -> None:
    assert not is_money(value)


def test_amounts_of_absurd_size_are_none() -> None:
    assert amount_of("1e30") is None
    assert amount_of("Infinity") is None


def test_a_currency_by_sign_or_code() -> None:
    assert parse_currency("gbp") == "GBP"
    assert parse_currency("€") == "EUR"
    with pytest.raises(SitebookError, match="three letters"):
        parse_currency("pounds")
