from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.desktop.commands import Commands
from app.desktop.desk.page import DeskPage
from app.desktop.exporting.exporter import ExportLine, export_page, export_to, shown_columns
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.project import Project


@pytest.fixture
def desk(page: ProjectPage) -> DeskPage:
    found = page.list_page
    assert isinstance(found, DeskPage)
    return found


def show(page: ProjectPage, desk: DeskPage, query: str, *columns: str) -> None:
    desk.change(query=query, columns=columns)
    page.workspace.finish_steps()


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_table_has_the_columns_rows_and_order_that_are_shown(
    qtbot: QtBot, page: ProjectPage, desk: DeskPage, project: Project, tmp_path: Path
) -> None:
    show(page, desk, "cost>1000 sort:-cost", "number", "title=300", "cost", "assignees.company", "sync")
    target = tmp_path / "shown.csv"
    export_to(page, desk, target)
    qtbot.waitUntil(target.exists)
    rows = rows_of(target)
    assert rows[0][:3] == ["No.", "Title", "Cost"]
    frame = desk.live.frame
    answer = desk.live.answer
    assert answer is not None
    assert [row[1] for row in rows[1:]] == [frame.text("title", row) for row in answer.rows.tolist()]
    qtbot.waitUntil(lambda: "written to shown.csv" in page.status._notice.text())
    qtbot.waitUntil(lambda: page.findChild(ExportLine) is None)


def test_a_workbook_has_the_groups_with_their_sums(
    qtbot: QtBot, page: ProjectPage, desk: DeskPage, tmp_path: Path
) -> None:
    show(page, desk, "group:location", "title", "cost")
    target = tmp_path / "shown.xlsx"
    export_to(page, desk, target)
    qtbot.waitUntil(target.exists)
    with zipfile.ZipFile(target) as file:
        text = file.read("xl/worksheets/sheet1.xml").decode()
    answer = desk.live.answer
    assert answer is not None
    group = next(each for each in answer.groups if each.sums.get("cost"))
    assert f"{group.text} ({group.count}), Cost: " in text


def test_the_command_asks_where_to(
    qtbot: QtBot, page: ProjectPage, desk: DeskPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(_parent: object, _title: str, name: str, kinds: str) -> tuple[str, str]:
        asked.append(name)
        return str(tmp_path / "mine"), kinds.split(";;")[0]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    page.export_asked.connect(lambda: export_page(page))
    commands: Commands = page.commands  # type: ignore[attr-defined]
    commands.run("export-view")
    qtbot.waitUntil((tmp_path / "mine.xlsx").exists)
    assert asked == ["Issues.xlsx"]
    qtbot.waitUntil(lambda: "40 rows written" in page.status._notice.text())
    # The dialog asked about the name without an ending: what has it is not replaced unasked.
    export_page(page)
    assert page.status._notice.text() == "mine.xlsx is there already; choose another name."


def test_an_export_that_is_stopped_leaves_no_file(
    qtbot: QtBot, page: ProjectPage, desk: DeskPage, tmp_path: Path
) -> None:
    target = tmp_path / "shown.xlsx"
    target.write_text("what was there")
    exporter = export_to(page, desk, target)
    line = page.findChild(ExportLine)
    assert line is not None
    ended: list[object] = []
    exporter.finished.connect(ended.append)
    line.cancel.setFocus()
    QTest.keyClick(line.cancel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ended == [None])
    assert target.read_text() == "what was there"
    assert list(tmp_path.glob(".*.part")) == []


def test_a_disk_that_says_no_is_told(qtbot: QtBot, page: ProjectPage, desk: DeskPage, tmp_path: Path) -> None:
    export_to(page, desk, tmp_path / "nowhere" / "shown.csv")
    qtbot.waitUntil(lambda: "check its name and folder" in page.status._notice.text())


def test_only_a_desk_can_be_exported(page: ProjectPage, desk: DeskPage) -> None:
    commands: Commands = page.commands  # type: ignore[attr-defined]
    assert commands["export-view"].enabled()
    assert [each.path for each in shown_columns(desk)][:3] == ["status", "number", "title"]
    page.show_page("notes")
    assert not commands["export-view"].enabled()
    assert len(page.workspace.ids(ISSUE)) == 40
