"""Tables and projects for the tests of imports and exports."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone
from pathlib import Path
from typing import Any

from app.domain.directory import Context, ProjectDirectory
from app.domain.fields import load_fields
from app.domain.values import to_json
from app.interchange.csv_import import ImportPlan, plan_import
from app.store.project import Project
from tests.app.store.replicas import replica

ZONE = timezone(timedelta(hours=2))
CASES = """case_number,description,address,district,opened,last_inspected,inspection_type,latitude,longitude
AB1001,"Peeling paint, ""loose"" plaster
and a cracked step",1400 block MAGNOLIA AVE,1,11/17/2014,09/30/2016,Initial,33.786,-118.198
AB1002,"OVERCROWDING, FIRE DAMAGE",800 block CHESTNUT AVE,1,07/29/2015,,Initial,33.777,-118.196
AB1003,,200 block 9TH ST,2,11/12/2015,04/28/2016,Follow-up,,
AB1004,=HYPERLINK(“x”),300 block 9TH ST,3,01/02/2016,04/28/2016,Follow-up,-33.5,151.25
AB1005,Ünpermitted plumbing,400 block 9TH ST,6,02/12/2016,,Follow-up,,
AB1006,Weeds,500 block 9TH ST,6,02/13/2016,,Initial,0,0
AB1007,Weeds,500 block 9TH ST,6,02/13/2016,,Initial,1,2
AB1008,Weeds,500 block 9TH ST,6,02/13/2016,,Follow-up,1,2
"""


def project(directory: Path, number: int = 1) -> Project:
    made = replica(directory, number, alone=True)
    made.furnish("Cases", "USD")
    return made


def context(project: Project) -> Context:
    return Context(ProjectDirectory(project), date(2026, 11, 22), UTC, "USD")


def planned(project: Project, directory: Path, text: str | bytes, **options: Any) -> ImportPlan:
    path = directory / "cases.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return plan_import(path, project, context=context(project), **options)


def imported(project: Project, directory: Path, text: str | bytes, **options: Any) -> ImportPlan:
    plan = planned(project, directory, text, **options)
    plan.commit()
    return plan


def shown(project: Project, kind: str = "issue") -> list[dict[str, Any]]:
    """All records as people see them, oldest first, without what is empty."""
    fields = load_fields(kind, project)
    found = []
    for record in reversed(project.records(kind)):
        whole = project.get(record, kind)
        assert whole is not None
        values: dict[str, Any] = {"text": project.plain_text(record)}
        for field in fields.fields:
            if field.name not in ("created", "updated", "text"):
                value = whole.values(field.name) if field.many else whole.value(field.name)
                values[field.typed_name] = to_json(field, value, context(project))
        found.append({name: value for name, value in values.items() if value not in (None, "", [])})
    return found


def nothing_but_furniture(project: Project) -> bool:
    kinds = ("issue", "field", "label", "location", "person", "note", "numbers")
    return not any(project.records(kind) for kind in kinds)
