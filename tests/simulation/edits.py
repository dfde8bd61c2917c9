"""Random edits of every kind, made through the operations that people use."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from app.domain.schema import (
    ATTACHMENT,
    COMMENT,
    ELEMENT,
    FIELD,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    MERGEABLE,
    NOTE,
    PERSON,
    STATUS,
    VIEW,
    Field,
    FieldType,
    custom_field_name,
)
from app.store.operations import Edit
from app.store.project import Project
from app.store.texts import document_text, open_document
from sync.change import WriteId
from sync.errors import NotFound, Refused
from sync.order import is_key, key_between

_WORDS: Final = (
    *(
        "crack",
        "door",
        "frame",
        "Wand",
        "Tür",
        "плитка",
        "漏水",
        "café",
        "paint",
        "level 2",
        "east",
        "é",
        "ok",
    ),
    *("🚧", "👷🏽\u200d♀️", "🏗️", "\U0001f1ea\U0001f1f8"),
)
_CREATED: Final = (
    *(ISSUE,) * 6,
    *(COMMENT,) * 4,
    *(NOTE,) * 3,
    *(PERSON,) * 2,
    ELEMENT,
    FIELD,
    STATUS,
    LABEL,
    LOCATION,
    VIEW,
    ATTACHMENT,
)
_CHANGED: Final = (
    *(ISSUE,) * 10,
    *(NOTE,) * 3,
    *(COMMENT,) * 2,
    PERSON,
    ELEMENT,
    LABEL,
    LOCATION,
    STATUS,
    VIEW,
)
_NOT_CHANGED: Final = frozenset({FieldType.RICH, FieldType.MOMENT, FieldType.ORDER})


class Editor:
    """One person at one device. ``edit`` makes one random edit and says which."""

    def __init__(self, project: Project, chance: random.Random) -> None:
        self.project = project
        self.chance = chance
        self._opened: list[tuple[bytes, str, Sequence[WriteId]]] = []

    def edit(self) -> str | None:
        """Make one edit and say which; None where a few tries found nothing to do.

        Raises SitebookError where the project refuses it.
        """
        names, weights = zip(*((name, weight) for name, (weight, _) in _EDITS.items()), strict=True)
        for name in self.chance.choices(names, weights, k=4):
            done = _EDITS[name][1](self)
            if done is not None:
                return f"{name} {done}".rstrip()
        return None

    def words(self, most: int = 4) -> str:
        """A few words, not all of them in one script."""
        return " ".join(self.chance.choice(_WORDS) for _ in range(self.chance.randint(1, most)))

    def pick(self, kinds: Sequence[str], *, deleted: bool = False) -> bytes | None:
        """A record of one of the kinds, rather a frequent or a new one: people meet where the work is."""
        found = self.project.records(self.chance.choice(kinds), deleted=deleted)
        if not found:
            return None
        return found[min(int(self.chance.expovariate(0.6)), len(found) - 1)]

    def value(self, field: Field) -> Any:
        """A value that fits a field, or None where it would refer to what is not there."""
        chance = self.chance
        match field.type:
            case FieldType.NUMBER:
                return chance.choice((0, -3, 2.5, 1e9, chance.randint(0, 99)))
            case FieldType.INTEGER:
                return chance.randint(0, 1 << 40)
            case FieldType.MONEY:
                return [f"{chance.randint(0, 99999) / 100:.2f}", chance.choice(("EUR", "USD"))]
            case FieldType.DATE:
                return f"20{chance.randint(20, 30)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            case FieldType.MOMENT:
                return chance.randint(0, 2_000_000_000_000)
            case FieldType.CHECKBOX:
                return chance.random() < 0.5
            case FieldType.CHOICE:
                return chance.choice(field.choices) if field.choices else self.words(1)
            case FieldType.CHOICES:
                return self.words(1)
            case FieldType.COORDINATES:
                return [chance.uniform(-90, 90), chance.uniform(-180, 180)]
            case FieldType.LIST:
                return [self.words(1) for _ in range(3)]
            case FieldType.PARAMETERS:
                return {"fire rating": "EI30", "width": chance.randint(60, 120), "glazed": True}
            case FieldType.BYTES:
                return chance.randbytes(20)
            case FieldType.ORDER:
                return key_between(None, None)
            case (
                FieldType.PERSON | FieldType.PEOPLE | FieldType.LOCATION | FieldType.STATUS | FieldType.LABELS
            ):
                return self.pick((field.target,))
            case FieldType.REFERENCE | FieldType.REFERENCES:
                return self.pick((field.target,) if field.target else (ISSUE, NOTE))
            case _:
                return self.words()

    def fields(self, kind: str, most: int) -> dict[str, Any]:
        """A few fields of a new record."""
        known = [each for each in KINDS[kind].fields.values() if each.type not in _NOT_CHANGED]
        chosen = self.chance.sample(known, min(len(known), self.chance.randint(1, most)))
        found = {each.name: self.value(each) for each in chosen if each.name not in ("number", "parent")}
        return {
            name: [value] if KINDS[kind].fields[name].many else value
            for name, value in found.items()
            if value is not None
        }

    def parent(self, kind: str) -> bytes | None:
        """A record that one of this kind may lie below."""
        above = KINDS[kind].child_of
        return self.pick(above) if above else None

    def registers(self, kind: str) -> list[Field]:
        """The fields with one value that an edit may write, those of the users' own among them."""
        known = [
            each
            for each in KINDS[kind].fields.values()
            if not each.many and each.type not in _NOT_CHANGED and each.name != "number"
        ]
        definitions = self.project.records(FIELD) if kind == ISSUE else []
        return known + [
            Field(custom_field_name(each), FieldType.TEXT, "custom", custom=True)
            for each in definitions[:3]
            if not self.project.is_many(kind, custom_field_name(each))
        ]


