from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.item.desk import PAUSE_MS
from app.desktop.item.fields.check import CheckEditor
from app.desktop.item.fields.choosing import ChoiceEditor
from app.desktop.item.fields.date import DateEditor
from app.desktop.item.fields.line import LineEditor
from app.desktop.item.panel import ItemPanel
from app.domain.schema import LABEL, LOCATION
from tests.desktop.item.scene import Scene, make_conflict


def line(panel: ItemPanel, name: str) -> LineEditor:
    editor = panel.grid.rows[name].editor
    assert isinstance(editor, LineEditor)
    return editor


def choice(panel: ItemPanel, name: str) -> ChoiceEditor:
    editor = panel.grid.rows[name].editor
    assert isinstance(editor, ChoiceEditor)
    return editor


def enter(editor: LineEditor) -> None:
    QTest.mouseClick(editor.line, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    editor.line.selectAll()


def stored(scene: Scene, name: str) -> object:
    record = scene.here.get(scene.issue)
    assert record is not None
    return record.value(name)


def test_each_key_is_kept_and_leaving_makes_one_change(panel: ItemPanel, scene: Scene) -> None:
    changes = len(scene.here.history(scene.issue))
    editor = line(panel, "cost")
    enter(editor)
    assert editor.line.text() == "GBP 4200.00"
    QTest.keyClicks(editor.line, "95")
    assert scene.here.open_drafts() == 1
    assert len(scene.here.history(scene.issue)) == changes
    QTest.keyClick(editor.line, Qt.Key.Key_Tab)
    assert scene.here.open_drafts() == 0
    assert stored(scene, "cost") == ["95", "GBP"]
    assert len(scene.here.history(scene.issue)) == changes + 1
    assert editor.line.text() == "£ 95"


def test_a_pause_makes_a_change_while_the_field_stays_open(
    panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    editor = line(panel, "external_id")
    panel.grid.more.click()
    enter(editor)
    QTest.keyClicks(editor.line, "NCR-1")
    with qtbot.waitSignal(panel.touched, timeout=PAUSE_MS * 4):
        pass
    assert stored(scene, "external_id") == "NCR-1"
    assert editor.line.hasFocus()
    QTest.keyClicks(editor.line, "7")
    assert editor.line.text() == "NCR-17"
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert stored(scene, "external_id") == "NCR-17"
    record = scene.here.get(scene.issue)
    assert record is not None
    assert len(record.fields["external_id"].live) == 1


def test_esc_restores_then_closes(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    editor = line(panel, "cost")
    enter(editor)
    QTest.keyClicks(editor.line, "1")
    with qtbot.assertNotEmitted(panel.closed):
        QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert editor.line.text() == "GBP 4200.00"
    with qtbot.waitSignal(panel.closed):
        QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert stored(scene, "cost") == ["4200.00", "GBP"]


def test_esc_after_a_pause_puts_the_value_back(panel: ItemPanel, scene: Scene) -> None:
    editor = line(panel, "cost")
    enter(editor)
    QTest.keyClicks(editor.line, "1")
    panel.desk._paused()
    assert stored(scene, "cost") == ["1", "GBP"]
    QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert stored(scene, "cost") == ["4200.00", "GBP"]
    assert editor.line.text() == "GBP 4200.00"


def test_what_cannot_be_read_is_said_and_not_kept(panel: ItemPanel, scene: Scene) -> None:
    row = panel.grid.rows["cost"]
    editor = line(panel, "cost")
    enter(editor)
    QTest.keyClicks(editor.line, "many")
    QTest.keyClick(editor.line, Qt.Key.Key_Tab)
    assert "not an amount" in row._problem.text()
    assert not row._problem.isHidden()
    assert stored(scene, "cost") == ["4200.00", "GBP"]
    enter(editor)
    QTest.keyClicks(editor.line, "12")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert row._problem.isHidden()
    assert stored(scene, "cost") == ["12", "GBP"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("next fri", "2026-03-13"),
        ("+7d", "2026-03-15"),
        ("tomorrow", "2026-03-09"),
        ("31 Mar", "2026-03-31"),
        ("2027-01-02", "2027-01-02"),
        ("", None),
    ],
)
def test_dates_are_typed_in_words(panel: ItemPanel, scene: Scene, words: str, day: str | None) -> None:
    editor = line(panel, "due")
    assert editor.line.text() == "Fri 6 Mar, overdue 2 days"
    enter(editor)
    QTest.keyClick(editor.line, Qt.Key.Key_Backspace)
    QTest.keyClicks(editor.line, words)
    QTest.keyClick(editor.line, Qt.Key.Key_Tab)
    assert stored(scene, "due") == day


def test_a_day_is_pressed_in_the_calendar(panel: ItemPanel, scene: Scene) -> None:
    editor = line(panel, "due")
    assert isinstance(editor, DateEditor)
    QTest.mouseClick(editor._button, Qt.MouseButton.LeftButton)
    calendar = editor.calendar
    assert calendar is not None
    QTest.keyClick(calendar.grid, Qt.Key.Key_Right)
    QTest.keyClick(calendar.grid, Qt.Key.Key_PageDown)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Return)
    assert stored(scene, "due") == "2026-04-07"
    assert editor.line.text() == "Tue 7 Apr"
    editor.open_calendar()
    calendar = editor.calendar
    assert calendar is not None
    cell = calendar.grid._cell(7)
    first = calendar.grid._day_at(cell.center())
    assert first is not None
    QTest.mouseClick(calendar.grid, Qt.MouseButton.LeftButton, pos=cell.center())
    assert stored(scene, "due") == calendar.grid._first().isoformat() or stored(scene, "due")


def test_a_status_is_chosen_by_typing_its_beginning(panel: ItemPanel, scene: Scene) -> None:
    editor = choice(panel, "status")
    editor.button.setFocus()
    QTest.keyClick(editor.button, Qt.Key.Key_R)
    picker = editor.picker
    assert picker is not None
    QTest.keyClicks(picker.search, "eview")
    assert [option.piece.text for option in picker.model.options] == ["In review"]
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert stored(scene, "status") == scene.statuses["in review"]
    assert editor.button.accessibleDescription() == "in review"


def test_several_people_are_chosen_and_taken_out(panel: ItemPanel, scene: Scene) -> None:
    editor = choice(panel, "assignees")
    QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)
    picker = editor.picker
    assert picker is not None
    QTest.keyClicks(picker.search, "mina")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClicks(picker.search, "priya")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    record = scene.here.get(scene.issue)
    assert record is not None
    assert record.values("assignees") == (scene.people["Mina Okafor"],)


