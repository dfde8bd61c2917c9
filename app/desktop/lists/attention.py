"""What the server refused, and what came in and cannot be used: a list, and below it what can be done."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.desktop.lists.page import ListPage, PageWords
from app.desktop.lists.special import AttentionRows
from app.desktop.translate import number_text, tr
from app.desktop.widgets import Button, Line, Look, Surface, Text
from app.desktop.workspace import Workspace
from app.store.records import BUNDLE_ITEM, AttentionItem
from sync.errors import SitebookError

RETRY_KEY = "T"
DROP_KEY = "Shift+Del"
_NAMED = 3
"""So many records are called by their names in the sentence about what is lost."""


class AttentionPage(ListPage):
    """Sends once more, or drops for good: what is lost by it is said before, and a second press does it."""

    def __init__(self, look: Look, workspace: Workspace, words: PageWords, keys: tuple[str, str]) -> None:
        self._attention_rows = AttentionRows(workspace)
        super().__init__(look, workspace, self._attention_rows, words)
        metrics = look.theme.metrics
        self._asked: bytes | None = None
        self.sentence = Text(look, wrap=True)
        self.again = Button(look, tr("Try again"), icon="arrows-clockwise", key=keys[0])
        self.again.clicked.connect(lambda _checked=False: self.retry())
        self.away = Button(look, tr("Drop"), icon="trash", key=keys[1])
        self.away.clicked.connect(lambda _checked=False: self.drop())
        self._foot = Surface(look, "background")
        line = QHBoxLayout()
        line.setSpacing(metrics.gap)
        line.addWidget(self.again)
        line.addWidget(self.away)
        line.addStretch(1)
        column = QVBoxLayout(self._foot)
        column.setContentsMargins(
            metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium
        )
        column.setSpacing(metrics.gap)
        column.addWidget(self.sentence)
        column.addLayout(line)
        self._drop_key = keys[1]
        self._edge = Line(look)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._edge)
        layout.addWidget(self._foot)
        self.list.chosen.connect(lambda _row: self._show_choice())

    def refresh(self) -> None:
        super().refresh()
        if self.list.keys.keys and not self.list.currentIndex().isValid():
            self.list.move_by(1)
        self._show_choice()

    @property
    def current(self) -> AttentionItem | None:
        """What the user stands on."""
        key = self.list.current_key()
        return next((each for each in self._workspace.attention if each.hash == key), None)

    @property
    def is_refused(self) -> bool:
        """Whether the user stands on something of this device that the server refused."""
        found = self.current
        return found is not None and found.own

    def _show_choice(self) -> None:
        found = self.current
        self._foot.setVisible(found is not None)
        self._edge.setVisible(found is not None)
        if found is None:
            return
        if found.hash != self._asked:
            self._asked = None
        self.again.setVisible(found.own)
        self.away.setVisible(found.own and not found.file)
        self.sentence.setText(" ".join(filter(None, (found.reason, *self._choice_words(found)))))

    def _choice_words(self, found: AttentionItem) -> tuple[str, ...]:
        """What is to be known before one chooses; the row above has room for the beginning of the reason only."""
        if not found.own:
            if found.hash.startswith(BUNDLE_ITEM):
                return (tr("Your own work is not touched."),)
            return (
                tr(
                    "This came from another device and cannot be used. It is set aside; your own work is not touched."
                ),
            )
        what = self._what(found)
        if found.file:
            return (tr("{what} is only on this device. Trying again loses nothing.").format(what=what),)
        self.away.say(tr("Drop for good") if self._asked else tr("Drop"), self._drop_key)
        lost = tr("Your changes to {what} are only on this device. Trying again loses nothing.").format(
            what=what
        )
        then = (
            tr("Press again to take them back here for good: nobody else has them.")
            if self._asked
            else tr("Dropping takes them back here, and they are lost.")
        )
        return lost, then

    def _what(self, found: AttentionItem) -> str:
        """What an envelope touches, in words."""
        rows, kind_of = self._attention_rows, self._workspace.source.kind_of
        names = [f"“{rows.heading(each, kind_of(each) or '')[0]}”" for each in found.records[:_NAMED]]
        if not names:
            return tr("this project")
        if len(found.records) > _NAMED:
            names.append(tr("{count} more").format(count=number_text(len(found.records) - _NAMED)))
        return ", ".join(names)

    def retry(self) -> None:
        """Queue once more all that the server refused."""
        try:
            self._workspace.source.retry_refused()
        except SitebookError as error:
            self._workspace.failed.emit(str(error))
            return
        self._asked = None
        self._workspace.sync_marks_changed()
        self._workspace.wrote.emit()
        self.refresh()

    def drop(self) -> None:
        """Ask, and at the second time drop what the user stands on."""
        found = self.current
        if found is None or not found.own or found.file:
            return
        if self._asked != found.hash:
            self._asked = found.hash
            self._show_choice()
            return
        self._asked = None
        self._workspace.drop_asked.emit(found.hash)
        self._show_choice()
