"""What the import of a table will do, and doing it: all of it as one action."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from app.interchange.csv_columns import Column
from app.interchange.csv_commit import Writing
from app.interchange.csv_read import Problem, Table
from app.interchange.planned import PlannedDirectory
from app.store.project import Project
from app.store.touched import Touched


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """What the import does with one row: it makes a record, or edits one."""

    row: int
    record: bytes
    new: bool
    values: Mapping[str, object]
    text: str | None


_Packed = tuple[int, bytes, bool, tuple[str, ...], tuple[object, ...], str | None]


class PlannedRecords(Sequence[PlannedRecord]):
    """Many planned records, kept as bare tuples: see ``csv_read.Rows``."""

    def __init__(self, many: frozenset[str]) -> None:
        """``many`` are the fields that hold sets; their values are tuples, and lists those of others."""
        self._many = many
        self._packed: list[_Packed] = []
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.created = 0
        """How many are new."""

    def append(self, planned: PlannedRecord) -> None:
        """Take in one more."""
        self.created += planned.new
        names = tuple(planned.values)
        values = tuple([tuple(each) if isinstance(each, list) else each for each in planned.values.values()])
        names = self._names.setdefault(names, names)
        self._packed.append((planned.row, planned.record, planned.new, names, values, planned.text))

    def values(self, name: str) -> Iterator[object]:
        """What all rows have in one field."""
        for _, _, _, names, values, _ in self._packed:
            if name in names:
                yield values[names.index(name)]

    def _unpacked(self, packed: _Packed) -> PlannedRecord:
        row, record, new, names, values, text = packed
        found = {
            name: list(value) if isinstance(value, tuple) and name not in self._many else value
            for name, value in zip(names, values, strict=True)
        }
        return PlannedRecord(row, record, new, found, text)

    @overload
    def __getitem__(self, place: int) -> PlannedRecord: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[PlannedRecord]: ...

    def __getitem__(self, place: int | slice) -> PlannedRecord | Sequence[PlannedRecord]:
        if isinstance(place, slice):
            return [self._unpacked(each) for each in self._packed[place]]
        return self._unpacked(self._packed[place])

    def __iter__(self) -> Iterator[PlannedRecord]:
        return map(self._unpacked, self._packed)

    def __len__(self) -> int:
        return len(self._packed)


@dataclass
class ImportPlan:
    """A table that was read and checked against a project. Nothing is written before ``commit`` or ``writing``."""

    project: Project
    kind: str
    columns: tuple[Column, ...]
    records: PlannedRecords
    unchanged: int
    """Rows that are in the project just so."""
    deleted: int
    """Rows whose records were deleted here; they are passed over."""
    names: PlannedDirectory = field(repr=False)
    choices: Mapping[str, list[str]] = field(repr=False)
    """By field, choices that a list of the users' own gets in addition."""
    numbers: tuple[int, int] | None
    """The least and the largest issue number that the table brings."""
    table: Table = field(repr=False)
    """The file as it was read."""
    problems: tuple[Problem, ...] = ()
    """The rows that were left out, and why, in the order of the file."""

    @property
    def created(self) -> int:
        """How many records will be made."""
        return self.records.created

    @property
    def updated(self) -> int:
        """How many records will be changed."""
        return len(self.records) - self.created

    @property
    def new_fields(self) -> list[str]:
        """The names of the fields that will be made."""
        return [column.new.name for column in self.columns if column.new is not None]

    def made(self, kind: str) -> list[str]:
        """The names of the people, labels or locations that will be made."""
        return self.names.planned(kind)

    def writing(self) -> Writing:
        """Begin to write it in slices, on the connection that it was planned on."""
        return Writing(self, self.project)

    def commit(self, progress: Callable[[int, int], None] | None = None) -> Touched:
        """Write all of it in one transaction, undone as one. ``progress`` is told (rows done, in all).

        Raises Refused where one's role does not permit it, SitebookError where the disk says no; then nothing
        is written.
        """
        return self.writing().all_at_once(progress)
