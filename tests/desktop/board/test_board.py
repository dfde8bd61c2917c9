from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import BoardLayout
from app.domain.schema import ISSUE, STATUS
from app.store.project import Project
from tests.desktop.board.scene import above, board_of, cards, desk_of, drag, lane, middle, take
from tests.desktop.page_stage import panel, press

CARRY = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def status_of(project: Project, record: bytes) -> object:
    names = project.column(STATUS, "name")
    return names[project.column(ISSUE, "status")[record]]


def changes(project: Project) -> int:
    return len(project.db.all("SELECT cid FROM changes WHERE data IS NOT NULL"))


def test_every_issue_stands_in_the_lane_of_its_status(board: BoardLayout, project: Project) -> None:
    assert [each.title for each in board.model.lanes][:3] == ["Open", "In progress", "In review"]
    assert sum(board.model.count(at) for at in range(len(board.model.lanes))) == 40
    for record in cards(board, "Done"):
        assert status_of(project, record) == "done"
    assert board.model.total(lane(board, "Open")).startswith("£ ")


def test_a_card_dropped_into_another_lane_takes_its_status_and_place_in_one_action(
    board: BoardLayout, project: Project
) -> None:
    record = cards(board, "Open")[1]
    target = cards(board, "In progress")
    before = changes(project)
    drag(board, record, above(board, target[1]))
    assert cards(board, "In progress") == [target[0], record, *target[1:]]
    assert status_of(project, record) == "in progress"
    assert changes(project) == before + 1
    assert board.current == record
    assert board.workspace.undo()
    assert status_of(project, record) == "open"
    assert cards(board, "In progress") == target
    assert cards(board, "Open")[1] == record


def test_within_a_lane_a_drop_writes_one_rank_and_nothing_else(board: BoardLayout, project: Project) -> None:
    first = cards(board, "Open")
    drag(board, first[0], above(board, first[3]))
    assert cards(board, "Open") == [first[1], first[2], first[0], *first[3:]]
    assert set(project.column(ISSUE, "rank")) == {first[0]}
    assert status_of(project, first[0]) == "open"


def test_dropped_where_it_was_nothing_is_written(board: BoardLayout, project: Project) -> None:
    before, first = changes(project), cards(board, "Open")
    drag(board, first[1], middle(board, first[1]) + QPoint(30, 10))
    assert changes(project) == before
    assert cards(board, "Open") == first


def test_several_selected_are_carried_together_in_their_order(board: BoardLayout, project: Project) -> None:
    first, target = cards(board, "Open"), cards(board, "In progress")
    view, control = board.viewport(), Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(board, first[2]))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, control, middle(board, first[0]))
    assert board.selected == [first[0], first[2]]
    take(board, first[2], above(board, target[0]))
    assert board.carrying.records == (first[0], first[2])
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=above(board, target[0]))
    assert cards(board, "In progress") == [first[0], first[2], *target]
    assert board.workspace.undo()
    assert cards(board, "Open") == first


def test_escape_puts_back_what_is_carried(
    qtbot: QtBot, board: BoardLayout, project: Project, page: ProjectPage
) -> None:
    before, first = changes(project), cards(board, "Open")
    take(board, first[0], above(board, cards(board, "In progress")[0]))
    assert board.carrying
    assert board.carrying.target is not None
    press(qtbot, Qt.Key.Key_Escape)
    assert not board.carrying
    QTest.mouseRelease(board.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 200))
    assert changes(project) == before
    assert page.open_record is None


def test_the_pointer_at_the_edge_scrolls_while_it_carries(qtbot: QtBot, board: BoardLayout) -> None:
    first = cards(board, "Open")
    seen = board.spans(0)[0].index
    low = QPoint(middle(board, first[0]).x(), board.viewport().height() - 3)
    take(board, first[0], low)
    qtbot.waitUntil(lambda: board.spans(0)[0].index > seen)
    assert board.carrying
    board.carrying.cancel()


def test_keys_walk_and_carry(qtbot: QtBot, board: BoardLayout, project: Project) -> None:
    first = cards(board, "Open")
    press(qtbot, Qt.Key.Key_Down)
    assert board.current == first[0]
    press(qtbot, Qt.Key.Key_Down)
    assert board.current == first[1]
    press(qtbot, Qt.Key.Key_Down, CARRY)
    assert cards(board, "Open")[:3] == [first[0], first[2], first[1]]
    press(qtbot, Qt.Key.Key_Home, CARRY)
    assert cards(board, "Open")[0] == first[1]
    press(qtbot, Qt.Key.Key_End, CARRY)
    assert cards(board, "Open")[-1] == first[1]
    assert board.box_of(first[1]) is not None
    press(qtbot, Qt.Key.Key_Right, CARRY)
    assert status_of(project, first[1]) == "in progress"
    assert board.current == first[1]
    assert board.model.lanes[lane(board, "In progress")].value == board.lane_value
    press(qtbot, Qt.Key.Key_Left, CARRY)
    assert status_of(project, first[1]) == "open"
    for _ in range(5):
        press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert cards(board, "Open") == first


def test_shift_selects_a_stretch_that_is_carried_as_one(qtbot: QtBot, board: BoardLayout) -> None:
    first = cards(board, "Open")
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert board.selected == first[:2]
    press(qtbot, Qt.Key.Key_Down, CARRY)
    assert cards(board, "Open")[:3] == [first[2], first[0], first[1]]
    press(qtbot, Qt.Key.Key_Right, CARRY)
    assert set(first[:2]) <= set(cards(board, "In progress"))
    press(qtbot, Qt.Key.Key_Escape)
    assert len(board.selection) == 1


