"""How the GUI thread speaks to a thread that works for it: commands, the wait for the next, hanging up, and the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol


class Closable(Protocol):
    """A way to a server."""

    def close(self) -> None:
        """Let go of it; a request that is under way ends. From any thread."""
        ...


class Mailbox:
    """One for each such thread. ``obey``, ``rest`` and ``keep`` are the thread's; all else may come from any."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._commands: list[Callable[[], None]] = []
        self._ways: dict[bytes, Closable] = {}
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether the thread is to end."""
        return self._stopping.is_set()

    def tell(self, command: Callable[[], None]) -> None:
        """Have something done in the thread, and wake it."""
        with self._condition:
            self._commands.append(command)
            self._condition.notify_all()

    def obey(self) -> None:
        """Do what was told."""
        with self._condition:
            commands, self._commands = self._commands, []
        for command in commands:
            command()

    def rest(self, seconds: float) -> None:
        """Wait so long at most, or for a command, or for the end."""
        with self._condition:
            if not self._commands and not self.stopping:
                self._condition.wait(seconds)

    def keep(self, project: bytes, way: Closable, gone: threading.Event) -> None:
        """Remember the way to a project's server, to be closed from outside; not where the project is ``gone``."""
        with self._condition:
            if not (self.stopping or gone.is_set()):
                self._ways[project] = way

    def hang_up(self, project: bytes) -> None:
        """Close the way to a project's server: a request that is under way ends."""
        with self._condition:
            way = self._ways.pop(project, None)
        if way is not None:
            way.close()

    def stop(self) -> list[bytes]:
        """Wake the thread to its end; gives the projects that are to be hung up."""
        self._stopping.set()
        with self._condition:
            self._condition.notify_all()
            return list(self._ways)
