"""Hears of it when other programs change something in a folder."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app.desktop.garbage import GarbageCollector

_GATHER_MS = 400
_STEP_MS = 50
_FIRST_MS = 2_000
_log = logging.getLogger(__name__)


class FolderWatcher(QObject):
    """Watches one folder, with all that is below it, on a thread of its own. Lives on the GUI thread."""

    disturbed = Signal()
    """Something was written, moved or removed."""
    lost = Signal()
    """The system does not tell of this folder: who wants to know has to look now and then."""
    _heard = Signal(int)
    _failed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._number = 0
        self._garbage = GarbageCollector(self)
        self._heard.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._lose, Qt.ConnectionType.QueuedConnection)

    @property
    def is_watching(self) -> bool:
        """Whether a folder is watched."""
        return self._thread is not None

    def watch(self, folder: Path) -> None:
        """Watch another folder."""
        self.stop()
        self._number += 1
        self._stop = threading.Event()
        self._garbage.begin()
        self._thread = threading.Thread(
            target=self._listen, args=(folder, self._stop, self._number), name="folder", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Watch no more, and wait the moment until the thread has seen it."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None
            self._garbage.end()

    def _listen(self, folder: Path, stop: threading.Event, number: int) -> None:
        # Loaded on the thread that needs it: most projects have no folder.
        from watchfiles import watch

        try:
            begun = False
            for changes in watch(
                folder,
                watch_filter=lambda _change, path: _concerns(folder, path),
                stop_event=stop,
                debounce=_GATHER_MS,
                step=_STEP_MS,
                rust_timeout=_FIRST_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                # What was done until the system began to tell is asked for once.
                if changes or not begun:
                    self._heard.emit(number)
                begun = True
        except (OSError, RuntimeError) as error:
            # Network disks tell of nothing, and a system has only so many watches.
            _log.warning("the folder cannot be watched: %s", error)
            self._failed.emit(number)

    def _tell(self, number: int) -> None:
        if number == self._number and self.is_watching:
            self.disturbed.emit()

    def _lose(self, number: int) -> None:
        if number == self._number and self.is_watching:
            self.lost.emit()


def _concerns(folder: Path, path: str) -> bool:
    """Whether a change may mean something: what begins with a dot is nobody's business."""
    try:
        parts = Path(path).relative_to(folder).parts
    except ValueError:
        return True
    return not any(part.startswith(".") for part in parts)
