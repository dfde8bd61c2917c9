"""Notes and issues that new ones are made from, and the fields in them: ``{{date}}`` becomes the day.

Fields are filled in where they stand, with the formats that they have there; one that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.names import fold
from app.domain.schema import ISSUE, KINDS, NOTE, PERSON
from app.domain.walk import template_fields
from app.richtext.delta import Delete, Insert, Op, Retain, applied, plain_text, sliced
from app.store.operations import Bulk
from app.store.project import Project
from app.store.touched import Touched
from sync.errors import NotFound

FIELDS = ("date", "time", "person", "project", "title")
"""The fields that a template may hold, as they are typed between two braces."""
_FIELD = re.compile(r"\{\{[ \t]*([a-z]{1,20})[ \t]*\}\}", re.IGNORECASE)
_OBJECT = "\ufffc"
_NOTE_FIELDS = ("parent", "tags", "references")


@dataclass(frozen=True, slots=True)
class Moment:
    """What the fields of a template stand for: where, when and by whom something is made from it."""

    now: datetime
    project: str
    person: str = ""

    def values(self, title: str = "") -> dict[str, str]:
        """The values of all fields, for something with a title."""
        return {
            "date": self.now.date().isoformat(),
            "time": self.now.strftime("%H:%M"),
            "person": self.person,
            "project": self.project,
            "title": title,
        }


def person_name(project: Project, person: bytes | None) -> str:
    """The name that ``{{person}}`` stands for: empty where it is not known who uses this device."""
    name = None if person is None else project.field(person, "name", PERSON).value
    return name if isinstance(name, str) else ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its fields filled in."""
    return _FIELD.sub(lambda found: values.get(found[1].lower(), found[0]), text)


def fields_in(document: Sequence[Insert], values: Mapping[str, str]) -> list[tuple[int, int, Insert]]:
    """The fields of a document that have a value: where each begins, its length, and what stands in its place.

    Places count code points; a value has the formats of its field.
    """
    found = []
    for each in _FIELD.finditer(plain_text(document, _OBJECT)):
        value = values.get(each[1].lower())
        if value is not None:
            look = sliced(document, each.start(), each.start() + 1)[0].attributes
            found.append((each.start(), each.end() - each.start(), Insert(value, look)))
    return found


def filled_document(document: Sequence[Insert], values: Mapping[str, str]) -> list[Insert]:
    """A document with its fields filled in."""
    change: list[Op] = []
    at = 0
    for start, size, value in fields_in(document, values):
        change += [Retain(start - at), value, Delete(size)]
        at = start + size
    return applied(document, change)


def templates(project: Project, kind: str) -> list[tuple[bytes, str]]:
    """The templates of a kind that are there, with their titles, by title."""
    titles = project.column(kind, "title")
    marked = [record for record, value in project.column(kind, "template").items() if value is True]
    found = [(record, title if isinstance(title := titles.get(record), str) else "") for record in marked]
    return sorted(found, key=lambda each: (fold(each[1]), each[0]))


def find_template(project: Project, kind: str, name: str) -> bytes:
    """The template with a name. Raises NotFound, which says what there is."""
    wanted = fold(name.strip())
    every = templates(project, kind)
    found = [record for record, title in every if fold(title) == wanted]
    if found:
        return min(found)
    if not every:
        raise NotFound(
            f"There are no templates yet; set the field “template” of {_some(kind)} to make it one."
        )
    names = ", ".join(f"“{title}”" for _, title in every)
    raise NotFound(f"There is no template “{name}”; there are {names}.")


def _some(kind: str) -> str:
    return "an issue" if kind == ISSUE else f"a {KINDS[kind].title.lower()}"


def plan_from(
    project: Project,
    bulk: Bulk,
    template: bytes,
    moment: Moment,
    more: Mapping[str, object] | None = None,
) -> bytes:
    """Plan a note or an issue from a template: its fields, its text, with what stands between braces filled in.

    ``more`` goes over its fields. Raises NotFound where there is no such note or issue.
    """
    record = project.record_or_fail(template)
    if record.kind not in (NOTE, ISSUE):
        raise NotFound("Only notes and issues are made from templates.")
    values = {
        name: record.values(name) if state.many else state.value for name, state in record.fields.items()
    }
    if record.kind == ISSUE:
        given = template_fields(values, [name for name in values if name not in KINDS[ISSUE].fields])
    else:
        given = {name: values[name] for name in _NOTE_FIELDS if values.get(name)}
    written = values.get("title")
    given["title"] = filled(written, moment.values()) if isinstance(written, str) else None
    given |= more or {}
    title = given["title"]
    own = moment.values(title if isinstance(title, str) else "")
    text = filled_document(project.text_document(template), own)
    return bulk.create(record.kind, given, text=text)


def make_from(project: Project, template: bytes, moment: Moment) -> tuple[bytes, Touched]:
    """Make a note or an issue from a template. Raises NotFound where there is no such note or issue."""
    bulk = project.bulk()
    made = plan_from(project, bulk, template, moment)
    return made, bulk.commit()
