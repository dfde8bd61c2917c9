from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from pycrdt import Doc, Text
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QClipboard, QDropEvent, QInputMethodEvent, QKeySequence, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.editor.carets import Caret
from app.desktop.editor.frame import TextFrame
from app.desktop.editor.hints import hint_of, title_hint
from app.desktop.editor.rich import RichTextEditor
from app.desktop.editor.surroundings import Named
from app.desktop.widgets import Look
from app.richtext.delta import Delete, Insert, Retain, normal_document
from app.richtext.formats import reference
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from app.richtext.yjs import apply_change, read_document

TEXT = "Runs from the north face.\nHairline on Monday.\n"


@dataclass
class Desk:
    """An editor in a window, and another person's document."""

    editor: RichTextEditor
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
    editor = RichTextEditor(look, "Text", "Write")
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


# Rich text


def rich(desk: Desk, markdown: str) -> None:
    """Put another text into the editor."""
    other: Doc[Text] = Doc(client_id=7)
    with other.transaction():
        apply_change(other.get("content", type=Text), read_markdown(markdown))
    desk.other = other
    desk.editor.bind(other.get_update(), 9, desk.sent.append)


def markdown_of(desk: Desk) -> str:
    desk.exchange()
    mine = desk.editor.slice(0, desk.editor.length())
    assert normal_document(mine) == read_document(desk.text)
    return write_markdown(mine)


