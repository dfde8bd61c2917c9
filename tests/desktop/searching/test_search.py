"""Searching everything: titles at once, texts on a thread, the last text only, nothing moves under the hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.entries import Entry, EntryList
from app.desktop.palette.items import Goal
from app.desktop.project_page import ProjectPage
from app.desktop.searching.hits import put_in_order
from app.desktop.searching.page import SearchPage
from app.desktop.searching.searcher import Searcher
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import COMMENT, ISSUE, NOTE, PERSON
from app.store.project import Project
from app.store.search import Cancelled, Hit
from app.store.words import Snippet
from tests.desktop import stage
from tests.desktop.page_stage import press

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = stage.new_project(tmp_path / "one.sitebook")
    issues = stage.fill(made, 20)
    made.create(COMMENT, {"parent": issues[3]}, text="The lintel is cracked too.")
    made.create(ISSUE, {"title": "Straße"}, text="東京都の壁にひび")
    made.create(NOTE, {"title": "Lintel survey"}, text="All lintels of level 2 looked at.")
    return made


@pytest.fixture
def window(qtbot: QtBot, look: Look, project: Project, tmp_path: Path) -> Iterator[Window]:
    session = stage.StageSession(tmp_path)
    session.add(project)
    made = Window(look, now=stage.stage_now, version="0.1.0")
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.use(session, stage.PlainPanel)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    _page(made).workspace.finish_steps()
    _page(made).start()
    yield made
    made.close()


def _page(window: Window) -> ProjectPage:
    assert window.project_page is not None
    return window.project_page


@pytest.fixture
def search(qtbot: QtBot, window: Window) -> SearchPage:
    press(qtbot, Qt.Key.Key_F, BOTH)
    _page(window).workspace.finish_steps()
    found = _page(window).stack.currentWidget()
    assert isinstance(found, SearchPage)
    assert found.line.hasFocus()
    return found


def _below(search: SearchPage) -> list[Entry]:
    return [each for each in search.list.entries if each.below]


def _titles(search: SearchPage) -> list[str]:
    return [each.text for each in search.list.entries if not each.heading]


def test_titles_are_there_in_the_same_frame(qtbot: QtBot, search: SearchPage) -> None:
    press(qtbot, "lintel")
    assert _titles(search) == ["Lintel survey"]


def test_texts_follow_with_the_words_marked(qtbot: QtBot, window: Window, search: SearchPage) -> None:
    press(qtbot, "lintel")
    qtbot.waitUntil(lambda: len(_below(search)) == 2)
    comment = next(each for each in _below(search) if each.detail == "in a comment")
    assert [comment.below[start:end] for start, end in comment.strong] == ["lintel"]
    issue = _page(window).workspace.directory.numbered(4)[0]
    assert comment.data == Goal(issue, ISSUE)


@pytest.mark.parametrize("text", ["東京", "京都", "壁", "strasse"])
def test_words_without_spaces_and_accents_are_found(qtbot: QtBot, search: SearchPage, text: str) -> None:
    search.line.setText(text)
    qtbot.waitUntil(lambda: "Straße" in [each.text for each in _below(search)])


def test_a_find_opens_beside_the_finds(qtbot: QtBot, window: Window, search: SearchPage) -> None:
    press(qtbot, "north")
    qtbot.waitUntil(lambda: len(_below(search)) > 3)
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Return)
    entry = search.list.current
    assert entry is not None
    assert isinstance(entry.data, Goal)
    assert _page(window).open_record == entry.data.record
    assert search.isVisible()


def test_only_one_kind_is_shown_when_asked(qtbot: QtBot, search: SearchPage) -> None:
    press(qtbot, "lintel")
    qtbot.waitUntil(lambda: len(_below(search)) == 2)
    notes = next(each for each in search.kinds if each.text() == "Notes")
    QTest.mouseClick(notes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(_below(search)) == 1)
    assert _titles(search) == ["Lintel survey"]
    assert search.line.hasFocus()


def test_escape_clears_and_then_goes_back(qtbot: QtBot, window: Window, search: SearchPage) -> None:
    press(qtbot, "lintel")
    press(qtbot, Qt.Key.Key_Escape)
    assert search.line.text() == ""
    press(qtbot, Qt.Key.Key_Escape)
    assert _page(window).page == "issues"
    press(qtbot, Qt.Key.Key_F, BOTH)
    assert isinstance(_page(window).stack.currentWidget(), SearchPage)


def test_nothing_found_says_so(qtbot: QtBot, search: SearchPage) -> None:
    press(qtbot, "qqqq")
    qtbot.waitUntil(lambda: "Nothing found" in search.note.text())


# The order under a selection


def _entry(number: int) -> Entry:
    return Entry(f"Hit {number}", below="…", data=Goal(bytes([number]) * 16, PERSON))


def test_what_one_stands_on_stays_while_the_rest_is_put_in_order(qtbot: QtBot, look: Look) -> None:
    shown = EntryList(look, "Found")
    qtbot.addWidget(shown)
    shown.show_entries([_entry(each) for each in range(6)])
    shown.step(1)
    shown.step(1)
    put_in_order(shown, [_entry(each) for each in (5, 2, 9, 0, 4)], held=True)
    assert [each.text[-1] for each in shown.entries] == ["0", "1", "2", "5", "9", "4", "3"]
    assert shown.current == _entry(2)
    put_in_order(shown, [_entry(4), _entry(0)], held=False)
    assert [each.text[-1] for each in shown.entries][:2] == ["4", "0"]
    assert shown.current == _entry(4)


# The thread


class SlowSearch:
    """A connection that waits until it is cancelled, for every text but the last."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._cancelled = threading.Event()
        self.closed = False

    def cancel(self) -> None:
        self._cancelled.set()

    def renew(self) -> None:
        self._cancelled.clear()

    def close(self) -> None:
        self.closed = True

    def first_hits(self, text: str, limit: int) -> list[Hit]:
        self.asked.append(text)
        if text.endswith("…") and self._cancelled.wait(20):
            raise Cancelled("The search was cancelled.")
        return [Hit(b"r" * 16, ISSUE, None, Snippet(text), Snippet(""))]

    def ranked(self, text: str, limit: int) -> list[Hit]:
        return [Hit(b"b" * 16, ISSUE, None, Snippet(text), Snippet(""))]


