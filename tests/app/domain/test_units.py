from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.schema import Field, FieldType
from app.domain.units import converted, known_unit, related_units
from app.domain.values import parse
from sync.errors import SitebookError
from tests.app.domain.sample import context

_CONTEXT = context()


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("2 m", "mm", 2000),
        ("1.5m", "mm", 1500),
        ("1,5 m", "mm", 1500),
        ("12 in", "mm", 304.8),
        ('6"', "mm", 152.4),
        ("3 feet", "m", 0.9144),
        ("1 200 cm", "m", 12),
        ("10 sqm", "m²", 10),
        ("1 ft2", "m²", 0.09290304),
        ("2 h", "min", 120),
        ("2 t", "kg", 2000),
        ("72 km/h", "m/s", 20),
        ("100 °C", "°F", 212),
        ("32 f", "°C", 0),
        ("60 min", "min", 60),
        ("5 boxes", "boxes", 5),
    ],
)
def test_a_number_is_made_into_the_unit_of_its_field(text: str, unit: str, expected: float) -> None:
    assert parse(Field("f", FieldType.NUMBER, "Width", unit=unit), text, _CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("2 kg", "mm", "“kg” cannot be made into mm; Width takes mm, m"),
        ("2 boxes", "pallets", "“boxes” cannot be made into pallets; Width takes pallets"),
        ("2 mm", "", "Width has no unit; write “2 mm” as 2"),
        ("wide", "mm", "is not a number; write it as 1200.5, in mm"),
        ("9" * 200, "mm", "is not a number"),
    ],
)
def test_other_units_are_refused_in_a_sentence(text: str, unit: str, said: str) -> None:
    with pytest.raises(SitebookError) as caught:
        parse(Field("f", FieldType.NUMBER, "Width", unit=unit), text, _CONTEXT)
    assert said in str(caught.value)


@given(
    st.decimals(-10_000, 10_000, places=3),
    st.sampled_from(["mm", "h", "m²", "°C", "bar", "lb", "km/h"]),
    st.data(),
)
def test_there_and_back_is_the_same(number: Decimal, unit: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(related_units(unit)))
    there = converted(number, unit, other)
    assert there is not None
    back = converted(there, other, unit)
    assert back is not None
    assert abs(back - number) < Decimal("1e-12")


def test_a_unit_that_may_be_two_is_none() -> None:
    assert known_unit("MW") == "MW"
    assert known_unit("MPA") is None or known_unit("MPA") == "MPa"
    assert known_unit("KG") == "kg"
