"""A sentence that floats at a cell: what is wrong with what was typed, or where a value comes from."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.widgets import Look, Size, Text

_WIDEST = 340


class Bubble(QWidget):
    """The sentence. It takes neither focus nor the pointer."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = Text(look, size=Size.CAPTION, wrap=True, parent=self)
        layout = QVBoxLayout(self)
        metrics = look.theme.metrics
        layout.setContentsMargins(metrics.gap, metrics.gap_small + 2, metrics.gap, metrics.gap_small + 2)
        layout.addWidget(self._text)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is not shown."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, sentence: str, at: QRect, tone: str = "danger") -> None:
        """Say something below a place of the parent, or above it where there is no room; empty hides it."""
        if not sentence:
            self.hide()
            return
        self._text.set_tone(tone)
        self._text.setText(sentence)
        metrics = self._look.theme.metrics
        measure = self._text.fontMetrics()
        own = measure.horizontalAdvance(sentence) + 2 * metrics.gap + 4
        parent = self.parentWidget()
        assert parent is not None
        width = max(60, min(own, _WIDEST, parent.width() - 8))
        height = self.heightForWidth(width)
        left = max(4, min(at.left(), parent.width() - width - 4))
        top = at.bottom() + 4
        if top + height > parent.height():
            top = max(4, at.top() - height - 4)
        self.setGeometry(left, top, width, height)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("surface"))
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, theme.metrics.radius, theme.metrics.radius)
