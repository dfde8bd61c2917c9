"""Records as lines of a day: how tall they are, and how they are painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from app.desktop.board.cards import Face, wrap
from app.desktop.desk.brush import CAPTION, Brush
from app.desktop.translate import number_text
from app.desktop.widgets import Look

_CLOSED = frozenset({"done", "void"})
_FADED = 0.4
_MOST_WRAPPED = 3_000


@dataclass(frozen=True, slots=True)
class ChipState:
    """How a chip stands there. ``outside`` is a day of another month."""

    selected: bool = False
    current: bool = False
    hovered: bool = False
    carried: bool = False
    outside: bool = False


class ChipPainter:
    """Paints chips: one line in a month, the title in up to ``lines`` in a week."""

    def __init__(self, look: Look, brush: Brush) -> None:
        self._look = look
        self.brush = brush
        self._wrapped: dict[tuple[str, int], tuple[str, ...]] = {}

    def restyle(self) -> None:
        """The theme or the size of text is another one."""
        self._wrapped.clear()

    def height(self, lines: int = 1) -> int:
        """How tall a chip of so many lines is, in pixels."""
        return max(self._line * lines + 4, self.brush.metrics.row - 10 if lines == 1 else 0)

    @property
    def _line(self) -> int:
        return self.brush.measures[0].height() + 1

    def paint(self, painter: QPainter, box: QRect, face: Face, state: ChipState, lines: int = 1) -> None:
        """Paint a chip into ``box``."""
        brush = self.brush
        brush.begin()
        painter.setOpacity(_FADED if state.carried else 1.0)
        if state.selected or state.hovered or state.current:
            brush.stamp(
                painter,
                box.left(),
                box.top(),
                box.width(),
                box.height(),
                ("chip body", state.selected, state.hovered, state.current),
                lambda p, r: self._paint_body(p, r, state),
            )
        left, line = box.left() + 4, self._line
        top = box.top() + (box.height() - line) // 2 if lines == 1 else box.top() + 2
        if face.conflict:
            left += brush.icon(painter, left, top, line, "git-merge", "warning") + 4
        elif face.meaning:
            left += brush.status(painter, left, top, line, face.meaning) + 4
        muted = face.untitled or face.meaning in _CLOSED or state.outside
        room = box.right() - left - 2
        for text in self._lines(face.title, room) if lines > 1 else (face.title,):
            brush.text(painter, left, top, room, line, text, "muted" if muted else "text")
            top += line
        painter.setOpacity(1)

    def _lines(self, title: str, room: int) -> tuple[str, ...]:
        known = self._wrapped.get((title, room))
        if known is None:
            if len(self._wrapped) >= _MOST_WRAPPED:
                self._wrapped.clear()
            known = self._wrapped[title, room] = wrap(title, self.brush.fonts[0], max(20, room), 2)
        return known

    def _paint_body(self, painter: QPainter, box: QRect, state: ChipState) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.brush.color("accent"), 2) if state.current else Qt.PenStyle.NoPen)
        painter.setBrush(self.brush.color("selected") if state.selected else self.brush.hover)
        inset = 1.0 if state.current else 0.0
        painter.drawRoundedRect(QRectF(box).adjusted(inset, inset, -inset, -inset), 4, 4)

    def picture(self, face: Face, count: int, width: int, ratio: float) -> QPixmap:
        """What is carried: the first record, and how many there are."""
        margin, height = 8, self.height()
        picture = QPixmap(QSize(width + 2 * margin, height + 2 * margin) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(margin, margin, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        for reach in range(5, 0, -1):
            painter.setBrush(QColor(0, 0, 0, 9))
            painter.drawRoundedRect(QRectF(box).adjusted(-reach, 1 - reach, reach, reach + 1), 7, 7)
        painter.setPen(QPen(self.brush.color("line"), 1))
        painter.setBrush(self.brush.color("surface"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self.paint(painter, box, face, ChipState())
        if count > 1:
            words = number_text(count)
            side = self.brush.chip_height
            wide = max(side, self.brush.width(words, CAPTION) + 10)
            place = QRectF(box.right() - wide + 6, box.top() - 6, wide, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.brush.color("accent"))
            painter.drawRoundedRect(place, side / 2, side / 2)
            painter.setPen(self._look.theme.color("on_accent"))
            painter.setFont(self.brush.fonts[CAPTION])
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
        return picture
