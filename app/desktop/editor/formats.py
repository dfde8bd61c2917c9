"""The formats of one document: those of its marks, made when they are first needed."""

from __future__ import annotations

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat

from app.desktop.editor.text_style import TextStyle
from app.richtext.rich_index import Marks


class Formats:
    """Qt's formats for marks. A character's depends on the mark of its line too, where that is a header or code."""

    def __init__(self, style: TextStyle, marks: Marks) -> None:
        self.style = style
        self.marks = marks
        self._chars: dict[tuple[int, int], QTextCharFormat] = {}
        self._blocks: dict[tuple[int, bool], QTextBlockFormat] = {}
        self._special: dict[int, bool] = {}

    def forget(self) -> None:
        """The theme is another: make all formats anew."""
        self._chars.clear()
        self._blocks.clear()

    def special(self, line: int) -> bool:
        """Whether characters look otherwise in a line of this mark than in plain text."""
        found = self._special.get(line)
        if found is None:
            found = self._special[line] = self.style.depends_on_line(self.marks.attributes(line))
        return found

    def char(self, mark: int, line: int) -> QTextCharFormat:
        """The format of characters with a mark in a line with another."""
        key = (mark, line if self.special(line) else 0)
        found = self._chars.get(key)
        if found is None:
            marks = self.marks
            found = self.style.char(marks.attributes(mark), marks.attributes(key[1]), mark, marks.embed(mark))
            self._chars[key] = found
        return found

    def block(self, line: int, *, rightward: bool = True) -> QTextBlockFormat:
        """The format of a line."""
        key = line, rightward
        found = self._blocks.get(key)
        if found is None:
            attributes = self.marks.attributes(line)
            found = self._blocks[key] = self.style.block(attributes, line, rightward=rightward)
        return found
