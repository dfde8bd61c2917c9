"""Ties the inbox to a project's window: counts in the side bar, pages when asked for, and the way to what is told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.desktop.inbox.page import ConcernPage
from app.desktop.inbox.reader import Concern, InboxReader
from app.desktop.inbox.words import Line
from app.desktop.places import INBOX, ISSUES, WORK
from app.desktop.project_page import ProjectPage
from app.desktop.session import Session
from app.desktop.widgets import Look

_BEGIN_MS = 600
"""After the window stands and the list is painted."""


class InboxDesk(QObject):
    """``go`` opens a record of a project, which may be another one."""

    def __init__(
        self, look: Look, session: Session, page: ProjectPage, go: Callable[[bytes, bytes], None]
    ) -> None:
        super().__init__(page)
        self._look = look
        self._page = page
        self._go = go
        self.reader = InboxReader(session, page.workspace.now, self)
        self.reader.read.connect(self._count)
        page.workspace.touched.connect(lambda _touched: self.reader.soon())
        page.workspace.stopping.connect(self.reader.stop)
        QTimer.singleShot(_BEGIN_MS, self.reader, self.reader.refresh)

    def _count(self, concerns: list[Concern]) -> None:
        today = self._page.workspace.now().date()
        told = sum(len(each.told) for each in concerns)
        overdue = sum(task.due is not None and task.due < today for each in concerns for task in each.work)
        work = sum(len(each.work) for each in concerns)
        self._page.side_bar.set_count(INBOX, told, "accent" if told else "muted")
        self._page.side_bar.set_count(WORK, work, "danger" if overdue else "muted")

    def make(self, name: str) -> ConcernPage:
        """The page of the inbox, or of one's own work."""
        made = ConcernPage(self._look, self.reader, self._page.workspace.now, work=name == WORK)
        made.left.connect(lambda: self._page.show_page(ISSUES))
        made.asked.connect(self._open)
        return made

    def _open(self, line: Line) -> None:
        if line.project == self._page.workspace.info.id:
            self._page.open_item(line.record)
        else:
            self._go(line.project, line.record)
