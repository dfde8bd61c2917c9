"""Changed cells glow for a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStyle

GLOW_MS = 600
_FRAME_MS = 40
_MOST = 400
"""Where more cells change at once nothing glows: it would say nothing."""


def moves() -> bool:
    """Whether the system wants things to move: its setting for reduced motion."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return QApplication.style().styleHint(hint) > 0


class Glow(QObject):
    """Which cells glow, and how strongly. ``faded`` asks for painting while any does."""

    faded = Signal()

    def __init__(self, allowed: Callable[[], bool] = moves, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._allowed = allowed
        self._began: dict[str, dict[bytes, int]] = {}
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._fade)

    @property
    def glowing(self) -> bool:
        """Whether any cell glows."""
        return bool(self._began)

    def begin(self, path: str, records: Iterable[bytes]) -> None:
        """Let cells of one column glow."""
        found = list(records)
        if not found or len(found) > _MOST or not self._allowed():
            return
        now = self._clock.elapsed()
        self._began.setdefault(path, {}).update(dict.fromkeys(found, now))
        self._timer.start()

    def strengths(self, path: str) -> dict[bytes, float]:
        """How strongly each cell of a column glows, from 1 down to 0."""
        began = self._began.get(path)
        if not began:
            return {}
        now = self._clock.elapsed()
        return {record: max(0.0, 1 - (now - at) / GLOW_MS) for record, at in began.items()}

    def _fade(self) -> None:
        now = self._clock.elapsed()
        for path, began in list(self._began.items()):
            kept = {record: at for record, at in began.items() if now - at < GLOW_MS}
            if kept:
                self._began[path] = kept
            else:
                del self._began[path]
        if not self._began:
            self._timer.stop()
        self.faded.emit()
