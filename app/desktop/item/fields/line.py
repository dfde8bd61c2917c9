"""Fields that are typed in one line: text, numbers, money, links, addresses, places, and dates in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.fields.typing import Typing
from app.desktop.item.speech import field_title, value_text
from app.desktop.style import FLAT
from app.desktop.translate import tr
from app.desktop.widgets import IconButton
from app.domain.schema import Field, FieldType
from app.domain.values import parse, to_text, valid
from app.store.records import FieldState
from sync.errors import SitebookError

_AS_SHOWN = frozenset({FieldType.TEXT, FieldType.LINK, FieldType.PHONE, FieldType.EMAIL})
"""Types whose text is the same to read and to edit."""

_INSET = 5
"""With Fusion's own margin the text begins 8 pixels from the frame, as in all other fields."""
_SCHEMES = {FieldType.EMAIL: "mailto:", FieldType.PHONE: "tel:"}


class LineEditor(FieldEditor):
    """A line of text. ``buttons`` of subclasses stand at its end."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self._typing = Typing(desk, record, field.name)
        self._refused = ""
        self.line = QLineEdit(self)
        self.line.setProperty(FLAT, True)
        self.line.setTextMargins(_INSET, 0, _INSET, 0)
        self.line.setAcceptDrops(False)  # a photo dropped here is the item's, not a path in this field
        self.line.setAccessibleName(field_title(field))
        self.line.setPlaceholderText(self.invitation())
        self.line.setReadOnly(not field.writable)
        self.line.setFont(desk.look.theme.font())
        self.line.textEdited.connect(self._edited)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.line, 1)
        desk.look.theme.changed.connect(self._restyle)

    def move_to(self, record: bytes) -> None:
        super().move_to(record)
        self._typing = Typing(self.desk, record, self.field.name)
        self._refused = ""

    def show_state(self, state: FieldState) -> None:
        super().show_state(state)
        if self.line.hasFocus() and not self._typing.begun:
            self._begin()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            # What cannot be typed in does not say how to: the item is in the trash.
            self.line.setPlaceholderText(self.invitation() if self.isEnabled() else "")

    def invitation(self) -> str:
        """What stands in the empty field."""
        return tr("Add") if self.field.writable else ""

    def _restyle(self) -> None:
        self.line.setFont(self.desk.look.theme.font())
        self.refresh()

    def editing(self) -> bool:
        return self._typing.begun

    def refresh(self) -> None:
        if self.editing() or self._refused:
            return
        shown = value_text(self.desk, self.field, self.value)
        self.line.setText(shown)
        self.line.setCursorPosition(0)
        self.line.setToolTip(shown if len(shown) > 30 else "")
        self.set_tone(self.tone())

    def tone(self) -> str:
        """The token of the value's colour."""
        wrong = self.value is not None and not valid(self.field, self.value)
        return "warning" if wrong else "text"

    def set_tone(self, tone: str) -> None:
        """Colour the value."""
        palette = self.line.palette()
        palette.setColor(QPalette.ColorRole.Text, self.desk.look.theme.color(tone))
        self.line.setPalette(palette)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line:
            if isinstance(event, QFocusEvent):
                if event.type() is QEvent.Type.FocusIn:
                    self._enter(event)
                elif (
                    event.type() is QEvent.Type.FocusOut
                    and event.reason() is not Qt.FocusReason.PopupFocusReason
                ):
                    self.finish()
            elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                return self.key_pressed(event)
        return super().eventFilter(watched, event)

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Take the keys that are more than text; true where the field did something with one."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._accept()
            return True
        return key == Qt.Key.Key_Escape and self.cancel()

    def _enter(self, event: QFocusEvent) -> None:
        if self._typing.begun or not self.field.writable:
            return
        self._begin()
        if event.reason() is Qt.FocusReason.MouseFocusReason and self.field.type not in _AS_SHOWN:
            self.desk.later(self.line.selectAll)

    def _begin(self) -> None:
        """The user is in the field: show the value as it is typed."""
        if not self.field.writable:
            return
        self._typing.begin(self.state)
        self.set_tone("text")
        if not self._refused and self.field.type not in _AS_SHOWN:
            self.line.setText(to_text(self.field, self.value, self.desk.context))

    def _edited(self, text: str) -> None:
        if not self._typing.begun:
            self._typing.begin(self.state)
        try:
            value = parse(self.field, text, self.desk.context)
        except SitebookError as error:
            self._refused = str(error)
            if self._typing.changed:
                self._typing.put(self._typing.original)
            return
        self._refused = ""
        self.problem.emit(self._typing.put(value))

    def _accept(self) -> None:
        """Enter: keep the value, and show it as it was understood."""
        if self._refused:
            self.problem.emit(self._refused)
            return
        if self._typing.begun:
            self.problem.emit(self._typing.finish())
            self.state = self.desk.source.field(self.record, self.field.name)
            self._begin()
            self.line.selectAll()

    def finish(self) -> None:
        if not self._typing.begun:
            return
        changed = self._typing.changed
        sentence = self._typing.finish() or self._refused
        self.problem.emit(sentence)
        if changed and not sentence:
            self.state = self.desk.source.field(self.record, self.field.name, self.kind)
        self.refresh()

    def cancel(self) -> bool:
        changed = self._typing.cancel() or bool(self._refused)
        if not changed:
            return False
        self._refused = ""
        self.problem.emit("")
        self.state = self._restored_state()
        begun = self._typing.begun
        text = to_text(self.field, self._typing.original if begun else self.value, self.desk.context)
        self.line.setText(text)
        self.line.selectAll()
        return True

    def _restored_state(self) -> FieldState:
        return self.desk.source.field(self.record, self.field.name)


class LinkEditor(LineEditor):
    """A link, telephone number or mail address: a line with a button that opens it."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        icons = {FieldType.PHONE: "phone", FieldType.EMAIL: "envelope-simple"}
        names = {FieldType.PHONE: tr("Call"), FieldType.EMAIL: tr("Write a mail")}
        self._open = IconButton(
            desk.look,
            icons.get(field.type, "arrow-square-out"),
            names.get(field.type, tr("Open the link")),
            parent=self,
        )
        self._open.clicked.connect(self._open_value)
        self._row.addWidget(self._open)

    def refresh(self) -> None:
        super().refresh()
        self._open.setVisible(isinstance(self.value, str) and valid(self.field, self.value))

    def further_stops(self) -> list[QWidget]:
        return [self._open]

    def _open_value(self) -> None:
        """Only what can be opened without running a program: the stored value may come from anywhere."""
        try:
            address = parse(self.field, str(self.value), self.desk.context)
        except SitebookError as error:
            self.problem.emit(str(error))
            return
        QDesktopServices.openUrl(QUrl(_SCHEMES.get(self.field.type, "") + str(address)))
