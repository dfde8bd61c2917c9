"""From the cells of a row to the values of fields, with the names that they mention."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.domain import dates
from app.domain.directory import Context
from app.domain.lists import split_list
from app.domain.names import fold, shorten
from app.domain.references import UnknownName
from app.domain.schema import LABEL, LOCATION, PERSON, Field, FieldType
from app.domain.values import check_size, parse
from app.interchange.csv_columns import Column
from app.interchange.planned import PlannedDirectory
from sync.errors import SitebookError

_MAX_NUMBER = 1 << 40


@dataclass
class Cells:
    """Reads cells. ``choices`` collects, by field, what closed lists of the users' own do not have yet."""

    context: Context
    names: PlannedDirectory
    date_format: str
    add_people: bool
    choices: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[tuple[str, str], object] = field(default_factory=dict)

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
        place = (wanted.name, cell)
        if place not in self._known:
            self._known[place] = self._read(wanted, cell, column.date_format)
        return self._known[place]

    def _pair(self, wanted: Field, cells: list[str]) -> object:
        if not any(cells):
            return None
        if not all(cells):
            raise SitebookError("One of the two coordinates is missing.")
        return parse(wanted, ",".join(cells), self.context)

    def _read(self, wanted: Field, cell: str, form: str) -> object:
        if wanted.name == "number":
            return _issue_number(cell)
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
        return dates.parse_date_with(cell, form)

    def _moment(self, cell: str) -> int:
        try:
            return dates.parse_moment(cell, self.context.today, self.context.zone)
        except SitebookError:
            if not self.date_format:
                raise
            day = dates.parse_date_with(cell, self.date_format)
            return self.context.day_start(date.fromisoformat(day).toordinal())

    def _one(self, wanted: Field, text: str) -> object:
        if wanted.custom and wanted.choices and text.strip():
            return self._choice(wanted, text.strip())
        try:
            return parse(wanted, text, self.context)
        except UnknownName as error:
            if wanted.target in (LABEL, LOCATION) or (wanted.target == PERSON and self.add_people):
                if len(error.name) > 500:
                    raise
                return self.names.make(wanted, error.name)
            if wanted.target == PERSON:
                raise SitebookError(
                    f"There is no person “{shorten(error.name)}”; add the person first, have the import add "
                    "people, or leave the column out."
                ) from error
            raise

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
