"""The board under the hands: what is stood on, selected and carried, by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.desktop.board.carrying import Carrying
from app.desktop.board.keys import press_key
from app.desktop.board.moves import Drop, edits_of
from app.desktop.board.scene import paint_board
from app.desktop.board.stage import BoardStage
from app.desktop.desk.selection import Selection
from app.desktop.lists.rows import spoken
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace

_NOTCH = 60
"""Pixels for one notch of a wheel."""


class BoardView(BoardStage):
    """A board over a ``BoardModel``. Records, never positions, say what is selected, carried and stood on."""

    chosen = Signal(object)
    """Emits the record that the user stands on now, or None."""
    opened = Signal(object)
    """Emits the record that was clicked."""
    entered = Signal(object)
    """Emits the record on which Enter was pressed."""
    left = Signal()
    """Esc was pressed, and there was nothing to take back."""
    selection_changed = Signal()
    new_asked = Signal()
    """A new record is asked for in the lane that the user stands in: ``new_fields`` has its fields."""

    def __init__(self, look: Look, workspace: Workspace, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(look, workspace, kind, parent)
        self.selection = Selection()
        self.current: bytes | None = None
        self.lane_value: object = None
        """The value of the lane in which the user stands."""
        self.hovered: tuple[int, int | None] | None = None
        """The lane under the pointer, and the card in it."""
        self.carrying = Carrying(self)
        self._pressed: tuple[QPoint, int, int] | None = None
        self._grip: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Board"))
        self.model.changed.connect(self._model_changed)
        self.photos.came.connect(self.viewport().update)
        self.photos.changed.connect(self.forget)
        workspace.rows_changed.connect(self.forget)
        workspace.run_steps(self._load_photos())

    def _load_photos(self) -> Iterator[None]:
        yield from self.photos.load()
        if self.photos.first:
            self.forget(set(self.photos.first))

    # What is shown

    def _model_changed(self) -> None:
        """Lanes keep the card that the user stands on where it is, else the first that is seen."""
        self.lay_anew()
        self.fit()
        for place in self.lanes_seen():
            self.keep_place(place, self.current)
        if self.current is not None and self.model.find(self.current) is None:
            self._stand_near()
        if self.selection.records and self.selection.keep(self.model.held(self.selection.records)):
            self.selection_changed.emit()
        self.carrying.follow()
        self.viewport().update()

    def _stand_near(self) -> None:
        """The card that the user stood on is gone: stand on the one that came to its place."""
        place = self.model.lane_at(self.lane_value)
        seen = self.seen(self.lane_value)
        at = next((top for record, top in seen if record == self.current), 0)
        gone = self.current
        self.current = None
        if place is not None and self.model.count(place):
            spans = self.spans(place)
            near = min(spans, key=lambda span: abs(span.top - at))
            self.current = self.model.record(place, near.index)
            if gone is not None and self.selection.records == {gone}:
                self.selection.only(self.current)
        self._say_current()
        self.chosen.emit(self.current)

    # Standing and selecting

    @property
    def selected(self) -> list[bytes]:
        """The selected records, lane by lane from top to bottom; the one stood on where none is selected."""
        if not self.selection.records:
            return [] if self.current is None else [self.current]
        return self.model.held(self.selection.records)

    def stand_on(self, record: bytes) -> bool:
        """Stand on and select the card of a record, in the lane of before where it is there too."""
        lane = self.model.lane_at(self.lane_value)
        index = None if lane is None else self.model.index(lane, record)
        found = (lane, index) if lane is not None and index is not None else self.model.find(record)
        if found is None:
            return False
        self.stand_at(found[0], found[1])
        return True

    def stand_at(self, place: int, index: int, *, extend: bool = False, toggle: bool = False) -> None:
        """Stand on a card; ``extend`` selects all from the anchor on, ``toggle`` selects one more or less."""
        record = self.model.record(place, index)
        anchor = self.selection.anchor
        begin = None if anchor is None else self.model.index(place, anchor)
        if extend and begin is not None:
            low, high = sorted((begin, index))
            self.selection.extend(self.model.record(place, each) for each in range(low, high + 1))
        elif toggle:
            self.selection.toggle(record)
        elif not extend:
            self.selection.only(record)
        else:
            self.selection.toggle(record)
        moved = record != self.current
        self.current, self.lane_value = record, self.model.lanes[place].value
        self.show_card(place, index)
        self._say_current()
        self.selection_changed.emit()
        if moved:
            self.chosen.emit(record)

    def standing(self) -> tuple[int, int] | None:
        """The lane and index of the card that the user stands on."""
        if self.current is None:
            return None
        place = self.model.lane_at(self.lane_value)
        index = None if place is None else self.model.index(place, self.current)
        if place is not None and index is not None:
            return place, index
        return self.model.find(self.current)

    def toggle_current(self) -> None:
        """Select the card that one stands on, or let it go."""
        found = self.standing()
        if found is not None:
            self.stand_at(*found, toggle=True)

    def select_lane(self) -> None:
        """Select all cards of the lane in which the user stands."""
        found = self.standing()
        if found is not None:
            self.selection.every(self.model.records(found[0]))
            self.selection_changed.emit()
            self.viewport().update()

    def clear_selection(self) -> bool:
        """Select nothing but where one stands; whether more was selected."""
        more = len(self.selection) > 1
        if more and self.current is not None:
            self.selection.only(self.current)
            self.selection_changed.emit()
            self.viewport().update()
        return more

    def move_by(self, step: int) -> None:
        """Stand on the card ``step`` further down in the lane; on the first of all where one stands nowhere."""
        found = self.standing()
        if found is None:
            for place in range(len(self.model.lanes)):
                if self.model.count(place):
                    self.stand_at(place, 0)
                    return
            return
        place, index = found
        self.stand_at(place, min(max(index + step, 0), self.model.count(place) - 1))

    def _say_current(self) -> None:
        """Tell a screen reader what one stands on."""
        found = self.standing()
        words = ""
        if found is not None:
            place, index = found
            where = tr("{lane}, {index} of {count}").format(
                lane=self.model.lanes[place].title, index=index + 1, count=self.model.count(place)
            )
            words = spoken(self.face_of(place, index).spoken, where)
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def new_fields(self) -> dict[str, object]:
        """The fields of a new record in the lane in which the user stands."""
        place = self.model.lane_at(self.lane_value)
        if place is None or not self.model.can_move:
            return {}
        return self.model.all_lanes.first(self.model.lane_number(place))

    # Moving cards

    def drop(self, records: Sequence[bytes], drop: Drop) -> None:
        """Put cards into a lane, as one action."""
        own = self.model.lane_at(self.lane_value)
        cards: dict[bytes, int] = {}
        for record in records:
            if own is not None and self.model.index(own, record) is not None:
                cards[record] = own
            elif (found := self.model.find(record)) is not None:
                cards[record] = found[0]
        value = self.model.lanes[drop.lane].value
        edits = edits_of(self.model, cards, drop)
        # Before the lanes follow: the cards are looked for where they come to stand.
        self.lane_value = value
        if edits and self.workspace.edit(edits):
            found = self.standing()
            if found is not None:
                self.show_card(*found)
                self._say_current()
        self.viewport().update()

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_board(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current is None and event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        ):
            self.move_by(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_key(self, event):
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta, pixels = event.angleDelta(), event.pixelDelta()
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y())
        place = self.lane_under(round(event.position().x()))
        if sideways or place is None:
            turned = delta.x() or delta.y()
            by = pixels.x() or turned * _NOTCH // 120
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - by)
        else:
            self.window_of(place).scroll(-(pixels.y() or delta.y() * _NOTCH // 120))
        self._hover(event.position().toPoint())
        self.viewport().update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        place = self.lane_under(at.x())
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() != Qt.MouseButton.LeftButton or place is None:
            return
        thumb = self.thumb(place)
        if thumb is not None and thumb.adjusted(-4, 0, 4, 0).contains(at):
            self._grip = place, at.y() - thumb.top()
            return
        if at.y() < self.cards.head:
            self.lane_value = self.model.lanes[place].value
            if self.plus_box(place).contains(at):
                self.new_asked.emit()
            return
        found = self.card_under(at)
        if found is None:
            self.lane_value = self.model.lanes[place].value
            self.clear_selection()
            return
        modifiers = event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if control or shift:
            self.stand_at(*found, extend=shift, toggle=control)
            return
        record = self.model.record(*found)
        if record not in self.selection:
            self.stand_at(*found)
        else:
            # Several are selected, and may be carried together: that they are let go is told by the release.
            self.current, self.lane_value = record, self.model.lanes[place].value
        self._pressed = at, *found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._grip is not None:
            self._pull(at.y())
        elif self.carrying:
            self.carrying.move(at)
        elif self._pressed is not None:
            far = (at - self._pressed[0]).manhattanLength() >= QApplication.startDragDistance()
            if far and (self.model.can_order or self.model.can_move):
                start, place, index = self._pressed
                self._pressed = None
                self.carrying.begin(self.model.record(place, index), start, at)
        else:
            self._hover(at)

    def _pull(self, y: int) -> None:
        assert self._grip is not None
        place, inside = self._grip
        thumb = self.thumb(place)
        if thumb is None:
            return
        track = self.body_height - thumb.height()
        share = (y - inside - self.cards.head) / max(1, track)
        self.window_of(place).jump(round(min(max(share, 0.0), 1.0) * (self.model.count(place) - 1)))
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._grip = self._pressed, None, None
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.carrying:
            self.carrying.end(event.position().toPoint())
        elif pressed is not None and self.card_under(event.position().toPoint()) == pressed[1:]:
            self.stand_at(*pressed[1:])
            self.opened.emit(self.current)

    def _hover(self, at: QPoint) -> None:
        card = self.card_under(at)
        place = self.lane_under(at.x())
        hovered = None if place is None else (place, card[1] if card is not None else None)
        if hovered != self.hovered:
            self.hovered = hovered
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self.hovered is not None:
            self.hovered = None
            self.viewport().update()
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_hint(event)
            return True
        return super().viewportEvent(event)

    def _show_hint(self, event: QHelpEvent) -> None:
        place = self.lane_under(event.pos().x())
        found = self.card_under(event.pos())
        words = ""
        if found is not None:
            words = self.face_of(*found).spoken
        elif place is not None and self.plus_box(place).contains(event.pos()):
            words = tr("New in {lane} (N)").format(lane=self.model.lanes[place].title)
        elif place is not None and event.pos().y() < self.cards.head:
            words = self.model.lanes[place].title
        QToolTip.showText(event.globalPos(), words, self.viewport())
