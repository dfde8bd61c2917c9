"""Draws the visible part of a table: one pass over the lines that are seen, column by column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.desktop.desk.brush import STRONG
from app.desktop.desk.columns import Placed
from app.desktop.desk.inks import NAMED_FROM, ChipsInk, PeopleInk, StatusInk
from app.desktop.desk.lines import Head
from app.desktop.lists.rows import cost_text
from app.desktop.translate import locale, number_text
from app.domain.schema import Field, FieldType

if TYPE_CHECKING:
    from app.desktop.desk.table import Table

_EDGE = 3
_GLOW_STRENGTH = 0.22


def sum_text(field: Field, value: Any) -> str:
    """A sum as people read it; of money, one amount for each currency."""
    if value is None:
        return ""
    if field.shown_as is FieldType.MONEY:
        amounts = value if isinstance(value, tuple) else (value,)
        return " · ".join(cost_text(each) for each in amounts)
    if isinstance(value, int):
        return number_text(value)
    text = locale().toString(float(value), "f", 2)
    return f"{text} {field.unit}".strip()


class TablePaint:
    """Paints one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.painted: list[int] = []
        self._tinted: set[int] = set()
        """The rows of this frame that do not stand on the plain surface."""
        """The rows of the last pass, for whoever wants to know what was looked at."""

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw what lies in a rectangle of the viewport."""
        scene = self._table.scene
        scene.begin(self._table.devicePixelRatioF())
        try:
            self._paint(painter, rect)
        finally:
            scene.end()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        table = self._table
        brush = table.scene.brush
        painter.fillRect(rect, brush.color("surface"))
        height = brush.metrics.row
        scrolled = table.verticalScrollBar().value()
        first = max(0, (rect.top() + scrolled) // height)
        last = min(len(table.lines) - 1, (rect.bottom() + scrolled) // height)
        if last < first:
            self.painted = []
            return
        rows: list[tuple[int, int]] = []
        heads: list[tuple[Head, int]] = []
        for place, code in enumerate(table.lines.codes[first : last + 1].tolist()):
            top = (first + place) * height - scrolled
            if code >= 0:
                rows.append((code, top))
            else:
                heads.append((table.lines.heads[-1 - code], top))
        self.painted = [row for row, _ in rows]
        self._grounds(painter, rows, height)
        self._cells(painter, rows, height)
        self._place(painter, rows, height)
        pinned = table.pinned()
        if pinned is not None and (found := table.lines.head(pinned[0])) is not None:
            heads.append((found, pinned[1]))
        for head, top in heads:
            self._head(painter, head, top, height)

    def _grounds(self, painter: QPainter, rows: Iterable[tuple[int, int]], height: int) -> None:
        table = self._table
        brush = table.scene.brush
        width = table.viewport().width()
        line = brush.color("line")
        selected = brush.color("selected")
        chosen = table.selection.records
        frame = table.scene.frame
        self._tinted = set()
        for row, top in rows:
            if chosen and frame.record(row) in chosen:
                painter.fillRect(0, top, width, height, selected)
                self._tinted.add(row)
            elif row == table.hovered:
                painter.fillRect(0, top, width, height, brush.hover)
                self._tinted.add(row)
            painter.fillRect(0, top + height - 1, width, 1, line)

    def _cells(self, painter: QPainter, rows: list[tuple[int, int]], height: int) -> None:
        table = self._table
        plan = table.plan
        width = table.viewport().width()
        scrolled = table.horizontalScrollBar().value()
        frozen = [each for each in plan.placed if each.frozen]
        moving = [each for each in plan.placed if not each.frozen]
        edges = self._edges(rows)
        if scrolled:
            painter.save()
            painter.setClipRect(QRect(plan.frozen_right, 0, width, table.viewport().height()))
        for column in moving:
            left = column.left - scrolled
            seen = left < width and left + column.width > plan.frozen_right
            if seen and table.scene.ready(column.path):
                self._column(painter, column, left, rows, height, edges)
        if scrolled:
            painter.restore()
            table.scene.brush.begin()
        for column in (each for each in frozen if table.scene.ready(each.path)):
            self._column(painter, column, column.left, rows, height, edges)
        if frozen and rows:
            top, bottom = rows[0][1], rows[-1][1] + height
            painter.fillRect(plan.frozen_right - 1, top, 1, bottom - top, table.scene.brush.color("line"))

    def _column(
        self,
        painter: QPainter,
        column: Placed,
        left: int,
        rows: list[tuple[int, int]],
        height: int,
        edges: dict[tuple[int, str], bool],
    ) -> None:
        table = self._table
        pad = table.pad
        draw = column.ink.draw
        room = column.width - 2 * pad
        soft = table.held_rows
        glowing = table.glow.strengths(column.path)
        tinted = self._tinted
        if glowing:
            tinted = set(tinted)
            frame = table.scene.frame
            tint = QColor(table.scene.brush.color("accent"))
            for row, top in rows:
                strength = glowing.get(frame.record(row))
                if strength:
                    tinted.add(row)
                    tint.setAlphaF(strength * _GLOW_STRENGTH)
                    painter.fillRect(left, top, column.width, height - 1, tint)
        brush = table.scene.brush
        for row, top in rows:
            brush.on_surface = row not in tinted
            draw(painter, row, left + pad, top, room, height - 1, soft=row in soft)
        brush.on_surface = False
        if edges:
            amber = table.scene.brush.color("warning")
            for row, top in rows:
                if (row, column.path) in edges:
                    painter.fillRect(left, top + 2, _EDGE, height - 5, amber)

    def _edges(self, rows: list[tuple[int, int]]) -> dict[tuple[int, str], bool]:
        """The cells in which two values stand. What is not among the columns marks the first."""
        workspace = self._table.scene.workspace
        conflicted = workspace.conflicted
        if not conflicted:
            return {}
        placed = self._table.plan.placed
        shown = {each.path for each in placed}
        frame = self._table.scene.frame
        found = {}
        for row, _ in rows:
            record = frame.record(row)
            if record in conflicted:
                for field in workspace.conflicted_fields[record]:
                    path = field if field in shown else placed[0].path
                    found[row, path] = True
        return found

    def _head(self, painter: QPainter, head: Head, top: int, height: int) -> None:
        """The head of a group: its name and count, and each sum below its column's name."""
        table = self._table
        brush = table.scene.brush
        metrics = brush.metrics
        width = table.viewport().width()
        painter.fillRect(0, top, width, height, brush.color("background"))
        painter.fillRect(0, top + height - 1, width, 1, brush.color("line"))
        left = metrics.gap_medium
        icon = "caret-right" if head.folded else "caret-down"
        left += brush.icon(painter, left, top, height - 1, icon, "muted") + metrics.gap - 2
        left += self._head_name(painter, head, left, top, width - left - 60, height - 1)
        left += metrics.gap
        left += brush.text(painter, left, top, 80, height - 1, number_text(head.count), "muted")
        scrolled = table.horizontalScrollBar().value()
        for column in table.plan.placed:
            value = head.sums.get(column.path) if head.sums else None
            shown = sum_text(column.spec.field, value)
            if shown:
                right = column.right - (0 if column.frozen else scrolled) - table.pad
                need = brush.width(shown)
                if right - need > left:
                    brush.text(painter, right - need, top, need + 1, height - 1, shown, "muted", right=True)
        if table.current_head == head.text and table.hasFocus():
            self._ring(painter, QRect(0, top, width, height - 1))

    def _head_name(self, painter: QPainter, head: Head, left: int, top: int, room: int, height: int) -> int:
        """The value that the rows of a group have in common; gives its width."""
        table = self._table
        ink = table.group_ink
        if head.text and isinstance(ink, StatusInk | PeopleInk | ChipsInk):
            width = min(room, ink.width(head.row))
            ink.draw(painter, head.row, left, top, max(width, NAMED_FROM), height, soft=False)
            return width
        text = table.head_text(head)
        return table.scene.brush.text(painter, left, top, room, height, text, font=STRONG)

    def _place(self, painter: QPainter, rows: list[tuple[int, int]], height: int) -> None:
        """Where the user stands: a line at the left of the row, a ring around the cell."""
        table = self._table
        if not table.hasFocus() or table.current is None:
            return
        current = table.scene.frame.row(table.current)
        top = next((top for row, top in rows if row == current), None)
        if top is None:
            return
        accent = table.scene.brush.color("accent")
        painter.fillRect(0, top, 2, height - 1, accent)
        if table.cell:
            self._ring(painter, table.cell_rect(table.current, table.cell))

    def _ring(self, painter: QPainter, rect: QRect) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._table.scene.brush.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()
