"""The note of a day: one for everybody, the same on every device, also where two make it with no network between.

Its id follows from project and day, so both devices write to one record. What the template "Daily note" puts into
it is written as a Yjs update whose client number follows from its content: where two devices write the same, they
write the same characters under the same names, of which every replica keeps one (``app.store.texts``: the least
change wins, the other is there already). What is typed behind them under other numbers stands on either. Where the
templates of the two differ, so do the numbers, and both texts stand: nothing is lost.

``{{time}}`` and ``{{person}}`` may differ between devices, so each is filled in by an update of its own whose number
follows from its value: the day's text comes once all the same, and of such a field both values stand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from app.domain.names import fold
from app.domain.schema import NOTE
from app.richtext.delta import Delete, Insert, Op, Retain, document_to_json
from app.richtext.yjs import apply_change, byte_length
from app.store.project import Project
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from app.store.updates import merge_updates
from app.workspace.templates import Moment, fields_in, filled_document, templates
from sync.change import Operation, Text
from sync.ids import new_id

if TYPE_CHECKING:
    from pycrdt import Text as YText

TEMPLATE = "Daily note"
"""What the template of these notes is called; without one a day begins empty."""
_LABEL = b"sitebook/daily/1\0"
_SHARED = ("date", "project", "title")
"""The fields that stand for the same on every device."""
_COPIED = ("parent", "tags")


def daily_record(project: bytes, day: date) -> bytes:
    """The id of a day's note in a project: in the form of all ids, as if it was made when the day began."""
    begins = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    digest = hashlib.sha256(_LABEL + project + day.isoformat().encode()).digest()
    return new_id(begins, lambda count: digest[:count])


def daily_title(day: date) -> str:
    """What a day's note is called: the date in one form for all languages."""
    return day.isoformat()


def day_of(record: bytes, project: bytes, title: object) -> date | None:
    """The day that a note is of; None for all others."""
    try:
        day = date.fromisoformat(title) if isinstance(title, str) else None
    except ValueError:
        return None
    return day if day is not None and daily_record(project, day) == record else None


def daily_template(project: Project) -> bytes | None:
    """The note that the notes of days are made from."""
    wanted = fold(TEMPLATE)
    found = [record for record, title in templates(project, NOTE) if fold(title.strip()) == wanted]
    return min(found, default=None)


def open_daily(project: Project, day: date, moment: Moment) -> tuple[bytes, Touched]:
    """The note of a day; it is made where there is none, and comes back where it lies in the trash."""
    record = daily_record(project.id, day)
    known = project.get(record, NOTE)
    if known is not None:
        return record, project.restore(record) if known.deleted else Touched()
    bulk = project.bulk()
    bulk.step(lambda touched: _creation(project, record, day, moment))
    return record, bulk.commit()


def _creation(project: Project, record: bytes, day: date, moment: Moment) -> list[Operation]:
    fields: dict[str, object] = {"title": daily_title(day)}
    document = [Insert("\n")]
    template = daily_template(project)
    if template is not None:
        given = project.record_or_fail(template)
        many = {name: given.values(name) if name == "tags" else given.value(name) for name in _COPIED}
        fields |= {name: value for name, value in many.items() if value}
        document = project.text_document(template)
    values = moment.values(daily_title(day)) | {"date": day.isoformat()}
    made = project.creation(NOTE, record, fields, None)
    return [
        *(each for each in made if not isinstance(each, Text)),
        *(
            Text(NOTE, record, "text", update, client)
            for update, client in _updates(record, document, values)
        ),
    ]


def _updates(record: bytes, document: Sequence[Insert], values: dict[str, str]) -> list[tuple[bytes, int]]:
    """The updates that begin a day's text, each with its client number."""
    shared = {name: values[name] for name in _SHARED}
    own = {name: value for name, value in values.items() if name not in shared}
    first = filled_document(list(document), shared)
    client = _client(record, document_to_json(first))
    found = [(_recorded(None, client, lambda text: _write(text, first)), client)]
    # From the last one on: what is filled in moves nothing that is still to be.
    for at, size, value in reversed(fields_in(first, own)):
        number = _client(record, [client, at, value.content])
        state = merge_updates(*(update for update, _ in found))
        change: list[Op] = [Retain(at), *([value] if value.content else []), Delete(size)]
        found.append((_recorded(state, number, partial(apply_change, change=change)), number))
    return found


def _client(record: bytes, content: object) -> int:
    """A client number that follows from what is written under it."""
    written = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    return int.from_bytes(hashlib.sha256(_LABEL + record + written).digest()[:4], "big") or 1


def _recorded(state: bytes | None, client: int, write: Callable[[YText], None]) -> bytes:
    """The one update that writing to a text makes."""
    document = open_document(state, client)
    found: list[bytes] = []
    subscription = document.observe(lambda event: found.append(event.update))
    with document.transaction():
        write(document_text(document))
    document.unobserve(subscription)
    return found[0]


def _write(text: YText, document: Sequence[Insert]) -> None:
    """Write a document so that each character has the same name wherever this is done.

    Formats are given one by one in the order of their names: several given at once come in any order.
    """
    at = 0
    for content, _ in document:
        if isinstance(content, str):
            text.insert(at, content)
        else:
            text.insert_embed(at, dict(content))
        at += byte_length(content)
    at = 0
    for content, attributes in document:
        past = at + byte_length(content)
        for name in sorted(attributes):
            text.format(at, past, {name: attributes[name]})
        at = past
