"""The grid of a gallery: only tiles that are seen are drawn, and pictures are asked for when scrolling rests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.desktop.file_desk import FileDesk, place_words
from app.desktop.gallery.model import Layout, Shot
from app.desktop.item.tiles import kind_icon
from app.desktop.picture_cache import PictureCache
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring
from app.desktop.words import day_text
from app.desktop.workspace import Workspace
from app.store.attached_file import USUAL_SIZE

_SIDE = 148
_SIZE = 296
_MOST = 240
_RESTS_MS = 30
_AT_ONCE = 8
"""Pictures asked for in one go: each is a look into the project file."""


class GalleryView(QAbstractScrollArea):
    """Shots by day. Arrows move, Enter shows one large, O opens what it belongs to."""

    opened = Signal(int)
    """Emits the index of the shot that is to be shown."""
    moved = Signal()
    parent_asked = Signal(bytes)
    left = Signal()

    def __init__(self, look: Look, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._workspace = workspace
        self.shots: Sequence[Shot] = ()
        self._tiles: dict[bytes, QPixmap] = {}
        self.current: int | None = None
        self.pictures = PictureCache(workspace.attachments, _SIZE, _MOST, self, source=USUAL_SIZE)
        self.pictures.came.connect(lambda _record: self.viewport().update())
        self._stopped = False
        workspace.stopping.connect(self._stop)
        self._rests = QTimer(self, singleShot=True, interval=_RESTS_MS)
        self._rests.timeout.connect(self._ask)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Photos and files"))
        self.viewport().setMouseTracking(True)
        self._layout = self._lay_out()
        look.theme.changed.connect(self._relay)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is there: only what comes into sight is drawn."""
        self.viewport().scroll(0, dy)
        self._rests.start()

    def _stop(self) -> None:
        """The project is about to be closed: nothing of it is read any more."""
        self._stopped = True
        self._rests.stop()
        self.pictures.wait()

    @property
    def _files(self) -> FileDesk | None:
        return self._workspace.files

    def show_shots(self, shots: Sequence[Shot]) -> None:
        """Show these; who stands on one that is still there stays on it."""
        standing = self.shots[self.current].record if self.current is not None else None
        self.shots = shots
        self.current = next((at for at, shot in enumerate(shots) if shot.record == standing), None)
        if self.current is None and shots:
            self.current = 0
        self._relay()

    def _lay_out(self) -> Layout:
        metrics = self._look.theme.metrics
        scale = metrics.base / 13
        width, gap = self.viewport().width(), metrics.gap
        columns = max(1, (width - gap) // (round(_SIDE * scale) + gap))
        return Layout(
            self.shots,
            width,
            max(40, (width - gap) // columns - gap),
            metrics.gap,
            round(36 * scale),
            round(20 * scale),
        )

    def _relay(self) -> None:
        side = self._layout.side
        self._layout = self._lay_out()
        if side != self._layout.side:
            self._tiles.clear()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(40)
        self._rests.start()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relay()

    def _seen(self) -> list[int]:
        top = self.verticalScrollBar().value()
        lines = self._layout.seen(top, top + self.viewport().height())
        return [index for line in lines for index in range(line.first, line.first + line.count)]

    def _ask(self) -> None:
        """Ask for the pictures that are seen, a few at a time."""
        if self._stopped:
            return
        seen = self._seen()
        if self._files is not None:
            self._files.ask([self.shots[index].record for index in seen])
        left = _AT_ONCE
        for index in seen:
            record = self.shots[index].record
            if self.pictures.is_known(record):
                continue
            if not left:
                self._rests.start()
                break
            left -= 1
            self.pictures.picture(record)
        self.viewport().update()

    def forget(self, records: Sequence[bytes]) -> None:
        """Files are here now: ask for their pictures again."""
        for record in records:
            self.pictures.forget(record)
        self._rests.start()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.color("surface"))
        top = self.verticalScrollBar().value()
        today = self._workspace.now().date()
        for line in self._layout.seen(top + event.rect().top(), top + event.rect().bottom() + 1):
            if not line.count:
                painter.setFont(theme.font(strong=True))
                painter.setPen(theme.color("text"))
                box = QRect(self._layout.gap, line.top - top, self.viewport().width(), line.height)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, day_text(line.day, today))
            for index in range(line.first, line.first + line.count):
                self._paint_tile(painter, index, top)
        painter.end()

    def _paint_tile(self, painter: QPainter, index: int, top: int) -> None:
        theme, shot = self._look.theme, self.shots[index]
        x, y = self._layout.place(index)
        side = self._layout.side
        box = QRectF(x, y - top, side, side)
        ratio = self.devicePixelRatioF()
        picture = self._fitted(shot.record, ratio)
        if picture is not None:
            painter.drawPixmap(box.topLeft(), picture)
        else:
            painter.fillRect(box, theme.color("background"))
            icon = self._look.icons.pixmap(kind_icon(shot.media), "muted", ratio=ratio, size=24)
            painter.drawPixmap(QPointF(box.center().x() - 12, box.center().y() - 12), icon)
        self._paint_place(painter, shot, box, ratio)
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("muted"))
        words = shot.title or shot.name
        space = QRect(x, y - top + side, side, self._layout.gap + 12)
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, side)
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        if index == self.current and self.hasFocus():
            paint_ring(painter, box, theme)

    def _fitted(self, record: bytes, ratio: float) -> QPixmap | None:
        """A picture cut to the size of a tile: scaling is what a frame costs, so it is done once."""
        found = self._tiles.get(record)
        whole = self.pictures.peek(record) if found is None else None
        if whole is not None:
            side = round(self._layout.side * ratio)
            found = whole.scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            )
            found = found.copy((found.width() - side) // 2, (found.height() - side) // 2, side, side)
            found.setDevicePixelRatio(ratio)
            if len(self._tiles) >= _MOST:
                self._tiles.pop(next(iter(self._tiles)))
            self._tiles[record] = found
        return found

    def _paint_place(self, painter: QPainter, shot: Shot, box: QRectF, ratio: float) -> None:
        """A sign on what is only here, not here, or in trouble; what is safe has none."""
        place = None if self._files is None else self._files.known(shot.record)
        if place is None or (place.held and not place.only_here and not place.problem):
            return
        theme = self._look.theme
        icon = "hard-drive" if place.only_here and not place.problem else place_words(place)[2]
        sign = QRectF(box.right() - 24, box.bottom() - 24, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawEllipse(sign)
        tone = "warning" if place.only_here or place.problem else "muted"
        pixmap = self._look.icons.pixmap(icon, tone, ratio=ratio, size=14)
        painter.drawPixmap(QPointF(sign.left() + 3, sign.top() + 3), pixmap)

    # Hands

    def stand_on(self, index: int) -> None:
        """Go to a shot, and bring it into sight."""
        if not self.shots:
            return
        self.current = max(0, min(index, len(self.shots) - 1))
        _, y = self._layout.place(self.current)
        bar, height = self.verticalScrollBar(), self._layout.side + 40
        if y - 40 < bar.value():
            bar.setValue(y - 40)
        elif y + height > bar.value() + self.viewport().height():
            bar.setValue(y + height - self.viewport().height())
        shot = self.shots[self.current]
        self.setAccessibleDescription(f"{shot.name}, {shot.title}")
        self.moved.emit()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
            return
        if self.current is None:
            super().keyPressEvent(event)
            return
        rows = max(1, self.viewport().height() // (self._layout.side + 40))
        steps: dict[Qt.Key, Callable[[int], int]] = {
            Qt.Key.Key_Left: lambda at: at - 1,
            Qt.Key.Key_Right: lambda at: at + 1,
            Qt.Key.Key_Up: lambda at: self._layout.beside(at, -1),
            Qt.Key.Key_Down: lambda at: self._layout.beside(at, 1),
            Qt.Key.Key_PageUp: lambda at: self._layout.beside(at, -rows),
            Qt.Key.Key_PageDown: lambda at: self._layout.beside(at, rows),
            Qt.Key.Key_Home: lambda _at: 0,
            Qt.Key.Key_End: lambda _at: len(self.shots) - 1,
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.current)
        elif key == Qt.Key.Key_O:
            self.parent_asked.emit(self.shots[self.current].parent)
        elif key in steps:
            self.stand_on(steps[Qt.Key(key)](self.current))
        else:
            super().keyPressEvent(event)

    def _index_at(self, event: QMouseEvent) -> int | None:
        at = event.position().toPoint()
        return self._layout.at(at.x(), at.y() + self.verticalScrollBar().value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        if index is not None:
            self.stand_on(index)
            self.opened.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor
        )
        self.viewport().setToolTip("" if index is None else self._hint(self.shots[index]))

    def _hint(self, shot: Shot) -> str:
        place = None if self._files is None else self._files.known(shot.record)
        parts = [shot.name, shot.title, "" if place is None else place_words(place)[1]]
        return "\n".join(part for part in parts if part)
