"""Where others write in the same text: a coloured line with a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextCursor

from app.desktop.editor.binding import Shift
from app.desktop.editor.cursors import moved
from app.desktop.theme import Theme
from app.desktop.tokens import AVATAR_TEXT

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTextEdit


@dataclass(frozen=True, slots=True)
class Caret:
    """One person's place in the document, in UTF-16 units, and the ground of the name."""

    position: int
    name: str
    color: str


class Carets:
    """Keeps the carets of one editor in their place while the text changes, and paints them."""

    def __init__(self, theme: Theme, editor: QTextEdit) -> None:
        self._theme = theme
        self._editor = editor
        self._carets: list[Caret] = []

    def __iter__(self) -> Iterator[Caret]:
        return iter(self._carets)

    def show(self, carets: list[Caret]) -> None:
        """Show these and no others."""
        self._carets = carets
        self._editor.viewport().update()

    def clear(self) -> None:
        """Show none."""
        self.show([])

    def move(self, shifts: list[Shift]) -> None:
        """Follow edits of the document."""
        if self._carets:
            self.show([replace(each, position=moved(each.position, shifts)) for each in self._carets])

    def paint(self, area: QRect) -> None:
        """Paint those in an area of the viewport."""
        if not self._carets:
            return
        painter = QPainter(self._editor.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.caption_font(strong=True))
        metrics = painter.fontMetrics()
        for caret in self._carets:
            cursor = QTextCursor(self._editor.document())
            cursor.setPosition(min(caret.position, self._editor.document().characterCount() - 1))
            place = QRectF(self._editor.cursorRect(cursor))
            color = QColor(caret.color)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRect(QRectF(place.left(), place.top(), 2, place.height()))
            label = QRectF(0, 0, metrics.horizontalAdvance(caret.name) + 8, metrics.height())
            # Over the line; where that is not on the screen, under it.
            over = place.top() - label.height()
            label.moveTop(over if over >= 0 else place.bottom())
            label.moveLeft(max(0.0, min(place.left(), self._editor.viewport().width() - label.width())))
            if not label.intersects(QRectF(area)):
                continue
            painter.drawRoundedRect(label, 3, 3)
            painter.setPen(QColor(AVATAR_TEXT))
            painter.drawText(QPointF(label.left() + 4, label.bottom() - metrics.descent()), caret.name)
        painter.end()
