"""Fields that are chosen from a list: status, people, labels, locations, references, choices."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.fields.button import ValueButton
from app.desktop.item.fields.making import make_option
from app.desktop.item.fields.options import Option, none_yet, options_for
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import pieces_of
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.domain.schema import PERSON, Field, FieldType
from app.store.records import FieldState
from sync.errors import SitebookError


class ChoiceEditor(FieldEditor):
    """A value, or several, chosen from a list that can be searched."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self.button = ValueButton(desk.look, _invitation(field), self)
        self.button.setAccessibleName(field_title(field))
        self.button.setEnabled(field.writable)
        self.button.asked.connect(self.ask)
        self.button.cleared.connect(self._clear)
        self.setFocusProxy(self.button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        self.picker: Picker | None = None
        self._asked_state: FieldState = self.state

    def refresh(self) -> None:
        self.button.show_pieces(pieces_of(self.desk, self.field, self.value), self.spoken_value())

    def editing(self) -> bool:
        return self.picker is not None

    def ask(self, typed: str = "") -> None:
        """Open the list, its search begun with what was typed."""
        if not self.field.writable:
            return
        self._asked_state = self.state
        picker = Picker(
            self.desk.look,
            field_title(self.field),
            options_for(self.desk, self.kind, self.field, self.record),
            self._is_chosen,
            several=self.field.many,
            clear=self._clear_words(),
            none_yet=none_yet(self.field),
            parent=self,
        )
        picker.picked.connect(self._picked)
        picker.closed.connect(self._closed)
        self.picker = picker
        picker.open(self.button, typed)

    def _clear_words(self) -> str:
        return tr("Clear") if self.value not in (None, ()) else ""

    def _closed(self) -> None:
        self.picker = None
        self.button.setFocus()

    def _is_chosen(self, value: object) -> bool:
        current = self.value
        return value in current if isinstance(current, tuple) else value == current

    def _picked(self, option: Option) -> None:
        """Take what was chosen, in place of what stood there when the list was opened."""
        if option.value is None:
            self._clear()
            return
        value = self._made(option) if option.make else option.value
        if value is None:
            return
        source, name = self.desk.source, self.field.name
        seen = self._asked_state.seen
        if not self.field.many:
            sentence = self.desk.run(lambda: source.set(self.record, name, value, seen=seen))
        elif self._is_chosen(value):
            sentence = self.desk.run(lambda: source.remove(self.record, name, value))
        else:
            sentence = self.desk.run(lambda: source.add(self.record, name, value))
        self._show_result(sentence)
        if option.make and self.picker is not None:
            self.picker.renew(options_for(self.desk, self.kind, self.field, self.record), self._clear_words())

    def _made(self, option: Option) -> bytes | None:
        """Make the person, label or location that was named; None where that was refused."""
        try:
            return make_option(self.desk, option, self.value)
        except SitebookError as error:
            self.problem.emit(str(error))
            return None

    def _clear(self) -> None:
        if not self.field.writable or self.value in (None, ()):
            return
        source, name, seen = self.desk.source, self.field.name, self.state.seen
        value = () if self.field.many else None
        self._show_result(self.desk.run(lambda: source.set(self.record, name, value, seen=seen)))

    def _show_result(self, sentence: str) -> None:
        self.problem.emit(sentence)
        if not sentence:
            self.show_state(self.desk.source.field(self.record, self.field.name, self.kind))
            self._asked_state = self.state


def _invitation(field: Field) -> str:
    if field.type in (FieldType.PERSON, FieldType.PEOPLE):
        return tr("Add a person") if field.target == PERSON else tr("Add")
    if field.type is FieldType.LABELS:
        return tr("Add a label")
    if field.type is FieldType.LOCATION:
        return tr("Choose a place")
    if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
        return tr("Add a reference")
    return tr("Choose")