def _create(editor: Editor) -> str | None:
    kind = editor.chance.choice(_CREATED)
    fields = editor.fields(kind, 5)
    above = editor.parent(kind)
    if above is not None:
        fields["parent"] = above
    elif kind in (COMMENT, ATTACHMENT):
        return None
    text = editor.words(8) if KINDS[kind].text_fields else None
    record, _ = editor.project.create(kind, fields, text=text)
    return f"{kind} {record.hex()[-6:]}"


def _target(editor: Editor) -> tuple[str, bytes] | None:
    kind = editor.chance.choice(_CHANGED)
    record = editor.pick((kind,))
    return None if record is None else (kind, record)


def _set(editor: Editor) -> str | None:
    target = _target(editor)
    if target is None:
        return None
    kind, record = target
    field = editor.chance.choice(editor.registers(kind))
    value = None if editor.chance.random() < 0.15 else editor.value(field)
    editor.project.set(record, field.name, value)
    return f"{kind} {record.hex()[-6:]} {field.name}"


def _open(editor: Editor) -> str | None:
    """Begin to edit a cell: what stands there now is what the write will name, whatever comes meanwhile."""
    target = _target(editor)
    if target is None:
        return None
    field = editor.chance.choice(editor.registers(target[0])).name
    editor._opened.append((target[1], field, editor.project.field(target[1], field, target[0]).seen))
    return field


def _set_late(editor: Editor) -> str | None:
    if not editor._opened:
        return None
    record, name, seen = editor._opened.pop(0)
    editor.project.set(record, name, editor.words(), seen=seen)
    return f"{record.hex()[-6:]} {name} over {len(seen)}"


def _several(editor: Editor) -> str | None:
    target = _target(editor)
    if target is None:
        return None
    kind, record = target
    fields = editor.chance.sample(editor.registers(kind), 2)
    editor.project.update(record, [Edit(field.name, editor.value(field)) for field in fields])
    return f"{kind} {record.hex()[-6:]}"


def _member(editor: Editor) -> tuple[bytes, Field] | None:
    kind = editor.chance.choice((ISSUE, ISSUE, ISSUE, NOTE))
    record = editor.pick((kind,))
    if record is None:
        return None
    return record, editor.chance.choice([each for each in KINDS[kind].fields.values() if each.many])


def _add(editor: Editor) -> str | None:
    target = _member(editor)
    value = None if target is None else editor.value(target[1])
    if target is None or value is None:
        return None
    editor.project.add(target[0], target[1].name, value)
    return f"{target[0].hex()[-6:]} {target[1].name}"


def _remove(editor: Editor) -> str | None:
    target = _member(editor)
    present = () if target is None else editor.project.field(target[0], target[1].name).values
    if target is None or not present:
        return None
    editor.project.remove(target[0], target[1].name, editor.chance.choice(present))
    return f"{target[0].hex()[-6:]} {target[1].name}"


def _insert(editor: Editor) -> str | None:
    record = editor.pick((ISSUE, NOTE, COMMENT))
    if record is None:
        return None
    position = editor.chance.randint(0, len(editor.project.plain_text(record)))
    text = editor.words(3)
    editor.project.insert_text(record, "text", position, text)
    return f"{record.hex()[-6:]} {len(text)} at {position}"


def _cut(editor: Editor) -> str | None:
    record = editor.pick((ISSUE, NOTE, COMMENT))
    length = 0 if record is None else len(editor.project.plain_text(record))
    if record is None or not length:
        return None
    position = editor.chance.randrange(length)
    count = min(editor.chance.randint(1, 8), length - position)
    editor.project.delete_text(record, "text", position, count)
    return f"{record.hex()[-6:]} {count} at {position}"


