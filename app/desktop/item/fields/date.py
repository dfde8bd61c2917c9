"""Dates: typed in words (*next fri*, *+7d*, *31 Jan*) or pressed in a calendar."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.calendar import MonthPicker
from app.desktop.item.fields.line import LineEditor
from app.desktop.item.fields.pieces import status_meaning
from app.desktop.item.speech import due_text, field_title
from app.desktop.translate import tr
from app.desktop.widgets import IconButton
from app.domain.schema import ISSUE, Field, FieldType
from app.domain.values import valid


class DateEditor(LineEditor):
    """A line for words, and a calendar."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self._button = IconButton(desk.look, "calendar-blank", tr("Calendar"), parent=self)
        self._button.setAccessibleName(tr("Calendar: {field}").format(field=field_title(field)))
        self._chosen_by_day = field.writable and field.type is FieldType.DATE
        self._button.setVisible(self._chosen_by_day)
        self._button.clicked.connect(self.open_calendar)
        self._row.addWidget(self._button)
        self.calendar: MonthPicker | None = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self._button.setVisible(self._chosen_by_day and self.isEnabled())

    def further_stops(self) -> list[QWidget]:
        return [self._button]

    def invitation(self) -> str:
        return tr("today, next fri, +7d") if self.field.writable else ""

    def refresh(self) -> None:
        super().refresh()
        if not self.editing() and self._is_due():
            self.line.setText(self._due()[0])
            self.line.setCursorPosition(0)

    def tone(self) -> str:
        if self._is_due() and self._due()[1]:
            return "danger"
        return super().tone()

    def _is_due(self) -> bool:
        return (
            self.field.name == "due"
            and self.kind == ISSUE
            and self.value is not None
            and valid(self.field, self.value)
        )

    def _due(self) -> tuple[str, bool]:
        status = self.desk.source.field(self.record, "status", self.kind).value
        return due_text(self.desk, str(self.value), status_meaning(self.desk, status))

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.open_calendar()
            return True
        return super().key_pressed(event)

    def open_calendar(self) -> None:
        """Float a month below the field."""
        self.finish()
        chosen = date.fromisoformat(str(self.value)) if valid(self.field, self.value) else None
        self.calendar = MonthPicker(self.desk.look, self.desk.now().date(), chosen, self)
        self.calendar.picked.connect(self._picked)
        self.calendar.closed.connect(self._closed)
        self.calendar.open(self.line)

    def _closed(self) -> None:
        self.calendar = None

    def _picked(self, day: object) -> None:
        self.write(day.isoformat() if isinstance(day, date) else None)
        self.show_state(self.desk.source.field(self.record, self.field.name, self.kind))
