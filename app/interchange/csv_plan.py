"""What the import of a table will do, and doing it: all of it as one action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.domain.schema import CUSTOM_PREFIX, FIELD, ISSUE, NUMBERS
from app.interchange.csv_columns import Column
from app.interchange.csv_read import Problem, Table
from app.interchange.planned import PlannedDirectory
from app.store.operations import Bulk, Edit
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


@dataclass
class ImportPlan:
    """A table that was read and checked against a project. Nothing is written before ``commit``."""

    project: Project
    kind: str
    columns: tuple[Column, ...]
    records: list[PlannedRecord]
    unchanged: int
    """Rows that are in the project just so."""
    deleted: int
    """Rows whose records were deleted here; they are passed over."""
    names: PlannedDirectory = field(repr=False)
    choices: Mapping[str, list[str]] = field(repr=False)
    """By field, choices that a list of the users' own gets in addition."""
    table: Table = field(repr=False)
    """The file as it was read."""
    problems: tuple[Problem, ...] = ()
    """The rows that were left out, and why, in the order of the file."""

    @property
    def created(self) -> int:
        """How many records will be made."""
        return sum(record.new for record in self.records)

    @property
    def updated(self) -> int:
        """How many records will be changed."""
        return len(self.records) - self.created

    def made(self, kind: str) -> list[str]:
        """The names of the people, labels or locations that will be made."""
        return self.names.planned(kind)

    def commit(self, progress: Callable[[int, int], None] | None = None) -> Touched:
        """Write all of it in one transaction, undone as one. ``progress`` is told (changes done, in all).

        Raises Refused where one's role does not permit it, SitebookError where the disk says no; then nothing
        is written.
        """
        bulk = self.project.bulk()
        if self.records:
            self.names.write(bulk)
            self._write_fields(bulk)
            self._claim_numbers(bulk)
        for record in self.records:
            if record.new:
                bulk.create(self.kind, record.values, text=record.text, record=record.record)
                continue
            if record.values:
                bulk.update(record.record, [Edit(name, value) for name, value in record.values.items()])
            if record.text is not None:
                bulk.replace_text(record.record, record.text)
        return bulk.commit(progress)

    def _write_fields(self, bulk: Bulk) -> None:
        for column in self.columns:
            if column.field is None:
                continue
            added = self.choices.get(column.field.name, [])
            new = column.new
            if new is not None:
                definition = {
                    "name": new.name,
                    "type": str(new.type),
                    "of": new.of,
                    "choices": [*new.choices, *added] or None,
                    "order": new.order,
                }
                bulk.create(FIELD, definition, record=new.id)
            elif added:
                record = bytes.fromhex(column.field.name.removeprefix(CUSTOM_PREFIX))
                bulk.update(record, [Edit("choices", [*column.field.choices, *added])])

    def _claim_numbers(self, bulk: Bulk) -> None:
        """Reserve the numbers that the table brings, so that no device gives them out again."""
        given = [record.values["number"] for record in self.records if "number" in record.values]
        numbers = [number for number in given if isinstance(number, int)]
        if self.kind == ISSUE and numbers:
            first = min(numbers)
            bulk.create(NUMBERS, {"block": [first, max(numbers) - first + 1]})
