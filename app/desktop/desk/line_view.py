"""Lines in a scroll area: where each lies, what is looked at, and how it stays there whatever comes and goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.desktop.desk.brush import Brush
from app.desktop.desk.columns import ColumnPlan
from app.desktop.desk.glow import Glow
from app.desktop.desk.head import TableHead
from app.desktop.desk.ink import Ink, Scene
from app.desktop.desk.lines import Head, Lines
from app.desktop.lists.cells import Row
from app.desktop.lists.rows import spoken
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import KINDS


@dataclass(frozen=True, slots=True)
class _Eye:
    """What is looked at: records on the screen with how far below the top edge each stands, in pixels."""

    seen: tuple[tuple[bytes, int], ...] = ()


class LineView(QAbstractScrollArea):
    """Lines of one height and columns. What is drawn there, and what keys do, is its heir's to say."""

    scrolled = Signal()
    """The rows stand elsewhere in the viewport."""

    def __init__(self, look: Look, workspace: Workspace, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.scene = Scene(Brush(look), workspace, kind)
        self.plan = ColumnPlan(self.scene)
        self.lines = Lines(np.empty(0, np.int32))
        self.current: bytes | None = None
        self.group_ink: Ink | None = None
        """How the values that make the groups are drawn; None without groups."""
        self._looked_at = _Eye()
        self.glow = Glow(parent=self)
        self.glow.faded.connect(self.viewport().update)
        self.head = TableHead(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Always there, so that rows and header keep their places; it paints nothing while nothing scrolls.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("surface"))
        self.setPalette(palette)
        self.scene.brush.restyle()
        self.plan.forget()
        eye = self._looked_at
        self.show_head(not self.head.isHidden())
        self.arrange()
        self._look_at(eye)

    @property
    def row_height(self) -> int:
        """In pixels."""
        return self.scene.brush.metrics.row

    @property
    def pad(self) -> int:
        """The room at either side of a cell, in pixels."""
        return self.scene.brush.metrics.gap_medium // 2

    @property
    def eye(self) -> tuple[tuple[bytes, int], ...]:
        """The records on the screen, with where each begins below the top edge, in pixels."""
        return self._looked_at.seen

    def arrange(self) -> None:
        """Lay columns and scroll bars out for the room there is."""
        view = self.viewport().size()
        self.plan.place(view.width())
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, len(self.lines) * self.row_height - view.height()))
        vertical.setPageStep(view.height())
        vertical.setSingleStep(self.row_height)
        horizontal.setRange(0, max(0, self.plan.total - view.width()))
        horizontal.setPageStep(view.width())
        horizontal.setSingleStep(40)
        self._note_eye()
        self.scrolled.emit()
        self.viewport().update()

    def show_head(self, shown: bool) -> None:
        """Show the names of the columns above the rows, or not."""
        self.head.setHidden(not shown)
        self.setViewportMargins(0, self.scene.brush.metrics.header if shown else 0, 0, 0)
        self._place_head()

    def _place_head(self) -> None:
        self.head.setGeometry(0, 0, self.width(), self.scene.brush.metrics.header)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_head()
        self.arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._note_eye()
        whole = self.devicePixelRatioF().is_integer()
        if whole and not dx and not self.lines.heads and abs(dy) < self.viewport().height():
            # What is on the screen already is moved, and only what comes into view is drawn.
            self.viewport().scroll(0, dy)
        else:
            self.viewport().update()
        self.scrolled.emit()

    def line_at(self, y: int) -> int | None:
        """The line below a pixel of the viewport."""
        pinned = self.pinned()
        if pinned is not None and 0 <= y < pinned[1] + self.row_height:
            return pinned[0]
        line = (y + self.verticalScrollBar().value()) // self.row_height
        return line if 0 <= line < len(self.lines) else None

    def pinned(self) -> tuple[int, int] | None:
        """The head of the group at the top of the viewport while its own line is above: its line, and where
        it stands, in pixels; the next group pushes it out. None where the head is in its place.
        """
        heads = self.lines.head_lines
        scrolled = self.verticalScrollBar().value()
        place = int(np.searchsorted(heads, scrolled // self.row_height, side="right")) - 1
        if place < 0 or int(heads[place]) * self.row_height == scrolled:
            return None
        top = 0
        if place + 1 < len(heads):
            top = min(0, int(heads[place + 1]) * self.row_height - scrolled - self.row_height)
        return int(heads[place]), top

    def line_top(self, line: int) -> int:
        """Where a line begins in the viewport."""
        return line * self.row_height - self.verticalScrollBar().value()

    def row_rect(self, record: bytes) -> QRect:
        """Where the row of a record lies in the viewport; empty where it is not among the lines."""
        line = self.line_of(record)
        if line is None:
            return QRect()
        return QRect(0, self.line_top(line), self.viewport().width(), self.row_height - 1)

    def cell_rect(self, record: bytes, path: str) -> QRect:
        """Where a cell lies in the viewport; empty where there is none."""
        column = self.plan.named(path)
        rect = self.row_rect(record)
        if column is None or rect.isEmpty():
            return QRect()
        left = column.left - (0 if column.frozen else self.horizontalScrollBar().value())
        return QRect(left, rect.top(), column.width, rect.height())

    def line_of(self, record: bytes | None) -> int | None:
        """The line of a record's row."""
        return None if record is None else self.lines.line_of(self.scene.frame.any_row(record))

    def record_at(self, line: int) -> bytes | None:
        """The record on a line; None for the head of a group."""
        row = self.lines.row(line)
        return None if row is None else self.scene.frame.record(row)

    def _note_eye(self) -> None:
        """Remember what is on the screen, the row that the user stands on first."""
        height = self.row_height
        scrolled = self.verticalScrollBar().value()
        first = scrolled // height
        last = min(len(self.lines), (scrolled + self.viewport().height()) // height + 1)
        records = self.scene.frame.records if len(self.lines) else []
        seen = [
            (records[code], (first + place) * height - scrolled)
            for place, code in enumerate(self.lines.codes[first:last].tolist())
            if code >= 0
        ]
        here = self.current
        seen.sort(key=lambda each: (each[0] != here, each[1]))
        self._looked_at = _Eye(tuple(seen))

    def _look_at(self, eye: _Eye) -> None:
        """Scroll so that the first record of ``eye`` that is still there stands where it stood."""
        for record, top in eye.seen:
            line = self.line_of(record)
            if line is not None:
                self.verticalScrollBar().setValue(line * self.row_height - top)
                break
        self._note_eye()

    def touch_cells(self, cells: Mapping[str, Iterable[int]], *, glow: bool = True) -> None:
        """Values changed: draw them again, and let those of other people glow."""
        frame = self.scene.frame
        for column in self.plan.placed:
            rows = cells.get(column.path)
            if rows is not None and glow:
                self.glow.begin(column.path, [frame.record(int(row)) for row in rows])
        self.viewport().update()

    def head_text(self, head: Head) -> str:
        """What a group is called."""
        text = self.group_ink.text(head.row) if self.group_ink is not None and head.text else head.text
        return text or tr("None")

    def stand_in_view(self, path: str) -> None:
        """Scroll sideways as little as needed for a column."""
        column = self.plan.named(path)
        if column is None or column.frozen:
            return
        bar = self.horizontalScrollBar()
        view = self.viewport().width()
        if column.right - bar.value() > view:
            bar.setValue(column.right - view)
        if column.left - bar.value() < self.plan.frozen_right:
            bar.setValue(column.left - self.plan.frozen_right - self.pad)

    def bring_into_view(self, line: int) -> None:
        """Scroll as little as needed."""
        bar = self.verticalScrollBar()
        top = line * self.row_height
        over = self.row_height if len(self.lines.head_lines) and self.lines.row(line) is not None else 0
        if top - over < bar.value():
            bar.setValue(top - over)
        elif top + self.row_height > bar.value() + self.viewport().height():
            bar.setValue(top + self.row_height - self.viewport().height())
        self._note_eye()

    def row_of(self, record: bytes) -> Row:
        """A record as the other parts of the window know it."""
        return Row(record, record, self.scene.kind, (), self.spoken(record))

    def spoken(self, record: bytes) -> str:
        """What a screen reader says of a row."""
        row = self.scene.frame.any_row(record)
        if row is None:
            return ""
        words = [
            f"{each.title}: {hint}" if each.spec.related or each.spec.field.custom else hint
            for each in self.plan.placed
            if (hint := each.ink.hint(row))
        ]
        title = tr(KINDS[self.scene.kind].title)
        return spoken(title, *words)

    def spoken_cell(self, record: bytes, path: str) -> str:
        """What a screen reader says of a cell."""
        column = self.plan.named(path)
        row = self.scene.frame.any_row(record)
        if column is None or row is None:
            return ""
        return f"{column.title}: {column.ink.hint(row) or tr('empty')}"
