"""The thread in which all projects of a profile sync, the open one first.

It runs the engines of ``sync.engine``, each over its own connection to the project file, made in this
thread. It waits on a condition for the next due time or for a word from the window, and speaks to the
window by signals that carry values only; they arrive queued on the GUI thread. ``stop`` closes the
transports from outside, so that a request that hangs ends at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from app.desktop.garbage import GarbageCollector
from app.desktop.live.lines import Lines, MakeLine
from app.desktop.mailbox import Mailbox
from app.desktop.session import SyncPhase, SyncView
from app.store.records import SyncStatus
from app.store.sync_log import SyncLog
from app.store.touched import Touched
from sync.clock import Clock, Random
from sync.engine import POKE_DELAY, Engine, ProjectStore, Step, SyncState
from sync.epochs import KeyRing
from sync.errors import SitebookError
from sync.result import SyncResult
from sync.transport.base import Transport
from sync.transport.events import Changed, Heard, Live, Lost

OPEN_AGAIN: Final = 60.0
"""Seconds until a project file that could not be opened is tried again."""
FAREWELL: Final = 0.3
"""Seconds at most that closing waits until the others know that one is gone."""
_LONGEST_WAIT: Final = 3_600.0
_SLEPT_MS: Final = 30_000
"""By so much the time of day goes on without the clock of the process where the computer slept."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the thread holds of one project while it runs. ``transport`` is None where no server is set."""

    store: ProjectStore
    transport: Transport | None
    status: Callable[[], SyncStatus]
    close: Callable[[], None]
    drop: Callable[[bytes], Touched]
    """Takes back what the server refused."""
    maintain: Callable[[], object] = lambda: None
    """Does a little of what the store leaves for quiet moments, and tells whether there was any."""
    log: SyncLog | None = None
    """Keeps what happened for a person to read."""
    line: MakeLine | None = None
    """Makes the way by which the server tells what happens."""
    members: Callable[[], tuple[frozenset[bytes], KeyRing]] = lambda: (frozenset(), KeyRing())
    """The devices that belong to the project, and its keys."""


@dataclass(frozen=True, slots=True)
class SyncedProject:
    """A project to keep in step.

    ``open`` is called in the sync thread, with a function that says whether to stop: long work asks it
    between two slices. It raises SitebookError where the file cannot be opened.
    """

    id: bytes
    open: Callable[[Callable[[], bool]], Room]


class _Place:
    """One project in the thread."""

    def __init__(self, project: SyncedProject, number: int) -> None:
        self.project = project
        self.number = number
        self.room: Room | None = None
        self.engine: Engine | None = None
        self.due = 0.0
        self.view: SyncView | None = None
        self.offline_since: int | None = None
        self.gone = threading.Event()


