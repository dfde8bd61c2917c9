"""A walk through a building: what is set once and stays, and what the next issue gets from it.

Plain data. Place, trade (the issue's category), people, labels and a rule for the due date hold until they
are changed; a rule such as ``+7d`` means another day tomorrow than today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Self

import msgspec

from app.domain.dates import find_date
from app.domain.directory import Context, LocationEntry
from app.domain.names import fold, natural_key

DUE_RULES: Final = ("today", "+1d", "+3d", "+7d", "+14d", "+1m", "end of month")
"""The rules that are offered; any other text that is a date is taken too."""
_RECENT: Final = 5
_MOST_TITLES: Final = 50
_folded = lru_cache(maxsize=8_192)(fold)
"""The same phrases are looked through at every key."""
_COPIED: Final = frozenset({"title", "priority", "category", "type", "phase", "labels", "cost", "assignees"})


class _Stored(msgspec.Struct, omit_defaults=True):
    """How a walk is kept on this device: ids as hex."""

    location: str = ""
    category: str = ""
    assignees: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    due: str = ""
    titles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What stays from issue to issue. ``titles`` and ``places`` are those used last, the latest first.

    ``folder`` is watched for photos; empty where none is.
    """

    location: bytes | None = None
    category: str = ""
    assignees: tuple[bytes, ...] = ()
    labels: tuple[bytes, ...] = ()
    due: str = ""
    titles: tuple[str, ...] = ()
    places: tuple[bytes, ...] = ()
    folder: str = ""

    def with_value(self, name: str, value: Any) -> Self:
        """The walk with one of its values set; None clears it."""
        if name == "location" and isinstance(value, bytes):
            places = (value, *(place for place in self.places if place != value))[:_RECENT]
            return replace(self, location=value, places=places)
        empty: Mapping[str, Any] = {"location": None, "category": "", "due": "", "folder": ""}
        return replace(self, **{name: empty.get(name, ()) if value is None else value})

    def made(self, title: str) -> Self:
        """The walk after an issue of this title."""
        titles = (title, *(each for each in self.titles if each != title))[:_MOST_TITLES]
        return replace(self, titles=titles)

    def fields(self, title: str, context: Context) -> dict[str, Any]:
        """The fields of the next issue. What was deleted since is left out."""
        directory = context.directory
        found: dict[str, Any] = {"title": title}
        if self.location in directory.locations:
            found["location"] = self.location
        if self.category:
            found["category"] = self.category
        people = tuple(person for person in self.assignees if person in directory.people)
        labels = tuple(label for label in self.labels if label in directory.labels)
        if people:
            found["assignees"] = people
        if labels:
            found["labels"] = labels
        due = find_date(self.due, context.today) if self.due else None
        if due is not None:
            found["due"] = due.isoformat()
        return found

    def encoded(self) -> str:
        """As text, for keeping it on this device."""
        stored = _Stored(
            self.location.hex() if self.location else "",
            self.category,
            tuple(each.hex() for each in self.assignees),
            tuple(each.hex() for each in self.labels),
            self.due,
            self.titles,
            tuple(each.hex() for each in self.places),
            self.folder,
        )
        return msgspec.json.encode(stored).decode()

    @classmethod
    def decoded(cls, text: str) -> Self:
        """Read what ``encoded`` gave; an empty walk where it cannot be read (another version kept it)."""
        try:
            stored = msgspec.json.decode(text, type=_Stored)
            return cls(
                bytes.fromhex(stored.location) or None,
                stored.category,
                tuple(map(bytes.fromhex, stored.assignees)),
                tuple(map(bytes.fromhex, stored.labels)),
                stored.due,
                stored.titles,
                tuple(map(bytes.fromhex, stored.places)),
                stored.folder,
            )
        except (msgspec.MsgspecError, ValueError):
            return cls()


def next_place(
    locations: Mapping[bytes, LocationEntry], now: bytes | None, step: int
) -> LocationEntry | None:
    """The place after (``step`` 1) or before (-1) in the order of the building; only places without parts.

    From a place with parts it goes to the first (last) of them. None where there is no other.
    """
    wholes = {ancestor for entry in locations.values() for ancestor in entry.ancestors}
    rooms = sorted(
        (entry for entry in locations.values() if entry.id not in wholes or entry.id == now),
        key=lambda entry: (natural_key(entry.path.replace("/", "\0")), entry.id),
    )
    places = [entry.id for entry in rooms]
    if now not in places:
        return (rooms[0] if step > 0 else rooms[-1]) if rooms else None
    found = places.index(now) + step
    return rooms[found] if 0 <= found < len(rooms) else None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that is offered while one types. ``template`` is the issue whose fields go with it, if any."""

    text: str
    category: str = ""
    template: bytes | None = None


def matching_phrases(phrases: Iterable[Phrase], typed: str, category: str, most: int = 6) -> list[Phrase]:
    """The phrases that fit what was typed: those of the walk's trade first, then in the order given."""
    words = fold(typed).split()
    if not words:
        return []
    wanted = _folded(category)
    found: dict[str, tuple[int, int, Phrase]] = {}
    for place, phrase in enumerate(phrases):
        text = _folded(phrase.text)
        parts = text.split()
        if text == " ".join(words) and phrase.template is None:
            continue
        if not all(any(part.startswith(word) for part in parts) for word in words):
            continue
        foreign = not wanted or _folded(phrase.category) != wanted
        rank = 2 * foreign + (not text.startswith(words[0]))
        known = found.get(text)
        if known is None or phrase.template is not None:
            found[text] = (rank, place, phrase)
    return [phrase for _, _, phrase in sorted(found.values(), key=lambda each: each[:2])[:most]]


def template_fields(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What an issue takes from a template: ``values`` of the template, ``names`` of the users' own fields."""
    wanted = _COPIED | set(names)
    return {name: value for name, value in values.items() if name in wanted and value not in (None, ())}
