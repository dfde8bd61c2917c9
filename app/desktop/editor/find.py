"""Find and replace in a text: a bar at the upper right of it, and marks at all finds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from app.desktop.editor.editing import Editing, show_around, widget_of
from app.desktop.editor.marks import FINDS, TextMarks
from app.desktop.floating import SHADOW, FloatingPanel
from app.desktop.translate import number_text, tr
from app.desktop.widgets import Button, IconButton, Look, Size, Text
from app.richtext.context import Edit, Range
from app.richtext.finding import find_all, replaced

_WIDTH: Final = 440
_MOST_MARKED: Final = 200
"""So many finds around the one that is selected are marked: more are not on one screen."""
_LONG: Final = 400_000
_PAUSE_MS: Final = 120
"""In a text longer than so many code points typing rests so long before it is searched."""
_LONGEST_WORDS: Final = 200


class FindBar(FloatingPanel):
    """Stays while one writes in the text; Esc closes it."""

    def __init__(self, look: Look, editor: Editing, marks: TextMarks, window: QWidget) -> None:
        widget = widget_of(editor)
        super().__init__(look, tr("Find in the text"), window, widget)
        self._editor = editor
        self._marks = marks
        self._widget = widget
        self._found: list[Range] = []
        self._selecting = False
        self._from = 0
        """Where the cursor stood when the bar was opened: what is typed is looked for from there on."""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.search)
        self.line = self._make_line(tr("Find"))
        self.line.textChanged.connect(self._typed)
        self.count = Text(look, size=Size.CAPTION, tone="muted", parent=self)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.count.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.case = IconButton(look, "text-aa", tr("Match upper and lower case"), parent=self)
        self.case.setCheckable(True)
        self.case.toggled.connect(self._case_changed)
        self.before = IconButton(look, "caret-up", tr("Previous find"), key="Shift+F3", parent=self)
        self.after = IconButton(look, "caret-down", tr("Next find"), key="F3", parent=self)
        self.shut = IconButton(look, "x", tr("Close"), key="Esc", parent=self)
        self.before.clicked.connect(lambda: self.go(-1))
        self.after.clicked.connect(lambda: self.go(1))
        self.shut.clicked.connect(self.leave)
        self.words = self._make_line(tr("Replace with"))
        self.one = Button(look, tr("Replace"), parent=self)
        self.every = Button(look, tr("Replace all"), parent=self)
        self.one.clicked.connect(self.replace_one)
        self.every.clicked.connect(self.replace_all)
        self._second = QWidget(self)
        gap = look.theme.metrics.gap_small
        first, second = QHBoxLayout(), QHBoxLayout(self._second)
        for row in (first, second):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(gap)
        first.addWidget(self.line, 1)
        for each in (self.count, self.case, self.before, self.after, self.shut):
            first.addWidget(each)
        second.addWidget(self.words, 1)
        second.addWidget(self.one)
        second.addWidget(self.every)
        self.column.addLayout(first)
        self.column.addWidget(self._second)
        self._second.hide()
        editor.edited.connect(self._edited)
        self.closed.connect(self._unmark)
        look.theme.changed.connect(self._mark)

    def _make_line(self, name: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(name)
        line.setAccessibleName(name)
        line.setMaxLength(_LONGEST_WORDS)
        line.setTextMargins(6, 0, 6, 0)
        line.installEventFilter(self)
        return line

    # Opening and closing

    def start(self, *, replace: bool = False) -> None:
        """Open it, with the selected words if some are selected in one line."""
        start, stop = self._editor.selection()
        selected = self._editor.text_between(start, min(stop, start + _LONGEST_WORDS))
        if selected and "\n" not in selected and stop - start <= _LONGEST_WORDS:
            self.line.setText(selected)
        self._from = start
        self._second.setVisible(replace and not self._editor.isReadOnly())
        self.column.activate()
        self._place()
        self.search()
        into = self.words if replace and self.line.text() and not self._editor.isReadOnly() else self.line
        into.setFocus(Qt.FocusReason.PopupFocusReason)
        into.selectAll()

    def _place(self) -> None:
        window = self.parentWidget()
        assert window is not None, "what floats was made over a window"
        viewport = self._editor.viewport()
        shown = viewport.visibleRegion().boundingRect()
        shown.moveTopLeft(viewport.mapTo(window, shown.topLeft()))
        width = min(_WIDTH, window.width() - 16)
        height = self.sizeHint().height() - 2 * SHADOW
        left = max(8, min(shown.right() - width, window.width() - width - 8))
        # Above the text where there is room, so that its first lines can be read.
        top = shown.top() - height - 8
        if top < 8:
            top = min(shown.top() + 8, window.height() - height - 8)
        self.open_at(QRect(left, max(8, top), width, height))

    def window_resized(self) -> None:
        """Stay at the upper right of the text."""
        self._place()

    def leave(self) -> None:
        """Close it and go on in the text: the find where one is gets selected."""
        current = self._current()
        chosen = self._found[current] if current >= 0 else None
        self.close_panel()
        if chosen is not None:
            self._editor.set_selection(*chosen)
        self._widget.setFocus(Qt.FocusReason.PopupFocusReason)

    def _unmark(self) -> None:
        self._pause.stop()
        self._found = []
        self._marks.show(FINDS, ())

    # Searching

    def _typed(self) -> None:
        if not self.is_open:
            return
        if self._editor.length() > _LONG:
            self._pause.start()
        else:
            self.search()

    def _case_changed(self, on: bool) -> None:
        self.case.set_active(on)
        self.search()

    def _edited(self) -> None:
        if self.is_open and not self._selecting:
            self._find()
            self._mark()

    def search(self) -> None:
        """Find what is in the line, from the cursor on, and select the first find."""
        self._pause.stop()
        self._find()
        self._select(bisect_left(self._found, (self._from, 0)))

    def _find(self) -> None:
        text = self._editor.text_between(0, self._editor.length())
        self._found = find_all(text, self.line.text(), case=self.case.isChecked())

    @property
    def finds(self) -> list[Range]:
        """Where the words stand."""
        return self._found

    def go(self, by: int) -> None:
        """Go to the next find, or the one before; from an end to the other. Without words, ask for them."""
        if not self.line.text():
            self.start()
            return
        if not self.is_open:
            self._find()
        if not self._found:
            self._mark()
            return
        start, stop = self._editor.selection()
        current = self._current()
        if current >= 0:
            self._select(current + by)
        elif by > 0:
            self._select(bisect_left(self._found, (stop, 0)))
        else:
            self._select(bisect_left(self._found, (start, 0)) - 1)

    def _current(self) -> int:
        """The find that is selected, or at whose end the cursor stands; -1 where none is."""
        start, stop = self._editor.selection()
        place = bisect_right(self._found, stop, key=lambda each: each[1]) - 1
        if place < 0 or self._found[place][1] != stop:
            return -1
        return place if start in (stop, self._found[place][0]) else -1

    def _select(self, place: int) -> None:
        if self._found:
            start, stop = self._found[place % len(self._found)]
            # A selection would lie over the mark: it is made when the bar is left.
            first = stop if self.is_open and not self._widget.hasFocus() else start
            self._selecting = True
            self._editor.set_selection(first, stop)
            self._selecting = False
            show_around(self._editor, start)
        self._mark()

    # What is shown

    def _mark(self) -> None:
        if not self.is_open:
            return
        current = self._current()
        theme = self._look.theme
        form, chosen = QTextCharFormat(), QTextCharFormat()
        ground = QColor(theme.color("warning"))
        ground.setAlphaF(0.28)
        form.setBackground(ground)
        chosen.setBackground(theme.color("accent"))
        chosen.setForeground(theme.color("on_accent"))
        around = max(0, (current if current >= 0 else 0) - _MOST_MARKED // 2)
        self._marks.show(
            FINDS,
            [
                (each, chosen if around + count == current else form)
                for count, each in enumerate(self._found[around : around + _MOST_MARKED])
            ],
        )
        self._tell(current)

    def _tell(self, current: int) -> None:
        total = len(self._found)
        if not self.line.text():
            words = ""
        elif not total:
            words = tr("Nothing found")
        elif current < 0:
            words = number_text(total)
        else:
            words = tr("{place} of {total}").format(place=number_text(current + 1), total=number_text(total))
        self.count.setText(words)
        self.count.set_tone("danger" if self.line.text() and not total else "muted")
        self.count.setFixedWidth(self.count.sizeHint().width() + 8 if words else 0)
        self.line.setAccessibleDescription(words)
        for each in (self.before, self.after, self.one, self.every):
            if not total and each.hasFocus():
                # A button that is disabled gives the focus away, to something outside of the bar.
                self.line.setFocus()
            each.setEnabled(bool(total))

    # Replacing

    def replace_one(self) -> None:
        """Replace the find that is selected and go to the next one; where none is, go to the next."""
        current = self._current()
        if current < 0 or self._editor.isReadOnly():
            self.go(1)
            return
        self._change(replaced(self._editor, [self._found[current]], self.words.text()))
        self._find()
        _, stop = self._editor.selection()
        self._select(bisect_left(self._found, (stop, 0)))

    def replace_all(self) -> None:
        """Replace every find, as one step of undo."""
        if self._found and not self._editor.isReadOnly():
            self._change(replaced(self._editor, self._found, self.words.text()))
            self._find()
            self._mark()

    def _change(self, edit: Edit) -> None:
        self._selecting = True
        self._editor.change(edit.change, edit.select)
        self._selecting = False

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched in (self.line, self.words) and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyPress:
                return self._key(watched is self.words, event)
            if event.type() is QEvent.Type.ShortcutOverride and _is_own(event):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def _key(self, replacing: bool, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key is Qt.Key.Key_Escape:
            self.leave()
        elif key is Qt.Key.Key_F3:
            self.go(-1 if back else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if replacing and control:
                self.replace_all()
            elif replacing:
                self.replace_one()
            else:
                self.go(-1 if back else 1)
        elif control and key in (Qt.Key.Key_F, Qt.Key.Key_H):
            self.start(replace=key is Qt.Key.Key_H)
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


def _is_own(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_F3 or (control and event.key() in (Qt.Key.Key_F, Qt.Key.Key_H))
