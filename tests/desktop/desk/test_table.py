"""The table by keys and mouse: moving, selecting, sorting, grouping, columns."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.desktop.desk.page import DeskPage
from app.domain.schema import ISSUE, STATUS
from app.workspace.views import ViewSpec
from tests.desktop.desk.desk_stage import Hand

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def head(hand: Hand, path: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    widget = hand.table.head
    at = widget.head_rect(path).center()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, modifier, pos=at)
    hand.page.workspace.finish_steps()


def drag_head(hand: Hand, path: str, to: int) -> None:
    widget = hand.table.head
    at = widget.head_rect(path).center()
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(widget, QPoint((at.x() + to) // 2, at.y()))
    QTest.mouseMove(widget, QPoint(to, at.y()))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(to, at.y()))


# Moving and selecting


def test_shift_selects_on_the_way_and_escape_lets_go(hand: Hand) -> None:
    rows = hand.shown()
    hand.press("j")
    for _ in range(3):
        hand.press(Qt.Key.Key_Down, SHIFT)
    assert hand.table.selected_keys() == rows[:4]
    hand.press(Qt.Key.Key_Up, SHIFT)
    assert hand.table.selected_keys() == rows[:3]
    hand.press(Qt.Key.Key_End, SHIFT)
    assert hand.table.selected_keys() == rows
    hand.press(Qt.Key.Key_Escape)
    assert hand.table.selected_keys() == [rows[-1]]


def test_everything_the_query_found_is_selected(hand: Hand) -> None:
    hand.ask("crack")
    found = hand.shown()
    assert 0 < len(found) < 40
    hand.table.setFocus()
    hand.press(Qt.Key.Key_A, CONTROL)
    assert hand.table.selected_keys() == found
    assert hand.desk.summary().startswith(f"{len(found)} selected")


def test_the_space_bar_selects_one_by_one(hand: Hand) -> None:
    rows = hand.shown()
    hand.press("j")
    hand.press(Qt.Key.Key_Down, CONTROL)
    hand.press(Qt.Key.Key_Down, CONTROL)
    hand.press(Qt.Key.Key_Space)
    assert hand.table.selected_keys() == [rows[0], rows[2]]
    hand.press(Qt.Key.Key_Space)
    assert hand.table.selected_keys() == [rows[0]]


def test_rows_picked_by_a_key_stay_selected_while_the_user_goes_on(hand: Hand) -> None:
    rows = hand.shown()
    hand.press("jxjxj")
    assert hand.table.selected_keys() == rows[:2]
    assert hand.table.current == rows[2]
    hand.press(Qt.Key.Key_Escape)
    assert hand.table.selected_keys() == [rows[2]]
    hand.press("xx")
    assert hand.table.selected_keys() == [rows[2]]
    hand.press(Qt.Key.Key_Down)
    assert hand.table.selected_keys() == [rows[3]]


def test_pages_and_ends(hand: Hand) -> None:
    rows = hand.shown()
    hand.press("j")
    hand.press(Qt.Key.Key_PageDown)
    page = hand.table.viewport().height() // hand.table.row_height - 1
    assert hand.table.current == rows[page]
    hand.press(Qt.Key.Key_End)
    assert hand.table.current == rows[-1]
    assert hand.table.row_rect(rows[-1]).bottom() <= hand.table.viewport().height()
    hand.press(Qt.Key.Key_Home)
    assert hand.table.current == rows[0]


def test_the_mouse_selects_with_control_shift_and_a_drag(hand: Hand) -> None:
    rows = hand.shown()
    hand.click(rows[1])
    hand.page.close_item()
    hand.click(rows[3], modifier=CONTROL)
    assert hand.table.selected_keys() == [rows[1], rows[3]]
    hand.click(rows[6], modifier=SHIFT)
    assert hand.table.selected_keys() == rows[3:7]
    view = hand.table.viewport()
    start, middle, end = (hand.cell(rows[at], "title") for at in (8, 9, 11))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, middle)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert hand.table.selected_keys() == rows[8:12]
    assert hand.page.open_record is None, "a drag opens nothing"


def test_rows_are_copied_as_lines(hand: Hand) -> None:
    hand.columns("number", "title")
    first = hand.shown()[0]
    hand.stand(first, "title")
    hand.press(Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == hand.text(first, "title")
    hand.table.stand_in("")
    hand.press(Qt.Key.Key_Down, SHIFT)
    hand.press(Qt.Key.Key_C, CONTROL)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[0].split("\t") == [hand.text(first, "number"), hand.text(first, "title")]
    QGuiApplication.clipboard().clear()


# Sorting and grouping


def test_a_head_sorts_up_down_and_no_more(hand: Hand) -> None:
    usual = hand.shown()
    head(hand, "title")
    titles = [hand.text(each, "title") for each in hand.shown()]
    assert titles == sorted(titles, key=str.casefold)
    head(hand, "title")
    assert [hand.text(each, "title") for each in hand.shown()] == titles[::-1]
    head(hand, "title")
    assert hand.shown() == usual
    assert hand.desk.spec.query == ""


def test_shift_adds_a_key_and_the_other_stays(hand: Hand) -> None:
    head(hand, "status")
    head(hand, "cost", SHIFT)
    head(hand, "cost", SHIFT)
    assert hand.desk.spec.query == "sort:status,-cost"
    statuses = hand.page.workspace.directory.statuses
    ranks = [statuses[hand.value(each, "status")].rank for each in hand.shown()]
    assert ranks == sorted(ranks)
    first = [each for each, rank in zip(hand.shown(), ranks, strict=True) if rank == ranks[0]]
    costs = [float(hand.value(each, "cost")[0]) for each in first if hand.value(each, "cost")]
    assert costs == sorted(costs, reverse=True)


def test_the_heads_are_a_keyboards_too(hand: Hand) -> None:
    hand.table.head.setFocus(Qt.FocusReason.TabFocusReason)
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_Right)
    assert "Sort by Title" in hand.table.head.accessibleDescription()
    hand.press(Qt.Key.Key_Return)
    assert hand.desk.spec.query == "sort:title"
    hand.page.workspace.finish_steps()
    assert "ascending" in hand.table.head.accessibleDescription()
    hand.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    paths = [each.path for each in hand.table.plan.placed]
    assert paths.index("title") == 3
    width = hand.table.plan.named("location")
    assert width is not None
    hand.press(Qt.Key.Key_Down)
    assert hand.focus() is hand.table


def test_groups_have_heads_with_counts_and_sums(hand: Hand) -> None:
    hand.ask("group:location")
    names = [name for name, _ in hand.heads()]
    assert "Level 2 / Lobby" in names
    assert sum(count for _, count in hand.heads()) == 40
    assert len(hand.table.lines) == 40 + len(names)
    lobby = next(each for each in hand.table.lines.heads if each.text == "Level 2/Lobby")
    line = hand.table.lines.line_of_head("Level 2/Lobby")
    assert line is not None
    rows = [hand.table.record_at(line + 1 + at) for at in range(lobby.count)]
    costs = [hand.value(each, "cost") for each in rows if each is not None]
    total = sum(int(each[0]) for each in costs if each)
    assert lobby.sums["cost"] == ([str(total), "GBP"],) or (not total and lobby.sums["cost"] is None)


def test_a_group_is_closed_and_opened_by_key_and_mouse(hand: Hand) -> None:
    hand.ask("group:status")
    lines = len(hand.table.lines)
    hand.table.setFocus()
    hand.press(Qt.Key.Key_Down)
    assert hand.table.current_head
    count = hand.table.lines.heads[0].count
    hand.press(Qt.Key.Key_Left)
    assert len(hand.table.lines) == lines - count
    assert "closed" in hand.table.accessibleDescription()
    hand.press(Qt.Key.Key_Right)
    assert len(hand.table.lines) == lines
    hand.press(Qt.Key.Key_Down)
    assert hand.table.current is not None
    hand.press(Qt.Key.Key_Left)
    assert hand.table.current_head
    at = QPoint(60, hand.table.line_top(0) + 5)
    QTest.mouseClick(hand.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert len(hand.table.lines) == lines - count
    hand.press(Qt.Key.Key_Return)
    assert len(hand.table.lines) == lines


def test_j_passes_over_the_heads(hand: Hand) -> None:
    hand.ask("group:status")
    first = hand.table.lines.heads[0].count
    hand.table.setFocus()
    for _ in range(first + 1):
        hand.press("j")
    assert hand.table.current_line() == first + 2


# Columns


def test_a_head_is_dragged_to_another_place(hand: Hand) -> None:
    target = hand.table.head.head_rect("location").left() + 4
    drag_head(hand, "due", target)
    paths = [each.path for each in hand.table.plan.placed]
    assert paths.index("due") == paths.index("location") - 1
    assert hand.desk.spec.columns


def test_an_edge_is_dragged_and_pressed_twice(hand: Hand) -> None:
    widget = hand.table.head
    rect = widget.head_rect("location")
    edge = QPoint(rect.right() + 1, rect.center().y())
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(widget, edge + QPoint(40, 0))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=edge + QPoint(40, 0))
    column = hand.table.plan.named("location")
    assert column is not None
    assert column.width == pytest.approx(rect.width() + 40, abs=2)
    assert f"location={column.chosen}" in hand.desk.spec.columns
    rect = widget.head_rect("location")
    QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(rect.right() + 1, rect.center().y()))
    fitted = hand.table.plan.named("location")
    assert fitted is not None
    row_widths = [fitted.ink.width(int(row)) for row in hand.table.lines.rows()]
    assert max(row_widths) <= fitted.width - 2 * hand.table.pad + 1 < max(row_widths) + 24


def test_columns_are_chosen_with_a_search(hand: Hand) -> None:
    hand.desk.choose_columns(hand.table.head)
    picker = hand.desk.chooser.picker
    assert picker is not None
    hand.qtbot.waitUntil(picker.search.hasFocus)
    QTest.keyClicks(picker.search, "company")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClicks(picker.search, "due")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    hand.page.workspace.finish_steps()
    paths = [each.path for each in hand.table.plan.placed]
    assert "assignees.company" in paths
    assert "due" not in paths
    assert paths[-1] == "sync"


def test_related_columns_follow_the_person(hand: Hand) -> None:
    hand.columns("title", "assignees", "assignees.company")
    record = next(each for each in hand.shown() if len(hand.value(each, "assignees")) == 1)
    person = hand.value(record, "assignees")[0]
    hand.elsewhere(lambda: hand.project.set(person, "company", "Elsewhere & Co"))
    assert hand.text(record, "assignees.company") == "Elsewhere & Co"


def test_frozen_columns_stay_when_the_others_scroll(hand: Hand) -> None:
    hand.columns("number", "title=240", *(f"{each}=300" for each in ("location", "assignees", "cost", "due")))
    hand.desk.heading.freeze("title")
    bar = hand.table.horizontalScrollBar()
    assert bar.maximum() > 0
    record = hand.shown()[0]
    title, due = hand.table.cell_rect(record, "title"), hand.table.cell_rect(record, "due")
    bar.setValue(bar.maximum())
    assert hand.table.cell_rect(record, "title") == title
    assert hand.table.cell_rect(record, "due").left() < due.left()
    assert hand.desk.spec.frozen == 2
    hand.stand(record, "location")
    rect = hand.table.cell_rect(record, "location")
    assert rect.left() >= hand.table.plan.frozen_right - hand.table.pad


# The view as a whole


def test_a_spec_is_given_back_as_it_was_taken(hand: Hand) -> None:
    heard: list[ViewSpec] = []
    hand.desk.spec_changed.connect(heard.append)
    spec = ViewSpec(ISSUE, "status:open sort:-cost group:location", "table", ("title=300", "cost"), 1)
    hand.desk.spec = spec
    hand.page.workspace.finish_steps()
    assert hand.desk.spec == spec
    assert heard == [spec]
    assert [each.path for each in hand.table.plan.placed] == ["title", "cost"]
    assert hand.desk.filter.text() == spec.query
    statuses = hand.project.column(STATUS, "name")
    assert {statuses[hand.value(each, "status")] for each in hand.shown()} == {"open"}


def test_the_list_has_one_row_for_everything(hand: Hand) -> None:
    hand.desk.change(layout="list")
    hand.page.workspace.finish_steps()
    assert hand.table.head.isHidden()
    assert [each.path for each in hand.table.plan.placed] == [
        "status", "number", "title", "location", "assignees", "due", "sync",
    ]  # fmt: skip
    hand.ask("group:location")
    assert hand.heads()
    hand.desk.change(layout="table")
    assert not hand.table.head.isHidden()


def test_a_column_of_a_field_that_went_is_left_out(hand: Hand) -> None:
    hand.columns("title", "f.00000000000000000000000000000000", "cost")
    assert [each.path for each in hand.table.plan.placed] == ["title", "cost"]


def test_no_row_is_looked_at_that_is_not_seen(hand: Hand) -> None:
    """Rows are numbers: only those on the screen are ever asked for what they hold."""
    asked: set[int] = set()
    column = hand.table.plan.named("title")
    assert column is not None
    frame = hand.table.scene.frame
    text, record = column.ink.text, frame.record

    def asked_text(row: int) -> str:
        asked.add(row)
        return text(row)

    def asked_record(row: int) -> bytes:
        asked.add(row)
        return record(row)

    column.ink.text = asked_text  # type: ignore[method-assign]
    frame.record = asked_record  # type: ignore[method-assign]
    hand.table.viewport().repaint()
    hand.table.verticalScrollBar().setValue(200)
    hand.table.viewport().repaint()
    seen = set(hand.table.lines.codes[: 200 // 32 + hand.table.viewport().height() // 32 + 2].tolist())
    assert asked
    assert asked <= seen


def test_a_page_of_issues_is_a_desk(hand: Hand) -> None:
    assert isinstance(hand.page.list_page, DeskPage)
    assert hand.desk.kind == ISSUE
