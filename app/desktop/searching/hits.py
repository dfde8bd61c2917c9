"""Hits in texts as entries of a list, and how their order changes under a selection."""

from __future__ import annotations

from collections.abc import Sequence

from app.desktop.entries import Entry, EntryList
from app.desktop.palette.items import Goal, kind_name
from app.desktop.translate import tr
from app.desktop.workspace import Workspace
from app.domain.schema import COMMENT, ISSUE, NOTE, PERSON
from app.store.search import Hit

_ICONS = {NOTE: "file-text", COMMENT: "chat-circle", PERSON: "user"}


def hit_entry(workspace: Workspace, hit: Hit) -> Entry:
    """A hit: the title of what it is in, and the words around it."""
    if hit.kind == COMMENT and hit.parent is not None:
        goal = Goal(hit.parent, _kind_of(workspace, hit.parent))
        title = workspace.directory.heading(hit.parent) or tr("Untitled")
    else:
        goal = Goal(hit.record, hit.kind)
        title = hit.title.text or workspace.made_name(hit.kind, hit.record) or tr("Untitled")
    number = workspace.directory.number(goal.record)
    right = f"#{number}" if number is not None else kind_name(goal.kind)
    sign, mark = "icon", _ICONS.get(hit.kind, "cube")
    if hit.kind == ISSUE:
        status = workspace.columns.column(ISSUE, "status").get(hit.record)
        known = workspace.directory.statuses.get(status) if isinstance(status, bytes) else None
        sign, mark = "status", str(known.meaning) if known is not None else "open"
    strong = hit.text.ranges
    # An item found by its title alone still says how its text begins.
    return Entry(
        title, tr("in a comment") if hit.kind == COMMENT else "", right, sign, mark,
        below=hit.text.text, strong=strong, data=goal,
    )  # fmt: skip


def _kind_of(workspace: Workspace, record: bytes) -> str:
    return next(
        (kind for kind in (ISSUE, NOTE) if workspace.columns.frame(kind).row(record) is not None), ISSUE
    )


def put_in_order(shown: EntryList, wanted: Sequence[Entry], *, held: bool) -> None:
    """Show entries in another order. Where the user stands on one (``held``), it and all above it stay."""
    index = shown.currentIndex()
    kept: list[Entry] = list(shown.entries[: index.row() + 1]) if held and index.isValid() else []
    there = {(each.data, each.below) for each in kept}
    rest = [each for each in wanted if (each.data, each.below) not in there]
    there.update((each.data, each.below) for each in rest)
    # What was found first and is not among the best is still a find.
    before = [each for each in shown.entries[len(kept) :] if not each.heading]
    more = [each for each in before if (each.data, each.below) not in there]
    place = shown.verticalScrollBar().value()
    shown.show_entries([*kept, *rest, *more], select=None if kept else 0)
    if kept:
        shown.setCurrentIndex(shown.model().index(index.row(), 0))
        shown.verticalScrollBar().setValue(place)
