"""Who else is in the open project, and where; and where the user is, for the others.

On the GUI thread. While nobody else is there, nothing is worked out and no timer runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.desktop.glyphs import avatar_ground
from app.desktop.item.source import Authors
from app.desktop.live.lines import Lines
from app.desktop.translate import tr
from sync.presence import Caret, Presence

SETTING = "live.shown"
"""The setting of this device: whether others see where the user is."""
_TOGETHER_MS = 100
"""What others say within so many milliseconds is shown together."""
_NAMES_AT_ONCE = 10
_LOOK_MS = 5_000
"""How often it is looked whether somebody has gone without a word."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person who is there with one device. ``color`` is the person's, everywhere in the window."""

    device: bytes
    name: str
    color: str
    own: bool
    record: bytes | None
    caret: Caret | None


class Here(QObject):
    """Presence in one project."""

    changed = Signal()
    """Others came, went, or went elsewhere."""
    moved = Signal()
    """Carets of others are elsewhere."""
    wanted = Signal()
    """Somebody is there who sees where the user writes: whoever knows it may say it with ``write_at``."""

    def __init__(
        self,
        project: bytes,
        lines: Lines | None,
        authors: Callable[[], Authors],
        *,
        shown: bool,
        parent: QObject | None = None,
    ) -> None:
        """``lines`` is None where the window runs without sync; ``shown``: whether others may see the user."""
        super().__init__(parent)
        self._project = project
        self._lines = lines
        self._authors = authors
        self._shown = shown
        self._record: bytes | None = None
        self._caret: Caret | None = None
        self._people: tuple[Someone, ...] = ()
        self._names: dict[bytes, tuple[str, bool]] = {}
        self._soon = QTimer(self, singleShot=True, interval=_TOGETHER_MS)
        self._soon.timeout.connect(self._read)
        self._gone = QTimer(self, interval=_LOOK_MS)
        self._gone.timeout.connect(self._read)
        if lines is not None:
            lines.people_changed.connect(self._hear, Qt.ConnectionType.QueuedConnection)
            self._say()
            self._soon.start()

    # Others

    @property
    def people(self) -> tuple[Someone, ...]:
        """Everybody else who is there, by name; a person with two devices twice."""
        return self._people

    def faces(self, record: bytes | None = None) -> list[str]:
        """The names of those who are there, or look at a record; each once, without the user's own."""
        names = [
            each.name for each in self._people if not each.own and (record is None or each.record == record)
        ]
        return list(dict.fromkeys(names))

    def writing(self, record: bytes, field: str) -> list[tuple[Someone, Caret]]:
        """Who writes in a text, and where."""
        return [
            (each, each.caret)
            for each in self._people
            if each.caret is not None and each.record == record and each.caret.field == field
        ]

    def names_changed(self) -> None:
        """People are called otherwise now."""
        self._names.clear()
        if self._people:
            self._soon.start()

    def _hear(self, project: bytes) -> None:
        if project == self._project and not self._soon.isActive():
            self._soon.start()

    def _read(self) -> None:
        if self._lines is None:
            return
        people = []
        room = _NAMES_AT_ONCE
        for online in self._lines.people(self._project):
            if online.device not in self._names:
                room -= 1
                if room < 0:
                    # Many came at one time: reading all their names now would take a moment too long.
                    self._soon.start()
                    continue
            name, own = self._name(online.device)
            said = online.said
            people.append(
                Someone(online.device, name, avatar_ground(name).name(), own, said.record, said.caret)
            )
        people.sort(key=lambda each: (each.name.casefold(), each.device))
        before, self._people = self._people, tuple(people)
        if bool(people) != self._gone.isActive():
            if people:
                self._gone.start()
            else:
                self._gone.stop()
        if not before and people:
            self.wanted.emit()
        if [(each.device, each.name, each.record) for each in before] != [
            (each.device, each.name, each.record) for each in people
        ]:
            self.changed.emit()
        if [each.caret for each in before] != [each.caret for each in people] or len(before) != len(people):
            self.moved.emit()

    def _name(self, device: bytes) -> tuple[str, bool]:
        found = self._names.get(device)
        if found is None:
            author = self._authors().author(device)
            found = self._names[device] = (author.person or author.device or tr("Somebody"), author.own)
        return found

    # The user

    @property
    def shown(self) -> bool:
        """Whether others see where the user is."""
        return self._shown

    def show_me(self, shown: bool) -> None:
        """Let others see where the user is, or not."""
        self._shown = shown
        self._say()

    def look_at(self, record: bytes | None) -> None:
        """The user looks at a record, or at none."""
        if record != self._record:
            self._record, self._caret = record, None
            self._say()

    @property
    def is_seen(self) -> bool:
        """Whether anybody is there to see where the user writes; working it out is of no use otherwise."""
        return self._shown and bool(self._people)

    def write_at(self, record: bytes, caret: Caret | None) -> None:
        """The user's caret in a text of the record that is looked at; None where it is in none."""
        if record == self._record and caret != self._caret:
            self._caret = caret
            self._say()

    def leave(self) -> None:
        """The user leaves the project."""
        if self._lines is not None:
            self._lines.people_changed.disconnect(self._hear)
            self._lines.say(self._project, None)
            self._lines = None
        self._soon.stop()
        self._gone.stop()

    def _say(self) -> None:
        if self._lines is not None:
            self._lines.say(self._project, Presence(True, self._record, self._caret) if self._shown else None)