class SyncThread(QThread):
    """The sync of a profile; fulfils ``SyncFeed``. Its methods are called on the GUI thread."""

    state_changed = Signal(object, object)
    """Emits (project: bytes, view: SyncView)."""
    touched = Signal(object, object)
    """Emits (project: bytes, touched: Touched) after changes from elsewhere were applied."""
    synced = Signal(object, object)
    """Emits (project: bytes, result: SyncResult) after each round that went through."""
    failed = Signal(object, str)
    """Emits (project: bytes, sentence) of what the user asked for and could not be done."""
    _broke = Signal(object)

    def __init__(self, clock: Clock, random: Random, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._random = random
        self._mail = Mailbox()
        self._known: dict[bytes, _Place] = {}
        self._places: dict[bytes, _Place] = {}
        self._first: bytes | None = None
        self.lines = Lines(self)
        """Who is there, and how the servers tell what happens."""
        self._garbage = GarbageCollector(self)
        self._broke.connect(self._raise)

    # On the GUI thread

    def add(self, project: SyncedProject) -> None:
        """Keep a project in step from now on; one of the same id is replaced."""
        self.remove(project.id)
        place = self._known[project.id] = _Place(project, len(self._known))
        self._mail.tell(lambda: self._places.__setitem__(project.id, place))

    def remove(self, project: bytes) -> None:
        """Let go of a project; a request that is under way for it ends."""
        place = self._known.pop(project, None)
        if place is None:
            return
        place.gone.set()
        self._hang_up(project)
        self._mail.tell(lambda: self._leave(place))

    def open_first(self, project: bytes) -> None:
        """Sync this project before the others: it is the one on the screen."""

        def put_first() -> None:
            self._first = project
            self.lines.use(project)
            for place in self._places.values():
                self._listen(place, None)

        self._mail.tell(put_first)

    def poke(self, project: bytes) -> None:
        """Something was written here: send it soon, and say that it waits."""
        self._mail.tell(lambda: self._nudge(project, Engine.poke))

    def sync_now(self, project: bytes) -> None:
        """The user asks: try at once, whatever the waiting time was."""
        self._mail.tell(lambda: self._nudge(project, Engine.sync_now))

    def network_changed(self) -> None:
        """There may be a way to the servers now."""
        self._mail.tell(self._look_everywhere)

    def drop(self, project: bytes, hashed: bytes) -> None:
        """The user gives up what the server refused: take it back here. ``touched`` or ``failed`` tells the end."""

        def take_back() -> None:
            place = self._places.get(project)
            if place is None or (place.room is None and not self._open(place)):
                return
            assert place.room is not None
            try:
                touched = place.room.drop(hashed)
            except SitebookError as error:
                self.failed.emit(project, str(error))
                return
            self.touched.emit(project, touched)
            self._show(place, None)

        self._mail.tell(take_back)

    def look_again(self, project: bytes) -> None:
        """What is told of a project's files is not what it was."""

        def show() -> None:
            place = self._places.get(project)
            if place is not None and place.room is not None:
                self._show(place, None)

        self._mail.tell(show)

    def is_busy(self, project: bytes) -> bool:
        """Whether changes are under way, so that files should wait. From any thread."""
        place = self._places.get(project)
        engine = None if place is None else place.engine
        return engine is not None and engine.next_in <= POKE_DELAY

    def begin(self) -> None:
        """Start the thread."""
        self._garbage.begin()
        self.start()

    def stop(self) -> None:
        """End the thread, in under a second, whatever it is doing."""
        for project in self._mail.stop():
            self._hang_up(project)
        self.wait()
        self.lines.join(FAREWELL)
        self._garbage.end()

    def _hang_up(self, project: bytes) -> None:
        self.lines.drop(project)
        self._mail.hang_up(project)

    def _raise(self, error: Exception) -> None:
        raise error

    # In the sync thread

    def run(self) -> None:
        try:
            while not self._mail.stopping:
                self._mail.obey()
                place = self._next()
                if place is None:
                    self._rest()
                else:
                    self._advance(place)
        except Exception as error:  # noqa: BLE001 - our own mistake: it is raised again on the GUI thread
            self._broke.emit(error)
        finally:
            self.lines.stop()
            for place in list(self._places.values()):
                self._leave(place)

    def _look_everywhere(self) -> None:
        self.lines.renew()
        for project in list(self._places):
            self._nudge(project, Engine.network_changed)

    def _due_in(self, place: _Place) -> float:
        if place.engine is not None:
            return place.engine.next_in
        return max(0.0, place.due - self._clock.monotonic())

    def _next(self) -> _Place | None:
        """The project whose turn it is: the open one, or else the one that has waited longest."""
        due = [place for place in self._places.values() if self._due_in(place) <= 0.0]
        if not due:
            return None
        return min(due, key=lambda place: (place.project.id != self._first, place.due, place.number))

    def _tidy(self) -> bool:
        """Use a quiet moment for what the projects left for one. Returns whether there may be more of it."""
        rooms = [place.room for place in self._places.values() if place.room is not None and place.engine]
        try:
            return any(room.maintain() for room in rooms)
        except SitebookError:
            # Nobody waits for it; what is wrong with the file or the disk shows where somebody does.
            return False

    def _rest(self) -> None:
        if self._tidy():
            return
        waits = [self._due_in(place) for place in self._places.values()]
        ahead = self._clock.now_ms() - self._clock.monotonic() * 1000
        self._mail.rest(min(waits, default=_LONGEST_WAIT))
        if self._clock.now_ms() - self._clock.monotonic() * 1000 - ahead > _SLEPT_MS:
            self._look_everywhere()

    def _advance(self, place: _Place) -> None:
        if place.room is None and not self._open(place):
            return
        place.due = self._clock.monotonic()
        if place.engine is None:
            assert place.room is not None
            if not place.room.maintain():
                place.due += _LONGEST_WAIT
            self._show(place, None)
            return
        step = place.engine.step()
        if step.touched:
            self.touched.emit(place.project.id, step.touched)
        self._show(place, step)
        self._note(place, step)
        self._listen(place, step.result)
        if step.result is not None:
            self.synced.emit(place.project.id, step.result)

    def _listen(self, place: _Place, result: SyncResult | None) -> None:
        """Have the server tell what happens in a project that is looked at; say who may be there."""
        project, room, engine = place.project.id, place.room, place.engine
        if room is None or engine is None or self._mail.stopping or place.gone.is_set():
            return
        if self.lines.has(project):
            if result is not None and result.pulled:
                self.lines.admit(project, *room.members())
        elif room.line is None or not self.lines.wants(project):
            engine.set_live(False)
        elif engine.state is SyncState.SYNCED:
            line = self.lines.open(
                project, room.line, lambda what: self._mail.tell(lambda: self._hear(place, what))
            )
            line.admit(*room.members())
            line.begin()

    def _hear(self, place: _Place, what: Heard) -> None:
        """The server says that something happened."""
        engine = place.engine
        if engine is None or not self.lines.has(place.project.id):
            return
        match what:
            case Changed(_, version):
                engine.hear(version)
            case Live():
                engine.set_live(True)
            case Lost():
                engine.set_live(False)
            case _:
                pass

    def _note(self, place: _Place, step: Step) -> None:
        """Keep in the log what is worth a line. A disk that is full is no reason to stop the sync."""
        log = None if place.room is None else place.room.log
        if log is None:
            return
        with suppress(SitebookError):
            if step.result is not None:
                log.round(step.result)
            if step.error is not None:
                log.failed(step.message)

    def _open(self, place: _Place) -> bool:
        try:
            room = place.project.open(lambda: self._mail.stopping or place.gone.is_set())
        except SitebookError as error:
            place.due = self._clock.monotonic() + OPEN_AGAIN
            self._emit(place, SyncView(SyncPhase.OFFLINE, problem=str(error)))
            return False
        place.room = room
        if room.transport is None:
            return True
        place.engine = Engine(room.store, room.transport, self._clock, self._random)
        self._mail.keep(place.project.id, room.transport, place.gone)
        return True

    def _nudge(self, project: bytes, how: Callable[[Engine], None]) -> None:
        place = self._places.get(project)
        if place is None:
            return
        if place.engine is not None:
            how(place.engine)
            self._show(place, None)
        else:
            place.due = 0.0

    def _leave(self, place: _Place) -> None:
        if self._places.get(place.project.id) is place:
            del self._places[place.project.id]
        room, place.room, place.engine = place.room, None, None
        if room is None:
            return
        if room.transport is not None:
            room.transport.close()
        room.close()

    def _show(self, place: _Place, step: Step | None) -> None:
        """Tell how a project stands, where that is news."""
        assert place.room is not None
        status = place.room.status()
        phase = self._phase(place, step, status)
        if phase is not SyncPhase.OFFLINE:
            place.offline_since = None
        elif place.offline_since is None:
            place.offline_since = self._clock.now_ms()
        problem = step.message if step is not None else place.view.problem if place.view else ""
        view = SyncView(
            phase,
            status.waiting,
            status.attention,
            status.last_success_ms,
            place.offline_since,
            problem,
            status.files,
        )
        self._emit(place, view)

    def _phase(self, place: _Place, step: Step | None, status: SyncStatus) -> SyncPhase:
        if place.engine is None:
            return SyncPhase.ALONE
        before = place.view.phase if place.view else SyncPhase.OFFLINE
        match place.engine.state:
            case SyncState.SYNCED:
                return SyncPhase.SYNCED
            case SyncState.OFFLINE:
                return SyncPhase.OFFLINE
            case SyncState.ATTENTION:
                reached = step.result is not None if step is not None else before is SyncPhase.SYNCED
                return SyncPhase.SYNCED if reached else SyncPhase.OFFLINE
            case _:
                # A poll that finds nothing is no news: the line does not flicker every half minute.
                quiet = before is SyncPhase.SYNCED and not status.waiting and not (step and step.touched)
                return SyncPhase.SYNCED if quiet else SyncPhase.SYNCING

    def _emit(self, place: _Place, view: SyncView) -> None:
        if view != place.view:
            place.view = view
            self.state_changed.emit(place.project.id, view)
