"""The rows of a form: a name on the left, what can be changed on the right, what is wrong below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTextEdit, QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.item.fields.button import ValueButton
from app.desktop.item.fields.options import Option
from app.desktop.item.fields.paragraph import Paragraphs
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import Piece
from app.desktop.style import FLAT
from app.desktop.translate import tr
from app.desktop.widgets import Look, Size, Text
from app.domain.names import fold

_LABEL_WIDTH = 112

Save = Callable[[str], str]
"""Keeps what was typed; gives the sentence that says why it cannot be, or an empty text."""


class FormRow(QWidget):
    """A row. ``refresh`` shows what stands in the project now."""

    def __init__(self, look: Look, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.title = title
        self._hint = hint
        self._label = Text(look, title, tone="muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.note = Text(look, hint, size=Size.CAPTION, tone="muted", wrap=True)
        self.note.setContentsMargins(8, 0, 0, 6)
        self.note.setVisible(bool(hint))
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self.body, 1)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        metrics = self.look.theme.metrics
        width = round(_LABEL_WIDTH * metrics.base / 13)
        self._label.setFixedSize(width, metrics.control)
        measure = QFontMetrics(self._label.font())
        self._label.setText(measure.elidedText(self.title, Qt.TextElideMode.ElideRight, width - 8))
        self._label.setToolTip(self.title)

    def put(self, widget: QWidget, focus: QWidget) -> None:
        """The widget that stands in the row, with the note below it."""
        self.body.addWidget(widget)
        self.body.addWidget(self.note)
        self._label.setBuddy(focus)
        self.setFocusProxy(focus)

    def tell(self, sentence: str, tone: str = "danger") -> None:
        """Say what is wrong; empty shows the hint again."""
        self.note.setText(sentence or self._hint)
        self.note.set_tone(tone if sentence else "muted")
        self.note.setVisible(bool(sentence or self._hint))
        focus = self.focusProxy()
        if focus is not None:
            focus.setAccessibleDescription(sentence or self._hint)

    def refresh(self) -> None:
        """Show what stands in the project now, unless the user is typing here."""

    def finish(self) -> None:
        """Keep what was typed: the user leaves."""


class LineRow(FormRow):
    """A line of text. Enter and leaving keep it, Esc restores."""

    def __init__(
        self, look: Look, title: str, read: Callable[[], str], save: Save, *, hint: str = "", holder: str = ""
    ) -> None:
        super().__init__(look, title, hint)
        self._read = read
        self._save = save
        self._wrong = False
        self.line = QLineEdit()
        self.line.setProperty(FLAT, True)
        self.line.setTextMargins(5, 0, 5, 0)
        self.line.setAccessibleName(title)
        self.line.setPlaceholderText(holder or tr("Add"))
        self.line.installEventFilter(self)
        self.line.textEdited.connect(lambda _text: self.tell(""))
        self.put(self.line, self.line)
        self.refresh()

    def refresh(self) -> None:
        if not self._wrong and (not self.line.hasFocus() or not self.line.isModified()):
            text = self._read()
            if text != self.line.text():
                self.line.setText(text)
            self.line.setModified(False)

    def finish(self) -> None:
        if not self.line.isModified():
            return
        sentence = "" if self.line.text() == self._read() else self._save(self.line.text())
        self._wrong = bool(sentence)
        self.tell(sentence)
        if not sentence:
            self.line.setModified(False)
            self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line:
            if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
                self.finish()
            elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self.finish()
                    self.line.selectAll()
                    return True
                if event.key() == Qt.Key.Key_Escape and (self.line.isModified() or self._wrong):
                    self._wrong = False
                    self.line.setModified(False)
                    self.tell("")
                    self.line.setText(self._read())
                    self.line.selectAll()
                    return True
        return super().eventFilter(watched, event)


@dataclass(frozen=True, slots=True)
class Choosing:
    """What is offered, what is chosen, and what keeps a choice. ``clear`` names the choice of nothing."""

    options: Callable[[], Sequence[Option]]
    chosen: Callable[[], Sequence[object]]
    pick: Callable[[object], str]
    several: bool = False
    clear: str = ""


class PickRow(FormRow):
    """A value, or several, chosen from a list."""

    def __init__(
        self,
        look: Look,
        title: str,
        choosing: Choosing,
        *,
        hint: str = "",
        invitation: str = "",
        explains: bool = False,
    ) -> None:
        """``explains``: what the choice means stands below it."""
        super().__init__(look, title, hint)
        self._choosing = choosing
        self._explains = explains
        self.button = ValueButton(look, invitation or tr("Choose"))
        self.button.setAccessibleName(title)
        self.button.asked.connect(self.ask)
        self.button.cleared.connect(self._clear)
        self.picker: Picker | None = None
        self.put(self.button, self.button)
        self.refresh()

    def refresh(self) -> None:
        chosen = self._choosing.chosen()
        found = [each.piece for each in self._choosing.options() if each.value in chosen]
        pieces = [replace(each, detail="") for each in found]
        if self._explains:
            self._hint = " ".join(each.detail for each in found)
            self.tell("")
        self.button.show_pieces(pieces, ", ".join(each.text for each in pieces))

    def ask(self, typed: str = "") -> None:
        """Open the list."""
        picker = Picker(
            self.look,
            self.title,
            self._search,
            lambda value: value in self._choosing.chosen(),
            several=self._choosing.several,
            clear=self._choosing.clear if self._choosing.chosen() else "",
            parent=self,
        )
        picker.picked.connect(self._picked)
        picker.closed.connect(self._closed)
        self.picker = picker
        picker.open(self.button, typed)

    def _search(self, text: str) -> list[Option]:
        words = fold(text).split()
        return [each for each in self._choosing.options() if all(word in each.words for word in words)]

    def _closed(self) -> None:
        self.picker = None
        self.button.setFocus()

    def _picked(self, option: Option) -> None:
        self.tell(self._choosing.pick(option.value))
        self.refresh()

    def _clear(self) -> None:
        if self._choosing.clear and self._choosing.chosen():
            self.tell(self._choosing.pick(None))
            self.refresh()


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said of a text while it is typed: a problem with its place, or what the text gives."""

    problem: str = ""
    span: tuple[int, int] | None = None
    example: str = ""


