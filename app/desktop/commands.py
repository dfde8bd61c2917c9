"""One list of commands, which feeds menus, tool bars, hints, keys, the palette and the page of shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.widgets import Look


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the user can do.

    ``menu`` names the menu that offers it, empty for none. ``section`` is the heading under which the page of
    shortcuts and the palette have it. ``why`` says what is missing while it is not ``enabled``; without it the
    palette leaves it out. ``hidden`` keeps it out of the palette: what one does with a key or not at all.
    """

    name: str
    title: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    icon: str = ""
    menu: str = ""
    enabled: Callable[[], bool] = field(default=_always)
    section: str = ""
    why: str = ""
    hidden: bool = False
    repeats: bool = False
    """Whether holding the key does it again and again."""

    @property
    def key_text(self) -> str:
        """The first key as it is printed in hints."""
        return key_text(self.keys[0]) if self.keys else ""

    @property
    def hint(self) -> str:
        """The title with its key, for a tool tip."""
        return f"{self.title} ({self.key_text})" if self.keys else self.title


def key_text(key: str) -> str:
    """A key, or keys one after the other, as it is printed."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace(", ", " ")


class Commands(QObject):
    """The commands of one window, each with a ``QAction`` that belongs to ``owner``."""

    ran = Signal(str)
    """Emits the name of each command that was done."""

    def __init__(self, look: Look, owner: QWidget, commands: Iterable[Command]) -> None:
        super().__init__(owner)
        self._look = look
        self._commands = {each.name: each for each in commands}
        self._actions: dict[str, QAction] = {}
        for command in self._commands.values():
            action = QAction(command.title, owner)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setAutoRepeat(command.repeats)
            action.triggered.connect(lambda _checked=False, name=command.name: self.run(name))
            owner.addAction(action)
            self._actions[command.name] = action
        look.theme.changed.connect(self._show_icons)

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __getitem__(self, name: str) -> Command:
        return self._commands[name]

    def action(self, name: str) -> QAction:
        """The action of a command, with its icon, for a menu."""
        command, action = self._commands[name], self._actions[name]
        if command.icon:
            action.setIcon(self._look.icons.icon(command.icon))
        return action

    def run(self, name: str) -> None:
        """Do it, if it can be done now."""
        command = self._commands[name]
        if command.enabled():
            command.run()
            self.ran.emit(name)

    def fill(self, menu: QMenu, group: str) -> None:
        """Add the commands of a group, with icons and keys, to a menu."""
        for command in self._commands.values():
            if command.menu != group:
                continue
            action = self._actions[command.name]
            if command.icon:
                action.setIcon(self._look.icons.icon(command.icon))
            # Outside its menu an action stays enabled, so that its key still answers when it can again.
            action.setEnabled(command.enabled())
            menu.addAction(action)
        menu.aboutToHide.connect(self._enable)

    def _enable(self) -> None:
        for action in self._actions.values():
            action.setEnabled(True)

    def _show_icons(self) -> None:
        for name, command in self._commands.items():
            if command.icon and not self._actions[name].icon().isNull():
                self._actions[name].setIcon(self._look.icons.icon(command.icon))
