"""What can be chosen in the tools above a desk: layouts, order, groups, lanes, days."""

from __future__ import annotations

from collections.abc import Callable

from app.desktop.board.lanes import LANE_TYPES
from app.desktop.calendar.days import DATE_TYPES
from app.desktop.desk.columns import column_title
from app.desktop.desk.order import with_group, with_sort
from app.desktop.desk.page import DeskPage
from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.pieces import Piece
from app.desktop.translate import tr
from app.domain.names import fold
from app.domain.schema import FieldType
from app.query.ast import SortField
from app.query.frames import Frames
from app.query.parser import parse
from app.query.paths import ColumnSpec
from app.workspace.views import BOARD, CALENDAR, LIST, TABLE, standard_board, standard_date

NONE = ""
HIDE_EMPTY = "hide empty"
"""The option of a board that is no field."""
_NOT_SORTED = frozenset({FieldType.RICH, FieldType.PARAMETERS, FieldType.COORDINATES, FieldType.LONG_TEXT})
_NOT_GROUPED = _NOT_SORTED | {FieldType.TEXT, FieldType.MOMENT, FieldType.INTEGER}


def layouts() -> tuple[tuple[str, str, str], ...]:
    """The layouts: name, icon, what it is called."""
    return (
        (TABLE, "table", tr("Table")),
        (BOARD, "columns", tr("Board")),
        (CALENDAR, "calendar-blank", tr("Calendar")),
        (LIST, "list-bullets", tr("List")),
    )


def search_in(options: list[Option]) -> OptionSource:
    """The options that have all words of what is typed into the search."""

    def search(text: str) -> list[Option]:
        words = fold(text).split()
        return [each for each in options if all(word in each.words for word in words)]

    return search


def _specs(desk: DeskPage, fits: Callable[[ColumnSpec], bool]) -> list[ColumnSpec]:
    return [spec for spec in desk.workspace.columns.available(desk.kind) if fits(spec)]


def _option(spec: ColumnSpec, icon: str, detail: str = "") -> Option:
    title = column_title(spec)
    return Option(spec.path, Piece(title, "icon", icon, detail), fold(f"{title} {spec.typed}"))


def _path(desk: DeskPage, typed: str) -> str:
    found = desk.workspace.columns.catalog.find(desk.kind, typed)
    return typed if found is None else found.text


def sorted_by(desk: DeskPage) -> tuple[str, bool]:
    """The path that a desk sorts by first, empty for none, and whether from the last value on."""
    keys = parse(desk.spec.query).sort
    return (_path(desk, keys[0].field), keys[0].descending) if keys else (NONE, False)


def grouped_by(desk: DeskPage) -> str:
    """The path that a desk groups by, empty for none."""
    group = parse(desk.spec.query).group
    return NONE if group is None else _path(desk, group)


def sort_options(desk: DeskPage) -> list[Option]:
    """What to sort by; the one that is sorted by says its direction."""
    path, descending = sorted_by(desk)
    none = tr("As they were put") if desk.spec.layout == BOARD else tr("Newest first")
    found = [Option(NONE, Piece(none, "icon", "clock-counter-clockwise"), fold(none))]
    for spec in _specs(desk, lambda each: each.field.type not in _NOT_SORTED):
        icon = "arrows-down-up"
        if spec.path == path:
            icon = "arrow-down" if descending else "arrow-up"
        found.append(_option(spec, icon))
    return found


def choose_sort(desk: DeskPage, path: str) -> None:
    """Sort by a field; by the one that is sorted by already, the other way round."""
    now, descending = sorted_by(desk)
    keys: list[SortField] = []
    if path:
        typed = desk.workspace.columns.spec(desk.kind, path).typed
        keys = [SortField(typed, path == now and not descending)]
    desk.set_filter(with_sort(desk.spec.query, keys))


def group_options(desk: DeskPage) -> list[Option]:
    """What to group by."""
    none = tr("No groups")
    found = [Option(NONE, Piece(none, "icon", "x"), fold(none))]
    return found + [
        _option(spec, "stack")
        for spec in _specs(desk, lambda each: each.field.type not in _NOT_GROUPED or each.related)
    ]


def choose_group(desk: DeskPage, path: str) -> None:
    """Group by a field, or by none."""
    typed = desk.workspace.columns.spec(desk.kind, path).typed if path else ""
    desk.set_filter(with_group(desk.spec.query, typed))


def lane_fields(frames: Frames, kind: str) -> list[ColumnSpec]:
    """The fields that a board of a kind can have its columns by: those that moving a card can write."""
    return [spec for spec in frames.available(kind) if spec.field.type in LANE_TYPES and spec.editable]


def lane_options(desk: DeskPage) -> list[Option]:
    """What the columns of a board are by, and whether empty ones are shown."""
    words = tr("Hide empty columns")
    icon = "check-square" if desk.spec.hide_empty else "square"
    found = [Option(HIDE_EMPTY, Piece(words, "icon", icon), fold(words))]
    return found + [_option(spec, "columns") for spec in lane_fields(desk.workspace.columns, desk.kind)]


def choose_lanes(desk: DeskPage, path: str) -> None:
    """Let a board have its columns by a field."""
    if path == HIDE_EMPTY:
        desk.change(hide_empty=not desk.spec.hide_empty)
    else:
        desk.change(board="" if path == standard_board(desk.kind) else path)


def date_options(desk: DeskPage) -> list[Option]:
    """What the days of a calendar are by."""
    return [
        _option(spec, "calendar-blank")
        for spec in _specs(
            desk, lambda each: each.field.type in DATE_TYPES and not each.related and not each.field.many
        )
    ]


def choose_date(desk: DeskPage, path: str) -> None:
    """Let a calendar stand by a field."""
    desk.change(date="" if path == standard_date(desk.kind) else path)
