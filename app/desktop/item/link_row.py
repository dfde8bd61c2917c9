"""A place in another text: whose it is, and its sentence with the words that lead here."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.desktop.glyphs import paint_status
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, paint_ring
from app.domain.schema import Meaning
from app.richtext.positions import utf16_length

_SIDE = 8
_EDGE = 6
_MOST_LINES = 2
_MEANINGS = frozenset(str(each) for each in Meaning)


class LinkRow(QAbstractButton):
    """A press opens the text. With ``offered`` a button at its right makes a link of the words."""

    link_asked = Signal()

    def __init__(
        self,
        look: Look,
        sign: str,
        title: str,
        sentence: str,
        place: tuple[int, int],
        *,
        offered: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``sign`` is an icon, or the meaning of an issue's status. ``place``: where the words are in the sentence,
        in code points.
        """
        super().__init__(parent)
        self._look = look
        self._sign = sign
        self._sentence = sentence
        self._place = place
        self.link: Button | None = None
        self.setText(title)
        self.setAccessibleName(tr("{title}: {sentence}").format(title=title, sentence=sentence))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if offered:
            self.link = Button(look, tr("Link"), kind=ButtonKind.LINK, parent=self)
            self.link.setAccessibleName(tr("Link the words in {title}").format(title=title))
            self.link.clicked.connect(self.link_asked)
        look.theme.changed.connect(self._measure)
        self._measure()

    def stops(self) -> list[QWidget]:
        """What the Tab key reaches."""
        return [self] if self.link is None else [self, self.link]

    # Where it stands

    def _left(self) -> int:
        metrics = self._look.theme.metrics
        return _SIDE + metrics.icon + metrics.gap

    def _room(self) -> int:
        right = _SIDE if self.link is None else self.link.sizeHint().width() + _SIDE
        return max(60, self.width() - self._left() - right)

    def _title_font(self) -> QFont:
        return self._look.theme.font()

    def _measure(self) -> None:
        _, height = self._words()
        self.setFixedHeight(2 * _EDGE + QFontMetrics(self._title_font()).height() + 2 + height)
        if self.link is not None:
            hint = self.link.sizeHint()
            self.link.setGeometry(self.width() - hint.width(), 2, hint.width(), hint.height())
        self.update()

    def _words(self) -> tuple[QTextLayout, int]:
        """The sentence in at most two lines, the words of the link in the colour of text; and its height."""
        theme = self._look.theme
        layout = QTextLayout(self._sentence, theme.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        start, stop = self._place
        strong = QTextCharFormat()
        strong.setForeground(theme.color("text"))
        strong.setFont(theme.font(strong=True))
        piece = QTextLayout.FormatRange()
        piece.start = utf16_length(self._sentence[:start])
        piece.length = utf16_length(self._sentence[start:stop])
        piece.format = strong
        layout.setFormats([piece])
        height, end = self._break(layout)
        if end < utf16_length(self._sentence):
            shorter = layout.text()[: max(0, end - 2)].rstrip() + "…"
            layout.setText(shorter)
            height, _ = self._break(layout)
        return layout, round(height)

    def _break(self, layout: QTextLayout) -> tuple[float, int]:
        """Break the words into lines; gives their height, and up to where they are shown."""
        layout.beginLayout()
        height = 0.0
        end = 0
        for _ in range(_MOST_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(self._room())
            line.setPosition(QPointF(0, height))
            height += line.height() + 2
            end = line.textStart() + line.textLength()
        layout.endLayout()
        return height, end

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    # Hands and painting

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        measure = QFontMetrics(self._title_font())
        sign = QRectF(_SIDE, _EDGE + (measure.height() - metrics.icon) / 2, metrics.icon, metrics.icon)
        if self._sign in _MEANINGS:
            paint_status(painter, sign, self._sign, theme)
        else:
            icon = self._look.icons.pixmap(self._sign, "muted", ratio=self.devicePixelRatioF())
            painter.drawPixmap(sign.topLeft(), icon)
        painter.setFont(self._title_font())
        painter.setPen(theme.color("text"))
        room = self._room()
        title = measure.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(self._left(), _EDGE + measure.ascent()), title)
        painter.setPen(theme.color("muted"))
        words, _ = self._words()
        words.draw(painter, QPointF(self._left(), _EDGE + measure.height() + 2))
        if self.hasFocus():
            paint_ring(painter, rect, theme)
