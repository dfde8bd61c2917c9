"""A rich text that others may be editing at the same time: what keys, pointer, clipboard and menu do to it.

What its keys do to lines is in ``app.richtext.editing``, and its tools (menus, tool bar, completion, spelling) stand
beside it on the part that ``editing.Editing`` names. Positions are code points.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.editor.canvas import TextCanvas
from app.desktop.editor.clipboard import mime_data, pasted
from app.desktop.editor.editing import make_edit, run_rule, show_around
from app.desktop.editor.pointer import Pointer
from app.desktop.editor.text_style import OBJECT_TYPE
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.richtext.delta import Insert
from app.richtext.editing import backspace, delete_forward, delete_range, enter, insert_document
from app.richtext.formats import LINK
from app.richtext.typing_rules import converted

_LONG = 20_000
"""Characters from which a text scrolls by itself instead of growing: laying all of it out takes time."""
_LONG_LINES = 40
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class RichTextEditor(TextCanvas):
    """Edits a bound text."""

    left = Signal()
    """The focus has gone elsewhere."""
    files_dropped = Signal(object)
    """Emits the QMimeData of files or an image that were pasted or dropped here."""
    link_opened = Signal(str)
    """Emits the address of a link that the user wants to follow; only schemes that may be opened."""
    record_opened = Signal(bytes)
    """Emits the id of the note, issue or person that the user wants to see."""
    title_opened = Signal(str, int, int)
    """Emits a title in double brackets that was pressed and leads nowhere yet, with its place."""
    menu_shown = Signal(object, int)
    """A QMenu is about to open for a position: tools add to it."""

    def __init__(self, look: Look, name: str, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(look, name, invitation, parent)
        self._pointer = Pointer(self)
        self.setTabChangesFocus(True)
        self.setAcceptRichText(False)
        self.viewport().setMouseTracking(True)
        self.cursorPositionChanged.connect(self._cursor_moved)
        self._follow = QTimer(self, singleShot=True, interval=0)
        self._follow.timeout.connect(self._show_cursor)
        self.edited.connect(self._follow.start)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._binding is None or not self._took_key(event):
            self._type(event)
        self._follow.start()

    def _took_key(self, event: QKeyEvent) -> bool:
        """Do what a key means in a rich text; whether it means anything."""
        binding, keys, key = self._bound, QKeySequence.StandardKey, event.key()
        plain = not event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        if event.matches(keys.Undo):
            binding.undo()
        elif event.matches(keys.Redo):
            binding.redo()
        elif event.matches(keys.Copy):
            self.copy_selection()
        elif event.matches(keys.Cut):
            self.cut_selection()
        elif event.matches(keys.Paste):
            self.paste()
        elif self.isReadOnly():
            return False
        elif key == Qt.Key.Key_V and event.modifiers() == _CTRL | _SHIFT:
            self.paste_plain()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            # Shift+Enter too: a line that is no paragraph is nothing that a text knows.
            run_rule(self, enter)
            self._convert("\n")
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self.textCursor().hasSelection():
            run_rule(self, delete_range)
        elif key == Qt.Key.Key_Backspace and plain:
            return run_rule(self, lambda context, start, _: backspace(context, start))
        elif key == Qt.Key.Key_Delete and plain:
            return run_rule(self, lambda context, start, _: delete_forward(context, start))
        else:
            return False
        self.ensureCursorVisible()
        return True

    def _type(self, event: QKeyEvent) -> None:
        typed = event.text()
        types = bool(typed) and typed.isprintable() and not event.modifiers() & _CTRL
        if types and self._binding is not None:
            self._make_room()
        super().keyPressEvent(event)
        if types and self._binding is not None and not self.isReadOnly():
            self._convert(typed)

    def _make_room(self) -> None:
        """Take out a selection of several lines before something is typed over it."""
        start, stop = self.selection()
        if start < stop and not self.isReadOnly() and self.line_span(start)[1] <= stop:
            run_rule(self, delete_range)
            # What is typed now is the same step of undo.
            self._bound.join()

    def _convert(self, typed: str) -> None:
        """Make a format of Markdown that has just been typed; undo gives the signs back."""
        edit = converted(self, self.selection()[1], typed)
        if edit is not None:
            make_edit(self, edit)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if any(event.matches(each) for each in (keys.Undo, keys.Redo, keys.Cut, keys.Copy, keys.Paste)):
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._pointer.hint(event)
            return True
        return super().viewportEvent(event)

    def _cursor_moved(self) -> None:
        """What is typed behind a link or an object is not part of it."""
        binding = self._binding
        if binding is not None and binding.is_true and not self.textCursor().hasSelection():
            format_ = self.currentCharFormat()
            position = binding.to_point(self.textCursor().position())
            attributes = binding.attributes_of(format_)
            if LINK in attributes and binding.attributes_at(position).get(LINK) != attributes[LINK]:
                attributes = {name: value for name, value in attributes.items() if name != LINK}
                self.setCurrentCharFormat(binding.letter_format(attributes, position))
            elif format_.objectType() == OBJECT_TYPE:
                self.setCurrentCharFormat(binding.letter_format(attributes, position))
        self.selection_changed.emit()

    def _show_cursor(self) -> None:
        """Keep the line that one writes in on the screen: the text grows, and what it lies in has to scroll."""
        if self._binding is not None and self.hasFocus() and not self.verticalScrollBar().maximum():
            show_around(self, self._bound.to_point(self.textCursor().position()))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        binding = self._binding
        if binding is not None and event.preeditString():
            binding.hold()
        if binding is not None and event.commitString():
            self._make_room()
        super().inputMethodEvent(event)
        if binding is not None and not event.preeditString():
            binding.release()
            if event.commitString():
                self._convert(event.commitString())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._binding is not None:
            self._binding.release()
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._pointer.pressed(event):
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._pointer.released(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._pointer.moved(event)

    # The clipboard

    def copy_selection(self) -> None:
        """Copy as rich text, Markdown and plain text."""
        start, stop = self.selection()
        if start < stop:
            QGuiApplication.clipboard().setMimeData(
                mime_data(self._copied(start, stop), self._objects.surroundings)
            )

    def _copied(self, start: int, stop: int) -> list[Insert]:
        """A selection as a document: a line of which only a part is selected has no format."""
        pieces = self.slice(start, stop)
        if stop == self.line_span(stop)[1] - 1 and start == self.line_span(start)[0]:
            pieces = self.slice(start, stop + 1)
        return pieces

    def cut_selection(self) -> None:
        """Copy, and take it out."""
        self.copy_selection()
        run_rule(self, delete_range)

    def createMimeDataFromSelection(self) -> QMimeData:
        start, stop = self.selection() if self._binding is not None else (0, 0)
        return mime_data(self.slice(start, stop) if start < stop else [], self._objects.surroundings)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or source.hasText() or source.hasHtml()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures are the item's; text comes in with the formats that a text knows."""
        if (source.hasUrls() and not source.hasHtml()) or (source.hasImage() and not source.hasText()):
            self.files_dropped.emit(source)
        elif self._binding is not None and not self.isReadOnly():
            self._put_in(pasted(source))

    def paste_plain(self) -> None:
        """Paste the words alone."""
        if self._binding is not None and not self.isReadOnly():
            self._put_in(pasted(QGuiApplication.clipboard().mimeData(), plain=True))

    def _put_in(self, document: list[Insert]) -> None:
        if document:
            run_rule(self, lambda context, start, stop: insert_document(context, start, stop, document))
            self.ensureCursorVisible()

    def insert_embed(self, embed: Any) -> None:
        """Put an object in place of the selection."""
        self._put_in([Insert(embed)])

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)
        if not self.isReadOnly() and self.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Drop by an edit of the text: Qt's own would change the document in parts that no rule has seen."""
        source = event.mimeData()
        if self._binding is None or self.isReadOnly():
            event.ignore()
            return
        at = self.position_at(event.position().toPoint())
        start, stop = self.selection()
        within = event.source() in (self, self.viewport())
        if source.hasUrls() and not source.hasHtml():
            self.files_dropped.emit(source)
        elif within and start <= at <= stop:
            event.ignore()
            return
        else:
            document = pasted(source)
            if within and event.dropAction() == Qt.DropAction.MoveAction:
                run_rule(self, delete_range)
                at -= stop - start if at >= stop else 0
            self.set_selection(at, at)
            self._put_in(document)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    # The menu

    def make_menu(self) -> QMenu:
        """What can be done with the selection."""
        menu = QMenu(self)
        binding = self._binding
        chosen, writable = self.textCursor().hasSelection(), not self.isReadOnly()
        keys = QKeySequence.StandardKey
        for name, title, key, enabled, act in (
            ("edit-undo", tr("Undo"), keys.Undo, binding is not None and binding.can_undo(), self.undo_own),
            ("edit-redo", tr("Redo"), keys.Redo, binding is not None and binding.can_redo(), self.redo_own),
            ("", "", keys.UnknownKey, False, None),
            ("edit-cut", tr("Cut"), keys.Cut, chosen and writable, self.cut_selection),
            ("edit-copy", tr("Copy"), keys.Copy, chosen, self.copy_selection),
            ("edit-paste", tr("Paste"), keys.Paste, writable and self.canPaste(), self.paste),
            ("select-all", tr("Select all"), keys.SelectAll, True, self.selectAll),
        ):
            if act is None:
                menu.addSeparator()
                continue
            action = menu.addAction(title, act)
            action.setObjectName(name)
            action.setShortcut(QKeySequence(key))
            action.setEnabled(enabled)
        return menu

    def undo_own(self) -> None:
        """Take back one's own last edit of this text."""
        if self._binding is not None:
            self._binding.undo()

    def redo_own(self) -> None:
        """Make again what was taken back."""
        if self._binding is not None:
            self._binding.redo()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._binding is not None:
            self.menu_shown.emit(menu, self.position_at(event.pos()))
        menu.popup(event.globalPos())
