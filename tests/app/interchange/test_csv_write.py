from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.interchange.csv_import import plan_import
from app.interchange.csv_read import unguarded
from app.interchange.csv_write import export_csv, guarded
from app.store.operations import Edit
from app.store.project import Project
from sync.errors import SitebookError
from tests.app.interchange.tables import CASES, context, imported, project, shown


def exported(made: Project, query: str = "", kind: str = "issue") -> list[list[str]]:
    out = io.StringIO(newline="")
    export_csv(made, out, query, context=context(made), kind=kind, author=lambda device: "Ada")
    return list(csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True))


def test_an_export_comes_back_the_same(tmp_path: Path) -> None:
    made = project(tmp_path)
    imported(made, tmp_path, CASES, date_format="%m/%d/%Y")
    ada, _ = made.create("person", {"name": "Ada"})
    first, second = made.records("issue")[:2]
    label, _ = made.create("label", {"name": 'a, "b"'})
    here, _ = made.create("location", {"name": "L1"})
    money, _ = made.create("field", {"name": "Fine", "type": "money", "of": "issue"})
    seen, _ = made.create("field", {"name": "Seen", "type": "moment", "of": "issue"})
    values = {
        "assignees": (ada,), "labels": (label,), "location": here, "cost": ["12.50", "EUR"],
        "references": (second,), "due": "2027-01-31", "starred": True, "priority": "high",
        "completed": 1_700_000_000_123, f"f.{money.hex()}": ["3.10", "USD"],
        f"f.{seen.hex()}": 1_700_000_000_000, "title": "'=1+1",
    }  # fmt: skip
    made.update(first, [Edit(name, value) for name, value in values.items()])
    path = tmp_path / "out.csv"
    assert export_csv(made, path, context=context(made)) == 8
    other = project(tmp_path, 2)
    plan_import(path, other, context=context(other), add_people=True).commit()
    assert shown(other) == shown(made)
    assert other.records("issue") == made.records("issue")
    before, after = exported(made), exported(other)
    assert [row[:-1] for row in before] == [row[:-1] for row in after]


def test_an_export_imported_where_it_came_from_changes_nothing(tmp_path: Path) -> None:
    made = project(tmp_path)
    imported(made, tmp_path, CASES, date_format="%m/%d/%Y")
    path = tmp_path / "out.csv"
    export_csv(made, path, context=context(made))
    plan = plan_import(path, made, context=context(made))
    assert (plan.created, plan.updated, plan.unchanged) == (0, 0, 8)


def test_who_made_it_and_when_comes_along(tmp_path: Path) -> None:
    made = project(tmp_path)
    record, _ = made.create("issue", {"title": "a"})
    path = tmp_path / "out.csv"
    with path.open("w", newline="") as file:
        export_csv(made, file, context=context(made), author=lambda device: "Ada")
    other = project(tmp_path, 2)
    plan_import(path, other, context=context(other)).commit()
    stamp = other.created("issue")[record]
    assert (stamp.name, stamp.at) == ("Ada", made.created("issue")[record].at)


def test_a_query_chooses_and_sorts(tmp_path: Path) -> None:
    made = project(tmp_path)
    imported(made, tmp_path, CASES, date_format="%m/%d/%Y")
    rows = exported(made, "district>2 inspection_type:initial")
    assert len(rows) == 1 + 2
    with pytest.raises(SitebookError, match="There is no field “nope”"):
        exported(made, "nope:1")


def test_people_and_elements_with_parameters(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.create("element", {"name": "D1", "parameters": {"Fire rating": "EI30", "Width": 900}})
    header, row = exported(made, kind="element")
    assert dict(zip(header, row, strict=True))["Fire rating"] == "EI30"
    imported(made, tmp_path, "Name\nAda\n", kind="person")
    assert exported(made, kind="person")[1][1] == "Ada"


@pytest.mark.parametrize("text", ["=1+1", "+1 (555) 12", "-x", "@SUM(A1)", "\tx", "\r=x", "'=1", "''-x"])
def test_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["", "-12.5", "+3", "-33.5,151.25", "33.1,-118.2", "it's", "'quoted'", "1e-05", "-1e-05"]
)
def test_numbers_and_words_are_not(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text())
def test_guarding_is_taken_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    if guarded(text)[:1] in tuple("=+-@\t\r"):
        assert guarded(text) == text
        assert not set(text) - set("0123456789.,+-eE")


_words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=30)


@settings(max_examples=40)
@given(st.lists(st.tuples(_words.filter(lambda word: word.strip()), _words), min_size=1, max_size=4))
def test_any_title_and_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    directory = tmp_path_factory.mktemp("texts")
    made = project(directory)
    for title, text in rows:
        made.create("issue", {"title": title}, text=text)
    export_csv(made, directory / "out.csv", context=context(made))
    other = project(directory, 2)
    plan_import(directory / "out.csv", other, context=context(other)).commit()
    assert sorted((row["title"], row["text"]) for row in shown(other)) == sorted(rows)
    made.close()
    other.close()


def test_a_failure_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = project(tmp_path)
    path = tmp_path / "out" / "cases.csv"
    with pytest.raises(SitebookError, match="There is no"):
        export_csv(made, path, context=context(made))
    path.parent.mkdir()
    path.write_text("before")

    def full(descriptor: int) -> None:
        import errno

        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SitebookError, match="disk is full"):
        export_csv(made, path, context=context(made))
    assert [(each.name, each.read_text()) for each in path.parent.iterdir()] == [("cases.csv", "before")]
