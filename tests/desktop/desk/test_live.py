"""What comes in while one works moves nothing under one's hands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.desktop.desk import glow as glowing
from app.domain.schema import ISSUE, PERSON, STATUS
from tests.desktop.desk.desk_stage import Hand


def status(hand: Hand, name: str) -> bytes:
    names = hand.project.column(STATUS, "name")
    return next(each for each, found in names.items() if found == name)


def scrolled_to(hand: Hand, at: int) -> tuple[bytes, int]:
    """Scroll; the first record that is seen whole, and where it stands."""
    hand.table.verticalScrollBar().setValue(at)
    record = next(each for each, top in sorted(hand.table.eye, key=lambda seen: seen[1]) if top >= 0)
    return record, hand.table.row_rect(record).top()


def test_the_row_under_the_eye_stays_when_others_come_above(hand: Hand) -> None:
    record, top = scrolled_to(hand, 330)
    for title in ("One", "Two", "Three"):
        hand.elsewhere(lambda title=title: hand.project.create(ISSUE, {"title": title}))  # type: ignore[misc]
        assert hand.table.row_rect(record).top() == top


def test_the_row_under_the_eye_stays_when_others_go(hand: Hand) -> None:
    first = hand.shown()[:3]
    record, top = scrolled_to(hand, 330)
    for each in first:
        hand.elsewhere(lambda each=each: hand.project.delete(each))  # type: ignore[misc]
    assert hand.table.row_rect(record).top() == top


def test_the_row_stood_on_stays_in_place_when_it_sorts_elsewhere_for_others(hand: Hand) -> None:
    hand.ask("sort:title")
    hand.press("j")
    for _ in range(12):
        hand.press(Qt.Key.Key_Down)
    current = hand.table.current
    assert current is not None
    top = hand.table.row_rect(current).top()
    hand.elsewhere(lambda: hand.project.set(hand.shown()[20], "title", "Aaa"))
    assert hand.table.current == current
    assert hand.table.row_rect(current).top() == top


def test_a_selection_stays_on_its_records(hand: Hand) -> None:
    hand.press("j")
    for _ in range(3):
        hand.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    chosen = hand.table.selected_keys()
    hand.elsewhere(lambda: hand.project.create(ISSUE, {"title": "New above"}))
    assert hand.table.selected_keys() == chosen
    hand.elsewhere(lambda: hand.project.delete(chosen[0]))
    assert hand.table.selected_keys() == chosen[1:]


def test_an_open_editor_and_its_cursor_stay(hand: Hand) -> None:
    record = hand.shown()[4]
    hand.stand(record, "title")
    hand.press("Crack in")
    line = hand.line()
    line.setCursorPosition(3)
    at = line.geometry()
    for change in (
        lambda: hand.project.create(ISSUE, {"title": "New above"}),
        lambda: hand.project.set(record, "title", "From elsewhere"),
        lambda: hand.project.set(record, "status", status(hand, "done")),
    ):
        hand.elsewhere(change)
        assert line.text() == "Crack in"
        assert line.cursorPosition() == 3
        assert line.hasFocus()
        assert line.geometry() == at
        assert hand.table.cell_rect(record, "title").topLeft() == at.topLeft()


def test_the_edited_row_stays_where_it_is_until_one_goes_on(hand: Hand) -> None:
    hand.ask("status:open sort:title")
    rows = hand.shown()
    record = rows[3]
    top = hand.table.row_rect(record).top()
    hand.stand(record, "status")
    hand.press(Qt.Key.Key_F2)
    hand.choose("done")
    assert hand.shown() == rows
    assert hand.table.row_rect(record).top() == top
    assert hand.table.scene.frame.row(record) in hand.table.held_rows
    assert "No longer fits" in hand.table.hands.hint_at(hand.cell(record, "title"))
    hand.press(Qt.Key.Key_Down)
    assert record not in hand.shown()
    assert hand.table.current == rows[4]
    assert not hand.table.held_rows


def test_the_edited_row_keeps_its_place_in_the_order(hand: Hand) -> None:
    hand.ask("sort:title")
    rows = hand.shown()
    hand.stand(rows[5], "title")
    hand.press("Zzz")
    hand.press(Qt.Key.Key_Return)
    assert hand.shown() == rows
    hand.press(Qt.Key.Key_Escape)
    hand.press(Qt.Key.Key_Up)
    assert hand.shown()[-1] == rows[5]
    assert hand.table.current == rows[4]


def test_what_others_take_out_of_the_filter_goes_at_once(hand: Hand) -> None:
    hand.ask("status:open")
    record = hand.shown()[3]
    hand.elsewhere(lambda: hand.project.set(record, "status", status(hand, "done")))
    assert record not in hand.shown()


def test_the_open_item_stays_in_the_list(hand: Hand) -> None:
    hand.ask("status:open")
    record = hand.shown()[3]
    hand.click(record)
    hand.elsewhere(lambda: hand.project.set(record, "status", status(hand, "done")))
    assert record in hand.shown()
    hand.page.close_item()
    hand.elsewhere(lambda: hand.project.create(ISSUE, {"title": "Something"}))
    assert record not in hand.shown()


def test_cells_that_others_change_glow_and_fade(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.table.glow, "_allowed", lambda: True)
    monkeypatch.setattr(glowing, "GLOW_MS", 60)
    record = hand.shown()[2]
    hand.elsewhere(lambda: hand.project.set(record, "title", "From elsewhere"))
    assert record in hand.table.glow.strengths("title")
    assert record not in hand.table.glow.strengths("cost")
    hand.qtbot.waitUntil(lambda: not hand.table.glow.glowing)


def test_ones_own_edits_do_not_glow(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.table.glow, "_allowed", lambda: True)
    record = hand.shown()[2]
    hand.stand(record, "title")
    hand.press("Mine")
    hand.press(Qt.Key.Key_Return)
    assert not hand.table.glow.glowing


def test_nothing_glows_where_motion_is_reduced(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.table.glow, "_allowed", lambda: False)
    hand.elsewhere(lambda: hand.project.set(hand.shown()[2], "title", "From elsewhere"))
    assert not hand.table.glow.glowing


def test_a_renamed_person_is_renamed_in_every_row(hand: Hand) -> None:
    record = next(each for each in hand.shown() if len(hand.value(each, "assignees")) == 1)
    person = hand.value(record, "assignees")[0]
    hand.table.viewport().repaint()
    hand.elsewhere(lambda: hand.project.set(person, "name", "Priya Kaur-Singh"))
    assert hand.text(record, "assignees") == "Priya Kaur-Singh"
    hand.ask("assignees:singh")
    assert record in hand.shown()
    assert PERSON in {hand.project.kind_of(person)}


def test_many_changes_at_once_come_in_steps(hand: Hand) -> None:
    record, top = scrolled_to(hand, 330)
    bulk = hand.project.bulk()
    for index in range(120):
        bulk.create(ISSUE, {"title": f"From elsewhere {index}"})
    hand.elsewhere(bulk.commit)
    hand.page.workspace.finish_steps()
    assert len(hand.shown()) == 160
    assert hand.table.row_rect(record).top() == top


class _Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def test_cells_whose_columns_come_after_the_rows_are_painted(hand: Hand) -> None:
    QTest.qWait(0)
    paints = _Paints(hand.table.viewport())
    hand.desk.live.changed.emit(False)
    hand.qtbot.waitUntil(lambda: paints.count > 0)
