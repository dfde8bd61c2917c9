"""Starts the window: the application object, theme, hooks, and the window before anything slow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, Qt, QTimer, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.garbage import GarbageCollector
from app.desktop.guard import ErrorHook
from app.desktop.icons import Icons
from app.desktop.opening import AddressOpener
from app.desktop.session import Session
from app.desktop.style import SitebookStyle
from app.desktop.theme import Theme
from app.desktop.tokens import ThemeName
from app.desktop.translate import install_translator, locale, tr
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.desktop.workspace import Workspace
from sync.errors import SitebookError

_SWITCH_SECONDS = 0.001
"""How soon the GUI thread gets the interpreter back from the sync thread; left alone, Python takes 5 ms."""


def run_window(
    open_session: Callable[[], Session],
    *,
    version: str,
    person: str = "",
    translations: Path | None = None,
    arguments: Sequence[str] = (),
    profile: Path | None = None,
    address: str = "",
) -> int:
    """Show the window until it is closed; gives the exit code.

    ``open_session`` opens the profile; it is called when the window stands. ``person`` is what the system
    calls the user, offered at the first start. A profile that cannot be opened is told in the window.
    ``profile``: the directory in which the window can be rung; ``address``: the item to begin with.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    application = QApplication([sys.argv[0], *arguments])
    application.setApplicationName("Sitebook")
    application.setApplicationVersion(version)
    QGuiApplication.setDesktopFileName("sitebook")
    install_languages(application, translations)
    collector = GarbageCollector(application)
    collector.begin()
    hook = ErrorHook(application)
    hook.install()
    look = dress(application)
    window = Window(look, now=device_now, version=version, person=person)
    hook.happened.connect(
        lambda: window.say(tr("Something went wrong in Sitebook. Your work is safe; the log says more."))
    )
    opener = AddressOpener(window)
    window.show()
    QTimer.singleShot(0, lambda: _begin(window, open_session))
    if profile is not None:
        # Only then is the profile's directory sure to be there, and this the window that has it open.
        window.project_opened.connect(
            lambda: _hang_bell(profile, window, opener), Qt.ConnectionType.SingleShotConnection
        )
    if address:
        opener.open(address)
    try:
        return application.exec()
    finally:
        opener.close()
        collector.end()


def dress(application: QApplication, name: ThemeName = ThemeName.SYSTEM) -> Look:
    """Give the application its theme, style, palette and font, and keep them in step with the theme."""
    theme = Theme(name, parent=application)
    look = Look(theme, Icons(theme))
    application.setStyle(SitebookStyle(theme))

    def follow() -> None:
        application.setPalette(theme.palette())
        application.setFont(theme.font())

    # Connected before any widget is made: widgets that set a palette of their own do so after this.
    theme.changed.connect(follow)
    follow()
    return look


def install_languages(application: QApplication, translations: Path | None) -> None:
    """Load the translations of our own texts and of Qt's, as far as there are any."""
    if translations is not None:
        install_translator(translations, application)
    own = QTranslator(application)
    directory = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if own.load(locale(), "qtbase", "_", directory):
        application.installTranslator(own)


def device_now() -> datetime:
    """The time on this device, in its own time zone."""
    return datetime.now().astimezone()


def _hang_bell(profile: Path, window: Window, opener: AddressOpener) -> None:
    # Here and not above: the window stands before what talks to other processes is loaded.
    from app.desktop.doorbell import Doorbell

    bell = Doorbell(profile, window)
    bell.rung.connect(opener.open)
    bell.begin()


def _begin(window: Window, open_session: Callable[[], Session]) -> None:
    try:
        session = open_session()
    except SitebookError as error:
        window.cannot_begin(str(error))
        return
    window.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))


def make_panel(look: Look, workspace: Workspace, session: Session) -> QWidget:
    """The item panel over a workspace: what is written in one is followed by the other."""
    from app.desktop.editor.dictionary import Speller
    from app.desktop.editor.finder import WorkspaceFinder
    from app.desktop.editor.tools import EditorTools
    from app.desktop.item.desk import Desk
    from app.desktop.item.panel import ItemPanel

    finder, speller = WorkspaceFinder(workspace), Speller(session, parent=workspace)
    desk = Desk(
        look,
        workspace.source,
        columns=workspace.columns,
        authors=session.authors(workspace.info.id),
        now=workspace.now,
        me=lambda: workspace.me,
        run_steps=workspace.run_steps,
        equip=lambda editor: EditorTools(look, editor, finder, speller),
    )
    panel = ItemPanel(desk, session.attachments(workspace.info.id), workspace.source)
    if workspace.files is not None:
        panel.files.follow(workspace.files)
        workspace.files.came.connect(panel.files_came)
    panel.touched.connect(workspace.written)
    panel.failed.connect(workspace.failed)
    workspace.moved.connect(lambda _moved: panel.columns_moved())
    workspace.touched.connect(panel.apply_touched)
    workspace.marks_read.connect(panel.marks_read)
    workspace.stopping.connect(panel.files.stop)
    workspace.stopping.connect(panel.links.stop)
    return panel
