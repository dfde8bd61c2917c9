from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.fields import load_fields
from app.interchange.csv_import import plan_import, read_mapping
from app.interchange.csv_read import read_table
from app.store.project import Project
from sync.errors import Malformed, NotFound, SitebookError
from sync.ids import id_text
from tests.app.interchange.tables import (
    CASES,
    context,
    imported,
    nothing_but_furniture,
    planned,
    project,
    shown,
)

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "code-enforcement" / "cases.csv"
DATES = "%m/%d/%Y"


@pytest.fixture
def cases(tmp_path: Path) -> Project:
    return project(tmp_path)


def test_all_rows_come_in_with_text_dates_and_places(cases: Project, tmp_path: Path) -> None:
    plan = imported(cases, tmp_path, CASES, date_format=DATES)
    assert (plan.created, plan.updated, plan.unchanged) == (8, 0, 0)
    rows = shown(cases)
    assert rows[0] == {
        "number": 1,
        "title": 'Peeling paint, "loose" plaster',
        "text": 'Peeling paint, "loose" plaster\nand a cracked step',
        "status": "open",
        "case_number": "AB1001",
        "address": "1400 block MAGNOLIA AVE",
        "district": 1,
        "opened": "2014-11-17",
        "last_inspected": "2016-09-30",
        "inspection_type": "Initial",
        "coordinates": [33.786, -118.198],
    }
    assert [row["number"] for row in rows] == list(range(1, 9))
    assert "last_inspected" not in rows[1]
    assert rows[2]["title"] == "Row 4"
    assert rows[3]["coordinates"] == [-33.5, 151.25]
    assert rows[3]["text"] == "=HYPERLINK(“x”)"
    types = {field.title: str(field.type) for field in load_fields("issue", cases).fields if field.custom}
    assert types == {
        "case_number": "text",
        "address": "text",
        "district": "number",
        "opened": "date",
        "last_inspected": "date",
        "inspection_type": "choice",
        "coordinates": "coordinates",
    }


