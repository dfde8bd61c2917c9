"""The conflicts of a project: a list of them, and below it the values of one beside each other, to choose from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.item.conflict import CautionBox
from app.desktop.item.desk import Desk
from app.desktop.item.speech import author_phrase, exact
from app.desktop.lists.cells import Row
from app.desktop.lists.choices import choices, conflict_title, together
from app.desktop.lists.page import ListPage, PageWords
from app.desktop.lists.special import ConflictRows
from app.desktop.translate import tr
from app.desktop.widgets import Button, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.store.records import Conflict
from sync.errors import SitebookError

MOST = 9
"""How many values have a key of their own."""
BOTH_KEY = "B"
_BESIDE = 3
"""How many values stand beside each other."""
_LONGEST = 240


class _Choice(CautionBox):
    """One value, who gave it when and where, and the button that takes it."""

    def __init__(self, look: Look, said: str, by: str, hint: str, key: str, *, shows: bool) -> None:
        super().__init__(look)
        metrics = look.theme.metrics
        self.said = said
        short = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
        value = Text(look, short, wrap=True)
        value.setToolTip(said)
        origin = Text(
            look,
            tr("{author} · shows now").format(author=by) if shows else by,
            size=Size.CAPTION,
            tone="muted",
            wrap=True,
        )
        origin.setToolTip(hint)
        self.take = Button(look, tr("Keep this"), key=key)
        self.take.setAccessibleName(tr("Keep {value}, by {author}").format(value=said, author=by))
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.gap_large, metrics.gap, metrics.gap, metrics.gap)
        column.setSpacing(metrics.gap_small)
        column.addWidget(value)
        column.addWidget(origin)
        column.addStretch(1)
        column.addWidget(self.take, 0, Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)


class Settling(Surface):
    """The values of one conflict."""

    taken = Signal(int)
    """Emits the place of the value that is kept, 0 for what shows."""
    joined = Signal()
    """Both are to be kept."""

    def __init__(self, look: Look, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(look, "background", parent)
        self._look = look
        self._desk = desk
        self._shown: tuple[Conflict, str] | None = None
        self.choices: list[_Choice] = []
        metrics = look.theme.metrics
        self.head = Text(look, strong=True)
        self.both = Button(look, tr("Keep both"), key=BOTH_KEY)
        self.both.clicked.connect(lambda _checked=False: self.joined.emit())
        line = QHBoxLayout()
        line.setSpacing(metrics.gap_medium)
        line.addWidget(self.head, 1)
        line.addWidget(self.both)
        self._cards = QGridLayout()
        self._cards.setSpacing(metrics.gap)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium
        )
        column.setSpacing(metrics.gap)
        column.addLayout(line)
        column.addLayout(self._cards)

    def show_conflict(self, conflict: Conflict | None, title: str) -> None:
        """Show the values of a conflict; none hides all of it."""
        self.setVisible(conflict is not None)
        shown = None if conflict is None else (conflict, title)
        if shown == self._shown:
            return
        self._shown = shown
        for card in self.choices:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.choices = []
        if conflict is None:
            return
        desk = self._desk
        self.head.setText(tr("{field} of {title}").format(field=conflict_title(desk, conflict), title=title))
        self.both.setVisible(together(desk, conflict) is not None)
        for at, (write, said) in enumerate(choices(desk, conflict)):
            by = author_phrase(desk, write.author, write.clock)
            card = _Choice(
                self._look,
                said,
                by,
                exact(desk, write.clock),
                str(at + 1) if at < MOST else "",
                shows=at == 0 and conflict.field != "deleted",
            )
            card.take.clicked.connect(lambda _checked=False, at=at: self.taken.emit(at))
            self._cards.addWidget(card, at // _BESIDE, at % _BESIDE)
            self.choices.append(card)


class ConflictPage(ListPage):
    """A number or a click keeps a value, and the next conflict stands there."""

    def __init__(self, look: Look, workspace: Workspace, desk: Desk, words: PageWords) -> None:
        self._conflict_rows = ConflictRows(workspace, desk)
        super().__init__(look, workspace, self._conflict_rows, words)
        self._desk = desk
        self.settling = Settling(look, desk)
        self.settling.hide()
        self.settling.taken.connect(self.settle)
        self.settling.joined.connect(self.keep_both)
        layout = self.layout()
        assert layout is not None
        self._edge = Line(look)
        self._edge.hide()
        layout.addWidget(self._edge)
        layout.addWidget(self.settling)
        # A click chooses; the item itself opens by Enter.
        self.list.opened.disconnect(self.row_opened)
        self.list.chosen.connect(self._chosen)

    def refresh(self) -> None:
        super().refresh()
        if self.list.keys.keys and not self.list.currentIndex().isValid():
            self.list.move_by(1)
        self._chosen(self.list.current_row())

    @property
    def current(self) -> Conflict | None:
        """The conflict that the user stands on."""
        key = self.list.current_key()
        return None if key is None else self._conflict_rows.find(key)

    def _chosen(self, _row: Row | None) -> None:
        found = self.current
        title = "" if found is None else self._conflict_rows.name_of(found)
        self.settling.show_conflict(found, title)
        self._edge.setVisible(found is not None)

    def settle(self, place: int) -> None:
        """Keep one of the values that are shown, whatever arrived since."""
        found = self.current
        offered = [] if found is None else choices(self._desk, found)
        if found is not None and place < len(offered):
            self._settle(found, offered[place][0].value)

    def can_settle(self, place: int) -> bool:
        """Whether there is such a value."""
        return place < len(self.settling.choices) and self.settling.isVisible()

    @property
    def can_keep_both(self) -> bool:
        """Whether all values can stay: they are texts."""
        found = self.current
        return found is not None and together(self._desk, found) is not None

    def keep_both(self) -> None:
        """Keep all values, one behind the other."""
        found = self.current
        value = None if found is None else together(self._desk, found)
        if found is not None and value is not None:
            self._settle(found, value)

    def _settle(self, found: Conflict, value: object) -> None:
        workspace = self._workspace
        try:
            touched = workspace.source.settle(found.record, found.field, value)
        except SitebookError as error:
            workspace.failed.emit(str(error))
            return
        workspace.written(touched)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
