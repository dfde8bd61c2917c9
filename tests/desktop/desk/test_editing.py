"""Editing in the cell, by keys and mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.schema import ISSUE, LABEL, LOCATION, PERSON, STATUS, custom_field_name
from tests.desktop.desk.desk_stage import Hand


def own_field(hand: Hand, name: str, kind: str, **more: object) -> str:
    definition, touched = hand.project.create("field", {"name": name, "type": kind, "of": ISSUE, **more})
    hand.page.workspace.written(touched)
    return custom_field_name(definition)


def test_f2_edits_the_title_and_enter_keeps_it(hand: Hand) -> None:
    record = hand.shown()[2]
    hand.stand(record)
    hand.press(Qt.Key.Key_F2)
    line = hand.line()
    assert line.text() == hand.value(record, "title")
    assert line.selectedText() == line.text()
    hand.press("Crack, sealed")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "title") == "Crack, sealed"
    assert hand.desk.edit.line is None
    assert hand.focus() is hand.table
    assert hand.table.cell == "title"


def test_typing_in_a_cell_replaces_what_stands_there(hand: Hand) -> None:
    record = hand.shown()[2]
    hand.stand(record, "cost")
    hand.press("1250")
    assert hand.line().text() == "1250"
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "cost") == ["1250", "GBP"]
    assert hand.text(record, "cost") == "£ 1,250"


def test_letters_are_commands_until_one_stands_in_a_cell(hand: Hand) -> None:
    hand.press("jj")
    assert hand.table.current == hand.shown()[1]
    hand.press(Qt.Key.Key_Right)
    assert hand.table.cell == "title"
    hand.press("jn")
    assert hand.line().text() == "jn"
    hand.press(Qt.Key.Key_Escape)
    assert hand.desk.edit.line is None
    hand.press(Qt.Key.Key_Escape)
    assert hand.table.cell == ""
    hand.press("k")
    assert hand.table.current == hand.shown()[0]


def test_escape_leaves_the_cell_as_it_was(hand: Hand) -> None:
    record = hand.shown()[0]
    before = hand.value(record, "title")
    hand.stand(record, "title")
    hand.press("Something else")
    hand.press(Qt.Key.Key_Escape)
    assert hand.value(record, "title") == before
    assert hand.focus() is hand.table


def test_tab_keeps_and_goes_on_to_the_next_cell(hand: Hand) -> None:
    hand.columns("number", "title", "cost", "due")
    first, second = hand.shown()[:2]
    hand.stand(first, "title")
    hand.press("Leak")
    hand.press(Qt.Key.Key_Tab)
    assert hand.value(first, "title") == "Leak"
    assert (hand.table.current, hand.table.cell) == (first, "cost")
    hand.press("80")
    hand.press(Qt.Key.Key_Tab)
    hand.press("tomorrow")
    hand.press(Qt.Key.Key_Tab)
    assert hand.value(first, "cost") == ["80", "GBP"]
    assert hand.value(first, "due") == "2026-03-09"
    assert (hand.table.current, hand.table.cell) == (second, "number")
    hand.press(Qt.Key.Key_Backtab)
    assert (hand.table.current, hand.table.cell) == (first, "due")


@pytest.mark.parametrize(
    ("typed", "stored"), [("next fri", "2026-03-13"), ("+7d", "2026-03-15"), ("31 Mar", "2026-03-31")]
)
def test_dates_in_words(hand: Hand, typed: str, stored: str) -> None:
    record = hand.shown()[0]
    hand.stand(record, "due")
    hand.press(typed)
    assert hand.line().text() == typed
    assert hand.desk.edit.bubble.sentence
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "due") == stored


def test_a_date_from_the_calendar(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.page.workspace.written(hand.project.set(record, "due", "2026-03-12"))
    hand.stand(record, "due")
    hand.press(Qt.Key.Key_F2)
    QTest.keyClick(hand.line(), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    calendar = hand.desk.edit.calendar
    assert calendar is not None
    hand.qtbot.waitUntil(calendar.grid.hasFocus)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Right)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Return)
    assert hand.value(record, "due") == "2026-03-13"
    hand.qtbot.waitUntil(lambda: hand.focus() is hand.table)


def test_wrong_input_says_why_and_keeps_what_was_typed(hand: Hand) -> None:
    record = hand.shown()[0]
    before = hand.value(record, "due")
    hand.stand(record, "due")
    hand.press("someday")
    hand.press(Qt.Key.Key_Return)
    assert hand.line().text() == "someday"
    assert "someday" in hand.desk.edit.bubble.sentence
    assert "someday" in hand.line().accessibleDescription()
    assert hand.value(record, "due") == before
    hand.line().clear()
    hand.press("today")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "due") == "2026-03-08"
    assert not hand.desk.edit.bubble.sentence


def test_what_is_typed_is_kept_when_one_presses_elsewhere(hand: Hand) -> None:
    record, other = hand.shown()[0], hand.shown()[4]
    hand.stand(record, "title")
    hand.press("Kept")
    hand.click(other)
    assert hand.value(record, "title") == "Kept"
    assert hand.table.current == other


def test_a_status_is_chosen(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.stand(record, "status")
    hand.press(Qt.Key.Key_F2)
    hand.choose("done")
    names = hand.project.column(STATUS, "name")
    assert names[hand.value(record, "status")] == "done"
    hand.qtbot.waitUntil(lambda: hand.focus() is hand.table)


def test_typing_begins_the_search_for_a_person(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.page.workspace.written(hand.project.set(record, "assignees", []))
    hand.stand(record, "assignees")
    hand.press("min")
    picker = hand.picker()
    assert picker.search.text() == "min"
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    names = hand.project.column(PERSON, "name")
    assert [names[each] for each in hand.value(record, "assignees")] == ["Mina Okafor"]
    assert hand.text(record, "assignees") == "Mina Okafor"


def test_labels_come_and_go_and_are_made(hand: Hand) -> None:
    hand.columns("title", "labels")
    record = hand.shown()[0]
    hand.page.workspace.written(hand.project.set(record, "labels", []))
    hand.stand(record, "labels")
    hand.press(Qt.Key.Key_F2)
    hand.choose("fire", "acoustic")
    QTest.keyClick(hand.picker().search, Qt.Key.Key_Escape)
    names = hand.project.column(LABEL, "name")
    assert {names[each] for each in hand.value(record, "labels")} == {"fire", "acoustic"}
    assert hand.text(record, "labels") == "acoustic, fire"


def test_a_place_is_chosen_from_the_tree_or_made(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.stand(record, "location")
    hand.press(Qt.Key.Key_F2)
    hand.choose("riser")
    assert hand.text(record, "location") == "Level 2 / Riser 2"
    hand.press(Qt.Key.Key_F2)
    hand.choose("Roof/East")
    names = hand.project.column(LOCATION, "name")
    assert names[hand.value(record, "location")] == "East"


@pytest.mark.parametrize(
    ("kind", "typed", "shown", "more"),
    [
        ("choice", "stee", "Steel", {"choices": ["Concrete", "Steel"]}),
        ("choices", "stee", "Steel", {"choices": ["Concrete", "Steel"]}),
        ("person", "min", "Mina Okafor", {}),
        ("people", "min", "Mina Okafor", {}),
        ("location", "riser", "Level 2 / Riser 2", {}),
    ],
)
def test_what_is_chosen_in_fields_of_ones_own(
    hand: Hand, kind: str, typed: str, shown: str, more: dict[str, object]
) -> None:
    path = own_field(hand, "Own", kind, **more)
    hand.columns("title", path)
    record = hand.shown()[0]
    hand.stand(record, path)
    hand.press(typed)
    search = hand.picker().search
    QTest.keyClick(search, Qt.Key.Key_Return)
    if kind in ("choices", "people"):
        QTest.keyClick(search, Qt.Key.Key_Escape)
    assert hand.text(record, path) == shown


@pytest.mark.parametrize("kind", ["reference", "references"])
def test_another_issue_is_referred_to(hand: Hand, kind: str) -> None:
    path = own_field(hand, "See", kind, target=ISSUE)
    hand.columns("title", path)
    record, other = hand.shown()[:2]
    hand.stand(record, path)
    hand.press(str(hand.value(other, "title"))[:12])
    search = hand.picker().search
    QTest.keyClick(search, Qt.Key.Key_Return)
    if kind == "references":
        QTest.keyClick(search, Qt.Key.Key_Escape)
    stored = hand.value(record, path)
    found = stored[0] if isinstance(stored, tuple) else stored
    titles = hand.project.column(ISSUE, "title")
    assert titles[found] == titles[other]


def test_a_box_is_ticked_with_the_space_bar(hand: Hand) -> None:
    path = own_field(hand, "Safe", "checkbox")
    hand.columns("title", path)
    record = hand.shown()[0]
    hand.stand(record, path)
    hand.press(Qt.Key.Key_Space)
    assert hand.value(record, path) is True
    hand.press(Qt.Key.Key_Space)
    assert hand.value(record, path) is False


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("number", "12.5", 12.5),
        ("text", "Plain words", "Plain words"),
        ("link", "example.com/a", "https://example.com/a"),
        ("phone", "+44 20 7946 0123", "+44 20 7946 0123"),
        ("email", "a@example.com", "a@example.com"),
        ("moment", "2026-03-09 14:00", 1773064800000),
        ("coordinates", "51.5, -0.1", [51.5, -0.1]),
        ("barcode", "4006381333931", "4006381333931"),
        ("money", "1250", ["1250", "GBP"]),
        ("date", "next fri", "2026-03-13"),
    ],
)
def test_each_type_takes_what_is_typed(hand: Hand, kind: str, typed: str, stored: object) -> None:
    path = own_field(hand, "Own", kind)
    hand.columns("title", path)
    record = hand.shown()[0]
    hand.stand(record, path)
    hand.press(typed)
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, path) == stored
    assert hand.text(record, path)


def test_long_texts_have_lines(hand: Hand) -> None:
    path = own_field(hand, "Remarks", "long_text")
    hand.columns("title", path)
    record = hand.shown()[0]
    hand.stand(record, path)
    hand.press("One")
    box = hand.desk.edit.line
    assert box is not None
    hand.qtbot.waitUntil(box.hasFocus)
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    hand.press("Two")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, path) == "One\nTwo"


def test_a_press_twice_edits_the_cell(hand: Hand) -> None:
    record = hand.shown()[3]
    hand.double_click(record, "cost")
    assert hand.page.open_record == record, "the first press opens the item, and columns move"
    hand.line().selectAll()
    hand.press("7")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "cost") == ["7", "GBP"]


def test_a_press_twice_edits_the_cell_that_the_item_covers_by_then(hand: Hand) -> None:
    hand.columns("number", "title", "status", "location", "assignees", "labels", "due", "cost")
    record = hand.shown()[3]
    at = hand.table.viewport().mapToGlobal(hand.cell(record, "cost"))
    window = hand.table.window().windowHandle()
    assert window is not None
    place = window.mapFromGlobal(at)
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=place)
    assert hand.page.open_record == record
    viewport = hand.table.viewport()
    hand.qtbot.waitUntil(lambda: not viewport.rect().contains(viewport.mapFromGlobal(at)))
    QTest.mouseDClick(window, Qt.MouseButton.LeftButton, pos=place)
    hand.line().selectAll()
    hand.press("7")
    hand.press(Qt.Key.Key_Return)
    assert hand.value(record, "cost") == ["7", "GBP"]
    assert hand.page.open_record == record


def test_delete_clears_the_cell_and_not_the_issue(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.page.workspace.written(hand.project.set(record, "cost", ["5", "GBP"]))
    hand.stand(record, "cost")
    hand.press(Qt.Key.Key_Delete)
    assert hand.value(record, "cost") is None
    assert record in hand.page.workspace.ids(ISSUE)


@pytest.mark.parametrize(
    ("path", "words"),
    [("assignees.company", "Assignees"), ("references.count", "References"), ("number", "kept")],
)
def test_what_cannot_be_edited_says_where_it_comes_from(hand: Hand, path: str, words: str) -> None:
    hand.columns("title", path)
    record = hand.shown()[0]
    hand.stand(record, path)
    hand.press("x")
    assert hand.desk.edit.line is None
    assert words in hand.desk.edit.bubble.sentence


def test_an_edit_replaces_what_was_seen_and_nothing_newer(hand: Hand) -> None:
    record = hand.shown()[0]
    hand.stand(record, "title")
    hand.press(Qt.Key.Key_F2)
    hand.line()
    hand.elsewhere(lambda: hand.project.set(record, "title", "From elsewhere"))
    assert hand.line().text() != "From elsewhere"
    hand.press("Mine")
    hand.press(Qt.Key.Key_Return)
    assert {write.value for write in hand.project.field(record, "title").live} == {"Mine", "From elsewhere"}
    assert "title" in hand.page.workspace.conflicted_fields[record]


def test_a_refused_edit_says_so_at_the_cell(hand: Hand) -> None:
    with hand.project.writing():
        hand.project.put_meta("role", "viewer")
    record = hand.shown()[0]
    hand.stand(record, "title")
    hand.press("Mine")
    hand.press(Qt.Key.Key_Return)
    assert "may read this project" in hand.desk.edit.bubble.sentence
    assert hand.line().text() == "Mine"
    hand.press(Qt.Key.Key_Escape)


def test_what_is_typed_in_a_cell_is_kept_when_the_window_closes(hand: Hand) -> None:
    record = hand.shown()[2]
    hand.stand(record)
    hand.press(Qt.Key.Key_F2)
    hand.line()
    hand.press("Crack, sealed")
    hand.page.finish()
    assert hand.value(record, "title") == "Crack, sealed"
