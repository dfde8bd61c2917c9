"""Settings: how the window looks on this device, the project's server, copies of one's own, about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.live.here import SETTING as SHOWN
from app.desktop.pages.certificate import CertificateQuestion
from app.desktop.pages.files import FilesPart
from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.session import ProjectInfo, Session
from app.desktop.tokens import Density, ThemeName
from app.desktop.translate import tr
from app.desktop.widgets import Button, FormField, Look, Text
from app.desktop.workers import Workers
from app.store.core import Core
from sync.errors import SitebookError


class SettingsPage(PageFrame):
    """The settings. Each holds as soon as it is chosen."""

    server_changed = Signal(str)
    shape_asked = Signal()
    """Fields and categories are to be changed."""
    folder_asked = Signal()
    """The Markdown folder of the project is to be shown."""
    shown_chosen = Signal(bool)
    """Others may see where the user is, or not."""
    theme_chosen = Signal(object)
    density_chosen = Signal(object)

    def __init__(
        self,
        look: Look,
        session: Session,
        workers: Workers,
        project: ProjectInfo,
        version: str,
        parent: QWidget | None = None,
        *,
        files: Core | None = None,
    ) -> None:
        """``files``: the open project, whose files can be kept here or not."""
        super().__init__(look, tr("Settings"), parent=parent)
        self._session = session
        self._workers = workers
        self._project = project
        self._look_part()
        self._server_part()
        if files is not None:
            self._files_part(files)
        self._others_part()
        self._copies_part()
        self.section(tr("About"))
        self.column.addWidget(
            Text(look, tr("Sitebook {version}").format(version=version), tone="muted", wrap=True)
        )
        self.column.addStretch(1)

    def start(self) -> None:
        """Put the focus on what is chosen."""
        button = self._themes.checkedButton()
        if button is not None:
            button.setFocus()

    # How it looks

    def _look_part(self) -> None:
        theme = self._look.theme
        self.section(tr("Appearance"))
        self._themes = self._choices(
            tr("Theme"),
            (
                (ThemeName.SYSTEM, tr("As the system")),
                (ThemeName.LIGHT, tr("Light")),
                (ThemeName.DARK, tr("Dark")),
                (ThemeName.SUN, tr("Sun: strongest contrast")),
            ),
            theme.name,
            self.theme_chosen.emit,
        )
        self._densities = self._choices(
            tr("Size of rows"),
            (
                (Density.NORMAL, tr("Normal")),
                (Density.DENSE, tr("Dense")),
                (Density.TOUCH, tr("Large, for touch and gloves")),
            ),
            theme.density,
            self.density_chosen.emit,
        )

    def _choices(
        self,
        name: str,
        choices: tuple[tuple[object, str], ...],
        current: object,
        choose: Callable[[object], None],
    ) -> QButtonGroup:
        group = QButtonGroup(self)
        box = QVBoxLayout()
        box.setSpacing(self._look.theme.metrics.gap_small)
        box.addWidget(Text(self._look, name, strong=True))
        for value, title in choices:
            button = QRadioButton(title)
            button.setAccessibleName(f"{name}: {title}")
            button.setChecked(value == current)
            group.addButton(button)
            button.clicked.connect(lambda _checked=False, value=value: choose(value))
            box.addWidget(button)
        self.column.addLayout(box)
        return group

    # The project's server

    def _server_part(self) -> None:
        look = self._look
        self.section(tr("Project {name}").format(name=self._project.name))
        self.shape = Button(look, tr("Fields and categories"), icon="sliders")
        self.shape.clicked.connect(lambda _checked=False: self.shape_asked.emit())
        self.column.addWidget(
            Text(
                look,
                tr("What issues are, what is noted of them, their statuses, labels and locations."),
                tone="muted",
                wrap=True,
            )
        )
        self.row(self.shape)
        self.folder = Button(look, tr("Markdown folder"), icon="folder-open")
        self.folder.clicked.connect(lambda _checked=False: self.folder_asked.emit())
        self.column.addWidget(
            Text(
                look,
                tr(
                    "Notes and issues as text files for other programs, both ways. They are not encrypted there."
                ),
                tone="muted",
                wrap=True,
            )
        )
        self.row(self.folder)
        self.server = FormField(
            look,
            tr("Server"),
            hint=tr("Where this project's devices meet. It stores only what it cannot read."),
            placeholder="https://",
        )
        self.server.edit.setText(self._project.server)
        self.server.edit.returnPressed.connect(self._set_server)
        button = Button(look, tr("Set"))
        button.setAccessibleName(tr("Set the server"))
        button.clicked.connect(lambda _checked=False: self._set_server())
        self.column.addWidget(self.server)
        self.row(button)
        self.certificate = CertificateQuestion(look)
        self.certificate.accepted.connect(self._accept)
        self.column.addWidget(self.certificate)

    def _set_server(self) -> None:
        address = self.server.text()
        try:
            self._session.set_server(self._project.id, address)
        except SitebookError as error:
            self.server.set_error(str(error))
            return
        self.server.set_error("")
        self.certificate.hide()
        self.server_changed.emit(address)
        if address.strip().lower().startswith("https://"):
            session, project = self._session, self._project.id
            # Where it cannot be reached the status line says so.
            self._workers.run(lambda: session.server_certificate(project), self._ask, lambda _sentence: None)

    def _ask(self, certificate: bytes | None) -> None:
        if certificate is not None:
            self.certificate.ask(certificate)

    def _accept(self, certificate: bytes) -> None:
        self._session.set_server(self._project.id, self.server.text(), certificate)
        self.server_changed.emit(self.server.text())

    # Photos and files

    def _files_part(self, core: Core) -> None:
        self.section(tr("Photos and files on this device"))
        self.files = FilesPart(self._look, core)
        self.files.changed.connect(self._poke)
        self.column.addWidget(self.files)

    def _poke(self) -> None:
        feed = self._session.file_feed()
        if feed is not None:
            feed.poke(self._project.id)

    # Others

    def _others_part(self) -> None:
        self.section(tr("Others"))
        self.shown = QCheckBox(tr("Show others where I am"))
        self.shown.setChecked(self._session.setting(SHOWN, True) is not False)
        self.shown.toggled.connect(self.shown_chosen)
        self.column.addWidget(self.shown)
        self.column.addWidget(
            Text(
                self._look,
                tr(
                    "People in your projects see that you are there, which issue you look at and where you write. "
                    "Nothing of it is kept. Without it you still see the others."
                ),
                tone="muted",
                wrap=True,
            )
        )

    # Copies

    def _copies_part(self) -> None:
        look = self._look
        self.section(tr("Your own copy"))
        self.column.addWidget(
            Text(
                look,
                tr(
                    "An export is everything of this project in open formats. "
                    "A backup is an encrypted copy of all projects on this device, with their keys."
                ),
                tone="muted",
                wrap=True,
            )
        )
        export = Button(look, tr("Export this project"), icon="export")
        export.clicked.connect(lambda _checked=False: self.choose_export())
        backup = Button(look, tr("Back up"), icon="floppy-disk")
        backup.clicked.connect(lambda _checked=False: self.choose_backup())
        row = QHBoxLayout()
        row.setSpacing(look.theme.metrics.gap)
        row.addWidget(export)
        row.addWidget(backup)
        row.addStretch(1)
        self.column.addLayout(row)
        self.note = Text(look, tone="muted", wrap=True)
        self.note.hide()
        self.problem = Problem(look)
        self.column.addWidget(self.note)
        self.column.addWidget(self.problem)

    def choose_export(self) -> None:
        """Ask where to, then export."""
        name = tr("{project}.zip").format(project=self._project.name)
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export"), name, tr("Archive (*.zip)"))
        if chosen:
            session, project = self._session, self._project.id
            self._write(lambda: session.export_project(project, Path(chosen)), chosen)

    def choose_backup(self) -> None:
        """Ask where to, then back up."""
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Back up"), tr("Sitebook.backup"), tr("Backup (*.backup)")
        )
        if chosen:
            session = self._session
            self._write(lambda: session.backup(Path(chosen)), chosen)

    def _write(self, work: Callable[[], None], file: str) -> None:
        self.problem.say("")
        self._say(tr("Writing …"))
        self._workers.run(
            work,
            lambda _nothing: self._say(tr("Written to {file}.").format(file=file)),
            self._write_failed,
        )

    def _write_failed(self, sentence: str) -> None:
        self.note.hide()
        self.problem.say(sentence)

    def _say(self, sentence: str) -> None:
        self.note.setText(sentence)
        self.note.show()
