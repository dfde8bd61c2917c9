"""The title of an item, edited in place: it wraps while it is read and while it is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.item.conflict import ConflictBox
from app.desktop.item.desk import Desk
from app.desktop.item.fields.paragraph import Paragraphs
from app.desktop.item.fields.typing import Typing
from app.desktop.item.speech import field_title, value_text
from app.desktop.translate import tr
from app.desktop.widgets import Size, Text
from app.domain.schema import Field, FieldType
from app.store.records import FieldState, Record


class TitleLine(Paragraphs):
    """One paragraph that wraps; Enter ends it."""

    def _type(self) -> QFont:
        return self._look.theme.large_font()

    def insertFromMimeData(self, source: QMimeData) -> None:
        self.textCursor().insertText(" ".join(source.text().split()))


class ItemTitle(QWidget):
    """The title with its conflict and what is wrong with it."""

    entered = Signal()
    """Enter was pressed: the title is done."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._field = Field("title", FieldType.TEXT, "Title")
        self._record: bytes | None = None
        self._kind = ""
        self._state = FieldState("title", ())
        self._typing = Typing(desk, b"", "title")
        self._conflict: ConflictBox | None = None
        self.line = TitleLine(desk.look)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._changed)
        desk.derived_read.connect(self.follow_made_name)
        self._loading = False
        self._last = ""
        self._problem = Text(desk.look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self._problem.setContentsMargins(8, 0, 0, 0)
        self._problem.hide()
        self.setFocusProxy(self.line)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(TextFrame(desk.look, self.line, parent=self))
        self._layout.addWidget(self._problem)

    def show_record(self, record: Record, field: Field | None) -> None:
        """Show the title of another record; without a field there is none to edit."""
        self.finish()
        self._record = record.id
        if field is not None:
            self._field = field
            self.line.setAccessibleName(field_title(field))
        if self._conflict is not None:
            self._conflict.deleteLater()
            self._conflict = None
        self._typing = Typing(self._desk, record.id, self._field.name)
        self._tell("")
        self.apply(record)

    def apply(self, record: Record) -> None:
        """Show what the title is now, unless it is being typed."""
        self._state = record.fields.get(self._field.name) or FieldState(self._field.name, ())
        self._kind = record.kind
        self.follow_made_name()
        self.line.setReadOnly(record.deleted)
        if self._state.conflicted:
            if self._conflict is None:
                self._conflict = ConflictBox(self._desk, record.id, self._field, self._field.name)
                self._layout.addWidget(self._conflict)
            self._conflict.show_writes(self._state.live)
        elif self._conflict is not None:
            self._conflict.deleteLater()
            self._conflict = None
        if not self._typing.begun:
            self._load(value_text(self._desk, self._field, self._state.value))
            if self.line.hasFocus() and not record.deleted:
                self._typing.begin(self._state)

    def follow_made_name(self) -> None:
        """Show in the empty title what a template makes of the other fields."""
        if self._record is not None:
            made = self._desk.made_name(self._kind, self._record)
            self.line.setPlaceholderText(made or tr("Untitled"))

    def _load(self, text: str) -> None:
        if text == self.line.toPlainText():
            return
        self._last = text
        self._loading = True
        self.line.setPlainText(text)
        self._loading = False

    def editing(self) -> bool:
        """Whether the user is typing here."""
        return self._typing.begun

    def finish(self) -> None:
        """The user leaves: what he typed becomes a change."""
        if not self._typing.begun:
            return
        changed = self._typing.changed
        self._tell(self._typing.finish())
        if changed:
            assert self._record is not None
            self._state = self._desk.source.field(self._record, self._field.name)
        self._load(value_text(self._desk, self._field, self._state.value))

    def cancel(self) -> bool:
        """Restore the title from before; False where nothing was typed.

        A first title has none before it: what was typed stays, since Esc on a new item means "done".
        """
        if self._typing.begun and not self._typing.original:
            return False
        if not self._typing.cancel():
            return False
        original = self._typing.original
        self._load(original if isinstance(original, str) else "")
        self.line.selectAll()
        self._tell("")
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.line:
            return super().eventFilter(watched, event)
        if isinstance(event, QFocusEvent):
            if event.type() is QEvent.Type.FocusIn and not self.line.isReadOnly() and not self._typing.begun:
                self._typing.begin(self._state)
            elif (
                event.type() is QEvent.Type.FocusOut and event.reason() is not Qt.FocusReason.PopupFocusReason
            ):
                self.finish()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.entered.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                return self.cancel()
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        if self._loading or self._record is None:
            return
        # Qt reports composing and new formats as changes too.
        text = self.line.toPlainText()
        if text != self._last:
            self._last = text
            if not self._typing.begun:
                self._typing.begin(self._state)
            self._tell(self._typing.put(text.strip() or None))

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
