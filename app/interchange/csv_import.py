"""Importing a table: everything is read and checked first, and nothing is written where a cell is wrong.

With a key column a row updates the record that has its key, and an unchanged row changes nothing. An ``id``
column, as our own exports have, is such a key by itself; only then does a blank cell clear its field. Rows of
records that were deleted here are passed over, so that nothing comes back by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.domain.directory import Context
from app.domain.fields import load_fields
from app.domain.names import fold_name
from app.domain.schema import ISSUE, KINDS, NUMBERS, FieldType, Kind
from app.interchange.csv_cells import Cells
from app.interchange.csv_columns import CREATED_BY, ID, Column, plan_columns, read_mapping
from app.interchange.csv_commit import numbers_of
from app.interchange.csv_parts import TITLE_LENGTH, Numbers, is_block, same, title_of
from app.interchange.csv_plan import ImportPlan, PlannedRecord, PlannedRecords
from app.interchange.csv_read import Problem, Progress, Row, Table, read_table
from app.interchange.planned import PlannedDirectory
from app.store.deletion import DELETED
from app.store.project import Project
from sync.errors import SitebookError
from sync.ids import parse_id

__all__ = ["Column", "ImportPlan", "PlannedRecord", "plan_import", "plan_table", "read_mapping"]

_ROW_BYTES: Final = 900_000
_REPORT: Final = 200
_KEYS: Final = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.LINK, FieldType.EMAIL, FieldType.PHONE,
                          FieldType.CHOICE, FieldType.DATE, FieldType.INTEGER})  # fmt: skip


def plan_import(
    path: Path,
    project: Project,
    *,
    context: Context,
    mapping: Mapping[str, str] | None = None,
    key: str = "",
    date_format: str = "",
    kind: str = ISSUE,
    add_people: bool = False,
    lenient: bool = False,
    progress: Progress = lambda _done, _rows: None,
) -> ImportPlan:
    """Read a CSV file and decide what it does to a project; see ``plan_table``. Raises NotFound too."""
    return plan_table(
        read_table(path, lenient=lenient),
        project,
        context=context,
        mapping=mapping,
        key=key,
        date_format=date_format,
        kind=kind,
        add_people=add_people,
        lenient=lenient,
        progress=progress,
    )


def plan_table(
    table: Table,
    project: Project,
    *,
    context: Context,
    mapping: Mapping[str, str] | None = None,
    key: str = "",
    date_format: str = "",
    date_formats: Mapping[str, str] | None = None,
    kind: str = ISSUE,
    add_people: bool = False,
    lenient: bool = False,
    progress: Progress = lambda _done, _rows: None,
) -> ImportPlan:
    """Decide what a table does to a project.

    ``mapping`` goes from column to field: a field's name, ``-`` to leave the column out, or ``NAME:TYPE`` for
    a field that is made where it is not there. ``key`` names the column that tells rows apart; in a kind with
    external ids it goes there unless it has a field. ``date_format`` is in the letters of ``strptime``, and
    ``date_formats`` those of single columns.
    ``add_people`` makes people that are not there; labels and locations are always made. ``lenient`` leaves
    rows that do not fit out of the plan, whose ``problems`` tell of them; otherwise the first one is raised.
    ``progress`` is told (rows read, rows in all); what it raises ends the reading.

    Raises SitebookError with a sentence that says row and column, and Undecided where a person has to decide
    something about a column first; nothing was written then.
    """
    names = PlannedDirectory(project, context.directory)
    context = Context(names, context.today, context.zone, context.currency)
    columns = plan_columns(
        table,
        load_fields(kind, project),
        project,
        context,
        mapping=mapping or {},
        key="" if fold_name(key) == ID else key,
        date_format=date_format,
        date_formats=date_formats or {},
        lenient=lenient,
    )
    cells = Cells(context, names, date_format, add_people)
    rows = _Rows(project, KINDS[kind], table, columns, cells, key, lenient, progress)
    rows.identify()
    records = rows.records()
    return ImportPlan(
        project,
        kind,
        tuple(columns),
        records,
        rows.unchanged,
        rows.deleted,
        names,
        cells.choices,
        numbers_of(kind, records.values("number")),
        table,
        tuple(sorted((*table.uneven, *rows.problems), key=lambda each: each.row)),
    )


def _together(before: object, given: Mapping[str, object], *, clears: bool) -> dict[str, object] | None:
    """The parameters of a record after those of a row were written over them; None where there are none."""
    found = {str(key): value for key, value in before.items()} if isinstance(before, Mapping) else {}
    for key, value in given.items():
        if value is not None:
            found[key] = value
        elif clears:
            found.pop(key, None)
    return found or None


class _Misfit(SitebookError):
    """A row that does not fit. ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def _row_misfit(row: Row, message: str) -> _Misfit:
    return _Misfit(Problem(row.number, "", f"Row {row.number} {message}"))


