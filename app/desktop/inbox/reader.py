"""Reads the inbox and the work of all projects on a thread of its own, and again when something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.session import ProjectInfo, Session
from app.desktop.workers import Workers
from app.domain.directory import Context, ProjectDirectory
from app.store.project import Project
from app.workspace.inbox import Task, Told, read_inbox, read_work
from app.workspace.people import member_of_device, person_of_member

_PAUSE_MS = 1_200
"""What comes from elsewhere comes in bursts."""


@dataclass(frozen=True, slots=True)
class Concern:
    """What concerns the user in one project."""

    info: ProjectInfo
    told: Sequence[Told]
    work: Sequence[Task]


class InboxReader(QObject):
    """Lives on the GUI thread; ``read`` emits what was found, project by project in the order of their names."""

    read = Signal(list)
    """Emits the Concerns."""
    failed = Signal(str)

    def __init__(self, session: Session, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._now = now
        self._workers = Workers(self)
        self._workers.busy_changed.connect(self._once_more)
        self._again = False
        self._stopped = False
        self.concerns: list[Concern] = []
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)

    def soon(self) -> None:
        """Something changed: read again after a moment."""
        if not self._pause.isActive():
            self._pause.start()

    def refresh(self) -> None:
        """Read now; asked again meanwhile, once more after that."""
        if self._stopped:
            return
        if self._workers.busy:
            self._again = True
            return
        openers = [(info, self._session.opener(info.id)) for info in self._session.projects()]
        now = self._now()
        self._workers.run(lambda: _read_all(openers, now), self._came, self.failed.emit)

    def do(self, project: bytes, action: Callable[[Project], object]) -> None:
        """Call something with a project on the reader's thread, and read again."""
        opener = self._session.opener(project)

        def work() -> object:
            opened = opener()
            try:
                return action(opened)
            finally:
                opened.close()

        self._workers.run(work, lambda _done: self.soon(), self.failed.emit)

    def _came(self, found: list[Concern]) -> None:
        self.concerns = found
        self.read.emit(found)

    def _once_more(self, busy: bool) -> None:
        if self._again and not busy:
            self._again = False
            self.refresh()

    def stop(self) -> None:
        """The window closes."""
        self._stopped = True
        self._pause.stop()
        self._workers.wait()


def _read_all(openers: Sequence[tuple[ProjectInfo, Callable[[], Project]]], now: datetime) -> list[Concern]:
    zone = now.tzinfo
    assert zone is not None, "the window's clock tells the device's time zone"
    return [_read_one(info, opener, now, zone) for info, opener in openers]


def _read_one(info: ProjectInfo, opener: Callable[[], Project], now: datetime, zone: tzinfo) -> Concern:
    project = opener()
    try:
        member = member_of_device(project, project.device)
        me = None if member is None else person_of_member(project, member)
        context = Context(ProjectDirectory(project, me), now.date(), zone)
        return Concern(info, read_inbox(project, me), read_work(project, context))
    finally:
        project.close()
