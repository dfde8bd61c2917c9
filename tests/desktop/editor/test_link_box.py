from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desktop.editor.link_box import leads_to
from app.desktop.widgets import Look
from app.richtext.delta import Insert, Retain
from tests.desktop.editor.tools_stage import Bench

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
LINKED = Insert("plan", {"link": "https://example.org/plan"})


def linked(qtbot: QtBot, look: Look) -> Bench:
    bench = Bench(qtbot, look, "the plan here")
    bench.stand(4, 8)
    bench.press(Qt.Key.Key_L, CTRL)
    bench.type("example.org/plan")
    bench.press(Qt.Key.Key_Return)
    return bench


def test_a_selection_becomes_a_link_and_one_writes_on_behind_it(qtbot: QtBot, look: Look) -> None:
    bench = linked(qtbot, look)
    assert bench.editor.hasFocus()
    bench.type("s")
    assert bench.document == [Insert("the "), LINKED, Insert("s here\n")]


def test_it_tells_where_a_link_leads_and_changes_it(qtbot: QtBot, look: Look) -> None:
    bench = linked(qtbot, look)
    bench.stand(6)
    bench.press(Qt.Key.Key_L, CTRL)
    box = bench.tools.link_box
    assert box.line.text() == "https://example.org/plan"
    assert box.goal.text() == "Leads to example.org"
    bench.type("me@example.org")
    bench.press(Qt.Key.Key_Return)
    assert bench.document[1] == Insert("plan", {"link": "mailto:me@example.org"})


def test_esc_leaves_it_and_nothing_takes_it_away(qtbot: QtBot, look: Look) -> None:
    bench = linked(qtbot, look)
    bench.stand(6)
    bench.press(Qt.Key.Key_L, CTRL)
    bench.type("other.example")
    bench.press(Qt.Key.Key_Escape)
    assert bench.document[1] == LINKED
    bench.press(Qt.Key.Key_L, CTRL)
    bench.press(Qt.Key.Key_Delete)
    bench.press(Qt.Key.Key_Return)
    assert bench.document == [Insert("the plan here\n")]


def test_what_is_no_address_is_not_set(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "the plan")
    bench.stand(4, 8)
    bench.press(Qt.Key.Key_L, CTRL)
    bench.type("javascript:alert(1)")
    box = bench.tools.link_box
    assert not box.done.isEnabled()
    assert "Not opened" in box.goal.text()
    bench.press(Qt.Key.Key_Return)
    assert box.is_open
    assert bench.document == [Insert("the plan\n")]


def test_keys_open_only_addresses_that_are_opened(qtbot: QtBot, look: Look) -> None:
    bench = linked(qtbot, look)
    opened: list[str] = []
    bench.editor.link_opened.connect(opened.append)
    bench.stand(6)
    bench.press(Qt.Key.Key_Return, ALT)
    bench.press(Qt.Key.Key_L, CTRL)
    bench.press(Qt.Key.Key_Return, ALT)
    assert opened == ["https://example.org/plan"] * 2
    bench.editor.change([Retain(4), Retain(4, {"link": "file:///etc/passwd"})], (6, 6))
    bench.press(Qt.Key.Key_Return, ALT)
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.org/a?b", "Leads to example.org"),
        ("http://example.org", "Leads to example.org, not encrypted"),
        ("https://bank.example@evil.example/", "Leads to evil.example"),
        ("https://аpple.example", "Leads to xn--pple-43d.example"),
        (f"https://bank.example.{'a.' * 90}evil.example/", f"Leads to …{('a.' * 90 + 'evil.example')[-60:]}"),
        ("mailto:me@example.org", "Writes to me@example.org"),
        ("tel:+44", "Calls +44"),
        ("sitebook://x/y", "Opens in Sitebook"),
        ("file:///etc", "Not opened: only web, mail, phone and Sitebook addresses are."),
    ],
)
def test_the_goal_is_told_as_it_is(address: str, words: str) -> None:
    assert leads_to(address) == words
