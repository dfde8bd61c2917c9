"""Records as the command line shows them: JSON documents, and texts for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.domain.categories import HOLDERS
from app.domain.dates import moment_iso, moment_local
from app.domain.fieldtypes import DERIVED_TYPES
from app.domain.name_template import made_name
from app.domain.schema import ELEMENT, ISSUE, NOTE, PERSON, Field, FieldType
from app.domain.values import display, to_json
from app.store.records import Record, Stamp, SyncMark
from sync.ids import id_text

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.domain.fields import FieldSet

_BULK = 40
"""From so many records on, whole columns are read instead of one record after another."""
TOP = {ISSUE: ("number", "title"), NOTE: ("title",), PERSON: ("name",), ELEMENT: ("name",)}
"""Fields that stand beside ``fields`` in the JSON of a kind."""
_STAMPS = ("created", "updated")


class Rows:
    """Some records of a kind, with what stands in them."""

    def __init__(
        self,
        session: Session,
        kind: str,
        records: Sequence[bytes],
        fields: FieldSet,
        *,
        deleted: bool = False,
    ) -> None:
        """``deleted``: they are, and columns do not have them."""
        self._session = session
        self._project = session.project
        self.kind = kind
        self.records = records
        self.fields = fields
        self._single: dict[bytes, Record] = {}
        self._columns: dict[str, Mapping[bytes, Any]] = {}
        self._bulk = len(records) >= _BULK and not deleted
        if self._bulk:
            self._read_columns()
        else:
            self._single = {record: self._project.record_or_fail(record) for record in records}
            self._texts = {
                record: self._project.plain_text(record) for record in records if fields.kind.text_fields
            }
        self._names = names_of_devices(session)
        derived = [each.name for each in fields.fields if each.type in DERIVED_TYPES]
        # Only where there are such fields are whole columns worked out.
        self._derived = (
            {} if not derived else {n: session.frames.catalog.resolve(kind, n).field for n in derived}
        )

    def _read_columns(self) -> None:
        project, kind = self._project, self.kind
        self._texts = project.texts(kind) if self.fields.kind.text_fields else {}
        self._stamps = {"created": project.created(kind), "updated": project.updated(kind)}
        self._pending = project.pending_records()
        self._attention = {record for item in project.attention() for record in item.records}
        self._conflicts: dict[bytes, list[str]] = {}
        for conflict in project.conflicts():
            self._conflicts.setdefault(conflict.record, []).append(conflict.field)

    def value(self, record: bytes, field: Field) -> Any:
        """What shows in a field: None, one value, or a tuple where the field holds many."""
        if field.name in self._derived:
            return self._session.frames.column(self.kind, field.name).get(record)
        if not self._bulk:
            found = self._single[record]
            value = found.values(field.name) if field.many else found.value(field.name)
        else:
            column = self._columns.get(field.name)
            if column is None:
                column = self._columns[field.name] = self._project.column(self.kind, field.name)
            value = column.get(record)
        return value if value != () else None

    def text(self, record: bytes) -> str:
        """The rich text without its last line end."""
        return self._texts.get(record, "")

    def sync(self, record: bytes) -> SyncMark:
        """Where the work on a record is."""
        if not self._bulk:
            return self._single[record].sync
        if record in self._attention:
            return SyncMark.ATTENTION
        return SyncMark.PENDING if record in self._pending else SyncMark.SYNCED

    def conflicts(self, record: bytes) -> list[str]:
        """The fields with conflicts, as people type them."""
        names = self._conflicts.get(record, []) if self._bulk else self._single[record].conflicts
        return [typed_name(self.fields, name) for name in sorted(names)]

    def stamp(self, record: bytes, which: str) -> Stamp:
        """Who made or last changed a record, and when."""
        if not self._bulk:
            found = self._single[record]
            return found.created if which == "created" else found.updated
        return self._stamps[which].get(record, Stamp(0, b""))

    def by(self, stamp: Stamp) -> str:
        """The name of an author; empty where it is not known here."""
        return stamp.name or self._names.get(stamp.device[:16], "")

    def shown(self, record: bytes, name: str) -> str:
        """A field for people."""
        field = self.fields.resolve(name)
        field = self._derived.get(field.name, field)
        return display(field, self.value(record, field), self._session.context)

    def heading(self, record: bytes) -> str:
        """The title or name; without one, what the template of the category makes of the fields."""
        return self.shown(record, self.fields.kind.heading) or self.made_name(record)

    def made_name(self, record: bytes) -> str:
        """What the template of the category makes of the fields; empty where there is none."""
        holder = HOLDERS.get(self.kind)
        if holder is None:
            return ""
        category = self.value(record, self.fields.kind.fields[holder])
        entry = self._session.context.directory.categories.find(self.kind, category)
        if entry is None or not entry.template:
            return ""
        frames = self._session.frames

        def shown(path: str) -> str:
            found = frames.catalog.find(self.kind, path)
            if found is None:
                return ""
            return display(found.field, frames.column(self.kind, path).get(record), self._session.context)

        return made_name(entry.template, shown)

    def moment(self, record: bytes, which: str) -> str:
        """When a record was made or last changed, for people."""
        return moment_local(self.stamp(record, which).at, self._session.context.zone)

    def document(self, record: bytes) -> dict[str, Any]:
        """The JSON of a record."""
        top = TOP.get(self.kind, ("name",))
        found: dict[str, Any] = {"id": id_text(record)}
        for name in top:
            field = self.fields.kind.fields[name]
            found[name] = to_json(field, self.value(record, field), self._session.context)
            if found[name] is None and field.type is FieldType.TEXT:
                found[name] = ""
        if not found.get(self.fields.kind.heading) and (made := self.made_name(record)):
            found["name"] = made
        if self.fields.kind.text_fields:
            found["text"] = self.text(record)
        found["fields"] = self._fields(record, top)
        found["sync"] = str(self.sync(record))
        found["conflicts"] = self.conflicts(record)
        return found

    def _fields(self, record: bytes, top: tuple[str, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self.visible():
            if field.name in top:
                continue
            if field.name in _STAMPS:
                stamp = self.stamp(record, field.name)
                values[field.name] = {"by": self.by(stamp) or None, "at": moment_iso(stamp.at)}
            else:
                values[field.typed_name] = to_json(field, self.value(record, field), self._session.context)
        return values

    def visible(self) -> list[Field]:
        """The fields that users see, without the rich text."""
        hidden = (FieldType.RICH, FieldType.BYTES, FieldType.ORDER)
        return [
            self._derived.get(field.name, field) for field in self.fields.fields if field.type not in hidden
        ]

    def lines(self, record: bytes) -> list[str]:
        """A record for people: one line a field that holds something."""
        context = self._session.context
        shown: list[tuple[str, str]] = []
        for field in self.visible():
            if field.name in _STAMPS:
                stamp = self.stamp(record, field.name)
                by = self.by(stamp)
                shown.append(
                    (field.title, moment_local(stamp.at, context.zone) + (f" by {by}" if by else ""))
                )
            else:
                value = display(field, self.value(record, field), context)
                if value:
                    shown.append((field.title, value))
        longest = max(len(title) for title, _ in shown)
        lines = [f"{title:<{longest}}  {value}" for title, value in shown]
        lines.append(f"{'Sync':<{longest}}  {_SYNC[self.sync(record)]}")
        if conflicts := self.conflicts(record):
            lines.append(f"{'Conflicts':<{longest}}  {', '.join(conflicts)} (see `sitebook conflicts`)")
        lines.append(f"{'Id':<{longest}}  {id_text(record)}")
        if text := self.text(record):
            lines += ["", text]
        return lines


_SYNC = {
    SyncMark.PENDING: "only on this device so far",
    SyncMark.SYNCED: "synced",
    SyncMark.ATTENTION: "needs attention: the server refused it",
}


def typed_name(fields: FieldSet, stored: str) -> str:
    """What a person types for a stored field; its stored name where it is not known here."""
    field = fields.stored(stored)
    return stored if field is None else field.typed_name


def names_of_devices(session: Session) -> dict[bytes, str]:
    """Names of the users of all devices, by the first half of the device's key."""
    from app.workspace.people import author_names

    return author_names(session.project)


def marks(rows: Rows, record: bytes) -> str:
    """What a list says beside a record that is not just there and synced."""
    found = []
    if rows.conflicts(record):
        found.append("conflict")
    if rows.sync(record) is not SyncMark.SYNCED:
        found.append("attention" if rows.sync(record) is SyncMark.ATTENTION else "pending")
    return ", ".join(found)