class CheckedRow(FormRow):
    """A text that is read while it is typed: what is wrong is underlined, else an example stands below it."""

    def __init__(
        self,
        look: Look,
        title: str,
        read: Callable[[], str],
        save: Save,
        check: Callable[[str], Checked],
        *,
        hint: str = "",
        holder: str = "",
    ) -> None:
        super().__init__(look, title, hint)
        self._read = read
        self._save = save
        self._check = check
        self._loading = False
        self._typed = False
        self.text = Paragraphs(look)
        self.text.setAccessibleName(title)
        self.text.setPlaceholderText(holder)
        self.text.textChanged.connect(self._changed)
        self.text.installEventFilter(self)
        self.put(TextFrame(look, self.text, line=True), self.text)
        self.refresh()

    def refresh(self) -> None:
        if self._typed:
            return
        self._load(self._read())
        self._judge()

    def _load(self, text: str) -> None:
        if text != self.text.toPlainText():
            self._loading = True
            self.text.setPlainText(text)
            self._loading = False

    def _changed(self) -> None:
        if not self._loading:
            self._typed = True
            self._judge()

    def _judge(self) -> Checked:
        """Say what is wrong, or what it gives."""
        text = self.text.toPlainText()
        checked = self._check(text) if text.strip() else Checked()
        marks = []
        if checked.problem and checked.span is not None:
            start, stop = checked.span
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.text.document())
            length = self.text.document().characterCount() - 1
            # A problem at the end has no character of its own.
            cursor.setPosition(min(start, max(0, length - 1)))
            cursor.setPosition(min(max(stop, start + 1), length), QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(self.look.theme.color("danger"))
            mark.format = form
            marks.append(mark)
        self.text.setExtraSelections(marks)
        self.marked = [(each.cursor.selectionStart(), each.cursor.selectionEnd()) for each in marks]
        if checked.problem:
            self.tell(checked.problem)
        else:
            self.tell(checked.example, "muted")
        return checked

    def finish(self) -> None:
        if not self._typed:
            return
        text = self.text.toPlainText()
        if self._judge().problem:
            return
        sentence = "" if text == self._read() else self._save(text)
        if sentence:
            self.tell(sentence)
            return
        self._typed = False
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.text:
            if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
                self.finish()
            elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self.finish()
                    return True
                if event.key() == Qt.Key.Key_Escape and self._typed:
                    self._typed = False
                    self.refresh()
                    return True
        return super().eventFilter(watched, event)


class LinesRow(FormRow):
    """Several values, one a line, in their order. Alt with an arrow moves a line."""

    def __init__(
        self, look: Look, title: str, read: Callable[[], Sequence[str]], save: Callable[[list[str]], str]
    ) -> None:
        super().__init__(look, title, tr("One a line. Alt+Up and Alt+Down move a line."))
        self._read = read
        self._save = save
        self._loading = False
        self._typed = False
        self.text = Paragraphs(look)
        self.text.setAccessibleName(title)
        self.text.textChanged.connect(self._changed)
        self.put(TextFrame(look, self.text, line=True), self.text)
        self.text.installEventFilter(self)  # after that of the frame, which leaves Alt and arrows to others
        self.refresh()

    def refresh(self) -> None:
        if not self._typed:
            text = "\n".join(self._read())
            if text != self.text.toPlainText():
                self._loading = True
                self.text.setPlainText(text)
                self._loading = False

    def _changed(self) -> None:
        self._typed = self._typed or not self._loading

    def finish(self) -> None:
        if not self._typed:
            return
        lines = [" ".join(each.split()) for each in self.text.toPlainText().split("\n")]
        wanted = list({fold(each): each for each in lines if each}.values())
        self.tell("" if wanted == list(self._read()) else self._save(wanted))
        self._typed = False
        self.refresh()

    def _move_line(self, step: int) -> None:
        lines = self.text.toPlainText().split("\n")
        cursor = self.text.textCursor()
        at, column = cursor.blockNumber(), cursor.positionInBlock()
        to = at + step
        if not 0 <= to < len(lines):
            return
        lines[at], lines[to] = lines[to], lines[at]
        self.text.setPlainText("\n".join(lines))
        cursor = QTextCursor(self.text.document().findBlockByNumber(to))
        cursor.movePosition(QTextCursor.MoveOperation.Right, n=column)
        self.text.setTextCursor(cursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.text:
            if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
                self.finish()
            elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
                if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                    self._move_line(1 if event.key() == Qt.Key.Key_Down else -1)
                    return True
                if event.key() == Qt.Key.Key_Escape and self._typed:
                    self._typed = False
                    self.refresh()
                    return True
        return super().eventFilter(watched, event)


def option(value: object, text: str, sign: str = "", mark: str = "", detail: str = "") -> Option:
    """Something to choose."""
    return Option(value, Piece(text, sign, mark, detail), fold(f"{text} {detail}"))
