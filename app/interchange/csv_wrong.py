"""The rows of a table that do not fit, as a table of their own to correct and to import then."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from app.interchange.csv_columns import WRONG
from app.interchange.csv_read import Problem, every_row
from app.interchange.csv_write import guarded
from app.interchange.files import writing_whole


def write_wrong_rows(source: Path, target: Path, problems: Iterable[Problem]) -> int:
    """Write the rows that ``problems`` are about, with the reasons in a last column, which an import leaves out.

    Returns how many rows. Raises SitebookError where the file cannot be read any more, or the disk says no.
    """
    reasons: dict[int, list[str]] = {}
    for each in problems:
        reasons.setdefault(each.row, []).append(each.text)
    count = 0
    with writing_whole(target) as raw:
        file = io.TextIOWrapper(raw, "utf-8", newline="")
        writer = csv.writer(file, lineterminator="\r\n")
        rows = every_row(source)
        header = next(rows)
        kept = [place for place, name in enumerate(header.cells) if name != WRONG]
        writer.writerow([*(guarded(header.cells[place]) for place in kept), WRONG])
        for row in rows:
            if row.number in reasons:
                # What stands behind the last column comes into it, so that nothing of the row is lost.
                cells = [row.cells[place] if place < len(row.cells) else "" for place in kept]
                cells[-1] += "".join(f",{cell}" for cell in row.cells[len(header.cells) :])
                writer.writerow([guarded(cell) for cell in (*cells, " ".join(reasons[row.number]))])
                count += 1
        file.detach()  # which writes what is left, and leaves the file open
    return count
