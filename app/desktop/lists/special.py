"""The rows of the trash, of conflicts and of what needs attention: records of several kinds in one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.desktop.item.desk import Desk
from app.desktop.item.source import Authors
from app.desktop.item.speech import author_name
from app.desktop.lists.cells import Cell, Column, DateCell, IconCell, Row, TextCell, TitleCell
from app.desktop.lists.choices import choices, conflict_key, conflict_title
from app.desktop.lists.listing import Found
from app.desktop.lists.rows import RowMaker, spoken
from app.desktop.translate import tr
from app.desktop.words import exact_text, moment_text
from app.desktop.workspace import Workspace
from app.domain.names import fold
from app.domain.schema import (
    CATEGORY,
    DEVICE,
    ELEMENT,
    FIELD,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    STATUS,
)
from app.query.archive import ARCHIVED
from app.query.parser import parse
from app.store.records import Conflict
from app.store.touched import Touched

_ARCHIVED = parse(f"is:{ARCHIVED}")
_ICONS = {
    ISSUE: "circle",
    NOTE: "file-text",
    PERSON: "user",
    ELEMENT: "cube",
    LABEL: "tag",
    LOCATION: "map-pin",
    CATEGORY: "stack",
    FIELD: "text-t",
    STATUS: "circle-half",
}


class _MixedRows(RowMaker):
    """What the lists of several kinds share."""

    kind = ""

    def heading(self, record: bytes, kind: str) -> tuple[str, bool]:
        """What a record is called, and whether it has a name at all."""
        columns = self._workspace.columns
        known = KINDS.get(kind)
        if known is not None:
            name = columns.column(kind, known.heading).get(record)
            if isinstance(name, str) and name:
                return name, True
        made = self._workspace.made_name(kind, record) if known is not None else ""
        return made or tr("Untitled"), False

    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        return {}

    def _kind_title(self, kind: str) -> str:
        known = KINDS.get(kind)
        return tr(known.title) if known is not None else tr("From a newer version")

    def _moment(self, moment_ms: int) -> DateCell:
        now = self._workspace.now()
        return DateCell(moment_text(moment_ms, now), hint=exact_text(moment_ms, now.tzinfo))


class ArchiveRows(_MixedRows):
    """Issues that were put aside: icon, number, title, status, when they were changed last."""

    kind = ISSUE

    @property
    def fields(self) -> tuple[str, ...]:
        return ("title", ARCHIVED, "number", "status")

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("number", "#", widths=((0, 56),), right=True),
            Column("title", tr("Title")),
            Column("status", tr("Status"), widths=((400, 110),)),
            Column("changed", tr("Changed"), widths=((320, 120),), right=True, sortable=False),
        )

    def keys(self) -> list[bytes]:
        columns = self._workspace.columns
        frame = columns.frame(ISSUE)
        answer = columns.run(ISSUE, _ARCHIVED, self._workspace.context())
        return [frame.record(row) for row in answer.rows.tolist()]

    def build(self, record: bytes) -> Row:
        title, named = self.heading(record, ISSUE)
        found = self._column("number").get(record)
        number = "" if found is None else str(found)
        status = self._status(record)
        view = self._workspace.view(record, ISSUE)
        changed = self._moment(view.updated.at) if view is not None else DateCell("")
        cells: tuple[Cell, ...] = (
            IconCell("archive"),
            TextCell(number, "muted"),
            TitleCell(title, tone="text" if named else "muted", hint=title),
            TextCell(status, "muted", status),
            changed,
        )
        return Row(record, record, ISSUE, cells, spoken(number, title, tr("archived"), status))

    def _status(self, record: bytes) -> str:
        status = self._column("status").get(record)
        entry = self._workspace.directory.statuses.get(status) if isinstance(status, bytes) else None
        return "" if entry is None else entry.name

    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        if column == "number":
            return self._column("number")
        if column == "status":
            return {record: self._status(record).casefold() for record in self.keys()}
        return self._texts(column)


class TrashRows(_MixedRows):
    """Deleted records, who deleted them and when. The key is the record's id."""

    def __init__(self, workspace: Workspace, authors: Authors) -> None:
        super().__init__(workspace)
        self._authors = authors
        self._names: dict[bytes, str] = {}
        workspace.touched.connect(self._forget)

    def _forget(self, touched: Touched) -> None:
        if {PERSON, DEVICE} & set(touched.kinds.values()):
            self._names.clear()

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("title", tr("Title"), sortable=False),
            Column("kind", tr("Kind"), widths=((400, 90),), sortable=False),
            Column("by", tr("Deleted by"), widths=((520, 150),), sortable=False),
            Column("changed", tr("Deleted"), widths=((320, 120),), right=True, sortable=False),
        )

    def keys(self) -> list[bytes]:
        return self._workspace.trash.records()

    def filter(self, text: str, _kind: str, every: Sequence[bytes]) -> Found:
        """Those in whose name or kind every word is found."""
        trash = self._workspace.trash
        titles = {kind: fold(self._kind_title(kind)) for kind in KINDS}
        wanted = fold(text).split()
        # A word may be that of a kind: then the others are looked for in what is of it.
        left = {kind: [word for word in wanted if word not in title] for kind, title in titles.items()}
        found = []
        for record in every:
            entry = trash.get(record)
            if entry is not None:
                words = trash.words(record)
                if all(word in words for word in left[entry.kind]) or all(word in words for word in wanted):
                    found.append(record)
        return Found(found)

    def build(self, record: bytes) -> Row:
        entry = self._workspace.trash.get(record)
        if entry is None:
            empty: tuple[Cell, ...] = (TextCell(""),) * len(self.columns)
            return Row(record, None, "", empty, "")
        title = entry.title or tr("Untitled")
        kind_title, by, deleted = (
            self._kind_title(entry.kind),
            self._name(entry.device),
            self._moment(entry.at),
        )
        cells: tuple[Cell, ...] = (
            IconCell(_ICONS.get(entry.kind, "circle")),
            TitleCell(title, tone="text" if entry.title else "muted", hint=title),
            TextCell(kind_title, "muted"),
            TextCell(by, "muted", by),
            deleted,
        )
        words = spoken(kind_title, title, tr("deleted by {person}").format(person=by), deleted.text)
        return Row(record, record, entry.kind, cells, words)

    def _name(self, device: bytes) -> str:
        known = self._names.get(device)
        if known is None:
            known = self._names[device] = author_name(self._authors.author(device))
        return known


