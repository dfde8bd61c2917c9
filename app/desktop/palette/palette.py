"""The command palette: every command, and every item by title or number, a few keys away.

``>`` leaves only commands, ``#`` only numbers, ``?`` searches the texts; the switcher shows items only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.desktop.commands import Command
from app.desktop.entries import Entry
from app.desktop.palette.items import (
    Place,
    command_entries,
    command_entry,
    item_entry,
    place_entries,
)
from app.desktop.palette.panel import AskPanel
from app.desktop.palette.recent import Recent
from app.desktop.searching.hits import hit_entry, put_in_order
from app.desktop.searching.searcher import Searcher
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE
from app.query.matching import CONTAINS, WORD_BEGINS
from app.query.titles import Titled, Titles
from app.store.search import Hit

_COMMANDS = 7
_ITEMS = 30
_RECENT = 5


class Palette(AskPanel):
    """Opened anew each time; ``chosen`` says what was taken after it is closed."""

    chosen = Signal(object)
    """Emits a Command, a Goal or a Place."""

    def __init__(
        self,
        look: Look,
        window: QWidget,
        workspace: Workspace,
        titles: Titles,
        searcher: Searcher,
        commands: Iterable[Command],
        recent: Recent,
        places: Callable[[], Sequence[Place]],
        is_shown: Callable[[Titled], bool],
        *,
        items_only: bool = False,
    ) -> None:
        hint = (
            tr("Go to an item by title or number")
            if items_only
            else tr("Type a command, a title or #214; > for commands, ? for texts")
        )
        name = tr("Go to an item") if items_only else tr("Commands and items")
        super().__init__(look, name, window, hint)
        self._workspace = workspace
        self._titles = titles
        self._searcher = searcher
        self._commands = list(commands)
        self._recent = recent
        self._places = places
        self._is_shown = is_shown
        self._items_only = items_only
        self._moved = False
        searcher.found.connect(self._hits_came)
        searcher.ranked.connect(self._best_came)

    def typed(self, text: str) -> None:
        """Show what there is for a text, at once."""
        self._moved = False
        if text.startswith("?") and not self._items_only:
            self._searcher.ask(text[1:])
            if not text[1:].strip():
                self.show_entries([], tr("Type words that stand in a text."))
            return
        if text.startswith(">") and not self._items_only:
            found = command_entries(self._commands, text[1:], self._recent, 60)
            self._show([entry for _, entry in found])
            return
        if not text.strip():
            self._show(self._beginning())
            return
        self._show(self._found(text))

    def _beginning(self) -> list[Entry]:
        """What is shown before anything is typed: what was used last, and what there is to do."""
        if self._items_only:
            newest = [item_entry(self._workspace, each) for each in self._titles.newest(ISSUE, 12)]
            return [Entry(tr("Newest issues"), heading=True), *newest] if newest else []
        by_name = {each.name: each for each in self._commands}
        recent = [by_name[name] for name in self._recent.names if name in by_name]
        recent = [each for each in recent if not each.hidden and each.enabled()][:_RECENT]
        entries = [Entry(tr("Used last"), heading=True)] if recent else []
        entries += [command_entry(each) for each in recent]
        section = ""
        for command in self._commands:
            if command.hidden or command in recent or not command.enabled():
                continue
            if command.section != section:
                section = command.section
                entries.append(Entry(section, heading=True))
            entries.append(command_entry(command))
        return entries

    def _found(self, text: str) -> list[Entry]:
        commands = [] if self._items_only or text.startswith("#") else self._fitting_commands(text)
        found = [each for each in self._titles.find(text, _ITEMS) if self._is_shown(each)]
        items = [(each.rank, item_entry(self._workspace, each)) for each in found]
        places = [] if text.startswith("#") else place_entries(self._places(), text, 5)
        # A title that begins so comes before a command that only has the letters somewhere.
        first_command = commands[0][0] if commands else CONTAINS + 2
        first_item = min((rank for rank, _ in (*items, *places)), default=CONTAINS + 2)
        groups = [
            (first_command, tr("Commands"), [entry for _, entry in commands]),
            (first_item, tr("Items"), [entry for _, entry in (*places, *items)]),
        ]
        if first_command <= WORD_BEGINS:
            ordered = groups
        else:
            ordered = sorted(groups, key=lambda group: group[0])
        entries: list[Entry] = []
        for _, heading, group in ordered:
            if group:
                entries += [Entry(heading, heading=True), *group] if not self._items_only else group
        return entries

    def _fitting_commands(self, text: str) -> list[tuple[int, Entry]]:
        return command_entries(self._commands, text, self._recent, _COMMANDS)

    def _show(self, entries: list[Entry]) -> None:
        foot = tr("Nothing found. Type ? before the words to search the texts.") if not entries else ""
        if self._items_only and not entries:
            foot = tr("Nothing found")
        self.show_entries(entries, foot)

    # Texts

    def _hits_came(self, _text: str, hits: list[Hit]) -> None:
        if self.is_open and self.line.text().startswith("?"):
            foot = "" if hits else tr("Nothing found in the texts")
            self.show_entries([hit_entry(self._workspace, each) for each in hits], foot)

    def _best_came(self, _text: str, hits: list[Hit]) -> None:
        if self.is_open and self.line.text().startswith("?"):
            entries = [hit_entry(self._workspace, each) for each in hits]
            put_in_order(self.list, entries, held=self._moved)

    def key(self, event: QKeyEvent) -> bool:
        """As every such panel; moving the selection holds what is above it in its place."""
        before = self.list.currentIndex().row()
        done = super().key(event)
        self._moved = self._moved or self.list.currentIndex().row() != before
        return done

    def take(self, entry: Entry) -> None:
        """Close, then say what was taken."""
        chosen = entry.data
        if isinstance(chosen, Command) and not chosen.enabled():
            self.foot.setText(chosen.why)
            self.foot.setVisible(True)
            return
        self._searcher.ask("")
        self.leave()
        self.chosen.emit(chosen)

    def close_panel(self) -> None:
        """Hide it; a search that runs has nobody to wait for it."""
        if self.is_open:
            self._searcher.ask("")
        super().close_panel()
