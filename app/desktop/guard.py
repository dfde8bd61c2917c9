"""Tells of our own errors: what nothing else caught is logged whole and said in one sentence."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)


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
