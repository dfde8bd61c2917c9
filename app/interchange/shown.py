"""A view as it stands on the screen, as plain data for writing it into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.domain.values import display, to_text

ShownRow = Sequence[object]
"""The stored value of each column, None where there is none."""
_TEXTS: Final = frozenset({FieldType.TEXT, FieldType.RICH})
Progress = Callable[[int], None]
"""Is told how many rows are written; what it raises stops the export, and no file is left."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a view. ``field`` says how its values are shown; ``width`` is in pixels, 0 where unknown."""

    title: str
    field: Field
    width: int = 0


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The head of a group: its name, how many rows follow, and its sums as (title of the column, text)."""

    name: str
    count: int
    sums: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The head in one line."""
        sums = "".join(f", {title}: {total}" for title, total in self.sums)
        return f"{self.name} ({self.count:,}){sums}"


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view: its name, its columns in order, and its rows in order with the heads of groups between them."""

    name: str
    columns: Sequence[ShownColumn]
    rows: Iterable[ShownRow | ShownGroup]
    grouped: str = ""
    """The title of the column that groups, empty where none does."""


def shown_text(field: Field, value: object, context: Context) -> str:
    """A value as it is shown, but texts whole: a table cuts them for the eye only."""
    if field.type in _TEXTS and not field.many:
        return to_text(field, value, context)
    return display(field, value, context)
