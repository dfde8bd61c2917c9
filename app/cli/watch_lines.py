"""The lines of ``sitebook watch``: what one change did to one record, as one JSON document. See ``Lines.document``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.cli.rows import Rows
from app.domain.dates import moment_iso
from app.domain.schema import ATTACHMENT, COMMENT, DEVICE, ISSUE, Field, FieldType
from app.domain.values import to_json
from app.store.happened import Happening, TextEdit, TextEdits, Written
from sync.ids import id_text

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.domain.fields import FieldSet

MOST_TEXT = 2_000
"""Most characters of a text in a line."""
_BELOW = (COMMENT, ATTACHMENT)
_DEPTH = 3
"""A file of a comment on an issue is news of the issue."""
_HIDDEN = (FieldType.RICH, FieldType.BYTES, FieldType.ORDER)
_STATE = ("created", "updated", "deleted", "parent")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``seq`` is the number of its change."""

    seq: int
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Subject:
    """The record that something is news of."""

    kind: str
    record: bytes


class Lines:
    """Makes lines of what happened, with names and titles as they are now."""

    def __init__(self, session: Session, kinds: Collection[str], where: str) -> None:
        """``kinds``: of the records whose news are wanted; ``where``: a query that they have to meet, or nothing."""
        self._session = session
        self._kinds = kinds
        self._where = where

    def check(self) -> None:
        """Raises SitebookError where the query makes no sense for one of the kinds."""
        for kind in self._kinds:
            self._met(kind, ())

    def of(self, page: Sequence[Happening], since_ms: int = 0, until: int = 0) -> Iterator[Line]:
        """The lines of some happenings; of changes up to number ``until``, only those made since a time."""
        self._session.forget_names()
        found = [
            (each, subject)
            for each in page
            if (each.number > until or each.at >= since_ms) and (subject := self._subject(each)) is not None
        ]
        for kind in self._kinds:
            records = list(dict.fromkeys(subject.record for _, subject in found if subject.kind == kind))
            met = set(records) if not self._where else set(self._met(kind, records))
            found = [
                (each, subject) for each, subject in found if subject.kind != kind or subject.record in met
            ]
        page_of = _Page(self._session, {subject for _, subject in found})
        for each, subject in found:
            document = page_of.document(each, subject)
            if document is not None:
                yield Line(each.number, document)

    def _met(self, kind: str, records: Collection[bytes]) -> list[bytes]:
        if not self._where:
            return list(records)
        from app.query.sqlite import search

        session = self._session
        return search(self._where, session.project, kind, session.context, among=records)

    def _subject(self, each: Happening) -> _Subject | None:
        project = self._session.project
        kind, record, rid = each.kind, each.record, each.rid
        for _ in range(_DEPTH):
            if kind not in _BELOW:
                break
            above = project.deletions.parent(rid)
            over = None if above is None else project.kind_of(above)
            number = None if above is None or over is None else project.numbers.known_record(over, above)
            if above is None or over is None or number is None:
                return None
            kind, record, rid = over, above, number
        return _Subject(kind, record) if kind in self._kinds else None


