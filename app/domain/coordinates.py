"""Places on earth: latitude and longitude in degrees, WGS 84, as people and maps write them."""

from __future__ import annotations

import re

from app.domain import numbers
from app.domain.codecs import Codec
from app.domain.directory import Context
from app.domain.names import shorten
from app.domain.schema import Field
from sync.errors import SitebookError

_PAIR = re.compile(r"(?:geo:)?\(?\s*([^\s,;()]+)\s*[,;\s]\s*([^\s,;()]+)\s*\)?", re.IGNORECASE)
_PART = (
    r"([0-9]{1,3}(?:\.[0-9]+)?)\s*(?:°|\s|d)?\s*(?:([0-9]{1,2}(?:\.[0-9]+)?)\s*['′’m]\s*)?"
    r"(?:([0-9]{1,2}(?:\.[0-9]+)?)\s*(?:\"|″|”|''|s)\s*)?"
)
_SIDES = re.compile(rf"{_PART}([NS])[\s,;]*{_PART}([EW])", re.IGNORECASE)


def _read(text: str) -> list[float] | None:
    if match := _SIDES.fullmatch(text):
        north = _degrees(match[1], match[2], match[3])
        east = _degrees(match[5], match[6], match[7])
        return [north if match[4] in "Nn" else -north, east if match[8] in "Ee" else -east]
    pair = _PAIR.fullmatch(text)
    try:
        return None if pair is None else [float(pair[1]), float(pair[2])]
    except ValueError:
        return None


def _degrees(degrees: str, minutes: str | None, seconds: str | None) -> float:
    # Whole seconds of arc are 30 m: eight digits of a degree, about a millimetre, lose nothing that was written.
    return round(float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600, 8)


class CoordinatesCodec(Codec):
    """A place on earth."""

    def fits(self, value: object) -> bool:
        """``[latitude, longitude]``."""
        return (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(numbers.is_number(each) for each in value)
            and abs(value[0]) <= 90
            and abs(value[1]) <= 180
        )

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read degrees, or degrees, minutes and seconds with N, S, E, W. Raises SitebookError."""
        place = _read(text.strip()) if len(text) <= 100 else None
        if place is not None and self.fits(place):
            return place
        raise SitebookError(
            f"“{shorten(text)}” is not a place; write latitude and longitude in degrees: 33.786,-118.198."
        )

    def text(self, field: Field, value: object, context: Context) -> str:
        """``33.786,-118.198``."""
        assert isinstance(value, list | tuple)
        return f"{float(value[0])!r},{float(value[1])!r}"

    def json(self, field: Field, value: object, context: Context) -> object:
        """``[latitude, longitude]``."""
        assert isinstance(value, list | tuple)
        return [float(value[0]), float(value[1])]

    def key(self, field: Field, value: object, context: Context) -> object:
        """From south to north."""
        assert isinstance(value, list | tuple)
        return tuple(value)
