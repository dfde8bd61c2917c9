from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text, merge_updates
from PySide6.QtGui import QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from app.desktop.editor.binding import FIRST_SCREEN, TextBinding, shown
from app.desktop.editor.cursors import moved_selection
from app.desktop.editor.document_reader import line_mark, read
from app.desktop.editor.text_style import MARK, TextStyle
from app.desktop.theme import Theme
from app.desktop.tokens import ThemeName
from app.richtext.delta import PLAIN, Attributes, Delete, Insert, Op, Retain, normal, normal_document
from app.richtext.positions import EMBED
from app.richtext.yjs import apply_change, read_pieces

PIECES = (
    "a",
    "b",
    "Straße ",
    "e\u0301",
    "漢字",
    "😀",
    "👩\u200d🔧",
    "שלום",
    "مرحبا",
    "\n",
    "\U0001d11e",
    "\u2028",
)
INLINE: tuple[Attributes, ...] = (
    {"bold": True},
    {"italic": True, "link": "https://example.org"},
    {"code": True},
    {"unheard-of": {"a": [1]}},
    {"bold": None, "code": None},
)
LINES: tuple[Attributes, ...] = (
    {"header": 1},
    {"list": "bullet"},
    {"list": "checked", "indent": 2},
    {"code-block": True},
    {"blockquote": True},
    {"header": None, "list": None, "code-block": None},
)
INSERTED = ("P", "Q\nR", "\n", "\n\n", {"ref": {"id": "1"}}, {"divider": True})


class Editor:
    """A document with its binding, the updates that its project file holds, and those still on the way."""

    def __init__(self, client: int, state: bytes = b"") -> None:
        self.document = QTextDocument()
        self.sent: list[bytes] = []
        self.time = 10_000
        self.style = TextStyle(Theme(ThemeName.LIGHT))
        self.binding = TextBinding(
            self.document, state, client, self.sent.append, self.style, now_ms=lambda: self.time
        )
        self.stored = [state] if state else []
        self.inbox: list[bytes] = []

    def put(self, position: int, removed: int, text: str) -> None:
        cursor = QTextCursor(self.document)
        cursor.setPosition(position)
        cursor.setPosition(position + removed, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)

    def arrive(self, update: bytes) -> None:
        """What a project does: keep the update, and give the open text the state of all that it holds."""
        self.stored.append(update)
        self.binding.receive(merge_updates(*self.stored, *self.sent))

    @property
    def plain(self) -> str:
        cursor = QTextCursor(self.document)
        cursor.select(QTextCursor.SelectionType.Document)
        return cursor.selectedText().replace("\u2029", "\n")

    def assert_agrees(self) -> None:
        """Document, index and Yjs text say the same, formats and embedded objects included."""
        binding = self.binding
        binding.finish_building()
        index, hidden = binding._index, binding._writer.hidden
        assert binding.slice(0, binding.length) == normal(read_pieces(binding._text))
        end = len(index) - hidden
        stretch = read(self.document, 0, self.document.characterCount() - 1, binding.marks)
        assert stretch.text == shown(index.slice(0, end))
        assert stretch.signs == index.signs(0, end)
        if hidden:
            assert line_mark(self.document.lastBlock()) == index.mark_at(end)

    def assert_looks_right(self) -> None:
        """Each line and each letter has the look that its formats ask for."""
        binding = self.binding
        if binding._repair.isActive():
            binding._mend()
        formats = binding._formats
        block = self.document.begin()
        while block.isValid():
            line = line_mark(block)
            assert block.blockFormat() in (formats.block(line), formats.block(line, rightward=False))
            for piece in block.textFormats():
                assert piece.format == formats.char(piece.format.intProperty(MARK), line)
            block = block.next()


def founding_state(text: str) -> bytes:
    yjs: Doc[Text] = Doc(client_id=1)
    yjs.get("content", type=Text).insert(0, text)
    return yjs.get_update()


def boundary(text: str, random: Random) -> int:
    """A UTF-16 position between two characters."""
    return len(text[: random.randint(0, len(text))].encode("utf-16-le")) // 2


@pytest.fixture(autouse=True)
def application(qtbot: QtBot) -> QtBot:
    return qtbot


@pytest.fixture
def editor() -> Iterator[Editor]:
    one = Editor(5, founding_state("Crack in slab\n"))
    yield one
    one.binding.close()