class _Page:
    """What is read once for some lines."""

    def __init__(self, session: Session, subjects: Collection[_Subject]) -> None:
        self._session = session
        self._project = session.project
        self._fields: dict[str, FieldSet] = {}
        self._rows: dict[str, Rows] = {}
        for kind in {subject.kind for subject in subjects}:
            there = [
                subject.record
                for subject in subjects
                if subject.kind == kind and self._project.get(subject.record, kind) is not None
            ]
            # As if all were deleted: some are, and columns do not have those.
            self._rows[kind] = Rows(session, kind, there, self.fields(kind), deleted=True)
        self._members = self._project.column(DEVICE, "member")
        self._edits = TextEdits(self._project)

    def fields(self, kind: str) -> FieldSet:
        """The fields of a kind."""
        found = self._fields.get(kind)
        if found is None:
            found = self._fields[kind] = self._session.fields(kind)
        return found

    def document(self, each: Happening, subject: _Subject) -> dict[str, Any] | None:
        """The line's document; None where nothing of it is for people to see (a card's place on a board)."""
        rows = self._rows[subject.kind]
        if subject.record not in rows.records:
            return None
        below = each.kind in _BELOW
        fields = self._changed(each)
        what = _deed(each) or ("changed" if fields else "text" if each.texts else "")
        if not what:
            return None
        entry = self._session.entry
        number = (
            rows.value(subject.record, rows.fields.kind.fields["number"]) if subject.kind == ISSUE else None
        )
        found: dict[str, Any] = {
            "seq": each.number,
            "id": each.change.hex(),
            "at": moment_iso(each.at),
            "project": {"id": entry.project.hex(), "name": entry.name},
            "kind": subject.kind,
            "record": id_text(subject.record),
            "number": number if isinstance(number, int) else None,
            "title": rows.heading(subject.record),
            "what": each.kind if below else what,
            "by": self._by(rows, each.device),
            "fields": {} if below else fields,
        }
        if below:
            found[each.kind] = self._below(each, what, fields)
        else:
            found |= self._texts(each)
        return found

    def _by(self, rows: Rows, device: bytes) -> dict[str, Any]:
        from app.store.records import Stamp

        member = self._members.get(device[:16])
        return {
            "person": rows.by(Stamp(0, device)) or None,
            "device": device.hex(),
            "member": member.hex() if isinstance(member, bytes) else None,
        }

    def _changed(self, each: Happening) -> dict[str, Any]:
        fields = self.fields(each.kind)
        found: dict[str, Any] = {}
        for name, written in each.fields.items():
            field = fields.stored(name)
            if field is None or field.type in _HIDDEN or name in _STATE:
                continue
            if name == "number" and not written.gone:
                continue  # it got its number, which stands beside the fields in all of its lines
            change = self._members_of(field, written) if field.many else self._value(each, field, written)
            if change:
                found[field.typed_name] = change
        return found

    def _value(self, each: Happening, field: Field, written: Written) -> dict[str, Any]:
        context = self._session.context
        old = to_json(field, written.gone[0] if written.gone else None, context)
        new = to_json(field, written.put[-1] if written.put else None, context)
        if old == new:
            return {}
        fid = self._project.numbers.known_field(each.kind, field.name)
        contested = self._project.db.one("SELECT 1 FROM contested WHERE rid = ? AND fid = ?", (each.rid, fid))
        return {"old": old, "new": new, **({"conflict": True} if contested else {})}

    def _members_of(self, field: Field, written: Written) -> dict[str, Any]:
        added = [value for value in written.put if value not in written.gone]
        removed = [value for value in written.gone if value not in written.put]
        if not added and not removed:
            return {}
        context = self._session.context
        return {
            "added": to_json(field, tuple(added), context),
            "removed": to_json(field, tuple(removed), context),
        }

    def _texts(self, each: Happening) -> dict[str, Any]:
        for name in each.texts:
            edit = self._edits.of(each, name)
            # A record is made with the line end of an empty text; a change of formats alone adds nothing either.
            if edit is not None and (edit.added or edit.removed or "created" not in each.fields):
                return {"text": _text_document(edit)}
        return {}

    def _below(self, each: Happening, what: str, fields: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": id_text(each.record), "what": "changed" if what == "text" else what}
        if each.kind == COMMENT:
            found["fields"] = fields
            return found | {"text": self._project.plain_text(each.record)[:MOST_TEXT]}
        from app.store.attached_file import read_attached

        record = self._project.get(each.record, each.kind)
        if record is not None:
            file = read_attached(record, self._session.attachments_directory)
            found |= {"name": file.name, "media_type": file.media_type, "size": file.size}
        return found


def _deed(each: Happening) -> str:
    """What became of a record as a whole."""
    if "created" in each.fields and each.fields["created"].put:
        return "created"
    if "deleted" in each.fields:
        return "deleted" if True in each.fields["deleted"].put else "restored"
    return ""


def _text_document(edit: TextEdit) -> dict[str, Any]:
    return {
        "added": edit.added,
        "removed": edit.removed,
        "plain": edit.plain[:MOST_TEXT],
        "whole": len(edit.plain) <= MOST_TEXT,
    }
