"""Looking through what is new: what waits for one's word, then what others did since one last looked.

How far one is through is kept on this device. It moves on in the order in which things came, so what was not
looked at yet comes again, whatever was looked at out of turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.schema import ISSUE, STATUS, Meaning
from app.store.project import Project
from app.store.watching import News, Watching
from app.workspace.people import member_of_device

_NAME = "review"
_MOST = 500
_FIRST_TIME = 5_000
"""Who never looked sees what so many of the last changes did: a project that was just joined is all new."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What there is to look through: ``waiting`` for accepting or sending back, then ``news``, oldest first.

    ``until``: the last change that was here when this was read; ``first_time``: nobody looked here before.
    """

    waiting: Sequence[bytes]
    news: Sequence[News]
    until: int
    first_time: bool = False

    @property
    def records(self) -> list[bytes]:
        """Everything once, in order."""
        return list(dict.fromkeys((*self.waiting, *(each.record for each in self.news))))


def own_devices(project: Project) -> list[bytes]:
    """The keys of all devices of whoever uses this one."""
    member = member_of_device(project, project.device)
    keys = [bytes(key) for (key,) in project.db.all("SELECT key FROM devices")]
    if member is None:
        return [project.device]
    return [key for key in keys if member_of_device(project, key) == member]


def read_queue(project: Project) -> Queue:
    """Read what is new; on any connection of its own, since it may take a moment."""
    watching = Watching(project, own_devices(project))
    until = watching.newest()
    mark = watching.mark(_NAME)
    since = max(0, until - _FIRST_TIME) if mark is None else mark
    news = watching.changed(ISSUE, since=since, limit=_MOST)
    meanings = project.column(STATUS, "meaning")
    reviewed = {status for status, meaning in meanings.items() if meaning == Meaning.REVIEW}
    statuses = project.column(ISSUE, "status")
    waiting = sorted(record for record, status in statuses.items() if status in reviewed)
    templates = {record for record, value in project.column(ISSUE, "template").items() if value is True}
    return Queue(
        [record for record in waiting if record not in templates],
        sorted((each for each in news if each.record not in templates), key=lambda each: each.mark),
        until,
        mark is None,
    )


def looked_through(project: Project, queue: Queue, left: Iterable[bytes]) -> None:
    """Remember how far one is: up to the first news that is ``left``, or through all of it."""
    still = set(left)
    pending = [each.mark for each in queue.news if each.record in still]
    Watching(project).looked(_NAME, min(pending) - 1 if pending else queue.until)