@pytest.fixture
def slow() -> SlowSearch:
    return SlowSearch()


@pytest.fixture
def searcher(qtbot: QtBot, slow: SlowSearch) -> Iterator[Searcher]:
    made = Searcher(lambda: slow)  # type: ignore[arg-type, return-value]
    yield made
    made.stop()
    assert slow.closed or not slow.asked


def test_each_text_cancels_the_one_before(qtbot: QtBot, searcher: Searcher, slow: SlowSearch) -> None:
    heard: list[str] = []
    best: list[str] = []
    searcher.found.connect(lambda text, hits: heard.append(text))
    searcher.ranked.connect(lambda text, hits: best.append(text))
    searcher.ask("c…")
    qtbot.waitUntil(lambda: slow.asked == ["c…"])
    searcher.ask("cr…")
    searcher.ask("cra…")
    searcher.ask("crack")
    qtbot.waitUntil(lambda: best == ["crack"])
    assert heard == ["crack"]
    assert slow.asked[-1] == "crack"


def test_stopping_waits_for_nobody(qtbot: QtBot, slow: SlowSearch) -> None:
    searcher = Searcher(lambda: slow)  # type: ignore[arg-type, return-value]
    searcher.ask("c…")
    qtbot.waitUntil(lambda: slow.asked == ["c…"])
    searcher.stop()
    assert slow.closed


def test_an_empty_text_only_ends_what_runs(qtbot: QtBot, searcher: Searcher, slow: SlowSearch) -> None:
    searcher.ask("  ")
    assert slow.asked == []