def test_shows_the_text_without_its_final_newline(editor: Editor) -> None:
    assert editor.plain == "Crack in slab"
    assert editor.binding.text() == "Crack in slab\n"
    assert editor.sent == []


def test_typing_sends_one_small_update_each(editor: Editor) -> None:
    editor.put(13, 0, "!")
    editor.put(0, 1, "c")
    assert editor.binding.text() == "crack in slab!\n"
    assert len(editor.sent) == 2
    assert all(len(update) < 40 for update in editor.sent)
    editor.assert_agrees()


def test_a_first_edit_of_an_empty_text_brings_the_newline() -> None:
    editor = Editor(5)
    editor.put(0, 0, "a\nb")
    assert editor.binding.text() == "a\nb\n"
    editor.put(0, 3, "")
    assert editor.binding.text() == "\n"
    assert editor.plain == ""


def test_a_format_change_or_a_repaint_is_no_edit(editor: Editor) -> None:
    editor.document.markContentsDirty(0, 5)
    editor.document.contentsChange.emit(0, 13, 13)
    editor.document.contentsChange.emit(3, 40, 40)
    assert editor.sent == []


def test_a_whole_paste_over_sends_only_what_differs(editor: Editor) -> None:
    lines = [f"line {number}" for number in range(200)]
    editor.put(0, 13, "\n".join(lines))
    editor.sent.clear()
    lines[20] = "other"
    lines[150] += " more"
    editor.document.setPlainText("\n".join(lines))
    assert editor.plain == "\n".join(lines)
    editor.assert_agrees()


def test_replacing_a_character_by_its_twin_keeps_both_whole(editor: Editor) -> None:
    editor.put(0, 13, "a😀b")
    editor.put(1, 2, "😁")
    editor.assert_agrees()
    assert editor.binding.text() == "a😁b\n"


def test_half_a_character_becomes_a_replacement_character(editor: Editor, qtbot: QtBot) -> None:
    editor.put(0, 13, "a😀b")
    cursor = QTextCursor(editor.document)
    cursor.setPosition(2)
    cursor.deletePreviousChar()
    if "\ude00" in {editor.document.characterAt(at) for at in range(4)}:
        qtbot.waitUntil(lambda: editor.document.characterAt(1) == "\ufffd")
        assert editor.binding.text() == "a\ufffdb\n"
    editor.assert_agrees()


def test_others_line_breaks_and_objects_are_shown_one_for_one() -> None:
    yjs: Doc[Text] = Doc(client_id=1)
    text = yjs.get("content", type=Text)
    text.insert(0, "a\r\nb\u2029c\n")
    text.insert_embed(1, {"image": "x"})
    editor = Editor(5, yjs.get_update())
    assert editor.plain == "a\ufffc\u240d\nb\u2424c"
    editor.put(2, 0, "Z")
    yjs.apply_update(editor.sent[-1])
    assert str(text).endswith("Z\r\nb\u2029c\n")
    text.insert_embed(2, {"image": "y"})
    editor.binding.receive(yjs.get_update())
    assert editor.plain == "a\ufffc\ufffcZ\u240d\nb\u2424c"
    editor.put(1, 2, "")
    yjs.apply_update(editor.sent[-1])
    assert str(text) == "aZ\r\nb\u2029c\n"


def test_what_others_add_behind_the_last_newline_shows() -> None:
    yjs: Doc[Text] = Doc(client_id=1)
    text = yjs.get("content", type=Text)
    text.insert(0, "a\n")
    editor = Editor(5, yjs.get_update())
    for change in ("b", "\n", "c\nd"):
        text.insert(len(text), change)
        editor.binding.receive(yjs.get_update())
        editor.assert_agrees()
    del text[1:]
    editor.binding.receive(yjs.get_update())
    editor.assert_agrees()
    editor.put(1, 0, "z")
    assert editor.binding.text() == "az\n"


def test_undo_takes_back_only_ones_own(editor: Editor) -> None:
    other = Editor(6, editor.binding.state())
    editor.put(13, 0, " at B4")
    other.put(0, 0, "Wide ")
    editor.binding.receive(other.sent[-1])
    assert editor.plain == "Wide Crack in slab at B4"
    editor.binding.undo()
    assert editor.plain == "Wide Crack in slab"
    assert not editor.binding.can_undo()
    editor.binding.redo()
    assert editor.plain == "Wide Crack in slab at B4"
    for update in editor.sent:
        other.binding.receive(update)
    assert other.plain == editor.plain
    editor.assert_agrees()


