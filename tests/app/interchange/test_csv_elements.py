"""Elements come in with their parameters, and go out and in again as they were."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import CATEGORY, ELEMENT
from app.interchange.csv_import import plan_import
from app.interchange.csv_write import export_csv
from app.store.project import Project
from tests.app.store.replicas import replica

_TABLE = """Name,Type,Location,Within,Fire rating,Maker,Code,Painted
Room 5,Room,Level 2,,,,,
Door 1,Door,Level 2/Room 5,Room 5,60,Söhne,007,yes
Door 2,Door,Level 2/Room 5,Room 5,30.5,,1.1.2,no
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = replica(tmp_path, 1, alone=True)
    found.furnish("Harbour")
    found.create(CATEGORY, {"name": "Door", "of": ELEMENT})
    return found


def _context(project: Project) -> Context:
    return Context(ProjectDirectory(project), date(2026, 11, 22))


def _take(project: Project, tmp_path: Path, text: str, key: str = "") -> tuple[int, int, int]:
    path = tmp_path / "elements.csv"
    path.write_text(text, "utf-8")
    plan = plan_import(path, project, context=_context(project), kind=ELEMENT, key=key)
    plan.commit()
    return plan.created, plan.updated, plan.unchanged


def _parameters(project: Project) -> dict[object, object]:
    names = project.column(ELEMENT, "name")
    return {names[record]: value for record, value in project.column(ELEMENT, "parameters").items()}


def test_what_is_no_field_is_a_parameter(project: Project, tmp_path: Path) -> None:
    assert _take(project, tmp_path, _TABLE) == (3, 0, 0)
    assert _parameters(project) == {
        "Door 1": {"Fire rating": 60, "Maker": "Söhne", "Code": "007", "Painted": True},
        "Door 2": {"Fire rating": 30.5, "Code": "1.1.2", "Painted": False},
    }
    assert not project.records("field")
    room = next(record for record, name in project.column(ELEMENT, "name").items() if name == "Room 5")
    assert set(project.column(ELEMENT, "within").values()) == {room}


def test_an_import_again_changes_only_what_differs(project: Project, tmp_path: Path) -> None:
    _take(project, tmp_path, "Name,Maker,Width\nDoor 1,Söhne,90\n")
    assert _take(project, tmp_path, "Name,Maker,Height\nDoor 1,Söhne,200\n", key="Name") == (0, 1, 0)
    assert _parameters(project) == {"Door 1": {"Maker": "Söhne", "Width": 90, "Height": 200}}
    assert _take(project, tmp_path, "Name,Maker\nDoor 1,Söhne\n", key="Name") == (0, 0, 1)


def test_an_export_reads_back_as_it_was(project: Project, tmp_path: Path) -> None:
    _take(project, tmp_path, "Name,Maker,Width\nDoor 1,Söhne,90\nDoor 2,,80\n")
    before = _parameters(project)
    export_csv(project, tmp_path / "out.csv", context=_context(project), kind=ELEMENT)
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert _take(project, tmp_path, text) == (0, 0, 2)
    changed = text.replace("Söhne", "").replace(",80", ",85")
    assert _take(project, tmp_path, changed) == (0, 2, 0)
    assert _parameters(project) == {"Door 1": {"Width": 90}, "Door 2": {"Width": 85}}
    assert before["Door 1"] == {"Maker": "Söhne", "Width": 90}
