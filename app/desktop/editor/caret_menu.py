"""A list at the cursor that follows what is typed: base of the slash menu and of completion.

The text keeps the focus; the list takes only the keys that choose. Nothing that was typed is lost: Esc, and words
that fit nothing, close the list and leave them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.desktop.editor.editing import Editing, widget_of
from app.desktop.entries import Entry, EntryList, entry_height
from app.desktop.floating import FloatingPanel
from app.desktop.widgets import Look
from app.richtext.formats import CODE, CODE_BLOCK

_WIDTH = 320
_MOST_SHOWN = 10
_PAGE = 8
_REACH = 60
"""So many code points before the cursor may belong to what is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands before the cursor: the sign, what was typed behind it, and where the sign begins."""

    sign: str
    text: str
    start: int


class CaretPopup(FloatingPanel):
    """The list, below the line of the cursor or above it."""

    def __init__(self, look: Look, name: str, window: QWidget, friend: QWidget) -> None:
        super().__init__(look, name, window, friend)
        self.list = EntryList(look, name, self)
        self.column.addWidget(self.list)

    def offer(self, entries: Sequence[Entry], caret: QRect, *, select: int | None = 0) -> None:
        """Show entries beside a place, given in the window's coordinates."""
        self.list.show_entries(entries, select=select)
        window = self.parentWidget()
        assert window is not None, "what floats was made over a window"
        # Typing may have gone on below what can be seen.
        caret.moveBottom(min(caret.bottom(), window.height() - 8))
        width = min(_WIDTH, window.width() - 16)
        most = sum(entry_height(self._look, entry) for entry in entries[:_MOST_SHOWN])
        wanted = min(self.list.height_of_all(), most) + 12
        below = window.height() - 8 - caret.bottom() - 4
        above = caret.top() - 12
        left = max(8, min(caret.left() - 12, window.width() - width - 8))
        if below >= min(wanted, 160) or below >= above:
            self.open_at(QRect(left, caret.bottom() + 4, width, min(wanted, max(below, 80))))
        else:
            height = min(wanted, above)
            self.open_at(QRect(left, caret.top() - 4 - height, width, height))


class CaretMenu(QObject):
    """Opens by a sign that is typed. Subclasses say which, what is offered, and what taking it does."""

    closed = Signal()

    def __init__(self, look: Look, editor: Editing, name: str) -> None:
        widget = widget_of(editor)
        super().__init__(widget)
        self._look = look
        self._name = name
        self.editor = editor
        self._widget = widget
        self._popup: CaretPopup | None = None
        self._typing = False
        self._dismissed: int | None = None
        """Where the sign stands whose list was closed: it does not open again by itself."""
        widget.installEventFilter(self)
        editor.edited.connect(self._edited)
        editor.selection_changed.connect(self._moved)

    # For subclasses

    def asked(self, before: str, start: int) -> Asked | None:
        """Say what the text before the cursor, which begins at ``start``, asks for."""
        raise NotImplementedError

    def entries(self, asked: Asked) -> Sequence[Entry]:
        """What is offered; nothing closes the list."""
        raise NotImplementedError

    def finish(self, asked: Asked, stop: int) -> bool:
        """Do what the last key completed, if it did; whether it did."""
        return False

    def take(self, entry: Entry, asked: Asked, stop: int) -> None:
        """Put what was chosen in place of what stands from the sign to ``stop``."""
        raise NotImplementedError

    # Following

    @property
    def popup(self) -> CaretPopup | None:
        """The list, while it is open."""
        return self._popup if self._popup is not None and self._popup.is_open else None

    def _edited(self) -> None:
        typing, self._typing = self._typing, False
        if typing or self.popup is not None:
            self._follow(may_open=typing)

    def _moved(self) -> None:
        if self.popup is not None and not self._typing:
            self._follow(may_open=False)

    def _now(self) -> tuple[Asked, int] | None:
        """What is asked for where the cursor stands."""
        if self.editor.binding is None or self.editor.isReadOnly():
            return None
        start, stop = self.editor.selection()
        if start != stop:
            return None
        given = self.editor.formats()
        if given.get(CODE_BLOCK) or given.get(CODE):
            return None
        first = max(self.editor.line_span(stop)[0], stop - _REACH)
        found = self.asked(self.editor.text_between(first, stop), first)
        return None if found is None else (found, stop)

    def _follow(self, *, may_open: bool) -> None:
        now = self._now()
        if now is None:
            self._dismissed = None
            self.close()
            return
        asked, _ = now
        if self.popup is None and (not may_open or self._dismissed == asked.start):
            return
        if may_open and self.finish(*now):
            self.close()
            return
        entries = self.entries(asked)
        if not entries:
            self.close()
            return
        self._offer(entries, asked)

    def _offer(self, entries: Sequence[Entry], asked: Asked) -> None:
        if self._popup is None:
            self._popup = CaretPopup(self._look, self._name, self._widget.window(), self._widget)
            self._popup.list.taken.connect(self._take)
            self._popup.closed.connect(self.closed)
            self.destroyed.connect(self._popup.deleteLater)
        viewport = self.editor.viewport()
        place = self.editor.cursor_rect(asked.start)
        place.moveTopLeft(viewport.mapTo(self._widget.window(), place.topLeft()))
        self._popup.offer(entries, place)
        self._tell()

    def refresh(self) -> None:
        """Offer anew: there may be more now."""
        if self.popup is not None:
            self._follow(may_open=False)

    def close(self) -> None:
        """Close the list; what was typed stays."""
        if self._popup is not None:
            self._popup.close_panel()

    def _take(self, entry: Entry) -> None:
        now = self._now()
        self.close()
        if now is not None:
            self.take(entry, *now)

    def _tell(self) -> None:
        """Say what is selected: the focus stays in the text, so a screen reader would not know."""
        current = self._popup.list.current if self._popup is not None else None
        if current is not None and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._widget, current.spoken))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if self.popup is not None and self._key(event):
                return True
            self._typing = _types(event)
        elif kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self.popup is not None and _chooses(event):
                event.accept()
                return True
        elif kind is QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._typing = bool(event.commitString())
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """Do what a key of the list says; False where it is typed."""
        popup = self._popup
        if popup is None or not _chooses(event):
            return False
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _PAGE,
            Qt.Key.Key_PageUp: -_PAGE,
        }
        if key in steps:
            popup.list.step(steps[key])
            self._tell()
            return True
        if key is Qt.Key.Key_Escape:
            now = self._now()
            self._dismissed = None if now is None else now[0].start
            self.close()
            return True
        return popup.list.take()


_CHOOSING = frozenset(
    {
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Tab,
    }
)


def _chooses(event: QKeyEvent) -> bool:
    bare = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    return bare and Qt.Key(event.key()) in _CHOOSING


def _types(event: QKeyEvent) -> bool:
    """Whether a key puts a sign in or takes one out."""
    text = event.text()
    return event.key() == Qt.Key.Key_Backspace or (text != "" and text.isprintable())
