"""Writing records as a table that spreadsheets open and ``csv_import`` reads back: RFC 4180, UTF-8, CRLF.

The first column is the id of each record. A text that a spreadsheet would run as a formula (it begins with
``=``, ``+``, ``-``, ``@``, a tab or a carriage return, and is no number) gets an apostrophe before it, as the
OWASP advises; the import takes it away again, and one that stood there already is kept by one more.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

from app.domain.dates import moment_iso
from app.domain.directory import Context
from app.domain.fields import FieldSet, load_fields
from app.domain.names import fold_name
from app.domain.schema import ISSUE, Field, FieldType
from app.domain.values import to_text
from app.interchange.files import writing_whole
from app.query.sqlite import search
from app.store.project import Project
from sync.ids import id_text

_HIDDEN: Final = frozenset({FieldType.BYTES, FieldType.ORDER})
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_NUMBERS: Final = re.compile(r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?(?:,-?[0-9.]+)?")
_OWN: Final = ("created", "updated")


def export_csv(
    project: Project,
    target: Path | TextIO,
    query: str = "",
    *,
    context: Context,
    kind: str = ISSUE,
    author: Callable[[bytes], str] = lambda device: "",
) -> int:
    """Write the records that a query asks for, or all (the oldest first), with all their fields.

    ``author`` tells the name of whoever uses a device. A stream is to be opened with ``newline=""``; a path
    is written whole or not at all. Returns how many records were written. Raises SitebookError for a query
    that makes no sense, or where the disk says no.
    """
    rows = _rows(project, query, context, kind, author)
    if isinstance(target, Path):
        with writing_whole(target) as raw:
            file = io.TextIOWrapper(raw, "utf-8", newline="")
            count = _write(rows, file)
            file.detach()  # which writes what is left, and leaves the file open
        return count
    return _write(rows, target)


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    if _FORMULA.match(text) and not _NUMBERS.fullmatch(text):
        return f"'{text}"
    return text


def _write(rows: Iterator[list[str]], file: TextIO) -> int:
    writer = csv.writer(file, lineterminator="\r\n")
    count = -1
    for row in rows:
        writer.writerow([guarded(cell.replace("\0", "")) for cell in row])
        count += 1
    return count


def _rows(
    project: Project, query: str, context: Context, kind: str, author: Callable[[bytes], str]
) -> Iterator[list[str]]:
    fields = load_fields(kind, project)
    if query.strip():
        records = search(query, project, kind, context)
    else:
        records = project.records(kind)[::-1]
    shown = [field for field in _columns(fields) if field.name not in _OWN]
    texts = {name: project.texts(kind, name) for name in fields.kind.text_fields}
    columns = {field.name: texts.get(field.name) or project.column(kind, field.name) for field in shown}
    stamps = project.created(kind)
    updated = project.column(kind, "updated")
    yield _header(shown)
    for record in records:
        stamp = stamps.get(record)
        yield [
            id_text(record),
            *(to_text(field, columns[field.name].get(record), context) for field in shown),
            "" if stamp is None else moment_iso(stamp.at),
            "" if stamp is None else stamp.name or author(stamp.device),
            moment_iso(updated[record]) if record in updated else "",
        ]


def _columns(fields: FieldSet) -> list[Field]:
    """The stored fields that people see; parameters one by one."""
    named = [fields.find(name) for name in fields.names]
    every = {(field.name, field.key): field for field in named if field is not None}
    found = [field for field in every.values() if field.type not in _HIDDEN]
    return [field for field in found if field.type is not FieldType.PARAMETERS or field.key]


def _header(shown: list[Field]) -> list[str]:
    names = ["id"]
    for name in (*(field.typed_name for field in shown), "created", "created_by", "updated"):
        taken = {fold_name(each) for each in names}
        title, count = name, 1
        while fold_name(title) in taken:
            count += 1
            title = f"{name} ({count})"
        names.append(title)
    return names
