"""Many at once: one field of all selected rows, as one step to undo."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.schema import LABEL, STATUS
from tests.desktop.desk.desk_stage import Hand


def select(hand: Hand, count: int) -> list[bytes]:
    hand.table.setFocus()
    hand.press("j")
    for _ in range(count - 1):
        hand.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    return hand.table.selected_keys()


def test_a_cell_of_one_selected_row_edits_all_of_them(hand: Hand) -> None:
    chosen = select(hand, 5)
    before = {each: hand.value(each, "cost") for each in chosen}
    hand.table.stand_in("cost")
    hand.press("99")
    assert "5 rows" in hand.line().accessibleName()
    hand.press(Qt.Key.Key_Return)
    assert {tuple(hand.value(each, "cost")) for each in chosen} == {("99", "GBP")}
    assert hand.value(hand.shown()[5], "cost") != ["99", "GBP"]
    assert hand.table.selected_keys() == chosen
    hand.undo()
    assert {each: hand.value(each, "cost") for each in chosen} == before


def test_a_status_for_all_of_them(hand: Hand) -> None:
    chosen = select(hand, 4)
    hand.table.stand_in("status")
    hand.press(Qt.Key.Key_F2)
    hand.choose("void")
    names = hand.project.column(STATUS, "name")
    assert {names[hand.value(each, "status")] for each in chosen} == {"void"}


def test_a_label_comes_to_all_and_goes_from_all(hand: Hand) -> None:
    hand.columns("title", "labels")
    chosen = select(hand, 6)
    fire = next(each for each, name in hand.project.column(LABEL, "name").items() if name == "fire")
    hand.table.stand_in("labels")
    hand.press(Qt.Key.Key_F2)
    if all(fire in hand.value(each, "labels") for each in chosen):
        raise AssertionError("the stage gave every issue this label")
    hand.choose("fire")
    assert all(fire in hand.value(each, "labels") for each in chosen)
    hand.choose("fire")
    assert not any(fire in hand.value(each, "labels") for each in chosen)


def test_the_line_below_edits_a_field_that_has_no_column(hand: Hand) -> None:
    chosen = select(hand, 3)
    bar = hand.desk.bulk
    assert bar.isVisible()
    assert "3 issues" in bar._words.text()
    QTest.mouseClick(bar.edit_button, Qt.MouseButton.LeftButton)
    picker = bar.picker
    assert picker is not None
    hand.qtbot.waitUntil(picker.search.hasFocus)
    QTest.keyClicks(picker.search, "external")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    line = hand.line()
    assert line.parentWidget() is bar.slot
    hand.press("A-17")
    hand.press(Qt.Key.Key_Return)
    assert {hand.value(each, "external_id") for each in chosen} == {"A-17"}
    QTest.mouseClick(bar._close, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert len(hand.table.selection) == 1


def test_very_many_are_written_in_steps_and_undone_as_one(hand: Hand) -> None:
    bulk = hand.project.bulk()
    for index in range(60):
        bulk.create("issue", {"title": f"More {index}"})
    hand.elsewhere(bulk.commit)
    hand.page.workspace.finish_steps()
    hand.table.setFocus()
    hand.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    hand.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    hand.table.stand_in("title")
    told: list[str] = []
    hand.desk.edit.progress.connect(told.append)
    hand.press("Same")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(hand.shown()[-1], "title") != "Same", "the window answers before all is written"
    hand.page.workspace.finish_steps()
    assert {hand.value(each, "title") for each in hand.shown()} == {"Same"}
    assert "Title: 100 of 100 written" in told
    assert told[-1] == ""
    hand.undo()
    hand.page.workspace.finish_steps()
    assert "Same" not in {hand.value(each, "title") for each in hand.shown()}


def test_the_selection_is_summed_in_the_bottom_line(hand: Hand) -> None:
    chosen = select(hand, 4)
    costs = [hand.value(each, "cost") for each in chosen]
    total = sum(int(each[0]) for each in costs if each)
    assert hand.desk.summary() == f"4 selected · £ {total:,}"