def test_undo_goes_by_pauses(editor: Editor) -> None:
    for position, letter in enumerate("one"):
        editor.put(13 + position, 0, letter)
    editor.time += 5000
    editor.put(16, 0, "two")
    editor.binding.undo()
    assert editor.plain == "Crack in slabone"
    editor.binding.undo()
    assert editor.plain == "Crack in slab"


def test_others_edits_wait_while_a_character_is_composed(editor: Editor) -> None:
    other = Editor(6, editor.binding.state())
    other.put(0, 0, "Wide ")
    editor.binding.hold()
    editor.binding.receive(other.sent[-1])
    assert editor.plain == "Crack in slab"
    editor.put(5, 0, "か")
    editor.binding.release()
    assert editor.plain == "Wide Crackか in slab"
    editor.assert_agrees()


@pytest.mark.parametrize(
    ("selection", "position", "removed", "added", "after"),
    [
        ((5, 5), 5, 0, 3, (5, 5)),
        ((5, 5), 4, 0, 3, (8, 8)),
        ((5, 5), 3, 4, 0, (3, 3)),
        ((2, 6), 2, 0, 3, (5, 9)),
        ((6, 2), 6, 0, 3, (6, 2)),
        ((2, 6), 4, 0, 3, (2, 9)),
        ((2, 6), 0, 9, 0, (0, 0)),
    ],
)
def test_a_selection_stands_where_a_person_expects(
    selection: tuple[int, int], position: int, removed: int, added: int, after: tuple[int, int]
) -> None:
    from app.desktop.editor.binding import Shift

    assert moved_selection(*selection, [Shift(position, removed, added)]) == after


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 2**32), st.integers(2, 4))
def test_editors_agree_however_updates_arrive(seed: int, count: int) -> None:
    random = Random(seed)
    state = founding_state("".join(random.choices(PIECES, k=random.randint(0, 30))) + "\n")
    editors = [Editor(100 + number, state) for number in range(count)]
    stored: Doc[Text] = Doc()
    stored.apply_update(state)
    for _ in range(40):
        index = random.randrange(count)
        editor = editors[index]
        editor.time += random.choice((0, 10, 2000))
        before = len(editor.sent)
        action = random.random()
        if action < 0.35:
            type_somewhere(editor, random)
        elif action < 0.6:
            editor.binding.change(an_edit(editor.binding, random))
        elif action < 0.68:
            editor.binding.undo()
        elif action < 0.72:
            editor.binding.redo()
        elif editor.inbox:
            editor.arrive(editor.inbox.pop(random.randrange(len(editor.inbox))))
            assert len(editor.sent) == before
        editor.assert_agrees()
        editor.assert_looks_right()
        for update in editor.sent[before:]:
            stored.apply_update(update)
            for other in editors:
                if other is not editor:
                    other.inbox += [update] * random.choice((1, 1, 2))
    whole = read_pieces(stored.get("content", type=Text))
    for editor in editors:
        random.shuffle(editor.inbox)
        for update in editor.inbox:
            editor.arrive(update)
        editor.assert_agrees()
        assert editor.binding.document() == normal_document(whole)


def type_somewhere(editor: Editor, random: Random) -> None:
    text = editor.plain
    first, last = sorted((boundary(text, random), boundary(text, random)))
    removed = random.choice((0, 0, min(last - first, 4), last - first))
    removed = removed if first + removed == last or removed == 0 else 0
    editor.put(first, removed, "".join(random.choices(PIECES, k=random.choice((0, 1, 1, 1, 5)))))


def an_edit(binding: TextBinding, random: Random) -> list[Op]:
    """Formats over a part, something put in, a part taken out, or a line replaced by another."""
    start, stop = sorted((random.randint(0, binding.length), random.randint(0, binding.length)))
    kind = random.randrange(4)
    head: list[Op] = [Retain(start)]
    if kind == 0:
        return normal([*head, Retain(stop - start, random.choice((*INLINE, *LINES)))])
    content = random.choice(INSERTED)
    given = {name: value for name, value in random.choice((PLAIN, *INLINE, *LINES)).items() if value}
    if kind == 1:
        return normal([*head, Insert(content, given)])
    last = min(stop, max(start, binding.length - 1))
    taken: list[Op] = [Delete(last - start)]
    return normal([*head, *taken] if kind == 2 else [*head, Insert(content, given), *taken])


