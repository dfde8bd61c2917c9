"""One key sets a field of all selected issues."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desktop.window import Window
from app.domain.schema import ISSUE
from app.store.operations import Edit
from tests.desktop.page_stage import press
from tests.desktop.palette.scene import finder, opened, page, texts

SHIFT = Qt.KeyboardModifier.ShiftModifier


def _value(shown: Window, name: str, record: bytes) -> object:
    return page(shown).workspace.columns.column(ISSUE, name).get(record)


def test_the_status_of_three_issues_is_set_and_undone_in_one_step(qtbot: QtBot, window: Window) -> None:
    newest = page(window).workspace.ids(ISSUE)[:3]
    before = [_value(window, "status", each) for each in newest]
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Down, SHIFT)
    press(qtbot, Qt.Key.Key_Down, SHIFT)
    press(qtbot, "s")
    shown = opened(window)
    assert shown.line.placeholderText() == "Status of 3 issues"
    press(qtbot, "done")
    press(qtbot, Qt.Key.Key_Return)
    assert finder(window).panel is None
    names = page(window).workspace.directory.statuses
    assert {names[_value(window, "status", each)].name for each in newest} == {"done"}  # type: ignore[index]
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [_value(window, "status", each) for each in newest] == before


def test_labels_are_ticked_and_the_list_stays(qtbot: QtBot, window: Window) -> None:
    record = page(window).workspace.ids(ISSUE)[0]
    page(window).workspace.edit({record: [Edit("labels", ())]})
    press(qtbot, "j")
    press(qtbot, "l")
    shown = opened(window)
    press(qtbot, "fire")
    press(qtbot, Qt.Key.Key_Return)
    assert finder(window).panel is shown
    labels = page(window).workspace.directory.labels
    stored = _value(window, "labels", record)
    assert isinstance(stored, tuple)
    assert [labels[each].name for each in stored] == ["fire"]
    assert shown.list.current is not None
    assert shown.list.current.checked
    press(qtbot, Qt.Key.Key_Return)
    assert not _value(window, "labels", record)


def test_a_day_is_typed_in_words(qtbot: QtBot, window: Window) -> None:
    record = page(window).workspace.ids(ISSUE)[0]
    press(qtbot, "j")
    press(qtbot, "d")
    opened(window)
    press(qtbot, "next fri")
    press(qtbot, Qt.Key.Key_Return)
    assert _value(window, "due", record) == "2026-03-13"
    press(qtbot, "d")
    shown = opened(window)
    assert texts(shown)[-1] == "Clear"
    press(qtbot, "clear")
    press(qtbot, Qt.Key.Key_Return)
    assert _value(window, "due", record) is None


def test_what_stands_there_is_marked(qtbot: QtBot, window: Window) -> None:
    press(qtbot, "j")
    press(qtbot, "p")
    opened(window)
    press(qtbot, "high")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, "p")
    shown = opened(window)
    assert shown.list.current is not None
    assert (shown.list.current.text, shown.list.current.right) == ("high", "now")


def test_the_open_issue_is_meant_where_nothing_is_selected(qtbot: QtBot, window: Window) -> None:
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Return)
    record = page(window).open_record
    assert record is not None
    page(window).workspace.edit({record: [Edit("assignees", ())]})
    press(qtbot, "a")
    opened(window)
    press(qtbot, "mina")
    press(qtbot, Qt.Key.Key_Return)
    people = page(window).workspace.directory.people
    stored = _value(window, "assignees", record)
    assert isinstance(stored, tuple)
    assert "Mina Okafor" in [people[each].name for each in stored]
