"""Several records that mean the same, side by side: which one is kept, and what follows from that."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from app.desktop.merging.running import merging
from app.desktop.merging.uses import Uses
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Look, Size, Text
from app.desktop.workspace import Workspace
from app.domain.schema import CATEGORY, ELEMENT, FIELD, KINDS, LABEL, LOCATION, PERSON, STATUS
from app.store.merging import check_merge
from sync.errors import SitebookError

_ABOUT = {PERSON: ("company", "phone", "email"), ELEMENT: ("type",), FIELD: ("type",), STATUS: ("meaning",)}
"""What tells records of one name apart."""
_SHOWN = 12
_INDENT = 22
"""As far as the text beside a round button."""


def count_words(kind: str, count: int) -> str:
    """So many records of a kind, in words."""
    number = number_text(count)
    words = {
        PERSON: tr("{n} people"),
        LABEL: tr("{n} labels"),
        LOCATION: tr("{n} locations"),
        ELEMENT: tr("{n} elements"),
        STATUS: tr("{n} statuses"),
        FIELD: tr("{n} fields"),
        CATEGORY: tr("{n} categories"),
    }
    return words[kind].format(n=number)


def record_name(workspace: Workspace, kind: str, record: bytes) -> str:
    """What a record is called, for people."""
    if kind == LOCATION:
        place = workspace.columns.directory.locations.get(record)
        return tr("No name") if place is None else place.path.replace("/", " / ")
    name = workspace.columns.column(kind, KINDS[kind].heading).get(record)
    return name if isinstance(name, str) and name.strip() else tr("No name")


class MergeBox(QWidget):
    """Names the records, says what follows, and merges. Up and Down choose, Enter merges, Esc leaves."""

    merged = Signal(bytes, int)
    """Emits the record that is kept and how many others became part of it."""
    left = Signal()

    def __init__(self, look: Look, workspace: Workspace, uses: Uses, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._workspace = workspace
        self._uses = uses
        self.kind = ""
        self.records: list[bytes] = []
        self.buttons = QButtonGroup(self)
        self._abouts: list[Text] = []
        self._title = Text(look, size=Size.TITLE, wrap=True)
        self._lead = Text(look, tr("Which one is kept?"), tone="muted")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(look.theme.metrics.gap_small)
        self._follows = Text(look, tone="muted", wrap=True)
        self._problem = Text(look, tone="danger", wrap=True)
        self._problem.hide()
        self.merge_button = Button(look, tr("Merge"), kind=ButtonKind.PRIMARY, icon="git-merge")
        self.merge_button.clicked.connect(lambda _checked=False: self.merge())
        self.cancel_button = Button(look, tr("Cancel"))
        self.cancel_button.clicked.connect(lambda _checked=False: self.left.emit())
        metrics = look.theme.metrics
        foot = QHBoxLayout()
        foot.setSpacing(metrics.gap)
        foot.addWidget(self.merge_button)
        foot.addWidget(self.cancel_button)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics.gap_medium)
        layout.addWidget(self._title)
        layout.addWidget(self._lead)
        layout.addLayout(self._rows)
        layout.addWidget(self._follows)
        layout.addWidget(self._problem)
        layout.addLayout(foot)
        uses.ready.connect(self._show_uses)
        self.buttons.buttonClicked.connect(lambda _button: self._chose())

    def show_records(self, kind: str, records: Sequence[bytes]) -> None:
        """Offer to merge these; the one that most issues name is proposed."""
        self.kind, self.records = kind, list(records)
        self._working(False)
        for button in self.buttons.buttons():
            self.buttons.removeButton(button)
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._abouts = []
        counts = [self._uses.count(kind, [each]) or 0 for each in self.records[:_SHOWN]]
        best = max(range(len(counts)), key=lambda at: counts[at], default=0)
        for at in range(len(counts)):
            button = QRadioButton()
            button.setChecked(at == best)
            self.buttons.addButton(button, at)
            self._rows.addWidget(button)
            about = Text(self._look, size=Size.CAPTION, tone="muted", wrap=True)
            about.setContentsMargins(_INDENT, 0, 0, self._look.theme.metrics.gap_small)
            self._rows.addWidget(about)
            self._abouts.append(about)
        if len(self.records) > _SHOWN:
            more = tr("and {n} more").format(n=number_text(len(self.records) - _SHOWN))
            self._rows.addWidget(Text(self._look, more, tone="muted"))
        what = count_words(kind, len(self.records))
        self._title.setText(tr("Make one of {what}").format(what=what))
        self._show_uses()
        self._chose()

    def _show_uses(self) -> None:
        if not self.records:
            return
        for button in self.buttons.buttons():
            record = self.records[self.buttons.id(button)]
            name = record_name(self._workspace, self.kind, record)
            parts = []
            for field in _ABOUT.get(self.kind, ()):
                value = self._workspace.columns.column(self.kind, field).get(record)
                if isinstance(value, str) and value:
                    parts.append(value)
            count = self._uses.count(self.kind, [record])
            if count is not None:
                parts.append(self._used(count))
            button.setText(name.replace("&", "&&"))
            button.setAccessibleName(", ".join([name, *parts]))
            self._abouts[self.buttons.id(button)].setText("  ·  ".join(parts))
        self._tell_what_follows()

    def _used(self, count: int) -> str:
        if self.kind == FIELD:
            return tr_count("%n value", "%n values", count)
        return tr_count("%n issue", "%n issues", count)

    @property
    def keep(self) -> bytes:
        """The one that is kept."""
        return self.records[max(0, self.buttons.checkedId())]

    @property
    def gone(self) -> list[bytes]:
        """Those that become part of it."""
        return [each for each in self.records if each != self.keep]

    def _chose(self) -> None:
        self._tell_what_follows()
        self._problem.hide()
        self.merge_button.setEnabled(True)
        for each in self.gone[:_SHOWN]:
            try:
                check_merge(self._workspace.source, self.kind, self.keep, each)
            except SitebookError as error:
                self._problem.setText(str(error))
                self._problem.show()
                self.merge_button.setEnabled(False)
                return

    def _tell_what_follows(self) -> None:
        name = record_name(self._workspace, self.kind, self.keep)
        count = self._uses.count(self.kind, self.gone)
        changed = "" if count is None else self._used(count)
        words = {
            FIELD: tr("{count} will move to “{name}” where it has none."),
            CATEGORY: tr("What is of the others, {count}, will be of “{name}”."),
        }.get(self.kind, tr("{count} that name the others will name “{name}”."))
        parts = [words.format(count=changed, name=name)] if count else []
        parts.append(
            tr(
                "What is missing in “{name}” is filled in; the others go to the trash. Undo takes it back."
            ).format(name=name)
        )
        self._follows.setText(" ".join(parts))

    def merge(self) -> None:
        """Make one of them, between the user's presses."""
        if not self.merge_button.isEnabled() or len(self.records) < 2:
            return
        keep, gone = self.keep, self.gone
        self._working(True)

        def done(sentence: str) -> None:
            self._working(False)
            if sentence:
                self._problem.setText(sentence)
                self._problem.show()
            else:
                self.merged.emit(keep, len(gone))

        self._workspace.run_steps(merging(self._workspace, self.kind, keep, gone, done))

    def _working(self, working: bool) -> None:
        self.merge_button.say(tr("Merging …") if working else tr("Merge"))
        self.merge_button.setEnabled(not working)
        for button in self.buttons.buttons():
            button.setEnabled(not working)

    def start(self) -> None:
        """Put the focus on the one that is proposed."""
        button = self.buttons.checkedButton()
        if button is not None:
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.merge()
        else:
            super().keyPressEvent(event)


def merged_words(workspace: Workspace, kind: str, keep: bytes, count: int) -> str:
    """What is told after a merge."""
    return tr("{what} became one: {name}").format(
        what=count_words(kind, count + 1), name=record_name(workspace, kind, keep)
    )
