from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.filter.field import FilterField
from app.desktop.filter.marks import Mark, utf16
from app.desktop.widgets import Look


@pytest.fixture
def field(qtbot: QtBot, look: Look) -> FilterField:
    made = FilterField(look, "Filter")
    qtbot.addWidget(made)
    made.resize(400, 32)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.setFocus()
    return made


def test_typing_is_announced_once_after_a_pause(qtbot: QtBot, field: FilterField) -> None:
    heard: list[str] = []
    field.filter_changed.connect(heard.append)
    QTest.keyClicks(field, "crack")
    assert heard == []
    qtbot.waitUntil(lambda: heard == ["crack"])


def test_marks_change_neither_text_nor_cursor_nor_undo(qtbot: QtBot, field: FilterField) -> None:
    heard: list[str] = []
    QTest.keyClicks(field, "status:open crack")
    field.setCursorPosition(4)
    qtbot.wait(60)
    field.filter_changed.connect(heard.append)
    field.set_marks([Mark(0, 11), Mark(12, 17, "No such word.")])
    assert field.text() == "status:open crack"
    assert field.cursorPosition() == 4
    assert field.accessibleDescription() == "No such word."
    qtbot.wait(60)
    assert heard == []
    QTest.keyClicks(field, "x")
    assert field.text() == "statxus:open crack"


def test_marks_are_seen(field: FilterField, qtbot: QtBot) -> None:
    field.setText("status:open crack")
    plain = field.grab().toImage()
    field.set_marks([Mark(12, 17, "No such word.")])
    assert field.grab().toImage() != plain


def test_marks_of_a_text_that_is_gone_are_dropped(field: FilterField) -> None:
    field.setText("ab")
    field.set_marks([Mark(0, 40, "Too far.")])
    assert field.text() == "ab"


def test_positions_are_counted_as_qt_does() -> None:
    assert utf16("a\U0001f525b") == 4


def test_escape_clears_and_then_leaves(qtbot: QtBot, field: FilterField) -> None:
    QTest.keyClicks(field, "crack")
    with qtbot.waitSignal(field.filter_changed) as heard:
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert heard.args == [""]
    with qtbot.waitSignal(field.left):
        QTest.keyClick(field, Qt.Key.Key_Escape)
