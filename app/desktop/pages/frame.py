"""The frame of a page of words and fields: one column in the middle, a title, errors in place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Size, Surface, Text

COLUMN = 440


class PageFrame(Surface):
    """A scrolling column. Esc, or the button at its top, goes one step back."""

    back_asked = Signal()

    def __init__(
        self,
        look: Look,
        title: str,
        lead: str = "",
        *,
        back: bool = True,
        width: int = COLUMN,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._back = back
        metrics = look.theme.metrics
        inner = Surface(look, "surface")
        inner.setFixedWidth(width)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, metrics.gap_huge, 0, metrics.gap_huge)
        self.column.setSpacing(metrics.gap_large)
        if back:
            button = Button(look, tr("Back"), kind=ButtonKind.PLAIN, icon="arrow-left")
            button.clicked.connect(lambda _checked=False: self.back_asked.emit())
            row = QHBoxLayout()
            row.setContentsMargins(-metrics.gap, 0, 0, 0)
            row.addWidget(button)
            row.addStretch(1)
            self.column.addLayout(row)
        self.column.addWidget(Text(look, title, size=Size.LARGE))
        if lead:
            self.column.addWidget(Text(look, lead, tone="muted", wrap=True))
        outer = Surface(look, "surface")
        middle = QHBoxLayout(outer)
        middle.addStretch(1)
        middle.addWidget(inner)
        middle.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(outer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setAccessibleName(title)

    def section(self, title: str) -> None:
        """Begin a part of the page."""
        self.column.addSpacing(self._look.theme.metrics.gap)
        self.column.addWidget(Text(self._look, title, size=Size.TITLE))

    def row(self, *widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
        """Put widgets beside each other."""
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.metrics.gap)
        for widget in widgets:
            row.addWidget(widget)
        if stretch:
            row.addStretch(1)
        self.column.addLayout(row)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._back:
            self.back_asked.emit()
            return
        super().keyPressEvent(event)


class Problem(Text):
    """One sentence about what went wrong, where it went wrong; takes no room while there is none."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, tone="danger", wrap=True, parent=parent)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show the sentence; empty takes it away."""
        self.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))
