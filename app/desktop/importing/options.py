"""What holds for the whole table: what its rows are, which column tells them apart, whether people are made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from app.desktop.importing.choices import Checked
from app.desktop.importing.words import kind_names
from app.desktop.translate import tr
from app.desktop.widgets import Look, Text
from app.interchange.csv_columns import ID

_LONGEST = 14


class WholeOptions(QWidget):
    """One line of controls."""

    kind_chosen = Signal(str)
    key_chosen = Signal(str)
    people_chosen = Signal(bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("The rows are"))
        for kind, name in kind_names():
            self.kind.addItem(name, kind)
        self.key = QComboBox()
        self.key.setAccessibleName(tr("The column that tells rows apart"))
        self.key.setToolTip(
            tr("A row whose key is in the project already changes that record instead of making another one.")
        )
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.key.setMinimumContentsLength(_LONGEST)
        self.people = QCheckBox(tr("Make people that are not there"))
        self.kind.activated.connect(lambda place: self.kind_chosen.emit(self.kind.itemData(place)))
        self.key.activated.connect(lambda place: self.key_chosen.emit(self.key.itemData(place)))
        self.people.clicked.connect(self.people_chosen)
        metrics = look.theme.metrics
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.gap_large, metrics.gap, metrics.gap_large, metrics.gap)
        row.setSpacing(metrics.gap)
        for words, box in ((tr("The rows are"), self.kind), (tr("Told apart by"), self.key)):
            label = Text(look, words, tone="muted")
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(metrics.gap_large)
        row.addWidget(self.people)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_columns(self, columns: Sequence[str], key: str) -> None:
        """Offer the columns of another table."""
        self.key.clear()
        self.key.addItem(tr("nothing, all are new"), "")
        for name in columns:
            self.key.addItem(name, name)
        self.key.setCurrentIndex(max(self.key.findData(key), 0))

    def show_checked(self, checked: Checked) -> None:
        """Follow what holds now."""
        choices = checked.choices
        self.kind.setCurrentIndex(max(self.kind.findData(choices.kind), 0))
        by_id = next((each.name for each in checked.columns if each.special == ID), "")
        self.key.setCurrentIndex(max(self.key.findData(choices.key or by_id), 0))
        self.people.setChecked(choices.add_people)
