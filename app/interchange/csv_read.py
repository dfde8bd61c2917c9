"""Reading a CSV file strictly: RFC 4180, UTF-8 with or without a byte order mark.

Whatever is wrong is one sentence that says where. Rows are counted as spreadsheets do: the names of the
columns are row 1. Commas, semicolons or tabs separate: whichever the first line has most of, outside of quotes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, overload

from app.domain.names import fold_name, shorten
from sync.errors import NotFound, SitebookError

MAX_BYTES: Final = 256 << 20
MAX_CELL: Final = 200_000
"""Most characters of a cell: what fits into one change, whatever the characters are."""
MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 1 << 20
"""As many as a sheet of a spreadsheet has."""
Progress = Callable[[int, int], None]
"""Is told (how much is done, of how much); what it raises ends the work."""
_UNCLOSED: Final = 8 << 20
"""A cell of so many characters has a quote that was never closed."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""What a file of a spreadsheet program begins with: Office Open XML or OpenDocument, and older ones."""
_CHUNK: Final = 1 << 20
_REPORT: Final = 500
_SHORT: Final = 60
_SHARED: Final = 50_000
"""So many different short cells are kept once, however often they stand in the table."""
_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_QUOTED: Final = re.compile(rb'"[^"]*"')
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts it, and one cell for each column."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row of a table does not fit: its number, the column (empty: the row itself), and a sentence."""

    row: int
    column: str
    message: str

    @property
    def text(self) -> str:
        """Where and why. What is wrong with a row itself says so already."""
        return (
            f"Row {self.row}, column “{shorten(self.column)}”: {self.message}"
            if self.column
            else self.message
        )


