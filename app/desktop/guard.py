"""Tells of our own errors: what nothing else caught is logged whole and said in one sentence."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken

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
        end_painters(trace)
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


def end_painters(trace: TracebackType | None) -> None:
    """End the painters that code was painting with when it failed.

    The error keeps its frames, and they keep their painters: one that is still at work when its pixmap goes, or when
    Qt flushes its window, ends the process. Qt's own painters, as delegates are given them, end by themselves.
    This reaches what the event loop has painted: an error below ``grab`` is told only when its picture is gone.
    """
    painters = [
        each
        for frame in _frames(trace)
        for each in frame.f_locals.values()
        if isinstance(each, QPainter) and Shiboken.isValid(each) and Shiboken.createdByPython(each)
    ]
    # The innermost first: what is painted with may be painted in its turn.
    for painter in reversed(painters):
        if painter.isActive():
            painter.end()


def _frames(trace: TracebackType | None) -> Iterator[FrameType]:
    """The frames of an error, the outermost first."""
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next
