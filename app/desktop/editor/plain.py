"""A plain text that others may be editing at the same time. It grows with its content."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QTextEdit, QWidget

from app.desktop.editor.binding import Shift, TextBinding
from app.desktop.editor.cursors import moved_selection
from app.desktop.widgets import Look

_LONG = 20_000
"""Characters from which a text scrolls by itself instead of growing: laying all of it out takes time."""
_LONG_LINES = 40
_LINE_HEIGHT = 145
"""Distance of the lines, in percent of the font's own."""


class PlainTextEditor(QTextEdit):
    """Edits a bound text. Cursor and selection stay in their place while others write around them."""

    left = Signal()
    """The focus has gone elsewhere."""
    line_moved = Signal(int)
    """Others' edits moved the line that the user writes in by so many pixels."""
    files_dropped = Signal(object)
    """Emits the QMimeData of files or an image that were pasted or dropped here."""

    def __init__(self, look: Look, name: str, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._binding: TextBinding | None = None
        self._selection = (0, 0)
        self._line_top = 0
        self._top = QTextCursor(self.document())
        self._top_offset = 0
        self._least_lines = 3
        self.setAccessibleName(name)
        self.setPlaceholderText(invitation)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        self.setFont(theme.font())
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.color("surface"))
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        self.setPalette(palette)
        self._fit()

    def set_least_lines(self, lines: int) -> None:
        """Say how many lines the empty text takes."""
        self._least_lines = lines
        self._fit()

    # The text

    def bind(self, state: bytes, client: int, send: Callable[[bytes], None]) -> None:
        """Edit another text: its Yjs ``state``; ``send`` is given each update that is made here."""
        self.release()
        binding = TextBinding(self.document(), state, client, send, parent=self)
        binding.showing.connect(self._remember_selection)
        binding.shown_edits.connect(self._restore_selection)
        self._binding = binding
        self._space_lines()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _space_lines(self) -> None:
        """Set the lines apart; what is inserted later takes it over from its neighbours."""
        form = QTextBlockFormat()
        form.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(form)

    def receive(self, state: bytes) -> None:
        """Bring what others wrote."""
        if self._binding is not None:
            self._binding.receive(state)

    def release(self) -> None:
        """Let go of the text, which stays on the screen until another is bound."""
        if self._binding is not None:
            self._binding.close()
            self._binding.deleteLater()
            self._binding = None

    @property
    def binding(self) -> TextBinding | None:
        """The binding of the text that is open."""
        return self._binding

    def _remember_selection(self) -> None:
        cursor = self.textCursor()
        self._selection = cursor.anchor(), cursor.position()
        self._line_top = self.cursorRect().top()
        # This cursor moves with the text around it, and so tells where the first line on the screen is.
        self._top = self.cursorForPosition(QPoint(0, 0))
        self._top_offset = self.cursorRect(self._top).top()

    def _restore_selection(self, shifts: list[Shift], by_undo: bool) -> None:
        cursor = self.textCursor()
        if by_undo and shifts:
            last = shifts[-1]
            anchor = position = last.position + last.added
        else:
            anchor, position = moved_selection(*self._selection, shifts)
        if (cursor.anchor(), cursor.position()) != (anchor, position):
            cursor.setPosition(anchor)
            cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        if by_undo:
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(self._top).top() - self._top_offset)
        moved = self.cursorRect().top() - self._line_top
        if moved and self.hasFocus() and not bar.maximum():
            self.line_moved.emit(moved)

    # Size

    def _fit(self) -> None:
        """Be as high as the text, up to a length from which it scrolls by itself."""
        line = QFontMetricsF(self.font()).lineSpacing() * _LINE_HEIGHT / 100
        if self.document().characterCount() > _LONG:
            height = math.ceil(_LONG_LINES * line)
        else:
            height = math.ceil(max(self.document().size().height(), self._least_lines * line))
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(300, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # Keys, input methods, the clipboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        binding = self._binding
        if event.matches(QKeySequence.StandardKey.Undo) and binding is not None:
            binding.undo()
        elif event.matches(QKeySequence.StandardKey.Redo) and binding is not None:
            binding.redo()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            # Shift+Enter too: a line that is no paragraph is nothing that a plain text knows.
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(
                QKeySequence.StandardKey.Redo
            )
            if undo:
                event.accept()
                return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        binding = self._binding
        if binding is not None and event.preeditString():
            binding.hold()
        super().inputMethodEvent(event)
        if binding is not None and not event.preeditString():
            binding.release()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._binding is not None:
            self._binding.release()
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures are the item's, not the text's; text comes in with plain line breaks."""
        if source.hasUrls() or (source.hasImage() and not source.hasText()):
            self.files_dropped.emit(source)
            return
        text = source.text().replace("\r\n", "\n").replace("\r", "\n")
        self.textCursor().insertText(text.replace("\u2028", "\n").replace("\0", ""))
        self.ensureCursorVisible()

    def make_menu(self) -> QMenu:
        """The usual menu; undo and redo in it are the binding's."""
        menu = self.createStandardContextMenu()
        binding = self._binding
        for action in menu.actions():
            if action.objectName() == "edit-undo" and binding is not None:
                action.setEnabled(binding.can_undo())
                action.triggered.connect(binding.undo)
            elif action.objectName() == "edit-redo" and binding is not None:
                action.setEnabled(binding.can_redo())
                action.triggered.connect(binding.redo)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
