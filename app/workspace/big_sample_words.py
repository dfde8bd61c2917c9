"""The words of the large sample: names, titles and long texts in several languages, drawn from one seed.

They are put together from ``resources/sample/quayside_hospital.json``. Every draw comes from ``random()``
alone, the one part of Python's generator whose numbers are promised to stay the same over its versions.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

_T = TypeVar("_T")
_ENGLISH = "en"
_UNSPACED = frozenset({"zh", "ja", "th"})
"""Languages whose sentences have no space between them."""
_SIZES = ((0.15, 300, 900), (0.75, 1_500, 3_500), (1.0, 3_000, 6_500))
"""Lengths of texts in bytes: up to this share of all, least, most; 2.6 kB in the mean."""
_SYLLABLES = (
    "ka",
    "lo",
    "ri",
    "ven",
    "tex",
    "mo",
    "dur",
    "fix",
    "sa",
    "ner",
    "pol",
    "ti",
    "gra",
    "vo",
    "bel",
)
_PRODUCTS = 3_000
_Piece = Callable[[], str]


def large_data() -> dict[str, Any]:
    """The words of the large sample, as they ship."""
    text = files("resources").joinpath("sample/quayside_hospital.json").read_bytes()
    data: dict[str, Any] = msgspec.json.decode(text)
    return data


class Draw:
    """Draws from a seed."""

    def __init__(self, seed: int) -> None:
        self.unit = random.Random(seed).random  # noqa: S311 - repeatable by intent
        """A number from 0 up to 1."""

    def pick(self, items: Sequence[_T]) -> _T:
        """One of some things, each as likely."""
        return items[int(self.unit() * len(items))]

    def often_first(self, items: Sequence[_T]) -> _T:
        """One of some things, those in front far more often: so are words and people spread."""
        return items[int(self.unit() ** 3 * len(items))]

    def weighted(self, items: Sequence[tuple[_T, int]]) -> _T:
        """One of some things, as often as its weight says."""
        at = self.unit() * sum(weight for _, weight in items)
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]

    def whole(self, least: int, most: int) -> int:
        """A whole number; both bounds can come out."""
        return least + int(self.unit() * (most - least + 1))

    def several(self, items: Sequence[_T], most: int) -> list[_T]:
        """Up to so many different things, in their order."""
        wanted = {self.whole(0, len(items) - 1) for _ in range(self.whole(0, most))}
        return [items[at] for at in sorted(wanted)]

    def random(self, count: int) -> bytes:
        """Bytes for ids. Nothing secret may be made of them: whoever knows the seed knows them."""
        return bytes(int(self.unit() * 256) for _ in range(count))


class Words:
    """Puts titles and texts together."""

    def __init__(self, draw: Draw, data: Mapping[str, Any], today: date) -> None:
        self._draw = draw
        self._data = data
        self._today = today
        self.rooms: Sequence[str] = ("WC 0.1",)
        self.people: Sequence[str] = ("Priya Kaur",)
        self._languages: list[tuple[str, int]] = [(name, weight) for name, weight in data["languages"]]
        self._products = [self._product() for _ in range(_PRODUCTS)]
        self._slots: dict[str, _Piece] = {
            "grid": self.grid,
            "grid2": self.grid,
            "mm": lambda: f"{draw.whole(1, 480) / 10:g}",
            "mm2": lambda: f"{draw.whole(1, 480) / 10:g}",
            "count": lambda: str(draw.whole(2, 28)),
            "count2": lambda: str(draw.whole(29, 90)),
            "code": self.code,
            "date": lambda: (self._today - timedelta(days=draw.whole(1, 500))).isoformat(),
            "room": lambda: draw.pick(self.rooms),
            "person": lambda: draw.often_first(self.people),
            "company": lambda: draw.often_first(data["companies"]),
            "product": lambda: draw.often_first(self._products),
        }
        self._sentences = {
            language: [self._parsed(each) for each in sentences]
            for language, sentences in data["sentences"].items()
        }
        self._titles = {
            language: [self._parsed(each) for each in titles] for language, titles in data["titles"].items()
        }
        self._ends = [self._parsed(each) for each in data["ends"]]
        self._tails = [self._parsed(each) for each in data["tails"]]
        self._comments = [self._parsed(each) for each in data["comments"]]

    def _product(self) -> str:
        syllables = "".join(self._draw.pick(_SYLLABLES) for _ in range(self._draw.whole(2, 4)))
        return f"{syllables.capitalize()} {self._draw.whole(1, 99) * 10}"

    def _parsed(self, template: str) -> list[_Piece]:
        """A template as a list of what gives its parts."""
        parts: list[_Piece] = []
        for text, slot, _, _ in string.Formatter().parse(template):
            if text:
                parts.append(lambda text=text: text)  # type: ignore[misc]
            if slot is not None:
                parts.append(self._slots[slot])
        return parts

    def _said(self, parts: Sequence[_Piece]) -> str:
        return "".join([part() for part in parts])

    def grid(self) -> str:
        """A place in the grid of columns: ``B4``."""
        return f"{'ABCDEFGHJKLM'[self._draw.whole(0, 11)]}{self._draw.whole(1, 24)}"

    def code(self) -> str:
        """The number of a drawing or a sheet: ``A-2104``."""
        return f"{'AESMTV'[self._draw.whole(0, 5)]}-{self._draw.whole(1000, 9999)}"

    def language(self) -> str:
        """The language that somebody writes in."""
        return self._draw.weighted(self._languages)

    def title(self, language: str, parts: Sequence[str]) -> str:
        """The title of an issue about one of some parts of a building."""
        if language != _ENGLISH:
            return self._said(self._draw.pick(self._titles[language]))
        fault, part = self._draw.often_first(self._data["faults"]), self._draw.pick(parts)
        end, tail = self._said(self._draw.pick(self._ends)), self._said(self._draw.often_first(self._tails))
        return f"{fault} {part} {end}{tail}"

    def text(self, language: str) -> str:
        """A long text, sometimes with something in English below another language."""
        at = self._draw.unit()
        least, most = next((least, most) for share, least, most in _SIZES if at < share)
        room = self._draw.whole(least, most)
        english = language != _ENGLISH and self._draw.unit() < 0.3
        text = self._paragraphs(language, room * 2 // 3 if english else room)
        return text + "\n\n" + self._paragraphs(_ENGLISH, room // 3) if english else text

    def _paragraphs(self, language: str, room: int) -> str:
        sentences, between = self._sentences[language], "" if language in _UNSPACED else " "
        found: list[str] = []
        while room > 0:
            said = [self._said(self._draw.pick(sentences)) for _ in range(self._draw.whole(2, 6))]
            found.append(between.join(said))
            room -= len(found[-1].encode())
        return "\n".join(found)

    def sentence(self, language: str) -> str:
        """One sentence."""
        return self._said(self._draw.pick(self._sentences[language]))

    def comment(self) -> str:
        """What somebody says to an issue."""
        return self._said(self._draw.often_first(self._comments))


def person_fields(draw: Draw, data: Mapping[str, Any], taken: set[str]) -> dict[str, object]:
    """The fields of one more person, whose name nobody in ``taken`` has; it is added there."""
    while True:
        culture = draw.weighted([(each, each["weight"]) for each in data["names"]])
        given, family = draw.pick(culture["given"]), draw.pick(culture["family"])
        name = {"given": f"{given} {family}", "family": family + given}.get(
            culture["order"], f"{family} {given}"
        )
        if name in taken:
            # Sites do have two people of one name; what tells them apart here is a middle initial.
            name = f"{name} {'ABCDEFGHJKLMNPRSTW'[draw.whole(0, 17)]}."
        if name not in taken:
            break
    taken.add(name)
    base, dial = draw.often_first(data["bases"])
    number = len(taken)
    return {
        "name": name,
        "company": draw.often_first(data["companies"]),
        "email": f"person{number}@site{draw.whole(1, 60)}.example",
        "phone": f"{dial} {draw.whole(0, 9999):04}",
        "home_base": base,
        "specialty": draw.often_first(data["specialties"]),
    }
