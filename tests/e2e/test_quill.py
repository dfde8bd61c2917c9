"""One text in Quill with y-quill in a browser and here, at the same time: both screens must end alike."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.app import dress
from app.desktop.editor.rich import RichTextEditor
from app.desktop.tokens import ThemeName
from app.richtext.delta import Delta, Document, Insert, Retain, document_from_json, plain_text
from app.richtext.lines import split_lines
from tests.e2e.program import Program
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
def stock(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Browser]:
    """The browser with a Quill that nothing was registered with."""
    page = request.config.cache.mkdir("quill") / "page.html"
    browser.open(page)
    yield browser
    browser.open(page)


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


def test_both_type_by_keys_at_once(browser: Browser, editor: RichTextEditor, qtbot: QtBot) -> None:
    state = Plain(b"\0\0", 1)
    state.change([Insert("Here: \nThere: \n")])
    (begun,) = state.take()
    here, there = Window(editor, begun, 2), There(browser, begun, 3)
    editor.setFocus()
    editor.set_selection(6, 6)
    browser.ask("peer.stand", 14)
    QTest.keyClicks(editor, "wet wall")
    browser.type("dry wall")
    browser.press("b", 66, modifiers=2)
    browser.type(" really\n")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    browser.press("b", 66, modifiers=2)
    browser.type("- first\nsecond")
    QTest.keyClicks(editor, "since May")
    wires = Wire(Random(1)), Wire(Random(2))
    settle(here, there, *wires)
    shown, under_it = there.look()
    assert here.document() == under_it
    assert as_shown(under_it) == shown
    assert shown == [
        Insert("Here: wet wall\nsince May\nThere: dry wall"),
        Insert(" really", {"bold": True}),
        Insert("\nfirst"),
        Insert("\n", {"list": "bullet"}),
        Insert("second"),
        Insert("\n", {"list": "bullet"}),
    ]
    browser.press("z", 90, modifiers=2)
    settle(here, there, *wires)
    undone = plain_text(here.document())
    assert "since May" in undone, "undo there takes back what was typed there"
    assert "second" not in undone


def test_objects_show_what_they_stand_for_and_keep_their_values(browser: Browser) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    document = [
        Insert({"ref": {"id": "a1"}}),
        Insert({"ref": {"id": "a2", "text": hostile, "later": [1]}}),
        Insert({"mention": {"id": "b1"}}),
        Insert({"mention": {"id": "nobody"}}),
        Insert({"image": "attachment:c1"}),
        Insert({"image": "https://example.com/x.png"}),
        Insert("\n"),
        Insert({"divider": True}),
        Insert("\n"),
        Insert("go", {"link": "sitebook://0123/issue/4567"}),
        Insert("x = 1\n", {}),
        Insert("\n", {"code-block": "python"}),
    ]
    made = Plain(b"\0\0", 1)
    made.change(document)
    there = There(browser, made.take()[0], 3)
    shown, under_it = there.look()
    assert shown == under_it == made.document()
    label = [browser.ask("peer.shown", f".sitebook-{name}") for name in ("ref", "mention", "image")]
    guard = "\ufeff"
    assert [[text.strip(guard) for text in texts] for texts in label] == [
        ["Crack", hostile],
        ["@Ann", "@…"],
        ["north.jpg", "…"],
    ]
    assert browser.run("document.querySelectorAll('#editor img').length") == 0, "nothing is loaded"
    assert browser.run("document.querySelector('#editor a').href") == "sitebook://0123/issue/4567"
    assert (
        browser.run("getComputedStyle(document.querySelector('.sitebook-divider')).display") == "inline-block"
    )


def test_two_kinds_that_a_line_was_given_at_once_break_nothing(
    browser: Browser, editor: RichTextEditor
) -> None:
    state = Plain(b"\0\0", 1)
    state.change([Insert("A line\n")])
    (begun,) = state.take()
    here, there = Window(editor, begun, 2), There(browser, begun, 3)
    here.change([Retain(6), Retain(1, {"header": 2})])
    there.edit([{"edit": "formatLine", "from": 0, "to": 0.5, "formats": {"list": "bullet"}}])
    settle(here, there, Wire(Random(1)), Wire(Random(1)))
    shown, under_it = there.look()
    assert here.document() == under_it == [Insert("A line"), Insert("\n", {"header": 2, "list": "bullet"})]
    assert shown in ([Insert("A line"), Insert("\n", kind)] for kind in ({"header": 2}, {"list": "bullet"}))


def test_stock_quill_opens_a_text_without_our_objects(stock: Browser) -> None:
    made = Plain(b"\0\0", 1)
    made.change(
        [
            Insert("Title"),
            Insert("\n", {"header": 1}),
            *(Insert(f"{name} ", {name: True}) for name in ("bold", "italic", "underline", "strike", "code")),
            Insert("marked", {"background": "#ffe58f"}),
            Insert("web", {"link": "https://example.com"}),
            Insert("\n"),
            *(
                piece
                for kind in KINDS[6:14]
                for piece in (Insert("line"), Insert("\n", {**kind, "indent": 2}))
            ),
            Insert("said"),
            Insert("\n", {"blockquote": True}),
        ]
    )
    there = There(stock, made.take()[0], 3, None)
    shown, under_it = there.look()
    assert shown == under_it == made.document()
    there.edit([{"edit": "insertText", "at": 0, "text": "A "}])
    made.receive(there.take())
    assert made.document()[0] == Insert("A Title")


@pytest.mark.slow
def test_the_command_line_gives_a_text_to_the_browser_and_takes_it_back(
    browser: Browser, tmp_path: Path
) -> None:
    program = Program(tmp_path / "ann")
    program.recovery = program.json("init", "--name", "Ann Archer")["recovery_key"]
    program.ok("project", "new", "Harbour Tower")
    issue = program.json("issue", "add", "Crack", "--text", "Runs **north**.\n\n- [ ] photo")["id"]
    out, back = tmp_path / "out.yjs", tmp_path / "back.yjs"
    program.ok("text", issue, "--export-yjs", str(out))

    there = There(browser, out.read_bytes(), 3)
    assert there.look()[0] == document_from_json(
        json.loads(program.ok("text", issue, "--format", "delta").out)
    )
    program.ok("text", issue, "--insert", "0", "Here: ")
    there.edit(
        [
            {"edit": "formatLine", "from": 0.9, "to": 0.95, "formats": {"list": "checked"}},
            {"edit": "insertEmbed", "at": 0.5, "name": "mention", "value": {"id": "b1"}},
            {"edit": "deleteText", "from": 0.5, "to": 0.55},
            {"edit": "insertText", "at": 0.2, "text": "\N{BRICK}", "formats": {"italic": True}},
        ]
    )
    # All that the browser holds, what came from here and what it deleted among it.
    back.write_bytes(there.state())
    for _ in range(2):
        program.ok("text", issue, "--apply-yjs", str(back))
    merged = tmp_path / "merged.yjs"
    program.ok("text", issue, "--export-yjs", str(merged))
    there.receive([merged.read_bytes()])
    here = document_from_json(json.loads(program.ok("text", issue, "--format", "delta").out))
    shown, under_it = there.look()
    assert here == under_it
    assert as_shown(here) == shown
    assert "Here: " in plain_text(here)
    assert "\N{BRICK}" in plain_text(here)
    back.write_bytes(b"\x00\x01not Yjs")
    refused = program.run("text", issue, "--apply-yjs", str(back))
    assert refused.code == 1
