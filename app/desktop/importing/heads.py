"""The heads over the first rows of a table: the name of each column, where it goes, and what there is to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.importing.targets import current_target, form_options, target_options
from app.desktop.importing.words import note_text, target_text, telling_sample
from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.picker import Picker
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Size, Text, paint_ring
from app.domain.fields import FieldSet
from app.domain.schema import FieldType
from app.interchange.csv_columns import LEAVE_OUT, Column

COLUMN_WIDTH = 208
_CARET = 12


class ChoiceButton(Button):
    """A button that says what is chosen and opens what there is to choose."""

    focused = Signal()

    def __init__(self, look: Look, name: str, *, kind: ButtonKind = ButtonKind.QUIET) -> None:
        super().__init__(look, "", kind=kind)
        self._name = name
        self._whole = ""

    def show_choice(self, text: str, tone: str = "text") -> None:
        """Say what is chosen."""
        self._whole = text
        self._tone = tone
        self.setAccessibleName(f"{self._name}: {text}")
        self.setToolTip(text)
        self._fit()

    def _fit(self) -> None:
        metrics = self._look.theme.metrics
        side = metrics.gap_medium if self._kind is ButtonKind.QUIET else metrics.gap
        room = self.width() - 2 * side - _CARET - 4
        elide = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._whole, elide, max(room, 20)))
        self.update()

    def resizeEvent(self, event: object) -> None:
        """The words take the room that there is."""
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        caret = self._look.icons.pixmap("caret-down", "muted", ratio=self.devicePixelRatioF(), size=_CARET)
        at = QPointF(self.width() - _CARET - self._look.theme.metrics.gap, (self.height() - _CARET) / 2)
        painter.drawPixmap(at, caret)


class NoteButton(ChoiceButton):
    """A choice in small letters, flush with the notes of other columns."""

    def _fit(self) -> None:
        font = self._look.theme.caption_font()
        room = self.width() - _CARET - 4
        self.setText(QFontMetrics(font).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(room, 20)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        font = theme.caption_font()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = theme.color("accent" if self.underMouse() and self.isEnabled() else self._tone)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        left = QFontMetrics(font).horizontalAdvance(self.text()) + 4
        caret = self._look.icons.pixmap("caret-down", "muted", ratio=self.devicePixelRatioF(), size=_CARET)
        painter.drawPixmap(QPointF(left, (self.height() - _CARET) / 2), caret)
        if self.hasFocus():
            width = min(self.width(), left + _CARET + 6)
            paint_ring(painter, QRectF(-4, 0, width + 4, self.height()), theme)


class ColumnHead(QWidget):
    """One column."""

    target_chosen = Signal(str, str)
    """Emits the column's name and the field that it goes to."""
    form_chosen = Signal(str, str)
    """Emits the column's name and how its dates are written."""
    focused = Signal()

    def __init__(self, look: Look, name: str, samples: Sequence[str], parent: QWidget | None = None) -> None:
        """``samples`` are the first cells of the column that say anything."""
        super().__init__(parent)
        self._look = look
        self.name = name
        self._samples = samples
        self._fields: FieldSet | None = None
        self._undecided = False
        self.column: Column | None = None
        self.picker: Picker | None = None
        metrics = look.theme.metrics
        self._title = Text(look, strong=True)
        self._title.setToolTip(name)
        self.target = ChoiceButton(look, tr("{column} goes to").format(column=name))
        self.form = NoteButton(look, tr("Dates of {column}").format(column=name), kind=ButtonKind.PLAIN)
        self.note = Text(look, size=Size.CAPTION, tone="muted")
        self.target.clicked.connect(lambda _checked=False: self._choose_target())
        self.form.clicked.connect(lambda _checked=False: self._choose_form())
        for button in (self.target, self.form):
            button.focused.connect(self.focused)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(metrics.gap, metrics.gap, metrics.gap, metrics.gap_small)
        layout.setSpacing(metrics.gap_small)
        layout.addWidget(self._title)
        layout.addWidget(self.target)
        layout.addWidget(self.note)
        layout.addWidget(self.form)
        layout.addStretch(1)
        self.form.hide()
        self.setFixedWidth(COLUMN_WIDTH)
        self._elide(self._title, name)

    def show_column(self, column: Column, fields: FieldSet, *, undecided: bool) -> None:
        """Say what becomes of the column; ``undecided``: a person has to say how its dates are written."""
        self.column, self._fields = column, fields
        left_out = column.field is None and not column.special
        self.target.show_choice(target_text(column), "muted" if left_out else "text")
        self._undecided = undecided
        dated = column.field is not None and column.field.type is FieldType.DATE
        sample = telling_sample(self._samples, column.ambiguous)
        note = note_text(column, sample)
        self.note.setVisible(not dated)
        self.form.setVisible(dated)
        if undecided:
            self.form.show_choice(tr("How are dates written?"), "warning")
        elif dated:
            self.form.show_choice(note, "muted")
        self._elide(self.note, note)
        self.note.setToolTip(note)

    def _elide(self, label: Text, text: str) -> None:
        room = COLUMN_WIDTH - 2 * self._look.theme.metrics.gap
        label.setText(label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))
        label.setAccessibleName(text)

    def _choose_target(self) -> None:
        if self.column is None or self._fields is None:
            return
        now = current_target(self.column)
        options = target_options(self._fields, self.name, ids=_is_id(self._samples))
        self._open(self.target, options, lambda value: value == now, self._target_picked)

    def _choose_form(self) -> None:
        if self.column is not None:
            now = None if self._undecided else self.column.date_format
            sample = telling_sample(self._samples, self.column.ambiguous)
            options = form_options(sample, self.column.ambiguous)
            self._open(self.form, options, lambda value: value == now, self._form_picked)

    def _open(
        self,
        below: ChoiceButton,
        options: OptionSource,
        chosen: Callable[[object], bool],
        picked: Callable[[Option], None],
    ) -> None:
        self.picker = Picker(self._look, below.accessibleName(), options, chosen, parent=self)
        self.picker.picked.connect(picked)
        self.picker.closed.connect(below.setFocus)
        self.picker.open(below)

    def _target_picked(self, option: Option) -> None:
        self.target_chosen.emit(self.name, str(option.value))

    def _form_picked(self, option: Option) -> None:
        self.form_chosen.emit(self.name, str(option.value))

    @property
    def is_left_out(self) -> bool:
        """Whether nothing comes of the column."""
        return self.column is not None and current_target(self.column) == LEAVE_OUT


def _is_id(samples: Sequence[str]) -> bool:
    """Whether a column looks like one of ids."""
    return bool(samples) and all(len(each) in (32, 36) for each in samples)
