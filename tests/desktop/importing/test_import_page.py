from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.desktop.importing.page import ImportPage
from app.desktop.project_page import ProjectPage
from app.domain.schema import FIELD, ISSUE, PERSON
from app.store.project import Project
from tests.desktop.importing.scene import checked, click, open_typed, said, wait_checked
from tests.desktop.page_stage import press


def titles(project: Project) -> list[str]:
    return list(project.column(ISSUE, "title").values())


def test_nothing_is_written_before_the_button_is_pressed_and_ctrl_z_takes_all_back(
    qtbot: QtBot, importing: ImportPage, page: ProjectPage, project: Project, table: Path
) -> None:
    found = open_typed(qtbot, importing, table)
    assert (found.created, [each.row for each in found.problems]) == (2, [3, 5])
    assert said(importing) == "2 issues will be made"
    assert importing.foot.news.text() == "1 new field: Ref · 1 new person: Sam Obi"
    assert importing.foot.accept.text() == "Import 2 issues"
    assert len(project.records(ISSUE)) == 40
    assert len(project.records(FIELD)) == 0
    click(importing.foot.accept)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    assert importing.done.title.text() == "2 issues made"
    assert importing.done.words.text() == "2 rows do not fit and were left out."
    page.workspace.finish_steps()
    assert {"Crack in slab", "Water mark"} <= set(titles(project))
    assert len(page.workspace.ids(ISSUE)) == 42
    assert "2 issues made" in page.status._notice.text()
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    page.workspace.finish_steps()
    assert len(project.records(ISSUE)) == len(page.workspace.ids(ISSUE)) == 40
    assert "Sam Obi" not in project.column(PERSON, "name").values()


