"""``sitebook import`` and ``export``: CSV in and out."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.cli.progress import Bar
from app.cli.rows import names_of_devices
from app.cli.session import Session
from app.domain.names import counted
from app.domain.schema import LABEL, LOCATION, PERSON


def import_csv(session: Session, arguments: Namespace) -> None:
    """Take a table in: all of it, or nothing."""
    from app.interchange.csv_import import plan_import, read_mapping

    plan = plan_import(
        Path(arguments.file),
        session.project,
        context=session.context,
        mapping=read_mapping(arguments.mapping),
        key=arguments.key or "",
        date_format=arguments.date_format,
        add_people=arguments.add_people,
    )
    with Bar(f"Importing {Path(arguments.file).name}") as bar:
        plan.commit(bar.update)
    fields = [column.new.name for column in plan.columns if column.new is not None]
    paired = {name for column in plan.columns if len(column.names) > 1 for name in column.names}
    left_out = {
        column.name: column.reason for column in plan.columns if column.reason and column.name not in paired
    }
    lines = [
        f"{plan.created} made, {plan.updated} changed, {plan.unchanged} unchanged"
        + (f", {plan.deleted} passed over since they were deleted here" if plan.deleted else "")
    ]
    for what, names in (
        ("New fields", fields),
        ("New people", plan.made(PERSON)),
        ("New labels", plan.made(LABEL)),
        ("New locations", plan.made(LOCATION)),
    ):
        if names:
            lines.append(f"{what}: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}")
    lines += [f"Column “{name}” was left out: {reason}" for name, reason in left_out.items()]
    document = {
        "created": plan.created,
        "updated": plan.updated,
        "unchanged": plan.unchanged,
        "deleted": plan.deleted,
        "new_fields": fields,
        "left_out": left_out,
    }
    session.out.result(document, *lines)


def export_csv(session: Session, arguments: Namespace) -> None:
    """Write issues into a table."""
    from app.interchange.csv_write import export_csv as write

    names = names_of_devices(session)
    path = Path(arguments.file)
    count = write(
        session.project,
        path,
        " ".join(arguments.query),
        context=session.context,
        author=lambda device: names.get(device[:16], ""),
    )
    session.out.result(
        {"exported": count, "file": str(path)}, f"{counted(count, 'issue')} written to {path}."
    )
