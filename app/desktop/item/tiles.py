"""A photo or file of an item as a tile: its picture, and in words where it is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from app.desktop.file_desk import place_words
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring
from app.store.file_places import Place

WIDTH, PICTURE = 92, 70
_CAPTION = 18
_SIGN = 12
_HERE = Place(held=True, served=False)
_ICONS = {
    "application/pdf": "file-pdf",
    "video": "film-strip",
    "audio": "music-note",
    "image": "image",
    "text": "file-text",
}


def kind_icon(media: str) -> str:
    """The icon for a type of file."""
    return _ICONS.get(media) or _ICONS.get(media.split("/")[0], "file")


class _Tile(QAbstractButton):
    """What all tiles have in common: a picture's place above a line of words."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        scale = self._look.theme.metrics.base / 13
        return QSize(round(WIDTH * scale), round((PICTURE + _CAPTION) * scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _picture_rect(self) -> QRectF:
        scale = self._look.theme.metrics.base / 13
        return QRectF(0, 0, self.width(), round(PICTURE * scale))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class FileTile(_Tile):
    """One file. A press, or Enter, asks to see it."""

    save_asked = Signal(bytes)
    remove_asked = Signal(bytes)
    fetch_asked = Signal(bytes)
    """A press on a file that is not here."""
    cancel_asked = Signal(bytes)
    """A press on a file that is on its way here."""

    def __init__(
        self, look: Look, attachment: bytes, name: str, media: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self.attachment = attachment
        self.name = name
        self._media = media
        self._image: QImage | None = None
        self.place = _HERE
        self.bytes = 0
        """Its bytes, once somebody asked."""
        self._share: int | None = None
        self._caption = ""
        self._icon = ""
        self.clicked.connect(self._pressed)
        self.show_place(_HERE)

    @property
    def here(self) -> bool:
        """Whether the file is on this device."""
        return self.place.held

    def show_place(self, place: Place, share: int | None = None) -> None:
        """Say where the file is; ``share``: how many percent of it came."""
        self.place = place
        self._share = share
        self._caption, whole, self._icon = place_words(place)
        if share is not None and not place.held:
            self._caption = tr("{share} %").format(share=share)
            whole = tr("{share} % came; press to stop").format(share=share)
        self.setAccessibleName(tr("{name}, {place}").format(name=self.name, place=whole))
        self.setToolTip(f"{self.name}\n{whole}")
        self.update()

    def _pressed(self, _checked: bool = False) -> None:
        if not self.place.held:
            (self.cancel_asked if self.place.wanted else self.fetch_asked).emit(self.attachment)

    def show_image(self, image: QImage) -> None:
        """Show the small picture."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = self._picture_rect()
        path = QPainterPath()
        path.addRoundedRect(rect, theme.metrics.radius, theme.metrics.radius)
        if self._image is not None:
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(rect, self._image, _covering(self._image, rect))
            painter.restore()
        else:
            self._paint_kind(painter, rect)
        if self.underMouse():
            painter.fillPath(path, theme.hover())
        if self.hasFocus():
            paint_ring(painter, rect, theme)
        self._paint_caption(painter, rect)

    def _paint_kind(self, painter: QPainter, rect: QRectF) -> None:
        """What has no picture: an icon and the name."""
        theme = self._look.theme
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(
            rect.adjusted(0.5, 0.5, -0.5, -0.5), theme.metrics.radius, theme.metrics.radius
        )
        pixmap = self._look.icons.pixmap(
            kind_icon(self._media), "muted", ratio=self.devicePixelRatioF(), size=24
        )
        painter.drawPixmap(QRect(round(rect.center().x()) - 12, round(rect.top()) + 14, 24, 24), pixmap)
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("text"))
        space = rect.adjusted(6, 44, -6, -6)
        shown = painter.fontMetrics().elidedText(
            self.name, Qt.TextElideMode.ElideMiddle, round(space.width())
        )
        painter.drawText(space, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_caption(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        box = QRectF(0, rect.bottom() + 2, self.width(), self.height() - rect.bottom() - 2)
        tone = "warning" if self.place.only_here or self.place.problem else "muted"
        if self._icon == "circle":
            painter.setPen(QPen(theme.color(tone), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(2, box.center().y() - 2.5, 5, 5))
        else:
            sign = self._look.icons.pixmap(self._icon, tone, ratio=self.devicePixelRatioF(), size=_SIGN)
            painter.drawPixmap(QPointF(0, box.center().y() - _SIGN / 2), sign)
        if self._share is not None and not self.place.held:
            bar = QRectF(rect.left() + 6, rect.bottom() - 7, rect.width() - 12, 3)
            painter.fillRect(bar, theme.color("line"))
            painter.fillRect(
                QRectF(bar.topLeft(), QSizeF(bar.width() * self._share / 100, 3)), theme.color("accent")
            )
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("muted"))
        space = box.adjusted(_SIGN + 3, 0, 0, 0)
        shown = painter.fontMetrics().elidedText(
            self._caption, Qt.TextElideMode.ElideRight, round(space.width())
        )
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_asked.emit(self.attachment)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        save = menu.addAction(tr("Save a copy…"))
        save.setEnabled(self.here)
        save.triggered.connect(lambda: self.save_asked.emit(self.attachment))
        menu.addAction(tr("Remove")).triggered.connect(lambda: self.remove_asked.emit(self.attachment))
        menu.popup(event.globalPos())


class AddTile(_Tile):
    """Where files are dropped or pasted; a press chooses some."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._busy = ""
        self._target = False
        self.setAccessibleName(tr("Add photos or files"))
        self.setToolTip(tr("Drop or paste photos and files, or press to choose some"))

    def show_progress(self, words: str) -> None:
        """Say how far adding is; empty when nothing is being added."""
        self._busy = words
        self.setAccessibleDescription(words)
        self.update()

    def show_target(self, target: bool) -> None:
        """Show that files held over the item would land here."""
        self._target = target
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self._picture_rect()
        radius = theme.metrics.radius
        pen = QPen(theme.color("accent" if self._target else "line"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color("selected") if self._target else theme.color("background"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, radius, radius)
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("muted"))
        align = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(6, 4, -6, -4), align, self._busy or tr("Drop, paste or click"))
        if self.hasFocus():
            paint_ring(painter, rect, theme)


def _covering(image: QImage, rect: QRectF) -> QRectF:
    """The middle part of an image that fills a rectangle without distortion."""
    wanted = rect.width() / rect.height()
    width, height = float(image.width()), float(image.height())
    if width / height > wanted:
        part = height * wanted
        return QRectF((width - part) / 2, 0, part, height)
    part = width / wanted
    return QRectF(0, (height - part) / 2, width, part)
