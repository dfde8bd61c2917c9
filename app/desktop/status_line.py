"""The bottom line: where the user's work is, in words, and how much is shown."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.session import SyncView
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Line, Look, Surface, Text
from app.desktop.words import sync_hint, sync_icon, sync_sentence


class StatusLine(Surface):
    """The line. Pressing the sentence asks to see what it is about."""

    sync_pressed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "background", parent)
        self._look = look
        self._sentence = _Sentence(look)
        self._sentence.clicked.connect(lambda _checked=False: self.sync_pressed.emit())
        self._notice = Text(look, tone="danger")
        self._summary = Text(look, tone="muted")
        row = QHBoxLayout()
        gap = look.theme.metrics.gap
        row.setContentsMargins(gap - 4, 0, gap + gap // 2, 0)
        row.setSpacing(gap)
        row.addWidget(self._sentence)
        row.addWidget(self._notice, 1)
        row.addWidget(self._summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Line(look))
        layout.addLayout(row)

    def set_sync(self, view: SyncView, now: datetime) -> None:
        """Tell the state of sync."""
        tone = "danger" if view.attention else "muted"
        self._sentence.tell(sync_icon(view), sync_sentence(view, now), tone)
        self._sentence.setToolTip(sync_hint(view, now))

    def set_summary(self, text: str) -> None:
        """Tell selection and totals."""
        self._summary.setText(text)

    def set_notice(self, sentence: str, *, tone: str = "danger") -> None:
        """Tell what could not be done, or in another tone what was; empty takes it away."""
        self._notice.set_tone(tone)
        self._notice.setText(sentence)

    @property
    def sentence(self) -> str:
        """What it says of sync."""
        return self._sentence.text()


class _Sentence(Button):
    """The sentence about sync, with its icon."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "", kind=ButtonKind.PLAIN, icon="cloud")

    def tell(self, icon: str, sentence: str, tone: str) -> None:
        """Change icon, words and colour."""
        if (icon, sentence, tone) == (self._icon_name, self.text(), self._tone):
            return
        self._icon_name = icon
        self._tone = tone
        self.setText(sentence)
        self.setAccessibleName(tr("Sync: {state}").format(state=sentence))
        self.updateGeometry()
        self.update()
