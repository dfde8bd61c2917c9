"""Small pictures of attached photos, made on a worker thread and kept up to a number."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from app.desktop.workers import Workers
from app.store.attached_file import AttachedFile
from app.store.attachments import Attachments


class PictureCache(QObject):
    """Gives pictures whose longest side has ``size`` pixels; keeps the ``most`` that were asked for last."""

    came = Signal(bytes)
    """Emits the attachment whose picture was asked for and is there."""

    def __init__(
        self,
        store: Attachments | None,
        size: int,
        most: int,
        parent: QObject | None = None,
        *,
        source: int = 0,
    ) -> None:
        """``source``: size of the pictures that they are made of, where files have those already."""
        super().__init__(parent)
        self._store = store
        self._size = size
        self._source = source or size
        self._most = most
        self._pictures: OrderedDict[bytes, QPixmap | None] = OrderedDict()
        self._asked: set[bytes] = set()
        self._workers = Workers(self)

    def picture(self, attachment: bytes) -> QPixmap | None:
        """A picture; None until it is there, or where there is none."""
        if attachment in self._pictures:
            self._pictures.move_to_end(attachment)
            return self._pictures[attachment]
        self._keep(attachment, None)
        if self._store is not None:
            file = self._store.file(attachment)
            self._asked.add(attachment)
            self._workers.run(
                partial(_thumbnail, file, self._source, self._size),
                partial(self._show, attachment),
                lambda _said: self._asked.discard(attachment),
            )
        return None

    def peek(self, attachment: bytes) -> QPixmap | None:
        """A picture, if it is there: nothing is asked for."""
        return self._pictures.get(attachment)

    def is_known(self, attachment: bytes) -> bool:
        """Whether a picture was asked for, and is remembered or being made."""
        return attachment in self._pictures

    def is_asked(self, attachment: bytes) -> bool:
        """Whether a picture is being made."""
        return attachment in self._asked

    def wait(self) -> None:
        """Wait until nothing is being made."""
        self._workers.wait()

    def forget(self, attachment: bytes) -> None:
        """Ask for a picture again: its file may be here now."""
        if self._pictures.get(attachment, self) is None:
            del self._pictures[attachment]

    def _show(self, attachment: bytes, image: QImage | None) -> None:
        self._asked.discard(attachment)
        if image is not None:
            self._keep(attachment, QPixmap.fromImage(image))
        self.came.emit(attachment)

    def _keep(self, attachment: bytes, picture: QPixmap | None) -> None:
        self._pictures[attachment] = picture
        self._pictures.move_to_end(attachment)
        while len(self._pictures) > self._most:
            self._pictures.popitem(last=False)


def _thumbnail(file: AttachedFile, source: int, size: int) -> QImage | None:
    """The small picture of a file. For a worker thread."""
    data = file.thumbnail(source)
    image = QImage.fromData(data) if data else QImage()
    if image.isNull():
        return None
    if max(image.width(), image.height()) <= size:
        return image
    return image.scaled(
        size, size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
