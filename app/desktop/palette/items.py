"""What can be opened from the palette, as entries of its list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.desktop.commands import Command
from app.desktop.entries import Entry
from app.desktop.palette.recent import Recent
from app.desktop.session import ProjectInfo
from app.desktop.translate import tr
from app.desktop.workspace import Workspace
from app.domain.names import fold
from app.domain.schema import ELEMENT, ISSUE, NOTE, PERSON, VIEW
from app.query.matching import best
from app.query.titles import Titled

FOUND_KINDS = (ISSUE, NOTE, PERSON, ELEMENT, VIEW)
"""The kinds whose titles are searched, in the order in which equally good finds are shown."""
_ICONS = {NOTE: "file-text", ELEMENT: "cube", VIEW: "list-bullets"}


@dataclass(frozen=True, slots=True)
class Goal:
    """A record to go to."""

    record: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Place:
    """Another project."""

    info: ProjectInfo


def kind_name(kind: str) -> str:
    """What records of a kind are called, one of them."""
    return {
        ISSUE: tr("Issue"),
        NOTE: tr("Note"),
        PERSON: tr("Person"),
        ELEMENT: tr("Element"),
        VIEW: tr("View"),
    }.get(kind, tr("Comment"))


def item_entry(workspace: Workspace, found: Titled) -> Entry:
    """A record, with what tells it from others."""
    goal = Goal(found.record, found.kind)
    title = found.title or workspace.made_name(found.kind, found.record) or tr("Untitled")
    if found.kind == ISSUE:
        status = workspace.columns.column(ISSUE, "status").get(found.record)
        known = workspace.directory.statuses.get(status) if isinstance(status, bytes) else None
        meaning = str(known.meaning) if known is not None else "open"
        number = f"#{found.number}" if found.number is not None else ""
        return Entry(title, right=number, sign="status", mark=meaning, data=goal)
    if found.kind == PERSON:
        company = workspace.columns.column(PERSON, "company").get(found.record)
        detail = company if isinstance(company, str) else ""
        return Entry(title, detail, kind_name(PERSON), "avatar", data=goal)
    return Entry(title, "", kind_name(found.kind), "icon", _ICONS.get(found.kind, "circle"), data=goal)


def command_entries(
    commands: Iterable[Command], typed: str, recent: Recent, limit: int
) -> list[tuple[int, Entry]]:
    """The commands that fit, with their ranks: the best first, of equals those used last.

    What cannot be done now stands at the end with the reason, or is left out where there is none.
    """
    shown = [each for each in commands if not each.hidden and (each.enabled() or each.why)]
    named = [(fold(f"{each.title} {each.section}"), each) for each in shown]
    found = best(typed, named, len(named))
    found.sort(key=lambda each: (not each[1].enabled(), each[0], recent.place(each[1].name)))
    return [(rank, command_entry(each)) for rank, each in found[:limit]]


def command_entry(command: Command) -> Entry:
    """A command with its key, or with what is missing."""
    possible = command.enabled()
    return Entry(
        command.title,
        "" if possible else command.why,
        command.key_text,
        "icon",
        command.icon or "caret-right",
        muted=not possible,
        data=command,
    )


def place_entries(places: Iterable[Place], typed: str, limit: int) -> list[tuple[int, Entry]]:
    """The places that fit, with their ranks."""
    named = [(fold(each.info.name), each) for each in places]
    return [
        (rank, Entry(each.info.name, "", tr("Project"), "icon", "buildings", data=each))
        for rank, each in best(typed, named, limit, scattered=False)
    ]
