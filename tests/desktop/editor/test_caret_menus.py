from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.editor.editing import show_around
from app.desktop.tokens import Density
from app.desktop.widgets import Look
from app.richtext.delta import Insert
from app.richtext.formats import mention, reference
from tests.desktop.editor.tools_stage import CRACK, DIARY, NEW, PRIYA, Bench

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
CTRL = Qt.KeyboardModifier.ControlModifier


# The slash menu


def test_a_slash_offers_blocks_and_takes_its_word_out(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one\n")
    bench.type("/")
    assert "Heading 1" in bench.offered
    assert "Divider" in bench.offered
    bench.type("check")
    assert bench.offered == ["Checklist"]
    bench.press(Qt.Key.Key_Return)
    assert bench.says("one\n[ ] ")
    assert bench.offered == []
    bench.press(Qt.Key.Key_Z, CTRL)
    assert bench.says("one\n/check")


def test_arrows_tab_and_the_mouse_choose(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "")
    bench.type("/head")
    bench.press(Qt.Key.Key_Down)
    bench.press(Qt.Key.Key_Tab)
    assert bench.says("## ")
    bench.type("a /quo")
    popup = bench.tools.slash.popup
    assert popup is not None
    viewport = popup.list.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 12))
    assert bench.says("> a ")
    assert bench.editor.hasFocus()


@pytest.mark.parametrize("typed", ["and/or", "/ ", "/nothing like it", "1/2", "/etc/hosts"])
def test_a_slash_can_be_typed(qtbot: QtBot, look: Look, typed: str) -> None:
    bench = Bench(qtbot, look, "")
    bench.type(typed)
    assert bench.offered == []
    assert bench.says(typed)


def test_esc_leaves_the_slash_and_it_does_not_ask_again(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "")
    bench.type("/he")
    bench.press(Qt.Key.Key_Escape)
    bench.type("a")
    assert bench.offered == []
    bench.press(Qt.Key.Key_Return)
    assert bench.says("/hea\n")


def test_nothing_is_offered_in_code_or_by_undo(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "` ")
    bench.type("/he")
    assert bench.offered == []
    other = Bench(qtbot, look, "")
    other.type("/head")
    other.press(Qt.Key.Key_Escape)
    other.press(Qt.Key.Key_Z, CTRL)
    assert other.offered == []


def test_the_menu_goes_with_the_cursor_and_the_focus(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "one\n")
    bench.type("/")
    bench.press(Qt.Key.Key_Home)
    assert bench.offered == []


def test_the_menu_stays_in_the_window(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "\n" * 18)
    look.theme.choose(density=Density.TOUCH)
    show_around(bench.editor, bench.editor.selection()[0])
    bench.type("/")
    popup = bench.tools.slash.popup
    assert popup is not None
    assert bench.rect().contains(popup.geometry().adjusted(12, 12, -12, -12))
    caret = bench.editor.cursor_rect(bench.editor.selection()[0])
    caret.moveTopLeft(bench.editor.viewport().mapTo(bench, caret.topLeft()))
    assert not popup.geometry().adjusted(12, 12, -12, -12).intersects(caret)


# Links and mentions


@pytest.mark.parametrize(
    ("typed", "embed"),
    [
        ("[[dia", reference(DIARY)),
        ("[[crack in", reference(CRACK)),
        ("see #12", reference(CRACK)),
        ("@pri", mention(PRIYA)),
        ("@priya k", mention(PRIYA)),
    ],
)
def test_signs_complete_records(qtbot: QtBot, look: Look, typed: str, embed: dict[str, object]) -> None:
    bench = Bench(qtbot, look, "")
    bench.type(typed)
    assert len(bench.offered) >= 1
    bench.press(Qt.Key.Key_Return)
    assert Insert(embed) in bench.document
    assert not any("[[" in str(each.content) or "#" in str(each.content) for each in bench.document)


def test_a_note_that_is_not_there_can_be_made(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "")
    bench.type("[[Handover list")
    assert bench.offered == ["Create note “Handover list”"]
    bench.press(Qt.Key.Key_Return)
    assert bench.finder.made == ["Handover list"]
    assert bench.document[0] == Insert(reference(NEW))


def test_brackets_that_close_take_the_same_title_or_stay(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "")
    bench.type("[[site diary]]")
    assert bench.document[0] == Insert(reference(DIARY))
    other = Bench(qtbot, look, "")
    other.type("[[Nobody]] and")
    assert other.says("[[Nobody]] and")
    assert other.finder.made == []


@pytest.mark.parametrize("typed", ["a@b", "# ", "C#", "@ ", "[x]", "@nobody"])
def test_signs_can_be_typed(qtbot: QtBot, look: Look, typed: str) -> None:
    bench = Bench(qtbot, look, "x")
    bench.type(" " + typed)
    assert bench.offered == []
    bench.press(Qt.Key.Key_Escape)
    assert bench.document == [Insert(f"x {typed}\n")]


def test_more_that_was_read_is_offered(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "")
    offers = bench.finder.offers["@"]
    bench.type("@")
    bench.finder.offers["@"] = [*offers, *offers]
    bench.finder.changed.emit()
    assert len(bench.offered) == 2
