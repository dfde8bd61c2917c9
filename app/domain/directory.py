"""The names that values refer to: people, statuses, labels, locations and numbered records of one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Protocol

from app.domain.categories import HOLDERS, Categories
from app.domain.columns import Columns
from app.domain.merged import Entries, Merges
from app.domain.names import fold, natural_key
from app.domain.people import PersonEntry
from app.domain.schema import CATEGORY, ELEMENT, ISSUE, KINDS, LABEL, LOCATION, NOTE, PERSON, STATUS, Meaning

_DEEPEST = 30
_TITLED = (ISSUE, NOTE, ELEMENT, CATEGORY)
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A status: ``rank`` is its place in the order of all, from 0."""

    id: bytes
    name: str
    meaning: Meaning
    rank: int
    color: str = ""
    categories: tuple[bytes, ...] = ()
    """The categories that it belongs to; none: all."""


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """A label."""

    id: bytes
    name: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class LocationEntry:
    """A location: ``path`` is the names from the outermost down, joined by slashes (“Level 2/Core B”)."""

    id: bytes
    path: str
    ancestors: tuple[bytes, ...] = ()
    """The ids from the outermost down, without its own."""
    type: str = ""
    """What it is: building, level, room, or another word."""


class Directory(Protocol):
    """What values need to know of the project that they belong to."""

    @property
    def me(self) -> bytes | None:
        """The person record of whoever uses this device; None where it points to none yet."""
        ...

    @property
    def people(self) -> Mapping[bytes, PersonEntry]:
        """All people."""
        ...

    @property
    def statuses(self) -> Mapping[bytes, StatusEntry]:
        """All statuses, in their order."""
        ...

    @property
    def labels(self) -> Mapping[bytes, NamedEntry]:
        """All labels."""
        ...

    @property
    def locations(self) -> Mapping[bytes, LocationEntry]:
        """All locations."""
        ...

    @property
    def categories(self) -> Categories:
        """The categories that have a definition."""
        ...

    def headings(self, kind: str) -> Mapping[bytes, str]:
        """The titles or names of all records of a kind that have one."""
        ...

    def called(self, kind: str, name: str) -> Sequence[bytes]:
        """The records of a kind whose title or name is this one, ignoring case and accents."""
        ...

    def category(self, record: bytes) -> str:
        """The name of the category that an issue or an element is of; empty where it is of none."""
        ...

    def numbered(self, number: int) -> Sequence[bytes]:
        """The issues of a number: one, unless two devices gave the same."""
        ...

    def number(self, record: bytes) -> int | None:
        """The number of an issue."""
        ...

    def heading(self, record: bytes) -> str | None:
        """The title or name of a record; None where it is not there."""
        ...

    def resolve(self, record: bytes) -> bytes:
        """What a record is now: another one, where it was merged into that; else itself."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What reading and showing values depends on beside the value: passed in, so that results repeat.

    ``today`` is the device's date, ``zone`` its time zone; ``currency`` is the project's and may be empty.
    ``collate`` gives the key by which texts are sorted (``app.domain.collation``).
    """

    directory: Directory
    today: date
    zone: tzinfo = UTC
    currency: str = ""
    collate: Callable[[str], str] = natural_key

    def day_start(self, ordinal: int) -> int:
        """The moment at which a day begins here, in milliseconds UTC, by the day's proleptic ordinal.

        An ordinal, so that the day after the last possible date still has a beginning.
        """
        day = date.fromordinal(min(max(ordinal, 2), date.max.toordinal() - 1))
        offset = self.zone.utcoffset(datetime(day.year, day.month, day.day))  # noqa: DTZ001 (local by intent)
        local = (ordinal - _EPOCH) * _DAY_MS
        return local - int((offset or timedelta()).total_seconds() * 1000)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def location_paths(
    names: Mapping[bytes, object],
    parents: Mapping[bytes, object],
    types: Mapping[bytes, object] | None = None,
) -> dict[bytes, LocationEntry]:
    """Build the tree of locations.

    Two devices may each have moved one location into the other: such a ring is cut where it is entered again,
    and depth has a bound, so every location has a path whatever arrived.
    """
    # Columns in memory are views: what is asked for thousands of times is taken out of them once.
    names, parents, types = dict(names.items()), dict(parents.items()), dict((types or {}).items())
    entries: dict[bytes, LocationEntry] = {}
    for record in names:
        chain = [record]
        parent = parents.get(record)
        while isinstance(parent, bytes) and parent in names and parent not in chain and len(chain) < _DEEPEST:
            chain.append(parent)
            parent = parents.get(parent)
        chain.reverse()
        path = "/".join(_text(names[each]) or "(no name)" for each in chain)
        entries[record] = LocationEntry(record, path, tuple(chain[:-1]), _text(types.get(record)))
    return entries


