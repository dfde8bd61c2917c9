"""What stands on a card, made of a record when it comes into sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QTextLayout, QTextOption

from app.desktop.lists.rows import CHIPS, parse_day, spoken
from app.desktop.translate import tr
from app.desktop.words import overdue_text, record_sync_text, weekday_text
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, KINDS, PERSON

LINES = 3
"""A title takes at most so many lines of a card."""
_SEEN = 300
"""Characters of a title beyond which nothing of it is seen on a card."""
_MOST_FACES = 3_000


@dataclass(frozen=True, slots=True)
class Face:
    """One card: plain values, as they are painted. ``photo`` is the attachment whose picture it shows."""

    record: bytes
    number: str
    title: str
    untitled: bool
    meaning: str
    chips: tuple[tuple[str, str], ...] = ()
    more: int = 0
    due: str = ""
    overdue: bool = False
    people: tuple[str, ...] = ()
    sync: str = ""
    conflict: bool = False
    photo: bytes | None = None
    spoken: str = ""


class Faces:
    """Makes and keeps the faces of the records of one kind."""

    def __init__(self, workspace: Workspace, kind: str) -> None:
        self._workspace = workspace
        self.kind = kind
        self._heading = KINDS[kind].heading
        self._known: dict[bytes, Face] = {}
        self.photos: Mapping[bytes, bytes] = {}
        """The attachment to show, by the record that it is attached to."""

    def paths(self) -> tuple[str, ...]:
        """The fields that faces are made of."""
        if self.kind != ISSUE:
            return (self._heading,)
        return ("number", "title", "status", "labels", "due", "assignees")

    def forget(self, records: set[bytes] | None = None) -> None:
        """Make these anew when they are asked for again; all of them for None."""
        if records is None or len(records) > len(self._known):
            self._known.clear()
            return
        for record in records:
            self._known.pop(record, None)

    def face(self, record: bytes) -> Face:
        """The face of a record."""
        known = self._known.get(record)
        if known is None:
            if len(self._known) >= _MOST_FACES:
                self._known.clear()
            known = self._known[record] = self._make(record)
        return known

    def _value(self, field: str, record: bytes) -> Any:
        return self._workspace.columns.column(self.kind, field).get(record)

    def _members(self, field: str, record: bytes) -> tuple[bytes, ...]:
        """The records that a field holds; other programs may have put anything into it."""
        value = self._value(field, record)
        return tuple(each for each in value if isinstance(each, bytes)) if isinstance(value, tuple) else ()

    def _make(self, record: bytes) -> Face:
        workspace = self._workspace
        heading = self._value(self._heading, record)
        title = " ".join(heading[:_SEEN].split()) if isinstance(heading, str) else ""
        title = title or workspace.made_name(self.kind, record)
        shown = title or tr("No name" if self.kind == PERSON else "Untitled")
        sync = workspace.sync_of(record)
        conflict = record in workspace.conflicted
        said = tr("Two people changed this") if conflict else ""
        if self.kind != ISSUE:
            words = spoken(shown, said, record_sync_text(sync))
            return Face(record, "", shown, not title, "", sync=sync, conflict=conflict, spoken=words)
        directory = workspace.directory
        number = self._value("number", record)
        number_shown = str(number) if isinstance(number, int) else tr("#new")
        stands = self._value("status", record)
        status = directory.statuses.get(stands) if isinstance(stands, bytes) else None
        labels = [
            directory.labels[each] for each in self._members("labels", record) if each in directory.labels
        ]
        labels.sort(key=lambda label: label.name.casefold())
        people = sorted(
            (
                directory.people[each].shown
                for each in self._members("assignees", record)
                if each in directory.people
            ),
            key=str.casefold,
        )
        due, overdue, due_said = self._due(record)
        words = spoken(
            tr("Issue {number}").format(number=number_shown),
            shown,
            status.name if status is not None else "",
            *(each.name for each in labels),
            *people,
            due_said,
            said,
            record_sync_text(sync),
        )
        return Face(
            record,
            number_shown,
            shown,
            not title,
            status.meaning if status is not None else "open",
            tuple((each.name, each.color) for each in labels[:CHIPS]),
            max(0, len(labels) - CHIPS),
            due,
            overdue,
            tuple(people),
            sync,
            conflict,
            self.photos.get(record),
            words,
        )

    def _due(self, record: bytes) -> tuple[str, bool, str]:
        day = parse_day(self._value("due", record))
        if day is None:
            return "", False, ""
        today = self._workspace.now().date()
        text = weekday_text(day, today)
        if day < today and self._workspace.is_open(record):
            return text, True, f"{text}, {overdue_text(day, today)}"
        return text, False, tr("due {day}").format(day=text)


def wrap(text: str, font: QFont, width: int, most: int = LINES) -> tuple[str, ...]:
    """The lines of a text in ``width`` pixels, at most ``most``; the last is cut with an ellipsis."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        start, length = line.textStart(), line.textLength()
        rest = text[start:]
        if len(lines) == most - 1 and length < len(rest.rstrip()):
            lines.append(QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, width))
        else:
            lines.append(rest[:length].rstrip())
    layout.endLayout()
    return tuple(lines) or ("",)
