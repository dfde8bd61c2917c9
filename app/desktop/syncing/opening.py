"""Makes the page of sync for a project that is open."""

from __future__ import annotations

from app.desktop.places import ATTENTION, ISSUES, SETTINGS
from app.desktop.project_page import ProjectPage
from app.desktop.session import Session
from app.desktop.syncing.checker import Checker
from app.desktop.syncing.page import SyncPage
from app.desktop.widgets import Look
from app.store.sync_log import SyncLog


def make_sync_page(look: Look, page: ProjectPage, session: Session) -> SyncPage:
    """The page, which follows the project's sync and its check."""
    workspace = page.workspace
    checker = page.findChild(Checker)
    if checker is None:
        checker = Checker(workspace, session, page)
        page.closing.connect(checker.cancel)
    log = SyncLog(workspace.source)
    shown = SyncPage(look, workspace.info.server, log.lines, workspace.now)
    shown.show_view(page.reporter.sync)
    page.reporter.sync_changed.connect(shown.show_view)
    shown.back_asked.connect(lambda: page.show_page(ISSUES))
    shown.sync_asked.connect(page.sync_pressed)
    shown.attention_asked.connect(lambda: page.show_page(ATTENTION))
    shown.settings_asked.connect(lambda: page.show_page(SETTINGS))
    shown.check_asked.connect(checker.check)
    shown.cancel_asked.connect(checker.cancel)
    checker.changed.connect(shown.show_check_view)
    checker.devices_changed.connect(shown.show_devices)
    shown.show_check_view(checker.view)
    shown.show_devices(checker.devices)
    checker.look()
    files = workspace.files
    if files is not None:
        shown.show_files(files.progress)
        files.progressed.connect(shown.show_files)
    return shown
