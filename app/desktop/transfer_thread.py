"""The thread in which files, and bundles, of all projects of a profile travel: behind changes, which have their own.

It runs *steppers*: plain objects with ``next_in``, ``step`` and ``poke``, such as ``sync.transfer.Transfers``. Each
project has its own connection to the project file and to the server, made in this thread, so that a change never
waits for more than the one request that is under way beside it. It speaks to the window by signals that carry
values only. ``stop`` closes the transports from outside, so that a request that hangs ends at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from app.desktop.garbage import GarbageCollector
from app.desktop.mailbox import Closable, Mailbox
from app.store.file_places import Queue
from sync.clock import Clock
from sync.errors import SitebookError
from sync.transfer import Moved

OPEN_AGAIN: Final = 60.0
"""Seconds until a project file that could not be opened is tried again."""
TELL_EVERY: Final = 0.25
"""Seconds between two words about progress."""
_SPEED_OVER: Final = 4.0
_LONGEST_WAIT: Final = 3_600.0


class Stepper(Protocol):
    """Does one thing at a time; ``step`` may give a ``Moved`` or anything else."""

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        ...

    def step(self) -> object:
        """Do the next thing: at most one round trip."""
        ...

    def poke(self) -> None:
        """There may be something to do."""
        ...


@dataclass(frozen=True, slots=True)
class TransferRoom:
    """What the thread holds of one project while it runs. The first of the steppers that is due goes first."""

    steppers: Sequence[Stepper]
    transport: Closable
    queue: Callable[[], Queue]
    want: Callable[[Sequence[bytes], bool], None]
    """A person waits for some files, or does not any more."""
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class TransferProject:
    """A project whose files travel. ``open`` is called in the thread, with a function that says whether to stop.

    It gives None where there is no server. Raises SitebookError where the file cannot be opened.
    """

    id: bytes
    open: Callable[[Callable[[], bool]], TransferRoom | None]


@dataclass(frozen=True, slots=True)
class FileProgress:
    """What waits in both directions, bytes a second, and what stands in the way.

    ``file`` is being fetched, and ``got`` bytes of it came since that began.
    """

    queue: Queue = field(default_factory=Queue)
    up_speed: float = 0.0
    down_speed: float = 0.0
    problem: str = ""
    file: bytes | None = None
    got: int = 0

    @property
    def moving(self) -> bool:
        """Whether bytes travel now."""
        return self.up_speed > 0 or self.down_speed > 0


class _Place:
    def __init__(self, project: TransferProject) -> None:
        self.project = project
        self.room: TransferRoom | None = None
        self.due = 0.0
        self.gone = threading.Event()
        self.moves: deque[tuple[float, int, int]] = deque()
        self.problem = ""
        self.file: bytes | None = None
        self.got = 0
        self.told = FileProgress()
        self.tell_due = 0.0
        self.changed: set[bytes] = set()


class TransferThread(QThread):
    """The files of a profile. Its methods are called on the GUI thread."""

    progressed = Signal(object, object)
    """Emits (project: bytes, progress: FileProgress), some times a second while something moves."""
    changed = Signal(object, object)
    """Emits (project: bytes, records: frozenset) of files that are elsewhere now than they were, or have a problem."""
    came = Signal(object, object)
    """Emits (project: bytes, records: tuple) of files that are here now."""
    _broke = Signal(object)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._mail = Mailbox()
        self._known: dict[bytes, _Place] = {}
        self._places: dict[bytes, _Place] = {}
        self._first: bytes | None = None
        self._garbage = GarbageCollector(self)
        self._broke.connect(self._raise)

    # On the GUI thread

    def add(self, project: TransferProject) -> None:
        """Move the files of a project from now on; one of the same id is replaced."""
        self.remove(project.id)
        place = self._known[project.id] = _Place(project)
        self._mail.tell(lambda: self._places.__setitem__(project.id, place))

    def remove(self, project: bytes) -> None:
        """Let go of a project; a request that is under way for it ends."""
        place = self._known.pop(project, None)
        if place is None:
            return
        place.gone.set()
        self._mail.hang_up(project)
        self._mail.tell(lambda: self._leave(place))

    def open_first(self, project: bytes) -> None:
        """The files of this project go before those of the others."""

        def put_first() -> None:
            self._first = project

        self._mail.tell(put_first)

    def poke(self, project: bytes) -> None:
        """Something was attached, or came: look at once."""
        self._mail.tell(lambda: self._nudge(project))

    def network_changed(self) -> None:
        """There may be a way to the servers now."""

        def nudge_all() -> None:
            for place in self._places.values():
                for stepper in place.room.steppers if place.room is not None else ():
                    getattr(stepper, "network_changed", stepper.poke)()

        self._mail.tell(nudge_all)

    def want(self, project: bytes, files: Sequence[bytes], *, wanted: bool = True) -> None:
        """A person looks at these: they come before all else; or does not want to wait for them any more."""

        def note() -> None:
            place = self._places.get(project)
            if place is None or (place.room is None and not self._open(place)) or place.room is None:
                return
            try:
                place.room.want(files, wanted)
            except SitebookError as error:
                place.problem = str(error)
            place.changed.update(files)
            self._nudge(project)
            self._show(place, now=True)

        self._mail.tell(note)

    def begin(self) -> None:
        """Start the thread; the system is asked to let others go first."""
        self._garbage.begin()
        self.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """End the thread, in under a second, whatever it is doing."""
        for project in self._mail.stop():
            self._mail.hang_up(project)
        self.wait()
        self._garbage.end()

    def _raise(self, error: Exception) -> None:
        raise error

    # In the thread

    def run(self) -> None:
        try:
            while not self._mail.stopping:
                self._mail.obey()
                if not self._advance():
                    self._rest()
        except Exception as error:  # noqa: BLE001 - our own mistake: it is raised again on the GUI thread
            self._broke.emit(error)
        finally:
            for place in list(self._places.values()):
                self._leave(place)

    def _in_turn(self) -> list[_Place]:
        return sorted(self._places.values(), key=lambda place: (place.project.id != self._first, place.due))

    def _due_in(self, place: _Place) -> float:
        if place.room is None:
            return max(0.0, place.due - self._clock.monotonic())
        return min((stepper.next_in for stepper in place.room.steppers), default=_LONGEST_WAIT)

    def _advance(self) -> bool:
        """One step of the project whose turn it is; tells whether there was one."""
        for place in self._in_turn():
            if self._due_in(place) > 0:
                continue
            if place.room is None:
                self._open(place)
                return True
            for stepper in place.room.steppers:
                if stepper.next_in <= 0:
                    self._note(place, stepper.step())
                    place.due = self._clock.monotonic()
                    return True
        return False

    def _rest(self) -> None:
        waits = [self._due_in(place) for place in self._places.values()]
        for place in self._places.values():
            self._show(place, now=True)
            if place.moves:
                waits.append(_SPEED_OVER)
        self._mail.rest(min(waits, default=_LONGEST_WAIT))

    def _open(self, place: _Place) -> bool:
        try:
            room = place.project.open(lambda: self._mail.stopping or place.gone.is_set())
        except SitebookError as error:
            place.due = self._clock.monotonic() + OPEN_AGAIN
            place.problem = str(error)
            return False
        if room is None:
            place.due = self._clock.monotonic() + _LONGEST_WAIT
            return False
        place.room = room
        self._mail.keep(place.project.id, room.transport, place.gone)
        self._show(place, now=True)
        return True

    def _nudge(self, project: bytes) -> None:
        place = self._places.get(project)
        if place is None:
            return
        if place.room is None:
            place.due = min(place.due, self._clock.monotonic() + OPEN_AGAIN)
            return
        for stepper in place.room.steppers:
            stepper.poke()

    def _leave(self, place: _Place) -> None:
        if self._places.get(place.project.id) is place:
            del self._places[place.project.id]
        room, place.room = place.room, None
        if room is not None:
            room.transport.close()
            room.close()

    # What is told

    def _note(self, place: _Place, moved: object) -> None:
        if not isinstance(moved, Moved):
            return
        place.problem = "" if moved.error is None else str(moved.error)
        if moved.sent or moved.got:
            place.moves.append((self._clock.monotonic(), moved.sent, moved.got))
        if moved.got:
            place.got = moved.got + (place.got if moved.file == place.file else 0)
            place.file = moved.file
        place.changed.update(moved.came, moved.left, moved.freed, (file for file, _ in moved.failed))
        if moved.came:
            place.file, place.got = None, 0
            self.came.emit(place.project.id, moved.came)
        self._show(place, now=False)

    def _show(self, place: _Place, *, now: bool) -> None:
        """Tell how far a project's files are, where that is news, and not too often."""
        moment = self._clock.monotonic()
        if place.room is None or (not now and moment < place.tell_due):
            return
        place.tell_due = moment + TELL_EVERY
        while place.moves and place.moves[0][0] < moment - _SPEED_OVER:
            place.moves.popleft()
        over = max(1.0, moment - place.moves[0][0]) if place.moves else 1.0
        progress = FileProgress(
            place.room.queue(),
            sum(sent for _, sent, _ in place.moves) / over,
            sum(got for _, _, got in place.moves) / over,
            place.problem,
            place.file,
            place.got,
        )
        if place.changed:
            changed, place.changed = frozenset(place.changed), set()
            self.changed.emit(place.project.id, changed)
        if progress != place.told:
            place.told = progress
            self.progressed.emit(place.project.id, progress)
