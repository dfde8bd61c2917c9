"""Running a query on columns: which rows, in which order, in which groups, with what sums."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.query.ast import Query, QueryError
from app.query.column import Column, Mask
from app.query.evaluate import Compiled, SortKey, compile_query
from app.query.frame import Frame, Rows
from app.query.grouping import Group, Groups
from app.query.masks import meeting
from app.query.needs import Need
from app.query.order import sorted_places
from app.query.paths import POINTING, Catalog
from app.query.predicates import Contains, Equals, HasWords, Some, Within
from app.query.ranking import Ranks
from app.query.steps import AllStep, AnyStep, FieldStep, FlagStep, NotStep, Step, path_of
from app.query.sums import sum_of


@dataclass
class Answer:
    """What a query found. ``rows`` are rows of the frame, in the order to show."""

    rows: Rows
    groups: Sequence[Group] = ()
    sums: dict[str, object] = field(default_factory=dict)
    errors: tuple[QueryError, ...] = ()
    texts_pending: tuple[str, ...] = ()
    """Words that were not looked up in the texts yet, “” for another condition on them. What meets it only there
    is missing, until ``Frames.text_steps`` has run, and the query again.
    """

    def __len__(self) -> int:
        """How many records were found."""
        return len(self.rows)


class Memory(Protocol):
    """The columns that a query runs on."""

    @property
    def catalog(self) -> Catalog:
        """The fields."""
        ...

    def frame(self, kind: str) -> Frame:
        """The records of a kind."""
        ...

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which a flag holds."""
        ...

    def text_hits(self, kind: str, step: FieldStep) -> Mask | None:
        """The rows whose text meets a condition; None where that is not known yet."""
        ...

    def ranks(self, kind: str, path: str, context: Context, *, descending: bool) -> tuple[Ranks, int]:
        """The ranks of a column's distinct values, and how many ranks there are."""
        ...


def compiled_for(memory: Memory, kind: str, query: Query, context: Context) -> Compiled:
    """The query with the names of the project resolved."""
    return compile_query(query, memory.catalog.fields(kind), context, paths=memory.catalog)


def _field_steps(compiled: Compiled) -> Iterator[FieldStep]:
    steps = [] if compiled.step is None else [compiled.step]
    while steps:
        step = steps.pop()
        if isinstance(step, AllStep | AnyStep):
            steps += step.steps
        elif isinstance(step, NotStep):
            steps.append(step.step)
        elif isinstance(step, FieldStep):
            yield step


def text_tests(compiled: Compiled) -> list[FieldStep]:
    """The conditions on texts."""
    return [step for step in _field_steps(compiled) if step.field.type is FieldType.RICH]


def needs_of(compiled: Compiled) -> Iterator[Need]:
    """The columns that running a query uses."""
    for step in _field_steps(compiled):
        if step.field.type is not FieldType.RICH:
            searched = isinstance(step.test, Contains | Equals | Some)
            yield Need(path_of(step.field), searched=searched, counted=isinstance(step.test, Within))
    for key in compiled.sort:
        yield Need(path_of(key.field), ranked=True)
    if compiled.group is not None:
        yield Need(path_of(compiled.group), ranked=True, grouped=True)


def run(memory: Memory, compiled: Compiled, context: Context, sums: Sequence[str] = ()) -> Answer:
    """Answer a compiled query."""
    return _Run(memory, compiled, context).answer(sums)


class _Run:
    def __init__(self, memory: Memory, compiled: Compiled, context: Context) -> None:
        self.memory = memory
        self.compiled = compiled
        self.context = context
        self.kind = compiled.fields.kind.name
        self.frame = memory.frame(self.kind)
        self.pending: list[str] = []

    def answer(self, sums: Sequence[str]) -> Answer:
        rows = self.frame.order
        if self.compiled.step is not None:
            rows = rows[self.mask(self.compiled.step)[rows]]
        groups: Sequence[Group] = ()
        group = self.compiled.group
        keys = [self.key(each, rows) for each in self.compiled.sort]
        columns = {path: self.frame.column(path) for path in sums}
        if group is None:
            rows = rows[sorted_places(keys, len(rows))] if keys else rows
        else:
            same, count = self.grouping(group)
            mine = same[self.column(group).codes[rows]]
            places = sorted_places([(mine, count), *keys], len(rows))
            rows, mine = rows[places], mine[places]
            if len(rows):
                bounds = np.concatenate(([0], np.flatnonzero(np.diff(mine)) + 1, [len(rows)]))
                groups = Groups(self.frame, self.column(group), rows, bounds, columns)
        total = {path: sum_of(column, column.codes[rows]) for path, column in columns.items()}
        return Answer(rows, groups, total, self.compiled.errors, tuple(self.pending))

    def column(self, wanted: Field) -> Column:
        return self.frame.column(path_of(wanted))

    def key(self, key: SortKey, rows: Rows) -> tuple[Ranks, int]:
        ranks, count = self.ranks(key.field, descending=key.descending)
        return ranks[self.column(key.field).codes[rows]], count

    def ranks(self, wanted: Field, *, descending: bool = False) -> tuple[Ranks, int]:
        column = self.column(wanted)
        ranks = self.memory.ranks(self.kind, path_of(wanted), self.context, descending=descending)
        assert len(ranks[0]) == len(column.values)
        return ranks

    # Conditions

    def mask(self, step: Step) -> Mask:
        if isinstance(step, FieldStep):
            return self.field_mask(step)
        if isinstance(step, NotStep):
            return ~self.mask(step.step)
        if isinstance(step, FlagStep):
            return self.rows_of(self.memory.flagged(self.kind, step.name))
        assert isinstance(step, AllStep | AnyStep)
        found = self.mask(step.steps[0])
        for each in step.steps[1:]:
            if isinstance(step, AllStep):
                found &= self.mask(each)
            else:
                found |= self.mask(each)
        return found

    def field_mask(self, step: FieldStep) -> Mask:
        if step.field.type is not FieldType.RICH:
            column = self.column(step.field)
            return meeting(column, step.test)[column.codes]
        found = self.memory.text_hits(self.kind, step)
        if found is None:
            self.pending.append(step.test.typed if isinstance(step.test, HasWords) else "")
            return np.zeros(self.frame.size, np.bool_)
        return found

    def rows_of(self, records: Collection[bytes]) -> Mask:
        found = np.zeros(self.frame.size, np.bool_)
        row = self.frame.row
        places = [place for place in map(row, records) if place is not None]
        found[places] = True
        return found

    # Groups

    def grouping(self, wanted: Field) -> tuple[Ranks, int]:
        """By code, the place of the group that it belongs to.

        Values that are equal for people are one group; records are told apart, even those of one name.
        """
        ranks, count = self.ranks(wanted)
        if wanted.type not in POINTING:
            return ranks, count
        packed = ranks.astype(np.int64) << 32 | self.column(wanted).firsts()
        _, places = np.unique(packed, return_inverse=True)
        return places.astype(np.int32), int(places.max()) + 1
