"""The columns of a board, called lanes here: one for each value of a field, in the order of the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.desktop.translate import tr
from app.domain.directory import Context
from app.domain.names import natural_key
from app.domain.schema import Field, FieldType
from app.domain.values import display
from app.query.column import Codes, Column
from app.store.operations import Edit

LANE_TYPES = frozenset(
    {
        FieldType.STATUS,
        FieldType.CHOICE,
        FieldType.CHOICES,
        FieldType.PERSON,
        FieldType.PEOPLE,
        FieldType.LABELS,
        FieldType.LOCATION,
        FieldType.CHECKBOX,
    }
)
"""The types of field that a board can have its lanes by."""
_PERSONAL = frozenset({FieldType.PERSON, FieldType.PEOPLE})
_MOST_LANES = 2_000
_NONE = "none"
"""The choice that says the same as no choice at all; then that needs no lane of its own."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One column of a board. ``value`` is what its cards have in the field, None for nothing."""

    value: object
    title: str
    meaning: str = ""
    person: str = ""
    hue: str = ""


class Lanes:
    """The lanes of one field, and in which of them each distinct value of its column stands."""

    def __init__(self, field: Field, context: Context, used: Iterable[object]) -> None:
        """``used`` are the distinct values that the records have."""
        self.field = field
        self._context = context
        values = _standing(field, context)
        parts: set[object] = set()
        for value in used:
            parts.update(part for part in _parts(value) if isinstance(part, str | bytes | bool))
        seen = set(values)
        further = [part for part in parts if part not in seen and self._known(part)]
        further.sort(key=lambda part: natural_key(self._title(part)))
        self._none: object = False if field.type is FieldType.CHECKBOX else None
        if _NONE in field.choices:
            self._none = _NONE
        nothing = [None] if self._none is None else []
        if field.type in _PERSONAL:
            ordered: list[object] = [*nothing, *values, *further]
        else:
            ordered = [*values, *further, *nothing]
        self.lanes: tuple[Lane, ...] = tuple(self._lane(value) for value in ordered[:_MOST_LANES])
        self._places = {lane.value: place for place, lane in enumerate(self.lanes)}

    def _known(self, part: object) -> bool:
        """Whether a value still means something: a person may have been deleted."""
        directory = self._context.directory
        names = {
            FieldType.STATUS: directory.statuses,
            FieldType.PERSON: directory.people,
            FieldType.PEOPLE: directory.people,
            FieldType.LABELS: directory.labels,
            FieldType.LOCATION: directory.locations,
        }.get(self.field.type)
        return names is None or part in names

    def _title(self, part: object) -> str:
        shown = display(self.field, (part,) if self.field.many else part, self._context)
        named = self.field.type is FieldType.STATUS or (part in self.field.choices and not self.field.custom)
        return shown[:1].upper() + shown[1:] if named else shown

    def _lane(self, value: object) -> Lane:
        directory = self._context.directory
        if value is None or (value == _NONE and value == self._none):
            return Lane(value, tr("No {field}").format(field=self.field.title.lower()))
        if isinstance(value, bool):
            return Lane(
                value, self.field.title if value else tr("Not {field}").format(field=self.field.title.lower())
            )
        title = self._title(value)
        if isinstance(value, bytes):
            if value in directory.statuses:
                return Lane(value, title, meaning=directory.statuses[value].meaning)
            if value in directory.people:
                return Lane(value, title, person=directory.people[value].shown)
            if value in directory.labels:
                return Lane(value, title, hue=directory.labels[value].color or "muted")
        return Lane(value, title)

    def place(self, value: object) -> int | None:
        """The place of the lane of one value."""
        return self._places.get(value)

    def places(self, value: object) -> tuple[int, ...]:
        """The lanes in which a record with this value in the field stands: one for each member."""
        found = tuple(
            sorted({self._places[part] for part in _parts(value) if _hashable(part) and part in self._places})
        )
        if found:
            return found
        rest = self._places.get(self._none)
        return () if rest is None else (rest,)

    def edits(self, now: object, source: int, target: int) -> list[Edit]:
        """What moving a card from one lane to another writes into the field; ``now`` is what stands there."""
        if source == target:
            return []
        name, old, new = self.field.name, self.lanes[source].value, self.lanes[target].value
        if not self.field.many:
            return [Edit(name, new or None if isinstance(new, bool) else new)]
        edits = []
        if new is None:
            return [Edit(name, part, "remove") for part in _parts(now)]
        if old is not None:
            edits.append(Edit(name, old, "remove"))
        if new not in _parts(now):
            edits.append(Edit(name, new, "add"))
        return edits

    def first(self, target: int) -> dict[str, object]:
        """The fields of a new record that belongs into a lane."""
        value = self.lanes[target].value
        if value is None or value is False:
            return {}
        return {self.field.name: [value] if self.field.many else value}


@dataclass(frozen=True, slots=True)
class Filing:
    """Which rows stand in which lane: ``rows`` of all lanes one after the other, cut at ``starts``."""

    rows: Codes
    starts: Sequence[int]

    def lane(self, place: int) -> Codes:
        """The rows of a lane, in order."""
        return self.rows[self.starts[place] : self.starts[place + 1]]

    def count(self, place: int) -> int:
        """How many cards a lane has."""
        return int(self.starts[place + 1] - self.starts[place])


class Filer:
    """Files rows into lanes. What it knows of a column's distinct values stays true while ``lanes`` does."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._counts = np.zeros(0, np.int32)
        self._firsts = np.zeros(0, np.int32)
        self._flat = np.zeros(0, np.int32)

    def _learn(self, values: Sequence[object]) -> None:
        known = len(self._counts)
        if known == len(values):
            return
        fresh = [self.lanes.places(value) for value in values[known:]]
        counts = np.fromiter((len(each) for each in fresh), np.int32, len(fresh))
        flat = np.fromiter((place for each in fresh for place in each), np.int32)
        firsts = len(self._flat) + np.cumsum(counts) - counts
        self._counts = np.concatenate((self._counts, counts))
        self._firsts = np.concatenate((self._firsts, firsts.astype(np.int32)))
        self._flat = np.concatenate((self._flat, flat))

    def file(self, rows: Codes, column: Column) -> Filing:
        """Put rows, in their order, into the lanes of what they have in the column."""
        self._learn(column.values)
        codes = column.codes[rows]
        counts = self._counts[codes]
        if len(rows) and int(counts.max()) == 1 and int(counts.min()) == 1:
            places = self._flat[self._firsts[codes]]
            repeated = rows
        else:
            repeated = np.repeat(rows, counts)
            inner = np.arange(len(repeated)) - np.repeat(np.cumsum(counts) - counts, counts)
            places = self._flat[np.repeat(self._firsts[codes], counts) + inner]
        small = places.astype(np.int16)
        # A stable sort of small numbers is a radix sort: linear, and each lane keeps the order of the rows.
        order = np.argsort(small, kind="stable")
        starts = np.searchsorted(small[order], np.arange(len(self.lanes.lanes) + 1))
        return Filing(repeated[order], starts.tolist())


def _standing(field: Field, context: Context) -> list[object]:
    """The values that have a lane even where no record has them."""
    if field.type is FieldType.STATUS:
        return list(context.directory.statuses)
    if field.type is FieldType.CHECKBOX:
        return [False, True]
    return list(field.choices)


def _parts(value: object) -> Iterable[object]:
    if value is None:
        return ()
    return value if isinstance(value, tuple | list) else (value,)


def _hashable(part: object) -> bool:
    return isinstance(part, str | bytes | bool | int | float)
