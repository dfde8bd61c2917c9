from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.desktop.desk.page import DeskPage
from app.desktop.project_page import ProjectPage
from app.desktop.views.entry import NameEdit
from app.desktop.views.shelf import ViewShelf
from app.desktop.views.tools import ViewTools
from app.domain.schema import DEVICE, ISSUE, PERSON, VIEW
from app.store.project import Project
from app.workspace.people import device_record
from app.workspace.views import SavedView, ViewSpec, new_view, read_views
from tests.desktop.page_stage import press

ME, OTHER = b"me" * 8, b"he" * 8
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def introduced(project: Project) -> None:
    """The device says whose it is, as after founding or joining."""
    project.create(DEVICE, {"name": "Toughbook", "member": ME}, record=device_record(project.device))


def desk_of(page: ProjectPage) -> DeskPage:
    desk = page.list_page
    assert isinstance(desk, DeskPage)
    return desk


def tools_of(page: ProjectPage) -> ViewTools:
    return page.views.tools[ISSUE]


def shelf_of(page: ProjectPage) -> ViewShelf:
    page.workspace.finish_steps()
    return page.views.shelf


def names(page: ProjectPage) -> list[str]:
    page.workspace.finish_steps()
    return [view.name for view in page.views.keeper.views]


def add(page: ProjectPage, name: str, *, owner: bytes | None = None, **parts: object) -> bytes:
    """A view that somebody else made."""
    project = page.workspace.source
    spec = replace(ViewSpec(), **parts)  # type: ignore[arg-type]
    record, touched = project.create(VIEW, new_view(read_views(project), name, spec, owner))
    page.workspace.apply_touched(touched)
    page.workspace.finish_steps()
    return record


def click(widget: object) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def type_name(name: str) -> None:
    edit = QApplication.focusWidget()
    assert isinstance(edit, NameEdit)
    QTest.keyClicks(edit, name)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def saved(page: ProjectPage, name: str) -> SavedView:
    return next(view for view in read_views(page.workspace.source) if view.name == name)


def test_what_is_shown_is_saved_under_a_name_typed_in_place(qtbot: QtBot, page: ProjectPage) -> None:
    tools = tools_of(page)
    assert tools.save.isHidden()
    assert shelf_of(page).isHidden()
    desk_of(page).set_filter("status:open sort:due")
    assert not tools.save.isHidden()
    assert tools.discard.isHidden()
    click(tools.save)
    type_name("All open")
    assert names(page) == ["All open"]
    view = saved(page, "All open")
    assert view.spec == ViewSpec(query="status:open sort:due")
    assert view.owner == ME
    assert desk_of(page).title == "All open"
    assert shelf_of(page).entries[view.id].isChecked()
    assert tools.save.isHidden()
    page.show_page("issues")
    assert desk_of(page).spec == ViewSpec()
    assert desk_of(page).title == "Issues"


def test_escape_gives_the_name_up_and_nothing_is_saved(qtbot: QtBot, page: ProjectPage) -> None:
    desk_of(page).set_filter("status:open")
    press(qtbot, Qt.Key.Key_S, CONTROL)
    edit = QApplication.focusWidget()
    assert isinstance(edit, NameEdit)
    QTest.keyClicks(edit, "No")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert names(page) == []
    assert desk_of(page).spec.query == "status:open"


def test_opening_a_view_restores_layout_columns_and_query(qtbot: QtBot, page: ProjectPage) -> None:
    board = add(page, "Fire", query="label:fire", layout="board", board="priority", hide_empty=True)
    table = add(page, "Costs", query="cost>0 group:location", columns=("title=300", "cost"), frozen=1)
    shelf = shelf_of(page)
    click(shelf.entries[board])
    page.workspace.finish_steps()
    desk = desk_of(page)
    assert desk.front.model.path == "priority"
    assert desk.spec.hide_empty
    assert tools_of(page).layouts["board"].isChecked()
    click(shelf.entries[table])
    page.workspace.finish_steps()
    assert desk.front is desk.list
    assert [column.path for column in desk.list.plan.placed][:2] == ["title", "cost"]
    assert desk.list.lines.heads
    assert desk.spec.frozen == 1
    assert not shelf.entries[board].isChecked()


def test_changes_are_saved_or_given_up(qtbot: QtBot, page: ProjectPage) -> None:
    record = add(page, "Fire", query="label:fire")
    tools, desk, shelf = tools_of(page), desk_of(page), shelf_of(page)
    click(shelf.entries[record])
    desk.set_filter("label:fire,paint")
    assert shelf.entries[record].accessibleDescription() == "Changed"
    assert tools.save.text() == "Save"
    click(tools.discard)
    assert desk.spec.query == "label:fire"
    assert tools.save.isHidden()
    desk.set_filter("label:paint")
    click(tools.save)
    assert saved(page, "Fire").spec.query == "label:paint"
    assert tools.save.isHidden()
    assert page.workspace.undo()
    assert desk.spec.query == "label:fire"


