"""``sitebook view``, and lists printed as a saved view shows them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.cli.editing import checked_text
from app.cli.output import aligned, clean, warn
from app.cli.rows import Rows
from app.domain.lists import split_list
from app.domain.names import fold
from app.domain.schema import ISSUE, KINDS, VIEW
from app.query.archive import outside_archive
from app.query.parser import parse
from app.workspace.ranks import rank_of
from app.workspace.view_columns import LIST_COLUMNS, SYNC, usual_paths
from app.workspace.views import (
    BOARD,
    CALENDAR,
    LIST,
    VIEWED_KINDS,
    SavedView,
    ViewSpec,
    find_view,
    new_view,
    read_column,
    read_views,
    seen_by,
    standard_board,
    standard_date,
)
from sync.errors import Refused, SitebookError
from sync.ids import id_text

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.query.ast import Query
    from app.query.frame import Rows as FrameRows
    from app.query.paths import ColumnSpec


def _views(session: Session) -> list[SavedView]:
    """The views that this member sees, in the order of the side bar."""
    there = set(session.project.records(VIEW))
    every = seen_by(read_views(session.project), session.entry.member)
    return [view for view in every if view.id in there]


def _document(view: SavedView) -> dict[str, Any]:
    spec = view.spec
    return {
        "id": id_text(view.id),
        "name": view.name,
        "kind": spec.kind,
        "query": spec.query,
        "layout": spec.layout,
        "columns": list(spec.columns),
        "frozen": spec.frozen,
        "board": spec.board,
        "date": spec.date,
        "private": view.owner is not None,
    }


def show_all(session: Session, arguments: Namespace) -> None:
    """List the saved views."""
    views = _views(session)
    counts = [len(session.frames.run(view.spec.kind, _asked(view.spec), session.context)) for view in views]
    documents = [_document(view) | {"count": count} for view, count in zip(views, counts, strict=True)]
    rows = [
        (
            view.name,
            view.spec.layout,
            str(count),
            view.spec.query,
            "only for you" if view.owner is not None else "",
            id_text(view.id),
        )
        for view, count in zip(views, counts, strict=True)
    ]
    session.out.table(documents, ("View", "Layout", "Shows", "Query", "", "Id"), rows, "No views.")


def add(session: Session, arguments: Namespace) -> None:
    """Save a view."""
    name = " ".join(checked_text(arguments.name).split())
    if not name:
        raise SitebookError("Give the view a name.")
    views = _views(session)
    if any(fold(view.name) == fold(name) for view in views):
        raise Refused(f"There is a view “{name}” already; give another name.")
    spec = _spec(session, arguments)
    owner = session.entry.member if arguments.private else None
    record, _ = session.project.create(VIEW, new_view(views, name, spec, owner))
    made = next(view for view in _views(session) if view.id == record)
    session.out.result(_document(made), id_text(record))


def _spec(session: Session, arguments: Namespace) -> ViewSpec:
    """What is to be shown, all of it there: a view that is typed has no excuse for what it cannot show."""
    kind = fold(arguments.kind.strip())
    if kind not in VIEWED_KINDS:
        raise SitebookError(
            f"There are no views of “{arguments.kind}”; there are of {', '.join(VIEWED_KINDS)}."
        )
    frames = session.frames

    def path(typed: str) -> str:
        return frames.spec(kind, typed.strip()).path if typed.strip() else ""

    query = checked_text(" ".join(arguments.query)).strip()
    errors = [each for each in frames.run(kind, parse(query), session.context).errors if not each.warning]
    if errors:
        raise SitebookError(errors[0].message)
    columns = tuple(path(each) for each in split_list(arguments.columns) if each.strip())
    return ViewSpec(
        kind,
        query,
        arguments.layout,
        columns,
        board="" if path(arguments.board) == standard_board(kind) else path(arguments.board),
        date="" if path(arguments.date) == standard_date(kind) else path(arguments.date),
    )


def show(session: Session, arguments: Namespace) -> None:
    """Print what a view shows and how."""
    view = find_view(_views(session), arguments.name)
    spec, frames = view.spec, session.frames
    titles = [each.title for each in _columns(session, spec)]
    lines = [
        ("Name", view.name),
        ("Shows", KINDS[spec.kind].plural.lower()),
        ("Query", spec.query),
        ("Layout", spec.layout),
        ("Columns", ", ".join(titles)),
        (
            "Board by",
            _title(session, spec, spec.board or standard_board(spec.kind)) if spec.layout == BOARD else "",
        ),
        (
            "Days by",
            _title(session, spec, spec.date or standard_date(spec.kind)) if spec.layout == CALENDAR else "",
        ),
        ("For", "only you" if view.owner is not None else "everybody"),
        ("Id", id_text(view.id)),
    ]
    found = len(frames.run(spec.kind, _asked(spec), session.context))
    shown = [f"{title:<9} {text}" for title, text in lines if text]
    session.out.result(_document(view) | {"count": found}, *shown, f"{'Found':<9} {found}")


def _title(session: Session, spec: ViewSpec, path: str) -> str:
    found = session.frames.catalog.find(spec.kind, path)
    return path if found is None else found.title


def delete(session: Session, arguments: Namespace) -> None:
    """Delete a view."""
    view = find_view(_views(session), arguments.name)
    session.project.delete(view.id)
    session.out.result({"id": id_text(view.id), "deleted": True})


# What a view shows


def _asked(spec: ViewSpec, further: str = "") -> Query:
    """The query of a view as its layout asks it: a board is grouped by its field, a calendar by its date."""
    query = outside_archive(parse(f"{spec.query} {further}".strip()), spec.kind)
    if spec.layout == BOARD:
        return replace(query, group=spec.board or standard_board(spec.kind) or None)
    if spec.layout == CALENDAR:
        return replace(query, group=spec.date or standard_date(spec.kind))
    return query


def _columns(session: Session, spec: ViewSpec) -> list[ColumnSpec]:
    """The columns of a view, or the usual ones, as the window has them; what is gone is left out."""
    frames = session.frames
    if spec.layout == LIST and spec.kind == ISSUE:
        texts: Sequence[str] = LIST_COLUMNS
    elif spec.columns:
        texts = spec.columns
    else:
        frame = frames.frame(spec.kind)
        own = [each.name for each in frames.fields(spec.kind).fields if each.custom]
        texts = usual_paths(
            spec.kind, own, lambda path: bool(frame.column(path).codes.any()), empty=not len(frame)
        )
    found = [frames.catalog.find(spec.kind, read_column(each)[0]) for each in texts if each != SYNC]
    return [each.spec() for each in found if each is not None]


def show_records(session: Session, arguments: Namespace, kind: str) -> None:
    """Print records as a saved view shows them: its query, columns, order and groups."""
    view = find_view(_views(session), arguments.view)
    if view.spec.kind != kind:
        raise SitebookError(f"The view “{view.name}” shows {KINDS[view.spec.kind].plural.lower()}.")
    if arguments.deleted or arguments.sort:
        raise SitebookError(
            "A view has its own order, and shows nothing deleted: leave out --sort and --deleted."
        )
    frames, spec = session.frames, view.spec
    answer = frames.run(kind, _asked(spec, " ".join(arguments.query)), session.context)
    for error in answer.errors:
        warn(error.message)
    parts = [(group.text, answer.rows[group.start : group.stop]) for group in answer.groups]
    shown = list(_cut(session, spec, parts or [("", answer.rows)], arguments.limit))
    if session.out.as_json:
        session.out.result(list(_documents(session, kind, shown)))
        return
    columns = _columns(session, spec)
    frame = frames.frame(kind)
    cells = [
        [
            *(frame.text(column.path, row) for column in columns),
            id_text(frame.record(row)),
        ]
        for _, rows in shown
        for row in rows
    ]
    if not cells:
        print(f"No {KINDS[kind].plural.lower()}.")
        return
    heads = [column.title for column in columns]
    lines = iter(aligned([[*heads, "Id"], *cells]))
    print(next(lines))
    for title, rows in shown:
        if answer.groups:
            print(f"\n{clean(title) or 'None'} ({len(rows)})")
        for _ in rows:
            print(next(lines))


def _cut(
    session: Session, spec: ViewSpec, parts: Sequence[tuple[str, FrameRows]], limit: int | None
) -> Iterator[tuple[str, list[int]]]:
    """The rows of each group, on a board as they were put there; no more than ``limit`` in all."""
    frame = session.frames.frame(spec.kind)
    by_rank = spec.layout == BOARD and spec.kind == ISSUE and not parse(spec.query).sort
    ranks = session.frames.column(spec.kind, "rank") if by_rank else {}
    left = limit
    for title, found in parts:
        rows = found.tolist()
        if by_rank:
            rows.sort(key=lambda row: _place(ranks, frame.record(row)))
        if left is not None:
            rows, left = rows[:left], max(0, left - len(rows))
        if rows:
            yield title, rows


def _place(ranks: Any, record: bytes) -> tuple[str, bytes]:
    return rank_of(ranks.get(record), record), record


def _documents(
    session: Session, kind: str, shown: Sequence[tuple[str, list[int]]]
) -> Iterator[dict[str, Any]]:
    """The records as ``list`` gives them, each with the group in which it stands."""
    frame = session.frames.frame(kind)
    records = [frame.record(row) for _, rows in shown for row in rows]
    documents = Rows(session, kind, list(dict.fromkeys(records)), session.fields(kind))
    for title, rows in shown:
        for row in rows:
            yield documents.document(frame.record(row)) | {"group": title}
