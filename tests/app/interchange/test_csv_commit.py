"""An import that is written in slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from app.domain.schema import ISSUE, NUMBERS, PERSON
from app.interchange.csv_import import plan_table
from app.interchange.csv_read import read_table
from app.interchange.csv_wrong import write_wrong_rows
from app.store.project import Project
from tests.app.interchange.tables import context, nothing_but_furniture, planned, project, shown

TABLE = "title,assignees,Colour,number,text\n" + "".join(
    f"Issue {row},Ada Lovelace,red,{500 + row},Some text {row}\n" for row in range(30)
)


@pytest.fixture
def cases(tmp_path: Path) -> Project:
    return project(tmp_path)


def test_what_slices_write_is_what_one_transaction_writes(cases: Project, tmp_path: Path) -> None:
    plan = planned(cases, tmp_path, TABLE, add_people=True)
    writing = plan.writing()
    steps = list(writing.steps(0.0))
    assert (steps[-1].done, steps[-1].total) == (30, 30)
    assert len(steps) > 30
    sliced = shown(cases)
    assert len(writing.made) == 1
    for _ in cases.undo_steps():
        pass
    assert nothing_but_furniture(cases)
    planned(cases, tmp_path, TABLE, add_people=True).commit()
    assert shown(cases) == sliced
    assert [row["number"] for row in sliced] == list(range(500, 530))


def test_one_that_is_left_can_be_taken_back(cases: Project, tmp_path: Path) -> None:
    steps = planned(cases, tmp_path, TABLE, add_people=True).writing().steps(0.0)
    for _ in range(10):
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert 0 < len(cases.records(ISSUE)) < 30
    cases.undo()
    assert nothing_but_furniture(cases)


def test_it_is_taken_back_on_another_connection(cases: Project, tmp_path: Path) -> None:
    second = cases.second()
    path = tmp_path / "cases.csv"
    path.write_text(TABLE)
    plan = plan_table(read_table(path), second, context=context(second), add_people=True)
    writing = plan.writing()
    for _ in writing.steps():
        pass
    second.close()
    cases.remember(writing.made)
    assert len(cases.records(ISSUE)) == 30
    cases.undo()
    assert nothing_but_furniture(cases)


def test_what_somebody_deletes_meanwhile_is_passed_over(cases: Project, tmp_path: Path) -> None:
    first, _ = cases.create(ISSUE, {"title": "a", "external_id": "1"})
    cases.create(ISSUE, {"title": "b", "external_id": "2"})
    writing = planned(cases, tmp_path, "external_id,title\n1,x\n2,y\n", key="external_id").writing()
    cases.delete(first)
    for _ in writing.steps():
        pass
    assert writing.passed_over == 1
    assert [row["title"] for row in shown(cases)] == ["y"]


def test_many_unknown_names_are_met_without_searching_for_each(cases: Project, tmp_path: Path) -> None:
    rows = "".join(f"t{row},Person {row},Level {row}/Room 1,\n" for row in range(600))
    rows += 't,"1 Person","Room 1",\nt,person 2,level 3 / room 1,\n'
    plan = planned(cases, tmp_path, "title,assignees,location,labels\n" + rows, add_people=True, lenient=True)
    assert len(plan.made(PERSON)) == 600
    assert [each.column for each in plan.problems] == ["location"]
    assert "may mean any of" in plan.problems[0].message


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_any_usual_delimiter_is_known(cases: Project, tmp_path: Path, delimiter: str) -> None:
    text = '"title, or subject"|due|cost\nA|2027-01-31|"1,5"\n'.replace("|", delimiter)
    plan = planned(cases, tmp_path, text)
    assert plan.table.columns == ("title, or subject", "due", "cost")
    assert plan.table.rows[0].cells == ("A", "2027-01-31", "1,5")


def test_rows_that_do_not_fit_make_a_table(cases: Project, tmp_path: Path) -> None:
    plan = planned(cases, tmp_path, "title,due\na,x\nb\nc,2027-01-31\nd,y,z\n", lenient=True)
    target = tmp_path / "wrong.csv"
    assert write_wrong_rows(tmp_path / "cases.csv", target, plan.problems) == 3
    lines = target.read_text().splitlines()
    assert lines[0] == "title,due,What is wrong"
    assert lines[1].startswith("a,x,")
    assert lines[2].startswith("b,,Row 3 of cases.csv")
    assert lines[3].startswith('d,"y,z",Row 5')


def statements_for_last_rows(cases: Project, directory: Path, rows: int) -> list[tuple[str, int]]:
    """What SQLite ran for the last rows of a table, each with the rows or index entries that it walked over."""
    table = "title,labels,assignees\n" + "".join(
        f'Issue {row},"fire, safety",Ada Lovelace\n' for row in range(rows)
    )
    steps = planned(cases, directory, table, add_people=True).writing().steps(0.0)
    found: list[tuple[str, int]] = []

    def note(told: dict[str, Any]) -> None:
        status = told.get("stmt_status", {})
        found.append((told["sql"], status.get("SQLITE_STMTSTATUS_FULLSCAN_STEP", 0)))

    connection = cases.db.connection
    for step in steps:
        if step.done >= rows - 3 and not found:
            connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, note)
    connection.trace_v2(0, None)
    return found


def test_the_last_rows_take_no_more_than_the_first(cases: Project, tmp_path: Path) -> None:
    few = statements_for_last_rows(cases, tmp_path, 10)
    many = statements_for_last_rows(cases, tmp_path, 150)
    assert len(few) > 10
    assert len(many) <= len(few) + 5
    assert sum(walked for _, walked in many) <= sum(walked for _, walked in few) + 20


def test_a_new_issue_gets_the_first_status_of_its_category(cases: Project, tmp_path: Path) -> None:
    planned(cases, tmp_path, "title,category\nOne,Defect\nTwo,\n").commit()
    record, _ = cases.create(ISSUE, {})
    wanted = cases.column(ISSUE, "status")[record]
    assert {*cases.column(ISSUE, "status").values()} == {wanted}


def test_a_large_import_takes_its_numbers_from_one_block(cases: Project, tmp_path: Path) -> None:
    before = len(cases.records(NUMBERS))
    planned(cases, tmp_path, "title\n" + "".join(f"Issue {row}\n" for row in range(250))).commit()
    assert len(cases.records(NUMBERS)) <= before + 1
    assert sorted(cases.column(ISSUE, "number").values()) == list(range(1, 251))
