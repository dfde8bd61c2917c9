"""The page of all shortcuts, made from the list of commands, with a search."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.desktop.commands import Command, key_text
from app.desktop.editor.commands import text_keys
from app.desktop.entries import Entry
from app.desktop.item.comment_card import comment_keys
from app.desktop.palette.panel import AskPanel
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.names import fold


def fixed_keys() -> list[tuple[str, str, str]]:
    """Keys that are no commands but belong to what has the focus: section, what they do, keys."""
    lists = tr("In lists")
    filters = tr("In the filter")
    return [
        (lists, tr("Open the entry; once more to see it alone"), "Return"),
        (lists, tr("One step back"), "Esc"),
        (lists, tr("Select more entries"), "Shift+Down"),
        (lists, tr("First and last entry"), "Home"),
        (filters, tr("Take what is suggested"), "Tab"),
        (filters, tr("Show what can stand here"), "Ctrl+Space"),
        (filters, tr("Take the chip away"), "Backspace"),
        (tr("Item"), tr("Previous item"), "Alt+Up"),
        (tr("Item"), tr("Next item"), "Alt+Down"),
        *((tr("In a comment"), title, key) for title, key in comment_keys()),
        *((tr("In a text"), title, key) for title, key in text_keys()),
    ]


class KeysPanel(AskPanel):
    """Every key under its heading. Enter does what the selected one does."""

    chosen = Signal(object)
    """Emits the Command."""

    def __init__(self, look: Look, window: QWidget, commands: Iterable[Command]) -> None:
        name = tr("All shortcuts")
        super().__init__(look, name, window, tr("Search shortcuts"), width=560, icon="keyboard")
        every = list(commands)
        self._entries: dict[str, list[Entry]] = {}
        for command in every:
            if command.keys:
                keys = "   ".join(key_text(key) for key in command.keys)
                self._add(command.section, command.title, keys, command)
        for section, title, key in fixed_keys():
            self._add(section, title, key_text(key), None)

    def _add(self, section: str, title: str, keys: str, command: Command | None) -> None:
        entry = Entry(title, right=keys, data=command)
        self._entries.setdefault(section, []).append(entry)

    def typed(self, text: str) -> None:
        """Show the shortcuts whose title, heading or key has all the words."""
        words = fold(text).split()
        shown: list[Entry] = []
        for section, entries in self._entries.items():
            fitting = [
                each
                for each in entries
                if all(word in fold(f"{each.text} {section} {each.right}") for word in words)
            ]
            if fitting:
                shown += [Entry(section, heading=True), *fitting]
        self.show_entries(shown, "" if shown else tr("Nothing found"))

    def take(self, entry: Entry) -> None:
        """Close and do it."""
        if isinstance(entry.data, Command):
            self.leave()
            self.chosen.emit(entry.data)
