"""The line below a table while several rows are selected: edit a field of all of them, see how far it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.desk.edit import CellEdit
from app.desktop.desk.table import Table
from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import Piece
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.desktop.widgets import Button, IconButton, Line, Look, Surface, Text
from app.domain.fieldtypes import DERIVED_TYPES
from app.domain.names import fold
from app.domain.schema import MERGEABLE, Field, FieldType

_NEVER = frozenset(
    {FieldType.RICH, FieldType.ORDER, FieldType.BYTES, FieldType.PARAMETERS, FieldType.LIST} | DERIVED_TYPES
)
_SLOT = 220


class _Slot(QWidget):
    """The place of an editor in the line; it takes room only while one is there."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self) -> QSize:
        return QSize(_SLOT, self._look.theme.metrics.control - 4)


class BulkBar(Surface):
    """How many rows are selected, and what can be done with all of them."""

    cleared = Signal()
    """The selection is to be let go."""
    merge_asked = Signal()
    """One record is to be made of those that are selected."""

    def __init__(
        self,
        look: Look,
        table: Table,
        edit: CellEdit,
        count: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "background", parent)
        self._look = look
        self._table = table
        self._edit = edit
        self._count = count
        self._picker: Picker | None = None
        self._progress = ""
        self._words = Text(look, strong=True)
        self.edit_button = Button(look, tr("Edit a field"), icon="pencil-simple", parent=self)
        self.edit_button.clicked.connect(lambda _checked=False: self.choose_field())
        self.merge_button = Button(look, tr("Merge"), icon="git-merge", key="M", parent=self)
        self.merge_button.clicked.connect(lambda _checked=False: self.merge_asked.emit())
        self.slot = _Slot(look, self)
        self.slot.hide()
        self._state = Text(look, tone="muted")
        self._close = IconButton(look, "x", tr("Select nothing"), key="Esc", parent=self)
        self._close.clicked.connect(lambda _checked=False: self.cleared.emit())
        metrics = look.theme.metrics
        row = QHBoxLayout()
        row.setContentsMargins(metrics.gap_large, metrics.gap_small, metrics.gap, metrics.gap_small)
        row.setSpacing(metrics.gap_medium)
        row.addWidget(self._words)
        row.addWidget(self.edit_button)
        row.addWidget(self.merge_button)
        row.addWidget(self.slot)
        row.addWidget(self._state, 1)
        row.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Line(look))
        layout.addLayout(row)
        self.hide()
        table.selection_changed.connect(self.follow)
        edit.progress.connect(self._show_progress)

    def follow(self) -> None:
        """Show how many rows are selected; with fewer than two there is nothing to do here."""
        count = len(self._table.selection)
        self._words.setText(tr("{rows} selected").format(rows=self._count(count)))
        self.setVisible(count > 1 or bool(self._progress))
        self.edit_button.setVisible(count > 1)
        self.merge_button.setVisible(count > 1 and self._table.scene.kind in MERGEABLE)
        if self.slot.isVisible() and (count < 2 or not self._edit.editing):
            self.slot.hide()

    def _show_progress(self, sentence: str) -> None:
        self._progress = sentence
        self._state.setText(sentence)
        self.follow()

    # Which field

    def fields(self) -> list[Field]:
        """The fields that can be written, those that the table shows first."""
        workspace = self._table.scene.workspace
        every = [
            each
            for each in workspace.fields(self._table.scene.kind).fields
            if each.writable and each.type not in _NEVER
        ]
        shown = [each.path for each in self._table.plan.every()]
        return sorted(every, key=lambda field: shown.index(field.name) if field.name in shown else len(shown))

    def choose_field(self) -> None:
        """Offer the fields, then open the editor of the one that was chosen."""
        picker = Picker(
            self._look, tr("Field"), self._options(), lambda _value: False, parent=self.edit_button
        )
        picker.picked.connect(self._picked)
        picker.closed.connect(self._closed)
        self._picker = picker
        picker.open(self.edit_button)

    @property
    def picker(self) -> Picker | None:
        """The list of fields, while it is open."""
        return self._picker

    def _closed(self) -> None:
        self._picker = None
        self._table.setFocus(Qt.FocusReason.PopupFocusReason)

    def _options(self) -> OptionSource:
        options = [
            Option(each.name, Piece(field_title(each), "icon", "pencil-simple"), fold(field_title(each)))
            for each in self.fields()
        ]

        def search(text: str) -> list[Option]:
            words = fold(text).split()
            return [each for each in options if all(word in each.words for word in words)]

        return search

    def _picked(self, option: Option) -> None:
        field = next((each for each in self.fields() if each.name == option.value), None)
        if field is None:
            return
        self.slot.show()
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self._edit.edit_elsewhere(field, self._table.selected_keys(), self.slot)
        if self._edit.line is None and self._edit.picker is None:
            self.slot.hide()
