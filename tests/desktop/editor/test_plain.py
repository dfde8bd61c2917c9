from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from pycrdt import Doc, Text
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QClipboard, QInputMethodEvent, QKeySequence, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.editor.frame import TextFrame
from app.desktop.editor.plain import PlainTextEditor
from app.desktop.widgets import Look

TEXT = "Runs from the north face.\nHairline on Monday.\n"


@dataclass
class Desk:
    """An editor in a window, and another person's document."""

    editor: PlainTextEditor
    other: Doc[Text]
    sent: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> Text:
        return self.other.get("content", type=Text)

    def exchange(self) -> None:
        for update in self.sent:
            self.other.apply_update(update)
        self.sent.clear()
        self.editor.receive(self.other.get_update())

    def place(self, position: int, anchor: int | None = None) -> None:
        cursor = self.editor.textCursor()
        cursor.setPosition(position if anchor is None else anchor)
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
        self.editor.setTextCursor(cursor)

    def selection(self) -> tuple[int, int]:
        cursor = self.editor.textCursor()
        return cursor.anchor(), cursor.position()

    def assert_agree(self) -> None:
        self.exchange()
        assert self.editor.toPlainText() + "\n" == str(self.text)


pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)


@pytest.fixture
def desk(qtbot: QtBot, look: Look) -> Iterator[Desk]:
    editor = PlainTextEditor(look, "Text", "Write")
    frame = TextFrame(look, editor)
    qtbot.addWidget(frame)
    other: Doc[Text] = Doc(client_id=7)
    other.get("content", type=Text).insert(0, TEXT)
    made = Desk(editor, other)
    editor.bind(other.get_update(), 9, made.sent.append)
    frame.resize(400, 300)
    frame.show()
    qtbot.waitExposed(frame)
    editor.setFocus()
    yield made
    editor.release()


