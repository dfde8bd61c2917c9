"""Cyclic garbage is collected on the GUI thread only.

Python collects cycles in whichever thread allocates; one on the sync thread could destroy Qt objects there,
which Qt does not survive. While other threads run, collection is therefore started from a timer of the GUI
thread, by Python's own thresholds.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 500


class GarbageCollector(QObject):
    """Takes over collection between ``begin`` and ``end``. Lives on the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = True
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.check)

    def begin(self) -> None:
        """Stop Python's own collections and start ours."""
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer.start()

    def end(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        if self._was_on:
            gc.enable()

    def check(self) -> None:
        """Collect the oldest generation whose threshold is passed, as Python would have."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation] > 0:
                gc.collect(generation)
                return
