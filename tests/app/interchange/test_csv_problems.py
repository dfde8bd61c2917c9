from __future__ import annotations

from pathlib import Path

import pytest

from app.store.project import Project
from sync.errors import SitebookError
from sync.ids import id_text
from tests.app.interchange.tables import imported, planned, project, shown

TABLE = """title,due,assignees,cost
Good,2027-01-31,,12 USD
Bad date,2027-02-31,,
Short
Unknown,,Nobody Here,
,2027-01-31,,1 USD
Bad cost,,,much
"""


@pytest.fixture
def cases(tmp_path: Path) -> Project:
    return project(tmp_path)


def test_rows_that_do_not_fit_are_told_of_and_the_others_come_in(cases: Project, tmp_path: Path) -> None:
    plan = imported(cases, tmp_path, TABLE, lenient=True)
    assert [(each.row, each.column) for each in plan.problems] == [
        (3, "due"), (4, ""), (5, "assignees"), (7, "cost"),
    ]  # fmt: skip
    assert plan.problems[0].text == "Row 3, column “due”: " + plan.problems[0].message
    assert plan.problems[1].text.startswith("Row 4 of cases.csv has 1 cells")
    assert [row["title"] for row in shown(cases)] == ["Good", "Row 6"]


def test_two_rows_with_one_key_are_told_of(cases: Project, tmp_path: Path) -> None:
    text = "title,external_id\na,1\nb,1\nc,\nd,2\n"
    plan = planned(cases, tmp_path, text, key="external_id", lenient=True)
    assert [each.row for each in plan.problems] == [3, 4]
    assert [record.row for record in plan.records] == [2, 5]


def test_an_id_of_another_kind_is_told_of(cases: Project, tmp_path: Path) -> None:
    person, _ = cases.create("person", {"name": "Ada"})
    plan = planned(cases, tmp_path, f"id,title\n{id_text(person)},b\n,c\n", lenient=True)
    assert [each.text for each in plan.problems] == [
        "Row 2 has the id of a person, and this imports issues; take the id out."
    ]
    assert plan.created == 1


def test_a_strict_import_stops_at_the_first_of_them(cases: Project, tmp_path: Path) -> None:
    with pytest.raises(SitebookError, match=r"Row 4 of cases\.csv has 1 cells"):
        planned(cases, tmp_path, TABLE)


def test_reading_can_be_stopped(cases: Project, tmp_path: Path) -> None:
    def stop(done: int, rows: int) -> None:
        raise SitebookError(f"stopped at {done} of {rows}")

    with pytest.raises(SitebookError, match="stopped at 0 of 5"):
        planned(cases, tmp_path, TABLE, lenient=True, progress=stop)
