"""One text in Quill with y-quill in a browser and here, at the same time: both screens must end alike."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from random import Random

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.app import dress
from app.desktop.editor.rich import RichTextEditor
from app.desktop.tokens import ThemeName
from app.richtext.delta import Delta, Document, Insert, Retain
from app.richtext.lines import split_lines
from tests.e2e.quill import packages
from tests.e2e.quill.browser import Browser, chromium
from tests.e2e.quill.edits import KINDS, change, quill_edit
from tests.e2e.quill.sides import Here, Plain, There, Window, Wire, as_shown, kinds_of

_ROUNDS = 8
_EDITS = 6

pytestmark = [
    pytest.mark.qt_log_ignore("^This plugin does not support", extend=True),
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed"),
]


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on the page; the packages are kept for the next time."""
    program = chromium()
    assert program is not None
    folder = request.config.cache.mkdir("quill")
    packages.install(folder)
    page = packages.bundle(folder, packages.HERE / "page.js")
    with Browser(program, tmp_path_factory.mktemp("browser"), page) as opened:
        yield opened
        assert not opened.errors


@pytest.fixture
def editor(qtbot: QtBot, qapp: QApplication) -> Iterator[RichTextEditor]:
    made = RichTextEditor(dress(qapp, ThemeName.LIGHT), "Text", "Write")
    qtbot.addWidget(made)
    made.resize(600, 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.release()


def start() -> bytes:
    """The state of a text that has everything in it."""
    made = Plain(b"\0\0", 1)
    document = [Insert("Ein Riss\n")]
    for kind in KINDS:
        document += [Insert("Runs north "), Insert("\n", kind)]
    document += [Insert("deep"), Insert("\n", {"list": "bullet", "indent": 3})]
    made.change(document)
    return made.take()[0]


def assert_shows(shown: Document, under_it: Document, when: str) -> None:
    """Quill shows the Yjs text; of several kinds that a line was given at once, it may show one or none."""
    lines, wanted = split_lines(as_shown(shown)), split_lines(as_shown(under_it))
    for each, want in zip(lines, wanted, strict=True):
        assert each.pieces == want.pieces, when
        if len(kinds_of(want)) > 1:
            assert kinds_of(each) <= kinds_of(want), when
        else:
            assert each.attributes == want.attributes, when


def one_kind_a_line(document: Document) -> Delta:
    """Take all but one kind from lines that have several."""
    found = []
    for line in split_lines(document):
        _, *others = sorted(kinds_of(line)) or [""]
        found += [Retain(line.length - 1), Retain(1, dict.fromkeys(others))]
    return found


def settle(here: Here, there: There, to_here: Wire, to_there: Wire) -> None:
    """Let everything arrive. What arrives may make Yjs take out formats that say nothing any more."""
    while True:
        to_there.send(here.take())
        to_here.send(there.take())
        back, forth = to_there.arrive(), to_here.arrive()
        if not back and not forth:
            return
        there.receive(back)
        here.receive(forth)


def both_edit(here: Here, there: There, seed: int) -> None:
    """In each round one of the two gives lines their kinds: Quill shows one kind where a line has two."""
    chance = Random(seed)
    to_here, to_there = Wire(chance), Wire(chance)
    for round_ in range(_ROUNDS):
        quill_may = chance.random() < 0.5
        for _ in range(_EDITS):
            there.edit([quill_edit(chance, kinds=quill_may) for _ in range(chance.randrange(3))])
            for _ in range(chance.randrange(3)):
                here.change(change(chance, here.document(), kinds=not quill_may))
            if not quill_may and chance.random() < 0.3:
                here.undo()
            to_there.send(here.take())
            to_here.send(there.take())
            there.receive(to_there.arrive(chance.random()))
            here.receive(to_here.arrive(chance.random()))
        settle(here, there, to_here, to_there)
        shown, under_it = there.look()
        assert here.document() == under_it, f"after round {round_}"
        assert_shows(shown, under_it, f"after round {round_}")
        here.change(one_kind_a_line(under_it))


@pytest.mark.parametrize("seed", range(1))
def test_a_text_without_a_window_and_quill_end_alike(browser: Browser, seed: int) -> None:
    state = start()
    both_edit(Plain(state, 2), There(browser, state, 3), seed)


@pytest.mark.parametrize("seed", range(1, 3))
def test_both_screens_end_alike(browser: Browser, editor: RichTextEditor, seed: int) -> None:
    state = start()
    both_edit(Window(editor, state, 2), There(browser, state, 3), seed)
