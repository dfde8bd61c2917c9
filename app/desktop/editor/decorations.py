"""What is painted around the lines of a text: bullets, numbers, boxes to tick, bars of quotes, grounds of code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTextBlock, QTextDocument, QTextLine

from app.desktop.editor.document_reader import line_mark
from app.desktop.editor.text_style import STEP, TextStyle, indent_level
from app.desktop.theme import Theme
from app.richtext.context import is_code
from app.richtext.delta import Attributes
from app.richtext.formats import BULLET, CHECKED, LIST, ORDERED, QUOTE, UNCHECKED
from app.richtext.positions import utf16_length

_BOX = 14.0
_IN_BRACKETS = re.compile(r"\[\[([^\[\]|#]{1,200})(?:#[^\[\]|]{0,200})?(?:\|[^\[\]]{0,200})?\]\]")
LineOf = Callable[[QTextBlock], Attributes]
"""Tells the attributes of a line."""


class UnlinkedTitle(NamedTuple):
    """A ``[[Title]]`` in a line that is no link: its place in UTF-16 units of the line, and the title."""

    start: int
    stop: int
    title: str


def unlinked_titles(text: str) -> Iterator[UnlinkedTitle]:
    """Find the titles in double brackets in a line. What is a link is an object, and no text."""
    if "[[" not in text:
        return
    for found in _IN_BRACKETS.finditer(text):
        start = utf16_length(text[: found.start()])
        yield UnlinkedTitle(start, start + utf16_length(found[0]), found[1].strip())


def x_at(row: QTextLine, position: int) -> float:
    """Where a character of a row stands, from the left."""
    found: Any = row.cursorToX(position)
    return float(found[0] if isinstance(found, tuple) else found)


class Decorations:
    """Paints around the lines of one document. ``attributes`` gives those of a mark."""

    def __init__(
        self, style: TextStyle, document: QTextDocument, attributes: Callable[[int], Attributes]
    ) -> None:
        self._style = style
        self._document = document
        self._attributes = attributes
        self._numbers: dict[int, int] = {}

    def forget(self) -> None:
        """Lines came, went, or are others now: count the numbered ones again."""
        self._numbers.clear()

    def line(self, block: QTextBlock) -> Attributes:
        """The attributes of a line."""
        return self._attributes(line_mark(block))

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint what belongs to the lines in an area of the document."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, rect in self._blocks(area):
            line = self.line(block)
            if not is_code(line):
                self._paint_unlinked(painter, block)
            if not line:
                continue
            if is_code(line):
                self._paint_code(painter, block, rect)
            if line.get(QUOTE):
                self._paint_quote(painter, block, rect)
            if line.get(LIST):
                self._paint_marker(painter, block, line)

    def box_at(self, place: QPointF) -> QTextBlock | None:
        """The line whose box to tick is at a place of the document."""
        for block, _ in self._blocks(QRectF(0, place.y() - 1, 1, 2)):
            if self.line(block).get(LIST) not in (CHECKED, UNCHECKED):
                continue
            box = self._box(block)
            # A finger is wider than a pointer.
            if box is not None and box.adjusted(-6, -4, 6, 4).contains(place):
                return block
        return None

    def _blocks(self, area: QRectF) -> Iterator[tuple[QTextBlock, QRectF]]:
        """The lines in an area, with the places of their words."""
        layout = self._document.documentLayout()
        position = layout.hitTest(QPointF(0, max(0.0, area.top())), Qt.HitTestAccuracy.FuzzyHit)
        block = self._document.findBlock(max(0, position))
        if block.previous().isValid():
            block = block.previous()
        while block.isValid():
            rect = layout.blockBoundingRect(block)
            if rect.top() > area.bottom():
                break
            if rect.bottom() >= area.top():
                yield block, rect
            block = block.next()

    def _alike(self, block: QTextBlock, what: Callable[[Attributes], bool]) -> bool:
        return block.isValid() and what(self.line(block))

    def _paint_code(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        """One ground for all lines of a block, round at its ends."""
        above = self._alike(block.previous(), is_code)
        below = self._alike(block.next(), is_code)
        width = self._document.textWidth()
        top = rect.top() - (0 if above else 2)
        bottom = self._top(block.next()) if below else rect.bottom() + 2
        ground = QRectF(0, top, max(width, rect.right()), bottom - top)
        radius = self._style.theme.metrics.radius
        path = QPainterPath()
        path.addRoundedRect(
            ground.adjusted(0, -radius if above else 0, 0, radius if below else 0), radius, radius
        )
        painter.save()
        painter.setClipRect(ground, Qt.ClipOperation.IntersectClip)
        painter.fillPath(path, self._style.code_ground())
        painter.restore()

    def _paint_quote(self, painter: QPainter, block: QTextBlock, rect: QRectF) -> None:
        joined = self._alike(block.next(), lambda line: bool(line.get(QUOTE)))
        height = rect.height() if not joined else self._top(block.next()) - rect.top()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._style.theme.color("muted"))
        painter.drawRect(QRectF(2, rect.top(), 2, height))

    def _top(self, block: QTextBlock) -> float:
        return self._document.documentLayout().blockBoundingRect(block).top()

    def _paint_unlinked(self, painter: QPainter, block: QTextBlock) -> None:
        """A dotted line under ``[[Title]]`` that leads nowhere."""
        for title in unlinked_titles(block.text()):
            painter.setPen(QPen(self._style.theme.color("muted"), 1, Qt.PenStyle.DotLine))
            layout = block.layout()
            for number in range(layout.lineCount()):
                row = layout.lineAt(number)
                start = max(title.start, row.textStart())
                stop = min(title.stop, row.textStart() + row.textLength())
                if start < stop:
                    left, right = x_at(row, start), x_at(row, stop)
                    y = round(layout.position().y() + row.y() + row.ascent() + 3) + 0.5
                    painter.drawLine(QPointF(left, y), QPointF(right, y))

    # Lists

    def _paint_marker(self, painter: QPainter, block: QTextBlock, line: Attributes) -> None:
        box = self._box(block)
        if box is None:
            return
        kind = line.get(LIST)
        theme = self._style.theme
        if kind in (CHECKED, UNCHECKED):
            paint_box(painter, box, theme, checked=kind == CHECKED)
        elif kind == ORDERED:
            painter.setFont(theme.font())
            painter.setPen(theme.color("muted"))
            layout = block.layout()
            first = layout.lineAt(0)
            baseline = layout.position().y() + first.y() + first.ascent()
            text = f"{self._number(block)}."
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QPointF(box.right() - width + 4, baseline), text)
        elif kind == BULLET:
            self._paint_bullet(painter, box.center(), indent_level(line) % 3)
        else:
            self._paint_bullet(painter, box.center(), 2)

    def _paint_bullet(self, painter: QPainter, center: QPointF, shape: int) -> None:
        color = self._style.theme.color("muted")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        if shape == 0:
            painter.drawEllipse(center, 2.5, 2.5)
        elif shape == 1:
            painter.setPen(QPen(color, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(center, 2.4, 2.4)
        else:
            painter.drawRect(QRectF(center.x() - 2.2, center.y() - 2.2, 4.4, 4.4))

    def _box(self, block: QTextBlock) -> QRectF | None:
        """The place of a line's marker: beside the middle of the small letters of its first row."""
        layout = block.layout()
        if layout is None or not layout.lineCount():
            return None
        first = layout.lineAt(0)
        side = _BOX * self._style.theme.metrics.base / 13
        left = layout.position().x() + first.x()
        baseline = layout.position().y() + first.y() + first.ascent()
        middle = baseline - self._style.theme.metrics.base * 0.36
        if block.textDirection() is Qt.LayoutDirection.RightToLeft:
            left = layout.position().x() + first.naturalTextRect().right() + 2 * STEP - side - 4
        return QRectF(left - STEP + 2, middle - side / 2, side, side)

    def _number(self, block: QTextBlock) -> int:
        """The number of a numbered line: one more than that of the one before on its level."""
        found = self._numbers.get(block.blockNumber())
        if found is not None:
            return found
        level = indent_level(self.line(block))
        waiting = [block.blockNumber()]
        number = 0
        before = block.previous()
        while before.isValid():
            line = self.line(before)
            depth = indent_level(line)
            if not line.get(LIST) or depth < level:
                break
            if depth == level:
                if line.get(LIST) != ORDERED:
                    break
                known = self._numbers.get(before.blockNumber())
                if known is not None:
                    number = known
                    break
                waiting.append(before.blockNumber())
            before = before.previous()
        for each in reversed(waiting):
            number += 1
            self._numbers[each] = number
        return number


def paint_box(painter: QPainter, box: QRectF, theme: Theme, *, checked: bool) -> None:
    """A box to tick."""
    if not checked:
        painter.setPen(QPen(theme.color("muted"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(
        QPen(
            theme.color("on_accent"),
            box.width() / 8,
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    x, y, side = box.x(), box.y(), box.width()
    painter.drawPolyline(
        [
            QPointF(x + side * 0.25, y + side * 0.52),
            QPointF(x + side * 0.43, y + side * 0.70),
            QPointF(x + side * 0.76, y + side * 0.33),
        ]
    )