def test_counts_are_live(page: ProjectPage, project: Project) -> None:
    record = add(page, "Overdue", query="is:overdue")
    entry = shelf_of(page).entries[record]
    before = entry._count
    assert before == desk_count(page, "is:overdue")
    issue = next(
        each
        for each, due in project.column(ISSUE, "due").items()
        if due < "2026-03-08" and page.workspace.is_open(each)
    )
    page.workspace.apply_touched(project.set(issue, "due", "2027-01-01"))
    page.workspace.finish_steps()
    assert entry._count == before - 1
    assert entry.accessibleName() == f"Overdue, {before - 1}"


def desk_count(page: ProjectPage, query: str) -> int:
    desk = desk_of(page)
    desk.set_filter(query)
    page.workspace.finish_steps()
    assert desk.live.answer is not None
    found = len(desk.live.answer)
    desk.set_filter("")
    return found


def test_a_private_view_of_somebody_else_is_not_there(page: ProjectPage) -> None:
    add(page, "His", owner=OTHER)
    mine = add(page, "Mine", owner=ME)
    add(page, "Ours")
    assert names(page) == ["Mine", "Ours"]
    assert "only for me" in shelf_of(page).entries[mine].accessibleName()


def test_views_are_dragged_and_carried_to_other_places(qtbot: QtBot, page: ProjectPage) -> None:
    ids = {name: add(page, name) for name in ("A", "B", "C")}
    shelf = shelf_of(page)
    QApplication.processEvents()
    first, last = shelf.entries[ids["A"]], shelf.entries[ids["C"]]
    start = first.rect().center()
    below = first.mapFromGlobal(last.mapToGlobal(QPoint(20, last.height() - 3)))
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(first, start + QPoint(0, 14))
    QTest.mouseMove(first, below)
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=below)
    assert names(page) == ["B", "C", "A"]
    shelf.entries[ids["A"]].setFocus()
    press(qtbot, Qt.Key.Key_Up, CONTROL | SHIFT)
    assert names(page) == ["B", "A", "C"]
    press(qtbot, Qt.Key.Key_Up)
    assert shelf.entries[ids["B"]].hasFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert desk_of(page).title == "B"
    assert page.workspace.undo()
    assert names(page) == ["B", "C", "A"]


def menu_action(shelf: ViewShelf, view: bytes, title: str) -> Callable[[], None]:
    shelf.entries[view].menu_asked.emit(view, QPoint(10, 10))
    menu = next(each for each in shelf.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text() == title)
    menu.close()
    return action.trigger


