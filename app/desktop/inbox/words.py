"""The lines of the inbox and of one's own work, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.desktop.entries import Entry
from app.desktop.inbox.reader import Concern
from app.desktop.item.speech import field_title
from app.desktop.translate import tr, tr_count
from app.desktop.words import day_text, moment_text
from app.domain.schema import KINDS
from app.workspace.inbox import Task, Told

_MOST_NAMES = 3
_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """What an entry of the page stands for; ``told`` is None for work."""

    project: bytes
    record: bytes
    told: Told | None = None


def inbox_entries(concerns: Sequence[Concern], now: datetime) -> list[Entry]:
    """The newest first; with more than one project its name stands beside each."""
    lines = [(each.info, told) for each in concerns for told in each.told]
    lines.sort(key=lambda pair: pair[1].at, reverse=True)
    several = len(concerns) > 1
    entries: list[Entry] = []
    heading = ""
    for info, told in lines:
        day = _day_words(told.at, now)
        if day != heading:
            heading = day
            entries.append(Entry(day, heading=True))
        number = f"#{told.number}" if told.number is not None else ""
        entries.append(
            Entry(
                told.title or tr("Untitled"),
                detail=info.name if several else "",
                right=number,
                sign="status" if told.meaning else "icon",
                mark=told.meaning or "file-text",
                below=_what(told, now),
                data=Line(info.id, told.record, told),
            )
        )
    return entries


def _day_words(at: int, now: datetime) -> str:
    day = datetime.fromtimestamp(at / 1000, now.tzinfo).date()
    if day == now.date():
        return tr("Today")
    if day == now.date() - timedelta(days=1):
        return tr("Yesterday")
    return tr("This week") if now.date() - day < _SOON else tr("Earlier")


def _what(told: Told, now: datetime) -> str:
    who = told.who or tr("Somebody")
    when = moment_text(told.at, now)
    if "mentioned" in told.since:
        said = tr("{who} mentioned you in a comment") if told.comments else tr("{who} mentioned you")
        # The sentence comes last: it is what can be shortened.
        quote = tr("“{sentence}”").format(sentence=told.said) if told.said else ""
        return " · ".join(filter(None, (said.format(who=who), when, quote)))
    if told.new and "assigned" in told.reasons:
        said = tr("{who} made this for you")
    elif "assigned" in told.since:
        said = tr("{who} assigned this to you")
    elif told.comments and not told.fields:
        said = tr_count("{who} commented", "{who} wrote %n comments", told.comments)
    else:
        return f"{who}: {_names(told)} · {when}"
    return f"{said.format(who=who)} · {when}"


def _names(told: Told) -> str:
    fields = KINDS[told.kind].fields if told.kind in KINDS else {}
    names = [field_title(fields[name]) if name in fields else tr("a field") for name in told.fields]
    if told.comments:
        names.append(tr_count("%n comment", "%n comments", told.comments))
    names = list(dict.fromkeys(names))
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" +{more}" if more > 0 else "")


def work_entries(concerns: Sequence[Concern], today: date) -> list[Entry]:
    """Overdue, due this week, later, and without a date; in each the earliest first."""
    groups: dict[str, list[tuple[date, Entry]]] = {
        tr("Overdue"): [],
        tr("Today"): [],
        tr("In the next 7 days"): [],
        tr("Later"): [],
        tr("Without a date"): [],
    }
    titles = list(groups)
    several = len(concerns) > 1
    for concern in concerns:
        for task in concern.work:
            entry = _task_entry(task, concern, today, several=several)
            groups[titles[_group(task.due, today)]].append((task.due or date.max, entry))
    entries: list[Entry] = []
    for title, found in groups.items():
        if found:
            entries.append(Entry(title, heading=True))
            entries += [entry for _, entry in sorted(found, key=lambda pair: pair[0])]
    return entries


def _group(due: date | None, today: date) -> int:
    if due is None:
        return 4
    if due < today:
        return 0
    if due == today:
        return 1
    return 2 if due - today <= _SOON else 3


def _task_entry(task: Task, concern: Concern, today: date, *, several: bool) -> Entry:
    number = f"#{task.number}" if task.number is not None else ""
    place = task.place.replace("/", " / ")
    detail = "  ·  ".join(filter(None, (place, concern.info.name if several else "")))
    due = day_text(task.due, today) if task.due is not None else ""
    return Entry(
        task.title or tr("Untitled"),
        detail=detail,
        right="  ".join(filter(None, (due, number))),
        sign="status",
        mark=task.meaning or "open",
        data=Line(concern.info.id, task.record),
    )
