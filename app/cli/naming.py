"""Finding people, labels, locations, elements, statuses, fields and categories by their names, and merging them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from app.cli.ids import resolve_name
from app.cli.session import Session
from app.domain.directory import Directory
from app.domain.names import counted, fold, unknown
from app.domain.schema import (
    FIELD,
    KINDS,
    LABEL,
    LOCATION,
    MERGEABLE,
    MERGED_INTO,
    PERSON,
    STATUS,
    Field,
    FieldType,
)
from app.domain.values import parse
from sync.errors import NotFound, Refused, SitebookError
from sync.ids import id_text

_TYPES = {
    PERSON: FieldType.PERSON,
    STATUS: FieldType.STATUS,
    LABEL: FieldType.LABELS,
    LOCATION: FieldType.LOCATION,
}


def find_named(session: Session, kind: str, typed: str) -> bytes:
    """The record of a kind that somebody means by a name, a path or an id. Raises SitebookError."""
    if kind in _TYPES:
        found = parse(Field(kind, _TYPES[kind], KINDS[kind].title, target=kind), typed, session.context)
        if not isinstance(found, bytes):
            raise SitebookError(f"Say which {KINDS[kind].title.lower()} is meant.")
        return found
    if kind == FIELD:
        return _find_field(session, typed)
    return resolve_name(session.project, typed, kind)


def _find_field(session: Session, typed: str) -> bytes:
    """A field of the users' own, by the title that it has beside others of its name."""
    found = [
        field
        for kind in ("issue", "element", "person", "note")
        for field in session.fields(kind).fields
        if field.custom and fold(field.title) == fold(typed.strip())
    ]
    if len(found) == 1:
        return found[0].definition
    if not found:
        try:
            return resolve_name(session.project, typed, FIELD)
        except NotFound:
            pass
        names = [field.title for field in session.fields("issue").fields if field.custom]
        raise NotFound(unknown("field of your own", typed, names))
    ids = ", ".join(id_text(field.definition) for field in found)
    raise NotFound(f"“{typed}” may mean {len(found)} fields; give one by its id: {ids}.")


def _names(session: Session, kind: str) -> Mapping[bytes, str]:
    directory: Directory = session.context.directory
    if kind == LOCATION:
        return {record: entry.path for record, entry in directory.locations.items()}
    return directory.headings(kind)


def _all_called(session: Session, kind: str, typed: str) -> list[bytes]:
    """The records that have one name, the oldest first."""
    wanted = fold(typed.strip())
    found = sorted(record for record, name in _names(session, kind).items() if fold(name.strip()) == wanted)
    if not found:
        raise NotFound(unknown(KINDS[kind].title.lower(), typed, sorted(_names(session, kind).values())))
    if len(found) == 1:
        title = KINDS[kind].title.lower()
        raise Refused(f"There is one {title} “{typed.strip()}”; name the {title} to merge into it too.")
    return found


def merge(session: Session, arguments: Namespace) -> None:
    """Make one record of two; of one name alone, of all that have it."""
    kind = arguments.kind
    assert kind in MERGEABLE
    if arguments.gone is None:
        keep, *others = _all_called(session, kind, arguments.keep)
    else:
        keep = find_named(session, kind, arguments.keep)
        others = [_find_gone(session, kind, keep, arguments.gone)]
    for gone in others:
        session.project.merge_records(kind, keep, gone)
    session.forget_names()
    name = _names(session, kind).get(keep, "")
    document = {"id": id_text(keep), "name": name, "merged": [id_text(each) for each in others]}
    what = counted(len(others), KINDS[kind].title.lower())
    session.out.result(document, f"“{name}” is now also {what} more; what referred to the other names it.")


def _find_gone(session: Session, kind: str, keep: bytes, typed: str) -> bytes:
    """The one to merge; one that was merged already may be named by its id, to take over what came since."""
    try:
        return find_named(session, kind, typed)
    except SitebookError:
        into = session.project.column(kind, MERGED_INTO)
        merged = [
            record for record, other in into.items() if other == keep and id_text(record) == typed.strip()
        ]
        if not merged:
            raise
        return merged[0]
