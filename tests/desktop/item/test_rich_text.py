from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.item.panel import ItemPanel
from app.desktop.widgets import Look
from app.domain.schema import NOTE
from app.richtext.delta import Insert
from app.richtext.formats import attached_image, mention, reference
from app.richtext.markdown_read import read_markdown
from tests.desktop.item.scene import Scene, build, make_panel

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = build(tmp_path)
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, look: Look, scene: Scene) -> Iterator[ItemPanel]:
    shown = make_panel(scene, look)
    qtbot.addWidget(shown)
    shown.resize(560, 900)
    shown.show()
    qtbot.waitExposed(shown)
    shown.show_record(scene.issue)
    yield shown
    shown.show_record(None)
    shown.files.stop()
    shown.links.stop()


def written(scene: Scene) -> list[Insert]:
    return scene.here.text_document(scene.issue)


def test_what_another_device_writes_appears_while_one_types(
    panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    editor = panel.text.editor
    editor.setFocus()
    editor.set_selection(4, 4)
    scene.there.replace_text(
        scene.issue, "text", read_markdown("**Runs** from the north face.\n- [x] dated\n")
    )
    QTest.keyClicks(editor, "!")
    panel.apply_touched(scene.bring())
    qtbot.waitUntil(lambda: "Tell-tale" not in editor.toPlainText())
    assert editor.slice(0, 4) == [Insert("Runs", {"bold": True})]
    panel.text.finish()
    assert written(scene) == editor.slice(0, editor.length())
    assert "Runs!" in editor.toPlainText()


def test_a_pasted_picture_stands_in_the_text_and_with_the_files(
    panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    editor = panel.text.editor
    editor.setFocus()
    editor.set_selection(4, 4)
    editor.insertFromMimeData(data)
    qtbot.waitUntil(lambda: len(panel.files.tiles) == 1)
    panel.text.finish()
    (attachment,) = panel.files.tiles
    assert written(scene)[1] == Insert(attached_image(attachment))
    qtbot.waitUntil(lambda: panel.surroundings.picture(attachment) is not None)


def test_names_in_a_text_follow_what_they_name(panel: ItemPanel, scene: Scene) -> None:
    note, touched = scene.here.create(NOTE, {"title": "Pour checklist"})
    panel.apply_touched(touched)
    assert panel.surroundings.named(note) == ("Pour checklist", False)
    panel.apply_touched(scene.here.set(note, "title", "Pour 14"))
    assert panel.surroundings.named(note) == ("Pour 14", False)
    panel.apply_touched(scene.here.delete(note))
    assert panel.surroundings.named(note) == ("Pour 14", True)
    panel.apply_touched(scene.here.restore(note))
    assert panel.surroundings.named(note) == ("Pour 14", False)
    assert panel.surroundings.named(scene.people["Jon Tan"]) == ("Jon Tan", False)
    assert panel.surroundings.named(b"x" * 16) is None
    named = panel.surroundings.named(scene.issue)
    assert named is not None
    assert named.text.startswith("#1847 Crack in slab")


def test_a_title_in_brackets_becomes_a_note_or_a_link_to_one(panel: ItemPanel, scene: Scene) -> None:
    note, touched = scene.here.create(NOTE, {"title": "Pour checklist"})
    panel.apply_touched(touched)
    panel.apply_touched(
        scene.here.replace_text(scene.issue, "text", [Insert("See [[pour checklist]] and [[New one]].\n")])
    )
    panel.show_record(scene.issue)
    editor = panel.text.editor
    opened: list[bytes] = []
    panel.record_opened.connect(opened.append)
    for title in ("New one", "pour checklist"):
        start = editor.toPlainText().index(f"[[{title}]]") + 3
        at = editor.cursor_rect(start).center()
        control = Qt.KeyboardModifier.ControlModifier
        QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, control, at)
    panel.text.finish()
    made = next(each for each in scene.here.records(NOTE) if each == opened[0])
    assert scene.here.field(made, "title").value == "New one"
    assert opened == [made, note]
    assert written(scene) == [
        Insert("See "),
        Insert(reference(note)),
        Insert(" and "),
        Insert(reference(made)),
        Insert(".\n"),
    ]


def test_a_mention_shows_the_name_and_opens_the_person(panel: ItemPanel, scene: Scene) -> None:
    person = scene.people["Jon Tan"]
    panel.text.editor.change([Insert("Tell "), Insert(mention(person)), Insert(" ")])
    opened: list[bytes] = []
    panel.record_opened.connect(opened.append)
    at = panel.text.editor.cursor_rect(5).center()
    at.setX(at.x() + 8)
    QTest.mouseClick(panel.text.editor.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened == [person]


def test_the_view_follows_the_line_that_one_writes_in(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    panel.resize(560, 420)
    editor = panel.text.editor
    editor.setFocus()
    editor.set_selection(editor.length() - 1, editor.length() - 1)
    for number in range(30):
        QTest.keyClick(editor, Qt.Key.Key_Return)
        QTest.keyClicks(editor, str(number))

    def seen() -> bool:
        line = editor.cursor_rect(editor.selection()[1])
        top = editor.viewport().mapTo(panel, line.topLeft()).y()
        return top > 0 and top + line.height() < panel.height()

    qtbot.waitUntil(seen)
    QTest.keyClick(editor, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(seen)


def test_enter_in_a_notes_title_goes_on_with_its_text(panel: ItemPanel, scene: Scene) -> None:
    note, touched = scene.here.create(NOTE, {"title": "Diary"})
    panel.apply_touched(touched)
    panel.show_record(note)
    panel.focus_title()
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert panel.text.editor.hasFocus()
    panel.show_record(scene.issue)
    panel.focus_title()
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert not panel.text.editor.hasFocus()
