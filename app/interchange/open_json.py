"""Values and changes as JSON that anybody can read, in an export.

A value is itself where JSON has it. Bytes of 16 are the id of a record: ``{"id": UUID}``; others are
``{"hex": DIGITS}``; a map is ``{"map": [[key, value], ...]}``; numbers that JSON does not know and types of a
later version are ``{"other": TEXT}``. This is for people and other programs: our own import reads the raw bytes
of the changes.
"""

from __future__ import annotations

import base64
import math
from typing import Any

from app.domain.dates import is_moment, moment_iso
from sync.change import Add, Change, Delete, Names, Operation, Remove, Set, Text
from sync.ids import id_text

_DEEPEST = 20


def open_value(value: Any, depth: int = 0) -> Any:
    """A stored value of any shape as JSON."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"other": str(value)}
    if isinstance(value, bytes):
        return {"id": id_text(value)} if len(value) == 16 else {"hex": value.hex()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [open_value(each, depth + 1) for each in value]
    if depth < _DEEPEST and isinstance(value, dict):
        return {"map": [[open_value(k, depth + 1), open_value(v, depth + 1)] for k, v in value.items()]}
    return {"other": str(value)}


def open_moment(ms: int) -> dict[str, Any]:
    """A moment, in ISO 8601 and in milliseconds."""
    return {"at": moment_iso(ms) if is_moment(ms) else None, "at_ms": ms}


def open_change(change: Change) -> dict[str, Any]:
    """What a change says."""
    group = change.group
    return {
        "id": change.id.hex(),
        "device": change.author.hex(),
        **open_moment(change.clock),
        "group": None
        if group is None
        else {"id": group.id.hex(), "index": group.index, "count": group.count},
        "operations": [_operation(operation) for operation in change.operations],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": operation.kind, "record": id_text(operation.record)}
    if isinstance(operation, Delete):
        return {
            "do": "delete",
            **found,
            "covers": _names(operation.covers),
            "replaces": _names(operation.replaces),
        }
    found["field"] = operation.field
    if isinstance(operation, Text):
        update = base64.b64encode(operation.update).decode()
        return {"do": "text", **found, "client": operation.client, "update": update}
    if isinstance(operation, Remove):
        return {"do": "remove", **found, "replaces": _names(operation.replaces)}
    assert isinstance(operation, Set | Add)
    do = "set" if isinstance(operation, Set) else "add"
    return {"do": do, **found, "value": open_value(operation.value), "replaces": _names(operation.replaces)}


def _names(named: Names) -> list[Any]:
    return [[change.hex(), list(indexes)] for change, indexes in named]
