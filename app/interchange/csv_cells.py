"""From the cells of a row to the values of fields, with the names that they mention."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from app.domain import dates
from app.domain.directory import Context
from app.domain.lists import split_list
from app.domain.names import fold, shorten
from app.domain.numbers import find_number
from app.domain.references import UnknownName
from app.domain.schema import LABEL, LOCATION, PERSON, Field, FieldType
from app.domain.values import check_size, parse
from app.interchange.csv_columns import Column
from app.interchange.planned import PlannedDirectory
from sync.errors import SitebookError

_MAX_NUMBER = 1 << 40
_LONGEST_NAME = 500
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?")
"""A number that loses nothing: “007” and “1.1.2” are texts."""
_REMEMBERED = 20_000
"""So many different cells of a column are remembered."""


def parameter(cell: str) -> object:
    """One property that came from outside: a number where it is written as one, yes or no, else text."""
    text = cell.strip()
    if text in ("yes", "no"):
        return text == "yes"
    number = find_number(text) if _PLAIN_NUMBER.fullmatch(text) else None
    return text if number is None else number


@dataclass
class Cells:
    """Reads cells. ``choices`` collects, by field, what closed lists of the users' own do not have yet."""

    context: Context
    names: PlannedDirectory
    date_format: str
    add_people: bool
    choices: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[str, dict[str, object]] = field(default_factory=dict)
    """By field, what cells said that were read before."""

    def value(self, column: Column, cells: tuple[str, ...]) -> object:
        """The value of a column in one row; None where it is blank. Raises SitebookError."""
        wanted = column.field
        assert wanted is not None
        if wanted.type is FieldType.RICH:
            return cells[column.places[0]].replace("\r\n", "\n").replace("\r", "\n")
        if len(column.places) > 1:
            return self._pair(wanted, [cells[place].strip() for place in column.places])
        cell = cells[column.places[0]]
        if not cell.strip():
            return None
        known = self._known.setdefault(f"{wanted.name}\0{wanted.key}", {})
        if cell not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            try:
                known[cell] = self._read(wanted, cell, column.date_format)
            except SitebookError as error:
                known[cell] = error
        found = known[cell]
        if isinstance(found, SitebookError):
            # One sentence for every row that says the same: making it anew may take long.
            raise SitebookError(str(found)) from found
        return found

    def _pair(self, wanted: Field, cells: list[str]) -> object:
        if not any(cells):
            return None
        if not all(cells):
            raise SitebookError("One of the two coordinates is missing.")
        return parse(wanted, ",".join(cells), self.context)

    def _read(self, wanted: Field, cell: str, form: str) -> object:
        if wanted.name == "number":
            return _issue_number(cell)
        if wanted.key:
            return parameter(cell)
        if wanted.type is FieldType.DATE:
            return self._date(wanted, cell, form)
        if wanted.type is FieldType.MOMENT:
            return self._moment(cell)
        if not wanted.many:
            return self._one(wanted, cell)
        found = [self._one(wanted, item) for item in split_list(cell)]
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _date(self, wanted: Field, cell: str, form: str) -> object:
        if not form:
            return parse(wanted, cell, self.context)
        if dates.is_date(cell.strip()):
            return cell.strip()
        try:
            return dates.parse_date_with(cell, form)
        except SitebookError as error:
            raise SitebookError(
                f"“{shorten(cell)}” is not a date written like {date(2027, 1, 31):{form}}."
            ) from error

    def _moment(self, cell: str) -> int:
        try:
            return dates.parse_moment(cell, self.context.today, self.context.zone)
        except SitebookError:
            if not self.date_format:
                raise
            day = dates.parse_date_with(cell, self.date_format)
            return self.context.day_start(date.fromisoformat(day).toordinal())

    def _one(self, wanted: Field, text: str) -> object:
        name = text.strip()
        if wanted.custom and wanted.choices and name:
            return self._choice(wanted, name)
        # Saying what a name may have meant takes long where there are thousands, and nobody will read it.
        if name and self.names.surely_new(wanted, name):
            return self._made(wanted, name)
        try:
            return parse(wanted, text, self.context)
        except UnknownName as error:
            if wanted.target not in (LABEL, LOCATION, PERSON):
                raise
            return self._made(wanted, error.name)

    def _made(self, wanted: Field, name: str) -> bytes:
        """A person, label or location that is not there yet. Raises SitebookError where it may not be made."""
        if wanted.target == PERSON and not self.add_people:
            raise SitebookError(
                f"There is no person “{shorten(name)}”; add the person first, have the import add people, or "
                "leave the column out."
            )
        if len(name) > _LONGEST_NAME:
            raise SitebookError(
                f"“{shorten(name)}” is too long for a name; {_LONGEST_NAME} characters are the most."
            )
        return self.names.make(wanted, name)

    def _choice(self, wanted: Field, text: str) -> str:
        """A choice as its list writes it; one that the list does not have is added to it."""
        added = self.choices.setdefault(wanted.name, [])
        folded = fold(text)
        for choice in (*wanted.choices, *added):
            if fold(choice.strip()) == folded:
                return choice
        check_size(text)
        added.append(text)
        return text


def _issue_number(cell: str) -> int:
    digits = cell.strip().removeprefix("#")
    if not digits.isdecimal() or not digits.isascii() or not 0 < int(digits[:20]) < _MAX_NUMBER:
        raise SitebookError(f"“{shorten(cell)}” is not an issue's number; write it as 214 or #214.")
    return int(digits)