def type_keys(desk: Desk, text: str) -> None:
    for character in text:
        if character == "\n":
            QTest.keyClick(desk.editor, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(desk.editor, character)


def test_lists_and_headings_as_one_types(desk: Desk) -> None:
    rich(desk, "\n")
    type_keys(desk, "# Pour\nBefore\n- [ ] formwork\nrebar\n\nand **so** on\n> said\n\n```\nx = 1\n\n\nend")
    assert markdown_of(desk) == (
        "# Pour\nBefore\n- [ ] formwork\n- [ ] rebar\nand **so** on\n> said\n```\nx = 1\n```\n\nend\n"
    )


def test_backspace_takes_the_format_of_a_line_before_its_break(desk: Desk) -> None:
    rich(desk, "one\n- two\n")
    desk.place(4)
    QTest.keyClick(desk.editor, Qt.Key.Key_Backspace)
    assert markdown_of(desk) == "one\ntwo\n"
    QTest.keyClick(desk.editor, Qt.Key.Key_Backspace)
    assert markdown_of(desk) == "onetwo\n"
    QTest.keyClick(desk.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(desk.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert markdown_of(desk) == "one\n- two\n"


def test_typing_over_several_lines_keeps_the_first_lines_format(desk: Desk) -> None:
    rich(desk, "# one\n- two\n- three\n")
    desk.place(9, 2)
    QTest.keyClicks(desk.editor, "x")
    assert markdown_of(desk) == "# onxhree\n"
    QTest.keyClick(desk.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert markdown_of(desk) == "# one\n- two\n- three\n"


def test_a_box_is_ticked_by_a_press_and_by_another_person(desk: Desk) -> None:
    rich(desk, "- [ ] one\n- [ ] two\n")
    editor = desk.editor
    rect = editor.cursor_rect(4)
    press = QPoint(10, rect.center().y())
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=press)
    assert markdown_of(desk) == "- [ ] one\n- [x] two\n"
    desk.text.format(3, 4, {"list": "checked"})
    assert markdown_of(desk) == "- [x] one\n- [x] two\n"
    editor.setReadOnly(True)
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=press)
    assert markdown_of(desk) == "- [x] one\n- [x] two\n"


def test_links_open_after_a_click_and_only_some(desk: Desk, qtbot: QtBot) -> None:
    rich(desk, "[safe](https://example.org/a) and [not](javascript:alert(1))\n")
    editor = desk.editor
    opened: list[str] = []
    editor.link_opened.connect(opened.append)
    at = editor.cursor_rect(2).center()
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened == []
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)
    assert opened == ["https://example.org/a"]
    editor.change([Retain(9), Retain(3, {"link": "file:///etc/passwd"})])
    beside = editor.cursor_rect(10).center()
    QTest.mouseClick(
        editor.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, beside
    )
    assert opened == ["https://example.org/a"]
    assert "file:///etc/passwd is no address" in hint_of("file:///etc/passwd", editable=True)
    assert "\u202e" not in hint_of("https://a\u202egro.elpmaxe", editable=True)


def test_what_is_typed_behind_a_link_is_not_part_of_it(desk: Desk) -> None:
    rich(desk, "[here](https://example.org)\n")
    desk.place(4)
    QTest.keyClicks(desk.editor, " it")
    desk.place(2)
    QTest.keyClicks(desk.editor, "x")
    assert markdown_of(desk) == "[hexre](https://example.org) it\n"


def test_records_in_a_text_show_their_names_and_open(desk: Desk) -> None:
    class Around:
        title = "Pour checklist"

        def named(self, record: bytes) -> Named | None:
            return Named(self.title) if record == b"r" * 16 else None

        def picture(self, attachment: bytes) -> None:
            return None

        def picture_words(self, attachment: bytes) -> str:
            return "not here"

    around = Around()
    rich(desk, "\n")
    editor = desk.editor
    editor.set_surroundings(around)
    editor.change(
        [Insert("see "), Insert(reference(b"r" * 16)), Insert(" or "), Insert(reference(b"x" * 16))]
    )
    opened: list[bytes] = []
    editor.record_opened.connect(opened.append)
    wide = editor.cursor_rect(5).left() - editor.cursor_rect(4).left()
    QTest.mouseClick(
        editor.viewport(),
        Qt.MouseButton.LeftButton,
        pos=editor.cursor_rect(4).center() + QPoint(6, 0),
    )
    assert opened == [b"r" * 16]
    around.title = "A much longer title than the one before"
    editor.names_changed()
    assert editor.cursor_rect(5).left() - editor.cursor_rect(4).left() > wide
    assert desk.editor.grab().width() > 0


def test_copy_and_paste_keep_formats_and_plain_paste_only_words(desk: Desk, clipboard: QClipboard) -> None:
    rich(desk, "# Head\n- **one**\n\nend\n")
    desk.place(8, 0)
    QTest.keyClick(desk.editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "one" in clipboard.text() or "Head" in clipboard.text()
    desk.place(desk.editor.length() - 1)
    QTest.keyClick(desk.editor, Qt.Key.Key_Return)
    QTest.keyClick(desk.editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert markdown_of(desk).startswith("# Head\n- **one**\n\nend\n# Head\n- **one**\n")
    clipboard.setText("**b** and\n- [ ] task")
    modifiers = Qt.KeyboardModifier.ControlModifier
    desk.editor.selectAll()
    QTest.keyClick(desk.editor, Qt.Key.Key_V, modifiers)
    assert markdown_of(desk) == "# **b** and\n- [ ] task\n"
    desk.editor.selectAll()
    QTest.keyClick(desk.editor, Qt.Key.Key_V, modifiers | Qt.KeyboardModifier.ShiftModifier)
    assert desk.editor.toPlainText() == "**b** and\n- [ ] task"


def test_dragging_a_word_elsewhere_moves_it_with_its_format(desk: Desk) -> None:
    rich(desk, "one **two** three\n- four\n")
    editor = desk.editor
    desk.place(8, 4)
    data = editor.createMimeDataFromSelection()
    target = editor.cursor_rect(16).center()
    drop = QDropEvent(
        QPointF(target),
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    drop.source = lambda: editor.viewport()  # type: ignore[method-assign]
    editor.dropEvent(drop)
    assert markdown_of(desk) == "one three\n- fo**two** ur\n"


def test_others_carets_stay_in_their_place(desk: Desk) -> None:
    desk.editor.show_carets([Caret(10, "Mina", "#B93C0B")])
    desk.text.insert(0, "New: ")
    desk.exchange()
    assert [each.position for each in desk.editor.carets] == [15]
    before = desk.editor.grab().toImage()
    desk.editor.show_carets([])
    assert desk.editor.grab().toImage() != before


def test_the_formats_at_the_cursor_are_told_and_set(desk: Desk) -> None:
    rich(desk, "- **two** x\n")
    desk.place(2)
    assert desk.editor.formats() == {"bold": True, "list": "bullet"}
    desk.place(5)
    desk.editor.set_typing({"italic": True})
    QTest.keyClicks(desk.editor, "y")
    assert markdown_of(desk) == "- **two** x*y*\n"


def test_hostile_texts_do_no_harm(desk: Desk) -> None:
    pieces = [Insert("x" * 300_000), Insert("\n", {"indent": 10**9, "list": ["odd"], "header": -4})]
    pieces += [
        Insert({"image": "https://example.org/track.png"}),
        Insert({"odd": [None]}),
        Insert({"image": 7}),
    ]
    pieces += [
        Insert("\n", {"list": "checked", "indent": "deep"}),
        Insert("\u202eevil\u2066", {"link": 5}),
        Insert("\n"),
    ]
    other: Doc[Text] = Doc(client_id=7)
    with other.transaction():
        apply_change(other.get("content", type=Text), pieces)
    desk.editor.bind(other.get_update(), 9, desk.sent.append)
    assert desk.editor.grab().width() > 0
    desk.editor.set_selection(300_001, 300_003)
    QTest.keyClicks(desk.editor, "z")
    desk.other = other
    desk.exchange()
    assert normal_document(desk.editor.slice(0, desk.editor.length())) == read_document(desk.text)
    desk.editor.bind(b"", 9, desk.sent.append)


def test_ten_thousand_nested_lists_open(desk: Desk) -> None:
    pieces = []
    for number in range(10_000):
        pieces += [Insert(f"{number}"), Insert("\n", {"list": "ordered", "indent": number % 9})]
    other: Doc[Text] = Doc(client_id=7)
    with other.transaction():
        apply_change(other.get("content", type=Text), pieces)
    desk.editor.bind(other.get_update(), 9, desk.sent.append)
    assert desk.editor.grab().width() > 0
    assert desk.editor.line(0).attributes == {"list": "ordered", "indent": 0}


def test_html_from_elsewhere_comes_in_clean_and_goes_out_as_such(desk: Desk, clipboard: QClipboard) -> None:
    rich(desk, "\n")
    data = QMimeData()
    data.setHtml(
        "<html><head><style>p {color: red}</style></head><body><!--StartFragment--><h2 onclick='x()'>Head</h2>"
        "<p>A <b>bold</b> <a href='javascript:x()'>lie</a><script>x()</script><img src='http://e.org/p.png'></p>"
        "<ul><li>one</li></ul><!--EndFragment--></body></html>"
    )
    data.setText("Head A bold lie one")
    clipboard.setMimeData(data)
    QTest.keyClick(desk.editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert markdown_of(desk).startswith("## Head\nA **bold** lie\n- one\n")
    desk.editor.selectAll()
    QTest.keyClick(desk.editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = clipboard.mimeData()
    assert "<h2>Head</h2>" in copied.html()
    assert "- one" in copied.text()
    assert bytes(copied.data("text/markdown").data()).startswith(b"## Head\n")


def test_a_title_in_brackets_that_leads_nowhere_is_underlined_and_offered(desk: Desk) -> None:
    rich(desk, "See [[Nowhere|there]] and 😀 [[Else]]\n")
    editor = desk.editor
    asked: list[tuple[str, int, int]] = []
    editor.title_opened.connect(lambda *what: asked.append(what))
    at = editor.cursor_rect(30).center()
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked == []
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)
    assert asked == [("Else", 28, 36)]
    assert "Else" in title_hint("Else", editable=True)
    marked = editor.grab().toImage()
    editor.change([Retain(4), Delete(1)])
    editor.change([Retain(4), Insert("x")])
    assert editor.grab().toImage() != marked
