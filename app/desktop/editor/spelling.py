"""Underlines words that are in no dictionary, in the lines that are on the screen, and offers others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QTextCharFormat
from PySide6.QtWidgets import QMenu
from shiboken6 import Shiboken

from app.desktop.editor.dictionary import Speller, words_in
from app.desktop.editor.editing import Editing, visible_range, widget_of
from app.desktop.editor.marks import SPELLING, TextMarks
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.richtext.context import Range, Writer, is_code
from app.richtext.lines import split_lines

_PAUSE_MS: Final = 400
_MOST_READ: Final = 20_000
"""So many code points are looked at: more are not on one screen."""


class Spelling(QObject):
    """The underlines of one editor. The word that is being typed has none."""

    def __init__(self, look: Look, editor: Editing, marks: TextMarks, speller: Speller) -> None:
        super().__init__(widget_of(editor))
        self._look = look
        self._editor = editor
        self._marks = marks
        self._speller = speller
        self._wrong: list[tuple[Range, str]] = []
        self._seen: tuple[int, int, int] | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.check)
        editor.edited.connect(self._pause.start)
        editor.selection_changed.connect(self._moved)
        speller.checked.connect(self.check)
        look.theme.changed.connect(self._show)
        editor.viewport().installEventFilter(self)

    @property
    def wrong(self) -> list[tuple[Range, str]]:
        """The underlined words, with their places."""
        return self._wrong

    def _moved(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._editor.binding is not None:
            # Scrolled, resized, or in another place of what it lies in: other lines are seen now.
            shown = self._editor.viewport().visibleRegion().boundingRect()
            seen = (self._editor.cursor_rect(0).top(), shown.top(), shown.bottom())
            if seen != self._seen:
                self._seen = seen
                self._pause.start()
        return False

    def check(self) -> None:
        """Look at the words on the screen."""
        if self._editor.binding is None or self._editor.isReadOnly():
            self._wrong = []
            self._show()
            return
        start, stop = visible_range(self._editor)
        stop = min(stop, start + _MOST_READ)
        cursor = self._editor.selection()[1]
        focused = widget_of(self._editor).hasFocus()
        unknown: set[str] = set()
        self._wrong = []
        at = start
        for line in split_lines(self._editor.slice(start, stop)):
            if not is_code(line.attributes):
                for (first, last), word in words_in(line.pieces):
                    wrong = self._speller.is_wrong(word)
                    if wrong is None:
                        unknown.add(word)
                    elif wrong and not (focused and at + last == cursor):
                        self._wrong.append(((at + first, at + last), word))
            at += line.length
        self._speller.ask(unknown)
        self._show()

    def _show(self) -> None:
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(self._look.theme.color("danger"))
        self._marks.show(SPELLING, [(place, form) for place, _ in self._wrong])

    # The menu

    def fill_menu(self, menu: QMenu, position: int) -> None:
        """Offer other words, at the top of a menu, for the one at a position."""
        self.check()
        found = next((each for each in self._wrong if each[0][0] <= position <= each[0][1]), None)
        if found is None:
            return
        place, word = found
        first = menu.actions()[0] if menu.actions() else None
        waiting = QAction(tr("Looking for words …"), menu)
        waiting.setEnabled(False)
        add = QAction(tr("Add “{word}” to the dictionary").format(word=word), menu)
        add.triggered.connect(partial(self._speller.add, word))
        ignore = QAction(tr("Ignore"), menu)
        ignore.triggered.connect(partial(self._speller.ignore, word))
        line = QAction(menu)
        line.setSeparator(True)
        for action in (waiting, add, ignore, line):
            if first is None:
                menu.addAction(action)
            else:
                menu.insertAction(first, action)
        self._speller.suggest(word, self._offering(menu, waiting, place, word))

    def _offering(
        self, menu: QMenu, waiting: QAction, place: Range, word: str
    ) -> Callable[[list[str]], None]:
        """Put words into the menu when they have been found, if it is still there."""

        def offer(words: list[str]) -> None:
            if not Shiboken.isValid(menu):
                return
            for each in words:
                action = QAction(each, menu)
                action.triggered.connect(partial(self._replace, place, word, each))
                menu.insertAction(waiting, action)
            if words:
                menu.removeAction(waiting)
            else:
                waiting.setText(tr("No other word found"))

        return offer

    def _replace(self, place: Range, word: str, other: str) -> None:
        """Put another word in place of one, if it is still there."""
        start, stop = place
        if self._editor.binding is None or stop > self._editor.length():
            return
        pieces = self._editor.slice(start, stop)
        if "".join(each.content for each in pieces if isinstance(each.content, str)) != word:
            return
        writer = Writer()
        writer.insert(start, other, pieces[0].attributes)
        writer.delete(start, stop)
        end = start + len(other)
        self._editor.change(writer.done(), (end, end))
