"""The form behind each way in: what it asks depends on the way and on whether there is a vault already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.desktop.pages.download import Download
from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.session import ProfileState, ProjectInfo, Session
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, FormField, Look
from app.desktop.workers import Workers
from app.workspace.address import checked_server
from app.workspace.join_watch import JoinWatch
from sync.errors import SitebookError


class Way(StrEnum):
    """The ways in."""

    NEW = "new"
    JOIN = "join"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of a form: the project, and the recovery words where a vault was made on the way.

    Where the vault was made and the project then was not, ``problem`` says why; the words are shown
    all the same.
    """

    project: ProjectInfo | None
    words: tuple[str, ...] = ()
    problem: str = ""


def _titles(way: Way) -> tuple[str, str, str]:
    return {
        Way.NEW: (
            tr("New project"),
            tr("It starts on this device only. You can invite others whenever you like."),
            tr("Create the project"),
        ),
        Way.JOIN: (
            tr("Join with a code"),
            tr("Someone who is in the project gave you a code. Paste it here."),
            tr("Join the project"),
        ),
        Way.SAMPLE: (
            tr("Look at the sample"),
            tr("A building site with its issues, people and notes, to try everything on."),
            tr("Open the sample"),
        ),
    }[way]


class EntryForm(PageFrame):
    """One way in. ``entered`` brings the project."""

    entered = Signal(object)
    """Emits an ``Entered``."""
    _moved = Signal(object)

    def __init__(
        self,
        look: Look,
        session: Session,
        workers: Workers,
        way: Way,
        *,
        person: str = "",
        parent: QWidget | None = None,
    ) -> None:
        title, lead, action = _titles(way)
        super().__init__(look, title, lead, parent=parent)
        self._session = session
        self._workers = workers
        self._way = way
        self._action_text = action
        self._needs_vault = session.state() is ProfileState.NEW
        self.name: FormField | None = None
        self.server: FormField | None = None
        self.code: FormField | None = None
        self.person: FormField | None = None
        self.passphrase: FormField | None = None
        self.again: FormField | None = None
        self._fields: list[FormField] = []
        if way is Way.NEW:
            self.name = self._field(tr("Name of the project"), placeholder=tr("Harbour Tower"))
            self.server = self._field(
                tr("Server"),
                hint=tr("The address of your team's server. Leave it empty to decide later."),
                placeholder="https://",
            )
        elif way is Way.JOIN:
            self.code = self._field(tr("Code"))
        if self._needs_vault:
            self._ask_for_vault(person)
        self.problem = Problem(look)
        self.column.addWidget(self.problem)
        self.action = Button(look, action, kind=ButtonKind.PRIMARY)
        self.action.clicked.connect(lambda _checked=False: self.submit())
        self.download = Download(look)
        self.download.hide()
        self.download.stopped.connect(self._stop)
        self._moved.connect(self.download.show_progress)
        self._stopping = threading.Event()
        self.column.addWidget(self.download)
        self.row(self.action)
        self.column.addStretch(1)
        for field in self._fields:
            field.edit.returnPressed.connect(self._next_or_submit)

    def _ask_for_vault(self, person: str) -> None:
        named = self._field(tr("Your name"), hint=tr("So that others know who wrote what."))
        named.edit.setText(person)
        self.person = named
        keyring = self._session.has_keyring()
        hint = (
            tr("Leave it empty to unlock with this computer's own keyring.")
            if keyring
            else tr(
                "This computer keeps no keys, so a passphrase protects your projects. You type it at start."
            )
        )
        title = tr("Passphrase (as you like)") if keyring else tr("Passphrase")
        self.passphrase = self._field(title, hint=hint, secret=True)
        self.again = self._field(tr("The passphrase again"), secret=True)

    def _field(self, name: str, *, hint: str = "", placeholder: str = "", secret: bool = False) -> FormField:
        field = FormField(self._look, name, hint=hint, placeholder=placeholder, secret=secret)
        self._fields.append(field)
        self.column.addWidget(field)
        return field

    def start(self) -> None:
        """Put the cursor where typing begins."""
        target: QWidget = self._fields[0].edit if self._fields else self.action
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _next_or_submit(self) -> None:
        edits = [field.edit for field in self._fields]
        here = next((index for index, edit in enumerate(edits) if edit.hasFocus()), len(edits) - 1)
        if here + 1 < len(edits):
            edits[here + 1].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.submit()

    def _complete(self) -> bool:
        """Whether everything needed is there; says at each field what is missing."""
        missing: list[tuple[FormField, str]] = []
        if self.name is not None and not self.name.text():
            missing.append((self.name, tr("Give the project a name.")))
        if self.server is not None:
            try:
                checked_server(self.server.text())
            except SitebookError as error:
                missing.append((self.server, str(error)))
        if self.code is not None and not self.code.text():
            missing.append((self.code, tr("Paste the code that you were given.")))
        if self.person is not None and not self.person.text():
            missing.append((self.person, tr("Say what you are called.")))
        if self.passphrase is not None and self.again is not None:
            secret = self.passphrase.edit.text()
            if not secret and not self._session.has_keyring():
                missing.append((self.passphrase, tr("Choose a passphrase of eight characters or more.")))
            elif secret and len(secret) < 8:
                missing.append((self.passphrase, tr("Use eight characters or more.")))
            elif secret != self.again.edit.text():
                missing.append((self.again, tr("The two are not the same.")))
        for field, sentence in missing:
            field.set_error(sentence)
        if missing:
            missing[0][0].edit.setFocus(Qt.FocusReason.OtherFocusReason)
        return not missing

    def submit(self) -> None:
        """Do it, on the worker."""
        if self._workers.busy or not self._complete():
            return
        self.problem.say("")
        self.action.setEnabled(False)
        self.action.say(tr("One moment …"))
        self._stopping.clear()
        self._workers.run(self._work(), self._done, self._failed)

    def _work(self) -> Callable[[], Entered]:
        """What the worker does, with plain values only."""
        session = self._session
        person = self.person.text() if self.person is not None else ""
        secret = self.passphrase.edit.text() if self.passphrase is not None else ""
        name = self.name.text() if self.name is not None else ""
        server = self.server.text() if self.server is not None else ""
        code = self.code.text() if self.code is not None else ""
        way = self._way
        watch = JoinWatch(self._moved.emit, self._stopping.is_set)

        def work() -> Entered:
            words: tuple[str, ...] = ()
            if session.state() is ProfileState.NEW:
                words = tuple(session.create_vault(person, secret or None))
            try:
                if way is Way.NEW:
                    project = session.new_project(name, server)
                elif way is Way.JOIN:
                    project = session.join(code, watch)
                else:
                    project = session.open_sample()
            except SitebookError as error:
                if not words:
                    raise
                return Entered(None, words, str(error))
            return Entered(project, words)

        return work

    def _done(self, entered: Entered) -> None:
        self._rest()
        self.entered.emit(entered)

    def _failed(self, sentence: str) -> None:
        self._rest()
        self.problem.say(sentence)

    def _stop(self) -> None:
        """The person stops the download; what came of it is kept for the next try."""
        self._stopping.set()

    def _rest(self) -> None:
        self.download.hide()
        self.action.setEnabled(True)
        self.action.say(self._action_text)
