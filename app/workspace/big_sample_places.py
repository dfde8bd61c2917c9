"""What the issues of the large sample point to: people, places, labels, statuses, elements, fields of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.schema import (
    CATEGORY,
    CLOSED_MEANINGS,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    STATUS,
    VIEW,
    custom_field_name,
)
from app.store.operations import Bulk
from app.store.project import Project
from app.workspace.big_sample_fields import OWN_FIELDS, OwnField, World
from app.workspace.big_sample_words import person_fields
from sync.order import keys_between

_LEVELS = 6

_WEIGHTS = {"open": 40, "progress": 22, "review": 12, "done": 20, "void": 4}


@dataclass(frozen=True, slots=True)
class Places:
    """What issues point to. Statuses come with their weights; ``own``: stored names and fields."""

    open: Sequence[tuple[bytes, int]]
    closed: Sequence[tuple[bytes, int]]
    labels: Sequence[bytes]
    own: Sequence[tuple[str, OwnField]]
    by_specialty: dict[str, list[bytes]]


def furnish(project: Project, world: World, *, people: int, elements: int, notes: int) -> Places:
    """Write all of it in one action, and put into the world what values are drawn from."""
    bulk = project.bulk()
    by_specialty = _people(bulk, world, people)
    _locations(bulk, world)
    data = world.data
    labels = [bulk.create(LABEL, {"name": name, "color": color}) for name, color in data["labels"]]
    _statuses(project, bulk, world)
    _categories(bulk, world)
    world.elements = _elements(bulk, world, elements)
    orders = keys_between(None, None, len(OWN_FIELDS))
    own = [
        (custom_field_name(bulk.create(FIELD, each.definition(data, order))), each)
        for each, order in zip(OWN_FIELDS, orders, strict=True)
    ]
    _views(bulk, world)
    for title, order in zip(_titles(world, notes), keys_between(None, None, notes), strict=True):
        bulk.create(NOTE, {"title": title, "order": order}, text=world.words.text("en"))
    bulk.commit()
    return Places(*_by_meaning(project), labels, own, by_specialty)


def _people(bulk: Bulk, world: World, count: int) -> dict[str, list[bytes]]:
    taken: set[str] = set()
    every = [person_fields(world.draw, world.data, taken) for _ in range(count)]
    world.people = [bulk.create(PERSON, fields) for fields in every]
    world.words.people = [str(fields["name"]) for fields in every]
    found: dict[str, list[bytes]] = defaultdict(list)
    for record, fields in zip(world.people, every, strict=True):
        found[str(fields["specialty"])].append(record)
    return found


def _locations(bulk: Bulk, world: World) -> None:
    """Buildings, their levels, and the rooms of each."""
    rooms: list[tuple[str, bytes]] = []
    for _, above in _ordered(bulk, world.data["buildings"], None, "building"):
        names = [f"Level {level}" for level in range(_LEVELS)]
        for at, (_, level) in enumerate(_ordered(bulk, names, above, "level")):
            kinds = world.data["rooms"]
            numbered = [f"{kind} {at}.{number:02}" for number, kind in enumerate(kinds, 1)]
            rooms.extend(_ordered(bulk, numbered, level, "room"))
    world.words.rooms = [name for name, _ in rooms]
    world.rooms = [record for _, record in rooms]


def _ordered(bulk: Bulk, names: Sequence[str], above: bytes | None, type: str) -> Iterator[tuple[str, bytes]]:
    for name, order in zip(names, keys_between(None, None, len(names)), strict=True):
        fields = {"name": name, "parent": above, "order": order, "type": type}
        yield name, bulk.create(LOCATION, fields)


def _statuses(project: Project, bulk: Bulk, world: World) -> None:
    orders = project.column(STATUS, "order").values()
    last = max(str(each) for each in orders)
    more = world.data["statuses"]
    for (name, meaning, color), order in zip(more, keys_between(last, None, len(more)), strict=True):
        bulk.create(STATUS, {"name": name, "meaning": meaning, "color": color, "order": order})


def _by_meaning(project: Project) -> tuple[list[tuple[bytes, int]], list[tuple[bytes, int]]]:
    """The statuses that ask for something, and those that do not, each with its weight."""
    open_: list[tuple[bytes, int]] = []
    closed: list[tuple[bytes, int]] = []
    for record, meaning in sorted(project.column(STATUS, "meaning").items()):
        weighed = record, _WEIGHTS[str(meaning)]
        (closed if meaning in CLOSED_MEANINGS else open_).append(weighed)
    return open_, closed


def _categories(bulk: Bulk, world: World) -> None:
    named = [(name, ISSUE) for name, _, _ in world.data["trades"]]
    named += [(type, ELEMENT) for type, _ in world.data["elements"]]
    for (name, of), order in zip(named, keys_between(None, None, len(named)), strict=True):
        bulk.create(CATEGORY, {"name": name, "of": of, "order": order})


def _views(bulk: Bulk, world: World) -> None:
    views = world.data["views"]
    for view, order in zip(views, keys_between(None, None, len(views)), strict=True):
        bulk.create(VIEW, {"kind": ISSUE, "layout": "table", **view, "order": order})


def _titles(world: World, count: int) -> list[str]:
    return [f"Site diary {world.day(-500, 0)}" for _ in range(count)]


def _elements(bulk: Bulk, world: World, count: int) -> list[bytes]:
    """Doors, fans and the like, some of them within another."""
    made: list[bytes] = []
    for at in range(count):
        within = world.draw.pick(made) if made and world.draw.unit() < 0.2 else None
        made.append(bulk.create(ELEMENT, {**_element(world, at), "within": within}))
    return made


def _element(world: World, at: int) -> dict[str, object]:
    draw = world.draw
    type, parameters = draw.pick(world.data["elements"])
    values = {
        name: draw.unit() < 0.5 if kind == "flag" else draw.pick(choices)
        for name, kind, choices in parameters
    }
    return {
        "name": f"{type.capitalize()} {at + 1:04}",
        "type": type,
        "location": draw.pick(world.rooms),
        "parameters": values,
        "external_id": f"3{draw.whole(10**8, 10**9 - 1)}",
    }
