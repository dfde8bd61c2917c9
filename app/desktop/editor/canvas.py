"""A bound text on the screen: laid out, painted, as high as its content, with the places of cursor and selection kept.

What keys, pointer and clipboard do to it is in ``rich``. Positions are code points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from app.desktop.editor.binding import Shift, TextBinding
from app.desktop.editor.carets import Caret, Carets
from app.desktop.editor.cursors import moved_selection
from app.desktop.editor.decorations import Decorations
from app.desktop.editor.objects import TextObjects
from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import LINE_HEIGHT, OBJECT_TYPE, TextStyle
from app.desktop.widgets import Look
from app.richtext.delta import PLAIN, Attributes, Delta, Insert, merged
from app.richtext.finding import OBJECT
from app.richtext.lines import Line, split_lines
from app.richtext.positions import EMBED

_LONG = 20_000
"""Characters from which a text scrolls by itself instead of growing: laying all of it out takes time."""
_LONG_LINES = 40
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TextCanvas(QTextEdit):
    """Edits a bound text. Cursor and selection stay in their place while others write around them."""

    line_moved = Signal(int)
    """Others' edits moved the line that the user writes in by so many pixels."""
    edited = Signal()
    """The user changed the text."""
    selection_changed = Signal()
    """Cursor or selection have another place."""

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
        self.carets = Carets(look.theme, self)
        self._objects = TextObjects(look.theme, self.document(), self._room, None)
        self.document().documentLayout().registerHandler(OBJECT_TYPE, self._objects)
        self.setAccessibleName(name)
        self.setPlaceholderText(invitation)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
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

    def close_last_line(self) -> None:
        """Give the text its last newline where it has none, before a rule looks at it."""
        if self._binding is not None:
            self._binding.close_last_line()

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
        letters, lines = binding.attributes_between(start, stop)
        if start == stop:
            letters = [binding.attributes_of(self.currentCharFormat())]
        return {**_common(lines), **_common(letters or [PLAIN])}

    def text_between(self, start: int, stop: int) -> str:
        """The text between two positions; U+FFFC in place of each embedded object."""
        return self._bound.text_between(start, stop).replace(EMBED, OBJECT)

    def set_typing(self, formats: Attributes) -> None:
        """Give inline formats to what is typed next; null ones are taken away."""
        binding = self._bound
        attributes = merged(binding.attributes_of(self.currentCharFormat()), formats)
        self.setCurrentCharFormat(binding.letter_format(attributes, self.selection()[0]))
        self.selection_changed.emit()

    def show_carets(self, carets: list[Caret]) -> None:
        """Show where others write in the same text."""
        self.carets.show(carets)

    def place_of(self, point: QPoint) -> QPointF:
        """A place in the document, from a point of the viewport."""
        return QPointF(point) + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def box_at(self, point: QPoint) -> QTextBlock | None:
        """The line whose box to tick is at a point of the viewport."""
        return None if self._decorations is None else self._decorations.box_at(self.place_of(point))

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


def _common(many: list[Attributes]) -> dict[str, Any]:
    """The attributes that all have."""
    first, *rest = many
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in rest)}
