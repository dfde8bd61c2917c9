"""Slow calls on a worker thread; what they give comes back by a queued signal on the GUI thread.

A call, and so whatever it was made of (often the page that asked), is let go of on the GUI thread only. Were the
worker the last to hold a widget, PySide would destroy it from there, or in the midst of any line of the GUI thread:
while it handles an event, for one, which Qt does not survive.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from weakref import ref

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from shiboken6 import Shiboken

from app.desktop.garbage import GarbageCollector
from app.desktop.translate import tr
from sync.errors import SitebookError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """What to call, and whom to tell."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a call gave, or the sentence that says why it gave nothing."""

    result: Any = None
    problem: str | None = None


class _Lane(QObject):
    """One thread and its calls, first come, first served. Lives on the GUI thread, and until its last call ended.

    Its owner may go before, with the page it belongs to: then nobody is told.
    """

    _ended = Signal(int)

    def __init__(self, owner: Workers) -> None:
        super().__init__()
        self._owner = ref(owner)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(1)
        self._jobs: dict[int, _Job] = {}
        self._outcomes: dict[int, _Outcome] = {}
        self._garbage = GarbageCollector(self)
        self._asked = 0
        self._begun = 0
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    def ask(self, job: _Job) -> None:
        """Let the thread do this when it has done the rest."""
        _running.add(self)
        self._garbage.begin()
        self._asked += 1
        self._jobs[self._asked] = job
        self._pool.start(_Call(self, self._asked))

    def carry_out(self, number: int) -> None:
        """Do what was asked for; this runs on the worker. It keeps nothing of it in a variable of its own."""
        self._begun = number
        self._outcomes[number] = _outcome_of(self._jobs[number].work)
        self._ended.emit(number)

    def wait(self) -> None:
        """Let the running call end, and forget those that wait for their turn."""
        self._pool.clear()
        self._pool.waitForDone()
        for number in [number for number in self._jobs if number > self._begun]:
            del self._jobs[number]
        self._rest()

    def _tell(self, number: int) -> None:
        job, outcome = self._jobs[number], self._outcomes.pop(number)
        try:
            if self._there() is None:
                return
            if outcome.problem is None:
                job.done(outcome.result)
            else:
                job.failed(outcome.problem)
        finally:
            del self._jobs[number]
            self._rest()

    def _rest(self) -> None:
        """When there is nothing more to do, wait the moment until the thread has left the last call."""
        if self._jobs or self not in _running:
            return
        self._pool.waitForDone()
        _running.discard(self)
        self._garbage.end()
        owner = self._there()
        if owner is not None:
            owner.busy_changed.emit(False)

    def _there(self) -> Workers | None:
        owner = self._owner()
        return owner if owner is not None and Shiboken.isValid(owner) else None


_running: Final[set[_Lane]] = set()
"""A thread pool that goes waits for its thread, which may wait for Python's lock: it must not go while it works."""


@atexit.register
def _wait_for_all() -> None:
    """PySide destroys what is left when Python ends, which no thread may be using then."""
    for lane in list(_running):
        lane.wait()


class _Call(QRunnable):
    """Leads a thread of Qt to a job."""

    def __init__(self, lane: _Lane, number: int) -> None:
        super().__init__()
        self._lane = lane
        self._number = number

    def run(self) -> None:
        self._lane.carry_out(self._number)


def _outcome_of(work: Callable[[], Any]) -> _Outcome:
    """Errors of the environment become their sentence; anything else is logged and said."""
    try:
        return _Outcome(work())
    except SitebookError as error:
        return _Outcome(problem=str(error))
    except Exception:  # noqa: BLE001
        # A thread has nobody above it that could handle this: it is logged whole, and the user is told.
        _log.exception("a call in the background failed")
        return _Outcome(problem=tr("Something went wrong in Sitebook; the log says what. Try again."))


class Workers(QObject):
    """Runs calls one after the other: what lies behind them is used by one thread at a time."""

    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = _Lane(self)

    @property
    def busy(self) -> bool:
        """Whether a call is running or waiting."""
        return self._lane.busy

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        """Call ``work`` on the worker, then ``done`` with its result or ``failed`` with a sentence, here.

        Neither is called when this object is gone by then, as it is with its parent.
        """
        was_busy = self.busy
        self._lane.ask(_Job(work, done, failed))
        if not was_busy:
            self.busy_changed.emit(True)

    def wait(self) -> None:
        """Let the running call end; what it gives is dropped with its receivers."""
        self._lane.wait()
