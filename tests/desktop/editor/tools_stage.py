"""An editor in a window with all its tools, and what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pycrdt import Doc, Text
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.editor.completion import Offer
from app.desktop.editor.dictionary import Speller
from app.desktop.editor.rich import RichTextEditor
from app.desktop.editor.tools import EditorTools
from app.desktop.entries import Entry
from app.desktop.widgets import Look
from app.richtext.delta import Insert
from app.richtext.yjs import apply_change
from tests.app.richtext.texts import document

DIARY, CRACK, PRIYA, NEW = (bytes([number]) * 16 for number in range(1, 5))


class Found(QObject):
    """Knows a note, an issue and a person."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.offers = {
            "[[": [Offer(DIARY, "Site diary"), Offer(CRACK, "Crack in slab", right="#123")],
            "#": [Offer(CRACK, "Crack in slab", right="#123")],
            "@": [Offer(PRIYA, "Priya Kaur", "Kaur Structures", sign="avatar")],
        }
        self.made: list[str] = []

    def find(self, sign: str, text: str) -> list[Offer]:
        words = text.casefold()
        return [each for each in self.offers[sign] if words in f"{each.title} {each.right}".casefold()]

    def create_note(self, title: str) -> bytes | None:
        self.made.append(title)
        return NEW


class Words:
    """A dictionary of a few words."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    def check(self, word: str) -> bool:
        self.asked.append(word)
        return word.casefold() in self.known

    def suggest(self, word: str) -> list[str]:
        return [each for each in self.known if each[:1] == word[:1].casefold()]


@dataclass
class Settings:
    """What the profile remembers."""

    kept: dict[str, object] = field(default_factory=dict)

    def setting(self, name: str, default: object) -> object:
        return self.kept.get(name, default)

    def set_setting(self, name: str, value: object) -> None:
        self.kept[name] = value


class Bench(QWidget):
    """The window. ``text`` is in the notation of ``tests.app.richtext.texts``."""

    def __init__(self, qtbot: QtBot, look: Look, text: str, words: Words | None = None) -> None:
        super().__init__()
        qtbot.addWidget(self)
        self.qtbot = qtbot
        self.resize(720, 520)
        self.finder = Found()
        self.settings = Settings()
        self.words = words
        self.speller = Speller(self.settings, lambda: words, parent=self)
        self.editor = RichTextEditor(look, "Text", "Write")
        area = QScrollArea(self)
        inner = QWidget()
        room = QVBoxLayout(inner)
        room.setContentsMargins(40, 60, 40, 200)
        room.addWidget(self.editor)
        room.addStretch(1)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.tools = EditorTools(look, self.editor, self.finder, self.speller)
        yjs: Doc[Text] = Doc()
        with yjs.transaction():
            apply_change(yjs.get("content", type=Text), document(text))
        self.editor.bind(yjs.get_update(), 77, lambda _update: None)
        with qtbot.waitExposed(self):
            self.show()
        self.activateWindow()
        self.editor.setFocus()
        qtbot.waitUntil(self.editor.hasFocus)
        self.stand(self.editor.length() - 1)

    def stand(self, start: int, stop: int | None = None) -> None:
        """Put the cursor somewhere, or select."""
        self.editor.set_selection(start, start if stop is None else stop)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        QTest.keyClicks(self.focus, text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in whatever has the focus."""
        QTest.keyClick(self.focus, key, modifiers)

    @property
    def focus(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    @property
    def document(self) -> list[Insert]:
        return self.editor.slice(0, self.editor.length())

    def says(self, notation: str) -> bool:
        """Whether the text is this, in the notation."""
        return self.document == document(notation)

    @property
    def offered(self) -> list[str]:
        """What the open list at the cursor offers."""
        return [each.text for each in self._entries()]

    def _entries(self) -> Sequence[Entry]:
        for menu in (self.tools.slash, self.tools.completion):
            if menu is not None and menu.popup is not None:
                return menu.popup.list.entries
        return []

    def drag(self, start: int, stop: int) -> None:
        """Select with the mouse."""
        viewport = self.editor.viewport()
        first, last = (self.editor.cursor_rect(each).center() for each in (start, stop))
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
        QTest.mouseMove(viewport, last - QPoint(1, 0))
        QTest.mouseMove(viewport, last)
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, last)
