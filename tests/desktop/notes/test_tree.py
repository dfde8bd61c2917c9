"""The tree of notes by keys and mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.notes.model import NotesModel
from app.desktop.project_page import ProjectPage
from app.domain.schema import NOTE
from app.store.project import Project
from tests.desktop.notes.note_stage import drag, drawn, named, notes, opened, place_of, show_notes, target
from tests.desktop.page_stage import press

WHOLE = [
    "[Pinned]", "Diary",
    "[Notes]", "Meetings", ".Monday", "..Actions", ".Friday", "Ideas",
    "[Templates]", "Visit {{date}}",
]  # fmt: skip
_CONTROL = Qt.KeyboardModifier.ControlModifier
_MOVE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


def test_pinned_notes_the_tree_and_templates_stand_below_each_other(qtbot: QtBot, page: ProjectPage) -> None:
    show_notes(qtbot, page)
    assert drawn(page) == WHOLE
    assert notes(page).summary() == "6 notes"
    assert page.side_bar._entries["notes"].accessibleName() == "Notes, 6"


def test_arrows_open_close_and_go_and_a_screen_reader_hears_it(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    assert view.select_key(named(page, "Meetings"))
    assert "Meetings, client, weekly, level 1, 2 notes below, open" in view.accessibleDescription()
    press(qtbot, Qt.Key.Key_Left)
    assert drawn(page)[3:5] == ["Meetings", "Ideas"]
    assert "closed" in view.accessibleDescription()
    press(qtbot, Qt.Key.Key_Right)
    press(qtbot, Qt.Key.Key_Right)
    assert view.current == named(page, "Monday")
    press(qtbot, Qt.Key.Key_Down)
    assert view.current == named(page, "Actions")
    press(qtbot, Qt.Key.Key_Left)
    assert view.current == named(page, "Monday")
    press(qtbot, Qt.Key.Key_Home)
    assert view.accessibleDescription() == "Pinned, 1 note, open"
    press(qtbot, Qt.Key.Key_Return)
    assert drawn(page)[:2] == ["[Pinned]", "[Notes]"]


def test_what_is_closed_stays_closed_on_this_device(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Meetings"))
    press(qtbot, Qt.Key.Key_Left)
    page.notes.keep_closed()
    again = NotesModel(page.workspace, page)
    again.load()
    page.workspace.finish_steps()
    assert again.is_closed(named(page, "Meetings"))
    assert not again.is_closed(named(page, "Monday"))


def test_enter_opens_and_the_letters_of_lists_work(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Monday"))
    press(qtbot, Qt.Key.Key_Return)
    assert opened(page) == named(page, "Monday")
    press(qtbot, "j")
    qtbot.waitUntil(lambda: opened(page) == named(page, "Actions"))
    press(qtbot, Qt.Key.Key_Escape)
    assert opened(page) is None
    press(qtbot, "x")
    press(qtbot, "j")
    press(qtbot, "x")
    assert set(notes(page).selected_records()) == {named(page, "Actions"), named(page, "Friday")}
    press(qtbot, Qt.Key.Key_Escape)
    assert len(notes(page).selected_records()) == 1


def test_a_click_opens_a_click_on_the_sign_closes_and_two_name(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    meetings = named(page, "Meetings")
    line = view.model.places[meetings]
    caret = view.painting.caret_rect(view.model.lines[line], view.line_rect(line).top()).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=caret)
    assert "..Actions" not in drawn(page)
    assert opened(page) is None
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, meetings))
    assert opened(page) == meetings
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, named(page, "Ideas")))
    edit = view.title_edit
    assert edit is not None
    QTest.keyClicks(edit, "Thoughts")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert "Thoughts" in drawn(page)


def test_a_note_is_named_in_place_and_esc_leaves_it(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    view = show_notes(qtbot, page)
    ideas = named(page, "Ideas")
    view.select_key(ideas)
    press(qtbot, "e")
    qtbot.waitUntil(lambda: view.title_edit is not None and view.title_edit.hasFocus())
    press(qtbot, "Plans")
    press(qtbot, Qt.Key.Key_Escape)
    assert project.column(NOTE, "title")[ideas] == "Ideas"
    qtbot.waitUntil(view.hasFocus)
    press(qtbot, Qt.Key.Key_F2)
    press(qtbot, "Plans")
    press(qtbot, Qt.Key.Key_Return)
    assert project.column(NOTE, "title")[ideas] == "Plans"
    page.workspace.undo()
    assert "Ideas" in drawn(page)


def test_keys_move_notes_in_out_up_and_down(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Ideas"))
    press(qtbot, Qt.Key.Key_Right, _MOVE)
    assert drawn(page)[3:8] == ["Meetings", ".Monday", "..Actions", ".Friday", ".Ideas"]
    press(qtbot, Qt.Key.Key_Up, _MOVE)
    assert drawn(page)[3:8] == ["Meetings", ".Monday", "..Actions", ".Ideas", ".Friday"]
    press(qtbot, Qt.Key.Key_Down, _MOVE)
    press(qtbot, Qt.Key.Key_Left, _MOVE)
    assert drawn(page) == WHOLE
    assert view.current == named(page, "Ideas")
    for _ in range(4):
        press(qtbot, Qt.Key.Key_Z, _CONTROL)
    assert drawn(page) == WHOLE


def test_a_new_note_stands_beside_the_one_one_stands_on_and_a_child_below_it(
    qtbot: QtBot, page: ProjectPage
) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Monday"))
    press(qtbot, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert drawn(page)[3:8] == ["Meetings", ".Monday", "..Actions", ".Untitled", ".Friday"]
    assert opened(page) == named(page, "Untitled")
    page.close_item()
    view.setFocus()
    view.select_key(named(page, "Ideas"))
    press(qtbot, Qt.Key.Key_N, _CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert drawn(page)[8:10] == ["Ideas", ".Untitled"]


def test_del_takes_a_note_and_what_is_below_it_and_undo_brings_them_back(
    qtbot: QtBot, page: ProjectPage
) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Monday"))
    press(qtbot, Qt.Key.Key_Delete)
    assert drawn(page)[3:6] == ["Meetings", ".Friday", "Ideas"]
    assert view.current == named(page, "Friday")
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    assert drawn(page) == WHOLE


def test_a_filter_keeps_what_stands_above(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select_key(named(page, "Meetings"))
    press(qtbot, Qt.Key.Key_Left)
    press(qtbot, "/")
    press(qtbot, "actions")
    qtbot.waitUntil(lambda: drawn(page) == ["[Notes]", "Meetings", ".Monday", "..Actions"])
    assert notes(page).summary() == "1 of 6 shown"
    notes(page).set_filter("tag:weekly")
    page.workspace.finish_steps()
    assert drawn(page) == ["[Notes]", "Meetings", ".Monday"]
    notes(page).set_filter("nothing of the kind")
    assert drawn(page) == []
    assert notes(page)._empty.isVisible()
    notes(page).set_filter("tga:x")
    assert "tga" in notes(page)._problem.text()
    notes(page).set_filter("")
    assert drawn(page)[3:5] == ["Meetings", "Ideas"]


def test_leaving_the_filter_keeps_the_note_that_was_selected(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    friday, monday = named(page, "Friday"), named(page, "Monday")
    view.select_key(friday)
    press(qtbot, "/")
    press(qtbot, "tag:site")
    notes(page).filter.flush()
    qtbot.waitUntil(lambda: friday not in view.model.places)
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_Escape)
    qtbot.waitUntil(view.hasFocus)
    assert view.current == friday
    assert notes(page).selected_records() == [friday]
    press(qtbot, "/")
    press(qtbot, "nothing of the kind")
    notes(page).filter.flush()
    qtbot.waitUntil(lambda: not view.model.places)
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_Escape)
    qtbot.waitUntil(view.hasFocus)
    assert notes(page).selected_records() == [friday]
    # Who goes on to a note that was found stays there.
    press(qtbot, "/")
    press(qtbot, "tag:weekly")
    notes(page).filter.flush()
    qtbot.waitUntil(lambda: friday not in view.model.places)
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(view.hasFocus)
    view.select_key(monday)
    press(qtbot, "/")
    press(qtbot, Qt.Key.Key_Escape)
    press(qtbot, Qt.Key.Key_Escape)
    qtbot.waitUntil(view.hasFocus)
    assert notes(page).selected_records() == [monday]


def test_a_click_on_a_tag_filters_by_it_and_new_notes_have_it(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    view = show_notes(qtbot, page)
    monday = named(page, "Monday")
    line = view.model.lines[view.model.places[monday]]
    ((_, chip),) = view.painting._chips(line, view.looks.of(monday))
    at = place_of(view, monday, x=chip.center().x())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    page.workspace.finish_steps()
    assert notes(page).filter.text() == "tag:weekly"
    assert drawn(page) == ["[Notes]", "Meetings", ".Monday"]
    assert opened(page) is None
    page.create_record(NOTE)
    made = opened(page)
    assert made is not None
    assert project.column(NOTE, "tags")[made] == ("weekly",)


def test_changes_from_elsewhere_arrive_and_leave_the_eye_where_it_is(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    view = show_notes(qtbot, page)
    ideas = named(page, "Ideas")
    view.select_key(ideas)
    top = view.line_rect(view.model.places[ideas]).top()
    bulk = project.bulk()
    for number in range(60):
        bulk.create(NOTE, {"title": f"Note {number}", "order": "A" if number % 2 else "x"})
    page.workspace.apply_touched(bulk.commit())
    page.workspace.finish_steps()
    assert len(drawn(page)) == len(WHOLE) + 60
    assert view.current == ideas
    assert view.line_rect(view.model.places[ideas]).top() == top
    bulk = project.bulk()
    for number in range(300):
        bulk.create(NOTE, {"title": f"Many {number}", "order": "B"})
    page.workspace.apply_touched(bulk.commit())
    page.workspace.finish_steps()
    assert len(drawn(page)) == len(WHOLE) + 360


def test_of_many_notes_only_those_that_are_seen_are_drawn_and_read(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    bulk = project.bulk()
    folder = bulk.create(NOTE, {"title": "Folder"})
    for number in range(1500):
        bulk.create(NOTE, {"title": f"Note {number}", "parent": folder})
    page.workspace.apply_touched(bulk.commit())
    view = show_notes(qtbot, page)
    assert len(view.model.lines) == len(WHOLE) + 1501
    view.verticalScrollBar().setValue(700 * view.row_height)
    view.viewport().repaint()
    assert 0 < len(view.painting.painted) < 40
    assert len(view.looks._known) < 120
    press(qtbot, Qt.Key.Key_End)
    assert view.current == named(page, "Visit {{date}}")


# Dragging


@pytest.mark.parametrize(
    ("name", "to", "part", "after"),
    [
        ("Ideas", "Monday", 0.5, ["Meetings", ".Monday", "..Actions", "..Ideas", ".Friday"]),
        ("Ideas", "Monday", 0.05, ["Meetings", ".Ideas", ".Monday", "..Actions", ".Friday"]),
        ("Monday", "Ideas", 0.95, ["Meetings", ".Friday", "Ideas", "Monday", ".Actions"]),
        ("Friday", "Monday", 0.95, ["Meetings", ".Monday", "..Friday", "..Actions", "Ideas"]),
    ],
)
def test_a_note_is_dragged_onto_and_between(
    qtbot: QtBot, page: ProjectPage, name: str, to: str, part: float, after: list[str]
) -> None:
    view = show_notes(qtbot, page)
    drag(view, named(page, name), place_of(view, named(page, to), part))
    assert drawn(page)[3:8] == after
    assert view.current == named(page, name)
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    assert drawn(page) == WHOLE


def test_how_far_to_the_right_says_how_deep(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    below = place_of(view, named(page, "Friday"), 0.95, x=view.painting.title_left(view.model.lines[3]) - 20)
    drag(view, named(page, "Actions"), below)
    assert drawn(page)[3:8] == ["Meetings", ".Monday", ".Friday", "Actions", "Ideas"]


def test_dragging_among_groups_pins_and_makes_templates(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    view = show_notes(qtbot, page)
    ideas = named(page, "Ideas")
    drag(view, ideas, place_of(view, named(page, "Diary"), 0.05))
    assert drawn(page)[:3] == ["[Pinned]", "Ideas", "Diary"]
    assert project.column(NOTE, "pinned")[ideas] is True
    drag(view, ideas, place_of(view, named(page, "Visit {{date}}"), 0.95))
    assert drawn(page)[-2:] == ["Visit {{date}}", "Ideas"]
    assert ideas not in project.column(NOTE, "pinned")
    assert project.column(NOTE, "template")[ideas] is True


def test_a_note_does_not_go_below_itself_and_esc_puts_it_back(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    drag(view, named(page, "Meetings"), place_of(view, named(page, "Actions")), drop=False)
    assert target(view) is None
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, named(page, "Actions")))
    assert drawn(page) == WHOLE
    drag(view, named(page, "Ideas"), place_of(view, named(page, "Monday")), drop=False)
    assert target(view) is not None
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.carrying
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, named(page, "Monday")))
    assert drawn(page) == WHOLE


def test_several_go_together_as_one_undo(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, _CONTROL, place_of(view, named(page, "Friday"))
    )
    view.select([named(page, "Friday"), named(page, "Actions")])
    drag(view, named(page, "Friday"), place_of(view, named(page, "Ideas")))
    assert drawn(page)[3:8] == ["Meetings", ".Monday", "Ideas", ".Actions", ".Friday"]
    press(qtbot, Qt.Key.Key_Z, _CONTROL)
    assert drawn(page) == WHOLE


def test_resting_on_a_closed_note_opens_it(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    meetings = named(page, "Meetings")
    view.model.set_closed([meetings], True)
    drag(view, named(page, "Ideas"), place_of(view, meetings), drop=False)
    qtbot.waitUntil(lambda: not view.model.is_closed(meetings))
    view.carrying.cancel()


# The side bar


def test_the_side_bar_has_pinned_notes_and_the_top_of_the_tree(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    page.workspace.finish_steps()
    shelf = page.shelf
    assert [each.text() for each in shelf.entries.values()] == ["Diary", "Meetings", "Ideas"]
    ideas = next(each for each, entry in shelf.entries.items() if entry.text() == "Ideas")
    QTest.mouseClick(shelf.entries[ideas], Qt.MouseButton.LeftButton)
    page.workspace.finish_steps()
    assert opened(page) == ideas
    assert shelf.entries[ideas].isChecked()
    page.workspace.apply_touched(project.set(ideas, "title", "Plans"))
    assert shelf.entries[ideas].text() == "Plans"
    QTest.mouseClick(shelf.caption, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not shelf.entries
    assert shelf.caption.accessibleName() == "Notes, closed"
    QTest.keyClick(shelf.caption, Qt.Key.Key_Space)
    assert len(shelf.entries) == 3
    page.toggle_side_bar()
    assert not shelf.isVisible()


def test_copied_titles_are_set_in(qtbot: QtBot, page: ProjectPage) -> None:
    view = show_notes(qtbot, page)
    view.select([named(page, "Meetings"), named(page, "Monday")])
    press(qtbot, Qt.Key.Key_C, _CONTROL)
    assert QApplication.clipboard().text() == "Meetings\n\tMonday"
