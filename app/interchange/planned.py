"""Names that a table mentions: those that the project has, and those that the import will make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.categories import Categories
from app.domain.directory import Directory, LocationEntry, NamedEntry, StatusEntry
from app.domain.names import fold, shorten
from app.domain.people import PersonEntry
from app.domain.schema import LABEL, LOCATION, PERSON, Field
from app.store.operations import Bulk
from app.store.project import Project
from sync.errors import SitebookError
from sync.order import is_key, keys_between

_DEEPEST = 20


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
        self._numbers: dict[int, list[bytes]] = {}
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
        """The project's records of that name."""
        return self._base.called(kind, name)

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

    def make(self, field: Field, name: str) -> bytes:
        """Plan the record that a field's cell names. Raises SitebookError where the name cannot be one."""
        if field.target == LABEL:
            record = self._plan(LABEL, {"name": name})
            self._labels[record] = NamedEntry(record, name)
            return record
        if field.target == LOCATION:
            return self._locate(name)
        record = self._plan(PERSON, {"name": name} if "@" not in name else {"name": name, "email": name})
        self._people[record] = PersonEntry(record, name, name if "@" in name else "")
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
            above = self._locations[record]
        assert above is not None
        return above.id

    def planned(self, kind: str) -> list[str]:
        """The names of the records of a kind that the import will make."""
        return [str(fields["name"]) for each, _, fields in self._new if each == kind]

    def write(self, bulk: Bulk) -> None:
        """Plan the records as a part of a larger action."""
        locations = [record for kind, record, _ in self._new if kind == LOCATION]
        orders_now = self._project.column(LOCATION, "order").values()
        last = max((str(each) for each in orders_now if is_key(each)), default=None)
        orders = dict(zip(locations, keys_between(last, None, len(locations)), strict=True))
        for kind, record, fields in self._new:
            order = {"order": orders[record]} if record in orders else {}
            bulk.create(kind, fields | order, record=record)


def _folded(path: str) -> str:
    return "/".join(fold(part.strip()) for part in path.split("/"))
