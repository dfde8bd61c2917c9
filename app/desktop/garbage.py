"""Cyclic garbage is collected on the GUI thread only.

Python collects cycles in whichever thread allocates; one on the sync thread could destroy Qt objects there,
which Qt does not survive. While other threads run, collection is therefore started from a timer of the GUI
thread, by Python's own thresholds.
"""

from __future__ import annotations

import gc
from typing import ClassVar, Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 500


class GarbageCollector(QObject):
    """Takes over collection between ``begin`` and ``end``. Lives on the GUI thread.

    There may be several, for threads that begin and end as they like: Python has it back after the last of them.
    """

    _taken: ClassVar[int] = 0
    _was_on: ClassVar[bool] = True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begun = False
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.check)

    def begin(self) -> None:
        """Stop Python's own collections and start ours."""
        if self._begun:
            return
        self._begun = True
        if GarbageCollector._taken == 0:
            GarbageCollector._was_on = gc.isenabled()
            gc.disable()
        GarbageCollector._taken += 1
        self._timer.start()

    def end(self) -> None:
        """Give collection back to Python, when no other needs it here."""
        if not self._begun:
            return
        self._begun = False
        self._timer.stop()
        GarbageCollector._taken -= 1
        if GarbageCollector._taken == 0 and GarbageCollector._was_on:
            gc.enable()

    def check(self) -> None:
        """Collect the oldest generation whose threshold is passed, as Python would have."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation] > 0:
                gc.collect(generation)
                return
