"""What each column of a table becomes: a field of the project, a new field, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain import dates
from app.domain.coordinates import CoordinatesCodec
from app.domain.detect import coordinate_pair, detect_column
from app.domain.directory import Context
from app.domain.fields import CustomField, FieldSet, field_type
from app.domain.names import fold_name, unknown
from app.domain.schema import FIELD, Field, FieldType
from app.interchange.csv_choices import (
    CREATED_BY,
    ID,
    IN_PAIR,
    LEAVE_OUT,
    WRONG,
    Choice,
    Column,
    Undecided,
    read_mapping,
)
from app.interchange.csv_dates import nearly_dates
from app.interchange.csv_read import Table
from app.store.project import Project
from sync.errors import Malformed, SitebookError
from sync.ids import parse_id
from sync.order import is_key, keys_between

__all__ = ["CREATED_BY", "ID", "IN_PAIR", "LEAVE_OUT", "WRONG", "Choice", "Column", "Undecided", "plan_columns",
           "read_mapping"]  # fmt: skip

_TEXT_NAMES: Final = ("text", "description", "notes", "body", "details")
_HEADING_NAMES: Final = ("subject", "summary", "headline")
_COORDINATES: Final = "coordinates"
_MONEY: Final = re.compile(r"[A-Z]{3} -?[0-9]+\.[0-9]{2,}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


def plan_columns(
    table: Table,
    fields: FieldSet,
    project: Project,
    context: Context,
    *,
    mapping: Mapping[str, str],
    key: str,
    date_format: str,
    date_formats: Mapping[str, str],
    lenient: bool,
) -> list[Column]:
    """Decide for every column. Raises SitebookError for names that do not exist, or that are used twice.

    Where it is not clear how dates are written, Undecided is raised, or with ``lenient`` a guess is made.
    """
    forms = _by_place(table, date_formats)
    chooser = _Chooser(table, fields, context, date_format, forms, lenient=lenient)
    wanted = _by_place(table, mapping)
    key_place = None if not key else _place(table, key)
    for place, name in wanted.items():
        chooser.explicit(place, name)
    for place in range(len(table.columns)):
        if place not in wanted:
            chooser.by_name(place)
    if key_place is not None and key_place in chooser.free and "external_id" in fields.kind.fields:
        chooser.use(key_place, fields.kind.fields["external_id"])
    chooser.pair()
    chooser.detect()
    return _numbered(chooser.columns(), project)


def _place(table: Table, name: str) -> int:
    folded = [fold_name(column) for column in table.columns]
    if fold_name(name) not in folded:
        raise SitebookError(unknown("column", name, table.columns))
    return folded.index(fold_name(name))


def _by_place(table: Table, mapping: Mapping[str, str]) -> dict[int, str]:
    return {_place(table, column): target for column, target in mapping.items()}


def _numbered(columns: Sequence[Column], project: Project) -> list[Column]:
    """Give new fields ids and places behind those that there are."""
    fresh = sum(column.new is not None for column in columns)
    last = max((str(each) for each in project.column(FIELD, "order").values() if is_key(each)), default=None)
    orders = iter(keys_between(last, None, fresh))
    found = []
    for column in columns:
        if column.new is None:
            found.append(column)
        else:
            new = replace(column.new, id=project.new_id(), order=next(orders))
            found.append(replace(column, new=new, field=new.field(new.name)))
    return found


class _Chooser:
    def __init__(
        self,
        table: Table,
        fields: FieldSet,
        context: Context,
        date_format: str,
        forms: Mapping[int, str],
        *,
        lenient: bool,
    ) -> None:
        self._table = table
        self._fields = fields
        self._context = context
        self._date_format = date_format
        self._forms = forms
        self._lenient = lenient
        self._chosen: dict[int, Column] = {}
        self._used: dict[str, int] = {}

    @property
    def _parameters(self) -> Field | None:
        """The field that takes what has no field, in kinds that come from outside with parameters of their own."""
        every = self._fields.kind.fields.values()
        return next((each for each in every if each.type is FieldType.PARAMETERS), None)

    @property
    def free(self) -> list[int]:
        """The columns that nothing was decided for."""
        return [place for place in range(len(self._table.columns)) if place not in self._chosen]

    def columns(self) -> list[Column]:
        """All decisions, in the order of the file."""
        return [self._chosen[place] for place in sorted(self._chosen)]

    def _column(self, place: int) -> Column:
        return Column((self._table.columns[place],), (place,))

    def leave_out(self, place: int, reason: str) -> None:
        self._chosen[place] = replace(self._column(place), reason=reason)

    def use(self, place: int, field: Field) -> None:
        """Fill a field of the project from a column. Two columns make one field only as coordinates."""
        other = self._used.get(_slot(field))
        if other is not None and field.type is FieldType.COORDINATES:
            self._join(other, place)
            return
        if other is not None:
            raise Undecided(
                f"The columns “{self._table.columns[other]}” and “{self._table.columns[place]}” both go to "
                f"{field.typed_name}; leave one of them out.",
                Choice.TWICE,
                self._table.columns[place],
            )
        self._used[_slot(field)] = place
        column = replace(self._column(place), field=field)
        self._chosen[place] = self._dated(column) if field.type is FieldType.DATE else column

    def _join(self, first: int, second: int) -> None:
        """Make one pair of two columns; where the names do not tell, the latitude stands first."""
        before = self._chosen[first]
        if len(before.places) > 1:
            raise SitebookError(f"Three columns cannot make coordinates; leave “{before.names[0]}” out.")
        names = {self._table.columns[place]: place for place in (first, second)}
        pair = coordinate_pair({name: self._table.cells(place) for name, place in names.items()})
        ordered = tuple(names) if pair is None else pair
        self.leave_out(second, IN_PAIR)
        self._chosen[first] = replace(before, names=ordered, places=tuple(names[name] for name in ordered))

    def _dated(self, column: Column) -> Column:
        """A column that goes to a date field, with the form of its dates."""
        (place,) = column.places
        given = self._forms.get(place, self._date_format)
        cells = [cell for cell in self._table.cells(place) if cell.strip()]
        if given or all(dates.find_date(cell, self._context.today) for cell in cells):
            return replace(column, date_format=given)
        found = detect_column(cells)
        form = found.date_format or (found.ambiguous[0] if found.ambiguous and self._lenient else "")
        return replace(column, date_format=form or nearly_dates(cells), ambiguous=found.ambiguous)

    def explicit(self, place: int, target: str) -> None:
        """What the person said."""
        name = self._table.columns[place]
        if target == LEAVE_OUT:
            self.leave_out(place, "left out, as asked")
        elif fold_name(target) in (ID, CREATED_BY):
            self._chosen[place] = replace(self._column(place), special=fold_name(target))
        elif (found := self._fields.find(target)) is not None:
            reason = _closed(found)
            if reason:
                raise SitebookError(f"The column “{name}” cannot go to {found.typed_name}: {reason}.")
            self.use(place, found)
        else:
            self._typed(place, target)

    def _typed(self, place: int, target: str) -> None:
        """``NAME:TYPE``: a field that is made where it is not there yet."""
        name = self._table.columns[place]
        title, colon, type_name = target.rpartition(":")
        if not colon:
            raise Undecided(
                f"{unknown('field', target, self._fields.names)} To make a new one, name its type.",
                Choice.TYPE,
                name,
                target,
            )
        type, title = field_type(type_name), title.strip() or name
        found = self._fields.find(title)
        if found is not None and found.type is not type:
            raise SitebookError(
                f"There is a field “{found.typed_name}” already, and its type is {found.type}."
            )
        twin = [at for at, each in self._chosen.items() if each.new is not None and each.new.name == title]
        if found is not None:
            self.use(place, found)
        elif twin and type is FieldType.COORDINATES:
            self._join(twin[0], place)
        else:
            self._make(place, title, type)

    def by_name(self, place: int) -> None:
        """What the name of the column means, if anything."""
        folded = fold_name(self._table.columns[place])
        kind = self._fields.kind
        if folded == ID and self._all_ids(place):
            self._chosen[place] = replace(self._column(place), special=ID)
        elif folded == CREATED_BY:
            self._chosen[place] = replace(self._column(place), special=CREATED_BY)
        elif self._table.columns[place] == WRONG:
            self.leave_out(place, "it says what was wrong with the rows")
        elif (found := self._fields.find(self._table.columns[place])) is not None:
            reason = _closed(found)
            if reason:
                self.leave_out(place, reason)
            elif _slot(found) not in self._used:
                self.use(place, found)
            else:
                self.leave_out(place, f"{found.typed_name} comes from another column")
        elif folded in _TEXT_NAMES and kind.text_fields and self._nobody_else("text", _TEXT_NAMES, place):
            self.use(place, kind.fields[kind.text_fields[0]])
        elif folded in _HEADING_NAMES and self._nobody_else(kind.heading, _HEADING_NAMES, place):
            self.use(place, kind.fields[kind.heading])

    def _nobody_else(self, name: str, names: Sequence[str], place: int) -> bool:
        """Whether a field is free, and no earlier column and none that is called like it will take it."""
        folded = [fold_name(column) for column in self._table.columns]
        own = self._fields.kind.fields[name]
        direct = [
            other for other, each in enumerate(folded) if each in (fold_name(own.name), fold_name(own.title))
        ]
        return name not in self._used and not [other for other in direct if other != place]

    def _all_ids(self, place: int) -> bool:
        cells = [cell for cell in self._table.cells(place) if cell.strip()]
        try:
            return all(len(parse_id(cell)) == 16 and "-" in cell for cell in cells)
        except Malformed:
            return False

    def pair(self) -> None:
        """Latitude and longitude among the columns that are left."""
        columns = self._table.columns
        pair = coordinate_pair({columns[place]: self._table.cells(place) for place in self.free})
        if pair is None:
            return
        places = tuple(columns.index(name) for name in pair)
        existing = self._fields.find(_COORDINATES)
        column = Column(pair, places)
        if existing is not None and existing.type is FieldType.COORDINATES:
            if existing.name in self._used:
                return
            self._used[existing.name] = places[0]
            column = replace(column, field=existing)
        elif existing is None:
            column = replace(column, new=self._definition(_COORDINATES, FieldType.COORDINATES))
        else:
            return
        self.leave_out(max(places), IN_PAIR)
        self._chosen[min(places)] = column

    def detect(self) -> None:
        """New fields for what is left."""
        for place in self.free:
            cells = self._table.cells(place)
            name = self._table.columns[place]
            if not any(cell.strip() for cell in cells):
                self.leave_out(place, "it is empty")
                continue
            if self._parameters is not None:
                self._chosen[place] = replace(
                    self._column(place), field=replace(self._parameters, title=name, key=name.strip())
                )
                continue
            found = detect_column(cells, self._forms.get(place, self._date_format))
            if found.ambiguous and not self._lenient:
                forms = " or ".join(found.ambiguous)
                raise Undecided(
                    f"The dates in the column “{name}” may be {forms}; say which, or keep them as text.",
                    Choice.FORM,
                    name,
                )
            type = found.type
            form = found.date_format or next(iter(found.ambiguous), "") or nearly_dates(cells)
            if form:
                type = FieldType.DATE
            elif type in (FieldType.TEXT, FieldType.CHOICE):
                type = self._closer(cells) or type
            self._make(place, name, type, form, found.choices)
            if found.ambiguous:
                self._chosen[place] = replace(self._chosen[place], ambiguous=found.ambiguous)

    def _closer(self, cells: Sequence[str]) -> FieldType | None:
        """Types that only Sitebook's own exports write in one way."""
        filled = {cell.strip() for cell in cells if cell.strip()}
        field = Field("", FieldType.TEXT, "")
        if filled <= {"yes", "no"}:
            return FieldType.CHECKBOX
        if all(_MOMENT.fullmatch(cell) for cell in filled):
            return FieldType.MOMENT
        if all(_MONEY.fullmatch(cell) for cell in filled):
            return FieldType.MONEY
        try:
            for cell in filled:
                CoordinatesCodec().parse(field, cell, self._context)
        except SitebookError:
            return None
        return FieldType.COORDINATES

    def _make(
        self,
        place: int,
        title: str,
        type: FieldType,
        date_format: str = "",
        choices: tuple[str, ...] = (),
    ) -> None:
        if type in (FieldType.CHOICE, FieldType.CHOICES) and not choices:
            cells = self._table.cells(place)
            choices = tuple(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
            choices = choices if type is FieldType.CHOICE else ()
        column = replace(
            self._column(place), new=self._definition(title, type, choices), date_format=date_format
        )
        self._chosen[place] = self._dated(column) if type is FieldType.DATE and not date_format else column

    def _definition(self, title: str, type: FieldType, choices: tuple[str, ...] = ()) -> CustomField:
        if len(title) > 200:
            raise SitebookError(
                f"The column “{title[:40]}…” has a name of more than 200 characters; shorten it."
            )
        return CustomField(b"", title, type, self._fields.kind.name, choices)


def _slot(field: Field) -> str:
    """What one column fills: a field, or one parameter in one."""
    return f"{field.name}\0{field.key}" if field.key else field.name


def _closed(field: Field) -> str:
    """Why a field cannot be filled from a table; empty where it can."""
    if field.type is FieldType.RICH or field.name in ("number", "created"):
        return ""
    return "" if field.writable or field.key else "Sitebook keeps it itself"
