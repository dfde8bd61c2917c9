"""What a column of a table becomes, and what a person has to decide about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.fields import CustomField
from app.domain.schema import Field
from sync.errors import SitebookError

LEAVE_OUT: Final = "-"
ID: Final = "id"
CREATED_BY: Final = "created_by"
IN_PAIR: Final = "in the pair"
"""Why nothing of its own comes of the second of two columns that make a pair of coordinates."""
WRONG: Final = "What is wrong"
"""The column of reasons in a table of rows that did not fit."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or two that make a pair of coordinates.

    ``field`` is None for the special ones (``id``, ``created_by``) and for what is left out, where ``reason``
    says why. ``new`` is the definition of a field that the import makes. ``date_format`` is in the letters of
    ``strptime``, empty where dates are written as Sitebook does; ``ambiguous`` are the forms between which the
    cells do not decide, of which the first was taken.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    field: Field | None = None
    special: str = ""
    new: CustomField | None = None
    date_format: str = ""
    reason: str = ""
    ambiguous: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The names as they stand in the file."""
        return " + ".join(self.names)


class Choice(StrEnum):
    """What a person has to decide about a column before it can be read."""

    FORM = "form"
    """How its dates are written."""
    TWICE = "twice"
    """Which of two columns goes to a field."""
    TYPE = "type"
    """Of what type a new field is."""


class Undecided(SitebookError):
    """A column that cannot be read before a person decides something. Says what, not how: that differs between
    window and command line. ``target`` is the field that was named for it.
    """

    def __init__(self, message: str, choice: Choice, column: str, target: str = "") -> None:
        super().__init__(message)
        self.choice = choice
        self.column = column
        self.target = target


def read_mapping(items: Iterable[str]) -> dict[str, str]:
    """Read ``COLUMN=FIELD`` as it is typed on the command line. Raises SitebookError."""
    mapping = {}
    for item in items:
        column, sign, field = item.rpartition("=")
        if not sign or not column.strip() or not field.strip():
            raise SitebookError(f"“{item}” is not of the form COLUMN=FIELD (COLUMN=- leaves a column out).")
        mapping[column.strip()] = field.strip()
    return mapping
