"""The tree itself: lines of one height, drawn by hand, so that 10,000 notes scroll like 10.

It knows lines, what is selected and where the user stands; what keys and the pointer do is in ``hands``, dragging in
``carrying``, how it is drawn in ``paint``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.desktop.desk.brush import Brush
from app.desktop.desk.selection import Selection
from app.desktop.lists.cells import Row
from app.desktop.notes.carrying import Carrying
from app.desktop.notes.hands import Hands
from app.desktop.notes.looks import NoteLooks
from app.desktop.notes.model import NotesModel
from app.desktop.notes.paint import TreePaint
from app.desktop.notes.rename import TitleEdit
from app.desktop.widgets import Look
from app.domain.schema import NOTE
from app.workspace.notes import Spot


class NoteView(QAbstractScrollArea):
    """The lines of a ``NotesModel``."""

    chosen = Signal(object)
    """Emits the ``Row`` that the user stands on now, or None."""
    opened = Signal(object)
    """Emits the ``Row`` that was clicked."""
    entered_row = Signal(object)
    """Emits the ``Row`` on which Enter was pressed."""
    left = Signal()
    """Esc was pressed, and there was nothing to leave in the tree itself."""
    selection_changed = Signal()
    tag_pressed = Signal(str)
    """Emits the tag that was clicked."""
    renamed = Signal(bytes, str)
    """Emits a note and the title that was typed in place."""
    menu_asked = Signal(QPoint)
    """Emits where on the screen the menu of what is selected is wanted."""

    def __init__(self, look: Look, model: NotesModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.brush = Brush(look)
        self.look = look
        self.looks = NoteLooks(model)
        self.selection = Selection()
        self.current: bytes | None = None
        self.current_group: str | None = None
        """The group on whose head the user stands."""
        self._filtered_out: tuple[bytes, bytes | None] | None = None
        """The note that the user stood on until a filter hid it, and the one that he was put on instead."""
        self.hovered = -1
        self._shown = model.lines
        self._eye: tuple[bytes | None, int] = (None, 0)
        self._edit: TitleEdit | None = None
        self.carrying = Carrying(self)
        self.hands = Hands(self)
        self.painting = TreePaint(self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        workspace = model.workspace
        model.changed.connect(self._lines_changed)
        model.looks_changed.connect(self._looks_changed)
        workspace.rows_changed.connect(self._rows_changed)
        workspace.day_changed.connect(self._looks_changed)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self.look.theme.color("surface"))
        self.setPalette(palette)
        self.brush.restyle()
        self._arrange()

    # Lines

    @property
    def row_height(self) -> int:
        """In pixels."""
        return self.brush.metrics.row

    def _arrange(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, len(self.model.lines) * self.row_height - height))
        bar.setPageStep(height)
        bar.setSingleStep(self.row_height)
        self._note_eye()
        self._place_edit()
        self.viewport().update()

    def _lines_changed(self) -> None:
        """Other lines stand there: selection, place and what is looked at stay where they can."""
        before, self._shown = self._shown, self.model.lines
        self.looks.forget()
        at = before.places.get(self.current, 0) if self.current is not None else 0
        moved = back = self._stand_again()
        if self.current is not None and self.current not in self.model.places:
            moved = True
            gone = self.current if self._filtered_out is None else self._filtered_out[0]
            self.current = self._note_near(at)
            self._filtered_out = None if self.model.matches is None else (gone, self.current)
            if self.current is not None and not self._selected_there():
                self.selection.only(self.current)
        if self.current_group is not None and self.line_of_group(self.current_group) is None:
            self.current_group = None
        there = {each for each in self.selection.records if each in self.model.tree}
        dropped = self.selection.keep(there)
        eye, top = self._eye
        self._arrange()
        line = self.model.places.get(eye) if eye is not None else None
        if line is not None:
            self.verticalScrollBar().setValue(line * self.row_height - top)
        here = self.current_line()
        if back and here is not None:
            self.bring_into_view(here)
        self._note_eye()
        self.describe()
        if moved:
            self.chosen.emit(self.current_row())
        if moved or dropped:
            self.selection_changed.emit()

    def _stand_again(self) -> bool:
        """Go back to the note that a filter hid, where it is shown again and the user went to no other one since."""
        if self._filtered_out is None:
            return False
        hidden, instead = self._filtered_out
        back = hidden in self.model.places and self.current == instead
        if back:
            self.current = hidden
            if self.selection.records == {instead}:
                self.selection.only(hidden)
        if back or self.model.matches is None:
            self._filtered_out = None
        return back

    def _note_near(self, line: int) -> bytes | None:
        """The note on a line, or on the nearest one that has any."""
        lines = self.model.lines
        down = (lines[at].record for at in range(min(max(line, 0), len(lines)), len(lines)))
        up = (lines[at].record for at in range(min(line, len(lines)) - 1, -1, -1))
        return next((each for way in (down, up) for each in way if each is not None), None)

    def _selected_there(self) -> bool:
        return any(each in self.model.places for each in self.selection.records)

    def _rows_changed(self, records: set[bytes]) -> None:
        self.looks.forget(records)
        self.viewport().update()

    def _looks_changed(self) -> None:
        self.looks.forget()
        self.describe()
        self.viewport().update()

    def line_at(self, y: int) -> int | None:
        """The line below a pixel of the viewport."""
        line = (y + self.verticalScrollBar().value()) // self.row_height
        return line if 0 <= line < len(self.model.lines) else None

    def line_rect(self, line: int) -> QRect:
        """Where a line lies in the viewport."""
        top = line * self.row_height - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), self.row_height)

    def line_of_group(self, group: str) -> int | None:
        """The line on which the head of a group stands."""
        return self.model.lines.heads.get(group)

    def _note_eye(self) -> None:
        """Remember what is looked at: the note that the user stands on, else the first on the screen."""
        scrolled, height = self.verticalScrollBar().value(), self.viewport().height()
        line = self.model.places.get(self.current) if self.current is not None else None
        if line is None or not 0 <= line * self.row_height - scrolled < height:
            first = -(-scrolled // self.row_height)
            line = next((at for at in range(first, min(first + 3, len(self.model.lines)))), None)
        if line is not None and self.model.lines[line].record is not None:
            self._eye = self.model.lines[line].record, line * self.row_height - scrolled

    def bring_into_view(self, line: int) -> None:
        """Scroll as little as needed."""
        bar, top = self.verticalScrollBar(), line * self.row_height
        if top < bar.value():
            bar.setValue(top)
        elif top + self.row_height > bar.value() + self.viewport().height():
            bar.setValue(top + self.row_height - self.viewport().height())
        self._note_eye()

    # Where the user stands

    def current_line(self) -> int | None:
        """The line that the user stands on."""
        if self.current_group is not None:
            return self.line_of_group(self.current_group)
        return self.model.places.get(self.current) if self.current is not None else None

    def current_key(self) -> bytes | None:
        """The note that the user stands on."""
        return self.current

    def current_row(self) -> Row | None:
        """The note that the user stands on, as the other parts of the window know it."""
        return None if self.current is None else self.row_of(self.current)

    def row_of(self, record: bytes) -> Row:
        """A note as the other parts of the window know it."""
        return Row(record, record, NOTE, (), self.looks.spoken(record))

    def stand_on_line(self, line: int, *, select: bool = True) -> None:
        """Stand on a line, and bring it into view."""
        found = self.model.lines[line]
        before = self.current, self.current_group
        self._filtered_out = None
        self.current = found.record
        self.current_group = found.group if found.record is None else None
        if select and found.record is not None:
            self.selection.only(found.record)
        self.bring_into_view(line)
        self.describe()
        self.viewport().update()
        if before != (self.current, self.current_group):
            self.chosen.emit(self.current_row())
        if select:
            self.selection_changed.emit()

    def select_key(self, key: bytes) -> bool:
        """Stand on a note, opening what it stands below; False where it is not among what is shown."""
        if key in self.model.tree and key not in self.model.places:
            self.model.open_to(key)
        line = self.model.places.get(key)
        if line is None:
            return False
        self.stand_on_line(line)
        return True

    def move_by(self, step: int) -> None:
        """Stand on the note so many lines further down; heads of groups are passed over."""
        notes = list(self.model.places.values())
        if not notes:
            return
        here = self.current_line()
        if here is None:
            target = 0
        else:
            before = bisect_left(notes, here)
            on = before < len(notes) and notes[before] == here
            target = before + step if on or step < 0 else before + step - 1
        self.stand_on_line(notes[min(max(target, 0), len(notes) - 1)], select=not self.selection.picked)

    def describe(self) -> None:
        """Tell screen readers where the user stands."""
        words = ""
        if self.current_group is not None:
            words = self.looks.group_spoken(self.current_group)
        elif self.current is not None and self.current in self.model.tree:
            words = self.looks.spoken(self.current)
        self.setAccessibleDescription(words)

    # Selection

    def selected_keys(self) -> list[bytes]:
        """The selected notes, from top to bottom; those that are not shown are left out."""
        places = self.model.places
        return sorted((each for each in self.selection.records if each in places), key=places.__getitem__)

    def selected_rows(self) -> list[Row]:
        """All selected notes."""
        return [self.row_of(each) for each in self.selected_keys()]

    def toggle_current(self) -> None:
        """Select the note that the user stands on too, or let it go."""
        if self.current is not None:
            self.selection.pick(self.current)
            self.selected()

    def extend_to(self, line: int, *, add: bool = False) -> None:
        """Select from where the selection began up to a line, and stand there."""
        if self.selection.anchor is None:
            self.selection.anchor = self.current
        anchor = self.model.places.get(self.selection.anchor or b"", line)
        low, high = sorted((anchor, line))
        records = [each.record for each in self.model.lines[low : high + 1] if each.record is not None]
        self.selection.extend(records, add=add)
        self.stand_on_line(line, select=False)
        self.selected()

    def select_all(self) -> None:
        """Select every note that is shown."""
        self.selection.every(self.model.places)
        self.selected()

    def select(self, records: Iterable[bytes]) -> None:
        """Select these notes."""
        self.selection.every(records)
        self.selected()

    def selected(self) -> None:
        """The selection is another: draw it and say so."""
        self.viewport().update()
        self.selection_changed.emit()

    def landed(self, records: Iterable[bytes], spot: Spot) -> None:
        """Notes were moved: show where they are now, and stay with them."""
        if spot.parent is not None:
            self.model.set_closed([spot.parent], False)
        moved = [each for each in records if each in self.model.places]
        if moved:
            self.stand_on_line(self.model.places[moved[0]])
            if len(moved) > 1:
                self.select(moved)

    # Naming in place

    def rename(self, record: bytes | None = None) -> bool:
        """Let the title of a note be typed in its line; False where it has none."""
        record = self.current if record is None else record
        line = self.model.places.get(record) if record is not None else None
        if record is None or line is None:
            return False
        self.stand_on_line(line)
        self._drop_edit()
        look = self.looks.of(record)
        edit = self._edit = TitleEdit(self.look, "" if look.untitled else look.title, record, self.viewport())
        edit.taken.connect(self._named)
        edit.dropped.connect(self._end_edit)
        self._place_edit()
        edit.show()
        edit.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    @property
    def title_edit(self) -> TitleEdit | None:
        """Where a title is being typed."""
        return self._edit

    def finish(self) -> None:
        """Take the title that is being typed."""
        if self._edit is not None:
            self._edit.take()

    def _named(self, record: bytes, title: str) -> None:
        self._end_edit()
        self.renamed.emit(record, title)

    def _end_edit(self) -> None:
        had = self._edit is not None and self._edit.hasFocus()
        self._drop_edit()
        if had:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop_edit(self) -> None:
        edit, self._edit = self._edit, None
        if edit is not None:
            edit.hide()
            edit.deleteLater()

    def _place_edit(self) -> None:
        edit = self._edit
        if edit is None:
            return
        line = self.model.places.get(edit.record)
        if line is None:
            self._drop_edit()
            return
        rect = self.line_rect(line)
        left = self.painting.title_left(self.model.lines[line]) - 4
        edit.setGeometry(QRect(left, rect.top() + 1, rect.width() - left - 12, rect.height() - 3))

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            self.painting.paint(painter, event.rect())
        finally:
            # A painter that outlives its event takes the whole program with it.
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._note_eye()
        self._place_edit()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.hands.hint_at(event.pos()), self.viewport())
            return True
        if event.type() is QEvent.Type.Leave:
            self.hands.hover(QPoint(-1, -1))
        return super().viewportEvent(event)

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self.hands.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hands.key(event):
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hands.double(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            line = self.current_line()
            at = self.line_rect(line).bottomLeft() if line is not None else QPoint(0, 0)
            self.menu_asked.emit(self.viewport().mapToGlobal(at + QPoint(self.row_height, 0)))
        else:
            self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current_line() is None:
            self.move_by(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
