"""The inbox and the work of whoever uses this device, project by project.

An inbox line is what others did to a record that one is assigned to, watches or is mentioned in. Work is what one
is assigned to and is not closed. Both are plain values, so that they can be read on any thread and shown together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.directory import Context
from app.domain.schema import ISSUE, KINDS, STATUS, Meaning
from app.query.sqlite import search
from app.store.project import Project
from app.store.watching import News, Watching
from app.workspace.people import author_name
from app.workspace.review import own_devices

_MOST = 200
_MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the inbox. ``reasons`` are ``assigned``, ``watching``, ``mentioned``; those in ``since`` are new.

    ``number`` is None for what is no issue; ``meaning`` is that of its status, empty where it has none; ``fields``
    are the stored names of what changed; ``mark`` says how far the line goes. ``said``: the sentence of a text, or of a
    comment, that mentions one now; empty for none.
    """

    record: bytes
    kind: str
    title: str
    number: int | None
    meaning: str
    who: str
    at: int
    reasons: frozenset[str]
    since: frozenset[str]
    fields: tuple[str, ...]
    comments: int
    new: bool
    mark: int
    said: str = ""

    @property
    def news(self) -> News:
        """What the store keeps this line by."""
        return News(self.record, self.kind, self.reasons, self.mark, self.at, b"")


@dataclass(frozen=True, slots=True)
class Task:
    """An open issue that one is assigned to. ``due`` is None where it has no date, or none that can be read."""

    record: bytes
    title: str
    number: int | None
    meaning: str
    due: date | None
    place: str
    priority: str


def read_inbox(project: Project, me: bytes | None) -> list[Told]:
    """What others did that concerns a person, the newest first; nothing for somebody who is nobody yet."""
    if me is None:
        return []
    watching = Watching(project, own_devices(project))
    names: dict[bytes, str] = {}
    sentences: dict[bytes, str] | None = None
    found = []
    for news in watching.inbox([me], limit=_MOST):
        record = project.get(news.record, news.kind)
        if record is None:
            continue
        who = names.get(news.device)
        if who is None:
            who = names[news.device] = author_name(project, news.device)
        said = ""
        if _MENTIONED in news.since:
            if sentences is None:
                sentences = _sentences(project, me)
            texts = (news.record, *sorted(news.comments, reverse=True))
            said = next((sentences[each] for each in texts if each in sentences), "")
        heading = KINDS[news.kind].heading if news.kind in KINDS else ""
        number = record.value("number")
        found.append(
            Told(
                news.record,
                news.kind,
                _text(record.value(heading)),
                number if isinstance(number, int) else None,
                _meaning(project, record.value("status")),
                who,
                news.at,
                news.reasons,
                frozenset(news.since),
                tuple(sorted(news.fields - {"created", "deleted"})),
                len(news.comments),
                news.new,
                news.mark,
                said,
            )
        )
    return found


def _sentences(project: Project, person: bytes) -> dict[bytes, str]:
    """The sentence that mentions somebody in each text that does: the first, by the record that has the text."""
    found: dict[bytes, str] = {}
    for link in project.links_to(person, _MOST):
        found.setdefault(link.record, link.sentence)
    return found


def read_work(project: Project, context: Context) -> list[Task]:
    """The open issues of whoever uses this device: the overdue first, those without a date last."""
    if context.directory.me is None:
        return []
    records = search(
        "assignee:@me is:open -is:archived -template:yes", project, ISSUE, context, sort=("due",)
    )
    tasks = []
    for record in records:
        view = project.get(record, ISSUE)
        if view is None:
            continue
        number, place = view.value("number"), view.value("location")
        entry = context.directory.locations.get(place) if isinstance(place, bytes) else None
        tasks.append(
            Task(
                record,
                _text(view.value("title")),
                number if isinstance(number, int) else None,
                _meaning(project, view.value("status")),
                _day(view.value("due")),
                "" if entry is None else entry.path,
                _text(view.value("priority")),
            )
        )
    return tasks


def done(project: Project, lines: Iterable[Told]) -> None:
    """These need no more attention; what comes after is told again."""
    Watching(project).done([line.news for line in lines])


def snooze(project: Project, lines: Iterable[Told], until_ms: int) -> None:
    """Tell these again at a time (milliseconds UTC), or when something more happens."""
    Watching(project).snooze([line.news for line in lines], until_ms)


def tell_again(project: Project, lines: Sequence[Told]) -> None:
    """Take ``done`` and ``snooze`` back."""
    Watching(project).forget([line.news for line in lines])


def _meaning(project: Project, status: object) -> str:
    if not isinstance(status, bytes):
        return ""
    value = project.field(status, "meaning", STATUS).value
    return value if value in {str(each) for each in Meaning} else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
