"""The next steps of an issue as buttons: resolve, close, send back with a reason, reopen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Text
from app.domain.closing import Action, Step
from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.records import Record
from app.workspace.closing import Desk as ClosingDesk
from sync.errors import SitebookError

ICONS = {
    Action.RESOLVE: "check",
    Action.CLOSE: "check-circle",
    Action.SEND_BACK: "arrow-u-up-left",
    Action.REOPEN: "arrow-counter-clockwise",
}
_STRANGER = b""
"""Stands for a creator who is somebody else, whoever that is."""


def step_title(action: Action) -> str:
    """What a step is called."""
    return {
        Action.RESOLVE: tr("Resolve"),
        Action.CLOSE: tr("Close the issue"),
        Action.SEND_BACK: tr("Send back"),
        Action.REOPEN: tr("Reopen"),
    }[action]


def steps_of(desk: Desk, project: Project, record: Record) -> list[Step]:
    """The steps that an issue can take now, those of one's own turn first."""
    author = desk.author(record.created.device)
    directory = desk.context.directory
    me = directory.people.get(directory.me) if directory.me is not None else None
    own = author.own or (me is not None and author.person == me.name)
    creator = directory.me if own else _STRANGER if author.person else None
    return ClosingDesk(project, directory).steps(record.id, creator)


class StepBar(QWidget):
    """One button a step; sending back asks for the reason in place."""

    taken = Signal(object)
    """Emits the Action that was done."""
    failed = Signal(str)

    def __init__(self, desk: Desk, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._project = project
        self._record: Record | None = None
        self.buttons: dict[Action, Button] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(desk.look.theme.metrics.gap)
        self._row.addStretch(1)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("What is still missing? Enter sends it back"))
        self.reason.setAccessibleName(tr("Reason for sending back"))
        self.reason.installEventFilter(self)
        self.reason.returnPressed.connect(self._send_back)
        self.problem = Text(desk.look, tone="danger", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(desk.look.theme.metrics.gap)
        layout.addLayout(self._row)
        layout.addWidget(self.reason)
        layout.addWidget(self.problem)
        self.reason.hide()
        self.problem.hide()

    def show_record(self, record: Record) -> None:
        """Show the steps of a record; nothing where it is no issue, or deleted."""
        if self._record is None or self._record.id != record.id:
            self.stop_asking()
        self._record = record
        if record.kind != ISSUE or record.deleted or record.value("template") is True:
            self.hide()
            return
        steps = steps_of(self._desk, self._project, record)
        wanted = [step.action for step in steps]
        if wanted != list(self.buttons):
            self._make(wanted)
        self.setVisible(bool(steps))

    def _make(self, actions: list[Action]) -> None:
        focused = any(button.hasFocus() for button in self.buttons.values())
        for button in self.buttons.values():
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for place, action in enumerate(actions):
            button = Button(
                self._desk.look, step_title(action), kind=ButtonKind.QUIET, icon=ICONS[action], parent=self
            )
            button.clicked.connect(partial(self._pressed, action))
            self._row.insertWidget(place, button)
            button.show()
            self.buttons[action] = button
        if focused and actions:
            self.buttons[actions[0]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _pressed(self, action: Action, _checked: bool = False) -> None:
        self.take(action)

    def stops(self) -> list[QWidget]:
        """The controls in the order of the Tab key."""
        return [*self.buttons.values(), self.reason]

    def take(self, action: Action, reason: str = "") -> bool:
        """Take a step, or ask for its reason first. Whether it is done."""
        record = self._record
        if record is None:
            return False
        if action is Action.SEND_BACK and not reason.strip():
            self.reason.show()
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        directory = self._desk.context.directory
        try:
            touched = ClosingDesk(self._project, directory).take([record.id], action, reason=reason)
        except SitebookError as error:
            self._tell(str(error))
            return False
        self.stop_asking()
        self._desk.announce(touched)
        self.taken.emit(action)
        return True

    def _send_back(self) -> None:
        self.take(Action.SEND_BACK, self.reason.text())

    def stop_asking(self) -> None:
        """Put the line for the reason away."""
        self.reason.clear()
        self.reason.hide()
        self._tell("")

    def _tell(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.reason
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            # Before the line goes, which would pass the focus on to what stands below.
            if self.buttons:
                next(iter(self.buttons.values())).setFocus(Qt.FocusReason.OtherFocusReason)
            self.stop_asking()
            return True
        return super().eventFilter(watched, event)
