"""The live lines of a profile: the open project's, and those of the last few that were open; the others are polled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from sync.epochs import KeyRing
from sync.presence import Online, Presence
from sync.transport.events import Heard

MOST: Final = 4
"""Most lines at one time."""


class AnyLine(Protocol):
    """One project's line; ``app.desktop.live.line.Line`` is one."""

    def begin(self) -> None:
        """Start listening."""

    def renew(self) -> None:
        """Connect anew."""

    def admit(self, devices: Collection[bytes], keys: KeyRing) -> None:
        """Say who belongs to the project."""

    def say(self, said: Presence | None) -> None:
        """Say where one is."""

    def people(self) -> tuple[Online, ...]:
        """Who else is there."""

    def end(self) -> None:
        """Stop, without waiting."""

    def join(self, seconds: float) -> None:
        """Wait until it has stopped."""


MakeLine = Callable[[Callable[[Heard], None], Callable[[], None]], AnyLine]


class Lines(QObject):
    """Keeps them. What is called where stands at each method."""

    people_changed = Signal(object)
    """Emits (project: bytes) when others came, went or moved; ``people`` says who is there then."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._lines: dict[bytes, AnyLine] = {}
        self._said: dict[bytes, Presence] = {}
        self._told: set[bytes] = set()
        self._recent: list[bytes] = []
        self._ended: list[AnyLine] = []

    # On the GUI thread

    def say(self, project: bytes, said: Presence | None) -> None:
        """Say where one is in a project; None: one does not want to be seen there. Never waits."""
        with self._lock:
            if said is None:
                self._said.pop(project, None)
            else:
                self._said[project] = said
            line = self._lines.get(project)
        if line is not None:
            line.say(said)

    def people(self, project: bytes) -> tuple[Online, ...]:
        """Who else is there now."""
        with self._lock:
            self._told.discard(project)
            line = self._lines.get(project)
        return () if line is None else line.people()

    # In the sync thread

    def use(self, project: bytes) -> None:
        """This project is looked at now."""
        self._recent = [project, *(each for each in self._recent if each != project)][:MOST]
        for other in [each for each in self._lines if each not in self._recent]:
            self.drop(other)

    def wants(self, project: bytes) -> bool:
        """Whether a line is to be made for it."""
        return project in self._recent and project not in self._lines

    def has(self, project: bytes) -> bool:
        """Whether there is a line."""
        return project in self._lines

    def open(self, project: bytes, make: MakeLine, heard: Callable[[Heard], None]) -> AnyLine:
        """Make a line and begin to listen."""
        line = make(heard, lambda: self._moved(project))
        with self._lock:
            self._lines[project] = line
            said = self._said.get(project)
        line.say(said)
        return line

    def admit(self, project: bytes, devices: Collection[bytes], keys: KeyRing) -> None:
        """Say who belongs to a project, where it has a line."""
        line = self._lines.get(project)
        if line is not None:
            line.admit(devices, keys)

    def renew(self) -> None:
        """Connect all anew."""
        for line in list(self._lines.values()):
            line.renew()

    def drop(self, project: bytes) -> None:
        """Let go of a project's line. Any thread."""
        with self._lock:
            line = self._lines.pop(project, None)
            if line is not None:
                self._ended = [*self._ended[-MOST:], line]
        if line is not None:
            line.end()
            self._moved(project)

    def stop(self) -> None:
        """Let go of all."""
        for project in list(self._lines):
            self.drop(project)

    def join(self, seconds: float) -> None:
        """Wait so long at most until the others were told that one is gone."""
        until = time.monotonic() + seconds
        for line in self._ended:
            line.join(max(0.0, until - time.monotonic()))

    def _moved(self, project: bytes) -> None:
        """Tell the window once, however much happens until it looks."""
        with self._lock:
            if project in self._told:
                return
            self._told.add(project)
        self.people_changed.emit(project)
