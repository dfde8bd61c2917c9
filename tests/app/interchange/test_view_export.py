from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.domain.directory import Context
from app.domain.schema import Field, FieldType
from app.interchange.shown import ShownColumn, ShownGroup, ShownView
from app.interchange.view_export import export_view
from sync.errors import SitebookError
from tests.app.interchange.tables import context, project

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def here(tmp_path: Path) -> Context:
    base = context(project(tmp_path))
    return Context(base.directory, date(2027, 1, 31), UTC, "EUR")


def columns() -> tuple[ShownColumn, ...]:
    return (
        ShownColumn("Title", Field("title", FieldType.TEXT, "Title"), 300),
        ShownColumn("Cost", Field("cost", FieldType.MONEY, "Cost")),
        ShownColumn("Due", Field("due", FieldType.DATE, "Due")),
        ShownColumn("Length", Field("f.1", FieldType.NUMBER, "Length", unit="m")),
        ShownColumn("Seen", Field("f.2", FieldType.MOMENT, "Seen")),
        ShownColumn("Safe", Field("f.3", FieldType.CHECKBOX, "Safe")),
        ShownColumn("Tags", Field("f.4", FieldType.CHOICES, "Tags", many=True)),
    )


ROWS: tuple[tuple[object, ...], ...] = (
    ("=1+1", ["12.50", "EUR"], "2027-01-31", 2.5, 1_700_000_000_000, True, ("a", "b")),
    ("http://example.org", ["9" * 20, "EUR"], "1850-01-01", 10**18, -(10**13), False, ()),
    ("long " * 10_000, None, "not a date", "not a number", None, None, None),
    ("tab\x00\x08 \ud7ff", None, None, None, None, None, None),
)


def cells(path: Path) -> dict[str, tuple[str, str]]:
    """Type and value of each cell of the only sheet."""
    with zipfile.ZipFile(path) as file:
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own file)
    found = {}
    for cell in sheet.iter(f"{_SHEET}c"):
        assert cell.find(f"{_SHEET}f") is None, "no cell is a formula"
        text = cell.find(f"{_SHEET}v")
        inline = "".join(each.text or "" for each in cell.iter(f"{_SHEET}t"))
        found[cell.attrib["r"]] = (cell.attrib.get("t", "n"), inline if text is None else text.text or "")
    return found


def test_a_workbook_has_typed_cells(tmp_path: Path, here: Context) -> None:
    path = tmp_path / "out.xlsx"
    done: list[int] = []
    assert export_view(path, ShownView("My [view]", columns(), ROWS), here, done.append) == 4
    assert done == [1, 2, 3, 4]
    found = cells(path)
    assert found["A1"] == ("inlineStr", "Title")
    assert found["A2"] == ("inlineStr", "=1+1")
    assert found["B2"] == ("n", "12.5")
    assert found["C2"] == ("n", "46418")  # days since 30 December 1899
    assert found["D2"] == ("n", "2.5")
    assert found["E2"][0] == "n"
    assert found["F2"] == ("b", "1")
    assert found["G2"] == ("inlineStr", "a, b")
    with zipfile.ZipFile(path) as file:
        assert "hyperlink" not in file.read("xl/worksheets/sheet1.xml").decode()
        assert "My  view" in file.read("xl/workbook.xml").decode()


def test_what_a_workbook_cannot_hold_stands_there_as_text(tmp_path: Path, here: Context) -> None:
    path = tmp_path / "out.xlsx"
    export_view(path, ShownView("view", columns(), ROWS), here)
    found = cells(path)
    for name in ("B3", "C3", "D3", "E3", "C4", "D4"):
        assert found[name][0] == "inlineStr"
        assert found[name][1]
    assert len(found["A4"][1]) == 32_767
    assert found["A4"][1].endswith("…")
    assert found["A5"][1] == "tab \ud7ff"


def test_groups_are_heads_in_a_workbook_and_a_column_in_csv(tmp_path: Path, here: Context) -> None:
    rows = (
        ShownGroup("Paint", 2, (("Cost", "20.00 EUR"),)),
        ROWS[0],
        ROWS[1],
        ShownGroup("=Floor", 1),
        ROWS[2],
    )
    book, table = tmp_path / "out.xlsx", tmp_path / "out.csv"
    view = ShownView("view", columns(), rows, "Trade")
    assert export_view(book, view, here) == 3
    assert cells(book)["A2"] == ("inlineStr", "Paint (2), Cost: 20.00 EUR")
    assert export_view(table, view, here) == 3
    with table.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file, strict=True))
    assert lines[0][:2] == ["Trade", "Title"]
    assert [line[0] for line in lines[1:]] == ["Paint", "Paint", "'=Floor"]
    assert lines[1][1] == "'=1+1"


def test_an_empty_view_has_its_head(tmp_path: Path, here: Context) -> None:
    for ending in ("csv", "XLSX"):
        path = tmp_path / f"out.{ending}"
        assert export_view(path, ShownView("history", columns(), ()), here) == 0
        assert path.stat().st_size


def test_another_ending_is_refused_and_nothing_is_left(tmp_path: Path, here: Context) -> None:
    with pytest.raises(SitebookError, match=r"\.xlsx or \.csv"):
        export_view(tmp_path / "out.pdf", ShownView("v", columns(), ROWS), here)
    assert not list(tmp_path.glob("*out*"))


def test_who_stops_an_export_finds_no_file(tmp_path: Path, here: Context) -> None:
    def stop(_done: int) -> None:
        raise SitebookError("The export was stopped; no file was written.")

    for ending in ("csv", "xlsx"):
        with pytest.raises(SitebookError, match="stopped"):
            export_view(tmp_path / f"out.{ending}", ShownView("v", columns(), ROWS), here, stop)
    assert not list(tmp_path.glob("*out*"))
