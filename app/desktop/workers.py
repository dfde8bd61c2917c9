"""Slow calls on a worker thread; what they give comes back by a queued signal on the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from app.desktop.translate import tr
from sync.errors import SitebookError

_log = logging.getLogger(__name__)


class _Answer(QObject):
    """Lives on the GUI thread and receives what the worker sends."""

    done = Signal(object)
    failed = Signal(str)
    ended = Signal()


class _Call(QRunnable):
    """One call. Errors of the environment become their sentence; anything else is logged and said."""

    def __init__(self, work: Callable[[], Any], answer: _Answer) -> None:
        super().__init__()
        self._work = work
        self._answer = answer

    def run(self) -> None:
        try:
            result = self._work()
        except SitebookError as error:
            self._answer.failed.emit(str(error))
        except Exception:  # noqa: BLE001
            # A thread has nobody above it that could handle this: it is logged whole, and the user is told.
            _log.exception("a call in the background failed")
            self._answer.failed.emit(tr("Something went wrong in Sitebook; the log says what. Try again."))
        else:
            self._answer.done.emit(result)
        finally:
            self._answer.ended.emit()


class Workers(QObject):
    """Runs calls one after the other: what lies behind them is used by one thread at a time."""

    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answers: set[_Answer] = set()

    @property
    def busy(self) -> bool:
        """Whether a call is running or waiting."""
        return bool(self._answers)

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        """Call ``work`` on the worker, then ``done`` with its result or ``failed`` with a sentence, here."""
        answer = _Answer()
        self._answers.add(answer)
        answer.done.connect(done)
        answer.failed.connect(failed)
        answer.ended.connect(lambda: self._ended(answer))
        if len(self._answers) == 1:
            self.busy_changed.emit(True)
        self._pool.start(_Call(work, answer))

    def wait(self) -> None:
        """Let the running call end; what it gives is dropped with its receivers."""
        self._pool.clear()
        self._pool.waitForDone()

    def _ended(self, answer: _Answer) -> None:
        self._answers.discard(answer)
        if not self._answers:
            self.busy_changed.emit(False)
