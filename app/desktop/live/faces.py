"""A row of small discs with initials: who is there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.glyphs import paint_avatar
from app.desktop.translate import tr_count
from app.desktop.widgets import Look

_SIDE = 20
_STEP = 22
_MORE = 24
_NAMED = 20
"""Names that a tool tip lists."""


class Faces(QWidget):
    """Shows at most ``most`` of them, then how many more; hidden while there are none."""

    def __init__(self, look: Look, *, most: int, what: str, parent: QWidget | None = None) -> None:
        """``what`` says over the names what these people do."""
        super().__init__(parent)
        self._look = look
        self._most = most
        self._what = what
        self._names: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)
        self.hide()

    @property
    def names(self) -> list[str]:
        """Who is shown, those beyond the last disc included."""
        return self._names

    def show_names(self, names: Sequence[str]) -> None:
        """Show these people and no others."""
        if list(names) == self._names:
            return
        self._names = list(names)
        lines = self._names[:_NAMED]
        if len(self._names) > _NAMED:
            lines.append(tr_count("and %n more", "and %n more", len(self._names) - _NAMED))
        self.setToolTip("\n".join((self._what, *lines)))
        self.setAccessibleName(f"{self._what} {', '.join(lines)}")
        self.setVisible(bool(self._names))
        self.updateGeometry()
        self.update()

    def set_most(self, most: int) -> None:
        """There is room for so many."""
        self._most = most
        self.updateGeometry()
        self.update()

    def _beyond(self) -> int:
        """How many have no disc; a single one would take no more room than its number."""
        beyond = len(self._names) - self._most
        return beyond + 1 if beyond > 0 and self._most > 1 else max(0, beyond)

    def sizeHint(self) -> QSize:
        discs = len(self._names) - self._beyond()
        width = (_SIDE + (discs - 1) * _STEP if discs else 0) + (
            _MORE + (2 if discs else 0) if self._beyond() else 0
        )
        return QSize(width + (self.contentsMargins().right() if width else 0), _SIDE + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        beyond = self._beyond()
        left = 0.0
        for name in self._names[: len(self._names) - beyond]:
            paint_avatar(painter, QRectF(left, 1, _SIDE, _SIDE), name, theme)
            left += _STEP
        if beyond:
            painter.setPen(QPen(theme.color("muted")))
            painter.setFont(theme.caption_font(strong=True))
            box = QRectF(left, 0, self.width() - left, self.height())
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                f"+{beyond}" if beyond < len(self._names) else str(beyond),
            )
