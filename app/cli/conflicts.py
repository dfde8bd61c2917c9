"""``sitebook conflicts`` and ``settle``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.ids import resolve
from app.cli.output import Usage
from app.cli.rows import names_of_devices, typed_name
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.domain.fields import FieldSet
from app.domain.names import fold
from app.domain.schema import KINDS
from app.domain.values import display, parse, to_json
from app.store.records import Conflict
from sync.errors import NotFound, SitebookError
from sync.ids import id_text
from sync.merge import LiveWrite

_DELETED = "deleted"
_YES = frozenset({"yes", "true", "1", _DELETED, "delete"})
_NO = frozenset({"no", "false", "0", "kept", "keep"})


def show_all(session: Session, arguments: Namespace) -> None:
    """List the conflicts."""
    conflicts = session.project.conflicts()
    names = names_of_devices(session)
    fields = {kind: session.fields(kind) for kind in {each.kind for each in conflicts} if kind in KINDS}
    if session.out.as_json:
        session.out.result([_document(session, each, fields.get(each.kind), names) for each in conflicts])
        return
    lines: list[str] = []
    for each in conflicts:
        known = fields.get(each.kind)
        name = each.field if known is None else typed_name(known, each.field)
        heading = session.context.directory.heading(each.record) or each.kind
        number = session.context.directory.number(each.record)
        lines.append(f"{f'#{number} ' if number else ''}{heading}: {name}  ({id_text(each.record)})")
        for index, write in enumerate(each.live):
            by = names.get(write.author[:16], "")
            when = moment_local(write.clock, session.zone)
            note = " (shows)" if index == 0 else ""
            lines.append(f"  {index}: {_shown(session, known, each, write)}{note}, {by or 'unknown'}, {when}")
    if lines:
        lines.append("Settle one with `sitebook settle ID FIELD --take N`, or with a value.")
    session.out.result(None, *(lines or ["No conflicts."]))


def _document(
    session: Session, conflict: Conflict, fields: FieldSet | None, names: dict[bytes, str]
) -> dict[str, Any]:
    writes = [
        {
            "value": _json(session, fields, conflict, write),
            "by": names.get(write.author[:16]) or None,
            "at": moment_iso(write.clock),
        }
        for write in conflict.live
    ]
    return {
        "record": id_text(conflict.record),
        "field": conflict.field if fields is None else typed_name(fields, conflict.field),
        "shown": writes[0],
        "others": writes[1:],
    }


def _json(session: Session, fields: FieldSet | None, conflict: Conflict, write: LiveWrite) -> Any:
    field = None if fields is None else fields.stored(conflict.field)
    if field is None:
        return write.value if isinstance(write.value, bool | str | int | float | None) else repr(write.value)
    return to_json(field, write.value, session.context)


def _shown(session: Session, fields: FieldSet | None, conflict: Conflict, write: LiveWrite) -> str:
    if conflict.field == _DELETED:
        return "delete it" if write.value else "keep it, with what was changed"
    field = None if fields is None else fields.stored(conflict.field)
    return str(write.value) if field is None else display(field, write.value, session.context) or "(empty)"


def settle(session: Session, arguments: Namespace) -> None:
    """Settle a conflict."""
    if (arguments.value is None) == (arguments.take is None):
        raise Usage("settle takes either VALUE or --take N")
    project = session.project
    record = resolve(project, arguments.record, tuple(KINDS))
    kind = project.kind_of(record) or ""
    fields = session.fields(kind)
    name, value = _target(session, fields, arguments)
    there = [each for each in project.conflicts() if each.record == record]
    found = next((each for each in there if each.field == name), None)
    if found is None:
        names = ", ".join(typed_name(fields, each.field) for each in there)
        has = f"it has one in {names}" if names else "it has none at all"
        raise NotFound(f"There is no conflict in “{arguments.field}” of this {kind}; {has}.")
    if arguments.take is not None and arguments.take >= len(found.live):
        raise NotFound(f"There are {len(found.live)} values to take here; count from 0, the one that shows.")
    project.settle(record, name, value, take=arguments.take)
    session.out.result({"record": id_text(record), "field": typed_name(fields, name)})


def _target(session: Session, fields: FieldSet, arguments: Namespace) -> tuple[str, object]:
    if fold(arguments.field.strip()) == _DELETED:
        if arguments.value is None:
            return _DELETED, None
        word = fold(arguments.value.strip())
        if word not in _YES | _NO:
            raise SitebookError("Settle a deletion with true (delete it) or false (keep it).")
        return _DELETED, word in _YES
    field = fields.resolve(arguments.field)
    return field.name, None if arguments.value is None else parse(field, arguments.value, session.context)
