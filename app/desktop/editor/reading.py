"""A text to read: as high as its words, painted, with links that are reached by pointer and keys.

One of these costs a laid-out document and no editor, so that a hundred comments can stand below each other. Nothing
in a text is loaded or run: a link goes out as a signal, after a press, and only where ``is_opened`` lets it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.desktop.editor.clipboard import mime_data
from app.desktop.editor.decorations import Decorations, x_at
from app.desktop.editor.document_writer import DocumentWriter
from app.desktop.editor.formats import Formats
from app.desktop.editor.hints import hint_of
from app.desktop.editor.objects import TextObjects
from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import OBJECT_TYPE, TextStyle
from app.desktop.widgets import Look
from app.richtext.delta import Attributes, Document, Insert, plain_text, sliced
from app.richtext.formats import LINK, is_opened, record_of
from app.richtext.positions import utf16_length
from app.richtext.rich_index import RichIndex


@dataclass(frozen=True, slots=True)
class Goal:
    """A stretch of the text, in UTF-16 units, that leads to an address or to a record."""

    start: int
    stop: int
    address: str = ""
    record: bytes | None = None


def goals_of(document: Document) -> Iterator[Goal]:
    """Where a text leads: its links, and the records that it names."""
    at = 0
    open_link: Goal | None = None
    for content, attributes in document:
        length = utf16_length(content) if isinstance(content, str) else 1
        link = attributes.get(LINK)
        if open_link is not None and link != open_link.address:
            yield open_link
            open_link = None
        if isinstance(link, str) and is_opened(link):
            start = at if open_link is None else open_link.start
            open_link = Goal(start, at + length, link)
        elif not isinstance(content, str):
            found = record_of(content)
            if found is not None:
                yield Goal(at, at + length, record=found[1])
        at += length
    if open_link is not None:
        yield open_link


class ReadingView(QWidget):
    """Shows a document. Tab goes through its links, Enter opens one; what is selected is copied."""

    link_opened = Signal(str)
    """Emits the address of a link that was pressed."""
    record_opened = Signal(bytes)
    """Emits the id of the record that a pressed link leads to."""

    def __init__(
        self,
        look: Look,
        name: str,
        style: TextStyle | None = None,
        surroundings: Surroundings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``style`` is shared by views that stand below each other; ``surroundings`` know what is pointed to."""
        super().__init__(parent)
        self._look = look
        self._style = style or TextStyle(look.theme, self)
        self._document: Document = ()
        self._goals: list[Goal] = []
        self._current: int | None = None
        """The link that the keys stand on."""
        self._pressed: int | None = None
        self._text = QTextDocument(self)
        self._text.setDocumentMargin(0)
        self._text.setUndoRedoEnabled(False)
        self._objects = TextObjects(look.theme, self._text, lambda: self._text.textWidth(), surroundings)
        self._text.documentLayout().registerHandler(OBJECT_TYPE, self._objects)
        self._decorations: Decorations | None = None
        self._selection = QTextCursor(self._text)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self._style.changed.connect(self._restyle)

    # The text

    @property
    def document(self) -> Document:
        """What is shown."""
        return self._document

    def set_surroundings(self, surroundings: Surroundings | None) -> None:
        """Say who knows the names and pictures of what the text points to."""
        self._objects.surroundings = surroundings
        self.names_changed()

    def names_changed(self) -> None:
        """Something that the text points to is called otherwise now, or a picture has been read."""
        if any(not isinstance(content, str) for content, _ in self._document):
            self._restyle()

    def show_document(self, document: Document) -> None:
        """Show a text."""
        if list(document) == list(self._document):
            return
        self._document = document
        self._goals = list(goals_of(document))
        self._current = self._pressed = None
        self.setAccessibleDescription(plain_text(document).strip())
        self._restyle()

    def _restyle(self) -> None:
        self._text.setDefaultFont(self._look.theme.font())
        self._decorations = Decorations(
            self._style, self._text, fill(self._text, self._document, self._style)
        )
        self._selection = QTextCursor(self._text)
        self._fit()
        self.update()

    def _fit(self) -> None:
        """Be as high as the text is at this width."""
        if self.width() <= 0:
            return
        if self._text.textWidth() != self.width():
            self._text.setTextWidth(self.width())
        height = max(1, math.ceil(self._text.size().height()))
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    # The selection

    def selection(self) -> tuple[int, int]:
        """What is selected, in code points."""
        text = plain_text(self._document, "\ufffc").encode("utf-16-le", "surrogatepass")
        start, stop = self._selection.selectionStart(), self._selection.selectionEnd()
        first = len(text[: 2 * start].decode("utf-16-le", "surrogatepass"))
        return first, first + len(text[2 * start : 2 * stop].decode("utf-16-le", "surrogatepass"))

    def selected(self) -> list[Insert]:
        """The selected part of the text; empty for none."""
        return sliced(self._document, *self.selection())

    def select_all(self) -> None:
        """Select the whole text."""
        self._selection.select(QTextCursor.SelectionType.Document)
        self.update()

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        part = self.selected()
        if part:
            QGuiApplication.clipboard().setMimeData(mime_data(part, self._objects.surroundings))

    def _clear_selection(self) -> None:
        if self._selection.hasSelection():
            self._selection.clearSelection()
            self.update()

    # Links

    @property
    def goals(self) -> list[Goal]:
        """Where the text leads, in its order."""
        return self._goals

    def goal_rect(self, at: int) -> QRectF:
        """Where the first line of a link stands."""
        return next(iter(self._rects(self._goals[at])), QRectF())

    def _rects(self, goal: Goal) -> list[QRectF]:
        """The places of a stretch of the text, line by line."""
        found = []
        block = self._text.findBlock(goal.start)
        while block.isValid() and block.position() < goal.stop:
            first, last = goal.start - block.position(), goal.stop - block.position()
            lines = block.layout()
            for number in range(lines.lineCount()):
                line = lines.lineAt(number)
                start, stop = line.textStart(), line.textStart() + line.textLength()
                if first < stop and last > start:
                    left, right = x_at(line, max(first, start)), x_at(line, min(last, stop))
                    rect = QRectF(min(left, right), line.y(), abs(right - left), line.height())
                    found.append(rect.translated(lines.position()))
            block = block.next()
        return found

    def _goal_at(self, place: QPointF) -> int | None:
        for at, goal in enumerate(self._goals):
            if any(rect.contains(place) for rect in self._rects(goal)):
                return at
        return None

    def _open(self, at: int) -> None:
        goal = self._goals[at]
        if goal.record is not None:
            self.record_opened.emit(goal.record)
        else:
            self.link_opened.emit(goal.address)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        context.palette = palette
        context.clip = QRectF(event.rect())
        if self._selection.hasSelection():
            chosen = QAbstractTextDocumentLayout.Selection()
            chosen.cursor = self._selection
            form = QTextCharFormat()
            form.setBackground(palette.color(QPalette.ColorRole.Highlight))
            chosen.format = form
            context.selections = [chosen]
        painter.setClipRect(event.rect())
        if self._decorations is not None:
            painter.save()
            self._decorations.paint(painter, QRectF(event.rect()))
            painter.restore()
        self._text.documentLayout().draw(painter, context)
        if self._current is not None and self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for rect in self._rects(self._goals[self._current]):
                painter.drawRoundedRect(rect.adjusted(-1, 0, 1, 0), 3, 3)

    # Hands

    def _position(self, place: QPointF) -> int:
        return self._text.documentLayout().hitTest(place, Qt.HitTestAccuracy.FuzzyHit)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._pressed = self._goal_at(event.position())
        mode = QTextCursor.MoveMode
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._selection.setPosition(
            self._position(event.position()), mode.KeepAnchor if shift else mode.MoveAnchor
        )
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._selection.setPosition(self._position(event.position()))
            self._selection.select(QTextCursor.SelectionType.WordUnderCursor)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._selection.setPosition(self._position(event.position()), QTextCursor.MoveMode.KeepAnchor)
            self.update()
            return
        over = self._goal_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._selection.hasSelection():
            return
        if self._goal_at(event.position()) == pressed:
            self._open(pressed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy) and self._selection.hasSelection():
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self._open(self._current)
        elif key == Qt.Key.Key_Escape and self._selection.hasSelection():
            self._clear_selection()
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from link to link, and then on."""
        at = self._current
        if at is None:
            following = 0 if forward else -1
        else:
            following = at + 1 if forward else at - 1
        if 0 <= following < len(self._goals):
            self._stand(following)
            return True
        self._stand(None)
        return super().focusNextPrevChild(forward)

    def _stand(self, at: int | None) -> None:
        self._current = at
        self.update()
        if at is not None:
            self.setToolTip("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is Qt.FocusReason.BacktabFocusReason and self._goals:
            self._stand(len(self._goals) - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._stand(None)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._clear_selection()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_hint(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _show_hint(self, place: QPoint, at: QPoint) -> None:
        """Where a link leads, before it is pressed."""
        goal = self._goal_at(QPointF(place))
        address = "" if goal is None else self._goals[goal].address
        if address:
            QToolTip.showText(at, f"<p>{escape(hint_of(address, editable=False))}</p>", self)
        else:
            QToolTip.hideText()


def fill(text: QTextDocument, document: Document, style: TextStyle) -> Callable[[int], Attributes]:
    """Set a document to a text; gives what tells the attributes of its marks."""
    text.clear()
    index = RichIndex(document)
    DocumentWriter(text, index, Formats(style, index.marks)).build(len(index))
    return index.marks.attributes
