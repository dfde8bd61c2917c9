"""What stands there when an import is over: what was done, the way to it, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.importing.choices import Written
from app.desktop.importing.words import over_text, written_text
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Size, Surface, Text

_WIDTH = 420
_ICON = 32


class Done(Surface):
    """A sentence and two buttons, in the middle."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._icon = QLabel()
        self.title = Text(look, size=Size.TITLE)
        self.words = Text(look, tone="muted", wrap=True)
        self.show_button = Button(look, tr("Show them"), kind=ButtonKind.PRIMARY)
        self.undo = Button(look, tr("Undo"), icon="arrow-counter-clockwise", key="Ctrl+Z")
        for label in (self._icon, self.title, self.words):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # A wrapping text gets its height only from a column of fixed width, without alignment.
        holder = QWidget()
        holder.setFixedWidth(_WIDTH)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.metrics.gap)
        for widget in (self._icon, self.title, self.words):
            column.addWidget(widget)
        column.addSpacing(look.theme.metrics.gap)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.theme.metrics.gap)
        buttons.addStretch(1)
        buttons.addWidget(self.show_button)
        buttons.addWidget(self.undo)
        buttons.addStretch(1)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        look.theme.changed.connect(self._show_icon)
        self._show_icon()

    def _show_icon(self) -> None:
        icons, ratio = self._look.icons, self.devicePixelRatioF()
        self._icon.setPixmap(icons.pixmap("check-circle", "success", ratio=ratio, size=_ICON))

    def show_written(self, written: Written) -> None:
        """Say what was done."""
        self.title.setText(written_text(written))
        self.words.setText(over_text(written))
        # In a column that is aligned, a layout asks a wrapping text only how high it is in one line.
        self.words.setMinimumHeight(self.words.heightForWidth(_WIDTH))
        self.undo.setVisible(written.first is not None)
