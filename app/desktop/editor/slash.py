"""The menu of blocks that a slash opens, at the beginning of a line or after a space."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.desktop.editor.caret_menu import Asked, CaretMenu
from app.desktop.editor.commands import EditorCommand, Group, editor_commands
from app.desktop.editor.editing import Editing
from app.desktop.entries import Entry
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.names import fold
from app.query.matching import best
from app.richtext.context import Context, Edit
from app.richtext.editing import instead

_SLASH = re.compile(r"(?:^|\s)/([^\s/\ufffc]*)$")
_MOST = 40


class SlashMenu(CaretMenu):
    """Filters as one types; choosing takes the typed ``/word`` out. A space, or Esc, and a slash is a slash."""

    def __init__(self, look: Look, editor: Editing) -> None:
        super().__init__(look, editor, tr("Blocks"))
        self._commands = [each for each in editor_commands() if each.group in (Group.LINES, Group.INSERT)]
        self._names = [(fold(f"{each.title} {each.words} {each.name}"), each) for each in self._commands]

    def asked(self, before: str, start: int) -> Asked | None:
        """A slash with a word behind it."""
        found = _SLASH.search(before)
        if found is None:
            return None
        place = found.start(1) - 1
        return Asked("/", found[1], start + place)

    def entries(self, asked: Asked) -> Sequence[Entry]:
        """The blocks whose names fit the word."""
        return [
            Entry(each.title, right=each.sign or each.key_text, sign="icon", mark=each.icon, data=each)
            for _, each in best(asked.text, self._names, _MOST)
        ]

    def take(self, entry: Entry, asked: Asked, stop: int) -> None:
        """Take the word out and do what was chosen."""
        command = entry.data
        assert isinstance(command, EditorCommand)
        rule = command.rule
        assert rule is not None

        def then(there: Context, at: int) -> Edit:
            return rule(there, at, at) or Edit([], (at, at))

        edit = instead(self.editor, asked.start, stop, then)
        self.editor.change(edit.change, edit.select)
