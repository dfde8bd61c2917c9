"""Keeps the counts of the side bar and the bottom line of a project's page true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.desk.answer import LiveAnswer
from app.desktop.places import ARCHIVE, ATTENTION, CONFLICTS, ELEMENTS, ISSUES, NOTES, PEOPLE, TRASH
from app.desktop.session import SyncPhase, SyncView
from app.desktop.side_bar import SideBar
from app.desktop.status_line import StatusLine
from app.desktop.workspace import LISTED_KINDS, Workspace
from app.domain.schema import ELEMENT, ISSUE, NOTE, PERSON
from app.query.archive import ARCHIVED

KIND_PLACES = {ISSUE: ISSUES, NOTE: NOTES, ELEMENT: ELEMENTS, PERSON: PEOPLE}
"""The list in which the records of a kind stand."""
_PAUSE_MS = 250
_NOTICE_MS = 8000
_MINUTE_MS = 60_000


class Reporter(QObject):
    """Counts again a moment after something changed, not for each of a hundred changes."""

    counted = Signal()
    """The counts are new: lists of conflicts, trash and the like may be too."""
    sync_changed = Signal(object)
    """Emits the ``SyncView``, whenever it is told."""

    def __init__(
        self, workspace: Workspace, side_bar: SideBar, status: StatusLine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._side_bar = side_bar
        self._status = status
        self._sync = SyncView(SyncPhase.OFFLINE if workspace.info.server else SyncPhase.ALONE)
        self._asked = False
        self._stopped = False
        self._synced = True
        """Whether sync went on since it was asked what waits for the server; what is written here is known."""
        self._today = workspace.now().date()
        self._pause = single_shot(self, _PAUSE_MS, self.count)
        self._notice = single_shot(self, _NOTICE_MS, lambda: status.set_notice(""))
        self._issues = LiveAnswer(workspace, ISSUE, parent=self)
        self._issues.changed.connect(self._issues_counted)
        self._archive = LiveAnswer(workspace, ISSUE, parent=self)
        self._archive.changed.connect(self._archive_counted)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._minute_passed)
        self._minute.start()
        workspace.lists_changed.connect(self._soon)
        workspace.wrote.connect(self._soon)
        workspace.failed.connect(self.say)
        self._show_sync()

    def _soon(self) -> None:
        """Count in a moment; what goes on changing is counted now and then, not only when it has come to rest."""
        if not self._pause.isActive() and not self._stopped:
            self._pause.start()

    @property
    def sync(self) -> SyncView:
        """What is told of sync."""
        return self._sync

    def set_sync(self, view: SyncView) -> None:
        """Follow the sync thread."""
        self._sync = view
        self._synced = True
        self._show_sync()
        self._soon()

    def say(self, sentence: str) -> None:
        """Tell for a while what could not be done."""
        self._status.set_notice(sentence)
        self._notice.start()

    def tell(self, sentence: str) -> None:
        """Tell for a while what was done."""
        self._status.set_notice(sentence, tone="success")
        self._notice.start()

    def count(self) -> None:
        """Count everything now."""
        workspace, bar = self._workspace, self._side_bar
        if self._synced:
            self._synced = False
            workspace.sync_marks_changed()
        if self._issues.answer is None:
            self._issues.ask("")
            self._archive.ask(f"is:{ARCHIVED}")
        for kind, name in KIND_PLACES.items():
            # Issues are counted without the archive, notes without templates: where those are known.
            if kind not in (ISSUE, NOTE):
                bar.set_count(name, len(workspace.ids(kind)))
        if workspace.contested.is_read:
            bar.set_count(CONFLICTS, len(workspace.conflicts), "warning")
        elif not self._asked:
            self._asked = True
            workspace.read_conflicts()
        trouble = len(workspace.attention)
        bar.set_count(ATTENTION, trouble, "danger")
        bar.set_shown(ATTENTION, trouble > 0)
        bar.set_count(TRASH, workspace.trash_size)
        status = workspace.source.status()
        self._sync = replace(self._sync, waiting=status.waiting, attention=status.attention)
        self._show_sync()
        self.counted.emit()

    def _issues_counted(self) -> None:
        """Issues are counted without the archive and templates."""
        self._side_bar.set_count(ISSUES, self._issues.count)

    def _archive_counted(self) -> None:
        self._side_bar.set_count(ARCHIVE, self._archive.count)

    def stop(self) -> None:
        """Count no more: the project is about to be closed, whatever is still told of it."""
        self._stopped = True
        for timer in (self._pause, self._notice, self._minute):
            timer.stop()

    def _show_sync(self) -> None:
        self._status.set_sync(self._sync, self._workspace.now())
        self.sync_changed.emit(self._sync)

    def _minute_passed(self) -> None:
        """Synced 14:32 becomes yesterday's, and what was due today is overdue."""
        self._show_sync()
        today = self._workspace.now().date()
        if today != self._today:
            self._today = today
            workspace = self._workspace
            workspace.rows_changed.emit({record for kind in LISTED_KINDS for record in workspace.ids(kind)})
            workspace.lists_changed.emit()


def single_shot(parent: QObject, pause_ms: int, run: Callable[[], None]) -> QTimer:
    """A timer that runs something once, ``pause_ms`` after it was last started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(run)
    return timer