def test_a_label_that_is_not_there_is_made(panel: ItemPanel, scene: Scene) -> None:
    editor = choice(panel, "labels")
    editor.ask("handrail")
    picker = editor.picker
    assert picker is not None
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    names = scene.here.column(LABEL, "name")
    made = next(record for record, name in names.items() if name == "handrail")
    record = scene.here.get(scene.issue)
    assert record is not None
    assert made in record.values("labels")
    assert "handrail" in editor.button.accessibleDescription()


def test_the_first_label_is_made_and_stands_in_the_list(panel: ItemPanel, scene: Scene) -> None:
    for label in scene.labels.values():
        panel.apply_touched(scene.here.delete(label))
    issue = scene.here.create("issue", {})[0]
    panel.show_record(issue)
    editor = choice(panel, "labels")
    QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)
    picker = editor.picker
    assert picker is not None
    assert picker.nothing.isVisible()
    assert picker.nothing.text() == "Type a name to make a label"
    QTest.keyClicks(picker.search, "handrail")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert not picker.nothing.isVisible()
    assert [option.piece.text for option in picker.model.options] == ["Clear", "handrail"]
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    assert editor.button.accessibleDescription() == "handrail"


def test_a_path_makes_the_places_on_it_that_are_not_there(panel: ItemPanel, scene: Scene) -> None:
    for typed in ("Mast / 2.04", "mast/2.05"):
        editor = choice(panel, "location")
        editor.ask(typed)
        picker = editor.picker
        assert picker is not None
        QTest.keyClick(picker.search, Qt.Key.Key_Return)
    names = scene.here.column(LOCATION, "name")
    parents = scene.here.column(LOCATION, "parent")
    (mast,) = (place for place, name in names.items() if name == "Mast")
    assert sorted(str(names[place]) for place, above in parents.items() if above == mast) == ["2.04", "2.05"]
    record = scene.here.get(scene.issue)
    assert record is not None
    assert names[record.value("location")] == "2.05"


def test_places_are_found_by_any_part_of_their_path(panel: ItemPanel, scene: Scene) -> None:
    editor = choice(panel, "location")
    editor.ask()
    picker = editor.picker
    assert picker is not None
    depths = {option.piece.text: option.depth for option in picker.model.options}
    assert depths["Level 2"] == 0
    assert depths["Stair 3"] == 1
    picker.search.setText("level stair")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    stairs = [r for r, name in scene.here.column(LOCATION, "name").items() if name == "Stair 3"]
    assert stored(scene, "location") == stairs[0]


