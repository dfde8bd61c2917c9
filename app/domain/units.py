"""Units of measure: which can be made into one another, and by how much. Exact by the definitions of SI, and of
the international yard and pound of 1959.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction

from app.domain.names import fold

_DIGITS = Context(prec=20)
_NUMBER_AND_UNIT = re.compile(
    r"\s*([+\-−]?[0-9][0-9.,\s'’_]*(?:[eE][+-]?[0-9]{1,3})?|[+\-−]?\.[0-9]+)\s*([^\d\s].{0,20}?)\s*"
)

# For each quantity, its units with what one of them is in the first; a second number is the zero point.
_QUANTITIES: dict[str, dict[str, str]] = {
    "length": {"m": "1", "mm": "0.001", "cm": "0.01", "dm": "0.1", "km": "1000", "µm": "0.000001", "in": "0.0254",
               "ft": "0.3048", "yd": "0.9144", "mi": "1609.344"},
    "area": {"m²": "1", "mm²": "0.000001", "cm²": "0.0001", "km²": "1000000", "ha": "10000", "in²": "0.00064516",
             "ft²": "0.09290304", "yd²": "0.83612736", "acre": "4046.8564224"},
    "volume": {"m³": "1", "l": "0.001", "ml": "0.000001", "cm³": "0.000001", "mm³": "0.000000001",
               "ft³": "0.028316846592", "in³": "0.000016387064", "yd³": "0.764554857984"},
    "mass": {"kg": "1", "g": "0.001", "mg": "0.000001", "t": "1000", "lb": "0.45359237", "oz": "0.028349523125"},
    "time": {"s": "1", "ms": "0.001", "min": "60", "h": "3600", "d": "86400", "wk": "604800"},
    "pressure": {"Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1000000", "bar": "100000", "mbar": "100",
                 "N/mm²": "1000000", "kN/m²": "1000"},
    "force": {"N": "1", "kN": "1000", "MN": "1000000"},
    "power": {"W": "1", "kW": "1000", "MW": "1000000"},
    "energy": {"J": "1", "kJ": "1000", "MJ": "1000000", "kWh": "3600000", "Wh": "3600"},
    "speed": {"m/s": "1", "km/h": "5/18", "mph": "0.44704"},
    "temperature": {"K": "1", "°C": "1 273.15", "°F": "5/9 459.67"},
}  # fmt: skip
_SAME = {
    "metre": "m", "metres": "m", "meter": "m", "meters": "m", "inch": "in", "inches": "in", '"': "in", "″": "in",
    "feet": "ft", "foot": "ft", "'": "ft", "′": "ft", "yard": "yd", "yards": "yd", "mile": "mi", "miles": "mi",
    "um": "µm", "μm": "µm", "m2": "m²", "sqm": "m²", "sq m": "m²", "mm2": "mm²", "cm2": "cm²", "km2": "km²",
    "ft2": "ft²", "sqft": "ft²",
    "sq ft": "ft²", "in2": "in²", "acres": "acre", "m3": "m³", "cm3": "cm³", "mm3": "mm³", "ft3": "ft³",
    "litre": "l", "litres": "l", "liter": "l", "liters": "l", "kilo": "kg", "kilos": "kg", "gram": "g",
    "grams": "g", "tonne": "t", "tonnes": "t", "ton": "t", "tons": "t", "lbs": "lb", "pound": "lb", "pounds": "lb",
    "ounce": "oz", "ounces": "oz", "sec": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min",
    "mins": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "wk",
    "weeks": "wk", "kmh": "km/h", "kph": "km/h", "c": "°C", "f": "°F", "degc": "°C", "degf": "°F",
    "n/mm2": "N/mm²", "kn/m2": "kN/m²",
}  # fmt: skip
_UNITS = {unit: quantity for quantity, units in _QUANTITIES.items() for unit in units}
_FOLDED: dict[str, list[str]] = {}
for _unit in _UNITS:
    _FOLDED.setdefault(fold(_unit), []).append(_unit)


def known_unit(text: str) -> str | None:
    """The unit that a text names; None where it is none, or may be two (``mw``)."""
    text = text.strip().rstrip(".")
    if text in _UNITS:
        return text
    if text.lower() in _SAME:
        return _SAME[text.lower()]
    found = _FOLDED.get(fold(text), [])
    return found[0] if len(found) == 1 else None


def split_unit(text: str) -> tuple[str, str] | None:
    """A number and what stands behind it; None where nothing does."""
    match = _NUMBER_AND_UNIT.fullmatch(text) if len(text) <= 100 else None
    return None if match is None else (match[1], match[2])


def converted(number: Decimal, unit: str, wanted: str) -> Decimal | None:
    """A number in another unit; None where one cannot be made into the other."""
    source, target = known_unit(unit), known_unit(wanted)
    if source is None or target is None or _UNITS[source] != _UNITS[target]:
        return None
    (scale, zero), (other, other_zero) = _measure(source), _measure(target)
    found = (Fraction(number) + zero) * scale / other - other_zero
    return _DIGITS.divide(Decimal(found.numerator), Decimal(found.denominator)).normalize(_DIGITS)


def _measure(unit: str) -> tuple[Fraction, Fraction]:
    scale, _, zero = _QUANTITIES[_UNITS[unit]][unit].partition(" ")
    return Fraction(scale), Fraction(zero or 0)


def related_units(unit: str) -> list[str]:
    """The other units that can be made into one."""
    known = known_unit(unit)
    return [] if known is None else [each for each in _QUANTITIES[_UNITS[known]] if each != known]