def test_what_came_in_is_shown_at_a_press(
    qtbot: QtBot, importing: ImportPage, page: ProjectPage, table: Path
) -> None:
    open_typed(qtbot, importing, table)
    QTest.keyClick(importing.file, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    page.workspace.finish_steps()
    click(importing.done.show_button)
    page.workspace.finish_steps()
    assert page.page == "issues"
    desk = page.list_page
    assert desk is not None
    qtbot.waitUntil(lambda: desk.live.count == 2)  # type: ignore[union-attr]


def test_undo_is_offered(
    qtbot: QtBot, importing: ImportPage, page: ProjectPage, project: Project, table: Path
) -> None:
    open_typed(qtbot, importing, table)
    click(importing.foot.accept)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    page.workspace.finish_steps()
    click(importing.done.undo)
    page.workspace.finish_steps()
    assert len(project.records(ISSUE)) == 40
    assert page.page == "issues"


def test_rows_that_do_not_fit_are_listed_and_saved_to_correct(
    qtbot: QtBot, importing: ImportPage, table: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    open_typed(qtbot, importing, table)
    assert importing.wrong_tab.text() == "2 rows do not fit"
    click(importing.wrong_tab)
    assert importing.wrong.isVisible()
    model = importing.wrong.model
    cells = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]
    assert cells[0][:2] == ["3", "due"]
    assert cells[0][2].startswith("“2027-02-31” is not a date")
    assert cells[1][:2] == ["5", ""]
    target = tmp_path / "to correct.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    click(importing.wrong.save)
    qtbot.waitUntil(target.exists)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Ref", "title", "due", "assignees", "cost", "What is wrong"]
    assert rows[1][:3] == ["R2", "Door closer missing", "2027-02-31"]
    assert rows[2][:5] == ["R4", "Short", "", "", ""]
    qtbot.waitUntil(lambda: not importing._importer.busy)
    # The reasons are no column to import again.
    again = open_typed(qtbot, importing, target)
    left_out = [each.name for each in again.columns if each.field is None]
    assert left_out == ["What is wrong"]


def test_a_column_is_led_elsewhere_by_keys(qtbot: QtBot, importing: ImportPage, table: Path) -> None:
    open_typed(qtbot, importing, table)
    head = importing.grid.heads["Ref"]
    head.target.setFocus()
    QTest.keyClick(head.target, Qt.Key.Key_Return)
    picker = head.picker
    assert picker is not None
    qtbot.waitUntil(picker.isVisible)
    QTest.keyClicks(picker.search, "leave")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert wait_checked(qtbot, importing).new_fields == []
    assert head.target.accessibleName() == "Ref goes to: Left out"
    # And to a field that another column fills: a sentence, and nothing to press.
    QTest.keyClick(head.target, Qt.Key.Key_Return)
    picker = head.picker
    assert picker is not None
    QTest.keyClicks(picker.search, "external")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    found = wait_checked(qtbot, importing)
    assert found.columns[0].field is not None
    assert found.columns[0].field.name == "external_id"


def test_dates_that_may_be_read_in_two_ways_are_asked_about(
    qtbot: QtBot, importing: ImportPage, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "dates.csv"
    path.write_text("title,Found on\na,01/01/2026\nb,03/04/2026\n")
    found = open_typed(qtbot, importing, path)
    assert found.undecided == ["Found on"]
    assert said(importing) == "Say how the dates in “Found on” are written."
    assert not importing.foot.accept.isEnabled()
    head = importing.grid.heads["Found on"]
    click(head.form)
    picker = head.picker
    assert picker is not None
    shown = [each.piece.text for each in picker.model.options]
    assert shown[:2] == ["03/04/2026 is 4 Mar 2026", "03/04/2026 is 3 Apr 2026"]
    QTest.keyClick(picker.search, Qt.Key.Key_Down)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert wait_checked(qtbot, importing).undecided == []
    click(importing.foot.accept)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    (definition,) = project.records(FIELD)
    assert set(project.column(ISSUE, f"f.{definition.hex()}").values()) == {"2026-01-01", "2026-04-03"}


def test_a_key_changes_what_is_there_and_what_was_written_meanwhile_counts(
    qtbot: QtBot, importing: ImportPage, page: ProjectPage, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "keyed.csv"
    path.write_text("external_id,title\nA1,One\nA2,Two\n")
    open_typed(qtbot, importing, path)
    key = importing.options.key
    key.setFocus()
    QTest.keyClick(key, Qt.Key.Key_Down)
    assert wait_checked(qtbot, importing).choices.key == "external_id"
    page.workspace.create(ISSUE, {"external_id": "A1", "title": "One from elsewhere"})
    click(importing.foot.accept)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    assert importing.done.title.text() == "1 issue made, 1 changed"
    assert sorted(titles(project)).count("One from elsewhere") == 0


def test_an_import_that_is_stopped_is_taken_back(
    qtbot: QtBot,
    importing: ImportPage,
    page: ProjectPage,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.desktop.importing.importer._TELL_SECONDS", 0.0)
    path = tmp_path / "many.csv"
    path.write_text("title\n" + "".join(f"Number {number}\n" for number in range(400)))
    open_typed(qtbot, importing, path)
    click(importing.foot.accept)
    qtbot.waitUntil(lambda: said(importing).startswith("Importing row"), timeout=20_000)
    click(importing.foot.cancel)
    qtbot.waitUntil(lambda: said(importing) == "Stopped. What was written is taken back.", timeout=20_000)
    page.workspace.finish_steps()
    assert len(project.records(ISSUE)) == 40
    assert len(page.workspace.ids(ISSUE)) == 40
    assert importing.foot.accept.isEnabled()
    # And it can be done after all.
    click(importing.foot.accept)
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    assert len(project.records(ISSUE)) == 440


def test_what_is_written_here_passes_an_import(
    qtbot: QtBot, importing: ImportPage, page: ProjectPage, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    path.write_text("title\n" + "".join(f"Number {number}\n" for number in range(400)))
    open_typed(qtbot, importing, path)
    click(importing.foot.accept)
    record = page.workspace.create(ISSUE, {"title": "In between"})
    assert record is not None
    qtbot.waitUntil(importing.done.isVisible, timeout=20_000)
    page.workspace.finish_steps()
    assert len(page.workspace.ids(ISSUE)) == 441
    assert page.workspace.undo()  # the import, which ended last
    page.workspace.finish_steps()
    assert page.workspace.ids(ISSUE)[0] == record
    assert len(page.workspace.ids(ISSUE)) == 41


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty; its first row must name the columns."),
        ("a.csv", "title\nö\n".encode("utf-16"), "a.csv is encoded as UTF-16; save it as"),
        ("a.xlsx", b"PK\x03\x04rest", "a.xlsx is a workbook, not a CSV file; open it"),
        ("a.csv", b'title\n"never closed\n', "A quote that begins before line"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    qtbot: QtBot, importing: ImportPage, tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    importing.open_file(path)
    qtbot.waitUntil(lambda: said(importing).startswith(sentence))
    assert not importing.foot.accept.isEnabled()


def test_only_a_header_and_a_cell_that_is_too_large(
    qtbot: QtBot, importing: ImportPage, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title\n")
    importing.open_file(path)
    assert wait_checked(qtbot, importing).rows == 0
    assert not importing.foot.accept.isEnabled()
    path.write_text("title\n" + "x" * (1 << 20) + "\nshort\n")
    importing.open_file(path)
    found = wait_checked(qtbot, importing)
    assert (found.created, found.problems[0].row) == (1, 2)
    assert "more than 200,000 characters" in found.problems[0].message


def test_a_table_is_dropped_on_the_list_or_on_the_page(
    qtbot: QtBot, page: ProjectPage, table: Path, importing: ImportPage
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dropped: list[object] = []
    page.table_dropped.connect(dropped.append)
    for target in (page.stack, importing):
        enter = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(9, 9), copy, data, left, none))
    assert dropped == [table]
    assert wait_checked(qtbot, importing).created == 2
    data.setUrls([QUrl.fromLocalFile("/somewhere/photo.jpg")])
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
    QApplication.sendEvent(page.stack, enter)
    assert not enter.isAccepted()


def test_esc_leaves(qtbot: QtBot, importing: ImportPage, page: ProjectPage, table: Path) -> None:
    open_typed(qtbot, importing, table)
    assert checked(importing).created == 2
    QTest.keyClick(importing.file, Qt.Key.Key_Escape)
    assert page.page == "issues"
