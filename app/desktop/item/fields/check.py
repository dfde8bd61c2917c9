"""Fields that are yes or no."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.speech import field_title
from app.domain.schema import Field


class CheckEditor(FieldEditor):
    """A box to tick."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(field_title(field))
        self.box.setEnabled(field.writable)
        self.box.clicked.connect(self._ticked)
        self.setFocusProxy(self.box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(desk.look.theme.metrics.gap, 0, 0, 0)
        layout.addWidget(self.box)
        layout.addStretch(1)
        self.setMinimumHeight(desk.look.theme.metrics.control)

    def refresh(self) -> None:
        self.box.setChecked(self.value is True)

    def _ticked(self, checked: bool) -> None:
        self.write(checked)
        self.show_state(self.desk.source.field(self.record, self.field.name, self.kind))