def test_a_box_is_ticked(panel: ItemPanel, scene: Scene) -> None:
    panel.grid.more.click()
    editor = panel.grid.rows["archived"].editor
    assert isinstance(editor, CheckEditor)
    QTest.keyClick(editor.box, Qt.Key.Key_Space)
    assert stored(scene, "archived") is True


def test_delete_clears_a_chosen_value(panel: ItemPanel, scene: Scene) -> None:
    editor = choice(panel, "category")
    editor.button.setFocus()
    QTest.keyClick(editor.button, Qt.Key.Key_Delete)
    assert stored(scene, "category") is None


def test_fields_of_the_users_own_are_edited_by_their_type(panel: ItemPanel, scene: Scene) -> None:
    panel.grid.more.click()
    name = scene.custom["Survey point"]
    editor = line(panel, name)
    enter(editor)
    QTest.keyClicks(editor.line, "33.786, -118.198")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert stored(scene, name) == [33.786, -118.198]
    depth = line(panel, scene.custom["Depth"])
    assert depth.line.text() == "12.5 mm"
    trade = choice(panel, scene.custom["Trade"])
    trade.ask("steel")
    assert trade.picker is not None
    QTest.keyClick(trade.picker.search, Qt.Key.Key_Return)
    assert stored(scene, scene.custom["Trade"]) == "Steel"


def test_a_write_replaces_what_was_seen_when_typing_began(panel: ItemPanel, scene: Scene) -> None:
    editor = line(panel, "cost")
    enter(editor)
    QTest.keyClicks(editor.line, "10")
    scene.there.set(scene.issue, "cost", ["20", "GBP"])
    panel.apply_touched(scene.bring())
    assert editor.line.text() == "10"
    QTest.keyClicks(editor.line, "1")
    QTest.keyClick(editor.line, Qt.Key.Key_Tab)
    record = scene.here.get(scene.issue)
    assert record is not None
    assert record.conflicts == ("cost",)
    assert {write.value[0] for write in record.fields["cost"].live} == {"101", "20"}


def test_a_conflict_shows_both_values_and_one_press_settles_it(panel: ItemPanel, scene: Scene) -> None:
    panel.apply_touched(make_conflict(scene))
    row = panel.grid.rows["status"]
    box = row.conflict
    assert box is not None
    assert row.editor.isHidden()
    said = [keep.accessibleName() for keep in box.keepers]
    assert any("in review" in name and "Mina Okafor" in name and "Toughbook" in name for name in said)
    place = next(at for at, name in enumerate(said) if "in review" in name)
    QTest.mouseClick(box.keepers[place], Qt.MouseButton.LeftButton)
    record = scene.here.get(scene.issue)
    assert record is not None
    assert record.conflicts == ()
    assert record.value("status") == scene.statuses["in review"]
    assert row.conflict is None
    assert not row.editor.isHidden()


def test_values_of_a_wrong_shape_and_unknown_fields_show_as_text(panel: ItemPanel, scene: Scene) -> None:
    for name, value in (
        ("due", 17),
        ("cost", {"amount": 3}),
        ("status", "open"),
        ("location", [1, 2]),
        ("completed", "yesterday"),
        ("priority", 9),
        (scene.custom["Depth"], "deep"),
        ("f." + "ab" * 16, [1, ["x"]]),
        ("weather", {"sky": "grey"}),
        ("archived", "maybe"),
    ):
        scene.there.set(scene.issue, name, value)
    panel.apply_touched(scene.bring())
    panel.grid.more.click()
    assert line(panel, "due").line.text() == "17"
    assert "3" in line(panel, "cost").line.text()
    assert choice(panel, "status").button.accessibleDescription() == "open"
    assert "grey" in line(panel, "weather").line.text()
    assert line(panel, "weather").line.isReadOnly()
    assert line(panel, scene.custom["Depth"]).line.text() == "deep"


def test_names_that_change_elsewhere_are_followed(panel: ItemPanel, scene: Scene) -> None:
    scene.there.set(scene.people["Priya Kaur"], "name", "Priya Kaur-Lane")
    panel.apply_touched(scene.bring())
    assert choice(panel, "assignees").button.accessibleDescription() == "Priya Kaur-Lane"
