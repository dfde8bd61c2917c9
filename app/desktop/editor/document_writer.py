"""Makes a QTextDocument show what a ``RichIndex`` holds, and the changes to it.

The text ends in a newline that the document does not show: its last block stands for it. A long document is built
from the beginning, a part at a time: what is not built yet is changed in the index alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextOption

from app.desktop.editor.document_reader import OBJECT, line_mark
from app.desktop.editor.formats import Formats
from app.desktop.editor.text_style import MARK, runs_rightward
from app.richtext.delta import Attributes, Delete, Insert, Op
from app.richtext.positions import EMBED, utf16_length
from app.richtext.rich_index import RichIndex
from app.richtext.yjs import byte_length

_LONG_WORD: Final = 2_000
_ENDLESS: Final = re.compile(rf"\S{{{_LONG_WORD}}}")
_REPLACEMENT: Final = "\ufffd"
_SHOWN: Final = str.maketrans(
    {"\r": "\u240d", "\u2029": "\u2424", "\ufdd0": _REPLACEMENT, "\ufdd1": _REPLACEMENT, EMBED: OBJECT}
)
"""Characters that Qt takes for the end of a paragraph or cannot hold, and what stands for each."""


class Shift(NamedTuple):
    """An edit of the document, in UTF-16 units: ``added`` in place of ``removed`` at ``position``."""

    position: int
    removed: int
    added: int


def shown(text: str) -> str:
    """Give the text as the window holds it: the same number of UTF-16 units, each line break a newline."""
    return text.translate(_SHOWN)


class DocumentWriter:
    """Writes into one document. ``built`` code points of the index are in it, up to the end of a line."""

    def __init__(self, document: QTextDocument, index: RichIndex, formats: Formats) -> None:
        self._document = document
        self._index = index
        self._formats = formats
        self._cursor = QTextCursor(document)
        self.built = 0
        self.hidden = False
        """Whether the last newline of what is built is not in the document."""
        self.shifts: list[Shift] = []
        self._unguarded = 0
        self._lines_changed = False
        option = document.defaultTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        self.guard(len(index))

    @property
    def complete(self) -> bool:
        """Whether the document holds the whole text."""
        return self.built == len(self._index)

    @property
    def utf16_length(self) -> int:
        """UTF-16 units of the document, when it is as it should be."""
        return self._index.point_to_utf16(self.built) - self.hidden

    # Words without an end

    def guard(self, inserted: int) -> None:
        """Break lines anywhere where somebody wrote a word of thousands of letters.

        Looking for the place to break takes Qt a time that is quadratic in the length of a word, and a stack that
        ends at some hundred thousand. ``inserted``: how many code points have come.
        """
        self._unguarded += inserted
        if self._unguarded < _LONG_WORD // 2:
            return
        self._unguarded = 0
        if _ENDLESS.search(str(self._index)):
            option = self._document.defaultTextOption()
            option.setWrapMode(QTextOption.WrapMode.WrapAnywhere)
            self._document.setDefaultTextOption(option)

    # Building

    def build(self, most: int) -> None:
        """Put up to ``most`` more code points, and the rest of their last line, into the document."""
        index, cursor = self._index, self._cursor
        start = self.built
        if not len(index):
            cursor.setBlockFormat(self._formats.block(0))
            cursor.setBlockCharFormat(self._formats.char(0, 0))
        if start == len(index):
            return
        stop = min(index.line_end(min(start + most, len(index))) + 1, len(index))
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        first = start == 0
        at = start
        for end, line in self._stretches(start, stop):
            rightward = not line or runs_rightward(index.slice(at, end))
            form, letters = self._formats.block(line, rightward=rightward), self._formats.char(0, line)
            if first:
                cursor.setBlockFormat(form)
                cursor.setBlockCharFormat(letters)
                first = False
            else:
                cursor.insertBlock(form, letters)
            for text, mark in index.runs(at, end):
                cursor.insertText(shown(text), self._formats.char(mark, line))
            at = end + 1
        cursor.endEditBlock()
        self.built = stop
        self.hidden = index.slice(stop - 1, stop) == "\n"

    def _stretches(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The ends of lines with the mark of each; neighbouring lines without one are told as one."""
        index = self._index
        plain = -1
        at = start
        while at < stop:
            end = index.line_end(at)
            line = index.mark_at(end) if end < len(index) else 0
            if line:
                if plain >= 0:
                    yield plain, 0
                    plain = -1
                yield end, line
            else:
                plain = end
            at = end + 1
        if plain >= 0:
            yield plain, 0

    def restyle(self, start: int = 0, stop: int | None = None) -> None:
        """Put the formats anew on the lines between two positions, or on everything: the theme is another."""
        index, cursor = self._index, self._cursor
        last = self.built if stop is None else min(stop, self.built)
        cursor.beginEditBlock()
        at = index.line_start(min(start, self.built))
        while at <= last and (at < self.built or not self.hidden):
            end = index.line_end(at)
            self._restyle_line(at, end)
            at = end + 1
        cursor.endEditBlock()

    # Changes, told in UTF-8 bytes as pycrdt does

    def apply(self, ops: list[Op]) -> None:
        """Make a change in index and document."""
        at = 0
        index = self._index
        self._cursor.beginEditBlock()
        try:
            for op in ops:
                first = index.utf8_to_point(at)
                if isinstance(op, Insert):
                    self._insert(first, op)
                    at += byte_length(op.content)
                elif isinstance(op, Delete):
                    self._delete(first, index.utf8_to_point(at + op.length))
                else:
                    if op.attributes:
                        self._format(first, index.utf8_to_point(at + op.length), op.attributes)
                    at += op.length
            self.hide_end()
        finally:
            self._cursor.endEditBlock()

    def hide_end(self) -> None:
        """Take a last newline that shows out of the document again."""
        if not self.hidden and self.complete and self._ends_in_newline():
            self._edit(self._index.utf16_length - 1, 1, "", 0, 0)
            self.hidden = True
            self.sync_lines(len(self._index) - 1, len(self._index) - 1, anew=True)

    def _ends_in_newline(self) -> bool:
        length = len(self._index)
        return length > 0 and self._index.slice(length - 1, length) == "\n"

    def _insert(self, first: int, op: Insert) -> None:
        index = self._index
        text = op.content if isinstance(op.content, str) else EMBED
        mark = index.mark_of(op)
        signs = chr(mark) * len(text)
        if first >= self.built and not self.complete:
            index.put(first, first, text, signs)
            self.guard(len(text))
            return
        position = index.point_to_utf16(first)
        behind = self.hidden and first == len(index)
        if behind:
            # Behind the newline that was the last: it becomes one that shows.
            self.hidden = False
            self._edit(position - 1, 0, "\n", 0, 0)
        index.put(first, first, text, signs)
        self.guard(len(text))
        self.built += len(text)
        self._edit(position, 0, shown(text), mark, self._line_at(first))
        if behind or "\n" in text:
            self.sync_lines(first, first + len(text), anew=True)

    def _delete(self, first: int, last: int) -> None:
        index = self._index
        if first >= self.built and not self.complete:
            index.put(first, last, "", "")
            return
        while last >= self.built and not self.complete:
            self.build(last - self.built + 1)
        broken = "\n" in index.slice(first, last)
        position = index.point_to_utf16(first)
        removed = index.point_to_utf16(last) - position
        if self.hidden and last == len(index):
            self.hidden = False
            removed -= 1
        index.put(first, last, "", "")
        self.built -= last - first
        self._edit(position, removed, "", 0, 0)
        if broken:
            self.sync_lines(first, first, anew=True)

    def _format(self, first: int, last: int, attributes: Attributes) -> None:
        index = self._index
        if first < self.built:
            while last > self.built and not self.complete:
                self.build(last - self.built)
        old = index.signs(first, last)
        new = index.change_marks(first, last, attributes)
        if old == new or (first >= self.built and not self.complete):
            return
        at = first
        while at < last:
            end = index.line_end(at)
            self._format_letters(at, min(end, last), self._line_at(at))
            at = end + 1
        if "\n" in index.slice(first, last):
            self.sync_lines(first, max(first, last - 1))

    def _format_letters(self, start: int, stop: int, line: int) -> None:
        """Put the formats of the marks between two positions, in one line, on the document."""
        index, cursor = self._index, self._cursor
        position = index.point_to_utf16(start)
        for text, mark in index.runs(start, stop):
            end = position + utf16_length(text)
            cursor.setPosition(position)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(self._formats.char(mark, line))
            position = end

    def _edit(self, position: int, removed: int, text: str, mark: int, line: int) -> None:
        if not removed and not text:
            return
        cursor = self._cursor
        cursor.setPosition(position)
        if removed:
            cursor.setPosition(position + removed, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        if text:
            cursor.insertText(text, self._formats.char(mark, line))
        self.shifts.append(Shift(position, removed, utf16_length(text)))

    # Lines

    def take_line_changes(self) -> bool:
        """Whether lines came, went, or have other formats since this was asked last."""
        changed, self._lines_changed = self._lines_changed, False
        return changed

    def _line_at(self, position: int) -> int:
        """The mark of the line that a position is in."""
        end = self._index.line_end(position)
        return self._index.mark_at(end) if end < len(self._index) else 0

    def sync_lines(self, first: int, last: int, *, anew: bool = False) -> None:
        """Give the lines between two positions the formats of their newlines.

        ``anew``: their characters may come from other lines, and get the formats of theirs.
        """
        index = self._index
        self._lines_changed = True
        at = index.line_start(first)
        while at <= last and (at < self.built or at == 0 or self.complete):
            end = index.line_end(at)
            line = index.mark_at(end) if end < len(index) else 0
            block = self._document.findBlock(index.point_to_utf16(at))
            old = line_mark(block)
            if old != line or (anew and self._formats.special(line)):
                self._restyle_line(at, end)
            elif anew:
                self._calm(block, at, end)
            if end >= len(index):
                break
            at = end + 1

    def _calm(self, block: QTextBlock, start: int, end: int) -> None:
        """Give a plain line its formats again where letters of a larger or fixed font came into it."""
        formats = self._formats
        if block.charFormat() != formats.char(0, 0):
            self._restyle_line(start, end)
            return
        for piece in block.textFormats():
            if piece.format != formats.char(int(piece.format.intProperty(MARK)), 0):
                self._format_letters(start, end, 0)
                return

    def _restyle_line(self, start: int, end: int) -> None:
        cursor, formats = self._cursor, self._formats
        line = self._index.mark_at(end) if end < len(self._index) else 0
        cursor.setPosition(self._index.point_to_utf16(start))
        rightward = not line or runs_rightward(self._index.slice(start, end))
        cursor.setBlockFormat(formats.block(line, rightward=rightward))
        cursor.setBlockCharFormat(formats.char(0, line))
        self._format_letters(start, end, line)
