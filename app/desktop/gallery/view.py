"""The grid of a gallery: only tiles that are seen are drawn, and pictures are asked for when scrolling rests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from app.desktop.file_desk import FileDesk
from app.desktop.gallery.menu import shot_menu
from app.desktop.gallery.model import Layout, Shot
from app.desktop.gallery.says import hint, spoken
from app.desktop.gallery.tile import Looks, looks_of, make_tile, paint_day
from app.desktop.picture_cache import PictureCache
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring
from app.desktop.words import day_text
from app.desktop.workspace import Workspace
from app.store.attached_file import USUAL_SIZE
from app.store.file_places import Place

_SIDE = 148
_SIZE = 296
_MOST = 240
_RESTS_MS = 30
_MADE_AT_ONCE = 4
"""Tiles made in one frame."""
_AT_ONCE = 5
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
        self._tiles: dict[bytes, tuple[Looks, QPixmap]] = {}
        self._left_to_make = 0
        self._shares: dict[bytes, int] = {}
        self._hovered: int | None = None
        self._pressed: int | None = None
        """The tile that the button went down on: it opens when the button is let go there."""
        self.current: int | None = None
        self.pictures = PictureCache(workspace.attachments, _SIZE, _MOST, self, source=USUAL_SIZE)
        self.pictures.came.connect(self._update_tile)
        self._stopped = False
        workspace.stopping.connect(self._stop)
        self._rests = QTimer(self, singleShot=True, interval=_RESTS_MS)
        self._rests.timeout.connect(self._ask)
        self._unfinished = QTimer(self, singleShot=True, interval=0)
        self._unfinished.timeout.connect(self.viewport().update)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Photos and files"))
        self.viewport().setMouseTracking(True)
        self._layout = self._lay_out()
        look.theme.changed.connect(self._redress)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is there: only what comes into sight is drawn."""
        self._hover(None)
        self.viewport().scroll(0, dy)
        self._rests.start()

    def _stop(self) -> None:
        """The project is about to be closed: nothing of it is read any more."""
        self._stopped = True
        self._rests.stop()
        self._unfinished.stop()
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
        width, gap, edge = self.viewport().width(), metrics.gap, metrics.gap_large
        columns = max(1, (width - 2 * edge + gap) // (round(_SIDE * scale) + gap))
        return Layout(
            self.shots,
            width,
            max(40, (width - 2 * edge + gap) // columns - gap),
            metrics.gap,
            round(36 * scale),
            round(20 * scale),
            edge,
        )

    def _redress(self) -> None:
        self._tiles.clear()
        self._relay()

    def _relay(self) -> None:
        self._hovered = None
        self._layout = self._lay_out()
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
            self.ask_places([self.shots[index].record for index in seen])
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

    @property
    def is_at_rest(self) -> bool:
        """Whether all that is in sight was asked for, came, and is painted."""
        records = [self.shots[index].record for index in self._seen()]
        return not (self._rests.isActive() or self._unfinished.isActive()) and not any(
            self.pictures.is_asked(record) for record in records
        )

    def ask_places(self, records: Iterable[bytes]) -> None:
        """Files are elsewhere now: read where, of those in sight, before they are painted."""
        seen = {self.shots[index].record for index in self._seen()}
        moved = [record for record in records if record in seen]
        files = self._files
        if files is None or self._stopped or not moved:
            return
        files.ask(moved)
        for record in moved:
            known = self._tiles.get(record)
            if known is None or known[0].place != files.known(record):
                self._update_tile(record)

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
        self._left_to_make = _MADE_AT_ONCE
        for line in self._layout.seen(top + event.rect().top(), top + event.rect().bottom() + 1):
            if not line.count:
                box = QRect(self._layout.edge, line.top - top, self.viewport().width(), line.height)
                count = self._layout.days[line.day]
                paint_day(painter, self._look, box, day_text(line.day, today), count)
            for index in range(line.first, line.first + line.count):
                self._paint_tile(painter, index, top)
        painter.end()
        if self._left_to_make < 0:
            self._unfinished.start()

    def _paint_tile(self, painter: QPainter, index: int, top: int) -> None:
        theme, shot = self._look.theme, self.shots[index]
        x, y = self._layout.place(index)
        side = self._layout.side
        box = QRectF(x, y - top, side, side)
        tile = self._tile(shot)
        if tile is None:
            painter.fillRect(box, theme.color("background"))
        else:
            whole = QRectF(x, y - top, side, side + self._layout.caption)
            painter.drawPixmap(whole, tile, QRectF(tile.rect()))
        share = self._shares.get(shot.record)
        if share is not None:
            bar = QRectF(box.left() + 8, box.bottom() - 9, side - 16, 4)
            painter.fillRect(bar, theme.color("line"))
            painter.fillRect(
                QRectF(bar.topLeft(), QSizeF(bar.width() * share / 100, 4)), theme.color("accent")
            )
        if index not in (self._hovered, self.current):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index == self._hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(box, theme.metrics.radius, theme.metrics.radius)
        if index == self.current and self.hasFocus():
            painter.setPen(QPen(theme.color("surface"), 4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), theme.metrics.radius, theme.metrics.radius)
            paint_ring(painter, box, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _tile(self, shot: Shot) -> QPixmap | None:
        """The tile as a picture. A few are made in one frame; until its turn, one that was made before is shown."""
        place = self._known(shot)
        picture = self.pictures.peek(shot.record)
        layout = self._layout
        looks = looks_of(shot, place, picture, layout.side, layout.caption, self.devicePixelRatioF())
        found = self._tiles.get(shot.record)
        if found is not None and found[0] == looks:
            return found[1]
        self._left_to_make -= 1
        if self._left_to_make < 0:
            return None if found is None else found[1]
        made = make_tile(self._look, looks, picture)
        self._tiles.pop(shot.record, None)
        if len(self._tiles) >= _MOST:
            self._tiles.pop(next(iter(self._tiles)))
        self._tiles[shot.record] = (looks, made)
        return made

    def _update_tile(self, record: bytes) -> None:
        """Draw one tile anew, where it is in sight."""
        for index in self._seen():
            if self.shots[index].record == record:
                x, y = self._layout.place(index)
                side = self._layout.side
                top = self.verticalScrollBar().value()
                self.viewport().update(x - 1, y - top - 1, side + 2, side + self._layout.caption + 2)

    def show_share(self, record: bytes | None, share: int | None) -> None:
        """So many percent of a file came; every other is shown without a bar."""
        wanted = {} if record is None or share is None else {record: share}
        if wanted != self._shares:
            before, self._shares = self._shares, wanted
            for each in before.keys() | wanted.keys():
                self._update_tile(each)

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
        self.setAccessibleDescription(self.spoken(self.current))
        self.moved.emit()
        self.viewport().update()

    def spoken(self, index: int) -> str:
        """What a screen reader says of a shot."""
        shot = self.shots[index]
        return spoken(shot, self._known(shot), index, len(self.shots), self._workspace.now())

    def _known(self, shot: Shot) -> Place | None:
        return None if self._files is None else self._files.known(shot.record)

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
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = index

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            index, pressed = self._index_at(event), self._pressed
            self._pressed = None
            if index is not None and index == pressed:
                self.opened.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._index_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.current is None:
            return
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            x, y = self._layout.place(self.current)
            at = self.viewport().mapToGlobal(QPoint(x + 8, y - self.verticalScrollBar().value() + 8))
        self.make_menu(self.current).popup(at)

    def make_menu(self, index: int) -> QMenu:
        """What can be done with a shot."""
        shot = self.shots[index]
        return shot_menu(
            self,
            shot,
            self._known(shot),
            lambda: self.opened.emit(index),
            lambda: self.parent_asked.emit(shot.parent),
        )

    def _hover(self, index: int | None) -> None:
        if index == self._hovered:
            return
        before, self._hovered = self._hovered, index
        for each in (before, index):
            if each is not None and each < len(self.shots):
                self._update_tile(self.shots[each].record)
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor
        )
        shot = None if index is None else self.shots[index]
        self.viewport().setToolTip(
            "" if shot is None else hint(shot, self._known(shot), self._workspace.now())
        )
