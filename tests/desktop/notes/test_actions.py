"""Days, templates, and what becomes of notes, by keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.desktop.commands import Commands
from app.desktop.places import ISSUES, NOTES
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE, NOTE
from app.richtext.delta import Insert, plain_text
from app.store.project import Project
from tests.desktop.notes.note_stage import drawn, named, notes, opened, show_notes
from tests.desktop.page_stage import press

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_one_key_opens_todays_note(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    press(qtbot, Qt.Key.Key_D, _SHIFT)
    page.workspace.finish_steps()
    assert page.page == NOTES
    day = opened(page)
    assert day == named(page, "2026-03-08")
    assert notes(page).list.looks.of(day).icon == "calendar-blank"
    page.show_page(ISSUES)
    QTest.keyClick(page, Qt.Key.Key_T, _CONTROL)
    assert opened(page) == day
    assert len(project.records(NOTE)) == 8
    page.workspace.undo()
    assert "2026-03-08" not in drawn(page)
    QTest.mouseClick(notes(page).today, Qt.MouseButton.LeftButton)
    assert project.get(day).deleted  # type: ignore[union-attr]
    page.command_asked.connect(page.commands.run)  # type: ignore[attr-defined]
    QTest.mouseClick(notes(page).today, Qt.MouseButton.LeftButton)
    assert opened(page) == day
    assert "2026-03-08" in drawn(page)


def menu() -> QMenu:
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def test_a_note_is_made_from_a_template(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    show_notes(qtbot, page)
    project.create(ISSUE, {"title": "Fire door", "template": True})
    press(qtbot, Qt.Key.Key_T, _SHIFT)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    offered = [each.text() for each in menu().actions() if not each.isSeparator()]
    assert offered == ["Visit {{date}}", "Fire door"]
    QTest.keyClick(menu(), Qt.Key.Key_Return)
    page.workspace.finish_steps()
    made = opened(page)
    assert made == named(page, "Visit 2026-03-08")
    assert project.plain_text(made) == "About visit 2026-03-08."
    assert notes(page).summary() == "7 notes"


def test_notes_are_pinned_and_made_templates(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Monday"))
    press(qtbot, Qt.Key.Key_P, _SHIFT)
    assert drawn(page)[:4] == ["[Pinned]", "Diary", "Monday", ".Actions"]
    assert view.looks.of(named(page, "Monday")).beside == "in Meetings"
    press(qtbot, Qt.Key.Key_P, _SHIFT)
    assert drawn(page)[2:5] == ["[Notes]", "Meetings", ".Monday"]
    commands: Commands = page.commands  # type: ignore[attr-defined]
    commands.run("mark-template")
    assert drawn(page).index("Monday") > drawn(page).index("[Templates]")
    assert drawn(page)[drawn(page).index("Monday") + 1] == ".Actions"
    commands.run("mark-template")
    commands.run("close-notes")
    assert "..Actions" not in drawn(page)
    commands.run("open-notes")
    assert "..Actions" in drawn(page)


def test_a_note_becomes_an_issue_and_says_so(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    view = show_notes(qtbot, page)
    ideas = named(page, "Ideas")
    view.select_key(ideas)
    press(qtbot, Qt.Key.Key_I, _SHIFT)
    page.workspace.finish_steps()
    assert page.page == ISSUES
    issue = opened(page)
    assert issue is not None
    assert project.column(ISSUE, "title")[issue] == "Ideas"
    assert project.plain_text(issue) == "About ideas."
    page.show_page(NOTES)
    page.workspace.finish_steps()
    look = view.looks.of(ideas)
    assert look.beside.startswith("now issue #")
    assert look.muted
    view.select_key(ideas)
    press(qtbot, Qt.Key.Key_I, _SHIFT)
    assert "became an issue before" in page.status._notice.text()
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    page.workspace.finish_steps()
    assert view.looks.of(ideas).beside == ""
    assert not view.looks.of(ideas).muted


def test_unticked_lines_become_issues(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    view = show_notes(qtbot, page)
    actions = named(page, "Actions")
    todo = {"list": "unchecked"}
    document = [Insert("Order doors"), Insert("\n", todo), Insert("Call Jon"), Insert("\n", todo)]
    page.workspace.written(project.replace_text(actions, "text", document))
    view.select_key(actions)
    press(qtbot, Qt.Key.Key_I, _CONTROL | _SHIFT)
    titles = set(project.column(ISSUE, "title").values())
    assert {"Order doors", "Call Jon"} < titles
    assert plain_text(project.text_document(actions), "*") == "*\n*\n"
    assert page.status._notice.text() == "2 issues made; Ctrl+Z takes it back"
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    page.workspace.finish_steps()
    assert project.text_document(actions) == document
    view.select_key(named(page, "Ideas"))
    press(qtbot, Qt.Key.Key_I, _CONTROL | _SHIFT)
    assert set(project.column(ISSUE, "title").values()) == titles - {"Order doors", "Call Jon"}


def test_the_menu_of_a_note_is_asked_for_where_it_stands(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Ideas"))
    with qtbot.waitSignal(page.note_menu_asked) as asked:
        view.menu_asked.emit(QPoint(5, 5))
    assert asked.args == [QPoint(5, 5)]