class Rows(Sequence[Row]):
    """The rows of a table, kept as bare tuples of texts: a table may have hundreds of thousands, and the garbage
    collector, which runs between two frames, does not look at those.
    """

    def __init__(self) -> None:
        self._numbers = array("L")
        self._cells: list[tuple[str, ...]] = []

    def append(self, number: int, cells: tuple[str, ...]) -> None:
        """Take in one more row."""
        self._numbers.append(number)
        self._cells.append(cells)

    def only(self, columns: Sequence[int]) -> None:
        """Keep only some columns."""
        for place, cells in enumerate(self._cells):
            self._cells[place] = tuple([cells[column] for column in columns])

    def column(self, column: int) -> list[str]:
        """All cells of a column."""
        return [cells[column] for cells in self._cells]

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [
                Row(number, cells)
                for number, cells in zip(self._numbers[place], self._cells[place], strict=True)
            ]
        return Row(self._numbers[place], self._cells[place])

    def __iter__(self) -> Iterator[Row]:
        for number, cells in zip(self._numbers, self._cells, strict=True):
            yield Row(number, cells)

    def __len__(self) -> int:
        return len(self._cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read. ``uneven``: rows that were left out, since they do not fit the first one."""

    columns: tuple[str, ...]
    rows: Rows
    uneven: tuple[Problem, ...] = ()

    def cells(self, column: int) -> list[str]:
        """All cells of a column."""
        return self.rows.column(column)


def read_table(path: Path, *, lenient: bool = False, progress: Progress = lambda _done, _all: None) -> Table:
    """Read a whole file. Raises NotFound, and SitebookError that says where what is wrong.

    ``lenient``: rows of another length, and those with a cell that is too large, are left out and told of in
    ``uneven``, instead of being an error. ``progress`` is told of the bytes that were read.
    """
    data = _bytes_of(path)
    _check(data, path.name)
    rows = _records(data, path.name, progress)
    header = next(rows, None)
    if header is None:
        raise SitebookError(f"{path.name} is empty; its first row must name the columns.")
    found, uneven = Rows(), []
    filled = [bool(name.strip()) for name in header.cells]
    for row in rows:
        problem = _misfit(row, header, path.name)
        if problem is None:
            found.append(row.number, row.cells)
            if not all(filled):
                filled = [known or bool(cell.strip()) for known, cell in zip(filled, row.cells, strict=True)]
        elif lenient:
            uneven.append(problem)
        else:
            raise SitebookError(problem.text)
    keep = [index for index, each in enumerate(filled) if each]
    columns = tuple(header.cells[index].strip() for index in keep)
    _check_names(columns, keep, path.name)
    if len(keep) < len(filled):
        found.only(keep)
    return Table(columns, found, tuple(uneven))


def _misfit(row: Row, header: Row, name: str) -> Problem | None:
    """Why a row cannot be one of the table."""
    width = len(header.cells)
    if len(row.cells) != width:
        return Problem(
            row.number,
            "",
            f"Row {row.number} of {name} has {len(row.cells)} cells where the first row names {width} "
            "columns; check its commas and quotes.",
        )
    for cell, column in zip(row.cells, header.cells, strict=True):
        if len(cell) > MAX_CELL:
            return Problem(
                row.number,
                column.strip(),
                f"The cell has more than {MAX_CELL:,} characters; shorten it, or check for a quote that is not "
                "closed.",
            )
    return None


def every_row(path: Path) -> Iterator[Row]:
    """All rows of a file, the names of its columns first, whether they fit or not. Raises as ``read_table``."""
    data = _bytes_of(path)
    _check(data, path.name)
    return _records(data, path.name, lambda _done, _all: None)


def unguarded(cell: str) -> str:
    """Take away the apostrophe that keeps spreadsheets from running a text as a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file “{path}”; check its name.") from error
    except IsADirectoryError as error:
        raise SitebookError(f"“{path}” is a folder; name a CSV file.") from error
    except OSError as error:
        raise SitebookError(
            f"“{path}” cannot be read ({error.strerror}); check its permissions and the disk."
        ) from error
    if len(data) > MAX_BYTES:
        raise SitebookError(f"{path.name} is larger than 256 MiB; split it into several files.")
    return data


def _check(data: bytes, name: str) -> None:
    """See to it that the file is text in UTF-8. Raises SitebookError."""
    if data.startswith(_WORKBOOKS):
        raise SitebookError(
            f"{name} is a workbook, not a CSV file; open it in your spreadsheet program, save the sheet as "
            "“CSV UTF-8”, and import that."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SitebookError(f"{name} is encoded as UTF-16; save it as “CSV UTF-8” and import that.")
    place = data.find(b"\0")
    if place >= 0:
        raise SitebookError(
            f"Line {_line(data, place)} of {name} holds a zero byte, so this is no CSV file; export it anew."
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data) or 1, _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _CHUNK], start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            line = _line(data, start - pending + error.start)
            raise SitebookError(
                f"Line {line} of {name} is not UTF-8; save the file as “CSV UTF-8” and import that."
            ) from error


def _line(data: bytes, place: int) -> int:
    return 1 + len(_BREAK.findall(data, 0, place))


def _delimiter(data: bytes) -> str:
    end = _BREAK.search(data)
    first = _QUOTED.sub(b"", data[: len(data) if end is None else end.start()])
    return max(",", ";", "\t", key=lambda each: first.count(each.encode()))


def _records(data: bytes, name: str, progress: Progress) -> Iterator[Row]:
    """The rows that are not blank."""
    csv.field_size_limit(_UNCLOSED)
    raw = io.BytesIO(data)
    text = io.TextIOWrapper(raw, "utf-8-sig", newline="")
    reader = csv.reader(text, delimiter=_delimiter(data), strict=True)
    shared: dict[str, str] = {}
    number = 0
    while True:
        if number % _REPORT == 0:
            progress(raw.tell(), len(data))
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SitebookError(_explained(error, reader.line_num, name)) from error
        if len(cells) > MAX_COLUMNS:
            raise SitebookError(f"{name} has more than {MAX_COLUMNS:,} columns; leave some out.")
        if number > MAX_ROWS:
            raise SitebookError(f"{name} has more than {MAX_ROWS:,} rows; split it into several files.")
        if len(shared) > _SHARED:
            shared.clear()
        if cells:
            yield Row(number, tuple([_kept(cell, shared) for cell in cells]))


def _kept(cell: str, shared: dict[str, str]) -> str:
    """A cell as it is meant; one that occurs again and again is kept once."""
    cell = unguarded(cell)
    return shared.setdefault(cell, cell) if len(cell) <= _SHORT else cell


def _explained(error: csv.Error, line: int, name: str) -> str:
    reason = str(error)
    if "field limit" in reason:
        return (
            f"A cell near line {line} of {name} has more than {_UNCLOSED:,} characters; check for a quote that is "
            "not closed."
        )
    if "unexpected end" in reason:
        return f"A quote that begins before line {line} of {name} is never closed; close it."
    return f"Line {line} of {name} has a quote in a wrong place; put the whole cell in quotes and double it."


def _check_names(columns: tuple[str, ...], places: list[int], name: str) -> None:
    seen: dict[str, str] = {}
    for column, place in zip(columns, places, strict=True):
        if not column:
            raise SitebookError(f"Column {place + 1} of {name} has no name; name it in the first row.")
        if fold_name(column) in seen:
            raise SitebookError(f"{name} has two columns “{shorten(column)}”; name each of them differently.")
        seen[fold_name(column)] = column
