"""The steps of a compiled query, and the records and columns that they work on.

A step answers for one record (``matches``), or picks records of a kind from columns (``select``): it loads
only the columns that it uses, and looks only at the records that the steps before it left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.columns import Columns
from app.domain.schema import Field, FieldType
from app.query.predicates import Test, is_empty

FLAGS = ("unsynced", "attention", "conflict", "attachments", "comments")
"""What is known of a record beside its fields; a source and a row are asked for these names only."""


class Row(Protocol):
    """One record, for asking whether it is among the results."""

    def value(self, field: str) -> object:
        """What is stored in a field: None where nothing is, a tuple where the field holds many."""
        ...

    def text(self) -> str:
        """The merging text of the record as plain text; empty where its kind has none."""
        ...

    def flag(self, name: str) -> bool:
        """One of ``FLAGS``."""
        ...


class Source(Columns, Protocol):
    """All records of a project, column by column."""

    def records(self, kind: str) -> Sequence[bytes]:
        """The ids of a kind, in the order in which they are shown where nothing else is asked for."""
        ...

    def texts(self, kind: str) -> Mapping[bytes, str]:
        """The plain text of each record that has one."""
        ...

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which one of ``FLAGS`` holds; ids of other kinds may be among them."""
        ...


@dataclass
class Loader:
    """The columns of one kind, each loaded once."""

    kind: str
    source: Source
    _columns: dict[str, Mapping[bytes, object]] = field(default_factory=dict, init=False, repr=False)

    def column(self, wanted: Field) -> Mapping[bytes, object]:
        """The values of a field; of the merging text, its plain text."""
        if wanted.name not in self._columns:
            self._columns[wanted.name] = (
                self.source.texts(self.kind)
                if wanted.type is FieldType.RICH
                else self.source.column(self.kind, wanted.name)
            )
        return self._columns[wanted.name]


@dataclass(frozen=True, slots=True)
class Step(ABC):
    """One node of the compiled tree."""

    @property
    @abstractmethod
    def slow(self) -> bool:
        """Whether texts are read; such steps come last."""

    @abstractmethod
    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""

    @abstractmethod
    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""


def part(field: Field, stored: object) -> object:
    """What a field names of what is stored: all of it, or one parameter. None where there is nothing."""
    if field.key and isinstance(stored, Mapping):
        stored = stored.get(field.key)
    return None if is_empty(stored) else stored


def path_of(wanted: Field) -> str:
    """The path of the column of a field that a compiled query names."""
    return wanted.title if wanted.key else wanted.name


@dataclass(frozen=True, slots=True)
class FieldStep(Step):
    """What a field holds meets a test."""

    field: Field
    test: Test

    @property
    def slow(self) -> bool:
        """Whether texts are read."""
        return self.field.type is FieldType.RICH

    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""
        rich = self.field.type is FieldType.RICH
        return self.test(part(self.field, row.text() if rich else row.value(self.field.name)))

    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""
        column, test, field = loader.column(self.field), self.test, self.field
        value = column.get
        return {record for record in among if test(part(field, value(record)))}


@dataclass(frozen=True, slots=True)
class FlagStep(Step):
    """One of ``FLAGS`` holds."""

    name: str

    @property
    def slow(self) -> bool:
        """Whether texts are read."""
        return False

    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""
        return row.flag(self.name)

    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""
        return among & frozenset(loader.source.flagged(loader.kind, self.name))


@dataclass(frozen=True, slots=True)
class AllStep(Step):
    """All steps are met."""

    steps: tuple[Step, ...]

    @property
    def slow(self) -> bool:
        """Whether texts are read."""
        return any(step.slow for step in self.steps)

    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""
        return all(step.matches(row) for step in self.steps)

    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""
        for step in self.steps:
            if not among:
                break
            among = step.select(among, loader)
        return among


@dataclass(frozen=True, slots=True)
class AnyStep(Step):
    """At least one step is met."""

    steps: tuple[Step, ...]

    @property
    def slow(self) -> bool:
        """Whether texts are read."""
        return any(step.slow for step in self.steps)

    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""
        return any(step.matches(row) for step in self.steps)

    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""
        found: Set[bytes] = frozenset()
        for step in self.steps:
            found = found | step.select(among - found, loader)
        return found


@dataclass(frozen=True, slots=True)
class NotStep(Step):
    """A step is not met."""

    step: Step

    @property
    def slow(self) -> bool:
        """Whether texts are read."""
        return self.step.slow

    def matches(self, row: Row) -> bool:
        """Whether one record meets this."""
        return not self.step.matches(row)

    def select(self, among: Set[bytes], loader: Loader) -> Set[bytes]:
        """Those of ``among`` that meet this."""
        return among - self.step.select(among, loader)


def all_of(steps: Iterable[Step]) -> Step:
    """One step for several that must all be met; there is at least one."""
    every = tuple(sorted(steps, key=lambda step: step.slow))
    return every[0] if len(every) == 1 else AllStep(every)


def any_of(steps: Iterable[Step]) -> Step:
    """One step for several of which one must be met; there is at least one."""
    every = tuple(sorted(steps, key=lambda step: step.slow))
    return every[0] if len(every) == 1 else AnyStep(every)
