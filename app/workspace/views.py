"""Saved views: how the records of a kind are shown, kept in the project for all its members or for one.

A view is a record of kind ``view``. What another device or a later version wrote into it is read with sense
made of what this version does not know: a layout that is not known shows as a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.columns import Columns
from app.domain.names import counted, fold, unknown
from app.domain.schema import ELEMENT, ISSUE, LAYOUTS, NOTE, PERSON, VIEW
from app.store.operations import Edit
from app.workspace.ranks import Placing, place, rank_of
from sync.errors import SitebookError

TABLE, BOARD, CALENDAR, LIST = "table", "board", "calendar", "list"
VIEWED_KINDS = (ISSUE, NOTE, PERSON, ELEMENT)
_BOARDS = {ISSUE: "status", ELEMENT: "type", NOTE: "tags"}
_DATES = {ISSUE: "due"}
_STORED = (
    "name",
    "query",
    "kind",
    "layout",
    "columns",
    "frozen",
    "board",
    "date",
    "hide_empty",
    "owner",
    "order",
)
_MOST_COLUMNS = 200
_WIDEST = 4000


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """What is shown and how, whether it is saved or not. Two are equal where they show the same.

    ``columns`` are paths, each with ``=`` and a width in pixels where somebody chose one; none at all means
    the usual ones. ``board`` and ``date`` are the paths that a board's columns and a calendar's days come
    from; empty means the usual one. ``hide_empty``: a board leaves out columns without cards.
    """

    kind: str = ISSUE
    query: str = ""
    layout: str = TABLE
    columns: tuple[str, ...] = ()
    frozen: int = 0
    board: str = ""
    date: str = ""
    hide_empty: bool = False

    def values(self) -> dict[str, Any]:
        """The fields of a view record that say this."""
        return {
            "kind": self.kind,
            "query": self.query or None,
            "layout": self.layout,
            "columns": list(self.columns) or None,
            "frozen": self.frozen or None,
            "board": self.board or None,
            "date": self.date or None,
            "hide_empty": self.hide_empty or None,
        }


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view record. ``owner`` is the member whose private view it is; None for one of the project."""

    id: bytes
    name: str
    spec: ViewSpec
    owner: bytes | None = None
    order: str = ""


def standard_board(kind: str) -> str:
    """What a board of a kind has its columns by where nobody chose; empty where there is nothing built in."""
    return _BOARDS.get(kind, "")


def standard_date(kind: str) -> str:
    """What a calendar of a kind stands by where nobody chose."""
    return _DATES.get(kind, "created")


def read_column(stored: str) -> tuple[str, int | None]:
    """The path of a stored column, and its width in pixels where somebody chose one."""
    path, sign, width = stored.rpartition("=")
    if not sign or not (width.isascii() and width.isdigit() and len(width) <= 4):
        return stored, None
    return path, min(int(width), _WIDEST)


def read_views(columns: Columns) -> list[SavedView]:
    """All views of a project, in their order."""
    stored = {name: columns.column(VIEW, name) for name in _STORED}
    ids = {record for column in stored.values() for record in column}
    found = [_read(record, {name: column.get(record) for name, column in stored.items()}) for record in ids]
    return sorted(found, key=lambda view: (view.order, view.id))


def _read(record: bytes, values: Mapping[str, object]) -> SavedView:
    def text(name: str) -> str:
        value = values[name]
        return value if isinstance(value, str) else ""

    layout, kind, frozen, owner = text("layout"), text("kind"), values["frozen"], values["owner"]
    listed = values["columns"]
    columns = [each for each in listed if isinstance(each, str)] if isinstance(listed, list | tuple) else []
    spec = ViewSpec(
        kind if kind in VIEWED_KINDS else ISSUE,
        text("query"),
        layout if layout in LAYOUTS else TABLE,
        tuple(columns[:_MOST_COLUMNS]),
        frozen if isinstance(frozen, int) and 0 < frozen <= _MOST_COLUMNS else 0,
        text("board"),
        text("date"),
        values["hide_empty"] is True,
    )
    name = " ".join(text("name").split())
    # Whatever stands there is somebody's: shown to all would be the worse mistake.
    private = owner if isinstance(owner, bytes) else None if owner is None else b"?"
    return SavedView(record, name, spec, private, rank_of(values["order"], record))


def seen_by(views: Iterable[SavedView], member: bytes | None) -> list[SavedView]:
    """Those of the project, and those of this member alone."""
    return [view for view in views if view.owner is None or view.owner == member]


def find_view(views: Sequence[SavedView], name: str) -> SavedView:
    """The view that a person means by its name. Raises SitebookError that lists the views there are."""
    wanted = fold(" ".join(name.split()))
    found = [view for view in views if fold(view.name) == wanted]
    if not found:
        raise SitebookError(unknown("view", name, [view.name for view in views]))
    if len(found) > 1:
        own = [view for view in found if view.owner is not None]
        if len(own) != 1:
            raise SitebookError(
                f"There are {counted(len(found), 'view')} called “{found[0].name}”; rename one of them."
            )
        return own[0]
    return found[0]


def new_view(views: Sequence[SavedView], name: str, spec: ViewSpec, owner: bytes | None) -> dict[str, Any]:
    """The fields of a new view, which stands after all others."""
    order = place([view.order for view in views], len(views)).fresh[0]
    return {"name": name, **spec.values(), "owner": owner, "order": order}


def spec_edits(before: ViewSpec, spec: ViewSpec) -> list[Edit]:
    """What must be written so that a view shows ``spec``: only what differs, so that edits of others stay."""
    old = before.values()
    return [Edit(name, value) for name, value in spec.values().items() if value != old[name]]


def free_name(views: Iterable[SavedView], name: str) -> str:
    """A name that no view has: “Overdue”, else “Overdue 2”."""
    taken = {fold(view.name) for view in views}
    found, count = name, 1
    while fold(found) in taken:
        count += 1
        found = f"{name} {count}"
    return found


def reorder(views: Sequence[SavedView], moved: bytes, before: bytes | None) -> dict[bytes, str]:
    """The orders to write so that one view stands before another, or last; by the views' ids."""
    rest = [view for view in views if view.id != moved]
    at = next((index for index, view in enumerate(rest) if view.id == before), len(rest))
    placing: Placing = place([view.order for view in rest], at)
    return {moved: placing.fresh[0]} | {rest[index].id: key for index, key in placing.moved.items()}
