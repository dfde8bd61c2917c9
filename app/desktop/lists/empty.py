"""What stands in a list with nothing in it: what belongs there, and the one next step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop.widgets import Button, Look, Size, Surface, Text

_WIDTH = 360


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """The words of an empty place; ``action`` is empty where there is nothing to do."""

    icon: str
    title: str
    text: str
    action: str = ""
    key: str = ""


class EmptyPlace(Surface):
    """An icon, a title, a sentence and at most one button, in the middle."""

    asked = Signal()

    def __init__(self, look: Look, words: EmptyWords, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._words = words
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = Text(look, words.title, size=Size.TITLE)
        self._text = Text(look, words.text, tone="muted", wrap=True)
        for each in (self._title, self._text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = Button(look, words.action, key=words.key, parent=self)
        self._button.setVisible(bool(words.action))
        self._button.clicked.connect(lambda _checked=False: self.asked.emit())
        # A wrapping text gets its height only from a column of fixed width, without alignment.
        holder = QWidget()
        holder.setFixedWidth(_WIDTH)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.metrics.gap)
        for widget in (self._icon, self._title, self._text):
            column.addWidget(widget)
        column.addSpacing(look.theme.metrics.gap)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        look.theme.changed.connect(self._show_icon)
        self._show_icon()

    def set_words(self, words: EmptyWords) -> None:
        """Say something else: nothing was found is not nothing is there."""
        if words == self._words:
            return
        self._words = words
        self._title.setText(words.title)
        self._text.setText(words.text)
        self._button.say(words.action, words.key)
        self._button.setVisible(bool(words.action))
        self._show_icon()

    def _show_icon(self) -> None:
        # In a column that is aligned, a layout asks a wrapping text only how high it is in one line.
        self._text.setMinimumHeight(max(0, self._text.heightForWidth(_WIDTH)))
        self._icon.setPixmap(
            self._look.icons.pixmap(self._words.icon, "muted", ratio=self.devicePixelRatioF(), size=32)
        )
