"""What can be chosen between in a conflict, in words."""

from __future__ import annotations

from app.desktop.item.desk import Desk
from app.desktop.item.speech import field_title, value_text
from app.desktop.translate import tr
from app.domain.schema import Field, FieldType
from app.store.records import Conflict
from sync.merge import LiveWrite

_DELETED = "deleted"
_TEXTS = {FieldType.TEXT: " / ", FieldType.LONG_TEXT: "\n"}
"""Fields in which both values can stay, and what stands between them then."""


def conflict_key(conflict: Conflict) -> bytes:
    """What tells a conflict apart: the record's id and the field's name."""
    return conflict.record + conflict.field.encode()


def _field(desk: Desk, conflict: Conflict) -> Field | None:
    fields = desk.fields(conflict.kind)
    return None if fields is None else fields.stored(conflict.field)


def conflict_title(desk: Desk, conflict: Conflict) -> str:
    """What the contested field is called."""
    if conflict.field == _DELETED:
        return tr("Deleted or kept")
    field = _field(desk, conflict)
    return conflict.field if field is None else field_title(field)


def choices(desk: Desk, conflict: Conflict) -> list[tuple[LiveWrite, str]]:
    """The different values, what shows first, each with its words and the write that gave it."""
    field = _field(desk, conflict)
    found: list[tuple[LiveWrite, str]] = []
    for write in conflict.live:
        if any(write.value == each.value for each, _ in found):
            continue
        if conflict.field == _DELETED:
            said = tr("Delete it") if write.value is True else tr("Keep it")
        else:
            said = value_text(desk, field, write.value) or tr("(empty)")
        found.append((write, said))
    return found


def together(desk: Desk, conflict: Conflict) -> str | None:
    """All values in one, where the field holds text; None where only one of them can stay."""
    field = _field(desk, conflict)
    between = None if field is None else _TEXTS.get(field.type)
    values = [write.value for write, _ in choices(desk, conflict)]
    if between is None or not all(isinstance(each, str) for each in values):
        return None
    return between.join(str(each) for each in values)
