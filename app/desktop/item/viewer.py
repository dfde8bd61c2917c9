"""A photo as large as the window: read, decrypted and decoded on a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QImageReader, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import IconButton, Look, Text
from app.desktop.workers import Workers
from app.store import images
from app.store.attached_file import AttachedFile

_LONGEST = 2600
"""Pixels of the longer side that are decoded at most: no screen shows more."""
_MOST_BYTES = 128 << 20
_SHADE = 0.93


class PhotoViewer(QWidget):
    """Lies over the whole window. Arrow keys go to the photos beside; Esc or a press outside goes back."""

    closed = Signal()

    def __init__(self, look: Look, photos: Sequence[AttachedFile], at: int, over: QWidget) -> None:
        super().__init__(over)
        self._look = look
        self._photos = photos
        self._at = at
        self._image: QImage | None = None
        self._problem = ""
        self.workers = Workers(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._name = Text(look, parent=self)
        palette = self._name.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor("#FFFFFF"))
        self._name.setPalette(palette)
        self.back = IconButton(look, "x", tr("Close"), key="Esc", parent=self)
        self.back.clicked.connect(self.close)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self.back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.addLayout(head)
        layout.addStretch(1)
        over.installEventFilter(self)
        self.setGeometry(over.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self._load()

    @property
    def image(self) -> QImage | None:
        """The photo that is shown; None until it is decoded."""
        return self._image

    def move_by(self, step: int) -> None:
        """Show the photo beside."""
        at = self._at + step
        if 0 <= at < len(self._photos):
            self._at = at
            self._load()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def _load(self) -> None:
        photo = self._photos[self._at]
        self._image, self._problem = None, ""
        self._name.setText(photo.name)
        self.setAccessibleName(tr("Photo: {name}").format(name=photo.name))
        self.workers.run(lambda: decode(photo), partial(self._show, self._at), self._refuse)
        self.update()

    def _show(self, at: int, image: QImage | None) -> None:
        if at != self._at:
            return
        self._image = image
        self._problem = "" if image is not None else tr("This picture cannot be shown.")
        self.update()

    def _refuse(self, sentence: str) -> None:
        self._problem = sentence
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shade = QColor("#000000")
        shade.setAlphaF(_SHADE)
        painter.fillRect(self.rect(), shade)
        if self._problem:
            painter.setPen(QColor("#FFFFFF"))
            painter.setFont(self._look.theme.font())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._problem)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._place(self._image), self._image)

    def _place(self, image: QImage) -> QRectF:
        room = QRectF(self.rect()).adjusted(24, 56, -24, -24)
        size = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        return place

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Space: 1, Qt.Key.Key_Left: -1}
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in steps:
            self.move_by(steps[Qt.Key(event.key())])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._image is None or not self._place(self._image).contains(event.position()):
            self.close()

    def closeEvent(self, event: object) -> None:
        self.workers.wait()
        self.closed.emit()


def decode(photo: AttachedFile) -> QImage | None:
    """Decode a photo upright, no larger than a screen; None where it is none. For a worker thread."""
    with photo.open() as file:
        if photo.media_type in ("image/heic", "image/heif"):
            small = images.large(file)
            image = QImage.fromData(small) if small else QImage()
            return None if image.isNull() else image
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _LONGEST:
        reader.setScaledSize(size.scaled(QSize(_LONGEST, _LONGEST), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image
