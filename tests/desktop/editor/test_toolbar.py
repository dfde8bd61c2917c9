from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.editor.toolbar import SelectionBar
from app.desktop.tokens import Density
from app.desktop.widgets import Look
from tests.desktop.editor.tools_stage import Bench

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def shown(bench: Bench) -> SelectionBar:
    bench.qtbot.waitUntil(lambda: bench.tools.bar.is_open)
    return bench.tools.bar


def body(bar: SelectionBar) -> QRect:
    return bar.geometry().adjusted(12, 12, -12, -12)


def line_of(bench: Bench, position: int) -> QRect:
    rect = bench.editor.cursor_rect(position)
    return QRect(bench.editor.viewport().mapTo(bench, rect.topLeft()), rect.size())


def test_it_shows_for_a_selection_made_by_mouse_and_formats_it(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one two three")
    bench.drag(4, 7)
    bar = shown(bench)
    assert not body(bar).intersects(line_of(bench, 4))
    QTest.mouseClick(bar.buttons[0], Qt.MouseButton.LeftButton)
    assert bench.says("one *two* three")
    assert bench.editor.hasFocus()
    assert bar.is_open
    assert bar.buttons[0].isChecked()


def test_it_shows_when_a_selection_by_keys_rests_and_goes_with_it(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.press(Qt.Key.Key_Home, SHIFT)
    bar = shown(bench)
    bench.press(Qt.Key.Key_Right)
    assert not bar.is_open
    bench.press(Qt.Key.Key_Home, SHIFT)
    shown(bench)
    bench.press(Qt.Key.Key_Escape)
    assert not bar.is_open
    assert bench.editor.selection() == (0, 3)


def test_it_is_used_by_keys_alone(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "# one")
    bench.stand(0, 3)
    bench.press(Qt.Key.Key_F10, ALT)
    bar = shown(bench)
    assert bench.focus is bar.line_button
    assert bar.line_button.text() == "Heading 1"
    bench.press(Qt.Key.Key_Right)
    bench.press(Qt.Key.Key_Right)
    assert bench.focus.accessibleName() == "Italic"
    bench.press(Qt.Key.Key_Return)
    assert bench.says("# _one_")
    assert bench.editor.hasFocus()
    bench.press(Qt.Key.Key_F10, ALT)
    bench.press(Qt.Key.Key_Escape)
    assert bench.editor.hasFocus()
    assert not bar.is_open


def test_the_kinds_of_lines_are_a_menu(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.stand(0, 3)
    bench.press(Qt.Key.Key_F10, ALT)
    menu = shown(bench).line_menu()
    assert [each.text().partition("\t")[0] for each in menu.actions() if each.isChecked()] == ["Text"]
    next(each for each in menu.actions() if each.text().startswith("Numbered")).trigger()
    assert bench.says("1. one")
    button = bench.tools.bar.line_button
    assert button.text() == "Numbered list"
    assert button.width() >= button.sizeHint().width()


def test_it_tells_screen_readers_what_is_in_use(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "*one*")
    bench.stand(0, 3)
    bar = shown(bench)
    bold = QAccessible.queryAccessibleInterface(bar.buttons[0])
    italic = QAccessible.queryAccessibleInterface(bar.buttons[1])
    assert bold.text(QAccessible.Text.Name) == "Bold"
    assert bold.state().checked
    assert not italic.state().checked


@pytest.mark.parametrize("density", [Density.NORMAL, Density.TOUCH])
@pytest.mark.parametrize("width", [440, 720])
def test_it_stays_within_the_window_and_off_the_line(
    qtbot: QtBot, look: Look, density: Density, width: int
) -> None:
    bench = Bench(qtbot, look, "one two three four five six seven eight\ntwo")
    look.theme.choose(density=density)
    bench.resize(width, 520)
    for start, stop in ((0, 3), (34, 39), (40, 43)):
        bench.stand(start, stop)
        bar = shown(bench)
        assert bench.rect().contains(body(bar))
        assert not body(bar).intersects(line_of(bench, start))


def test_it_does_not_show_where_a_text_is_only_read(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.editor.setReadOnly(True)
    bench.stand(0, 3)
    bench.press(Qt.Key.Key_F10, ALT)
    assert not bench.tools.bar.is_open


def test_a_turn_of_the_wheel_hides_it(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.stand(0, 3)
    bar = shown(bench)
    at = QPointF(5, 5)
    wheel = QWheelEvent(
        at, at, QPoint(0, -20), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bench.editor.viewport(), wheel)
    assert not bar.is_open
