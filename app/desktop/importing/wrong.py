"""The rows that do not fit, all of them, with the way to save them for correcting."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from app.desktop.importing.cell_table import CellTable
from app.desktop.importing.cells import ProblemsModel
from app.desktop.translate import tr
from app.desktop.widgets import Button, Line, Look, Surface, Text
from app.interchange.csv_read import Problem

_ROW_WIDTH = 88
_COLUMN_WIDTH = 200


class WrongRows(Surface):
    """A list that may be as long as the file."""

    save_asked = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        metrics = look.theme.metrics
        self.model = ProblemsModel(look, self)
        self.table = CellTable(look, self.model, tr("The rows that do not fit"))
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        self.table.setColumnWidth(0, _ROW_WIDTH)
        self.table.setColumnWidth(1, _COLUMN_WIDTH)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        words = Text(
            look,
            tr(
                "These rows are left out. Correct what is above, or save them as a table and import that later."
            ),
            tone="muted",
            wrap=True,
        )
        self.save = Button(look, tr("Save these rows"), icon="floppy-disk")
        self.save.clicked.connect(lambda _checked=False: self.save_asked.emit())
        row = QHBoxLayout()
        row.setContentsMargins(metrics.gap_large, metrics.gap, metrics.gap_large, metrics.gap)
        row.setSpacing(metrics.gap_large)
        row.addWidget(words, 1)
        row.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(Line(look))
        layout.addWidget(self.table, 1)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show other rows."""
        self.model.show_problems(problems)
