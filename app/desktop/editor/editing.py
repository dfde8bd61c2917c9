"""What the tools on top of a rich text editor ask of it. Positions are code points in the whole text.

The tools stand beside the editor and look at its keys through event filters, so that it knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, SignalInstance
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QScrollArea, QWidget

from app.richtext.context import Context, Edit, Range
from app.richtext.delta import Attributes, Delta
from app.richtext.formats import INLINE
from app.richtext.lines import Line

_ROOM = 24
"""Pixels that stay free above and below the line that one writes in."""


class Editing(Context, Protocol):
    """A rich text that is being edited: ``RichTextEditor``, as its tools see it."""

    @property
    def edited(self) -> SignalInstance:
        """Emitted after the user changed the text."""
        ...

    @property
    def selection_changed(self) -> SignalInstance:
        """Emitted after cursor or selection have another place."""
        ...

    @property
    def menu_shown(self) -> SignalInstance:
        """Emits a QMenu that is about to open, and the position that it opens for."""
        ...

    @property
    def binding(self) -> object | None:
        """What holds the text; None while none is open, and nothing else may be asked then."""
        ...

    @property
    def link_opened(self) -> SignalInstance:
        """Emits the address that the user wants to see."""
        ...

    def selection(self) -> Range:
        """Give both ends of the selection, the lower first; they are the same where only a cursor stands."""
        ...

    def set_selection(self, start: int, stop: int) -> None:
        """Select from one place to another; the cursor stands at the second."""
        ...

    def text_between(self, start: int, stop: int) -> str:
        """Give the text between two positions, U+FFFC in place of each embedded object."""
        ...

    def line(self, position: int) -> Line:
        """Give the line of a position."""
        ...

    def close_last_line(self) -> None:
        """Give the text its last newline where it has none."""
        ...

    def change(self, change: Delta, select: Range | None = None) -> None:
        """Edit the text, as one step of undo."""
        ...

    def formats(self) -> Attributes:
        """Give the formats at the selection: those of the letters, and those of the line."""
        ...

    def set_typing(self, formats: Attributes) -> None:
        """Give inline formats to what is typed next; null ones are taken away."""
        ...

    def cursor_rect(self, position: int) -> QRect:
        """Say where a cursor at a position stands, in the viewport."""
        ...

    def position_at(self, point: QPoint) -> int:
        """Give the position nearest to a point of the viewport."""
        ...

    def cursor_over(self, start: int, stop: int) -> QTextCursor:
        """Give a cursor of Qt's that selects a range."""
        ...

    def viewport(self) -> QWidget:
        """Give the widget in which the text is painted."""
        ...

    def isReadOnly(self) -> bool:
        """Say whether the text may only be read."""
        ...


def widget_of(editor: Editing) -> QWidget:
    """The editor as a widget: the one that has the focus and gets the keys."""
    widget = editor.viewport().parentWidget()
    assert widget is not None, "an editor holds its viewport"
    return widget


Rule = Callable[[Context, int, int], Edit | None]
"""A rule of editing: what becomes of a text with this selection."""


def run_rule(editor: Editing, rule: Rule) -> bool:
    """Do what a rule says with the selection; False where it says nothing."""
    edit = None if editor.isReadOnly() or editor.binding is None else rule(editor, *editor.selection())
    if edit is None:
        return False
    make_edit(editor, edit)
    return True


def make_edit(editor: Editing, edit: Edit) -> None:
    """Do what a rule said."""
    if edit.change:
        editor.change(edit.change, edit.select)
    if edit.typing is not None:
        editor.set_typing({**dict.fromkeys(INLINE), **edit.typing})


def visible_range(editor: Editing) -> Range:
    """Give the part of the text that is on the screen."""
    shown = editor.viewport().visibleRegion().boundingRect()
    if shown.isEmpty():
        return 0, 0
    first = editor.line_span(editor.position_at(shown.topLeft()))[0]
    return first, editor.line_span(editor.position_at(shown.bottomRight()))[1]


def show_around(editor: Editing, position: int) -> None:
    """Scroll what the editor lies in until a place can be seen; its own scrolling follows the cursor."""
    viewport = editor.viewport()
    at = editor.cursor_rect(position)
    around = viewport.parentWidget()
    while around is not None:
        inner = around.widget() if isinstance(around, QScrollArea) else None
        if isinstance(around, QScrollArea) and inner is not None:
            place = viewport.mapTo(inner, at.center())
            around.ensureVisible(place.x(), place.y(), 0, at.height() + _ROOM)
        around = around.parentWidget()
