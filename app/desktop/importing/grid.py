"""The first rows of a table with a head over each column, scrolled sideways together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop.importing.cell_table import CellTable
from app.desktop.importing.cells import RowsModel
from app.desktop.importing.choices import Checked, Opened
from app.desktop.importing.heads import COLUMN_WIDTH, ColumnHead
from app.desktop.translate import tr
from app.desktop.widgets import Line, Look, Surface
from app.domain.fields import FieldSet
from app.interchange.csv_columns import IN_PAIR
from app.interchange.csv_read import Row

_GUTTER = 56
"""Where the numbers of the rows stand, in pixels."""
_AT_ONCE = 1
"""So many heads are made in one step: a table may have a thousand columns."""


class Grid(Surface):
    """What stands in the file, and what becomes of it."""

    target_chosen = Signal(str, str)
    form_chosen = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self.heads: dict[str, ColumnHead] = {}
        self._checked: Checked | None = None
        self._fields: FieldSet | None = None
        self._turn = 0
        self.model = RowsModel(look, self)
        self.table = CellTable(look, self.model, tr("The first rows of the table"))
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().setFixedWidth(_GUTTER)
        self.table.horizontalHeader().setDefaultSectionSize(COLUMN_WIDTH)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(_GUTTER, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addStretch(1)
        self._over = Surface(look, "surface")
        self._over.setLayout(self._row)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._over)
        bar, above = self.table.horizontalScrollBar(), self._area.horizontalScrollBar()
        bar.valueChanged.connect(above.setValue)
        above.valueChanged.connect(bar.setValue)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area)
        layout.addWidget(Line(look))
        layout.addWidget(self.table, 1)
        look.theme.changed.connect(self._resize)
        self._resize()

    def _resize(self) -> None:
        metrics = self._look.theme.metrics
        lines = metrics.base + metrics.control + max(24, metrics.control - 8)
        self._area.setFixedHeight(lines + 4 * metrics.gap)

    def show_file(self, opened: Opened) -> Iterator[None]:
        """Show another file; the heads are made by the steps."""
        self._turn += 1
        self._checked = None
        for head in self.heads.values():
            self._row.removeWidget(head)
            head.deleteLater()
        self.heads = {}
        self.model.show_rows(opened.columns, opened.first)
        return self._make_heads(opened, self._turn)

    def _make_heads(self, opened: Opened, turn: int) -> Iterator[None]:
        for place, name in enumerate(opened.columns):
            if turn != self._turn:
                return
            self._make(place, name, _samples(opened.first, place))
            if place % _AT_ONCE == _AT_ONCE - 1:
                yield

    def _make(self, place: int, name: str, samples: list[str]) -> None:
        head = ColumnHead(self._look, name, samples)
        head.target_chosen.connect(self.target_chosen)
        head.form_chosen.connect(self.form_chosen)
        head.focused.connect(partial(self._bring_in, head))
        self.heads[name] = head
        self._row.insertWidget(place, head)
        head.show()
        if self._checked is not None:
            self._show_head(head, self._checked)

    def _bring_in(self, head: ColumnHead) -> None:
        self._area.ensureWidgetVisible(head, _GUTTER, 0)

    def show_checked(self, checked: Checked, fields: FieldSet) -> None:
        """Say what becomes of each column, and which cells are wrong."""
        self._checked, self._fields = checked, fields
        for head in self.heads.values():
            self._show_head(head, checked)
        gone = {
            each.places[0]
            for each in checked.columns
            if each.field is None and not each.special and each.reason != IN_PAIR
        }
        self.model.mark(checked.problems, gone)

    def _show_head(self, head: ColumnHead, checked: Checked) -> None:
        assert self._fields is not None
        for column in checked.columns:
            if column.names[0] == head.name:
                head.show_column(column, self._fields, undecided=column.name in checked.undecided)
                return


def _samples(rows: Sequence[Row], place: int) -> list[str]:
    """The cells of a column that say anything."""
    return [cell for row in rows if (cell := row.cells[place].strip())]