def _type(editor: Editor) -> str | None:
    """Type into a text key by key: a draft, which is a change only after a pause."""
    record = editor.pick((ISSUE, NOTE))
    if record is None:
        return None
    project = editor.project
    client = project.client()
    document = open_document(project.text_state(record), client)
    text = document_text(document)
    for letter in editor.chance.choice(("ok", "🚧!", "fehlt")):
        before = document.get_state()
        text.insert(0, letter)
        project.draft_text(record, "text", client, document.get_update(before))
    return f"{record.hex()[-6:]} as {client}"


def _type_value(editor: Editor) -> str | None:
    record = editor.pick((ISSUE, NOTE))
    if record is None:
        return None
    editor.project.draft_value(record, "title", editor.words(), editor.project.field(record, "title").seen)
    return f"{record.hex()[-6:]} title"


def _delete(editor: Editor) -> str | None:
    target = _target(editor)
    if target is None:
        return None
    editor.project.delete(target[1])
    return f"{target[0]} {target[1].hex()[-6:]}"


def _restore(editor: Editor) -> str | None:
    for kind in (ISSUE, NOTE, COMMENT, PERSON):
        record = editor.pick((kind,), deleted=True)
        # A record below a deleted one is deleted with it and has nothing of its own to restore.
        if record is not None and any(w.value is True for w in editor.project.field(record, "deleted").live):
            editor.project.restore(record)
            return f"{kind} {record.hex()[-6:]}"
    return None


def _settle(editor: Editor) -> str | None:
    conflicts = editor.project.conflicts()
    if not conflicts:
        return None
    conflict = editor.chance.choice(conflicts)
    if conflict.field == "deleted" or editor.chance.random() < 0.5:
        take = editor.chance.randrange(len(conflict.live))
        editor.project.settle(conflict.record, conflict.field, take=take)
    else:
        editor.project.settle(conflict.record, conflict.field, editor.words())
    return f"{conflict.record.hex()[-6:]} {conflict.field} of {len(conflict.live)}"


def _undo(editor: Editor) -> str | None:
    return None if editor.project.undo() is None else ""


def _redo(editor: Editor) -> str | None:
    return None if editor.project.redo() is None else ""


def _move(editor: Editor) -> str | None:
    """Put a note, a location, a status or a field between two others."""
    kind = editor.chance.choice((NOTE, NOTE, LOCATION, STATUS, FIELD))
    record = editor.pick((kind,))
    if record is None:
        return None
    keys = sorted({key for key in editor.project.column(kind, "order").values() if is_key(key)})
    place = editor.chance.randint(0, len(keys))
    before = keys[place - 1] if place else None
    after = keys[place] if place < len(keys) else None
    editor.project.set(record, "order", key_between(before, after))
    return f"{kind} {record.hex()[-6:]}"


def _bulk(editor: Editor) -> str | None:
    bulk = editor.project.bulk()
    made = [bulk.create(ISSUE, editor.fields(ISSUE, 3), text=editor.words()) for _ in range(2)]
    changed = {record for record in (editor.pick((ISSUE, NOTE)) for _ in range(4)) if record is not None}
    for record in sorted(changed):
        bulk.update(record, [Edit("title", editor.words())])
    bulk.replace_text(made[0], editor.words(6))
    bulk.commit()
    return f"of {len(bulk)}"


def _merge(editor: Editor) -> str | None:
    kind = editor.chance.choice(sorted(MERGEABLE))
    keep, gone = editor.pick((kind,)), editor.pick((kind,))
    if keep is None or gone is None:
        return None
    try:
        editor.project.merge_records(kind, keep, gone)
    except (Refused, NotFound) as refusal:
        return f"refused: {refusal}"
    return f"{kind} {gone.hex()[-6:]} into {keep.hex()[-6:]}"


_EDITS: Final[dict[str, tuple[int, Callable[[Editor], str | None]]]] = {
    "create": (20, _create),
    "set": (22, _set),
    "open": (6, _open),
    "set late": (6, _set_late),
    "several": (4, _several),
    "add": (10, _add),
    "remove": (5, _remove),
    "insert": (14, _insert),
    "cut": (7, _cut),
    "type": (6, _type),
    "type value": (4, _type_value),
    "delete": (5, _delete),
    "restore": (3, _restore),
    "settle": (6, _settle),
    "undo": (4, _undo),
    "redo": (2, _redo),
    "move": (4, _move),
    "bulk": (3, _bulk),
    "merge": (3, _merge),
}