class ConflictRows(_MixedRows):
    """Fields with more than one value, beside each other. The key is the record's id and the field's name."""

    def __init__(self, workspace: Workspace, desk: Desk) -> None:
        super().__init__(workspace)
        self._desk = desk

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("title", tr("Title"), sortable=False),
            Column("field", tr("Field"), widths=((0, 110), (900, 140)), sortable=False),
            Column("first", tr("Shown"), widths=((560, 120), (900, 190)), sortable=False),
            Column("others", tr("Or"), widths=((560, 120), (900, 190)), sortable=False),
            Column("when", tr("Last"), widths=((480, 110),), right=True, sortable=False),
        )

    def keys(self) -> list[bytes]:
        return [conflict_key(each) for each in self._workspace.conflicts]

    def find(self, key: bytes) -> Conflict | None:
        """The conflict of a key, while it is one."""
        return next(
            (each for each in self._workspace.contested.of(key[:16]) if conflict_key(each) == key), None
        )

    def name_of(self, found: Conflict) -> str:
        """What the contested record is called."""
        return self.heading(found.record, found.kind)[0]

    def build(self, record: bytes) -> Row:
        key = record
        found = self.find(key)
        if found is None:
            empty: tuple[Cell, ...] = (TextCell(""),) * len(self.columns)
            return Row(key, None, "", empty, "")
        title, named = self.heading(found.record, found.kind)
        field = conflict_title(self._desk, found)
        first, *others = (said for _, said in choices(self._desk, found))
        last = self._moment(max(write.clock for write in found.live))
        beside = tr(" or ").join(others)
        cells: tuple[Cell, ...] = (
            IconCell("git-merge", "warning", tr("Two people changed this")),
            TitleCell(title, tone="text" if named else "muted", hint=title),
            TextCell(field, "muted", field),
            TextCell(first, "text", first),
            TextCell(beside, "text", beside),
            last,
        )
        words = spoken(tr("Two people changed this"), title, field, first, beside, last.text)
        return Row(key, found.record, found.kind, cells, words)


class AttentionRows(_MixedRows):
    """What was refused or could not be read. The key is the envelope's hash."""

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("reason", tr("What happened"), sortable=False),
            Column("records", tr("Touches"), widths=((560, 200),), sortable=False),
            Column("when", tr("When"), widths=((400, 120),), right=True, sortable=False),
        )

    def keys(self) -> list[bytes]:
        return [each.hash for each in self._workspace.attention]

    def build(self, record: bytes) -> Row:
        found = next((each for each in self._workspace.attention if each.hash == record), None)
        if found is None:
            empty: tuple[Cell, ...] = (TextCell(""),) * len(self.columns)
            return Row(record, None, "", empty, "")
        touches = ""
        first, kind = None, ""
        if found.records:
            first = found.records[0]
            kind = self._workspace.source.kind_of(first) or ""
            touches = self.heading(first, kind)[0]
            if len(found.records) > 1:
                touches = tr("{first} and {count} more").format(first=touches, count=len(found.records) - 1)
        whose = tr("Could not be sent") if found.own else tr("Could not be read")
        when = self._moment(found.received_ms) if found.received_ms else DateCell("")
        reason = f"{whose}: {found.reason}" if found.reason else whose
        cells: tuple[Cell, ...] = (
            IconCell("warning", "danger", whose),
            TitleCell(reason, hint=reason),
            TextCell(touches, "muted", touches),
            when,
        )
        return Row(record, first, kind, cells, spoken(reason, touches, when.text))
