"""The sample project: a site that looks real, the same every time from one seed.

The words come from ``resources/sample``; what is made of them (how many issues, who has which, when each is
due) follows from the seed, so tests and screenshots repeat.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import msgspec

from app.domain.schema import (
    CATEGORY,
    COMMENT,
    CUSTOM_PREFIX,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    PHRASE,
    STATUS,
    VIEW,
)
from app.richtext.markdown_read import read_markdown
from app.richtext.names import NoNames
from app.store.operations import Bulk
from app.store.project import Project
from sync.order import keys_between

SAMPLE_NAME = "Harbour Tower"
_PRIORITIES = ("urgent", "high", "high", "medium", "medium", "medium", "low", "none")
_STATUS_WEIGHTS = {"open": 50, "in progress": 18, "in review": 10, "done": 19, "void": 3}


def sample_data() -> dict[str, Any]:
    """The words of the sample, as they ship."""
    text = files("resources").joinpath("sample/harbour_tower.json").read_bytes()
    data: dict[str, Any] = msgspec.json.decode(text)
    return data


def fill_sample(
    project: Project,
    today: date,
    *,
    issues: int = 300,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Fill a new project with the sample: people, places, labels, elements, issues, comments and notes."""
    data = sample_data()
    chance = random.Random(seed)  # noqa: S311 (repeatable by intent)
    bulk = project.bulk()
    people = [bulk.create(PERSON, person) for person in data["people"]]
    labels = {label["name"]: bulk.create(LABEL, label) for label in data["labels"]}
    places = dict(_locations(bulk.create, data["locations"]))
    rating = bulk.create(FIELD, {"name": "Inspected", "type": "date", "of": ISSUE})
    elements = [
        bulk.create(
            ELEMENT,
            {
                "name": element["name"],
                "type": element["type"],
                "location": places[element["location"]],
                "parameters": element["parameters"],
            },
        )
        for element in data["elements"]
    ]
    statuses = {name: record for record, name in project.column(STATUS, "name").items()}
    _desk(bulk.create, data)
    made = [
        _issue(
            bulk.create,
            chance,
            data,
            people,
            labels,
            places,
            elements,
            statuses,
            CUSTOM_PREFIX + rating.hex(),
            today,
        )
        for _ in range(issues)
    ]
    for issue in chance.sample(made, len(made) // 5):
        bulk.create(COMMENT, {"parent": issue}, text=chance.choice(data["comments"]))
    _notes(project, bulk, data["notes"])
    bulk.commit(progress)


_COLORS = ("blue", "amber", "green", "violet", "teal", "orange", "pink", "red")
_VIEWS: tuple[dict[str, Any], ...] = (
    {"name": "Open by level", "layout": "list", "query": "is:open group:location.level sort:due"},
    {"name": "Cost by trade", "layout": "table", "query": "is:open cost>0 group:category sort:-cost"},
    {
        "name": "Who to call",
        "layout": "table",
        "query": "is:overdue sort:due",
        "columns": ["number", "title", "assignees", "assignees.company", "assignees.phone", "due"],
    },
    {"name": "Board", "layout": "board", "query": "-is:closed", "board": "status"},
    {"name": "Due dates", "layout": "calendar", "query": "is:open", "date": "due"},
)
_PHRASES = (
    ("Touch up after other trades", "Finishes"),
    ("Sealant missing at the junction", ""),
    ("Not as the drawing shows", ""),
    ("Protect until handover", ""),
    ("Clean before closing the ceiling", ""),
)


class _Titles(NoNames):
    """The notes of the sample, by the titles that stand in their texts."""

    def __init__(self, records: Mapping[str, bytes]) -> None:
        self._records = records

    def record(self, title: str) -> bytes | None:
        return self._records.get(title)


def _notes(project: Project, bulk: Bulk, notes: Sequence[Mapping[str, Any]]) -> None:
    """The tree of notes; each stands below the one that it names, and its text is Markdown."""
    records = {note["title"]: project.new_id() for note in notes}
    names = _Titles(records)
    for note, order in zip(notes, keys_between(None, None, len(notes)), strict=True):
        bulk.create(
            NOTE,
            {
                "title": note["title"],
                "order": order,
                "parent": records.get(note.get("under", "")),
                "tags": note.get("tags", ()),
                "pinned": note.get("pinned"),
                "template": note.get("template"),
            },
            text=read_markdown(note["text"], names),
            record=records[note["title"]],
        )


def _desk(create: Callable[..., bytes], data: Mapping[str, Any]) -> None:
    """Categories for the trades, saved views, and phrases for walks."""
    trades = sorted({defect["trade"] for defect in data["defects"]})
    for place, (trade, order) in enumerate(zip(trades, keys_between(None, None, len(trades)), strict=True)):
        color = _COLORS[place % len(_COLORS)]
        create(CATEGORY, {"name": trade, "of": ISSUE, "color": color, "order": order})
    for view, order in zip(_VIEWS, keys_between(None, None, len(_VIEWS)), strict=True):
        create(VIEW, {"kind": ISSUE, "order": order, **view})
    for (text, trade), order in zip(_PHRASES, keys_between(None, None, len(_PHRASES)), strict=True):
        create(PHRASE, {"text": text, "category": trade or None, "order": order})


def _locations(
    create: Callable[..., bytes], levels: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, bytes]]:
    for level, order in zip(levels, keys_between(None, None, len(levels)), strict=True):
        above = create(LOCATION, {"name": level["name"], "order": order, "type": "level"})
        yield level["name"], above
        rooms = level["rooms"]
        for room, place in zip(rooms, keys_between(None, None, len(rooms)), strict=True):
            yield (
                f"{level['name']}/{room}",
                create(LOCATION, {"name": room, "parent": above, "order": place, "type": "room"}),
            )


def _issue(
    create: Callable[..., bytes],
    chance: random.Random,
    data: Mapping[str, Any],
    people: Sequence[bytes],
    labels: Mapping[str, bytes],
    places: Mapping[str, bytes],
    elements: Sequence[bytes],
    statuses: Mapping[Any, bytes],
    inspected: str,
    today: date,
) -> bytes:
    defect = chance.choice(data["defects"])
    path = chance.choice([path for path in places if "/" in path])
    able = [
        record
        for record, person in zip(people, data["people"], strict=True)
        if person["specialty"] in defect["specialty"]
    ]
    status = chance.choices(list(_STATUS_WEIGHTS), list(_STATUS_WEIGHTS.values()))[0]
    cost = defect["cost"] * chance.choice((1, 1, 1, 2, 0.5))
    due = today + timedelta(days=chance.randint(-12, 45)) if chance.random() < 0.7 else None
    fields: dict[str, Any] = {
        "title": defect["title"],
        "status": statuses[status],
        "priority": chance.choice(_PRIORITIES),
        "category": defect["trade"],
        "type": chance.choices(data["types"], (8, 2, 1))[0],
        "phase": chance.choice(data["phases"]),
        "location": places[path],
        "assignees": [chance.choice(able or people)] if chance.random() < 0.9 else [],
        "watchers": chance.sample(list(people), chance.choice((0, 0, 1, 2))),
        "labels": [labels[name] for name in defect["labels"]],
        "due": due.isoformat() if due else None,
        "cost": [f"{cost:.2f}", data["currency"]] if cost else None,
        "starred": True if chance.random() < 0.04 else None,
        "at": [chance.choice(elements)] if chance.random() < 0.15 else [],
        inspected: (today - timedelta(days=chance.randint(1, 60))).isoformat()
        if chance.random() < 0.3
        else None,
    }
    return create(ISSUE, fields, text=defect["text"])
