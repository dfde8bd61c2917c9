"""What keys and the pointer do in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent

from app.desktop.desk.second_press import SecondPress
from app.desktop.translate import tr
from app.domain.schema import KINDS, FieldType

if TYPE_CHECKING:
    from app.desktop.desk.columns import Placed
    from app.desktop.desk.table import Table

_SCROLL_MS = 40
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_OTHERS = _CONTROL | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CLEAR = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def is_typed(event: QKeyEvent) -> bool:
    """Whether a key writes something."""
    text = event.text()
    return len(text) >= 1 and text.isprintable() and not event.modifiers() & _OTHERS


class Hands:
    """Turns the events of a table into moves, selections and edits."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._pressed: int | None = None
        self._pressed_path = ""
        """The column of the last press: what it opens may move columns away from below the pointer."""
        self._dragged = False
        self._doubled = False
        self._adding = False
        self._pointer = QPoint()
        self._second = SecondPress(table.viewport(), self._edit_pressed)
        self._scroll = QTimer(table, interval=_SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)

    # Keys

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is the cell's, not a command's: who stands in a cell writes into it."""
        if not self._table.cell:
            return False
        return is_typed(event) or (event.key() in _CLEAR and not event.modifiers())

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key says; False where it says nothing here."""
        table = self._table
        key, modifiers = event.key(), event.modifiers()
        if key in _ENTER and not modifiers & _OTHERS:
            self._enter()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_F2:
            self._edit()
        elif key == Qt.Key.Key_A and modifiers & _CONTROL:
            table.select_all()
        elif key == Qt.Key.Key_C and modifiers == _CONTROL:
            self._copy()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not modifiers:
            self._sideways(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._tab(1 if key == Qt.Key.Key_Tab else -1)
        elif self._steps(Qt.Key(key)) is not None:
            self._go(self._steps(Qt.Key(key)) or 0, modifiers)
        elif table.cell and is_typed(event):
            self._type(event.text())
        elif table.cell and key in _CLEAR:
            self._clear()
        elif key == Qt.Key.Key_Space and not modifiers & _OTHERS:
            self._space()
        else:
            return False
        return True

    def _steps(self, key: Qt.Key) -> int | None:
        table = self._table
        page = max(1, table.viewport().height() // table.row_height - 1)
        every = len(table.lines)
        return {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -every,
            Qt.Key.Key_End: every,
        }.get(key)

    def _go(self, step: int, modifiers: Qt.KeyboardModifier) -> None:
        """Go so many lines; with shift select on the way, with control without selecting."""
        table = self._table
        if not len(table.lines):
            return
        line = table.current_line()
        last = len(table.lines) - 1
        target = 0 if line is None else min(max(line + step, 0), last)
        if line is None and step == len(table.lines):
            target = last
        if abs(step) > 1:
            # Home, End and pages end on a row: the head of a group is passed over where there is one behind.
            found = table.lines.next_row(target, -1 if step > 0 else 1)
            target = target if found is None else found
        if modifiers & _SHIFT:
            self._extend_to(target, add=bool(modifiers & _CONTROL))
        else:
            table.stand_on_line(target, select=not (modifiers & _CONTROL or table.selection.picked))

    def _extend_to(self, line: int, *, add: bool = False) -> None:
        table = self._table
        if table.selection.anchor is None:
            table.selection.anchor = table.current
        anchor = table.line_of(table.selection.anchor)
        rows = table.lines.rows_between(line if anchor is None else anchor, line)
        records = table.scene.frame.records
        table.selection.extend((records[row] for row in rows), add=add)
        table.stand_on_line(line, select=False)
        table.selected()

    def _enter(self) -> None:
        table = self._table
        if table.current_head is not None:
            table.fold_asked.emit(table.current_head)
            return
        row = table.current_row()
        if row is not None:
            table.entered_row.emit(row)

    def _escape(self) -> None:
        table = self._table
        if table.cell:
            table.stand_in("")
        elif (len(table.selection) > 1 or table.selection.picked) and table.current is not None:
            table.selection.only(table.current)
            table.selected()
        else:
            table.left.emit()

    def _sideways(self, step: int) -> None:
        table = self._table
        if table.current_head is not None:
            head = table.lines.head(table.current_line() or 0)
            if head is not None and head.folded == (step > 0):
                table.fold_asked.emit(table.current_head)
            return
        if table.current is None:
            return
        columns = self._stops()
        paths = [each.path for each in columns]
        if table.cell not in paths:
            if step > 0 and paths:
                heading = KINDS[table.scene.kind].heading
                table.stand_in(heading if heading in paths else paths[0])
            elif table.lines.heads:
                self._to_head()
            return
        at = paths.index(table.cell) + step
        if at < 0:
            table.stand_in("")
        elif at < len(paths):
            table.stand_in(paths[at])

    def _to_head(self) -> None:
        table = self._table
        line = table.current_line()
        while line is not None and line >= 0:
            if table.lines.head(line) is not None:
                table.stand_on_line(line, select=False)
                return
            line -= 1

    def _stops(self) -> list[Placed]:
        return [each for each in self._table.plan.placed if each.sortable]

    def _tab(self, step: int) -> bool:
        """From cell to cell, and on into the next row; on a row as a whole the key is the window's."""
        table = self._table
        if not table.cell or table.current is None:
            return False
        paths = [each.path for each in self._stops()]
        at = (paths.index(table.cell) if table.cell in paths else 0) + step
        if 0 <= at < len(paths):
            table.stand_in(paths[at])
            return True
        line = table.current_line()
        beyond = None if line is None else table.lines.next_row(line + step, step)
        if beyond is None:
            table.stand_in("")
            return True
        table.stand_on_line(beyond)
        table.stand_in(paths[0] if step > 0 else paths[-1])
        return True

    def next_cell(self, step: int) -> None:
        """Go on from an editor to the next cell."""
        self._tab(step)

    def _edit(self, typed: str | None = None) -> None:
        table = self._table
        if table.current is None:
            return
        path = table.cell or KINDS[table.scene.kind].heading
        if table.plan.named(path) is None:
            return
        table.stand_in(path)
        table.edit_asked.emit(table.current, path, typed)

    def _type(self, text: str) -> None:
        column = self._table.plan.named(self._table.cell)
        if text == " " and column is not None:
            self._edit(None if column.spec.field.type is FieldType.CHECKBOX else "")
        else:
            self._edit(text)

    def _clear(self) -> None:
        table = self._table
        if table.current is not None and table.cell:
            table.clear_asked.emit(table.current, table.cell)

    def _space(self) -> None:
        table = self._table
        if table.current_head is not None:
            table.fold_asked.emit(table.current_head)
        elif table.current is not None:
            table.toggle_current()

    def _copy(self) -> None:
        """The cell, or the selected rows as lines with tabs between the cells."""
        table = self._table
        if table.current is None:
            return
        frame = table.scene.frame
        if table.cell and len(table.selection) < 2:
            column = table.plan.named(table.cell)
            row = frame.row(table.current)
            text = column.ink.text(row) if column is not None and row is not None else ""
        else:
            rows = (frame.row(each) for each in table.selected_keys())
            columns = self._stops()
            text = "\n".join(
                "\t".join(each.ink.text(row) for each in columns) for row in rows if row is not None
            )
        QGuiApplication.clipboard().setText(text)

    # The pointer

    def hover(self, at: QPoint) -> None:
        """The pointer is elsewhere."""
        table = self._table
        line = table.line_at(at.y()) if at.y() >= 0 else None
        row = table.lines.row(line) if line is not None else None
        hovered = -1 if row is None else row
        if hovered != table.hovered:
            table.hovered = hovered
            table.viewport().update()

    def press(self, event: QMouseEvent) -> None:
        """A button went down: stand there, and begin to select."""
        table = self._table
        at = event.position().toPoint()
        line = table.line_at(at.y())
        self._pressed, self._dragged, self._doubled = None, False, False
        if line is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        head = table.lines.head(line)
        if head is not None:
            table.stand_on_line(line, select=False)
            table.fold_asked.emit(head.text)
            return
        record = table.record_at(line)
        assert record is not None
        column = table.plan.at(at.x(), table.horizontalScrollBar().value())
        modifiers = event.modifiers()
        self._pressed_path = column.path if column is not None and column.sortable else ""
        if table.cell:
            table.cell = column.path if column is not None and column.sortable else ""
        if event.button() is Qt.MouseButton.RightButton:
            if record not in table.selection:
                table.stand_on_line(line)
            return
        self._pressed = line
        self._adding = bool(modifiers & _CONTROL)
        if modifiers & _SHIFT:
            self._extend_to(line, add=self._adding)
        elif self._adding:
            table.selection.toggle(record)
            table.stand_on_line(line, select=False)
            table.selected()
        else:
            table.stand_on_line(line)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved; with the button down it selects."""
        at = event.position().toPoint()
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed is None:
            self.hover(at)
            return
        self._pointer = at
        outside = not 0 <= at.y() < self._table.viewport().height()
        if outside != self._scroll.isActive():
            if outside:
                self._scroll.start()
            else:
                self._scroll.stop()
        self._drag_to(at.y())

    def _drag_to(self, y: int) -> None:
        table = self._table
        line = table.line_at(min(max(y, 0), table.viewport().height() - 1))
        if line is None:
            line = len(table.lines) - 1
        if line != table.current_line() and (self._dragged or line != self._pressed):
            self._dragged = True
            self._extend_to(line, add=self._adding)

    def _scroll_on(self) -> None:
        """The pointer waits beyond the edge: rows come in below it."""
        table = self._table
        bar = table.verticalScrollBar()
        bar.setValue(bar.value() + (1 if self._pointer.y() > 0 else -1) * table.row_height)
        self._drag_to(self._pointer.y())

    def release(self, event: QMouseEvent) -> None:
        """A button went up: a plain press opens."""
        self._scroll.stop()
        pressed, self._pressed = self._pressed, None
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if pressed is None or self._dragged or self._doubled or not plain:
            return
        if event.button() is Qt.MouseButton.LeftButton:
            row = self._table.current_row()
            if row is not None:
                self._table.opened.emit(row)
                if self._pressed_path:
                    self._second.watch(event.globalPosition().toPoint())

    def double(self, event: QMouseEvent) -> None:
        """Two presses edit the cell."""
        self._doubled = True
        table = self._table
        line = table.line_at(event.position().toPoint().y())
        if line is None or table.record_at(line) is None or not self._pressed_path:
            return
        if event.button() is Qt.MouseButton.LeftButton:
            table.stand_on_line(line)
            self._edit_pressed()

    def _edit_pressed(self) -> None:
        self._table.stand_in(self._pressed_path)
        self._edit()

    def hint_at(self, at: QPoint) -> str:
        """What stands over a cell when the pointer rests there: what is cut, and what a sign means."""
        table = self._table
        line = table.line_at(at.y())
        row = table.lines.row(line) if line is not None else None
        column = table.plan.at(at.x(), table.horizontalScrollBar().value())
        if row is None or column is None:
            return ""
        parts = []
        hint = column.ink.hint(row)
        if (
            hint != column.ink.text(row)
            or column.ink.width(row) > column.width - 2 * table.pad
            or column.headless
        ):
            parts.append(hint)
        record = table.scene.frame.record(row)
        if column.path in table.scene.workspace.conflicted_fields.get(record, ()):
            parts.append(tr("Two people changed this"))
        if row in table.held_rows:
            parts.append(tr("No longer fits the filter: it goes when you move on"))
        return "\n".join(parts)
