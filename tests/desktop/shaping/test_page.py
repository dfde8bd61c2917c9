"""Categories, fields, statuses, labels and locations are changed in place, each change with one undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.shaping.page import ShapePage
from app.desktop.shaping.rows import CheckedRow, LineRow, LinesRow, PickRow
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import (
    CATEGORY,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    PROJECT,
    STATUS,
    custom_field_name,
)
from app.store.project import Project

ALT = Qt.KeyboardModifier.AltModifier


def names(shape: ShapePage) -> list[str]:
    return [each.name for each in shape.list.entries]


def press(
    shape: ShapePage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    target = shape.focusWidget()
    assert target is not None
    QTest.keyClick(target, key, modifier)


def type_line(shape: ShapePage, title: str, text: str) -> LineRow:
    row = shape.row(title)
    assert isinstance(row, LineRow)
    row.line.setFocus()
    row.line.selectAll()
    QTest.keyClicks(row.line, text)
    QTest.keyClick(row.line, Qt.Key.Key_Return)
    return row


def pick(shape: ShapePage, title: str, words: str) -> PickRow:
    row = shape.row(title)
    assert isinstance(row, PickRow)
    row.button.setFocus()
    QTest.keyClick(row.button, Qt.Key.Key_Return)
    assert row.picker is not None
    QTest.keyClicks(row.picker.search, words)
    QTest.keyClick(row.picker.search, Qt.Key.Key_Return)
    if row.picker is not None:
        QTest.keyClick(row.picker.search, Qt.Key.Key_Escape)
    return shape.row(title)  # type: ignore[return-value]


def make(shape: ShapePage, name: str) -> bytes:
    QTest.mouseClick(shape.new_button, Qt.MouseButton.LeftButton)
    line = shape.focusWidget()
    assert line is not None
    QTest.keyClicks(line, name)
    QTest.keyClick(line, Qt.Key.Key_Return)
    return shape.list.chosen_records()[0]


def category(workspace: Workspace, name: str, **fields: object) -> bytes:
    record, touched = workspace.source.create(CATEGORY, {"name": name, "of": ISSUE, **fields})
    workspace.written(touched)
    return record


def field(workspace: Workspace, name: str, type: str, **fields: object) -> bytes:
    record, touched = workspace.source.create(FIELD, {"name": name, "type": type, "of": ISSUE, **fields})
    workspace.written(touched)
    return record


# Categories


def test_a_category_is_made_and_named(shape: ShapePage, project: Project) -> None:
    record = make(shape, "Fire safety")
    assert project.field(record, "name", CATEGORY).value == "Fire safety"
    assert names(shape) == ["Fire safety"]
    project.undo()
    assert project.field(record, "name", CATEGORY).value == "New category"


def test_a_renamed_category_takes_its_issues_along(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    issues = workspace.ids(ISSUE)[:3]
    for each in issues:
        workspace.written(project.set(each, "category", "Fire"))
    record = category(workspace, "Fire", order="a1")
    workspace.finish_steps()
    assert shape.list.entries[0].right == "3 issues"
    type_line(shape, "Name", "Fire safety")
    assert {project.field(each, "category").value for each in issues} == {"Fire safety"}
    assert project.field(record, "aliases", CATEGORY).value == ["Fire"]
    assert shape.list.entries[0].right == "3 issues"
    workspace.undo()
    assert {project.field(each, "category").value for each in issues} == {"Fire"}
    assert names(shape) == ["Fire"]


def test_a_name_that_is_taken_is_refused_in_place(shape: ShapePage, workspace: Workspace) -> None:
    category(workspace, "Fire", order="a1")
    second = category(workspace, "Paint", order="a2")
    shape.list.choose(second)
    row = type_line(shape, "Name", "fire")
    assert "already" in row.note.text()
    QTest.keyClick(row.line, Qt.Key.Key_Escape)
    assert row.line.text() == "Paint"
    assert not row.note.isVisible()


def test_the_template_shows_an_example_and_what_is_wrong(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    record = category(workspace, "Fire", order="a1")
    workspace.finish_steps()
    row = shape.row("Names")
    assert isinstance(row, CheckedRow)
    row.text.setFocus()
    QTest.keyClicks(row.text, "{locaton} - {number}")
    assert "locaton" in row.note.text()
    assert row.marked == [(1, 8)]
    QTest.keyClick(row.text, Qt.Key.Key_Return)
    assert project.field(record, "template", CATEGORY).value is None
    row.text.selectAll()
    QTest.keyClicks(row.text, "No. {number}")
    workspace.finish_steps()
    QTest.keyClick(row.text, Qt.Key.Key_Return)
    assert row.note.text() == "For example: No. 40"
    assert project.field(record, "template", CATEGORY).value == "No. {number}"


def test_fields_and_statuses_are_given_to_a_category(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    record = category(workspace, "Fire", order="a1")
    rating = field(workspace, "Rating", "text", order="a1")
    pick(shape, "Own fields", "rating")
    assert project.field(rating, "categories", FIELD).values == (record,)
    pick(shape, "Own statuses", "void")
    void = next(each for each, name in project.column(STATUS, "name").items() if name == "void")
    assert project.field(void, "categories", STATUS).values == (record,)
    pick(shape, "Own fields", "rating")
    assert project.field(rating, "categories", FIELD).values == ()


def test_what_has_issues_stays_a_category_of_issues(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    record = category(workspace, "Door", order="a1")
    pick(shape, "Of", "elements")
    assert project.field(record, "of", CATEGORY).value == ELEMENT
    pick(shape, "Of", "issues")
    workspace.written(project.set(workspace.ids(ISSUE)[0], "category", "Door"))
    row = pick(shape, "Of", "elements")
    assert "already" in row.note.text()
    assert project.field(record, "of", CATEGORY).value == ISSUE


# Order


def test_alt_and_arrows_move_and_undo_moves_back(
    shape: ShapePage, workspace: Workspace, qtbot: QtBot
) -> None:
    shape.show_kind(STATUS)
    shape.list.setFocus()
    before = names(shape)
    QTest.keyClick(shape.list, Qt.Key.Key_Down)
    QTest.keyClick(shape.list, Qt.Key.Key_Down, ALT)
    assert names(shape) == [before[0], before[2], before[1], *before[3:]]
    assert shape.list.currentIndex().row() == 2
    workspace.undo()
    assert names(shape) == before


def test_a_line_is_dragged_to_its_place(shape: ShapePage) -> None:
    shape.show_kind(STATUS)
    before = names(shape)
    view = shape.list.viewport()
    rects = [shape.list.visualRect(shape.list.model().index(row, 0)) for row in range(len(before))]
    start, end = rects[0].center(), rects[2].center() + QPoint(0, 6)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(0, 20))
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert names(shape) == [before[1], before[2], before[0], *before[3:]]


# Fields


def test_a_field_changes_its_type_and_the_form_follows(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    shape.show_kind(FIELD)
    record = make(shape, "Rating")
    pick(shape, "Type", "several choices")
    assert project.field(record, "type", FIELD).value == "choices"
    pick(shape, "Type", "choice")
    row = shape.row("Choices")
    assert isinstance(row, LinesRow)
    row.text.setFocus()
    for each in ("F30", "F60", "F90"):
        QTest.keyClicks(row.text, each)
        QTest.keyClick(row.text, Qt.Key.Key_Return)
    QTest.keyClick(row.text, Qt.Key.Key_Up)
    QTest.keyClick(row.text, Qt.Key.Key_Up, ALT)
    shape.list.setFocus()
    assert project.field(record, "choices", FIELD).value == ["F30", "F90", "F60"]
    pick(shape, "Type", "number")
    type_line(shape, "Unit", "mm")
    assert project.field(record, "unit", FIELD).value == "mm"
    assert workspace.fields(ISSUE).resolve("Rating").unit == "mm"


def test_a_formula_is_checked_while_it_is_typed(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    depth = field(workspace, "Depth", "number", order="a1")
    workspace.written(project.set(workspace.ids(ISSUE)[3], custom_field_name(depth), 12))
    double = field(workspace, "Double", "formula", order="a2")
    shape.show_kind(FIELD)
    shape.list.choose(double)
    row = shape.row("Formula")
    assert isinstance(row, CheckedRow)
    row.text.setFocus()
    QTest.keyClicks(row.text, "Deep * 2")
    assert row.marked == [(0, 4)]
    assert "Deep" in row.note.text()
    QTest.keyClick(row.text, Qt.Key.Key_Return)
    assert project.field(double, "formula", FIELD).value is None
    row.text.selectAll()
    QTest.keyClicks(row.text, "Depth * 2")
    workspace.finish_steps()
    shape.refresh()
    QTest.keyClick(row.text, Qt.Key.Key_Return)
    assert row.marked == []
    assert row.note.text() == "For example: 24"
    stored = project.field(double, "formula", FIELD).value
    assert custom_field_name(depth) in str(stored)
    assert row.text.toPlainText() == "{Depth} * 2"
    row.text.selectAll()
    QTest.keyClicks(row.text, "Double + 1")
    assert row.note.text()
    assert project.field(double, "formula", FIELD).value == stored


def test_a_field_name_that_is_taken_is_refused(shape: ShapePage, workspace: Workspace) -> None:
    shape.show_kind(FIELD)
    make(shape, "Rating")
    row = type_line(shape, "Name", "priority")
    assert "already" in row.note.text()


# Statuses, labels, locations


def test_how_a_project_closes_is_chosen(shape: ShapePage, project: Project) -> None:
    shape.show_kind(STATUS)
    pick(shape, "Closing", "one step")
    assert project.field(project.record, "closing", PROJECT).value == "one step"


def test_a_label_gets_a_colour_and_goes(shape: ShapePage, workspace: Workspace, project: Project) -> None:
    shape.show_kind(LABEL)
    record = make(shape, "asbestos")
    pick(shape, "Colour", "amber")
    assert project.field(record, "color", LABEL).value == "amber"
    shape.list.setFocus()
    QTest.keyClick(shape.list, Qt.Key.Key_Delete)
    assert "asbestos" not in names(shape)
    workspace.undo()
    assert "asbestos" in names(shape)


def test_places_move_in_the_tree_by_keys(shape: ShapePage, project: Project) -> None:
    shape.show_kind(LOCATION)
    record = make(shape, "Level 9")
    shape.list.setFocus()
    QTest.keyClick(shape.list, Qt.Key.Key_Right, ALT)
    level = next(each for each, name in project.column(LOCATION, "name").items() if name == "Level 2")
    assert project.field(record, "parent", LOCATION).value == level
    assert shape.list.entries[shape.list.currentIndex().row()].depth == 1
    QTest.keyClick(shape.list, Qt.Key.Key_Left, ALT)
    assert project.field(record, "parent", LOCATION).value is None


# Merging


def test_labels_are_merged_from_the_list(shape: ShapePage, workspace: Workspace, project: Project) -> None:
    shape.show_kind(LABEL)
    shape.list.setFocus()
    workspace.finish_steps()
    before = {each.record: each for each in shape.list.entries}
    QTest.keyClick(shape.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(shape.list.chosen_records()) == 2
    told: list[str] = []
    shape.told.connect(told.append)
    QTest.keyClick(shape.list, Qt.Key.Key_Return)
    box = shape.merge_box
    keep, gone = box.keep, box.gone[0]
    proposed = box.buttons.checkedButton()
    assert proposed is not None
    QTest.keyClick(proposed, Qt.Key.Key_Return)
    workspace.finish_steps()
    assert set(project.records(LABEL)) == before.keys() - {gone}
    assert shape.list.chosen_records() == [keep]
    assert told == [f"2 labels became one: {before[keep].name}"]
    assert all(gone not in project.field(each, "labels").values for each in project.records(ISSUE))
    workspace.undo()
    workspace.finish_steps()
    assert set(project.records(LABEL)) == before.keys()


def test_a_status_is_merged_with_another_by_name(
    shape: ShapePage, workspace: Workspace, project: Project
) -> None:
    shape.show_kind(STATUS)
    record = make(shape, "Opened")
    issue = workspace.ids(ISSUE)[0]
    workspace.written(project.set(issue, "status", record))
    QTest.mouseClick(shape.merge_button, Qt.MouseButton.LeftButton)
    assert shape.picker is not None
    QTest.keyClicks(shape.picker.search, "in progress")
    QTest.keyClick(shape.picker.search, Qt.Key.Key_Return)
    assert len(shape.list.chosen_records()) == 2
    box = shape.merge_box
    progress = next(each for each in box.records if each != record)
    box.buttons.button(box.records.index(progress)).click()
    QTest.mouseClick(box.merge_button, Qt.MouseButton.LeftButton)
    workspace.finish_steps()
    assert project.field(issue, "status").value == progress


def test_escape_goes_from_the_form_to_the_list_and_out(shape: ShapePage, workspace: Workspace) -> None:
    category(workspace, "Fire", order="a1")
    left: list[bool] = []
    shape.back_asked.connect(lambda: left.append(True))
    QTest.keyClick(shape.list, Qt.Key.Key_Return)
    press(shape, Qt.Key.Key_Escape)
    assert shape.list.hasFocus()
    assert not left
    press(shape, Qt.Key.Key_Escape)
    assert left


@pytest.mark.parametrize("kind", [CATEGORY, FIELD, STATUS, LABEL, LOCATION])
def test_every_control_has_a_name(shape: ShapePage, workspace: Workspace, look: Look, kind: str) -> None:
    category(workspace, "Fire", order="a1")
    field(workspace, "Depth", "number", order="a1")
    shape.show_kind(kind)
    for row in (*shape.rows, *shape._head_rows):
        focus = row.focusProxy()
        assert focus is not None
        assert focus.accessibleName()
    assert shape.list.accessibleName()


def test_what_was_deleted_lies_in_the_trash(shape: ShapePage, workspace: Workspace) -> None:
    shape.show_kind(LABEL)
    record = make(shape, "asbestos")
    shape.list.setFocus()
    QTest.keyClick(shape.list, Qt.Key.Key_Delete)
    workspace.read_trash()
    workspace.finish_steps()
    assert workspace.trash_size == 1
    workspace.restore([record])
    assert "asbestos" in names(shape)
