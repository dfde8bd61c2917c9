"""Cards that are carried by the mouse: which, how they look, and where they would land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QPixmap

from app.desktop.board.moves import Drop

if TYPE_CHECKING:
    from app.desktop.board.view import BoardView

_EDGE = 40
"""So near to an edge, in pixels, carrying scrolls."""
_FRAME_MS = 16
_FASTEST = 18
_MOST_FACES = 2


class Carrying:
    """True while something is carried. Ids, so that changes from elsewhere leave it in the hand."""

    def __init__(self, view: BoardView) -> None:
        self._view = view
        self.records: tuple[bytes, ...] = ()
        self.target: Drop | None = None
        self.picture = QPixmap()
        self.at = QPoint()
        self._grab = QPoint()
        self._timer = QTimer(view)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._scroll)

    def __bool__(self) -> bool:
        return bool(self.records)

    @property
    def corner(self) -> QPoint:
        """Where the picture is painted."""
        return self.at - self._grab

    def begin(self, record: bytes, start: QPoint, at: QPoint) -> None:
        """Take a card into the hand, with all that are selected where it is one of them."""
        view = self._view
        box = view.box_of(record)
        chosen = view.selected if record in view.selection else [record]
        self.records = tuple(chosen)
        faces = [view.faces.face(record)]
        faces += [view.faces.face(each) for each in chosen if each != record]
        self.picture = view.cards.picture(faces, view.devicePixelRatioF())
        self._grab = start - box.topLeft() + QPoint(10, 8) if box is not None else QPoint(20, 20)
        self.move(at)
        self._timer.start()

    def move(self, at: QPoint) -> None:
        """The pointer is somewhere else."""
        self.at = at
        self.target = self._find()
        self._view.viewport().update()

    def end(self, at: QPoint) -> None:
        """Let go: the cards land."""
        self.move(at)
        records, target = self.records, self.target
        self.cancel()
        if target is not None:
            self._view.drop(records, target)

    def cancel(self) -> bool:
        """Put everything back; whether anything was carried."""
        carried = bool(self.records)
        self.records, self.target = (), None
        self._timer.stop()
        self._view.viewport().update()
        return carried

    def follow(self) -> None:
        """The lanes changed: what is gone is let go, the rest stays in the hand."""
        if not self.records:
            return
        self.records = tuple(self._view.model.held(self.records))
        if self.records:
            self.target = self._find()
        else:
            self.cancel()

    def _find(self) -> Drop | None:
        """Where the cards would land now."""
        view, model = self._view, self._view.model
        place = view.lane_under(self.at.x())
        if place is None or not view.viewport().rect().adjusted(-20, -20, 20, 20).contains(self.at):
            return None
        home = all(model.index(place, record) is not None for record in self.records)
        if not home and not model.can_move:
            return None
        if not model.can_order:
            return None if home else Drop(place, None, ordered=False)
        y = self.at.y() - view.cards.head
        for span in view.spans(place):
            if y < span.top + span.height // 2:
                return Drop(place, span.index, ordered=True)
        spans = view.spans(place)
        return Drop(place, spans[-1].index + 1 if spans else None, ordered=True)

    def _scroll(self) -> None:
        view = self._view
        size = view.viewport().size()
        place = view.lane_under(self.at.x())
        down = _pull(self.at.y() - view.cards.head, view.body_height)
        aside = _pull(self.at.x(), size.width())
        if place is not None and down:
            view.window_of(place).scroll(down)
        if aside:
            bar = view.horizontalScrollBar()
            bar.setValue(bar.value() + aside)
        if down or aside:
            self.move(self.at)


def _pull(at: int, length: int) -> int:
    """How far to scroll in one frame for a pointer at this place of a length."""
    if at < _EDGE:
        return -min(_FASTEST, (_EDGE - at) // 2)
    if at > length - _EDGE:
        return min(_FASTEST, (at - length + _EDGE) // 2)
    return 0
