"""The issues and people of a project as JSON lines, the way a web application would hold them in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.fields import load_fields
from app.domain.schema import ISSUE, PERSON, Field, FieldType
from app.domain.values import to_json
from app.store.project import Project
from tests.benchmarks.desk_data import context_of

_POINTING = frozenset({FieldType.PERSON, FieldType.PEOPLE, FieldType.REFERENCE, FieldType.REFERENCES})


def export(project: Project, folder: Path) -> int:
    """Write ``issue.jsonl`` and ``person.jsonl``; gives the bytes of both."""
    return sum(_export(project, kind, folder / f"{kind}.jsonl") for kind in (ISSUE, PERSON))


def _export(project: Project, kind: str, path: Path) -> int:
    context = context_of(project)
    fields = load_fields(kind, project).fields
    columns = [
        (field, project.column(kind, field.name)) for field in fields if field.type is not FieldType.RICH
    ]
    with path.open("w", encoding="utf-8") as file:
        for record in project.records(kind):
            document: dict[str, Any] = {"id": record.hex()}
            for field, column in columns:
                if record in column:
                    document[field.typed_name] = _value(field, column, record, context)
            if kind == ISSUE:
                document["text"] = project.plain_text(record)
            file.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    return path.stat().st_size


def _value(field: Field, column: Mapping[bytes, object], record: bytes, context: Any) -> object:
    """Records as ids, money as a number that can be summed, all others as they are written for scripts."""
    value = column[record]
    if field.type in _POINTING:
        return [each.hex() for each in value] if isinstance(value, tuple) else bytes(value).hex()  # type: ignore[call-overload]
    if field.type is FieldType.MONEY and isinstance(value, list | tuple):
        return float(value[0])
    return to_json(field, value, context)
