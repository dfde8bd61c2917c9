"""The deeds of an item on one widget, which paints what is seen: hundreds of them cost as much as ten."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.desktop.glyphs import paint_avatar
from app.desktop.item.deeds import VALUE, VALUE_END, Together, Told
from app.desktop.item.desk import Desk
from app.desktop.item.speech import author_name, exact
from app.desktop.tokens import Density
from app.desktop.translate import tr
from app.desktop.widgets import paint_ring
from app.desktop.words import clock_text, local, moment_text

_INDENT = 32
_AVATAR = 24
_STRONG = re.compile(f"{VALUE}(.*?){VALUE_END}", re.DOTALL)
_SAME_MINUTE_MS = 60_000


@dataclass(slots=True)
class _Line:
    """One line: the head of a group (``who`` is set), or a deed."""

    words: str
    hint: str
    who: str = ""
    deed: Told | None = None
    top: int = 0
    height: int = 0


class DeedList(QWidget):
    """The up and down keys go from one deed that can be taken back to the next; Enter puts its old value back."""

    restore_asked = Signal(object)
    """Emits the deed whose old value is wanted back."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._look = desk.look
        self._lines: list[_Line] = []
        self._tops: list[int] = []
        self._heights: dict[str, int] = {}
        """What was measured at this width."""
        self._hovered: int | None = None
        self._current: int | None = None
        self._pressed: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._look.theme.changed.connect(self._measure_anew)
        self._tell()

    # What stands there

    def show_groups(self, groups: Sequence[Together]) -> None:
        """Show these deeds; the one that the user stands on stays where it is still among them."""
        before = None if self._current is None else self._lines[self._current].deed
        self._lines = [line for group in groups for line in self._lines_of(group)]
        self._hovered = self._pressed = None
        steps = self.restorable()
        same = [at for at in steps if before is not None and self._deed(at).key == before.key]
        # What was just put back can be no more: the hands are on the next one.
        at = self._current or 0
        self._current = same[0] if same else next((each for each in steps if each >= at), None)
        if self._current is None and steps:
            self._current = steps[-1]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if steps else Qt.FocusPolicy.NoFocus)
        self._measure()
        self._tell()

    def _lines_of(self, group: Together) -> list[_Line]:
        desk = self._desk
        author = desk.author(group.device)
        name = author_name(author)
        device = author.device or (tr("this device") if author.own else "")
        when = moment_text(group.at, desk.now())
        where = tr("{when} on {device}").format(when=when, device=device) if device else when
        found = [_Line(where, exact(desk, group.at), name)]
        for deed in group.deeds:
            words = deed.words[:1].upper() + deed.words[1:]
            if group.at - deed.at >= _SAME_MINUTE_MS:
                clock = clock_text(local(deed.at, desk.now().tzinfo))
                words = tr("{deed} · {when}").format(deed=words, when=clock)
            found.append(_Line(words, exact(desk, deed.at), deed=deed))
        return found

    def told(self) -> list[str]:
        """Every line as it stands there."""
        return [f"{each.who} · {each.words}" if each.who else _plain(each.words) for each in self._lines]

    def restorable(self) -> list[int]:
        """The lines whose old value can be put back."""
        return [at for at, each in enumerate(self._lines) if each.deed is not None and each.deed.restorable]

    def _deed(self, at: int) -> Told:
        deed = self._lines[at].deed
        assert deed is not None
        return deed

    # Where it stands

    def _measure_anew(self) -> None:
        self._heights.clear()
        self._measure()

    def _measure(self) -> None:
        metrics = self._look.theme.metrics
        room = self._room()
        least = QFontMetrics(self._look.theme.font()).height() + metrics.gap
        top = 0
        for line in self._lines:
            line.top = top + (metrics.gap if line.who and top else 0)
            line.height = _AVATAR if line.who else max(least, self._height(line, room) + metrics.gap)
            top = line.top + line.height
        self._tops = [line.top for line in self._lines]
        self.setFixedHeight(max(1, top))
        self.update()

    def _height(self, line: _Line, room: int) -> int:
        known = self._heights.get(line.words)
        if known is None:
            known = self._heights[line.words] = self._layout(line, room)[1]
        return known

    def _room(self) -> int:
        return max(80, self.width() - _INDENT - self._button_width() - self._look.theme.metrics.gap)

    def _button_width(self) -> int:
        metrics = QFontMetrics(self._button_font())
        return metrics.horizontalAdvance(tr("Restore")) + 2 * self._look.theme.metrics.gap

    def _button_font(self) -> QFont:
        return self._look.theme.font(strong=True)

    def _layout(self, line: _Line, room: int) -> tuple[QTextLayout, int]:
        """The words broken into lines, values in the colour of text; and how high that is."""
        plain, strong = _pieces(line.words)
        layout = QTextLayout(plain, self._look.theme.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        values = []
        for start, length in strong:
            form = QTextCharFormat()
            form.setForeground(self._look.theme.color("text"))
            piece = QTextLayout.FormatRange()
            piece.start, piece.length, piece.format = start, length, form
            values.append(piece)
        layout.setFormats(values)
        layout.beginLayout()
        height = 0.0
        while (row := layout.createLine()).isValid():
            row.setLineWidth(room)
            row.setPosition(QPointF(0, height))
            height += row.height()
        layout.endLayout()
        return layout, round(height)

    def line_rect(self, at: int) -> QRect:
        """Where a line stands."""
        line = self._lines[at]
        return QRect(0, line.top, self.width(), line.height)

    def button_rect(self, at: int) -> QRect:
        """Where the word to restore stands, on a line that has it."""
        rect = self.line_rect(at)
        width = self._button_width()
        height = min(rect.height(), QFontMetrics(self._button_font()).height() + self._look.theme.metrics.gap)
        return QRect(rect.right() - width + 1, rect.top(), width, height)

    def is_offered(self, at: int) -> bool:
        """Whether the word to restore is seen: under the pointer, at the focus, and always for fingers."""
        touch = self._look.theme.density is Density.TOUCH
        standing = self.hasFocus() and at == self._current
        return self._deed(at).restorable and (touch or standing or at == self._hovered)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._measure_anew()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first = max(0, bisect_right(self._tops, event.rect().top()) - 1)
        for at in range(first, len(self._lines)):
            if self._lines[at].top > event.rect().bottom():
                break
            if self._lines[at].who:
                self._paint_head(painter, at)
            else:
                self._paint_deed(painter, at)

    def _paint_head(self, painter: QPainter, at: int) -> None:
        line, theme = self._lines[at], self._look.theme
        rect = self.line_rect(at)
        paint_avatar(painter, QRectF(0, rect.top(), _AVATAR, _AVATAR), line.who, theme)
        strong = theme.font(strong=True)
        space = rect.adjusted(_INDENT, 0, 0, 0)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        who = QFontMetrics(strong).elidedText(line.who, Qt.TextElideMode.ElideRight, space.width())
        painter.setFont(strong)
        painter.setPen(theme.color("text"))
        painter.drawText(space, align, who)
        space.setLeft(space.left() + QFontMetrics(strong).horizontalAdvance(who) + theme.metrics.gap)
        small = theme.caption_font()
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        words = QFontMetrics(small).elidedText(line.words, Qt.TextElideMode.ElideRight, space.width())
        painter.drawText(space, align, words)

    def _paint_deed(self, painter: QPainter, at: int) -> None:
        theme = self._look.theme
        painter.setPen(theme.color("muted"))
        layout, height = self._layout(self._lines[at], self._room())
        rect = self.line_rect(at)
        layout.draw(painter, QPointF(_INDENT, rect.top() + (rect.height() - height) // 2))
        if not self.is_offered(at):
            return
        button = self.button_rect(at)
        ink = QColor(theme.color("accent"))
        if at == self._pressed:
            ground = QColor(ink)
            ground.setAlphaF(theme.tokens.hover_alpha * 2.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(button), theme.metrics.radius, theme.metrics.radius)
        painter.setFont(self._button_font())
        painter.setPen(ink)
        painter.drawText(button, Qt.AlignmentFlag.AlignCenter, tr("Restore"))
        if self.hasFocus() and at == self._current:
            paint_ring(painter, QRectF(button), theme)

    # Hands

    def _at(self, place: QPoint) -> int | None:
        at = bisect_right(self._tops, place.y()) - 1
        return at if at >= 0 and self.line_rect(at).contains(place) else None

    def _can(self, at: int | None) -> bool:
        return at is not None and self._lines[at].deed is not None and self._deed(at).restorable

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        at = self._at(place)
        if at != self._hovered:
            self._hovered = at
            self.update()
        over = at is not None and self._can(at) and self.button_rect(at).contains(place)
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        at = self._at(place)
        pressed = at is not None and self._can(at) and self.button_rect(at).contains(place)
        self._pressed = at if pressed else None
        if pressed:
            self._stand(at)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at, self._pressed = self._pressed, None
        self.update()
        if at is not None and self.button_rect(at).contains(event.position().toPoint()):
            self.restore_asked.emit(self._deed(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = self.restorable()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not steps:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            at = steps.index(self._current) if self._current in steps else -1
            self._stand(steps[min(max(at + (1 if key == Qt.Key.Key_Down else -1), 0), len(steps) - 1)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._can(self._current):
            if not event.isAutoRepeat():
                assert self._current is not None
                self.restore_asked.emit(self._deed(self._current))
        else:
            super().keyPressEvent(event)

    def _stand(self, at: int | None) -> None:
        self._current = at
        self._tell()
        self.update()

    def current_rect(self) -> QRect:
        """The line that the user stands on."""
        return QRect() if self._current is None else self.line_rect(self._current)

    def _tell(self) -> None:
        """What a screen reader says: the deed that the user stands on, and what Enter does."""
        self.setAccessibleName(tr("Activity"))
        if self._current is None or not self._can(self._current):
            self.setAccessibleDescription("")
            return
        line = self._lines[self._current]
        self.setAccessibleDescription(
            tr("{deed}. Enter restores {value}").format(
                deed=_plain(line.words), value=self._deed(self._current).said
            )
        )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(event.pos())
            if at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._hint(at, event.pos()), self)
            return True
        return super().event(event)

    def _hint(self, at: int, place: QPoint) -> str:
        if self._can(at) and self.button_rect(at).contains(place):
            return tr("Restore {value}").format(value=self._deed(at).said)
        return self._lines[at].hint


def _pieces(words: str) -> tuple[str, list[tuple[int, int]]]:
    """The words without marks, and where its values stand, in code units of UTF-16 as Qt counts."""
    plain, strong, at = "", [], 0
    for found in _STRONG.finditer(words):
        plain += words[at : found.start()]
        strong.append((_units(plain), _units(found[1])))
        plain += found[1]
        at = found.end()
    return plain + words[at:], strong


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _plain(words: str) -> str:
    return _pieces(words)[0]