def _many(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _own_title(name: str, titles: set[str]) -> str:
    """A name that nothing before has; it is added to ``titles``."""
    title, count = name, 1
    while fold(title) in titles:
        count += 1
        title = f"{name} ({count})"
    titles.add(fold(title))
    return title


def read_statuses(columns: Columns) -> dict[bytes, StatusEntry]:
    """Read the statuses in their order. One without a known meaning counts as open, which hides nothing.

    Of two with one name, made by two devices at the same time, the later is called “name (2)”.
    """
    names = columns.column(STATUS, "name")
    meanings = columns.column(STATUS, "meaning")
    orders = columns.column(STATUS, "order")
    colors = columns.column(STATUS, "color")
    scopes = columns.column(STATUS, "categories")
    titles: set[str] = set()
    known = {each.value: each for each in Meaning}
    ordered = sorted(names, key=lambda record: (_text(orders.get(record)), record))
    return {
        record: StatusEntry(
            record,
            _own_title(_text(names[record]) or "(no name)", titles),
            known.get(_text(meanings.get(record)), Meaning.OPEN),
            rank,
            _text(colors.get(record)),
            tuple(each for each in _many(scopes.get(record)) if isinstance(each, bytes)),
        )
        for rank, record in enumerate(ordered)
    }


@dataclass
class ProjectDirectory:
    """A directory that reads a project's columns, each when it is first asked for, and keeps them.

    It shows the project as it was then: make a new one after a change to people, statuses, labels, locations.
    """

    columns: Columns
    me: bytes | None = None

    @cached_property
    def merges(self) -> Merges:
        """The records that became part of others."""
        return Merges.read(self.columns)

    def _merged(self, kind: str) -> Merges:
        return Merges.read(self.columns, (kind,))

    def resolve(self, record: bytes) -> bytes:
        """What a record is now: another one, where it was merged into that; else itself."""
        return self.merges.resolve(record)

    @cached_property
    def people(self) -> Mapping[bytes, PersonEntry]:
        """All people."""
        emails = self.columns.column(PERSON, "email")
        companies = self.columns.column(PERSON, "company")
        entries = {
            record: PersonEntry(record, _text(name), _text(emails.get(record)), _text(companies.get(record)))
            for record, name in self.columns.column(PERSON, "name").items()
        }
        return Entries(entries, self._merged(PERSON))

    @cached_property
    def statuses(self) -> Mapping[bytes, StatusEntry]:
        """All statuses, in their order."""
        return Entries(read_statuses(self.columns), self._merged(STATUS))

    @cached_property
    def labels(self) -> Mapping[bytes, NamedEntry]:
        """All labels."""
        colors = self.columns.column(LABEL, "color")
        entries = {
            record: NamedEntry(record, _text(name) or "(no name)", _text(colors.get(record)))
            for record, name in self.columns.column(LABEL, "name").items()
        }
        return Entries(entries, self._merged(LABEL))

    @cached_property
    def locations(self) -> Mapping[bytes, LocationEntry]:
        """All locations."""
        parents = self.columns.column(LOCATION, "parent")
        merged = self._merged(LOCATION)
        if merged:
            parents = {
                record: merged.resolve(parent) if isinstance(parent, bytes) else parent
                for record, parent in parents.items()
            }
        names, types = self.columns.column(LOCATION, "name"), self.columns.column(LOCATION, "type")
        return Entries(location_paths(names, parents, types), merged)

    @cached_property
    def categories(self) -> Categories:
        """The categories that have a definition."""
        return Categories.read(self.columns)

    def headings(self, kind: str) -> Mapping[bytes, str]:
        """The titles or names of all records of a kind that have one."""
        if kind not in self._headings:
            column = self.columns.column(kind, KINDS[kind].heading)
            self._headings[kind] = {record: _text(name) for record, name in column.items()}
        return self._headings[kind]

    @cached_property
    def _headings(self) -> dict[str, dict[bytes, str]]:
        return {}

    def called(self, kind: str, name: str) -> Sequence[bytes]:
        """The records of a kind whose title or name is this one, ignoring case and accents."""
        if kind not in self._called:
            found = self._called[kind] = {}
            for record, heading in self.headings(kind).items():
                found.setdefault(fold(heading.strip()), []).append(record)
        return self._called[kind].get(fold(name.strip()), ())

    @cached_property
    def _called(self) -> dict[str, dict[str, list[bytes]]]:
        return {}

    def category(self, record: bytes) -> str:
        """The name of the category that an issue or an element is of; empty where it is of none."""
        return _text(self._held.get(record))

    @cached_property
    def _held(self) -> dict[bytes, object]:
        held = (self.columns.column(kind, name) for kind, name in HOLDERS.items())
        return {record: name for column in held for record, name in column.items()}

    @cached_property
    def _numbers(self) -> Mapping[bytes, object]:
        return self.columns.column(ISSUE, "number")

    @cached_property
    def _by_number(self) -> dict[int, list[bytes]]:
        found: dict[int, list[bytes]] = {}
        for record, number in self._numbers.items():
            if isinstance(number, int):
                found.setdefault(number, []).append(record)
        return found

    def numbered(self, number: int) -> Sequence[bytes]:
        """The issues of a number."""
        return self._by_number.get(number, ())

    def number(self, record: bytes) -> int | None:
        """The number of an issue."""
        number = self._numbers.get(record)
        return number if isinstance(number, int) else None

    def heading(self, record: bytes) -> str | None:
        """The title or name of a record; None where it is not there."""
        for found in (self.people.get(record), self.labels.get(record), self.statuses.get(record)):
            if found is not None:
                return found.shown if isinstance(found, PersonEntry) else found.name
        if record in self.locations:
            return self.locations[record].path
        return self._title(record) or self._title(self.resolve(record))

    def _title(self, record: bytes) -> str | None:
        found = (self.headings(kind).get(record) for kind in _TITLED)
        return next((heading for heading in found if heading is not None), None)