def test_left_and_right_go_to_the_card_beside(qtbot: QtBot, board: BoardLayout) -> None:
    for _ in range(3):
        press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Right)
    assert board.current in cards(board, "In progress")[1:4]
    press(qtbot, Qt.Key.Key_Left)
    assert board.current in cards(board, "Open")


def test_enter_opens_and_a_click_opens_too(qtbot: QtBot, board: BoardLayout, page: ProjectPage) -> None:
    first = cards(board, "Open")
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == first[0]
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=middle(board, first[2]))
    assert page.open_record == first[2]
    press(qtbot, "j")
    qtbot.waitUntil(lambda: page.open_record == first[3])
    press(qtbot, Qt.Key.Key_Escape)
    assert page.open_record is None


def test_n_makes_an_issue_in_the_lane_where_one_stands(
    qtbot: QtBot, board: BoardLayout, page: ProjectPage, project: Project
) -> None:
    QTest.mouseClick(
        board.viewport(), Qt.MouseButton.LeftButton, pos=middle(board, cards(board, "In review")[0])
    )
    board.setFocus()
    press(qtbot, "n")
    record = page.open_record
    assert record is not None
    assert status_of(project, record) == "in review"
    assert cards(board, "In review")[0] == record
    qtbot.waitUntil(lambda: panel(page).title.hasFocus())


def test_the_plus_of_a_lane_makes_one_there(board: BoardLayout, page: ProjectPage, project: Project) -> None:
    QTest.mouseClick(
        board.viewport(), Qt.MouseButton.LeftButton, pos=board.plus_box(lane(board, "Done")).center()
    )
    assert page.open_record is not None
    assert status_of(project, page.open_record) == "done"


def test_a_sorted_board_keeps_its_order_and_only_lanes_take_cards(
    page: ProjectPage, project: Project
) -> None:
    board = board_of(page, query="sort:title")
    first = cards(board, "Open")
    titles = project.column(ISSUE, "title")
    assert [titles[each] for each in first] == sorted((titles[each] for each in first), key=str.casefold)
    drag(board, first[0], above(board, first[3]))
    assert cards(board, "Open") == first
    drag(board, first[0], middle(board, cards(board, "Done")[0]))
    assert status_of(project, first[0]) == "done"
    assert not project.column(ISSUE, "rank")


def test_lanes_by_person_move_only_that_person(page: ProjectPage, project: Project) -> None:
    board = board_of(page, board="assignees")
    nobody = cards(board, "No assignees")
    someone = board.model.lanes[1]
    drag(board, nobody[0], QPoint(board.lane_left(1) + 40, board.viewport().height() - 60))
    assert project.column(ISSUE, "assignees")[nobody[0]] == (someone.value,)
    assert board.workspace.undo()
    assert nobody[0] not in project.column(ISSUE, "assignees")


def test_empty_lanes_can_be_hidden(page: ProjectPage) -> None:
    board = board_of(page, query="status:open")
    assert len(board.model.lanes) > 3
    desk_of(page).change(hide_empty=True)
    assert [each.title for each in board.model.lanes] == ["Open"]
    assert board.model.hidden > 3


def test_what_comes_from_elsewhere_moves_nothing_under_the_hands(
    board: BoardLayout, project: Project, page: ProjectPage
) -> None:
    first = cards(board, "Open")
    board.window_of(0).scroll(500)
    top = board.spans(0)[1]
    held = board.model.record(0, top.index)
    before = board.card_box(0, top)
    other = project.create(ISSUE, {"title": "from elsewhere", "rank": "1"})[1]
    page.workspace.apply_touched(other)
    assert len(cards(board, "Open")) == len(first) + 1
    assert board.box_of(held) == before
    take(board, held, middle(board, held) + QPoint(300, 0))
    page.workspace.apply_touched(project.delete(first[0]))
    assert board.carrying.records == (held,)
    page.workspace.apply_touched(project.delete(held))
    assert not board.carrying


def test_selection_outlives_changes_and_what_is_gone_leaves_it(
    qtbot: QtBot, board: BoardLayout, project: Project, page: ProjectPage
) -> None:
    first = cards(board, "Open")
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    page.workspace.apply_touched(project.set(first[2], "title", "another"))
    assert board.selected == first[:2]
    page.workspace.apply_touched(project.delete(first[1]))
    assert board.selected == [first[0]]
    assert board.current == first[2]


def test_an_open_card_stays_though_the_filter_says_otherwise(page: ProjectPage, project: Project) -> None:
    board = board_of(page, query="status:open")
    record = cards(board, "Open")[0]
    page.open_item(record)
    done = next(each for each, name in project.column(STATUS, "name").items() if name == "done")
    page.workspace.written(project.set(record, "status", done))
    assert record in cards(board, "Done")
    assert page.open_record == record
    page.close_item()
    assert record not in cards(board, "Done")


def test_a_field_that_is_gone_gives_way_to_the_status_with_a_word(page: ProjectPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.workspace.failed) as said:
        board = board_of(page, board="f." + "00" * 16)
    assert "There is no field" in said.args[0]
    assert board.model.path == "status"


def test_a_screen_reader_hears_card_and_lane(qtbot: QtBot, board: BoardLayout) -> None:
    press(qtbot, Qt.Key.Key_Down)
    words = board.accessibleDescription()
    assert words.startswith("Issue ")
    assert words.endswith(f"Open, 1 of {len(cards(board, 'Open'))}")
