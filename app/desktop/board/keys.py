"""The keys of a board: arrows move, with Shift they select, with Ctrl and Shift they carry the cards along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.desktop.board.moves import Drop

if TYPE_CHECKING:
    from app.desktop.board.view import BoardView

_DOWN = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 6,
    Qt.Key.Key_PageUp: -6,
    Qt.Key.Key_End: 10**9,
    Qt.Key.Key_Home: -(10**9),
}
_ASIDE = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}


def press_key(view: BoardView, event: QKeyEvent) -> bool:
    """Do what a key asks for; whether it was one of the board's."""
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    if key == Qt.Key.Key_Escape and not modifiers:
        if not view.carrying.cancel() and not view.clear_selection():
            view.left.emit()
        return True
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers:
        if view.current is not None:
            view.entered.emit(view.current)
        return True
    if key == Qt.Key.Key_A and modifiers == control:
        view.select_lane()
        return True
    if key == Qt.Key.Key_Space and not modifiers:
        view.toggle_current()
        return True
    if key not in _DOWN and key not in _ASIDE:
        return False
    if modifiers == control | shift:
        carry(view, _ASIDE.get(key, 0), _DOWN.get(key, 0))
        return True
    if modifiers & ~shift:
        return False
    if key in _DOWN:
        _step_down(view, _DOWN[key], extend=bool(modifiers & shift))
    else:
        _step_aside(view, _ASIDE[key])
    return True


def _step_down(view: BoardView, step: int, *, extend: bool) -> None:
    found = view.standing()
    if found is None:
        view.move_by(0)
        return
    place, index = found
    view.stand_at(place, min(max(index + step, 0), view.model.count(place) - 1), extend=extend)


def _step_aside(view: BoardView, step: int) -> None:
    """To the next lane that has cards, on the one at the same height."""
    found = view.standing()
    if found is None:
        view.move_by(0)
        return
    place, index = found
    top = next((span.top for span in view.spans(place) if span.index == index), 0)
    place += step
    while 0 <= place < len(view.model.lanes) and not view.model.count(place):
        place += step
    if 0 <= place < len(view.model.lanes):
        near = min(view.spans(place), key=lambda span: abs(span.top - top))
        view.stand_at(place, near.index)


def carry(view: BoardView, aside: int, down: int) -> None:
    """Carry the selected cards to the lane beside, or further up or down in their lane."""
    found, model = view.standing(), view.model
    if found is None:
        return
    place, _ = found
    records = view.selected
    if aside:
        target = place + aside
        if model.can_move and 0 <= target < len(model.lanes):
            view.drop(records, Drop(target, None, ordered=False))
        return
    if not model.can_order:
        return
    indexes = sorted(index for record in records if (index := model.index(place, record)) is not None)
    own = [model.record(place, index) for index in indexes]
    count = model.count(place)
    before = indexes[0] - 1 if down < 0 else indexes[-1] + 2
    if abs(down) > 1:
        before = indexes[0] + down if down < 0 else indexes[-1] + 1 + down
    before = min(max(before, 0), count)
    view.drop(own, Drop(place, before, ordered=True))
