"""Names that a table mentions: those that the project has, and those that the import will make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.domain.categories import Categories
from app.domain.directory import Directory, LocationEntry, NamedEntry, StatusEntry
from app.domain.names import fold, shorten
from app.domain.people import PersonEntry, name_words
from app.domain.schema import LABEL, LOCATION, PERSON, Field
from app.store.project import Project
from sync.errors import SitebookError
from sync.order import is_key, keys_between

_DEEPEST = 20
_ID_LENGTHS = (32, 36)
"""A name of so many characters may be the id of a record."""


class PlannedDirectory:
    """A directory that takes up new people, labels and locations as they are met, and writes them later."""

    def __init__(self, project: Project, base: Directory) -> None:
        """``base`` is the project as it is."""
        self._project = project
        self._base = base
        self._people = dict(base.people)
        self._labels = dict(base.labels)
        self._locations = dict(base.locations)
        self._paths = {_folded(entry.path): record for record, entry in base.locations.items()}
        self._names: dict[str, set[object]] = {}
        """By kind, everything that a cell may call one of its records."""
        self._numbers: dict[int, list[bytes]] = {}
        self._rows: dict[tuple[str, str], list[bytes]] = {}
        self._new: list[tuple[str, bytes, dict[str, object]]] = []

    @property
    def me(self) -> bytes | None:
        """The person record of whoever uses this device."""
        return self._base.me

    @property
    def people(self) -> Mapping[bytes, PersonEntry]:
        """All people, planned ones too."""
        return self._people

    @property
    def statuses(self) -> Mapping[bytes, StatusEntry]:
        """The project's statuses; an import makes none."""
        return self._base.statuses

    @property
    def labels(self) -> Mapping[bytes, NamedEntry]:
        """All labels, planned ones too."""
        return self._labels

    @property
    def locations(self) -> Mapping[bytes, LocationEntry]:
        """All locations, planned ones too."""
        return self._locations

    @property
    def categories(self) -> Categories:
        """The project's categories; an import makes none."""
        return self._base.categories

    def headings(self, kind: str) -> Mapping[bytes, str]:
        """The titles or names of the project's records."""
        return self._base.headings(kind)

    def called(self, kind: str, name: str) -> Sequence[bytes]:
        """The records of that name: the project's, and those that rows of the table make."""
        own = self._rows.get((kind, fold(name.strip())), ())
        return [*(each for each in self._base.called(kind, name) if each not in own), *own]

    def note_name(self, kind: str, name: str, record: bytes) -> None:
        """Remember that a row of the table is a record of this name."""
        rows = self._rows.setdefault((kind, fold(name.strip())), [])
        if record not in rows:
            rows.append(record)

    def category(self, record: bytes) -> str:
        """The category of a record of the project."""
        return self._base.category(record)

    def numbered(self, number: int) -> Sequence[bytes]:
        """The issues of a number: of the table where it has one, else of the project."""
        return self._numbers.get(number) or self._base.numbered(number)

    def number(self, record: bytes) -> int | None:
        """The number of an issue of the project."""
        return self._base.number(record)

    def heading(self, record: bytes) -> str | None:
        """The title or name of a record of the project."""
        return self._base.heading(record)

    def resolve(self, record: bytes) -> bytes:
        """What a record is now, where it was merged into another."""
        return self._base.resolve(record)

    def note_number(self, number: int, record: bytes) -> None:
        """Remember that a row of the table has this number."""
        self._numbers.setdefault(number, []).append(record)

    def surely_new(self, field: Field, name: str) -> bool:
        """Whether a name means none of the people, labels or locations there are, so that nobody need search."""
        if field.target not in (PERSON, LABEL, LOCATION) or name.startswith("@") or len(name) in _ID_LENGTHS:
            return False
        known = self._names.get(field.target)
        if known is None:
            known = self._names[field.target] = set()
            if field.target == LOCATION:
                for path in self._paths:
                    known.update(_ends(path))
            else:
                entries = self._people.values() if field.target == PERSON else self._labels.values()
                for entry in entries:
                    known.update(_called(entry))
        if field.target == LOCATION:
            return _folded(name) not in known
        return fold(name) not in known and (field.target == LABEL or name_words(name) not in known)

    def make(self, field: Field, name: str) -> bytes:
        """Plan the record that a field's cell names. Raises SitebookError where the name cannot be one."""
        if field.target == LABEL:
            record = self._plan(LABEL, {"name": name})
            self._labels[record] = NamedEntry(record, name)
            self._names.get(LABEL, set()).update(_called(self._labels[record]))
            return record
        if field.target == LOCATION:
            return self._locate(name)
        record = self._plan(PERSON, {"name": name} if "@" not in name else {"name": name, "email": name})
        self._people[record] = PersonEntry(record, name, name if "@" in name else "")
        self._names.get(PERSON, set()).update(_called(self._people[record]))
        return record

    def _plan(self, kind: str, fields: dict[str, object]) -> bytes:
        record = self._project.new_id()
        self._new.append((kind, record, fields))
        return record

    def _locate(self, path: str) -> bytes:
        parts = [part.strip() for part in path.split("/") if part.strip()]
        if not 0 < len(parts) <= _DEEPEST:
            raise SitebookError(f"“{shorten(path)}” is not a location; write it as Level 2/Room 5.")
        above: LocationEntry | None = None
        for part in parts:
            whole = part if above is None else f"{above.path}/{part}"
            record = self._paths.get(_folded(whole))
            if record is None:
                parent = None if above is None else above.id
                record = self._plan(LOCATION, {"name": part, "parent": parent})
                ancestors = () if above is None else (*above.ancestors, above.id)
                self._locations[record] = LocationEntry(record, whole, ancestors)
                self._paths[_folded(whole)] = record
                self._names.get(LOCATION, set()).update(_ends(_folded(whole)))
            above = self._locations[record]
        assert above is not None
        return above.id

    def planned(self, kind: str) -> list[str]:
        """The names of the records of a kind that the import will make."""
        return [str(fields["name"]) for each, _, fields in self._new if each == kind]

    def __len__(self) -> int:
        """How many records will be made."""
        return len(self._new)

    def writes(self) -> Iterator[tuple[str, bytes, dict[str, object]]]:
        """The records that are to be made: kind, id and fields."""
        locations = [record for kind, record, _ in self._new if kind == LOCATION]
        orders_now = self._project.column(LOCATION, "order").values()
        last = max((str(each) for each in orders_now if is_key(each)), default=None)
        orders = dict(zip(locations, keys_between(last, None, len(locations)), strict=True))
        for kind, record, fields in self._new:
            order = {"order": orders[record]} if record in orders else {}
            yield kind, record, fields | order


def _folded(path: str) -> str:
    return "/".join(fold(part.strip()) for part in path.split("/") if part.strip())


def _ends(path: str) -> Iterator[str]:
    """A path, and every end of it that names a location too."""
    parts = path.split("/")
    return ("/".join(parts[at:]) for at in range(len(parts)))


def _called(entry: PersonEntry | NamedEntry) -> set[object]:
    """What a person or a label is called; see ``app.domain.people.people_named``."""
    if isinstance(entry, NamedEntry):
        return {fold(entry.name)}
    return {fold(entry.name), fold(entry.email), name_words(entry.name)}
