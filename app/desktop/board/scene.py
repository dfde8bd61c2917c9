"""Paints a board: the heads and cards that are seen, where carried cards would land, and what is carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.desktop.board.painting import CardState

if TYPE_CHECKING:
    from app.desktop.board.view import BoardView


def paint_board(view: BoardView) -> None:
    """Paint what is seen."""
    painter = QPainter(view.viewport())
    target = view.carrying.target
    for place in view.lanes_seen():
        _paint_lane(painter, view, place)
        if target is not None and target.lane == place:
            _paint_line(painter, view, place, target.before if target.ordered else None)
        _paint_head(painter, view, place, target=target is not None and target.lane == place)
    if view.carrying:
        painter.drawPixmap(view.carrying.corner, view.carrying.picture)
    painter.end()


def _paint_head(painter: QPainter, view: BoardView, place: int, *, target: bool) -> None:
    cards, model = view.cards, view.model
    box = QRect(view.lane_left(place), 0, cards.width, cards.head)
    # Cards scroll away below the head.
    painter.fillRect(box.adjusted(-2, 0, 2, 0), view.brush.color("background"))
    hovered = view.hovered is not None and view.hovered[0] == place
    cards.paint_head(painter, box, model.lanes[place], model.count(place), model.total(place), target=target)
    if (hovered and not view.carrying) or view.look.theme.metrics.base > 13:
        plus = view.plus_box(place)
        ratio = painter.device().devicePixelRatioF()
        picture = view.look.icons.pixmap("plus", "muted", ratio=ratio)
        side = view.look.theme.metrics.icon
        painter.drawPixmap(
            QPointF(plus.center().x() - side / 2 + 1, plus.center().y() - side / 2 + 1), picture
        )


def _paint_lane(painter: QPainter, view: BoardView, place: int) -> None:
    model = view.model
    standing = view.lane_value == model.lanes[place].value
    painter.save()
    painter.setClipRect(
        QRect(view.lane_left(place) - 2, view.cards.head, view.cards.width + 4, view.body_height)
    )
    for span in view.spans(place):
        record = model.record(place, span.index)
        state = CardState(
            selected=record in view.selection and (len(view.selection) > 1 or not view.carrying),
            current=record == view.current and standing and view.hasFocus() and not view.carrying,
            hovered=view.hovered == (place, span.index) and not view.carrying,
            carried=record in view.carrying.records,
        )
        view.cards.paint(painter, view.card_box(place, span), view.faces.face(record), state)
    painter.restore()
    thumb = view.thumb(place)
    if thumb is not None:
        hovered = view.hovered is not None and view.hovered[0] == place
        tint = view.look.theme.color("muted")
        tint.setAlphaF(0.55 if hovered else 0.28)
        view.brush.stamp(
            painter,
            thumb.left(),
            thumb.top(),
            thumb.width(),
            thumb.height(),
            ("thumb", hovered),
            lambda p, r: _paint_thumb(p, r, tint),
        )


def _paint_thumb(painter: QPainter, box: QRect, tint: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(QRectF(box), 2, 2)


def _paint_line(painter: QPainter, view: BoardView, place: int, before: int | None) -> None:
    """Where carried cards would land: a line between two cards, or a frame where only the lane counts."""
    cards, left = view.cards, view.lane_left(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = view.brush.color("accent")
    assert view.carrying.target is not None
    if not view.carrying.target.ordered:
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(left, cards.head, cards.width, view.body_height - 2).adjusted(-3, 1, 3, 0)
        painter.drawRoundedRect(frame, view.look.theme.metrics.radius, view.look.theme.metrics.radius)
        return
    spans = view.spans(place)
    y = cards.head + 2
    for span in spans:
        if before is not None and span.index >= before:
            y = cards.head + span.top - cards.gap // 2
            break
        y = cards.head + span.top + span.height + cards.gap // 2
    y = max(y, cards.head + 2)
    painter.setPen(QPen(color, 2))
    painter.drawLine(QPointF(left + 7, y), QPointF(left + cards.width, y))
    painter.setBrush(view.brush.color("background"))
    painter.drawEllipse(QPointF(left + 4, y), 3, 3)
