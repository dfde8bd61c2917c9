"""The archive and the trash, with the keys of a person in front of the lists."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.places import ARCHIVE, ISSUES, TRASH
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE, NOTE
from app.store.project import Project
from tests.desktop.page_stage import keys, press, rows, spoken, table

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


def _archive_three(qtbot: QtBot, page: ProjectPage) -> list[bytes]:
    press(qtbot, "j")
    for _ in range(2):
        press(qtbot, Qt.Key.Key_Down, _SHIFT)
    chosen = page.selected_records()
    assert len(chosen) == 3
    press(qtbot, Qt.Key.Key_E, _SHIFT)
    page.workspace.finish_steps()
    return chosen


def test_archived_issues_leave_the_list_and_the_count_in_one_undo(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    chosen = _archive_three(qtbot, page)
    assert project.archived() == set(chosen)
    assert not set(chosen) & set(keys(page))
    assert len(keys(page)) == 37
    page.reporter.count()
    page.workspace.finish_steps()
    assert page.side_bar._entries[ISSUES]._count == 37
    assert page.list_page is not None
    assert "37" in page.list_page.summary()
    page.list_page.set_filter("is:archived")
    page.workspace.finish_steps()
    assert set(keys(page)) == set(chosen)
    page.list_page.set_filter("")
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    page.workspace.finish_steps()
    assert not project.archived()
    assert len(keys(page)) == 40


def test_the_archive_shows_them_and_brings_them_back(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    chosen = _archive_three(qtbot, page)
    press(qtbot, "G")
    press(qtbot, "A")
    page.workspace.finish_steps()
    assert page.page == ARCHIVE
    assert keys(page) == sorted(chosen, reverse=True)
    assert "archived" in spoken(page, 0)
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Down, _SHIFT)
    press(qtbot, "R")
    page.workspace.finish_steps()
    assert len(keys(page)) == len(project.archived()) == 1
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    page.workspace.finish_steps()
    assert len(keys(page)) == 3
    assert page.list_page is not None
    rows(page).select_key(chosen[0])
    QTest.mouseClick(page.list_page.action, Qt.MouseButton.LeftButton)
    page.workspace.finish_steps()
    assert project.field(chosen[0], "archived", ISSUE).value is None


def test_an_open_issue_that_is_archived_closes(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    press(qtbot, "j")
    record = rows(page).current_key()
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == record
    table(page).setFocus()
    press(qtbot, Qt.Key.Key_E, _SHIFT)
    page.workspace.finish_steps()
    assert page.open_record is None
    assert record not in keys(page)


def test_many_go_to_the_trash_and_come_back_in_one_undo_each(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_A, _CONTROL)
    assert len(page.selected_records()) == 40
    press(qtbot, Qt.Key.Key_Delete)
    page.workspace.finish_steps()
    assert not page.workspace.ids(ISSUE)
    page.show_page(TRASH)
    page.workspace.finish_steps()
    assert len(keys(page)) == 40
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_A, _CONTROL)
    press(qtbot, "R")
    page.workspace.finish_steps()
    assert len(page.workspace.ids(ISSUE)) == 40
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    page.workspace.finish_steps()
    assert not page.workspace.ids(ISSUE)


def test_the_trash_says_who_and_is_filtered_by_words_and_kind(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    note = page.workspace.ids(NOTE)[0]
    title = project.field(note, "title", NOTE).value
    page.workspace.delete([*page.workspace.ids(ISSUE)[:3], note])
    page.show_page(TRASH)
    page.workspace.finish_steps()
    assert len(keys(page)) == 4
    assert "deleted by" in spoken(page, 0)
    press(qtbot, "/")
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    assert shown.filter.hasFocus()
    press(qtbot, "note")
    qtbot.waitUntil(lambda: keys(page) == [note])
    shown.set_filter(str(title).split()[0].upper())
    assert keys(page) == [note]
    shown.set_filter("issue zzz")
    assert not keys(page)
    shown.set_filter("")
    page.workspace.restore([note])
    assert len(keys(page)) == 3
