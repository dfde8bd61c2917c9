"""The photos that go with the next issue of a walk: pasted, dropped, or come into a folder that is watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.pictures import png
from app.desktop.translate import tr
from app.desktop.walk.photo import PhotoButton
from app.desktop.widgets import Look, Text
from app.desktop.workers import Workers
from app.store.attachments import Attachments, Sealed, forget, seal_bytes, seal_file

_READ_SIDE = 160


@dataclass(eq=False)
class _Photo:
    """One photo: sealed as soon as a worker has done it, attached as soon as its issue is there."""

    name: str
    button: PhotoButton
    sealed: Sealed | None = None
    record: bytes | None = None
    gone: bool = False


class PhotoTray(QWidget):
    """The photos of the next issue. They are read and encrypted on a worker while one types."""

    ready = Signal(object)
    """Emits the operation, a call that gives its Touched, that makes a photo a part of its issue."""
    failed = Signal(str)
    changed = Signal()

    def __init__(
        self, look: Look, store: Attachments, stamp: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._store = store
        self._stamp = stamp
        self._photos: list[_Photo] = []
        self._stopped = False
        self._workers = Workers(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.theme.metrics.gap)
        self._words = Text(look, tr("go with the next issue"), tone="muted")
        self._row.addWidget(self._words)
        self._row.addStretch(1)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)
        self._arrange()

    @property
    def count(self) -> int:
        """How many photos wait for the next issue."""
        return len(self._waiting())

    def _waiting(self) -> list[_Photo]:
        return [photo for photo in self._photos if photo.record is None and not photo.gone]

    def take(self, data: QMimeData) -> None:
        """Take what was pasted or dropped."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.add_files(paths)
        elif data.hasImage():
            image = QImage(data.imageData())
            name = tr("Picture {when}.png").format(when=self._stamp())
            self._add(name, lambda: png(image), lambda: _small(image))

    def add_files(self, paths: Sequence[Path]) -> None:
        """Take files; a folder among them is told of and passed over."""
        for path in paths:
            if path.is_dir():
                self.failed.emit(tr("“{name}” is a folder; add the files in it.").format(name=path.name))
            else:
                self._add(path.name, partial(Path, path), partial(_read_small, path))

    def _add(self, name: str, content: Callable[[], Path | bytes], picture: Callable[[], QImage]) -> None:
        photo = _Photo(name, PhotoButton(self._look, name, self))
        photo.button.clicked.connect(partial(self._drop, photo))
        self._photos.append(photo)
        store = self._store
        directory, random = store.directory, store.project.random

        def seal() -> tuple[Sealed, QImage]:
            small = picture()
            found = content()
            if isinstance(found, bytes):
                return seal_bytes(name, found, directory, random, zone=store.zone), small
            sealed = seal_file(
                found, directory, random, zone=store.zone, cancelled=lambda: self._stopped or photo.gone
            )
            return sealed, small

        self._workers.run(seal, partial(self._sealed, photo), partial(self._refused, photo))
        self._arrange()

    def give(self, record: bytes) -> None:
        """The photos that wait belong to this issue; those still being read follow when they are done."""
        for photo in self._waiting():
            photo.record = record
            self._attach(photo)
        self._arrange()

    def _sealed(self, photo: _Photo, found: tuple[Sealed, QImage]) -> None:
        photo.sealed, small = found
        if photo.gone:
            forget(photo.sealed, self._store.directory)
            return
        if not small.isNull():
            photo.button.show_picture(QPixmap.fromImage(small))
        self._attach(photo)

    def _attach(self, photo: _Photo) -> None:
        if photo.record is None or photo.sealed is None:
            return
        record, sealed = photo.record, photo.sealed
        self._remove(photo)
        self.ready.emit(lambda: self._store.attach(record, sealed)[1])

    def _refused(self, photo: _Photo, sentence: str) -> None:
        self._remove(photo)
        if not photo.gone:
            self.failed.emit(sentence)

    def _drop(self, photo: _Photo, _checked: bool = False) -> None:
        """The photo was pressed: it does not go with the issue."""
        photo.gone = True
        if photo.sealed is not None:
            forget(photo.sealed, self._store.directory)
        self._remove(photo)

    def _remove(self, photo: _Photo) -> None:
        # One that was left out is gone already when its reading ends.
        if photo not in self._photos:
            return
        self._photos.remove(photo)
        photo.button.hide()
        photo.button.deleteLater()
        self._arrange()

    def _arrange(self) -> None:
        waiting = self._waiting()
        for place, photo in enumerate(waiting):
            self._row.insertWidget(place, photo.button)
        for photo in self._photos:
            photo.button.setVisible(photo in waiting)
        self.setVisible(bool(waiting))
        self.changed.emit()

    def stop(self) -> None:
        """Let what is being read end at once: the window closes. Photos without an issue are forgotten."""
        self._stopped = True
        self._workers.wait()
        for photo in self._waiting():
            if photo.sealed is not None:
                forget(photo.sealed, self._store.directory)
                photo.sealed = None


def _small(image: QImage) -> QImage:
    return image.scaled(
        _READ_SIDE,
        _READ_SIDE,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )


def _read_small(path: Path) -> QImage:
    """A small picture of a photo; a null image where it is none. For a worker thread."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        return QImage()
    reader.setScaledSize(size.scaled(_READ_SIDE, _READ_SIDE, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()
