"""Writing a view as it stands on the screen: its columns and rows in their order, with groups and sums.

By the ending of the file's name it becomes a workbook (``.xlsx``, see ``xlsx_write``) or a table of text
(``.csv``: RFC 4180, UTF-8, CRLF). This is for people and their spreadsheets; what ``csv_import`` is to read
back comes from ``csv_write``.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import BinaryIO

from app.domain.directory import Context
from app.interchange.csv_write import guarded
from app.interchange.files import writing_whole
from app.interchange.shown import Progress, ShownGroup, ShownView, shown_text
from app.interchange.xlsx_write import write_workbook
from sync.errors import SitebookError

__all__ = ["export_view"]


def export_view(
    target: Path, view: ShownView, context: Context, progress: Progress = lambda _done: None
) -> int:
    """Write a view into a new file, whole or not at all; returns how many rows it has, heads not counted.

    Raises SitebookError where the ending is unknown, where the view does not fit the format, or where the
    disk says no.
    """
    ending = target.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise SitebookError(f"{target.name} names no format; end it with .xlsx or .csv.")
    with writing_whole(target) as file:
        if ending == ".csv":
            return _write_csv(file, view, context, progress)
        return write_workbook(file, view, context, progress)


def _write_csv(raw: BinaryIO, view: ShownView, context: Context, progress: Progress) -> int:
    file = io.TextIOWrapper(raw, "utf-8", newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    # A table of text has no heads between its rows: the group is a first column of its own.
    group = ""
    first = [view.grouped] if view.grouped else []
    writer.writerow([guarded(title) for title in (*first, *(column.title for column in view.columns))])
    count = 0
    for row in view.rows:
        if isinstance(row, ShownGroup):
            group = row.name
            continue
        cells = [
            shown_text(column.field, value, context) for column, value in zip(view.columns, row, strict=True)
        ]
        if view.grouped:
            cells.insert(0, group)
        writer.writerow([guarded(cell.replace("\0", "")) for cell in cells])
        count += 1
        progress(count)
    file.detach()  # which writes what is left, and leaves the file open
    return count
