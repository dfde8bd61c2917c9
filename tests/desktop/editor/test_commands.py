from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.desktop.editor.commands import editor_commands, text_keys
from app.desktop.palette.keys import fixed_keys
from app.desktop.widgets import Look
from tests.app.richtext.texts import document
from tests.desktop.editor.tools_stage import Bench

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.mark.parametrize(
    ("key", "modifiers", "formats"),
    [
        (Qt.Key.Key_B, CTRL, {"bold": True}),
        (Qt.Key.Key_I, CTRL, {"italic": True}),
        (Qt.Key.Key_U, CTRL, {"underline": True}),
        (Qt.Key.Key_E, CTRL, {"code": True}),
        (Qt.Key.Key_X, CTRL | SHIFT, {"strike": True}),
        (Qt.Key.Key_H, CTRL | SHIFT, {"background": "#ffe58f"}),
    ],
)
def test_keys_format_the_selection_and_what_is_typed_next(
    qtbot: QtBot, look: Look, key: Qt.Key, modifiers: Qt.KeyboardModifier, formats: dict[str, object]
) -> None:
    bench = Bench(qtbot, look, "one two")
    bench.stand(0, 3)
    bench.press(key, modifiers)
    assert bench.document[0] == ("one", formats)
    bench.press(key, modifiers)
    assert bench.says("one two")
    bench.stand(7)
    bench.press(key, modifiers)
    bench.type("x")
    assert bench.document[1] == ("x", formats)
    bench.press(key, modifiers)
    bench.type("y")
    assert bench.document[2] == ("y\n", {})


@pytest.mark.parametrize(
    ("key", "modifiers", "wanted"),
    [
        (Qt.Key.Key_1, CTRL | ALT, "# one"),
        (Qt.Key.Key_2, CTRL | ALT, "## one"),
        (Qt.Key.Key_7, CTRL | SHIFT, "1. one"),
        (Qt.Key.Key_8, CTRL | SHIFT, "- one"),
        (Qt.Key.Key_9, CTRL | SHIFT, "[ ] one"),
        (Qt.Key.Key_Period, CTRL | SHIFT, "> one"),
        (Qt.Key.Key_E, CTRL | SHIFT, "` one"),
    ],
)
def test_keys_format_lines(
    qtbot: QtBot, look: Look, key: Qt.Key, modifiers: Qt.KeyboardModifier, wanted: str
) -> None:
    bench = Bench(qtbot, look, "one")
    bench.press(key, modifiers)
    assert bench.says(wanted)
    bench.press(key, modifiers)
    assert bench.says("one")


def test_lines_move_nest_and_are_ticked(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "[ ] one\n[ ] two")
    bench.press(Qt.Key.Key_Tab)
    assert bench.says("[ ] one\n→[ ] two")
    bench.press(Qt.Key.Key_Backtab, SHIFT)
    bench.press(Qt.Key.Key_Up, CTRL | SHIFT)
    bench.press(Qt.Key.Key_D, CTRL)
    assert bench.says("[x] two\n[ ] one")
    bench.press(Qt.Key.Key_Down, CTRL | SHIFT)
    bench.press(Qt.Key.Key_D, CTRL | SHIFT)
    assert bench.says("[ ] one\n[x] two\n[x] two")


def test_tab_leaves_a_text_where_it_means_nothing(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.press(Qt.Key.Key_Tab)
    assert bench.says("one")
    assert not bench.editor.hasFocus()


def test_the_keys_of_a_text_win_over_those_of_its_window(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    narrowed: list[bool] = []
    QShortcut("Ctrl+B", bench, lambda: narrowed.append(True))
    bench.stand(0, 3)
    bench.press(Qt.Key.Key_B, CTRL)
    assert bench.says("*one*")
    assert narrowed == []


def test_a_text_that_may_only_be_read_is_not_changed(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.editor.setReadOnly(True)
    bench.stand(0, 3)
    bench.press(Qt.Key.Key_B, CTRL)
    bench.press(Qt.Key.Key_8, CTRL | SHIFT)
    assert bench.says("one")


def test_nothing_stands_at_a_key_twice() -> None:
    keys = [key for command in editor_commands() for key in command.keys]
    assert len(keys) == len(set(keys))
    assert {key for _, key in text_keys()} >= set(keys)
    assert ("In a text", "Bold", "Ctrl+B") in fixed_keys()


def test_the_menu_has_formats_with_their_keys(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one")
    bench.stand(0, 3)
    menu = bench.editor.make_menu()
    bench.editor.menu_shown.emit(menu, 0)
    names = [each.text() for each in menu.actions()]
    assert {"Format", "Kind of line"} <= set(names)
    formats = next(each.menu() for each in menu.actions() if each.text() == "Format")
    assert isinstance(formats, QMenu)
    bold = formats.actions()[0]
    assert bold.text() == "Bold\tCtrl+B"
    bold.trigger()
    assert bench.document == document("*one*")
