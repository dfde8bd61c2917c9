"""What keys and the pointer do in the tree of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from app.desktop.notes.view import NoteView

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_OTHERS = _CONTROL | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Hands:
    """Turns the events of a tree into moves, selections, and notes that are carried."""

    def __init__(self, view: NoteView) -> None:
        self._view = view
        self._start: QPoint | None = None
        self._pressed: bytes | None = None
        self._kept = False
        """Whether several were selected where the button went down, and stay so while they may be carried."""
        self._plain = False

    # Keys

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is the tree's before it is a command's."""
        return event.key() == Qt.Key.Key_Escape and bool(self._view.carrying)

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key says; False where it says nothing here."""
        view = self._view
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _ENTER and not modifiers & _OTHERS:
            self._enter()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_F2:
            view.rename()
        elif key == Qt.Key.Key_A and modifiers == _CONTROL:
            view.select_all()
        elif key == Qt.Key.Key_C and modifiers == _CONTROL:
            self._copy()
        elif key == Qt.Key.Key_Right and not modifiers:
            self._right()
        elif key == Qt.Key.Key_Left and not modifiers:
            self._left()
        elif key == Qt.Key.Key_Space and not modifiers & _OTHERS:
            self._space()
        elif not modifiers & Qt.KeyboardModifier.AltModifier and (step := self._steps(Qt.Key(key))):
            self._go(step, modifiers)
        else:
            return False
        return True

    def _steps(self, key: Qt.Key) -> int | None:
        view = self._view
        page = max(1, view.viewport().height() // view.row_height - 1)
        every = len(view.model.lines)
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
        view = self._view
        last = len(view.model.lines) - 1
        if last < 0:
            return
        line = view.current_line()
        target = 0 if line is None else min(max(line + step, 0), last)
        if modifiers & _SHIFT:
            view.extend_to(target, add=bool(modifiers & _CONTROL))
        else:
            view.stand_on_line(target, select=not (modifiers & _CONTROL or view.selection.picked))

    def _enter(self) -> None:
        view = self._view
        if view.current_group is not None:
            self._fold(view.current_group)
            return
        row = view.current_row()
        if row is not None:
            view.entered_row.emit(row)

    def _fold(self, what: bytes | str) -> None:
        model = self._view.model
        model.set_closed([what], not model.is_closed(what))

    def _escape(self) -> None:
        view = self._view
        if view.carrying.cancel():
            self._start = None
        elif (len(view.selection) > 1 or view.selection.picked) and view.current is not None:
            view.selection.only(view.current)
            view.selected()
        else:
            view.left.emit()

    def _right(self) -> None:
        """Open; what is open is entered."""
        view = self._view
        model, line = view.model, view.current_line()
        if line is None:
            return
        here = model.lines[line]
        what = here.group if here.record is None else here.record
        if model.is_closed(what):
            model.set_closed([what], False)
        elif line + 1 < len(model.lines) and (
            here.record is None or model.lines[line + 1].depth > here.depth
        ):
            view.stand_on_line(line + 1)

    def _left(self) -> None:
        """Close; from what is closed, or has nothing below it, go to what it stands below."""
        view = self._view
        model, line = view.model, view.current_line()
        if line is None:
            return
        here = model.lines[line]
        if here.record is None:
            model.set_closed([here.group], True)
            return
        if (
            model.tree.has_children(here.record)
            and not model.is_closed(here.record)
            and model.matches is None
        ):
            model.set_closed([here.record], True)
            return
        parent = model.tree.parent(here.record)
        above = model.places.get(parent) if parent is not None else view.line_of_group(here.group)
        if above is not None:
            view.stand_on_line(above)

    def _space(self) -> None:
        view = self._view
        if view.current_group is not None:
            self._fold(view.current_group)
        else:
            view.toggle_current()

    def _copy(self) -> None:
        """The titles of what is selected, set in by tabs."""
        view = self._view
        lines = [view.model.lines[view.model.places[each]] for each in view.selected_keys()]
        if lines:
            least = min(line.depth for line in lines)
            texts = [
                "\t" * (line.depth - least) + view.looks.title(line.record)
                for line in lines
                if line.record is not None
            ]
            QGuiApplication.clipboard().setText("\n".join(texts))

    # The pointer

    def hover(self, at: QPoint) -> None:
        """The pointer is elsewhere."""
        view = self._view
        line = view.line_at(at.y()) if at.y() >= 0 else None
        hovered = -1 if line is None else line
        if hovered != view.hovered:
            view.hovered = hovered
            view.viewport().update()

    def press(self, event: QMouseEvent) -> None:
        """A button went down: open or close, or stand there."""
        view = self._view
        view.finish()
        at = event.position().toPoint()
        number = view.line_at(at.y())
        self._start = self._pressed = None
        self._kept = False
        if number is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        line = view.model.lines[number]
        left = event.button() is Qt.MouseButton.LeftButton
        if line.record is None:
            view.stand_on_line(number, select=False)
            if left:
                self._fold(line.group)
            return
        caret = view.painting.caret_rect(line, view.line_rect(number).top())
        if left and caret.contains(at) and view.model.tree.has_children(line.record):
            self._fold(line.record)
            return
        modifiers = event.modifiers()
        self._plain = modifiers == Qt.KeyboardModifier.NoModifier
        if not left:
            if line.record not in view.selection:
                view.stand_on_line(number)
            return
        self._pressed, self._start = line.record, at
        if modifiers & _SHIFT:
            view.extend_to(number, add=bool(modifiers & _CONTROL))
        elif modifiers & _CONTROL:
            view.selection.toggle(line.record)
            view.stand_on_line(number, select=False)
            view.selected()
        elif line.record in view.selection and len(view.selection) > 1:
            self._kept = True
            view.stand_on_line(number, select=False)
        else:
            view.stand_on_line(number)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved; with the button down it carries."""
        view = self._view
        at = event.position().toPoint()
        if view.carrying:
            view.carrying.move(at)
            return
        if self._start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self.hover(at)
            return
        far = (at - self._start).manhattanLength() >= QApplication.startDragDistance()
        if far and self._pressed is not None and self._pressed in view.model.tree:
            view.carrying.begin(self._pressed, at)

    def release(self, event: QMouseEvent) -> None:
        """A button went up: what is carried lands; a plain press opens, on a tag it filters."""
        view = self._view
        start, self._start = self._start, None
        at = event.position().toPoint()
        if view.carrying:
            view.carrying.end(at)
            return
        if start is None or event.button() is not Qt.MouseButton.LeftButton or not self._plain:
            return
        if self._kept and view.current is not None:
            view.selection.only(view.current)
            view.selected()
        tag = view.painting.tag_at(at)
        row = view.current_row()
        if tag:
            view.tag_pressed.emit(tag)
        elif row is not None:
            view.opened.emit(row)

    def double(self, event: QMouseEvent) -> None:
        """Two presses let the title be typed."""
        view = self._view
        at = event.position().toPoint()
        number = view.line_at(at.y())
        line = view.model.lines[number] if number is not None else None
        self._start = None
        if line is None or number is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        if line.record is None or at.x() < view.painting.title_left(line):
            self.press(event)
        elif not view.painting.tag_at(at):
            view.rename(line.record)

    def hint_at(self, at: QPoint) -> str:
        """What stands over a line when the pointer rests there."""
        return "" if self._view.carrying else self._view.painting.hint_at(at)
