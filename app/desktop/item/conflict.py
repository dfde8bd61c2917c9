"""Two people changed one thing: both values in place, with who, when and where, and one press settles it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.pieces import Piece, PieceLayout, pieces_of
from app.desktop.item.speech import author_name, author_phrase, exact, field_title, value_text
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Size, Text
from app.desktop.words import moment_text
from app.domain.schema import Field
from app.store.records import HistoryEntry
from sync.merge import LiveWrite

_EDGE = 3


class CautionBox(QWidget):
    """A quiet ground with an amber edge on its left."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        rect = QRectF(self.rect())
        painter.setBrush(theme.color("caution"))
        painter.drawRoundedRect(rect, theme.metrics.radius, theme.metrics.radius)
        painter.fillRect(QRectF(rect.left(), rect.top(), 8, rect.height()), theme.color("caution"))
        painter.fillRect(QRectF(rect.left(), rect.top(), _EDGE, rect.height()), theme.color("warning"))


class ValueView(QWidget):
    """The pieces of a value, to read only."""

    def __init__(self, look: Look, pieces: list[Piece], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces = PieceLayout(look, pieces)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._pieces.natural_width(), self._pieces.line_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(60, self.sizeHint().width()), self._pieces.line_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self._pieces.height(max(16, self.width())))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._pieces.paint(QPainter(self), QPoint(0, 0), max(16, self.width()))


class _ConflictLine(QWidget):
    """One value and who wrote it, beside each other where there is room, else below each other."""

    def __init__(self, look: Look, pieces: list[Piece], by: str) -> None:
        super().__init__()
        self._look = look
        self.view = ValueView(look, pieces, self)
        self.by = Text(look, by, size=Size.CAPTION, tone="muted", parent=self)
        self.by.setMinimumWidth(40)
        self.keep = Button(look, tr("Keep"), kind=ButtonKind.LINK, parent=self)
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(0)
        self._words.addWidget(self.view)
        self._words.addWidget(self.by, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._words, 1)
        layout.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        metrics = self._look.theme.metrics
        wanted = self.view.sizeHint().width() + self.by.sizeHint().width() + metrics.gap
        beside = wanted <= self.width() - self.keep.sizeHint().width()
        directions = QBoxLayout.Direction
        self._words.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._words.setContentsMargins(0, 0, 0, 0 if beside else 6)


class ConflictBox(CautionBox):
    """The values that stand in one field, the one that shows first; each can be kept."""

    def __init__(self, desk: Desk, record: bytes, field: Field | None, name: str) -> None:
        super().__init__(desk.look)
        self._desk = desk
        self._record = record
        self._field = field
        self._name = name
        self._live: tuple[LiveWrite, ...] = ()
        self.keepers: list[Button] = []
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(_EDGE + 8, 4, 4, 4)
        self._lines.setSpacing(0)
        title = field_title(field) if field is not None else name
        self.setAccessibleName(tr("Two people changed this: {field}").format(field=title))

    def show_writes(self, live: tuple[LiveWrite, ...]) -> None:
        """Show these values, unless they are shown already."""
        if live == self._live:
            return
        self._live = live
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.keepers.clear()
        # Equal values need no choice between them: the first stands for all of them.
        shown: list[object] = []
        for place, write in enumerate(live):
            if write.value not in shown:
                shown.append(write.value)
                self._lines.addWidget(self._line(place, write))

    def _line(self, place: int, write: LiveWrite) -> QWidget:
        said = value_text(self._desk, self._field, write.value) or tr("(empty)")
        by = author_phrase(self._desk, write.author, write.clock)
        line = _ConflictLine(
            self._desk.look,
            pieces_of(self._desk, self._field, write.value) or [Piece(tr("(empty)"), tone="muted")],
            by,
        )
        line.view.setToolTip(said)
        line.by.setToolTip(f"{by}\n{exact(self._desk, write.clock)}")
        line.keep.setAccessibleName(tr("Keep {value}, by {author}").format(value=said, author=by))
        line.keep.clicked.connect(lambda: self._keep(place))
        self.keepers.append(line.keep)
        return line

    def _keep(self, place: int) -> None:
        """Settle by the value that was shown in that line, whatever arrived since."""
        value = self._live[place].value
        self._desk.do(lambda: self._desk.source.settle(self._record, self._name, value))


class DeletionBanner(CautionBox):
    """“Deleted by Jon, while Mina changed it”: keep it or delete it."""

    decided = Signal(bool)
    """Emits whether to delete."""

    def __init__(self, desk: Desk, live: Sequence[LiveWrite], history: Sequence[HistoryEntry]) -> None:
        super().__init__(desk.look)
        deletion = live[1]
        deleter = desk.author(deletion.author)
        edits = [entry for entry in history if entry.field != "deleted"]
        by_others = [entry for entry in edits if entry.device != deletion.author]
        edit = (by_others or edits)[0]
        editor = desk.author(edit.device)
        now = desk.now()
        sentence = tr("Deleted by {deleter}, {deleted}, while {editor} changed it, {changed}.").format(
            deleter=author_name(deleter),
            deleted=moment_text(deletion.clock, now),
            editor=author_name(editor),
            changed=moment_text(edit.at, now),
        )
        _fill_banner(
            self,
            desk.look,
            sentence,
            [
                (tr("Keep"), lambda: self.decided.emit(False)),
                (tr("Delete"), lambda: self.decided.emit(True)),
            ],
        )


class TrashBanner(CautionBox):
    """The item is in the trash, and nothing in it can be changed there."""

    restore_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        _fill_banner(
            self,
            look,
            tr("This is in the trash. Restore it to change it."),
            [(tr("Restore"), self.restore_asked.emit)],
        )


def _fill_banner(
    box: QWidget, look: Look, sentence: str, choices: Sequence[tuple[str, Callable[[], object]]]
) -> None:
    box.setAccessibleName(sentence)
    text = Text(look, sentence, wrap=True, parent=box)
    layout = QHBoxLayout(box)
    layout.setContentsMargins(_EDGE + 9, 8, 8, 8)
    layout.setSpacing(look.theme.metrics.gap_small)
    layout.addWidget(text, 1)
    for name, call in choices:
        button = Button(look, name, kind=ButtonKind.LINK, parent=box)
        button.clicked.connect(call)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
