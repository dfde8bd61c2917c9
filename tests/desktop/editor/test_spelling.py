from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.desktop.editor.dictionary import _best, load_dictionary, words_in
from app.desktop.editor.spelling import Spelling
from app.desktop.widgets import Look
from app.richtext.delta import Insert
from app.richtext.formats import mention
from tests.desktop.editor.tools_stage import PRIYA, Bench, Words

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
KNOWN = ("the", "slab", "was", "poured", "slap", "it's")


def spelling(bench: Bench) -> Spelling:
    assert bench.tools.spelling is not None
    return bench.tools.spelling


def underlined(bench: Bench) -> list[str]:
    return [
        each.cursor.selectedText()
        for each in bench.editor.extraSelections()
        if each.format.underlineStyle() == QTextCharFormat.UnderlineStyle.WaveUnderline
    ]


def started(qtbot: QtBot, look: Look, text: str, wrong: list[str]) -> Bench:
    bench = Bench(qtbot, look, text, Words(*KNOWN))
    qtbot.waitUntil(lambda: underlined(bench) == wrong)
    return bench


def menu_of(bench: Bench, position: int) -> QMenu:
    menu = bench.editor.make_menu()
    bench.editor.menu_shown.emit(menu, position)
    return menu


def choose(menu: QMenu, start: str) -> None:
    next(each for each in menu.actions() if each.text().startswith(start)).trigger()


def test_words_that_are_in_no_dictionary_are_underlined(qtbot: QtBot, look: Look) -> None:
    bench = started(qtbot, look, "The slabb was pourd.\n` for eech\nIt's", ["slabb", "pourd"])
    bench.stand(9)
    bench.press(Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: underlined(bench) == ["pourd"])


def test_the_word_that_is_being_typed_is_left_alone(qtbot: QtBot, look: Look) -> None:
    bench = started(qtbot, look, "The slabb ", ["slabb"])
    bench.type("wsa")
    words = bench.words
    assert words is not None
    qtbot.waitUntil(lambda: "wsa" in words.asked)
    spelling(bench).check()
    assert underlined(bench) == ["slabb"]
    bench.type(" ")
    qtbot.waitUntil(lambda: underlined(bench) == ["slabb", "wsa"])


def test_another_word_is_chosen_from_the_menu(qtbot: QtBot, look: Look) -> None:
    bench = started(qtbot, look, "The *slabb* was", ["slabb"])
    menu = menu_of(bench, 6)
    qtbot.waitUntil(lambda: [each.text() for each in menu.actions()][:2] == ["slab", "slap"])
    choose(menu, "slab")
    assert bench.says("The *slab* was")


def test_added_words_are_right_from_then_on_and_stay_in_the_profile(qtbot: QtBot, look: Look) -> None:
    bench = started(qtbot, look, "Teh slabb.", ["Teh", "slabb"])
    choose(menu_of(bench, 1), "Add")
    assert underlined(bench) == ["slabb"]
    assert bench.settings.kept == {"spelling.words": ["Teh"]}
    choose(menu_of(bench, 5), "Ignore")
    assert underlined(bench) == []
    assert bench.settings.kept == {"spelling.words": ["Teh"]}


def test_without_a_dictionary_no_word_is_wrong(qtbot: QtBot, look: Look) -> None:
    bench = Bench(qtbot, look, "Teh slabb", None)
    spelling(bench).check()
    qtbot.waitUntil(lambda: not bench.speller._workers.busy)
    assert underlined(bench) == []
    assert "Add" not in "".join(each.text() for each in menu_of(bench, 1).actions())


def test_what_is_no_word_of_a_language_is_not_checked() -> None:
    pieces = [
        Insert("Don’t ask NASA, B4 or 2nd; see www.a.example, me@a.example, a/b, snake_case #tag. "),
        Insert("codd", {"code": True}),
        Insert(" linkk", {"link": "https://a.example"}),
        Insert(" é 漢字 x "),
        Insert("bold", {"bold": True}),
        Insert("er "),
        Insert(mention(PRIYA)),
        Insert("s end"),
    ]
    text = "".join(each.content if isinstance(each.content, str) else "\ufffc" for each in pieces)
    found = list(words_in(pieces))
    assert [word for _, word in found] == ["Don’t", "ask", "or", "see", "bolder", "end"]
    assert all(text[start:stop] == word for (start, stop), word in found)


@pytest.mark.parametrize(
    ("languages", "known", "best"),
    [
        (["de_AT", "en_GB"], ["en_GB", "de_DE", "de_CH"], "en_GB"),
        (["de_AT"], ["en_GB", "de_DE", "de_CH"], "de_CH"),
        (["fr"], ["en_US", "de_DE"], "de_DE"),
        (["fr"], [], ""),
    ],
)
def test_the_dictionary_is_that_of_the_system_language(
    languages: list[str], known: list[str], best: str
) -> None:
    assert _best(languages, known) == best


def test_a_missing_library_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *args: Any, **others: Any) -> Any:
        if name == "enchant":
            raise ImportError("The 'enchant' C library was not found.")
        return real(name, *args, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    assert load_dictionary(["en_GB"]) is None
