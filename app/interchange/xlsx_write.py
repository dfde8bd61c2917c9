"""A view as a workbook (Office Open XML, ECMA-376) with typed cells: numbers, money and dates can be summed.

Texts are never written as formulas or links, whatever they begin with, so nothing in a project runs in the
spreadsheet of whoever opens it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.domain import numbers
from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.domain.values import valid
from app.interchange.shown import Progress, ShownColumn, ShownGroup, ShownView, shown_text
from sync.errors import SitebookError

_MOST_ROWS: Final = 1_048_576
_MOST_COLUMNS: Final = 16_384
_MOST_TEXT: Final = 32_767
"""Characters of one cell, a limit of the format."""
_SHEET_NAME: Final = 31
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold."""
_PIXELS_A_CHARACTER: Final = 7
_NARROWEST, _WIDEST, _USUAL = 60, 480, 120
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it spreadsheets disagree: some believe that 1900 was a leap year."""


def write_workbook(file: BinaryIO, view: ShownView, context: Context, progress: Progress) -> int:
    """Write a view as the only sheet of a workbook; returns how many rows it has, heads not counted.

    Raises SitebookError where it has more rows or columns than the format holds.
    """
    if len(view.columns) > _MOST_COLUMNS:
        raise SitebookError("A workbook holds at most 16,384 columns; hide some, or export as CSV.")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        return _Sheet(workbook, view, context).write(progress)


@dataclass
class _Sheet:
    workbook: Workbook
    view: ShownView
    context: Context
    sheet: Worksheet = field(init=False)
    _formats: dict[str, Format] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.sheet = self.workbook.add_worksheet(_sheet_name(self.view.name))

    def write(self, progress: Progress) -> int:
        columns = self.view.columns
        for place, column in enumerate(columns):
            width = min(max(column.width or _USUAL, _NARROWEST), _WIDEST)
            self.sheet.set_column(place, place, width / _PIXELS_A_CHARACTER)
        head = self.workbook.add_format({"bold": True, "bottom": 1})
        group = self.workbook.add_format({"bold": True, "bg_color": "#F1F2F4"})
        for place, column in enumerate(columns):
            self.sheet.write_string(0, place, _text(column.title), head)
        self.sheet.freeze_panes(1, 0)
        line, count = 0, 0
        for row in self.view.rows:
            line += 1
            if line >= _MOST_ROWS:
                raise SitebookError(
                    "A workbook holds at most 1,048,576 rows; filter the view, or export as CSV."
                )
            if isinstance(row, ShownGroup):
                self.sheet.write_string(line, 0, _text(row.text), group)
                continue
            if self.view.grouped:
                self.sheet.set_row(line, None, None, {"level": 1})
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(line, place, column, value)
            count += 1
            progress(count)
        if count and not self.view.grouped:
            self.sheet.autofilter(0, 0, line, len(columns) - 1)
        return count

    def _cell(self, line: int, place: int, column: ShownColumn, value: object) -> None:
        field = column.field
        if value is None or value == ():
            return
        if not field.many and not field.key and valid(field, value):
            writer = _WRITERS.get(field.type)
            if writer is not None and writer(self, line, place, field, value):
                return
        self.sheet.write_string(line, place, _text(shown_text(field, value, self.context)))

    def format(self, number: str) -> Format:
        """The cell format of a number format, each made once."""
        known = self._formats.get(number)
        if known is None:
            known = self._formats[number] = self.workbook.add_format({"num_format": number})
        return known

    def number(self, line: int, place: int, field: Field, value: object) -> bool:
        """A number with its unit; False where it is too large to be one in a spreadsheet."""
        if not isinstance(value, int | float) or abs(value) >= 10**15:
            return False
        unit = field.unit.replace('"', "")
        plain = "General" if field.type is FieldType.INTEGER or not unit else f'#,##0.###" {unit}"'
        self.sheet.write_number(line, place, value, self.format(plain))
        return True

    def money(self, line: int, place: int, field: Field, value: object) -> bool:
        """An amount with its currency's code, as LibreOffice and Excel both show it."""
        if not isinstance(value, list | tuple) or not numbers.is_money(value):
            return False
        amount = numbers.amount_of(value[0])
        if amount is None or abs(amount) >= 10**13:
            return False
        self.sheet.write_number(line, place, float(amount), self.format(f'#,##0.00" {value[1]}"'))
        return True

    def day(self, line: int, place: int, field: Field, value: object) -> bool:
        """A date; False before 1 March 1900."""
        found = date.fromisoformat(str(value))
        if found < _FIRST_DAY:
            return False
        self.sheet.write_datetime(line, place, found, self.format("yyyy-mm-dd"))
        return True

    def moment(self, line: int, place: int, field: Field, value: object) -> bool:
        """A date with a time on the device's own clock: spreadsheets know no time zones."""
        if not isinstance(value, int):
            return False
        try:
            found = (_EPOCH + timedelta(milliseconds=value)).astimezone(self.context.zone)
        except OverflowError:
            return False
        if found.date() < _FIRST_DAY:
            return False
        self.sheet.write_datetime(line, place, found.replace(tzinfo=None), self.format("yyyy-mm-dd hh:mm"))
        return True

    def checkbox(self, line: int, place: int, field: Field, value: object) -> bool:
        """True or false."""
        self.sheet.write_boolean(line, place, value is True)
        return True


_WRITERS: Final[Mapping[FieldType, Callable[[_Sheet, int, int, Field, object], bool]]] = {
    FieldType.NUMBER: _Sheet.number,
    FieldType.INTEGER: _Sheet.number,
    FieldType.MONEY: _Sheet.money,
    FieldType.DATE: _Sheet.day,
    FieldType.MOMENT: _Sheet.moment,
    FieldType.CHECKBOX: _Sheet.checkbox,
}


def _text(text: str) -> str:
    """What one cell can hold of a text; the end of a longer one is replaced by a mark."""
    clean = _CONTROL.sub("", text)
    return clean if len(clean) <= _MOST_TEXT else clean[: _MOST_TEXT - 1] + "…"


def _sheet_name(name: str) -> str:
    """A name that a sheet may have: short, without the characters that references use."""
    clean = _FORBIDDEN.sub(" ", _CONTROL.sub("", name)).strip().strip("'")[:_SHEET_NAME].strip().strip("'")
    return clean if clean and clean.lower() != "history" else "Sitebook"
