"""Reading a CSV file strictly: RFC 4180, UTF-8 with or without a byte order mark.

Whatever is wrong is one sentence that says where. Rows are counted as spreadsheets do: the names of the
columns are row 1. Commas separate, or semicolons or tabs where the first line has those and no commas.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.names import fold_name, shorten
from sync.errors import NotFound, SitebookError

MAX_BYTES: Final = 256 << 20
MAX_CELL: Final = 200_000
"""Most characters of a cell: what fits into one change, whatever the characters are."""
MAX_COLUMNS: Final = 1_000
_BREAK: Final = re.compile(rb"\r\n|\r|\n")
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


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read. ``uneven``: rows that were left out, since they have more or fewer cells."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    uneven: tuple[Problem, ...] = ()

    def cells(self, column: int) -> list[str]:
        """All cells of a column."""
        return [row.cells[column] for row in self.rows]


def read_table(path: Path, *, lenient: bool = False) -> Table:
    """Read a whole file. Raises NotFound, and SitebookError that says where what is wrong.

    ``lenient``: rows of another length are left out and told of in ``uneven``, instead of being an error.
    """
    text = _decoded(_bytes_of(path), path.name)
    rows = _records(text, path.name)
    header = next(rows, None)
    if header is None:
        raise SitebookError(f"{path.name} is empty; its first row must name the columns.")
    width = len(header.cells)
    found, uneven = [], []
    for row in rows:
        if len(row.cells) == width:
            found.append(row)
            continue
        problem = Problem(
            row.number,
            "",
            f"Row {row.number} of {path.name} has {len(row.cells)} cells where the first row names {width} "
            "columns; check its commas and quotes.",
        )
        if not lenient:
            raise SitebookError(problem.message)
        uneven.append(problem)
    keep = [
        index
        for index, name in enumerate(header.cells)
        if name.strip() or any(row.cells[index].strip() for row in found)
    ]
    columns = tuple(header.cells[index].strip() for index in keep)
    _check_names(columns, keep, path.name)
    kept = tuple(Row(row.number, tuple(row.cells[index] for index in keep)) for row in found)
    return Table(columns, kept, tuple(uneven))


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


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SitebookError(f"{name} is encoded as UTF-16; save it as “CSV UTF-8” and import that.")
    place = data.find(b"\0")
    if place >= 0:
        raise SitebookError(
            f"Line {_line(data, place)} of {name} holds a zero byte, so this is no CSV file; export it anew."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SitebookError(
            f"Line {_line(data, error.start)} of {name} is not UTF-8; save the file as “CSV UTF-8” and "
            "import that."
        ) from error


def _line(data: bytes, place: int) -> int:
    return 1 + len(_BREAK.findall(data, 0, place))


def _delimiter(text: str) -> str:
    first = text[: re.search(r"[\r\n]|\Z", text).start()]  # type: ignore[union-attr]
    if "," in first:
        return ","
    return max(",", ";", "\t", key=first.count)


def _records(text: str, name: str) -> Iterator[Row]:
    """The rows that are not blank."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SitebookError(_explained(error, reader.line_num, name)) from error
        if len(cells) > MAX_COLUMNS:
            raise SitebookError(f"{name} has more than {MAX_COLUMNS:,} columns; leave some out.")
        if cells:
            yield Row(number, tuple(unguarded(cell) for cell in cells))


def _explained(error: csv.Error, line: int, name: str) -> str:
    reason = str(error)
    if "field limit" in reason:
        return (
            f"A cell near line {line} of {name} has more than {MAX_CELL:,} characters; shorten it, or check "
            "for a quote that is not closed."
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