def test_the_same_file_again_changes_nothing(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    changes = cases.db.all("SELECT count(*) FROM changes")
    again = planned(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 8)
    assert not again.commit()
    assert cases.db.all("SELECT count(*) FROM changes") == changes
    assert [row["external_id"] for row in shown(cases)][:2] == ["AB1001", "AB1002"]


def test_a_key_that_has_a_field_already_is_found_there(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES)
    again = imported(cases, tmp_path, CASES, date_format=DATES, key="CASE NUMBER")
    assert again.unchanged == 8
    assert "external_id" not in shown(cases)[0]


def test_changed_rows_update_and_blank_cells_leave_what_is_there(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    changed = CASES.replace("Ünpermitted", "Unpermitted").replace("33.777", "").replace(",-118.196", ",")
    plan = imported(cases, tmp_path, changed, date_format=DATES, key="case_number")
    assert (plan.updated, plan.unchanged) == (1, 7)
    rows = shown(cases)
    assert rows[4]["text"] == "Unpermitted plumbing"
    assert rows[4]["title"] == "Ünpermitted plumbing"
    assert rows[1]["coordinates"] == [33.777, -118.196]


def test_new_rows_join_old_ones_and_are_numbered_on(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    more = CASES + "AB2000,New,1 ST,9,03/01/2017,,Third,,\n"
    plan = imported(cases, tmp_path, more, date_format=DATES, key="case_number")
    assert (plan.created, plan.unchanged) == (1, 8)
    new = shown(cases)[-1]
    assert (new["number"], new["inspection_type"]) == (9, "Third")
    field = load_fields("issue", cases).resolve("inspection_type")
    assert field.choices == ("Initial", "Follow-up", "Third")


def test_one_undo_takes_all_of_it_back_and_it_can_come_again(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    cases.undo()
    assert cases.records("issue") == []
    assert cases.records("field") == []
    assert imported(cases, tmp_path, CASES, date_format=DATES, key="case_number").created == 8
    assert len(cases.records("issue")) == 8


def test_what_was_deleted_here_does_not_come_back(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    cases.delete(cases.records("issue")[0])
    plan = imported(cases, tmp_path, CASES, date_format=DATES, key="case_number")
    assert (plan.created, plan.unchanged, plan.deleted) == (0, 7, 1)
    assert len(cases.records("issue")) == 7


def test_columns_go_by_name_and_by_map(cases: Project, tmp_path: Path) -> None:
    ada, _ = cases.create("person", {"name": "Ada Bricklayer"})
    text = (
        "Title,Status,Assignee,Labels,Location,Due,Cost,Starred,Ref,Skip,Where to\n"
        'Door,in PROGRESS,"Bricklayer, Ada",x,L1/R1,2027-01-31,$12.50,yes,7,zzz,L1/R2\n'
        'Wall,done,,"x, ""y, z""",l1/r1,,,no,8,zzz,\n'
    )
    text = text.replace('"Bricklayer, Ada"', "ada bricklayer")
    plan = imported(
        cases,
        tmp_path,
        text,
        mapping={"ref": "external_id", "Skip": "-", "where to": "Delivery:location"},
    )
    assert plan.made("label") == ["x", "y, z"]
    assert plan.made("location") == ["L1", "R1", "R2"]
    door, wall = shown(cases)
    assert door == {
        "number": 1, "title": "Door", "status": "in progress", "assignees": ["Ada Bricklayer"],
        "labels": ["x"], "location": "L1/R1", "due": "2027-01-31", "cost": "USD 12.50", "starred": True,
        "external_id": "7", "Delivery": "L1/R2",
    }  # fmt: skip
    assert wall["labels"] == ["x", "y, z"]
    assert wall["location"] == "L1/R1"
    assert cases.get(ada) is not None


def test_people_are_made_only_where_that_is_asked_for(cases: Project, tmp_path: Path) -> None:
    text = 'title,assignees\nDoor,"Ada, Grace"\nWall,ada\n'
    with pytest.raises(SitebookError, match=r"Row 2, column “assignees”: There is no person “Ada”"):
        planned(cases, tmp_path, text)
    plan = imported(cases, tmp_path, text, add_people=True)
    assert plan.made("person") == ["Ada", "Grace"]
    assert [row["assignees"] for row in shown(cases)] == [["Ada", "Grace"], ["Ada"]]


def test_other_kinds_come_in_too(cases: Project, tmp_path: Path) -> None:
    imported(cases, tmp_path, "Name,Company,Email\nAda,Walls Ltd,ada@example.org\n", kind="person")
    imported(cases, tmp_path, "name,type,location,external_id\nD1,door,L1,x1\n", kind="element")
    imported(cases, tmp_path, 'title,notes,tags\nSite visit,Rain,"wet, cold"\n', kind="note")
    assert shown(cases, "person") == [{"name": "Ada", "company": "Walls Ltd", "email": "ada@example.org"}]
    assert shown(cases, "element")[0]["type"] == "door"
    assert shown(cases, "note")[0] == {"title": "Site visit", "text": "Rain", "tags": ["wet", "cold"]}
    with pytest.raises(SitebookError, match="Row 2 has no name"):
        planned(cases, tmp_path, "name,company\n,Walls Ltd\n", kind="person")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "cases.csv is empty"),
        (b"\n\n", "cases.csv is empty"),
        (b"title\nok\nca\xe9\n", r"Line 3 of cases.csv is not UTF-8"),
        ("title\r\nx".encode("utf-16"), "UTF-16"),
        (b"title\nx\0y\n", "Line 2 of cases.csv holds a zero byte"),
        (b"title,due\na,2027-01-31\nb\n", "Row 3 of cases.csv has 1 cells where the first row names 2"),
        (b"title,due\na,2027-01-31,\n", "Row 2 of cases.csv has 3 cells"),
        (b'title\n"abc\n', "never closed"),
        (b'title\n"a"b\n', "Line 2 of cases.csv has a quote in a wrong place"),
        (b"title,Title\na,b\n", "two columns “Title”"),
        (b"title,\na,b\n", "Column 2 of cases.csv has no name"),
        (b"title,due\na,2027-02-31\n", r"Row 2, column “due”: “2027-02-31” is not a date"),
        (b"title,cost\na,much\n", "Row 2, column “cost”: “much” is not an amount"),
        (b"title,status\na,nope\n", "There is no status “nope”"),
        (b"title,priority\na,nope\n", "Row 2, column “priority”"),
        (b"title,number\na,-1\n", "not an issue's number"),
        (b"title,references\na,#99\n", "There is no issue #99"),
        (b"title,found\na,3/4/2026\nb,5/6/2026\n", "may be %m/%d/%Y or %d/%m/%Y; say which"),
        (b"title,coordinates,latitude,longitude\na,,x,1\n", None),
        (b"title\n" + b"x" * 200_001 + b"\n", "more than 200,000 characters"),
        (b",".join(b"c%d" % n for n in range(1001)) + b"\n", "more than 1,000 columns"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(
    cases: Project, tmp_path: Path, text: bytes, sentence: str | None
) -> None:
    if sentence is None:
        imported(cases, tmp_path, text)
        return
    with pytest.raises(SitebookError, match=sentence) as caught:
        planned(cases, tmp_path, text)
    assert "\n" not in str(caught.value)
    assert nothing_but_furniture(cases)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"mapping": {"none": "title"}}, "There is no column “none”"),
        ({"mapping": {"address": "Adress"}}, "There is no field “Adress”.*To make a new one"),
        ({"mapping": {"address": "Street:colour"}}, "There is no field type “colour”"),
        ({"mapping": {"address": "updated"}}, "cannot go to updated"),
        ({"mapping": {"address": "title", "case_number": "title"}}, "both go to title"),
        ({"key": "nope"}, "There is no column “nope”"),
        ({"key": "description"}, "cannot tell rows apart"),
        ({"key": "district"}, "Rows 2 and 3 have the same key"),
        ({"key": "last_inspected"}, "Row 3 has no “last_inspected”"),
        (
            {"date_format": "%d/%m/%Y"},
            r"Row 2, column “opened”: “11/17/2014” is not a date written like 31/01/2027",
        ),
    ],
)
def test_wrong_options_are_one_sentence(
    cases: Project, tmp_path: Path, options: dict[str, str], sentence: str
) -> None:
    options = {"date_format": DATES} | options
    text = CASES.replace("07/29/2015", "12/05/2015").replace("02/13/2016", "02/03/2016")
    with pytest.raises(SitebookError, match=sentence):
        planned(cases, tmp_path, text, **options)
    assert nothing_but_furniture(cases)


def test_a_missing_file_and_a_folder(cases: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(SitebookError, match="is a folder"):
        read_table(tmp_path)


def test_marks_line_ends_and_separators(cases: Project, tmp_path: Path) -> None:
    for text in (
        '\ufefftitle,text\r\nA,"one\r\ntwo"\r\n',
        'title;text\nA;"one\ntwo"\n',
        'title\ttext\n\nA\t"one\rtwo"\n\n',
    ):
        imported(cases, tmp_path, text)
    assert {row["text"] for row in shown(cases)} == {"one\ntwo"}


def test_numbers_are_kept_where_they_are_free(cases: Project, tmp_path: Path) -> None:
    cases.create("issue", {"title": "first"})
    imported(cases, tmp_path, 'number,title,references\n1,a,#500\n500,b,"#1, 501"\n501,c,\n')
    rows = {row["title"]: row for row in shown(cases)}
    assert rows["a"]["number"] == 2
    assert (rows["b"]["number"], rows["c"]["number"]) == (500, 501)
    # Within the table #1 is its own first row, whatever number that got here.
    assert rows["b"]["references"] == ["#2", "#501"]
    assert rows["a"]["references"] == ["#500"]
    for _ in range(120):
        cases.create("issue", {"title": "more"})
    numbers = [row["number"] for row in shown(cases)]
    assert len(numbers) == len(set(numbers))


def test_ids_update_and_clear(cases: Project, tmp_path: Path) -> None:
    record, _ = cases.create("issue", {"title": "a", "due": "2027-01-31"}, text="words")
    plan = imported(cases, tmp_path, f"id,title,due,text\n{id_text(record)},b,,\n,new,,x\n")
    assert (plan.created, plan.updated) == (1, 1)
    assert cases.field(record, "due").value is None
    assert cases.field(record, "title").value == "b"
    assert cases.plain_text(record) == ""
    with pytest.raises(SitebookError, match="id of a issue"):
        planned(cases, tmp_path, f"id,title\n{id_text(record)},b\n", kind="note")


def test_mappings_are_read_as_typed() -> None:
    assert read_mapping(["a=b", "x = y =title"]) == {"a": "b", "x = y": "title"}
    for wrong in ("a", "=b", "a="):
        with pytest.raises(SitebookError, match="COLUMN=FIELD"):
            read_mapping([wrong])


def test_a_wrong_date_among_many_is_a_mistake_and_no_text(cases: Project, tmp_path: Path) -> None:
    rows = [f"{day:02d}.07.2026,x" for day in range(1, 29)]
    text = "\n".join(["found,title", *rows, "31.06.2026,x"]) + "\n"
    with pytest.raises(
        SitebookError, match=r"Row 30, column “found”: “31\.06\.2026” is not a date written like 31\.01\.2027"
    ):
        planned(cases, tmp_path, text)
    plan = planned(cases, tmp_path, text, mapping={"found": "Found:text"})
    assert plan.created == 29


def test_progress_ends_at_the_whole(cases: Project, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    planned(cases, tmp_path, CASES, date_format=DATES).commit(lambda done, whole: seen.append((done, whole)))
    assert seen[-1] == (8, 8)
    assert seen == sorted(seen)


@pytest.mark.skipif(not REAL.exists(), reason="the real cases are not on this machine")
def test_the_real_cases(cases: Project) -> None:
    plan = plan_import(REAL, cases, context=context(cases), key="case_number", date_format=DATES)
    plan.commit()
    assert plan.created == 1563
    again = plan_import(REAL, cases, context=context(cases), key="case_number", date_format=DATES)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1563)
    rows = shown(cases)
    assert sum("coordinates" in row for row in rows) == 1080
    assert sum("last_inspected" in row for row in rows) == 1247
    assert all(row["title"] and row["external_id"] for row in rows)


_cell = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=60)
@given(data=st.one_of(st.binary(max_size=300), st.lists(st.lists(_cell, min_size=1, max_size=4), max_size=6)))
def test_wild_files_are_imported_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes | list[list[str]]
) -> None:
    if not isinstance(data, bytes):
        out = io.StringIO()
        csv.writer(out).writerows(data)
        data = out.getvalue().encode()
    directory = tmp_path_factory.mktemp("wild")
    made = project(directory)
    try:
        imported(made, directory, data, add_people=True)
    except SitebookError as error:
        assert not isinstance(error, Malformed)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        assert nothing_but_furniture(made)
    finally:
        made.close()
