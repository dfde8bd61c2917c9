"""The fields of an item: their names on the left, each value on the right edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.item.conflict import ConflictBox
from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.fields.factory import make_editor
from app.desktop.item.speech import field_title
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Size, Text
from app.domain.categories import HOLDERS, fields_for
from app.domain.fieldtypes import DERIVED_TYPES
from app.domain.names import natural_key
from app.domain.schema import CUSTOM_PREFIX, ELEMENT, ISSUE, NOTE, PERSON, Field, FieldType
from app.store.records import FieldState, Record

_ALWAYS = {
    ISSUE: ("status", "priority", "assignees", "due", "location", "category", "cost", "labels"),
    NOTE: ("tags", "pinned"),
    PERSON: ("company", "email", "phone", "home_base", "specialty"),
    ELEMENT: ("type", "location", "external_id"),
}
"""Fields that are shown though they are empty, in the order of the item."""

_ELSEWHERE = {
    ISSUE: frozenset({"number", "title", "starred"}),
    NOTE: frozenset({"title"}),
    PERSON: frozenset({"name"}),
    ELEMENT: frozenset({"name"}),
}
"""Fields with a place of their own in the item."""

_NEVER = frozenset({FieldType.RICH, FieldType.ORDER, FieldType.BYTES})
_DERIVED = frozenset({"created", "updated", "deleted"})
_LABEL_WIDTH = 112
"""With the gap inside a flat field the value begins at 120."""


class PropertyRow(QWidget):
    """One field: name, editor, what is wrong with the entry, and a conflict."""

    def __init__(self, desk: Desk, record: Record, field: Field, *, known: bool = True) -> None:
        super().__init__()
        self._desk = desk
        self._record = record.id
        self._known = known
        self.field = field
        self.editor: FieldEditor = make_editor(desk, record.id, record.kind, field, self)
        self.editor.problem.connect(self._show_problem)
        self._conflict: ConflictBox | None = None
        self._problem_told = False
        self._problem = Text(desk.look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self._problem.setContentsMargins(8, 0, 0, 6)
        self._problem.hide()
        self._label = Text(desk.look, field_title(field), tone="muted", parent=self)
        self._label.setBuddy(self.editor)
        self._label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self._values = QVBoxLayout()
        self._values.setSpacing(0)
        self._values.addWidget(self.editor)
        self._values.addWidget(self._problem)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._values, 1)
        desk.look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        metrics = self._desk.look.theme.metrics
        width = round(_LABEL_WIDTH * metrics.base / 13)
        self._label.setFixedSize(width, metrics.control)
        title = field_title(self.field)
        measure = QFontMetrics(self._label.font())
        shown = measure.elidedText(title, Qt.TextElideMode.ElideRight, width - 8)
        self._label.setText(shown)
        self._label.setToolTip(title if shown != title else "")

    def move_to(self, record: bytes) -> None:
        """Show the same field of another record; ``show_state`` follows."""
        self._record = record
        self.editor.move_to(record)
        self._show_problem("")
        if self._conflict is not None:
            self._conflict.hide()
            self._conflict.deleteLater()
            self._conflict = None

    def show_state(self, state: FieldState) -> None:
        """Show what stands in the field; a conflict takes the editor's place unless the user types there."""
        self.editor.show_state(state)
        if state.conflicted:
            if self._conflict is None:
                self._conflict = ConflictBox(
                    self._desk, self._record, self.field if self._known else None, self.field.name
                )
                self._values.addWidget(self._conflict)
            self._conflict.show_writes(state.live)
            self._conflict.show()
        elif self._conflict is not None:
            self._conflict.hide()
        hide = state.conflicted and not self.editor.editing()
        if self.editor.isHidden() != hide:
            self.editor.setVisible(not hide)

    def is_empty(self) -> bool:
        """Whether the field has no value."""
        return self.editor.value in (None, (), False)

    def _show_problem(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        focused = self.editor.focusProxy()
        if self._problem_told or sentence:
            (focused or self.editor).setAccessibleDescription(sentence)
        self._problem_told = bool(sentence)

    @property
    def conflict(self) -> ConflictBox | None:
        """The conflict that is shown, if any."""
        return self._conflict if self._conflict is not None and self._conflict.isVisibleTo(self) else None


class PropertyGrid(QWidget):
    """All fields of a record. Empty ones beyond the usual wait behind one press."""

    more_shown = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: dict[str, PropertyRow] = {}
        self._record: Record | None = None
        self._kind = ""
        self._shown: list[tuple[Field, bool]] = []
        self._everything = False
        self._foreign: set[str] = set()
        """Fields with values that belong to records of other categories."""
        self._kept: set[str] = set()
        """Rows that were shown for this record stay, though their fields are cleared."""
        self.more = Button(desk.look, "", kind=ButtonKind.PLAIN, icon="caret-down", parent=self)
        self.more.clicked.connect(self._show_more)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.more)
        self._foot.addStretch(1)
        self._layout.addLayout(self._foot)
        desk.look.theme.changed.connect(self._restyle)
        desk.derived_read.connect(self.refresh_derived)
        self._restyle()

    def _restyle(self) -> None:
        indent = round(_LABEL_WIDTH * self._desk.look.theme.metrics.base / 13)
        self._foot.setContentsMargins(indent, 0, 0, 0)

    @property
    def rows(self) -> dict[str, PropertyRow]:
        """The rows by the stored names of their fields."""
        return self._rows

    def show_record(self, record: Record) -> None:
        """Show another record, or the same one with other fields."""
        self.finish()
        if self._record is None or record.id != self._record.id:
            self._everything = False
            self._kept.clear()
        fields = self._fields(record)
        same_kind = self._kind == record.kind
        self._record, self._kind = record, record.kind
        if same_kind and fields == self._shown:
            for row in self._rows.values():
                row.move_to(record.id)
        else:
            focused = next((name for name, row in self._rows.items() if _has_focus(row)), "")
            self._take_away()
            self._shown = fields
            for place, (field, known) in enumerate(fields):
                row = PropertyRow(self._desk, record, field, known=known)
                self._rows[_row_name(field)] = row
                self._layout.insertWidget(place, row)
            if focused in self._rows:
                self._desk.later(self._rows[focused].editor.setFocus)
        for row in self._rows.values():
            row.show_state(record.fields.get(row.field.name) or _nothing(row.field))
            row.setEnabled(not record.deleted)
        self._arrange()

    def clear(self) -> None:
        """Show nothing."""
        self.finish()
        self._record = None

    def _take_away(self) -> None:
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows.clear()

    def apply(self, record: Record, names: set[str] | None) -> None:
        """Show what changed in these fields (all if none are named)."""
        self._record = record
        same = self._fields(record) == self._shown
        if not same and not any(row.editor.editing() for row in self._rows.values()):
            self.show_record(record)
            return
        for row in self._rows.values():
            name = row.field.name
            if names is None or name in names or (name == "due" and "status" in names):
                row.show_state(record.fields.get(name) or _nothing(row.field))
            row.setEnabled(not record.deleted)
        self.refresh_derived()

    def refresh_derived(self) -> None:
        """Show anew what is worked out from other fields, of this record or of others."""
        for row in self._rows.values():
            if row.field.type in DERIVED_TYPES:
                row.editor.refresh()
        self._arrange()

    def finish(self) -> None:
        """The user leaves: what he typed is kept."""
        for row in self._rows.values():
            row.editor.finish()

    def _fields(self, record: Record) -> list[tuple[Field, bool]]:
        """The fields to show, in order, and whether this version knows them."""
        known = self._desk.fields(record.kind)
        if known is None:
            every = [each for each in record.fields if each not in _DERIVED]
            return [(_unknown(name), False) for name in sorted(every)]
        elsewhere = _ELSEWHERE.get(record.kind, frozenset())
        fields = [
            field
            for field in known.fields
            if field.type not in _NEVER and field.name not in elsewhere and field.name not in _DERIVED
        ]
        first = _ALWAYS.get(record.kind, ())
        fields = self._of_category(record, fields)
        places = {name: place for place, name in enumerate(first)}
        fields.sort(key=lambda field: (places.get(field.name, len(places)), not field.custom))
        shown: list[tuple[Field, bool]] = []
        for field in fields:
            if field.type is FieldType.PARAMETERS:
                shown += _parameters(field, record)
            else:
                shown.append((field, True))
        strange = [name for name in record.fields if known.stored(name) is None and name not in _DERIVED]
        return shown + [(_unknown(name), False) for name in sorted(strange)]

    def _of_category(self, record: Record, fields: list[Field]) -> list[Field]:
        """The fields that records of its category have. One of another category that has a value stays behind
        the press for more, so that nothing is out of reach.
        """
        self._foreign = set()
        holder = HOLDERS.get(record.kind)
        if holder is None:
            return fields
        categories = self._desk.context.directory.categories
        own = {each.name for each in fields_for(fields, categories, record.kind, record.value(holder))}
        kept = []
        for each in fields:
            if each.name not in own:
                if each.name not in record.fields:
                    continue
                self._foreign.add(each.name)
            found = self._desk.frames.catalog.find(record.kind, each.name) if each.formula else None
            kept.append(each if found is None else found.field)
        return kept

    def _arrange(self) -> None:
        """Hide the empty fields that nobody asked for."""
        record = self._record
        first = _ALWAYS.get(record.kind, ()) if record is not None else ()
        hidden = 0
        # Each row that comes or goes would lay all others out: they are laid out once, when all have.
        self._layout.setEnabled(False)
        for name, row in self._rows.items():
            unasked = row.is_empty() or name in self._foreign
            hide = unasked and name not in first and name not in self._kept and not self._everything
            if not hide:
                self._kept.add(name)
            if row.isHidden() != hide:
                row.setVisible(not hide)
            hidden += hide
        self._layout.setEnabled(True)
        self._layout.invalidate()
        self.updateGeometry()
        text = tr_count("%n more field", "%n more fields", hidden)
        self.more.setText(text)
        self.more.setAccessibleName(text)
        self.more.setVisible(hidden > 0)
        self.more.updateGeometry()

    def _show_more(self) -> None:
        first_hidden = next((row for row in self._rows.values() if row.isHidden()), None)
        self._everything = True
        self._arrange()
        if first_hidden is not None:
            first_hidden.editor.setFocus()
        self.more_shown.emit()


def _has_focus(row: PropertyRow) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and row.isAncestorOf(focused)


def _unknown(name: str) -> Field:
    """A field whose definition is not here: shown as text, and left as it is."""
    title = tr("Unknown field") if name.startswith(CUSTOM_PREFIX) else name
    return Field(name, FieldType.TEXT, title, writable=False)


def _parameters(field: Field, record: Record) -> list[tuple[Field, bool]]:
    """One row for each property that came from outside."""
    value = record.value(field.name)
    if not isinstance(value, Mapping):
        return [(field, True)] if value is not None else []
    keys = sorted((key for key in value if isinstance(key, str)), key=natural_key)
    return [(replace(field, title=key, key=key), True) for key in keys]


def _nothing(field: Field) -> FieldState:
    """The state of a field in which nothing was written."""
    return FieldState(field.name, (), field.many)


def _row_name(field: Field) -> str:
    """What tells the rows of one item apart."""
    return f"{field.name}/{field.key}" if field.key else field.name
