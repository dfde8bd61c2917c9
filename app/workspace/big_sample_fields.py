"""The forty fields of its own that an issue of the large sample has: of every type, each filled as often as on site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.domain.schema import ELEMENT, ISSUE
from app.workspace.big_sample_words import Draw, Words

_DAY_MS = 86_400_000


@dataclass(slots=True)
class World:
    """What values are drawn from: the words, and the records that they point to."""

    draw: Draw
    words: Words
    data: Mapping[str, Any]
    today: date
    currency: str
    people: Sequence[bytes] = ()
    rooms: Sequence[bytes] = ()
    elements: Sequence[bytes] = ()

    def day(self, least: int, most: int) -> str:
        """A date that many days from today."""
        return (self.today + timedelta(days=self.draw.whole(least, most))).isoformat()

    def moment(self, least: int, most: int) -> int:
        """A moment in working hours, that many days from today."""
        day = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
        days = self.draw.whole(least, most)
        return int(day.timestamp() * 1000) + days * _DAY_MS + self.draw.whole(7 * 3_600, 17 * 3_600) * 1_000

    def amount(self, most: int) -> list[str]:
        """An amount of money, small ones far more often."""
        return [f"{10 + self.draw.unit() ** 3 * most:.2f}", self.currency]


_Maker = Callable[[World], object]


@dataclass(frozen=True, slots=True)
class OwnField:
    """One field: its definition, the share of issues that have it, and how a value is made."""

    name: str
    type: str
    share: float
    make: _Maker | None
    more: Mapping[str, Any] = field(default_factory=dict)

    def definition(self, data: Mapping[str, Any], order: str) -> dict[str, Any]:
        """The values of the record that defines it."""
        choices = data["choices"].get(self.name)
        listed = {"choices": choices} if choices else {}
        return {"name": self.name, "type": self.type, "of": ISSUE, "order": order, **listed, **self.more}


def _number(least: int, most: int, digits: int) -> _Maker:
    """Numbers with so many digits behind the point; whole ones are stored as such."""

    def make(world: World) -> object:
        value = least + (most - least) * world.draw.unit()
        return round(value, digits) if digits else int(value)

    return make


def _choice(name: str) -> _Maker:
    return lambda world: world.draw.often_first(world.data["choices"][name])


def _choices(name: str) -> _Maker:
    return lambda world: world.draw.several(world.data["choices"][name], 3)


def _person(world: World) -> object:
    return world.draw.often_first(world.people)


OWN_FIELDS: tuple[OwnField, ...] = (
    OwnField("Drawing", "text", 0.8, lambda world: world.words.code()),
    OwnField("Grid line", "text", 0.9, lambda world: world.words.grid()),
    OwnField("Revision", "text", 0.6, lambda world: f"C{world.draw.whole(1, 14):02}"),
    OwnField("Site instruction", "text", 0.4, lambda world: f"SI-{world.draw.whole(1, 2400):04}"),
    OwnField(
        "Contract clause", "text", 0.3, lambda world: f"{world.draw.whole(1, 60)}.{world.draw.whole(1, 9)}"
    ),
    OwnField("Remarks", "long_text", 0.8, lambda world: _remarks(world)),
    OwnField("Tag", "barcode", 0.4, lambda world: f"QH{world.draw.whole(0, 10**9 - 1):09}"),
    OwnField("Root cause", "choice", 0.7, _choice("Root cause")),
    OwnField("Severity", "choice", 0.9, _choice("Severity")),
    OwnField("Work package", "choice", 0.95, _choice("Work package")),
    OwnField("Inspection result", "choice", 0.6, _choice("Inspection result")),
    OwnField("Access", "choice", 0.6, _choice("Access")),
    OwnField("Hazards", "choices", 0.5, _choices("Hazards")),
    OwnField("Trades affected", "choices", 0.4, _choices("Trades affected")),
    OwnField("Estimated hours", "number", 0.8, _number(1, 80, 1), {"unit": "h"}),
    OwnField("Actual hours", "number", 0.5, _number(1, 120, 2), {"unit": "h"}),
    OwnField("Crack width", "number", 0.3, _number(0, 12, 2), {"unit": "mm"}),
    OwnField("Area", "number", 0.5, _number(1, 400, 2), {"unit": "m²"}),
    OwnField("Moisture", "number", 0.3, _number(2, 98, 1), {"unit": "%"}),
    OwnField("Temperature", "number", 0.3, _number(-8, 38, 1), {"unit": "°C"}),
    OwnField("Reading", "number", 1.0, _number(0, 100_000, 3)),
    OwnField("Risk score", "number", 0.9, _number(0, 25, 0)),
    OwnField("Quantity", "number", 0.6, _number(1, 500, 0)),
    OwnField("Budget", "money", 0.6, lambda world: world.amount(90_000)),
    OwnField("Variation", "money", 0.3, lambda world: world.amount(20_000)),
    OwnField("Back charge", "money", 0.2, lambda world: [*world.amount(9_000)[:1], "EUR"]),
    OwnField("Inspected", "date", 0.6, lambda world: world.day(-500, 0)),
    OwnField("Promised", "date", 0.6, lambda world: world.day(-200, 90)),
    OwnField("Warranty until", "date", 0.7, lambda world: world.day(100, 2_000)),
    OwnField("Last visit", "moment", 0.6, lambda world: world.moment(-300, -1)),
    OwnField("Signed off", "moment", 0.2, lambda world: world.moment(-300, -1)),
    OwnField("Safety critical", "checkbox", 0.9, lambda world: world.draw.unit() < 0.12),
    OwnField("Client visible", "checkbox", 0.9, lambda world: world.draw.unit() < 0.5),
    OwnField("Inspector", "person", 0.7, _person),
    OwnField("Informed", "people", 0.3, lambda world: world.draw.several(world.people, 3)),
    OwnField("Adjacent room", "location", 0.4, lambda world: world.draw.pick(world.rooms)),
    OwnField("Model", "link", 0.5, lambda world: f"https://model.example/{world.draw.whole(0, 16**8):08x}"),
    OwnField("Position", "coordinates", 0.6, lambda world: _position(world)),
    OwnField("Label no.", "auto_number", 0.0, None, {"prefix": "QH-"}),
    OwnField("Door", "reference", 0.2, lambda world: world.draw.pick(world.elements), {"target": ELEMENT}),
)
"""``make`` is None where nothing is stored."""


def _remarks(world: World) -> object:
    language = world.words.language()
    return "\n".join(world.words.sentence(language) for _ in range(world.draw.whole(1, 3)))


def _position(world: World) -> object:
    return [round(51.5 + world.draw.unit() / 100, 6), round(-0.1 + world.draw.unit() / 100, 6)]