def test_typing_and_deleting_by_keys(desk: Desk) -> None:
    desk.place(4)
    QTest.keyClicks(desk.editor, "🙂 up"[1:])
    QTest.keyClick(desk.editor, Qt.Key.Key_Backspace)
    QTest.keyClick(desk.editor, Qt.Key.Key_Delete)
    QTest.keyClick(desk.editor, Qt.Key.Key_Return)
    QTest.keyClick(desk.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert desk.editor.toPlainText().startswith("Runs u\n\nfrom")
    desk.assert_agree()


def test_the_end_of_the_text_stays_whole(desk: Desk) -> None:
    QTest.keyClick(desk.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(desk.editor, Qt.Key.Key_Backspace)
    assert desk.editor.toPlainText() == ""
    desk.exchange()
    assert str(desk.text) == "\n"
    QTest.keyClicks(desk.editor, "new")
    desk.assert_agree()


def test_others_edits_leave_cursor_and_selection_in_place(desk: Desk) -> None:
    desk.place(5, 9)
    desk.text.insert(0, "Wide. ")
    desk.exchange()
    assert desk.selection() == (15, 11)
    assert desk.editor.textCursor().selectedText() == "from"
    del desk.text[0:6]
    desk.text.insert(9, "!!")
    desk.exchange()
    assert desk.editor.textCursor().selectedText() == "from"
    desk.place(9)
    desk.text.insert(9, "later")
    desk.exchange()
    assert desk.selection() == (9, 9)


def test_others_edits_leave_a_long_text_where_it_was_scrolled(desk: Desk) -> None:
    desk.text.insert(0, "".join(f"line {number} of a long text\n" for number in range(1200)))
    desk.exchange()
    bar = desk.editor.verticalScrollBar()
    assert bar.maximum() > 0
    desk.place(len(desk.editor.toPlainText()) // 2)
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    desk.text.insert(len(desk.text) - 1, "at the end")
    desk.exchange()
    assert bar.value() == before
    top = desk.editor.cursorForPosition(QPoint(2, 2)).block().text()
    desk.text.insert(0, "one more line at the top\n" * 3)
    desk.exchange()
    assert desk.editor.cursorForPosition(QPoint(2, 2)).block().text() == top


def test_composing_is_not_cut_by_others(desk: Desk) -> None:
    desk.place(4)
    QApplication.sendEvent(desk.editor, QInputMethodEvent("か", []))
    assert desk.sent == []
    desk.text.insert(0, "Wide. ")
    desk.editor.receive(desk.other.get_update())
    assert desk.editor.toPlainText().startswith("Runs")
    commit = QInputMethodEvent()
    commit.setCommitString("蚊")
    QApplication.sendEvent(desk.editor, commit)
    assert desk.editor.toPlainText().startswith("Wide. Runs蚊 from")
    desk.assert_agree()


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[QClipboard]:
    """The clipboard, empty again afterwards: what Python made and Qt frees after Python's end crashes there."""
    yield qapp.clipboard()
    qapp.clipboard().clear()


def test_pasting_brings_plain_text(desk: Desk, clipboard: QClipboard) -> None:
    data = QMimeData()
    data.setText("a\r\nb\u2028c\rd")
    data.setHtml("<b>a</b>")
    clipboard.setMimeData(data)
    desk.place(0)
    QTest.keySequence(desk.editor, QKeySequence(QKeySequence.StandardKey.Paste))
    assert desk.editor.toPlainText().startswith("a\nb\nc\ndRuns")
    desk.assert_agree()


def test_files_are_handed_on(desk: Desk, qtbot: QtBot) -> None:
    from PySide6.QtCore import QUrl

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.jpg")])
    with qtbot.waitSignal(desk.editor.files_dropped):
        desk.editor.insertFromMimeData(data)
    assert desk.editor.toPlainText() + "\n" == TEXT


def test_undo_by_key_leaves_what_others_wrote(desk: Desk) -> None:
    desk.place(4)
    QTest.keyClicks(desk.editor, "XYZ")
    desk.text.insert(0, "Wide. ")
    desk.exchange()
    QTest.keySequence(desk.editor, QKeySequence(QKeySequence.StandardKey.Undo))
    assert desk.editor.toPlainText() + "\n" == "Wide. " + TEXT
    QTest.keySequence(desk.editor, QKeySequence(QKeySequence.StandardKey.Redo))
    assert desk.editor.toPlainText().startswith("Wide. RunsXYZ")
    assert desk.selection() == (13, 13)
    desk.assert_agree()


def test_the_menu_offers_undo(desk: Desk) -> None:
    QTest.keyClicks(desk.editor, "x")
    menu = desk.editor.make_menu()
    undo = next(action for action in menu.actions() if action.objectName() == "edit-undo")
    assert undo.isEnabled()
    undo.trigger()
    assert desk.editor.toPlainText() + "\n" == TEXT
    menu.deleteLater()


def test_grows_with_its_content(desk: Desk) -> None:
    before = desk.editor.height()
    desk.text.insert(0, "line\n" * 20)
    desk.exchange()
    assert desk.editor.height() > before + 200
    assert desk.editor.verticalScrollBar().maximum() == 0


def test_a_read_only_text_still_follows(desk: Desk) -> None:
    desk.editor.setReadOnly(True)
    QTest.keyClicks(desk.editor, "no")
    desk.text.insert(0, "Wide. ")
    desk.exchange()
    assert desk.editor.toPlainText().startswith("Wide. Runs")


@pytest.mark.parametrize("seed", range(12))
def test_two_people_type_and_agree(desk: Desk, seed: int) -> None:
    random = Random(seed)
    keys: list[Callable[[], None]] = [
        lambda: QTest.keyClicks(desk.editor, random.choice(("a", "bc", "Z "))),
        lambda: QTest.keyClick(desk.editor, Qt.Key.Key_Backspace),
        lambda: QTest.keyClick(desk.editor, Qt.Key.Key_Delete),
        lambda: QTest.keyClick(desk.editor, Qt.Key.Key_Return),
        lambda: QTest.keyClick(desk.editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier),
        lambda: QTest.keyClick(desk.editor, random.choice((Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_End))),
        lambda: QTest.keySequence(desk.editor, QKeySequence(QKeySequence.StandardKey.Undo)),
        lambda: desk.editor.textCursor().insertText(random.choice(("😀", "漢\n字", "e\u0301", "שלום"))),
    ]
    for _ in range(60):
        random.choice(keys)()
        if random.random() < 0.4:
            text = str(desk.text)
            at = len(text[: random.randrange(len(text))].encode())
            desk.text.insert(at, random.choice(("q", "😀", "\n", "مرحبا")))
        if random.random() < 0.3:
            desk.exchange()
    desk.assert_agree()
