"""What the pointer does in a text: it ticks boxes, shows where links lead, and follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent

from app.desktop.editor.decorations import UnlinkedTitle, unlinked_titles
from app.desktop.editor.editing import make_edit
from app.desktop.editor.hints import hint_of, show_hint, title_hint
from app.richtext.formats import LINK, is_opened, record_of
from app.richtext.formatting import toggle_checked

if TYPE_CHECKING:
    from app.desktop.editor.rich import RichTextEditor

Goal = str | bytes | UnlinkedTitle | None
"""What a place in a text leads to: an address, a record, a title that nothing has yet, or nothing."""


class Pointer:
    """The pointer over one editor, which hands its events on."""

    def __init__(self, editor: RichTextEditor) -> None:
        self._editor = editor
        self._pressed: QPoint | None = None

    def goal(self, point: QPoint) -> Goal:
        """What the text at a point of the viewport leads to."""
        editor, binding = self._editor, self._editor.binding
        layout = editor.document().documentLayout()
        position = layout.hitTest(editor.place_of(point), Qt.HitTestAccuracy.ExactHit)
        if binding is None or position < 0:
            return None
        at = binding.to_point(position)
        for piece in editor.slice(at, min(at + 1, binding.length)):
            if not isinstance(piece.content, str):
                found = record_of(piece.content)
                return None if found is None else found[1]
            link = piece.attributes.get(LINK)
            if isinstance(link, str) and piece.content != "\n":
                return link
        block = editor.document().findBlock(position)
        inside = position - block.position()
        titles = unlinked_titles(block.text())
        return next((each for each in titles if each.start <= inside < each.stop), None)

    def hint(self, event: QHelpEvent) -> None:
        """Tell where a link leads before it is pressed."""
        goal, editable = self.goal(event.pos()), not self._editor.isReadOnly()
        sentence = ""
        if isinstance(goal, UnlinkedTitle):
            sentence = title_hint(goal.title, editable=editable)
        elif isinstance(goal, str):
            sentence = hint_of(goal, editable=editable)
        show_hint(self._editor, sentence, event.globalPos())

    def pressed(self, event: QMouseEvent) -> bool:
        """Tick a box; whether there was one."""
        self._pressed = None
        editor, binding = self._editor, self._editor.binding
        point = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or binding is None:
            return False
        block = editor.box_at(point)
        if block is None or editor.isReadOnly():
            self._pressed = point
            return False
        editor.close_last_line()
        at = binding.to_point(block.position())
        make_edit(editor, toggle_checked(editor, at, at))
        return True

    def released(self, event: QMouseEvent) -> None:
        """Follow a link that was pressed: a record at once, an address or a title with Ctrl while one writes."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._editor.textCursor().hasSelection():
            return
        goal = self.goal(pressed)
        if self._leads(goal, event) and goal == self.goal(event.position().toPoint()):
            self._follow(goal, pressed)

    def moved(self, event: QMouseEvent) -> None:
        """Show a hand where a press does something."""
        if event.buttons():
            return
        editor, point = self._editor, event.position().toPoint()
        box = not editor.isReadOnly() and editor.box_at(point) is not None
        hand = box or self._leads(self.goal(point), event)
        editor.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor)

    def _leads(self, goal: Goal, event: QMouseEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return goal is not None and (isinstance(goal, bytes) or control or self._editor.isReadOnly())

    def _follow(self, goal: Goal, at: QPoint) -> None:
        editor, binding = self._editor, self._editor.binding
        assert binding is not None
        if isinstance(goal, UnlinkedTitle):
            if not editor.isReadOnly():
                block = editor.document().findBlock(editor.cursorForPosition(at).position()).position()
                start, stop = binding.to_point(block + goal.start), binding.to_point(block + goal.stop)
                editor.title_opened.emit(goal.title, start, stop)
        elif isinstance(goal, bytes):
            editor.record_opened.emit(goal)
        elif goal is not None and is_opened(goal):
            editor.link_opened.emit(goal.strip())
