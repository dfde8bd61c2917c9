"""``sitebook import`` and ``export``: CSV in and out, and what a view shows as a workbook."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import Usage
from app.cli.progress import Bar
from app.cli.rows import names_of_devices
from app.cli.session import Session
from app.domain.schema import KINDS, LABEL, LOCATION, PERSON
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.interchange.answer_view import ViewColumn
    from app.interchange.csv_columns import Undecided
    from app.interchange.csv_import import ImportPlan
    from app.query.frames import Frames
    from app.workspace.views import ViewSpec

_MOST_SAID = 200
"""So many rows that do not fit are printed; ``--json`` has all of them."""


def import_csv(session: Session, arguments: Namespace) -> None:
    """Take a table in: all of it, or nothing, or with ``--skip-wrong-rows`` all that fits."""
    name = Path(arguments.file).name
    with Bar(f"Checking {name}") as bar:
        plan = _planned(session, arguments, bar)
    if not arguments.dry_run:
        with Bar(f"Importing {name}") as bar:
            plan.commit(bar.update)
    session.out.result(_document(plan, dry=arguments.dry_run), *_lines(plan, dry=arguments.dry_run))


def _planned(session: Session, arguments: Namespace, bar: Bar) -> ImportPlan:
    from app.interchange.csv_columns import Undecided
    from app.interchange.csv_import import plan_import, read_mapping

    try:
        return plan_import(
            Path(arguments.file),
            session.project,
            context=session.context,
            mapping=read_mapping(arguments.mapping),
            key=arguments.key or "",
            date_format=arguments.date_format,
            kind=arguments.kind,
            add_people=arguments.add_people,
            lenient=arguments.skip_wrong_rows,
            progress=bar.update,
        )
    except Undecided as error:
        raise SitebookError(f"{error} {_how_to_decide(error)}") from error


def _how_to_decide(error: Undecided) -> str:
    """What to type so that it is clear what becomes of a column."""
    from app.interchange.csv_columns import Choice

    column = error.column
    return {
        Choice.FORM: f"Give the form with --date-format, or keep text with --map “{column}={column}:text”.",
        Choice.TWICE: f"Leave it out with --map “{column}=-”.",
        Choice.TYPE: f"Write it as --map “{column}={error.target}:text”.",
    }[error.choice]


def _left_out(plan: ImportPlan) -> dict[str, str]:
    paired = {name for column in plan.columns if len(column.names) > 1 for name in column.names}
    return {
        column.name: column.reason for column in plan.columns if column.reason and column.name not in paired
    }


def _document(plan: ImportPlan, *, dry: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "created": plan.created,
        "updated": plan.updated,
        "unchanged": plan.unchanged,
        "deleted": plan.deleted,
        "new_fields": plan.new_fields,
        "left_out": _left_out(plan),
    }
    if plan.problems:
        found["problems"] = [
            {"row": each.row, "column": each.column, "message": each.message} for each in plan.problems
        ]
    if dry:
        found["written"] = False
        found["columns"] = {each.name: each.field.typed_name for each in plan.columns if each.field}
    return found


def _lines(plan: ImportPlan, *, dry: bool) -> list[str]:
    made, changed = ("would be made", "would be changed") if dry else ("made", "changed")
    lines = [
        f"{plan.created} {made}, {plan.updated} {changed}, {plan.unchanged} unchanged"
        + (f", {plan.deleted} passed over since they were deleted here" if plan.deleted else "")
    ]
    if dry:
        lines += [
            f"Column “{each.name}” goes to {each.field.typed_name}"
            + (f", a new field ({each.new.type})" if each.new is not None else "")
            for each in plan.columns
            if each.field is not None
        ]
    for what, names in (
        ("New fields", plan.new_fields),
        ("New people", plan.made(PERSON)),
        ("New labels", plan.made(LABEL)),
        ("New locations", plan.made(LOCATION)),
    ):
        if names:
            lines.append(f"{what}: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}")
    lines += [f"Column “{name}” was left out: {reason}" for name, reason in _left_out(plan).items()]
    if plan.problems:
        count = len(plan.problems)
        rows = "1 row does not fit" if count == 1 else f"{count} rows do not fit"
        lines.append(f"{rows} and {'would be' if dry else 'was' if count == 1 else 'were'} left out:")
        lines += [f"  {each.text}" for each in plan.problems[:_MOST_SAID]]
        if count > _MOST_SAID:
            lines.append(f"  … and {count - _MOST_SAID} more; --json lists all of them")
    if dry:
        lines.append("Nothing was written.")
    return lines


def export_table(session: Session, arguments: Namespace) -> None:
    """Write records into a table: everything as CSV, or what a view shows as CSV or as a workbook."""
    path = Path(arguments.file)
    if arguments.query and arguments.where:
        raise Usage("give the query once: as words, or with --where.")
    query = arguments.where or " ".join(arguments.query)
    if path.exists() and not path.is_dir() and not arguments.force:
        raise SitebookError(f"{path} is there already; choose another name, or replace it with --force.")
    shown = arguments.view or arguments.columns or path.suffix.lower() == ".xlsx"
    count, kind = (_export_view if shown else _export_all)(session, arguments, path, query)
    noun = KINDS[kind].plural.lower() if count != 1 else KINDS[kind].title.lower()
    session.out.result({"exported": count, "file": str(path)}, f"{count} {noun} written to {path}.")


def _export_all(session: Session, arguments: Namespace, path: Path, query: str) -> tuple[int, str]:
    from app.interchange.csv_write import export_csv

    names = names_of_devices(session)
    count = export_csv(
        session.project,
        path,
        query,
        context=session.context,
        kind=arguments.kind,
        author=lambda device: names.get(device[:16], ""),
    )
    return count, arguments.kind


def _export_view(session: Session, arguments: Namespace, path: Path, query: str) -> tuple[int, str]:
    from app.interchange.answer_view import TakenView
    from app.interchange.view_export import export_view
    from app.query.archive import outside_archive
    from app.query.frames import Frames
    from app.query.parser import parse
    from app.query.paths import ADDABLE

    name, spec = _view(session, arguments)
    frames = Frames(session.project, lambda: session.context)
    asked = parse(f"{spec.query} {query}".strip())
    if arguments.view:
        # As the window shows it; without a view everything goes out, the archive too.
        asked = outside_archive(asked, spec.kind)
    columns = _columns(frames, spec, arguments.columns)
    sums = [each.path for each in columns if each.field.type in ADDABLE and each.path != "number"]
    answer = frames.run(spec.kind, asked, session.context, sums)
    wrong = [each.message for each in answer.errors if not each.warning]
    if wrong:
        raise SitebookError(wrong[0])
    grouped = "" if asked.group is None else frames.spec(spec.kind, asked.group).title
    taken = TakenView(name, answer, grouped)
    for _ in taken.take(frames.frame(spec.kind), columns):
        pass
    with Bar(f"Writing {path.name}") as bar:
        shown = taken.shown(session.context)
        return export_view(
            path, shown, session.context, lambda done: bar.update(done, taken.count)
        ), spec.kind


def _view(session: Session, arguments: Namespace) -> tuple[str, ViewSpec]:
    """The saved view that was named, else all records of the kind."""
    from app.workspace.views import ViewSpec, find_view, read_views, seen_by

    if not arguments.view:
        return KINDS[arguments.kind].plural, ViewSpec(arguments.kind)
    views = seen_by(read_views(session.project), session.entry.member)
    found = find_view(views, arguments.view)
    return found.name, found.spec


def _columns(frames: Frames, spec: ViewSpec, named: str) -> list[ViewColumn]:
    """The columns that were named, else those of the view, else every field in which something stands."""
    from app.domain.lists import split_list
    from app.interchange.answer_view import view_columns
    from app.workspace.views import read_column

    paths: Sequence[str] = split_list(named)
    if paths:
        return view_columns(frames.spec(spec.kind, each.strip()) for each in paths)
    if spec.columns:
        found = [frames.catalog.find(spec.kind, read_column(each)[0]) for each in spec.columns]
        return view_columns(each.spec() for each in found if each is not None)
    frame = frames.frame(spec.kind)
    return view_columns(
        each
        for each in frames.available(spec.kind)
        if not each.related
        and (each.editable or each.path == "number")
        and frame.column(each.path).codes.any()
    )
