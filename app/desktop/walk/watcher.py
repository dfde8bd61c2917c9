"""Watches a folder for photos, as a camera or a phone's sync puts them there."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app.desktop.workers import Workers

_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic"})
_SETTLE_MS = 400
"""A file whose size did not change for so long is whole."""


class FolderWatcher(QObject):
    """Tells of the photos that come into a folder. What lies there at the beginning is left alone."""

    arrived = Signal(object)
    """Emits the path of each new photo, once it is whole."""
    began = Signal()
    """The folder was read for the first time: what comes from now on is new."""
    lost = Signal(str)
    """Emits the folder's name: it cannot be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._known: set[str] | None = None
        self._growing: dict[str, int] = {}
        self._workers = Workers(self)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._look)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self._look)

    @property
    def folder(self) -> Path | None:
        """The folder that is watched, if any."""
        return self._folder

    def watch(self, folder: Path | None) -> None:
        """Watch another folder, or none."""
        if self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())
        self._timer.stop()
        self._growing.clear()
        self._known = None
        self._folder = folder
        if folder is not None:
            if self._watcher.addPath(str(folder)):
                self._look()
            else:
                self._lose(folder)

    def stop(self) -> None:
        """Look no more: the page closes."""
        self.watch(None)
        self._workers.wait()

    def _look(self, _folder: str = "") -> None:
        """Have the folder read: it may be long, or lie on a slow disk."""
        folder = self._folder
        if folder is not None:
            self._workers.run(partial(_photos, folder), partial(self._seen, folder), lambda _sentence: None)

    def _lose(self, folder: Path) -> None:
        self.watch(None)
        self.lost.emit(folder.name)

    def _seen(self, folder: Path, found: dict[str, int] | None) -> None:
        if folder != self._folder:
            return
        if found is None:
            self._lose(folder)
            return
        if self._known is None:
            self._known = set(found)
            self.began.emit()
            return
        self._known &= set(found)
        growing: dict[str, int] = {}
        for name, size in found.items():
            if name in self._known:
                continue
            if size and self._growing.get(name) == size:
                self._known.add(name)
                self.arrived.emit(folder / name)
            else:
                growing[name] = size
        self._growing = growing
        if growing:
            self._timer.start()


def _photos(folder: Path) -> dict[str, int] | None:
    """The photos in a folder with their sizes in bytes; None where it cannot be read."""
    try:
        return {
            path.name: path.stat().st_size
            for path in folder.iterdir()
            if path.suffix.lower() in _ENDINGS and not path.name.startswith(".")
        }
    except OSError:
        return None
