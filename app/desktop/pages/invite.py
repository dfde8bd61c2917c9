"""Inviting others: a role, a time, and a code to hand over; what was given out stands below."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.session import InviteInfo, ProjectInfo, Session
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Text
from app.desktop.words import moment_text
from app.desktop.workspace import Workspace
from sync.errors import SitebookError

_DAYS = (1, 7, 30)


def _roles() -> tuple[tuple[str, str], ...]:
    return (
        ("editor", tr("Editor: may change everything")),
        ("contributor", tr("Contributor: comments, photos, own issues")),
        ("viewer", tr("Viewer: reads only")),
        ("owner", tr("Owner: also invites and removes people")),
    )


class InvitePage(PageFrame):
    """Makes codes and takes them back."""

    def __init__(
        self,
        look: Look,
        session: Session,
        workspace: Workspace,
        project: ProjectInfo,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            look,
            tr("Invite someone"),
            tr(
                "Whoever has the code can join until it expires or you cancel it, even while you are offline. "
                "Send it in a way that you trust."
            ),
            parent=parent,
        )
        self._session = session
        self._workspace = workspace
        self._project = project
        self.role = QComboBox()
        self.role.setAccessibleName(tr("Role"))
        for value, title in _roles():
            self.role.addItem(title, value)
        self.days = QComboBox()
        self.days.setAccessibleName(tr("Valid for"))
        for days in _DAYS:
            self.days.addItem(tr_count("%n day", "%n days", days), days)
        self.days.setCurrentIndex(1)
        self.me = QCheckBox(tr("For another device of mine"))
        self.me.toggled.connect(lambda own: self.role.setDisabled(own))
        self._labelled(tr("Role"), self.role)
        self._labelled(tr("Valid for"), self.days)
        self.column.addWidget(self.me)
        self.problem = Problem(look)
        self.column.addWidget(self.problem)
        self.action = Button(look, tr("Make a code"), kind=ButtonKind.PRIMARY)
        self.action.clicked.connect(lambda _checked=False: self._make())
        self.row(self.action)
        self.code = QLineEdit()
        self.code.setReadOnly(True)
        self.code.setAccessibleName(tr("Code"))
        self.copy = Button(look, tr("Copy"), icon="copy")
        self.copy.clicked.connect(lambda _checked=False: self._copy())
        self._code_row = QWidget()
        row = QHBoxLayout(self._code_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.code, 1)
        row.addWidget(self.copy)
        self._code_row.hide()
        self.column.addWidget(self._code_row)
        self.note = Text(look, tone="muted", wrap=True)
        self.note.hide()
        self.column.addWidget(self.note)
        self.section(tr("Given out"))
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self._show_invites()

    def _labelled(self, name: str, widget: QWidget) -> None:
        box = QVBoxLayout()
        box.setSpacing(self._look.theme.metrics.gap_small)
        label = Text(self._look, name, strong=True)
        label.setBuddy(widget)
        box.addWidget(label)
        box.addWidget(widget)
        self.column.addLayout(box)

    def start(self) -> None:
        """Put the focus on the role."""
        self.role.setFocus()

    def _make(self) -> None:
        self.problem.say("")
        try:
            code = self._session.invite(
                self._project.id,
                str(self.role.currentData()),
                me=self.me.isChecked(),
                days=int(self.days.currentData()),
            )
        except SitebookError as error:
            self.problem.say(str(error))
            return
        self.code.setText(code)
        self.code.setCursorPosition(0)
        self._code_row.show()
        self._say(tr("Hand this code over. It works once the server has it, after the next sync."))
        self.copy.setFocus()
        self._workspace.wrote.emit()
        self._show_invites()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())
        self._say(tr("Copied."))

    def _say(self, sentence: str) -> None:
        self.note.setText(sentence)
        self.note.show()

    def _show_invites(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        invites = self._session.invites(self._project.id)
        if not invites:
            self._list.addWidget(Text(self._look, tr("No codes yet."), tone="muted"))
        for invite in invites:
            self._list.addWidget(self._invite_row(invite))
            self._list.addWidget(Line(self._look))

    def _invite_row(self, invite: InviteInfo) -> QWidget:
        look = self._look
        holder = QWidget()
        holder.setFixedHeight(look.theme.metrics.row + look.theme.metrics.gap)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        titles = {value: title.split(":")[0] for value, title in _roles()}
        row.addWidget(Text(look, titles.get(invite.role, invite.role)))
        row.addWidget(Text(look, invite.state, tone="muted"))
        row.addStretch(1)
        if invite.expires_ms is not None:
            until = moment_text(invite.expires_ms, self._workspace.now())
            row.addWidget(Text(look, tr("until {when}").format(when=until), size=Size.CAPTION, tone="muted"))
        if invite.cancellable:
            cancel = Button(look, tr("Cancel"), kind=ButtonKind.LINK)
            cancel.setAccessibleName(tr("Cancel this invite"))
            cancel.clicked.connect(lambda _checked=False: self._cancel(invite))
            row.addWidget(cancel)
        return holder

    def _cancel(self, invite: InviteInfo) -> None:
        try:
            self._session.cancel_invite(self._project.id, invite.id)
        except SitebookError as error:
            self.problem.say(str(error))
            return
        self._workspace.wrote.emit()
        self._show_invites()