@dataclass
class _Rows:
    project: Project
    kind: Kind
    table: Table
    columns: list[Column]
    cells: Cells
    key: str
    lenient: bool
    progress: Progress
    unchanged: int = 0
    deleted: int = 0
    problems: list[Problem] = field(default_factory=list)
    _ids: dict[int, bytes | None] = field(default_factory=dict)
    """By row the record that it updates or makes; None where it was deleted here."""
    _new: set[int] = field(default_factory=set)

    def identify(self) -> None:
        """Find out which row is which record, before any cell that may refer to one is read."""
        by_id = next((column for column in self.columns if column.special == ID), None)
        by_key = self._key_column(by_id)
        seen: dict[object, int] = {}
        present = dict.fromkeys(self.project.records(self.kind.name), False)
        present |= dict.fromkeys(self.project.records(self.kind.name, deleted=True), True)
        known = {} if by_key is None else self._known(by_key, present)
        fresh = iter(sorted(self.project.new_id() for _ in self.table.rows))
        for row in self.table.rows:
            with self._tried():
                name, found = self._identity(row, by_id, by_key, known)
                if name is not None and name in seen:
                    raise _Misfit(
                        Problem(
                            row.number,
                            "",
                            f"Rows {seen[name]} and {row.number} have the same key; each key may occur once.",
                        )
                    )
                if name is not None:
                    seen[name] = row.number
                record = found or next(fresh)
                if record not in present:
                    self._new.add(row.number)
                self._note_number(row, record)
                self._note_name(row, record)
                self._ids[row.number] = None if present.get(record) else record

    @contextmanager
    def _tried(self) -> Iterator[None]:
        """Where rows may be left out, one that does not fit is noted and left."""
        try:
            yield
        except _Misfit as misfit:
            if not self.lenient:
                raise
            self.problems.append(misfit.problem)

    def _identity(
        self, row: Row, by_id: Column | None, by_key: Column | None, known: Mapping[object, bytes]
    ) -> tuple[object, bytes | None]:
        """What tells a row apart, if anything does, and the record that it updates, if there is one."""
        if by_key is not None:
            name = self._read(row, by_key)
            if name is None:
                raise _row_misfit(row, f"has no “{by_key.name}”; each row needs its key.")
            return name, known.get(name)
        if by_id is not None and row.cells[by_id.places[0]].strip():
            try:
                found = parse_id(row.cells[by_id.places[0]])
            except SitebookError as error:
                raise _Misfit(Problem(row.number, by_id.name, str(error))) from error
            self._check_kind(row, found)
            return found, found
        return None, None

    def _key_column(self, by_id: Column | None) -> Column | None:
        if not self.key or (by_id is not None and fold_name(self.key) == ID):
            return None
        found = [each for each in self.columns if fold_name(self.key) in map(fold_name, each.names)]
        if not found or found[0].field is None or found[0].field.type not in _KEYS or found[0].field.many:
            raise SitebookError(f"“{self.key}” cannot tell rows apart; choose a column of texts or numbers.")
        return found[0]

    def _known(self, column: Column, present: Mapping[bytes, bool]) -> dict[object, bytes]:
        """The records of the project by their key; of two with one key the one that is there, else the older."""
        assert column.field is not None
        name = column.field.name
        undone = _undone(self.project, self.kind.name)
        found = [
            (self.project.field(record, name, self.kind.name).value, record)
            for record in sorted(present, reverse=True)
            if present[record] and record not in undone
        ]
        there = self.project.column(self.kind.name, name)
        found += [(value, record) for record, value in sorted(there.items(), reverse=True)]
        return {value: record for value, record in found if isinstance(value, str | int | float)}

    def _check_kind(self, row: Row, record: bytes) -> None:
        kind = self.project.kind_of(record)
        if kind is not None and kind != self.kind.name:
            raise _row_misfit(
                row, f"has the id of a {kind}, and this imports {self.kind.plural.lower()}; take the id out."
            )

    def _note_number(self, row: Row, record: bytes) -> None:
        column = next((each for each in self.columns if each.field and each.field.name == "number"), None)
        number = None if column is None else self._read(row, column)
        if isinstance(number, int):
            self.cells.names.note_number(number, record)

    def _note_name(self, row: Row, record: bytes) -> None:
        """Rows may refer to each other by name, in any order: doors to the room that they are in."""
        column = next(
            (each for each in self.columns if each.field and each.field.name == self.kind.heading), None
        )
        if column is not None and any(
            each.field and each.field.target == self.kind.name for each in self.columns
        ):
            self.cells.names.note_name(self.kind.name, row.cells[column.places[0]], record)

    def _read(self, row: Row, column: Column) -> object:
        try:
            return self.cells.value(column, row.cells)
        except SitebookError as error:
            raise _Misfit(Problem(row.number, column.name, str(error))) from error

    def records(self) -> PlannedRecords:
        """What is to be written. Raises SitebookError for the first cell that is wrong."""
        filled = [column for column in self.columns if column.field is not None]
        old: dict[str, Mapping[bytes, Any]] = {}
        texts: Mapping[bytes, str] = {}
        for column in filled:
            assert column.field is not None
            if column.field.type is FieldType.RICH:
                texts = self.project.texts(self.kind.name)
            else:
                old[column.field.name] = self.project.column(self.kind.name, column.field.name)
        numbers = self._free_numbers()
        clears = any(column.special == ID for column in self.columns)
        planned = PlannedRecords(frozenset(column.field.name for column in filled if column.field.many))  # type: ignore[union-attr]
        for done, row in enumerate(self.table.rows):
            if done % _REPORT == 0:
                self.progress(done, len(self.table.rows))
            if row.number not in self._ids:
                continue
            with self._tried():
                found = self._planned(row, filled, old, texts, numbers, clears=clears)
                if found is not None:
                    planned.append(found)
        return planned

    def _planned(
        self,
        row: Row,
        filled: list[Column],
        old: Mapping[str, Mapping[bytes, Any]],
        texts: Mapping[bytes, str],
        numbers: Numbers,
        *,
        clears: bool,
    ) -> PlannedRecord | None:
        """What is to be done with a row; None where nothing is."""
        values: dict[str, object] = {}
        text: str | None = None
        parameters: dict[str, dict[str, object]] = {}
        for column in filled:
            assert column.field is not None
            value = self._read(row, column)
            if column.field.type is FieldType.RICH:
                text = str(value)
            elif column.field.key:
                parameters.setdefault(column.field.name, {})[column.field.key] = value
            else:
                values[column.field.name] = value
        record = self._ids[row.number]
        if record is None:
            self.deleted += 1
            return None
        for name, given in parameters.items():
            values[name] = _together(old[name].get(record), given, clears=clears)
        if row.number in self._new:
            return self._creation(row, record, values, text, numbers)
        values.pop("number", None)
        values.pop("created", None)
        edits = {
            name: value
            for name, value in values.items()
            if (clears or value is not None) and not same(value, old[name].get(record))
        }
        text = None if text == texts.get(record, "") or not (text or clears) else text
        if edits or text is not None:
            return PlannedRecord(row.number, record, False, edits, text)
        self.unchanged += 1
        return None

    def _free_numbers(self) -> Numbers:
        if self.kind.name != ISSUE:
            return Numbers(set(), [])
        taken = {each for each in self.project.column(ISSUE, "number").values() if isinstance(each, int)}
        blocks = [each for each in self.project.column(NUMBERS, "block").values() if is_block(each)]
        return Numbers(taken, [range(first, first + count) for first, count in blocks])

    def _creation(
        self, row: Row, record: bytes, values: dict[str, object], text: str | None, numbers: Numbers
    ) -> PlannedRecord:
        given = {name: value for name, value in values.items() if value is not None}
        self._name(row, given, text)
        if "number" in given and not numbers.take(given["number"]):
            del given["number"]
        by = next((column for column in self.columns if column.special == CREATED_BY), None)
        name = "" if by is None else row.cells[by.places[0]].strip()
        if "created" in given:
            given["created"] = [name, given["created"]]
        size = len((text or "").encode()) + sum(len(str(value)) * 4 for value in given.values())
        if size > _ROW_BYTES:
            raise _row_misfit(row, "is larger than 900 kB; shorten its texts.")
        return PlannedRecord(row.number, record, True, given, text)

    def _name(self, row: Row, given: dict[str, object], text: str | None) -> None:
        heading = self.kind.heading
        if given.get(heading) or heading in self.kind.text_fields:
            return
        title = title_of(text or "")
        if not title and self.key:
            column = self._key_column(None)
            title = "" if column is None else row.cells[column.places[0]].strip()[:TITLE_LENGTH]
        if not title and self.kind.text_fields:
            title = f"Row {row.number}"
        if not title:
            raise _row_misfit(row, f"has no {heading}; fill it in.")
        given[heading] = title


def _undone(project: Project, kind: str) -> set[bytes]:
    """Deleted records that were made in one action of which nothing is left: the action was undone."""
    rows = project.db.all(
        "SELECT r.id, r.state, c.gid FROM writes w JOIN records r USING (rid) JOIN changes c USING (cid)"
        " WHERE w.fid = ? AND c.gid IS NOT NULL",
        (project.numbers.known_field(kind, "created"),),
    )
    kept = {bytes(group) for _, state, group in rows if state != DELETED}
    return {bytes(record) for record, _, group in rows if bytes(group) not in kept}
