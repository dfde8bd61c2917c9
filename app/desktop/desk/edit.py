"""Editing in the cell: the right editor for the type of the field, for one record or for all that are selected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.desktop.desk.bubble import Bubble
from app.desktop.desk.cell_line import CellLine, CellText
from app.desktop.desk.origins import origin_text
from app.desktop.desk.table import Table
from app.desktop.desk.writes import FieldWrite
from app.desktop.item.fields.calendar import MonthPicker
from app.desktop.item.fields.making import make_option
from app.desktop.item.fields.options import Option, OptionSource, none_yet, options_for
from app.desktop.item.fields.picker import Picker
from app.desktop.item.project_desk import project_desk
from app.desktop.item.speech import field_title, value_text
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Look
from app.domain.schema import Field, FieldType
from app.domain.values import parse, to_text, valid
from sync.errors import SitebookError

_CHOSEN = frozenset(
    {
        FieldType.STATUS,
        FieldType.CHOICE,
        FieldType.CHOICES,
        FieldType.PERSON,
        FieldType.PEOPLE,
        FieldType.LABELS,
        FieldType.LOCATION,
        FieldType.REFERENCE,
        FieldType.REFERENCES,
    }
)
_HINT_MS = 4000
_TEXT_HEIGHT = 110
_LEAST_WIDTH = 150


class CellEdit(QObject):
    """The editor of a table, one at a time. ``anchor`` may be a widget elsewhere: then it is edited there."""

    begun = Signal(list)
    """Emits the records that are being edited: they stay where they are."""
    progress = Signal(str)
    """Emits how far a large edit is; an empty text at its end."""

    def __init__(self, look: Look, table: Table) -> None:
        super().__init__(table)
        self._look = look
        self._table = table
        self.desk = project_desk(look, table.scene.workspace, table)
        self.bubble = Bubble(look, table.viewport())
        self.line: CellLine | CellText | None = None
        self.picker: Picker | None = None
        self.calendar: MonthPicker | None = None
        self._write: FieldWrite | None = None
        self._place: tuple[bytes, str] | None = None
        self._home: QWidget | None = None
        self._anchor: QWidget | None = None
        self._refused = ""
        self._said = ("", "muted")
        self._fade = QTimer(self, singleShot=True, interval=_HINT_MS)
        self._fade.timeout.connect(self.bubble.hide)
        table.edit_asked.connect(self.edit_cell)
        table.clear_asked.connect(self.clear_cell)
        table.scrolled.connect(self._follow)
        table.looked_away.connect(self._hide_hint)

    @property
    def editing(self) -> bool:
        """Whether an editor is open."""
        return self.line is not None or self.picker is not None or self.calendar is not None

    # Beginning

    def records_for(self, record: bytes) -> list[bytes]:
        """What an edit in the row of a record changes: all selected rows where it is one of them."""
        table = self._table
        if record in table.selection and len(table.selection) > 1:
            return table.selected_keys()
        return [record]

    def edit_cell(self, record: bytes, path: str, typed: str | None = None) -> None:
        """Open the editor of a cell; ``typed`` replaces what stands there."""
        self.close()
        column = self._table.plan.named(path)
        if column is None:
            return
        if not column.spec.editable:
            self.say_origin(record, path)
            return
        self._place, self._home = (record, path), None
        self.begin(column.spec.field, self.records_for(record), typed)

    def edit_elsewhere(self, field: Field, records: Sequence[bytes], home: QWidget) -> None:
        """Open the editor of a field at another widget, which gives the line its place."""
        self.close()
        self._place, self._home = None, home
        self.begin(field, records, None)

    def clear_cell(self, record: bytes, path: str) -> None:
        """Take away what stands in a cell, or in this field of all selected rows."""
        self.close()
        column = self._table.plan.named(path)
        if column is None:
            return
        if not column.spec.editable:
            self.say_origin(record, path)
            return
        self._place, self._home = (record, path), None
        records = self.records_for(record)
        self.begun.emit(records)
        self._tell(self._writing(column.spec.field, records).clear())

    def say_origin(self, record: bytes, path: str) -> None:
        """Say where a value comes from that cannot be edited here."""
        column = self._table.plan.named(path)
        if column is None:
            return
        workspace = self._table.scene.workspace
        sentence = origin_text(workspace.columns.catalog.find(self._table.scene.kind, path), column.title)
        self.bubble.say(sentence, self._table.cell_rect(record, path), "text")
        self._fade.start()

    def _writing(self, field: Field, records: Sequence[bytes]) -> FieldWrite:
        workspace = self._table.scene.workspace
        return FieldWrite(workspace, self._table.scene.kind, field, records, self.progress.emit)

    def begin(self, field: Field, records: Sequence[bytes], typed: str | None) -> None:
        """Open the editor of a field for some records."""
        self.begun.emit(list(records))
        self._write = self._writing(field, records)
        self._refused = ""
        if field.type is FieldType.CHECKBOX:
            ticked = self._write.is_chosen(value=True)
            self._tell(self._write.put(not ticked))
            self._write = None
        elif field.type in _CHOSEN:
            self._open_picker(field, typed or "")
        else:
            self._open_line(field, typed)

    def _rect(self) -> QRect:
        """Where the editor stands, in its parent."""
        if self._place is None:
            return self._home.rect() if self._home is not None else QRect()
        rect = self._table.cell_rect(*self._place)
        rect.setLeft(max(rect.left(), 0))
        rect.setWidth(max(rect.width(), min(_LEAST_WIDTH, self._table.viewport().width() - rect.left())))
        return rect

    def _parent(self) -> QWidget:
        return self._home if self._home is not None else self._table.viewport()

    # A line

    def _open_line(self, field: Field, typed: str | None) -> None:
        assert self._write is not None
        name = field_title(field)
        if len(self._write.records) > 1:
            name = tr("{field} of {count}").format(
                field=name, count=tr_count("%n row", "%n rows", len(self._write.records))
            )
        kind = CellText if field.type is FieldType.LONG_TEXT else CellLine
        line = self.line = kind(self._look, name, self._parent())
        line.accepted.connect(self.accept)
        line.refused.connect(self.cancel)
        line.moved_on.connect(self._move_on)
        line.left.connect(self._left)
        line.more_asked.connect(self._open_calendar)
        value = self._write.common()
        line.put(to_text(field, value, self.desk.context) if value is not None else "")
        if typed is not None:
            line.put(typed)
            if isinstance(line, CellLine):
                line.deselect()
                line.setCursorPosition(len(typed))
        if isinstance(line, CellLine) and field.type in (FieldType.DATE, FieldType.MOMENT):
            line.setPlaceholderText(tr("today, next fri, +7d"))
        if isinstance(line, CellLine) and field.type is FieldType.DATE:
            line.offer(self._look.icons.icon("calendar-blank"), tr("Calendar (Alt+Down)"))
        line.textEdited.connect(self._typed)
        self._follow()
        line.show()
        line.setFocus(Qt.FocusReason.OtherFocusReason)
        if typed is not None:
            self._typed(typed)

    def _follow(self) -> None:
        """The rows stand elsewhere: the editor stays in its cell."""
        if self._place is not None and not self.bubble.isHidden() and not self.editing:
            self.bubble.hide()
        if self.line is None:
            return
        rect = self._rect()
        if rect.isEmpty():
            return
        if isinstance(self.line, CellText):
            rect.setHeight(_TEXT_HEIGHT)
            rect.setWidth(max(rect.width(), 260))
        self.line.setGeometry(rect)
        self._say(*self._said)

    def _typed(self, text: str) -> None:
        """Say at once how what is typed is understood, where that is not what stands there."""
        assert self._write is not None
        field = self._write.field
        self._refused = ""
        try:
            value = parse(field, text, self.desk.context)
        except SitebookError:
            # Half a word is no mistake yet: what is wrong is said when the user is done.
            self._say("", "muted")
            return
        in_words = field.type in (FieldType.DATE, FieldType.MOMENT) and value is not None
        self._say(value_text(self.desk, field, value) if in_words else "", "muted")

    def accept(self) -> bool:
        """Keep what was typed; False where it is refused, which is said at the cell."""
        if self.line is None or self._write is None:
            return True
        field = self._write.field
        try:
            value = parse(field, self.line.value(), self.desk.context)
        except SitebookError as error:
            self._refuse(str(error))
            return False
        if value == self._write.common() and (value is not None or not self._write.anything):
            self.close()
            return True
        sentence = self._write.put(value)
        if sentence:
            self._refuse(sentence)
            return False
        self.close()
        return True

    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        self._say(sentence)
        if self.line is not None:
            self.line.setAccessibleDescription(sentence)
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, sentence: str, tone: str = "danger") -> None:
        self._said = sentence, tone
        if self._home is None:
            self.bubble.say(sentence, self.line.geometry() if self.line is not None else self._rect(), tone)
        else:
            self.progress.emit(sentence)

    def _tell(self, sentence: str) -> None:
        """Say why a choice was refused."""
        if sentence:
            self.bubble.say(sentence, self._rect())
            self._fade.start()

    def _left(self) -> None:
        """The focus went elsewhere: what was typed is kept if it can be, and stands there if not."""
        if self.line is not None and self.calendar is None:
            line = self.line
            text = line.value()
            assert self._write is not None
            try:
                parse(self._write.field, text, self.desk.context)
            except SitebookError as error:
                self._refused = str(error)
                self._say(self._refused)
                return
            self.accept()

    def _move_on(self, step: int) -> None:
        if self.accept():
            self._table.setFocus()
            self._table.hands.next_cell(step)

    def cancel(self) -> None:
        """Leave the cell as it was."""
        self.close()
        self._table.setFocus()

    def close(self) -> None:
        """Close the editor; what was typed and not accepted is let go."""
        line, self.line = self.line, None
        self._refused = ""
        self._said = ("", "muted")
        self._fade.stop()
        self.bubble.hide()
        if line is not None:
            had_focus = line.hasFocus()
            line.blockSignals(True)
            line.hide()
            line.deleteLater()
            if had_focus:
                self._table.setFocus()
        if self.picker is not None:
            self.picker.close()
        if self.calendar is not None:
            self.calendar.close()
        self._write = None
        if self._home is not None:
            self.progress.emit("")

    def _hide_hint(self) -> None:
        if not self.editing:
            self.bubble.hide()

    # A calendar

    def _open_calendar(self) -> None:
        write, line = self._write, self.line
        if write is None or line is None or write.field.type is not FieldType.DATE:
            return
        value = write.common()
        chosen = date.fromisoformat(str(value)) if value and valid(write.field, value) else None
        self.calendar = MonthPicker(self._look, self.desk.now().date(), chosen, line)
        self.calendar.picked.connect(self._day_picked)
        self.calendar.closed.connect(self._calendar_closed)
        self.calendar.open(line)

    def _calendar_closed(self) -> None:
        self.calendar = None
        if self.line is not None:
            self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _day_picked(self, day: object) -> None:
        write = self._write
        if write is not None:
            sentence = write.put(day.isoformat() if isinstance(day, date) else None)
            self.close()
            self._tell(sentence)
            self._table.setFocus()

    # A list of choices

    def _open_picker(self, field: Field, typed: str) -> None:
        write = self._write
        assert write is not None
        anchor = self._anchor = QWidget(self._parent())
        anchor.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        anchor.setGeometry(self._rect())
        anchor.show()
        picker = self.picker = Picker(
            self._look,
            field_title(field),
            self._source(write),
            write.is_chosen,
            several=field.many,
            clear=tr("Clear") if write.anything else "",
            none_yet=none_yet(field),
            parent=self._table,
        )
        picker.picked.connect(lambda option: self._picked(write, option))
        picker.closed.connect(self._picker_closed)
        picker.open(anchor, typed)

    def _source(self, write: FieldWrite) -> OptionSource:
        """What can be chosen; for one issue alone its category has a say."""
        record = write.records[0] if len(write.records) == 1 else None
        return options_for(self.desk, self._table.scene.kind, write.field, record)

    def _picker_closed(self) -> None:
        self.picker = None
        self._write = None
        if self._anchor is not None:
            self._anchor.deleteLater()
            self._anchor = None
        self._table.setFocus()

    def _picked(self, write: FieldWrite, option: Option) -> None:
        if option.value is None:
            self._tell(write.clear())
            return
        value = option.value
        if option.make:
            try:
                value = make_option(self.desk, option, write.common())
            except SitebookError as error:
                self._tell(str(error))
                return
        sentence = write.choose(value)
        self._tell(sentence)
        if option.make and self.picker is not None:
            self.picker.renew(self._source(write), tr("Clear") if write.anything else "")
