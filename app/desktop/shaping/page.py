"""The page of fields and categories: a tab for each kind, its list on the left, what is chosen on the right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.item.fields.options import Option
from app.desktop.item.fields.picker import Picker
from app.desktop.merging.box import MergeBox, merged_words
from app.desktop.merging.uses import Uses
from app.desktop.shaping.categories import CategoryShape
from app.desktop.shaping.entries import ShapeList
from app.desktop.shaping.fields import FieldShape
from app.desktop.shaping.kinds import LabelShape, LocationShape, StatusShape
from app.desktop.shaping.rows import FormRow, LineRow, option
from app.desktop.shaping.shape import Shape
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.domain.names import fold
from app.domain.schema import CATEGORY, FIELD, LABEL, LOCATION, PROJECT, STATUS
from app.store.touched import Touched

SHOWN = (CATEGORY, FIELD, STATUS, LABEL, LOCATION)
"""The kinds that have a tab, in their order."""
_LIST_WIDTH = 360
_FORM_WIDTH = 520
_CONCERNED = frozenset({*SHOWN, PROJECT})


class Tab(Button):
    """One of the tabs; the chosen one is tinted."""

    def __init__(self, look: Look, title: str) -> None:
        super().__init__(look, title, kind=ButtonKind.PLAIN)
        self.setCheckable(True)
        self.setAutoExclusive(True)


class ShapePage(Surface):
    """Changes hold at once, each is one undo. Esc goes back: from the form to the list, then from the page."""

    back_asked = Signal()
    told = Signal(str)
    """Emits a sentence about what was done."""
    failed = Signal(str)

    def __init__(self, look: Look, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._workspace = workspace
        self.uses = Uses(workspace, self)
        makers = (CategoryShape, FieldShape, StatusShape, LabelShape, LocationShape)
        self.shapes: dict[str, Shape] = {each.kind: each(look, workspace, self.uses) for each in makers}
        self._kind = CATEGORY
        self._key: object = None
        self.rows: list[FormRow] = []
        self._head_rows: list[FormRow] = []
        self.picker: Picker | None = None
        self.tabs = {kind: Tab(look, shape.title) for kind, shape in self.shapes.items()}
        self.list = ShapeList(look, tr("Categories"))
        self.merge_box = MergeBox(look, workspace, self.uses)
        self.new_button = Button(look, "", icon="plus")
        self._build()
        self._connect()
        self.setAccessibleName(tr("Fields and categories"))
        self.show_kind(CATEGORY)

    @property
    def shape(self) -> Shape:
        """The tab that is shown."""
        return self.shapes[self._kind]

    # Building

    def _build(self) -> None:
        look = self._look
        metrics = look.theme.metrics
        self.back = IconButton(look, "arrow-left", tr("Back"), key="Esc")
        self.back.clicked.connect(lambda _checked=False: self.back_asked.emit())
        bar = QHBoxLayout()
        bar.setContentsMargins(metrics.gap, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_small)
        bar.addWidget(self.back)
        bar.addWidget(Text(look, tr("Fields and categories"), size=Size.TITLE))
        bar.addSpacing(metrics.gap_large)
        for kind, tab in self.tabs.items():
            tab.clicked.connect(lambda _checked=False, kind=kind: self.show_kind(kind))
            bar.addWidget(tab)
        bar.addStretch(1)
        bar.addWidget(self.new_button)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(Line(look))
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._left_side())
        body.addWidget(Line(look, vertical=True))
        body.addWidget(self._right_side(), 1)
        layout.addLayout(body, 1)
        look.theme.changed.connect(self._resize)
        self._resize()

    def _resize(self) -> None:
        metrics = self._look.theme.metrics
        self._bar.setFixedHeight(metrics.bar - 1)
        self._left.setFixedWidth(round(_LIST_WIDTH * metrics.base / 13))

    def _left_side(self) -> QWidget:
        metrics = self._look.theme.metrics
        self._lead = Text(self._look, size=Size.CAPTION, tone="muted", wrap=True)
        self._lead.setContentsMargins(metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap)
        self._head = QVBoxLayout()
        self._head.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, metrics.gap)
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._lead)
        column.addLayout(self._head)
        column.addWidget(self.list, 1)
        return self._left

    def _right_side(self) -> QWidget:
        look = self._look
        metrics = look.theme.metrics
        self._form = QVBoxLayout()
        self._form.setSpacing(metrics.gap_small)
        self.merge_button = Button(look, tr("Merge with …"), icon="git-merge")
        self.merge_button.clicked.connect(lambda _checked=False: self.choose_other())
        self.delete_button = Button(look, tr("Delete"), icon="trash", key="Del")
        self.delete_button.clicked.connect(lambda _checked=False: self.delete())
        foot = QHBoxLayout()
        foot.setContentsMargins(round(112 * metrics.base / 13) + metrics.gap, metrics.gap_large, 0, 0)
        foot.setSpacing(metrics.gap)
        foot.addWidget(self.merge_button)
        foot.addWidget(self.delete_button)
        foot.addStretch(1)
        one = QWidget()
        column = QVBoxLayout(one)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form)
        column.addLayout(foot)
        column.addStretch(1)
        several = QWidget()
        box = QVBoxLayout(several)
        box.setContentsMargins(metrics.gap, 0, 0, 0)
        box.addWidget(self.merge_box)
        box.addStretch(1)
        self._none = Text(look, tone="muted", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._none.setContentsMargins(metrics.gap, metrics.gap, 0, 0)
        self._pages = QStackedWidget()
        for widget in (one, several, self._none):
            self._pages.addWidget(widget)
        self._pages.setMaximumWidth(_FORM_WIDTH)
        outer = Surface(look, "surface")
        middle = QHBoxLayout(outer)
        middle.setContentsMargins(metrics.gap_huge, metrics.gap_large, metrics.gap_huge, metrics.gap_huge)
        middle.addWidget(self._pages, 8)
        middle.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(outer)
        return area

    def _connect(self) -> None:
        self.new_button.clicked.connect(lambda _checked=False: self.make())
        self.list.chosen.connect(self._show_chosen)
        self.list.entered.connect(self._enter)
        self.list.moved.connect(lambda row, to: self.shape.move(row, to))
        self.list.leaned.connect(self._lean)
        self.list.delete_asked.connect(self.delete)
        self.list.left.connect(self.back_asked)
        self.merge_box.merged.connect(self._merged)
        self.merge_box.left.connect(self._leave_merge)
        self.uses.ready.connect(self.refresh)
        self._workspace.touched.connect(self._follow)

    # What is shown

    def show_kind(self, kind: str) -> None:
        """Show the tab of a kind."""
        self._finish()
        self._kind = kind
        self._key = None
        self.tabs[kind].setChecked(True)
        shape = self.shape
        self.new_button.say(shape.new_title)
        self._lead.setText(shape.lead)
        self.list.movable = shape.movable
        self.list.setAccessibleName(shape.title)
        _clear(self._head_rows)
        self._head_rows = shape.head()
        for row in self._head_rows:
            self._head.addWidget(row)
        self.refresh()
        if shape.entries() and not self.list.chosen_records():
            self.list.choose(shape.entries()[0].record)
        self._show_chosen()

    def start(self) -> None:
        """Put the focus on the list."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, touched: Touched) -> None:
        if _CONCERNED.intersection(touched.kinds.values()) or touched.visibility or touched.created:
            self.refresh()

    def refresh(self) -> None:
        """Show what stands in the project now; what is being typed stays."""
        self.list.show_entries(self.shape.entries())
        self._show_chosen()
        for row in (*self.rows, *self._head_rows):
            row.refresh()

    def _show_chosen(self) -> None:
        records = self.list.chosen_records()
        if len(records) > 1:
            if self._key != (self._kind, *records):
                self._finish()
                self._key = (self._kind, *records)
                self.merge_box.show_records(self._kind, records)
            self._pages.setCurrentIndex(1)
        elif records:
            key = (self._kind, self.shape.form_key(records[0]))
            if key != self._key:
                self._key = key
                self._make_form(records[0])
            self._pages.setCurrentIndex(0)
        else:
            self._key = None
            self._none.setText(tr("Nothing here yet. Make one with the button above."))
            self._pages.setCurrentIndex(2)

    def _make_form(self, record: bytes) -> None:
        inside = self.focusWidget()
        focused = next((row.title for row in self.rows if row.isAncestorOf(inside)), "")
        self._finish()
        _clear(self.rows)
        self.rows = self.shape.form(record)
        for row in self.rows:
            self._form.addWidget(row)
        chain: list[QWidget] = [self.list, *self.rows, self.merge_button, self.delete_button]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)
        again = next((row for row in self.rows if row.title == focused), None)
        if again is not None:
            again.setFocus()

    def _finish(self) -> None:
        """Keep what is being typed."""
        for row in self.rows:
            row.finish()

    def row(self, title: str) -> FormRow:
        """The row of the form that has a name."""
        return next(each for each in (*self.rows, *self._head_rows) if each.title == title)

    # What is done

    def make(self) -> None:
        """Make one, and put the cursor into its name."""
        self._finish()
        record = self.shape.create()
        if record is None:
            return
        self.refresh()
        self.list.choose(record)
        self._show_chosen()
        self._enter()

    def _enter(self) -> None:
        if len(self.list.chosen_records()) > 1:
            self.merge_box.start()
        elif self.rows:
            self.rows[0].setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(self.rows[0], LineRow):
                self.rows[0].line.selectAll()

    def _lean(self, step: int) -> None:
        for record in self.list.chosen_records()[:1]:
            self.shape.lean(record, step)

    def delete(self) -> None:
        """Move what is chosen to the trash; undo brings it back."""
        records = self.list.chosen_records()
        if records:
            sentence = self.shape.delete(records)
            if sentence:
                self.failed.emit(sentence)
            self.list.setFocus()

    def choose_other(self) -> None:
        """Offer what the chosen one can be merged with."""
        records = self.list.chosen_records()
        if len(records) != 1:
            return
        others = [each for each in self.shape.entries() if each.record != records[0]]
        options = [option(each.record, each.name, "", "", each.right) for each in others]

        def search(text: str) -> list[Option]:
            words = fold(text).split()
            return [each for each in options if all(word in each.words for word in words)]

        picker = Picker(
            self._look,
            tr("Merge with"),
            search,
            lambda _value: False,
            none_yet=tr("There is no other"),
            parent=self,
        )
        picker.picked.connect(lambda chosen: self._show_merge([records[0], chosen.value]))
        picker.closed.connect(self._picker_closed)
        self.picker = picker
        picker.open(self.merge_button)

    def _picker_closed(self) -> None:
        self.picker = None

    def _show_merge(self, records: Sequence[bytes]) -> None:
        self.list.choose_several(records)
        self._show_chosen()
        self.merge_box.start()

    def _merged(self, keep: bytes, count: int) -> None:
        self.list.choose(keep)
        self._show_chosen()
        self.list.setFocus()
        self.told.emit(merged_words(self._workspace, self._kind, keep, count))

    def _leave_merge(self) -> None:
        records = self.list.chosen_records()
        if records:
            self.list.choose(records[0])
        self._show_chosen()
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.list.hasFocus():
                self.back_asked.emit()
            else:
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            step = 1 if event.key() == Qt.Key.Key_PageDown else -1
            self.show_kind(SHOWN[(SHOWN.index(self._kind) + step) % len(SHOWN)])
            self.start()
            return
        super().keyPressEvent(event)


def _clear(rows: list[FormRow]) -> None:
    for row in rows:
        row.hide()
        row.deleteLater()
    rows.clear()
