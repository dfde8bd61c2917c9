"""Asked at start where the system's keyring does not open the vault."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.session import Session
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, FormField, Look
from app.desktop.workers import Workers


class UnlockPage(PageFrame):
    """A passphrase, or the recovery words."""

    unlocked = Signal()

    def __init__(self, look: Look, session: Session, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(
            look,
            tr("Unlock Sitebook"),
            tr(
                "Type your passphrase. If you do not have it any more, the words of your recovery key do too."
            ),
            back=False,
            parent=parent,
        )
        self._session = session
        self._workers = workers
        self.secret = FormField(look, tr("Passphrase or recovery key"), secret=True)
        self.column.addWidget(self.secret)
        self.problem = Problem(look)
        self.column.addWidget(self.problem)
        self.action = Button(look, tr("Unlock"), kind=ButtonKind.PRIMARY)
        self.action.clicked.connect(lambda _checked=False: self.submit())
        self.secret.edit.returnPressed.connect(self.submit)
        self.row(self.action)
        self.column.addStretch(1)

    def start(self) -> None:
        """Put the cursor into the field."""
        self.secret.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Try it, on the worker."""
        secret = self.secret.edit.text()
        if self._workers.busy:
            return
        if not secret:
            self.secret.set_error(tr("Type the passphrase first."))
            return
        self.problem.say("")
        self.action.setEnabled(False)
        session = self._session
        self._workers.run(lambda: session.unlock(secret), lambda _nothing: self._done(), self._failed)

    def _done(self) -> None:
        self.action.setEnabled(True)
        self.secret.edit.clear()
        self.unlocked.emit()

    def _failed(self, sentence: str) -> None:
        self.action.setEnabled(True)
        self.problem.say(sentence)
        self.secret.edit.selectAll()
        self.start()
