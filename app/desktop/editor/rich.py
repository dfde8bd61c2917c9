"""A rich text that others may be editing at the same time. It grows with its content.

The editor shows and edits; what its keys do to lines is in ``app.richtext.editing``, and its tools (menus, tool bar,
completion, spelling) stand beside it on the part that ``editing.Editing`` names. Positions are code points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QTextEdit, QWidget

from app.desktop.editor.binding import Shift, TextBinding
from app.desktop.editor.carets import Caret, Carets
from app.desktop.editor.clipboard import mime_data, pasted
from app.desktop.editor.cursors import moved_selection
from app.desktop.editor.decorations import Decorations, UnlinkedTitle, unlinked_titles
from app.desktop.editor.editing import make_edit, run_rule
from app.desktop.editor.hints import hint_of, show_hint, title_hint
from app.desktop.editor.objects import TextObjects
from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import LINE_HEIGHT, OBJECT_TYPE, TextStyle
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.richtext.delta import PLAIN, Attributes, Delta, Insert, merged
from app.richtext.editing import backspace, delete_forward, delete_range, enter, insert_document
from app.richtext.formats import LINK, is_opened, record_of
from app.richtext.formatting import toggle_checked
from app.richtext.lines import Line, split_lines
from app.richtext.typing_rules import converted

_LONG = 20_000
"""Characters from which a text scrolls by itself instead of growing: laying all of it out takes time."""
_LONG_LINES = 40
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class RichTextEditor(QTextEdit):
    """Edits a bound text. Cursor and selection stay in their place while others write around them."""

    left = Signal()
    """The focus has gone elsewhere."""
    line_moved = Signal(int)
    """Others' edits moved the line that the user writes in by so many pixels."""
    files_dropped = Signal(object)
    """Emits the QMimeData of files or an image that were pasted or dropped here."""
    link_opened = Signal(str)
    """Emits the address of a link that the user wants to follow; only schemes that may be opened."""
    record_opened = Signal(bytes)
    """Emits the id of the note, issue or person that the user wants to see."""
    title_opened = Signal(str, int, int)
    """Emits a title in double brackets that was pressed and leads nowhere yet, with its place."""
    edited = Signal()
    """The user changed the text."""
    selection_changed = Signal()
    """Cursor or selection have another place."""
    menu_shown = Signal(object, int)
    """A QMenu is about to open for a position: tools add to it."""

    def __init__(self, look: Look, name: str, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.style_of_text = TextStyle(look.theme, self)
        self._binding: TextBinding | None = None
        self._decorations: Decorations | None = None
        self._selection = (0, 0)
        self._line_top = 0
        self._top = QTextCursor(self.document())
        self._top_offset = 0
        self._least_lines = 3
        self._lines = (0, 0, 0)
        self._pressed: QPoint | None = None
        self.carets = Carets(look.theme, self)
        self._objects = TextObjects(look.theme, self.document(), self._room, None)
        self.document().documentLayout().registerHandler(OBJECT_TYPE, self._objects)
        self.setAccessibleName(name)
        self.setPlaceholderText(invitation)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.viewport().setMouseTracking(True)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.cursorPositionChanged.connect(self._cursor_moved)
        self.selectionChanged.connect(self.selection_changed)
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

    def set_surroundings(self, surroundings: Surroundings | None) -> None:
        """Say who knows the names and pictures of what the text points to."""
        self._objects.surroundings = surroundings
        self.names_changed()

    def names_changed(self) -> None:
        """Something that a text points to is called otherwise now, or a picture has been read."""
        if self._binding is not None and self._binding.has_objects():
            self.document().markContentsDirty(0, self.document().characterCount())

    # The text

    def bind(self, state: bytes, client: int, send: Callable[[bytes], None]) -> None:
        """Edit another text: its Yjs ``state``; ``send`` is given each update that is made here."""
        self.release()
        self.carets.clear()
        binding = TextBinding(
            self.document(),
            state,
            client,
            send,
            self.style_of_text,
            before_building=self._make_height,
            parent=self,
        )
        binding.showing.connect(self._remember_selection)
        binding.shown_edits.connect(self._restore_selection)
        binding.edited.connect(self.edited)
        binding.lines_changed.connect(self._lines_changed)
        binding.built.connect(self._fit)
        self._binding = binding
        self._decorations = Decorations(self.style_of_text, self.document(), binding.marks.attributes)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._fit()

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
            self._decorations = None

    @property
    def binding(self) -> TextBinding | None:
        """The binding of the text that is open."""
        return self._binding

    @property
    def _bound(self) -> TextBinding:
        assert self._binding is not None, "a text is open"
        return self._binding

    def _lines_changed(self) -> None:
        """Signs and numbers beside other lines may be others now; what is typed in a line Qt paints by itself."""
        if self._decorations is not None:
            self._decorations.forget()
            self.viewport().update()

    def _remember_selection(self) -> None:
        cursor = self.textCursor()
        self._selection = cursor.anchor(), cursor.position()
        self._line_top = self.cursorRect().top()
        # This cursor moves with the text around it, and so tells where the first line on the screen is.
        self._top = self.cursorForPosition(QPoint(0, 0))
        self._top_offset = self.cursorRect(self._top).top()

    def _restore_selection(self, shifts: list[Shift], by_undo: bool) -> None:
        self.carets.move(shifts)
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

    # For tools, and rules of editing

    def length(self) -> int:
        """Code points of the text, its last newline included."""
        return self._bound.length

    def slice(self, start: int, stop: int) -> list[Insert]:
        """The part of the text between two positions."""
        return self._bound.slice(start, stop)

    def line_span(self, position: int) -> tuple[int, int]:
        """Where the line of a position begins, and where the next one does."""
        return self._bound.line_span(position)

    def line(self, position: int) -> Line:
        """The line of a position."""
        lines = split_lines(self.slice(*self.line_span(position)))
        return lines[0] if lines else Line(())

    def selection(self) -> tuple[int, int]:
        """Both ends of the selection, the lower first."""
        cursor = self.textCursor()
        binding = self._bound
        return binding.to_point(cursor.selectionStart()), binding.to_point(cursor.selectionEnd())

    def set_selection(self, start: int, stop: int) -> None:
        """Select from one place to another; the cursor stands at the second."""
        self.setTextCursor(self.cursor_over(start, stop))
        self.ensureCursorVisible()

    def cursor_over(self, start: int, stop: int) -> QTextCursor:
        """A cursor of Qt's that selects a range."""
        binding = self._bound
        for place in (start, stop):
            if not binding.complete and binding.to_utf16(place) >= self.document().characterCount() - 1:
                binding.finish_building()
        cursor = QTextCursor(self.document())
        cursor.setPosition(binding.to_utf16(start))
        cursor.setPosition(binding.to_utf16(stop), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def cursor_rect(self, position: int) -> QRect:
        """Where a cursor at a position stands, in the viewport."""
        return self.cursorRect(self.cursor_over(position, position))

    def position_at(self, point: QPoint) -> int:
        """The position nearest to a point of the viewport."""
        return self._bound.to_point(self.cursorForPosition(point).position())

    def change(self, change: Delta, select: tuple[int, int] | None = None) -> None:
        """Edit the text, as one step of undo."""
        if self._binding is None:
            return
        self._binding.change(change)
        if select is not None:
            self.set_selection(*select)

    def formats(self) -> Attributes:
        """The formats that the whole selection has, or what is typed next: those of letters, and of lines."""
        start, stop = self.selection()
        binding = self._bound
        if start == stop:
            letters: list[Attributes] = [binding.attributes_of(self.currentCharFormat())]
        else:
            letters = [p.attributes for p in self.slice(start, stop) if p.content != "\n"] or [PLAIN]
        lines = []
        at = start
        while at <= stop:
            lines.append(binding.line_attributes(at))
            at = self.line_span(at)[1]
            if at >= self.length():
                break
        return {**_common(lines), **_common(letters)}

    def set_typing(self, formats: Attributes) -> None:
        """Give inline formats to what is typed next; null ones are taken away."""
        binding = self._bound
        attributes = merged(binding.attributes_of(self.currentCharFormat()), formats)
        self.setCurrentCharFormat(binding.letter_format(attributes, self.selection()[0]))
        self.selection_changed.emit()

    def show_carets(self, carets: list[Caret]) -> None:
        """Show where others write in the same text."""
        self.carets.show(carets)

    # Size

    def _room(self) -> float:
        return float(self.document().textWidth())

    def _make_height(self, length: int) -> None:
        """Take the height of a long text before it is laid out: afterwards it would be laid out again."""
        long = length > _LONG
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn if long else policy.ScrollBarAsNeeded)
        if long:
            line = QFontMetricsF(self.font()).lineSpacing() * LINE_HEIGHT / 100
            self.setFixedHeight(math.ceil(_LONG_LINES * line))

    def _fit(self) -> None:
        """Be as high as the text, up to a length from which it scrolls by itself."""
        line = QFontMetricsF(self.font()).lineSpacing() * LINE_HEIGHT / 100
        length = self.document().characterCount() if self._binding is None else self._binding.length
        if length > _LONG:
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

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        offset = QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        painter = QPainter(self.viewport())
        if self._decorations is not None:
            painter.translate(-offset)
            self._decorations.paint(painter, QRectF(event.rect()).translated(offset))
        painter.end()
        super().paintEvent(event)
        self.carets.paint(event.rect())

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._binding is None or not self._took_key(event):
            self._type(event)

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
            show_hint(self, self._hint(self._goal(event.pos())), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _cursor_moved(self) -> None:
        """What is typed behind a link or an object is not part of it."""
        binding = self._binding
        if binding is not None and not self.textCursor().hasSelection():
            format_ = self.currentCharFormat()
            position = binding.to_point(self.textCursor().position())
            attributes = binding.attributes_of(format_)
            if LINK in attributes and binding.attributes_at(position).get(LINK) != attributes[LINK]:
                attributes = {name: value for name, value in attributes.items() if name != LINK}
                self.setCurrentCharFormat(binding.letter_format(attributes, position))
            elif format_.objectType() == OBJECT_TYPE:
                self.setCurrentCharFormat(binding.letter_format(attributes, position))
        self.selection_changed.emit()

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

    def _place(self, point: QPoint) -> QPointF:
        return QPointF(point) + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _goal(self, point: QPoint) -> Any:
        """What the text at a point of the viewport leads to: an address, a record's id, a title of nothing, or None."""
        binding = self._binding
        position = self.document().documentLayout().hitTest(self._place(point), Qt.HitTestAccuracy.ExactHit)
        if binding is None or position < 0:
            return None
        at = binding.to_point(position)
        for piece in self.slice(at, min(at + 1, binding.length)):
            if not isinstance(piece.content, str):
                found = record_of(piece.content)
                return None if found is None else found[1]
            link = piece.attributes.get(LINK)
            if isinstance(link, str) and piece.content != "\n":
                return link
        block = self.document().findBlock(position)
        inside = position - block.position()
        return next(
            (each for each in unlinked_titles(block.text()) if each.start <= inside < each.stop), None
        )

    def _hint(self, goal: Any) -> str:
        editable = not self.isReadOnly()
        if isinstance(goal, UnlinkedTitle):
            return title_hint(goal.title, editable=editable)
        return hint_of(goal, editable=editable) if isinstance(goal, str) else ""

    def _open_title(self, title: UnlinkedTitle, at: QPoint) -> None:
        block = self.document().findBlock(self.cursorForPosition(at).position()).position()
        binding = self._bound
        start, stop = binding.to_point(block + title.start), binding.to_point(block + title.stop)
        self.title_opened.emit(title.title, start, stop)

    def open_goal(self, goal: str | bytes | UnlinkedTitle | None, at: QPoint) -> None:
        """Follow a link that is at a point of the viewport."""
        if isinstance(goal, UnlinkedTitle):
            if not self.isReadOnly():
                self._open_title(goal, at)
        elif isinstance(goal, bytes):
            self.record_opened.emit(goal)
        elif goal is not None and is_opened(goal):
            self.link_opened.emit(goal.strip())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton and self._decorations is not None:
            block = self._decorations.box_at(self._place(event.position().toPoint()))
            if block is not None and not self.isReadOnly():
                at = self._bound.to_point(block.position())
                make_edit(self, toggle_checked(self, at, at))
                return
            self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or self.textCursor().hasSelection():
            return
        goal = self._goal(pressed)
        asked = self.isReadOnly() or bool(event.modifiers() & _CTRL) or isinstance(goal, bytes)
        if goal is not None and asked and goal == self._goal(event.position().toPoint()):
            self.open_goal(goal, pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons():
            return
        point = event.position().toPoint()
        box = self._decorations is not None and self._decorations.box_at(self._place(point)) is not None
        goal = self._goal(point)
        leads = isinstance(goal, bytes) or (
            goal is not None and (self.isReadOnly() or bool(event.modifiers() & _CTRL))
        )
        hand = leads or (box and not self.isReadOnly())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor)

    # The clipboard

    def copy_selection(self) -> None:
        """Copy as rich text, Markdown and plain text."""
        from PySide6.QtGui import QGuiApplication

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
        from PySide6.QtGui import QGuiApplication

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


def _common(many: list[Attributes]) -> dict[str, Any]:
    """The attributes that all have."""
    first, *rest = many
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in rest)}