def rich_state(pieces: list[Insert]) -> bytes:
    yjs: Doc[Text] = Doc(client_id=1)
    with yjs.transaction():
        apply_change(yjs.get("content", type=Text), pieces)
    return yjs.get_update()


def test_formats_come_and_go_with_edits_of_ones_own() -> None:
    editor = Editor(5, founding_state("Crack in slab\n"))
    editor.binding.change([Retain(6), Retain(2, {"bold": True})])
    editor.binding.change([Retain(13), Retain(1, {"header": 1})])
    editor.put(8, 0, "side")
    assert editor.binding.document() == [
        Insert("Crack "),
        Insert("inside", {"bold": True}),
        Insert(" slab"),
        Insert("\n", {"header": 1}),
    ]
    editor.assert_looks_right()
    editor.binding.undo()
    editor.binding.undo()
    assert editor.binding.document()[-1] == Insert(" slab\n")
    editor.binding.undo()
    assert editor.binding.document() == [Insert("Crack in slab\n")]
    editor.assert_looks_right()


def test_what_is_typed_beside_an_object_is_no_object() -> None:
    editor = Editor(5, rich_state([Insert("a"), Insert({"ref": {"id": "1"}}), Insert("\n")]))
    editor.put(2, 0, "b")
    assert editor.binding.text() == f"a{EMBED}b\n"
    assert editor.binding.document()[1:] == [Insert({"ref": {"id": "1"}}), Insert("b\n")]
    editor.assert_looks_right()


def test_a_long_text_is_built_in_parts_and_edited_meanwhile() -> None:
    lines = [f"line {number} with some words in it\n" for number in range(1000)]
    pieces = [Insert("Title"), Insert("\n", {"header": 1}), Insert("".join(lines)), Insert("end"),
              Insert("\n", {"list": "bullet"})]  # fmt: skip
    editor = Editor(5, rich_state(pieces))
    binding = editor.binding
    assert not binding.complete
    assert FIRST_SCREEN <= len(editor.plain) < 2 * FIRST_SCREEN
    other = Editor(6, binding.state())
    other.binding.finish_building()
    end = other.binding.length
    other.binding.change([Retain(end - 2), Insert("!", {"bold": True})])
    other.binding.change([Retain(100), Delete(20_000)])
    other.binding.change([Retain(3), Insert("X\n", {"list": "checked"})])
    editor.put(2, 0, "Y")
    for update in other.sent:
        binding.receive(update)
    editor.put(0, 0, "Z")
    assert not binding.complete
    binding.finish_building()
    editor.assert_agrees()
    editor.assert_looks_right()
    for update in editor.sent:
        other.binding.receive(update)
    assert other.binding.document() == binding.document()


def test_another_theme_changes_looks_and_no_text() -> None:
    pieces = [Insert("Head"), Insert("\n", {"header": 1}), Insert("x", {"link": "a"}), Insert("\n")]
    editor = Editor(5, rich_state(pieces))
    editor.style.theme.choose(ThemeName.DARK)
    editor.assert_agrees()
    editor.assert_looks_right()
    assert editor.sent == []
    (first,) = editor.document.begin().textFormats()
    assert first.format.foreground().color() == editor.style.theme.color("text")


def test_undo_leaves_the_last_newline_to_what_others_wrote_before_it() -> None:
    here, there = Editor(5), Editor(6)
    here.put(0, 0, "x")
    for update in here.sent:
        there.arrive(update)
    there.put(1, 0, "words")
    for update in there.sent:
        here.arrive(update)
    here.binding.undo()
    assert here.binding.text() == "words\n"
    here.assert_agrees()


def test_a_change_of_a_text_without_a_last_newline_brings_it() -> None:
    editor = Editor(5, founding_state("a\nb"))
    assert editor.binding.text() == "a\nb"
    editor.binding.close_last_line()
    editor.binding.change([Retain(3), Retain(1, {"list": "bullet"})])
    assert editor.binding.document() == [Insert("a\nb"), Insert("\n", {"list": "bullet"})]
    editor.assert_agrees()
    editor.assert_looks_right()
    other = Editor(6, founding_state("a\nb"))
    for update in editor.sent:
        other.arrive(update)
    assert other.binding.document() == editor.binding.document()
