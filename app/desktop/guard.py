"""What holds for the whole program: garbage is collected where Qt's objects live; our errors are told."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Signal

_log = logging.getLogger(__name__)
_PERIOD_MS = 1000


class GarbageCollector(QObject):
    """Collects cycles on the GUI thread only: collected on a worker, a cycle may destroy widgets there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._thresholds = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Collect the oldest generation that has grown enough."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Collect as Python does by itself again."""
        self._timer.stop()
        gc.enable()


class ErrorHook(QObject):
    """Logs what nothing else caught, and says so in one sentence. Our own errors never end the program."""

    happened = Signal()

    def install(self) -> None:
        """Take over from Python's own hooks."""
        sys.excepthook = self._main_thread
        threading.excepthook = self._other_thread

    def _main_thread(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.critical("an error that nothing handled", exc_info=(kind, error, trace))
        self.happened.emit()

    def _other_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None:
            return
        _log.critical(
            "an error that nothing handled, on a thread",
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )
        self.happened.emit()
