"""Writing what an import plans: many changes of one group, all at once or a few milliseconds at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.domain.schema import CUSTOM_PREFIX, FIELD, ISSUE, NUMBERS
from app.store import numbering
from app.store.operations import Edit
from app.store.slices import BACKGROUND_SECONDS, Step, in_slices
from app.store.touched import Touched
from sync.change import Change, Group, Operation
from sync.errors import NotFound, Refused

if TYPE_CHECKING:
    from app.interchange.csv_plan import ImportPlan, PlannedRecord
    from app.store.project import Project

_Build = Callable[[], Sequence[Operation]]


@dataclass
class Writing:
    """The writing of one plan. What was written is one action of ``project``, whose changes are of one group.

    ``made`` is its first change, by which any connection takes it back (``Project.remember``). ``passed_over``
    counts the rows whose records were deleted while the import ran.
    """

    plan: ImportPlan
    project: Project
    made: list[Change] = field(default_factory=list)
    passed_over: int = 0
    _statuses: dict[object, bytes | None] = field(default_factory=dict)
    """By category, the status that a new issue gets: found out once, not for each row."""

    def all_at_once(self, progress: Callable[[int, int], None] | None = None) -> Touched:
        """Write everything in one transaction, or nothing. ``progress`` is told (rows done, in all)."""
        touched = Touched()
        done, total = 0, len(self.plan.records)
        with self.project.writing():
            for unit in self._units(lenient=False):
                done += unit(touched)
                if progress is not None:
                    progress(done, total)
        self.project.remember(self.made)
        return touched

    def steps(self, seconds: float = BACKGROUND_SECONDS) -> Iterator[Step]:
        """Write in slices, each a transaction of its own, and tell after each how far it is.

        Whoever asks for no more leaves the rest unwritten; what was written is then an action to take back.
        Commits wait for the disk only now and then: after a power cut the end may be missing, never the middle.
        """
        try:
            with self.project.lightly():
                units = self._units(lenient=True)
                slices = in_slices(self.project, units, len(self.plan.records), seconds)
                for step in slices:
                    yield step
                    if self.project.log_is_long:
                        self.project.tend_log()
        finally:
            self.project.tend_log()
            self.project.remember(self.made)

    def _units(self, *, lenient: bool) -> Iterator[Callable[[Touched], int]]:
        group = self.project.random(16)
        yield self._reserve
        for index, (rows, build) in enumerate(self._changes(lenient=lenient)):

            def write(touched: Touched, index: int = index, rows: int = rows, build: _Build = build) -> int:
                place = Group(group, index, self._size)
                change = self.project.append(build(), touched, place)
                if change is not None and not self.made:
                    self.made.append(change)
                return rows

            yield write

    @property
    def _size(self) -> int:
        """How many changes there are at most."""
        return len(self.plan.records) + len(self.plan.names) + len(self.plan.columns) + 1

    def _changes(self, *, lenient: bool) -> Iterator[tuple[int, _Build]]:
        """Every change with the rows that it stands for: first what the rows refer to."""
        plan, project = self.plan, self.project
        if not plan.records:
            return
        for kind, record, fields in plan.names.writes():
            yield 0, _creation(project, kind, record, fields, None)
        yield from ((0, build) for build in self._fields())
        if plan.numbers is not None:
            first, last = plan.numbers
            block = {"block": [first, last - first + 1]}
            yield 0, _creation(project, NUMBERS, project.new_id(), block, None)
        for planned in plan.records:
            yield 1, lambda planned=planned: self._row(planned, lenient=lenient)  # type: ignore[misc]

    def _fields(self) -> Iterator[_Build]:
        """The definitions of new fields, and choices that are added to those there are."""
        plan, project = self.plan, self.project
        for column in plan.columns:
            if column.field is None:
                continue
            added = plan.choices.get(column.field.name, [])
            new = column.new
            if new is not None:
                definition = {
                    "name": new.name,
                    "type": str(new.type),
                    "of": new.of,
                    "choices": [*new.choices, *added] or None,
                    "order": new.order,
                }
                yield _creation(project, FIELD, new.id, definition, None)
            elif added:
                record = bytes.fromhex(column.field.name.removeprefix(CUSTOM_PREFIX))
                edit = Edit("choices", [*column.field.choices, *added])
                yield lambda record=record, edit=edit: project.edits(record, [edit])  # type: ignore[misc]

    def _row(self, planned: PlannedRecord, *, lenient: bool) -> Sequence[Operation]:
        """The operations of one row."""
        project, record = self.project, planned.record
        if planned.new:
            return project.creation(self.plan.kind, record, self._with_status(planned.values), planned.text)
        try:
            edits = [Edit(name, value) for name, value in planned.values.items()]
            operations = project.edits(record, edits)
            if planned.text is not None:
                operations.extend(project.replacement(record, "text", planned.text))
        except (NotFound, Refused):
            if not lenient:
                raise
            self.passed_over += 1
            return []
        return operations

    def _with_status(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """The values of a new record; an issue without a status gets its first one."""
        if self.plan.kind != ISSUE or values.get("status") is not None:
            return values
        category = values.get("category")
        if category not in self._statuses:
            self._statuses[category] = self.project.default_status(category)
        return {**values, "status": self._statuses[category]}

    def _reserve(self, touched: Touched) -> int:
        """Reserve the numbers of all new issues at once: each claim looks at all claims before it."""
        unnumbered = sum(each.new and each.values.get("number") is None for each in self.plan.records)
        if self.plan.kind == ISSUE and unnumbered > numbering.BLOCK:
            numbering.reserve(self.project, unnumbered)
        return 0


def _creation(
    project: Project, kind: str, record: bytes, fields: Mapping[str, object], text: str | None
) -> _Build:
    return lambda: project.creation(kind, record, fields, text)


def numbers_of(kind: str, given: Iterator[object]) -> tuple[int, int] | None:
    """The least and the largest issue number that a table brings: no device may give them out again."""
    found = [each for each in given if isinstance(each, int)] if kind == ISSUE else []
    return (min(found), max(found)) if found else None