def test_the_menu_renames_duplicates_shares_and_deletes(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    record = add(page, "Fire", query="label:fire", owner=ME)
    shelf = shelf_of(page)
    menu_action(shelf, record, "Rename")()
    edit = QApplication.focusWidget()
    assert isinstance(edit, NameEdit)
    edit.selectAll()
    type_name("Fire safety")
    assert names(page) == ["Fire safety"]
    menu_action(shelf, record, "Share with the project")()
    assert saved(page, "Fire safety").owner is None
    menu_action(shelf, record, "Only for me")()
    assert saved(page, "Fire safety").owner == ME
    menu_action(shelf, record, "Duplicate")()
    press(qtbot, Qt.Key.Key_Escape)
    assert names(page) == ["Fire safety", "Fire safety 2"]
    click(shelf.entries[record])
    menu_action(shelf, record, "Delete")()
    assert names(page) == ["Fire safety 2"]
    assert desk_of(page).title == "Issues"
    assert page.workspace.undo()
    assert names(page) == ["Fire safety", "Fire safety 2"]


def test_f2_and_delete_are_its_keys(qtbot: QtBot, page: ProjectPage) -> None:
    record = add(page, "Fire")
    entry = shelf_of(page).entries[record]
    entry.setFocus()
    press(qtbot, Qt.Key.Key_F2)
    edit = QApplication.focusWidget()
    assert isinstance(edit, NameEdit)
    edit.selectAll()
    type_name("Water")
    assert names(page) == ["Water"]
    entry.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    assert names(page) == []


def test_what_others_change_in_an_open_view_follows_unless_one_changed_it_oneself(
    page: ProjectPage, project: Project
) -> None:
    record = add(page, "Fire", query="label:fire")
    click(shelf_of(page).entries[record])
    page.workspace.apply_touched(project.set(record, "query", "label:paint"))
    page.workspace.finish_steps()
    desk = desk_of(page)
    assert desk.spec.query == "label:paint"
    desk.set_filter("label:warranty")
    page.workspace.apply_touched(project.set(record, "query", "label:fire"))
    page.workspace.finish_steps()
    assert desk.spec.query == "label:warranty"
    click(tools_of(page).discard)
    assert desk.spec.query == "label:fire"


def test_layouts_have_keys_and_the_places_come_back(qtbot: QtBot, page: ProjectPage) -> None:
    desk = desk_of(page)
    for key, layout in ((Qt.Key.Key_2, "board"), (Qt.Key.Key_3, "calendar"), (Qt.Key.Key_4, "list")):
        press(qtbot, key, CONTROL | SHIFT)
        page.workspace.finish_steps()
        assert desk.spec.layout == layout
        focus = QApplication.focusWidget()
        assert focus is not None
        assert desk.front is focus or desk.front.isAncestorOf(focus)
    assert desk.spec.query == "group:location"
    press(qtbot, Qt.Key.Key_1, CONTROL | SHIFT)
    assert desk.front is desk.list
    assert desk.spec.query == ""


def test_order_groups_and_lanes_are_chosen_from_lists(qtbot: QtBot, page: ProjectPage) -> None:
    tools, desk = tools_of(page), desk_of(page)

    def choose(button: object, typed: str) -> None:
        click(button)
        assert tools.picker is not None
        QTest.keyClicks(tools.picker.search, typed)
        QTest.keyClick(tools.picker.search, Qt.Key.Key_Return)
        page.workspace.finish_steps()

    choose(tools.sort, "due")
    assert desk.spec.query == "sort:due"
    choose(tools.sort, "due")
    assert desk.spec.query == "sort:-due"
    choose(tools.group, "status")
    assert "group:status" in desk.spec.query
    assert desk.list.lines.heads
    assert tools.group.accessibleDescription() == "In use"
    press(qtbot, Qt.Key.Key_2, CONTROL | SHIFT)
    choose(tools.columns, "priority")
    assert desk.spec.board == "priority"
    choose(tools.columns, "hide")
    assert desk.spec.hide_empty
    press(qtbot, Qt.Key.Key_3, CONTROL | SHIFT)
    choose(tools.columns, "created")
    assert desk.spec.date == "created"
    click(tools.columns)
    assert tools.picker is not None
    QTest.keyClick(tools.picker.search, Qt.Key.Key_Escape)
    assert tools.picker is None


def test_in_a_narrow_window_one_button_switches(page: ProjectPage) -> None:
    tools = tools_of(page)
    assert tools.switch.isHidden()
    page.resize(900, 700)
    QApplication.processEvents()
    assert not tools.switch.isHidden()
    assert all(button.isHidden() for button in tools.layouts.values())
    click(tools.switch)
    menu = next(each for each in tools.switch.findChildren(QMenu))
    next(each for each in menu.actions() if each.text() == "Board").trigger()
    menu.close()
    assert desk_of(page).spec.layout == "board"


def test_a_view_that_cannot_be_read_shows_what_can(page: ProjectPage) -> None:
    record = add(page, "Odd", query="stauts:open cost>", layout="board", board="title", columns=("nope=9",))
    shelf = shelf_of(page)
    assert shelf.entries[record]._count == 40
    click(shelf.entries[record])
    page.workspace.finish_steps()
    assert desk_of(page).front.model.path == "status"


def test_forty_views_scroll_in_the_side_bar(page: ProjectPage) -> None:
    project = page.workspace.source
    bulk = project.bulk()
    for number in range(40):
        bulk.create(VIEW, {"name": f"View {number}", "order": f"K{number:02}V"})
    page.workspace.apply_touched(bulk.commit())
    shelf = shelf_of(page)
    QApplication.processEvents()
    assert len(shelf.entries) == 40
    assert page.height() == 768
    assert shelf.height() < 600
    assert page.side_bar._entries["settings"].geometry().bottom() <= page.side_bar.height()


def test_views_of_people_stand_on_the_list_of_people(qtbot: QtBot, page: ProjectPage) -> None:
    record = add(page, "Croydon", kind=PERSON, query="home_base:Croydon")
    board = add(page, "No lanes", kind=PERSON, layout="board")
    shelf = shelf_of(page)
    click(shelf.entries[record])
    page.workspace.finish_steps()
    desk = desk_of(page)
    assert (page.page, desk.kind, desk.title) == ("people", PERSON, "Croydon")
    assert shelf.entries[record]._count == 2
    tools = page.views.tools[PERSON]
    assert tools.layouts["board"].isHidden()
    assert not tools.layouts["calendar"].isHidden()
    click(tools.layouts["calendar"])
    page.workspace.finish_steps()
    assert desk.front.model.spec.path == "created"
    assert not desk.front.model.can_move
    with qtbot.waitSignal(page.workspace.failed):
        click(shelf.entries[board])
    qtbot.waitUntil(lambda: desk.spec.layout == "table")
    page.show_page("people")
    assert desk.title == "People"
