from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.editor.find import FindBar
from app.desktop.widgets import Look
from tests.desktop.editor.tools_stage import Bench

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TEXT = "The *slab* by the slab\n- SLAB 😀 slab@slab"


def opened(bench: Bench, words: str, key: Qt.Key = Qt.Key.Key_F) -> FindBar:
    bench.stand(0)
    bench.press(key, CTRL)
    bench.type(words)
    return bench.tools.find_bar


def marked(bench: Bench) -> list[str]:
    return [each.cursor.selectedText() for each in bench.editor.extraSelections()]


def test_it_finds_counts_and_marks_all(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bar = opened(bench, "slab")
    assert bench.focus is bar.line
    assert bar.count.text() == "1 of 5"
    assert marked(bench) == ["slab", "slab", "SLAB", "slab", "slab"]
    bench.type("x")
    assert bar.count.text() == "Nothing found"
    assert marked(bench) == []


def test_it_goes_on_and_back_around_the_ends(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bar = opened(bench, "slab")
    bench.press(Qt.Key.Key_Return)
    assert bar.count.text() == "2 of 5"
    bench.press(Qt.Key.Key_F3, SHIFT)
    bench.press(Qt.Key.Key_Return, SHIFT)
    assert bar.count.text() == "5 of 5"
    bench.press(Qt.Key.Key_Escape)
    assert bench.editor.hasFocus()
    start, stop = bench.editor.selection()
    assert (stop - start, stop) == (4, bench.editor.length() - 1)
    assert marked(bench) == []
    bench.press(Qt.Key.Key_F3)
    assert bench.editor.selection() == (4, 8)
    bench.press(Qt.Key.Key_F3)
    assert bench.editor.selection() == (16, 20)


def test_case_counts_where_it_is_asked_for(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bar = opened(bench, "SLAB")
    assert len(bar.finds) == 5
    QTest.mouseClick(bar.case, Qt.MouseButton.LeftButton)
    assert len(bar.finds) == 1


def test_what_is_selected_is_looked_for(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bench.stand(4, 8)
    bench.press(Qt.Key.Key_F, CTRL)
    assert bench.tools.find_bar.line.text() == "slab"
    assert bench.tools.find_bar.count.text() == "1 of 5"


def test_one_is_replaced_and_keeps_its_format(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "*slab* and slab")
    bar = opened(bench, "slab", Qt.Key.Key_H)
    bar.words.setFocus()
    bench.type("beam")
    bench.press(Qt.Key.Key_Return)
    assert bench.says("*beam* and slab")
    assert bar.count.text() == "1 of 1"
    bench.press(Qt.Key.Key_Return)
    assert bench.says("*beam* and beam")


def test_all_are_replaced_as_one_step_of_undo(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bar = opened(bench, "slab", Qt.Key.Key_H)
    bar.words.setFocus()
    bench.type("beams")
    QTest.mouseClick(bar.every, Qt.MouseButton.LeftButton)
    assert bench.says("The *beams* by the beams\n- beams 😀 beams@beams")
    assert bar.count.text() == "Nothing found"
    assert bench.focus is bar.line
    bench.press(Qt.Key.Key_Escape)
    bench.press(Qt.Key.Key_Z, CTRL)
    assert bench.says(TEXT)


def test_finds_follow_what_is_written_meanwhile(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bar = opened(bench, "slab")
    QTest.mouseClick(bench.editor.viewport(), Qt.MouseButton.LeftButton)
    assert bench.editor.hasFocus()
    assert bar.is_open
    bench.stand(0)
    bench.type("slab ")
    assert len(bar.finds) == 6


def test_nothing_is_replaced_where_a_text_is_only_read(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, TEXT)
    bench.editor.setReadOnly(True)
    bar = opened(bench, "slab")
    bench.press(Qt.Key.Key_H, CTRL)
    assert not bar.every.isVisible()
    assert len(bar.finds) == 5
