"""Where everything on a board lies: lanes side by side, each scrolled for itself; only what is seen is measured."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.desktop.board.cards import Face, Faces
from app.desktop.board.model import BoardModel
from app.desktop.board.painting import CardPainter
from app.desktop.board.photos import Photos
from app.desktop.board.window import LaneWindow, Measure, Span
from app.desktop.desk.brush import Brush
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace

_THUMB = 4
_LEAST_THUMB = 28


class BoardStage(QAbstractScrollArea):
    """The places of lanes and cards, and what they show. It knows nothing of hands."""

    def __init__(self, look: Look, workspace: Workspace, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.workspace = workspace
        self.model = BoardModel(workspace, kind, self)
        self.photos = Photos(workspace, self)
        self.faces = Faces(workspace, kind)
        self.faces.photos = self.photos.first
        self.brush = Brush(look)
        self.cards = CardPainter(look, self.brush, self.photos)
        self._windows: dict[object, LaneWindow] = {}
        self._seen: dict[object, list[tuple[bytes, int]]] = {}
        self._heights: dict[bytes, int] = {}
        self._laid: dict[int, tuple[tuple[int, int, int], list[Span]]] = {}
        """The cards that are seen, by lane, and the place in the lane for which that is so."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.viewport().setAutoFillBackground(True)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, self.look.theme.color("background"))
        self.setPalette(palette)
        self.brush.restyle()
        self.cards.restyle()
        self._heights.clear()
        self._laid.clear()
        self.fit()

    @property
    def body_height(self) -> int:
        """How much of a lane is seen, in pixels."""
        return max(0, self.viewport().height() - self.cards.head)

    def _pitch(self) -> int:
        return self.cards.width + self.look.theme.metrics.gap_medium

    def lane_left(self, place: int) -> int:
        """The left edge of a lane in the viewport."""
        return self.cards.margin + place * self._pitch() - self.horizontalScrollBar().value()

    def lanes_seen(self) -> range:
        """The lanes of which something is seen."""
        first = (self.horizontalScrollBar().value() - self.cards.margin) // self._pitch()
        last = (self.horizontalScrollBar().value() + self.viewport().width()) // self._pitch() + 1
        return range(max(0, first), min(len(self.model.lanes), last))

    def window_of(self, place: int) -> LaneWindow:
        """How far a lane is scrolled."""
        return self._windows.setdefault(self.model.lanes[place].value, LaneWindow())

    def measure(self, place: int) -> Measure:
        """The heights of a lane's cards, with the gap below each."""
        return lambda index: self._height(self.model.record(place, index)) + self.cards.gap

    def _height(self, record: bytes) -> int:
        known = self._heights.get(record)
        if known is None:
            known = self._heights[record] = self.cards.height(self.faces.face(record))
        return known

    def spans(self, place: int) -> list[Span]:
        """The cards of a lane that are seen; their top edges are below its head."""
        window, height = self.window_of(place), self.body_height
        known = self._laid.get(place)
        if known is not None and known[0] == (window.index, window.offset, height):
            return known[1]
        spans = window.spans(self.model.count(place), height, self.measure(place), self.cards.gap)
        self._laid[place] = (window.index, window.offset, height), spans
        self._seen[self.model.lanes[place].value] = [
            (self.model.record(place, span.index), span.top) for span in spans
        ]
        return spans

    def card_box(self, place: int, span: Span) -> QRect:
        """Where a card is painted."""
        return QRect(self.lane_left(place), self.cards.head + span.top, self.cards.width, span.height)

    def box_of(self, record: bytes) -> QRect | None:
        """Where the card of a record is seen; None where it is not."""
        for place in self.lanes_seen():
            for span in self.spans(place):
                if self.model.record(place, span.index) == record:
                    return self.card_box(place, span)
        return None

    def lane_under(self, x: int) -> int | None:
        """The lane at a horizontal place, the gap after it included."""
        place = (x + self.horizontalScrollBar().value() - self.cards.margin) // self._pitch()
        return place if 0 <= place < len(self.model.lanes) else None

    def card_under(self, at: QPoint) -> tuple[int, int] | None:
        """The lane and index of the card at a point."""
        place = self.lane_under(at.x())
        if place is None or at.y() < self.cards.head:
            return None
        for span in self.spans(place):
            if self.card_box(place, span).contains(at):
                return place, span.index
        return None

    def thumb(self, place: int) -> QRect | None:
        """The part of a lane's scroll bar that is dragged; None where all cards are seen."""
        spans, count = self.spans(place), self.model.count(place)
        whole = [each for each in spans if each.top >= 0 and each.top + each.height <= self.body_height]
        if not spans or len(whole) == count:
            return None
        window, height = self.window_of(place), self.body_height
        seen = max(1, len(whole))
        long = max(_LEAST_THUMB, height * seen // count)
        share = (window.index + window.offset / (spans[0].height + self.cards.gap)) / max(1, count - seen)
        top = self.cards.head + round(min(1.0, share) * (height - long))
        gap = self.look.theme.metrics.gap_medium
        return QRect(self.lane_left(place) + self.cards.width + (gap - _THUMB) // 2, top, _THUMB, long)

    def plus_box(self, place: int) -> QRect:
        """The place to press for a new card in a lane."""
        side = self.look.theme.metrics.control - 4
        top = (self.cards.head - side) // 2
        return QRect(self.lane_left(place) + self.cards.width - side, top, side, side)

    def seen(self, value: object) -> list[tuple[bytes, int]]:
        """The cards that were seen last in the lane of a value, with their top edges."""
        return self._seen.get(value, [])

    def lay_anew(self) -> None:
        """Cards may lie elsewhere now."""
        self._laid.clear()

    def keep_place(self, place: int, current: bytes | None) -> None:
        """Let a lane stay where it was: by the card that one stands on where it is seen, else by the first."""
        seen = self._seen.get(self.model.lanes[place].value)
        window = self.window_of(place)
        if not seen:
            return
        at_top = window.index == 0 and window.offset == 0
        ordered = sorted(seen, key=lambda each: (each[0] != current, each[1] < 0, each[1]))
        if at_top and ordered[0][0] != current:
            return
        for record, top in ordered:
            index = self.model.index(place, record)
            if index is not None:
                window.keep(index, top)
                return

    def fit(self) -> None:
        """Scroll as far as there are lanes."""
        lanes = len(self.model.lanes)
        whole = 2 * self.cards.margin + lanes * self._pitch()
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, whole - self.viewport().width()))
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(self._pitch() // 4)
        self.viewport().update()

    def forget(self, records: set[bytes]) -> None:
        """These records look different now."""
        self.faces.forget(records)
        self._laid.clear()
        if len(records) > len(self._heights):
            self._heights.clear()
        for record in records:
            self._heights.pop(record, None)
        self.viewport().update()

    def face_of(self, place: int, index: int) -> Face:
        """What a card shows."""
        return self.faces.face(self.model.record(place, index))

    def show_card(self, place: int, index: int) -> None:
        """Scroll until a card is seen whole."""
        self.window_of(place).show(index, self.model.count(place), self.body_height, self.measure(place))
        self.show_lane(place)
        self.viewport().update()

    def show_lane(self, place: int) -> None:
        """Scroll until a lane is seen whole."""
        bar, left = self.horizontalScrollBar(), self.lane_left(place)
        over = left + self.cards.width + self.cards.margin - self.viewport().width()
        if left < self.cards.margin:
            bar.setValue(bar.value() + left - self.cards.margin)
        elif over > 0:
            bar.setValue(bar.value() + min(over, left - self.cards.margin))
