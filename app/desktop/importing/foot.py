"""The foot of the import: what it would do, how far it is, and the two buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Surface, Text

_HEIGHT = 4


class ProgressLine(QWidget):
    """A thin bar; empty where it is not known how much there is to do."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = look.theme
        self._share = 0.0
        self.setFixedHeight(_HEIGHT)
        look.theme.changed.connect(self.update)

    def set_share(self, share: float) -> None:
        """How much is done, from 0 to 1."""
        if round(share, 3) != round(self._share, 3):
            self._share = share
            self.setAccessibleName(tr("{share} % done").format(share=round(share * 100)))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        rect = QRectF(self.rect())
        painter.setBrush(self._theme.color("line"))
        painter.drawRoundedRect(rect, _HEIGHT / 2, _HEIGHT / 2)
        if self._share > 0:
            painter.setBrush(self._theme.color("accent"))
            rect.setWidth(max(rect.width() * min(self._share, 1.0), _HEIGHT))
            painter.drawRoundedRect(rect, _HEIGHT / 2, _HEIGHT / 2)


class Foot(Surface):
    """Two lines of words at the left, buttons at the right."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "background", parent)
        metrics = look.theme.metrics
        self.counts = Text(look, strong=True)
        self.news = Text(look, size=Size.CAPTION, tone="muted")
        for text in (self.counts, self.news):
            # However long the words are, they make the window no wider.
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = ProgressLine(look)
        self.cancel = Button(look, tr("Cancel"))
        self.accept = Button(look, tr("Import"), kind=ButtonKind.PRIMARY)
        words = QVBoxLayout()
        words.setSpacing(metrics.gap_small)
        words.addStretch(1)
        words.addWidget(self.counts)
        words.addWidget(self.news)
        words.addWidget(self.progress)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.gap_large, metrics.gap, metrics.gap_large, metrics.gap)
        row.setSpacing(metrics.gap)
        row.addLayout(words, 1)
        row.addSpacing(metrics.gap_large)
        row.addWidget(self.cancel)
        row.addWidget(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Line(look))
        layout.addLayout(row)
        self.setMinimumHeight(metrics.control + 2 * metrics.gap_large)
        self.say("", "")

    def say(self, counts: str, news: str, *, tone: str = "text") -> None:
        """Say what the import would do, in place of how far it is."""
        self.counts.setText(counts)
        self.counts.setToolTip(counts)
        self.counts.set_tone(tone)
        self.news.setText(news)
        self.news.setToolTip(news)
        self.news.setVisible(bool(news))
        self.progress.hide()

    def show_progress(self, words: str, share: float) -> None:
        """Say how far something is."""
        self.counts.setText(words)
        self.counts.set_tone("text")
        self.news.hide()
        self.progress.show()
        self.progress.set_share(share)
