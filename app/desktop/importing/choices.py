"""What a person decides about a table, and what the check of it found: plain values that pass between threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.domain.schema import ISSUE
from app.interchange.csv_columns import Column
from app.interchange.csv_read import Problem, Row
from sync.change import Change


@dataclass(frozen=True)
class Choices:
    """What ``plan_table`` is told: ``mapping`` and ``forms`` (of dates) are by the names of columns."""

    kind: str = ISSUE
    mapping: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    forms: Mapping[str, str] = field(default_factory=dict)
    add_people: bool = True

    def with_target(self, column: str, target: str) -> Choices:
        """The same with another field for a column; its dates are guessed anew."""
        forms = {name: form for name, form in self.forms.items() if name != column}
        return replace(self, mapping={**self.mapping, column: target}, forms=forms)

    def with_form(self, column: str, form: str) -> Choices:
        """The same with another form for the dates of a column."""
        return replace(self, forms={**self.forms, column: form})


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was read: its columns, its first rows, and how many rows there are."""

    path: Path
    columns: tuple[str, ...]
    first: Sequence[Row]
    count: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What an import would do. ``made`` are the names of new records, by kind."""

    choices: Choices
    columns: tuple[Column, ...]
    created: int
    updated: int
    unchanged: int
    deleted: int
    made: Mapping[str, Sequence[str]]
    new_fields: Sequence[str]
    problems: Sequence[Problem]

    @property
    def undecided(self) -> list[str]:
        """The columns of which a person has to say how their dates are written."""
        given = self.choices.forms
        return [each.name for each in self.columns if each.ambiguous and each.name not in given]

    @property
    def rows(self) -> int:
        """How many rows would be written."""
        return self.created + self.updated


@dataclass(frozen=True, slots=True)
class Written:
    """What an import did. ``first`` is its first change, by which all of it is taken back; None where it did nothing.

    ``begun_ms`` is when it began, in UTC milliseconds. ``passed_over`` counts rows whose records others deleted
    meanwhile.
    """

    kind: str
    created: int
    updated: int
    begun_ms: int
    first: Change | None
    passed_over: int = 0
    left_out: int = 0
