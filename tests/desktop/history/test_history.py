from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.history.versions import Showing
from app.desktop.history.view import TextHistory
from app.desktop.item.panel import ItemPanel
from app.desktop.widgets import Look
from app.domain.schema import COMMENT
from app.richtext.delta import Document, Insert, plain_text
from app.richtext.marked import CHANGE, DELETED, INSERTED
from app.store.project import Project
from app.store.touched import Touched
from tests.desktop.item import scene as scenes
from tests.desktop.item.scene import Scene

HOUR = 3_600_000


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An issue whose text was written here, then there, then here."""
    made = scenes.build(tmp_path)
    write(
        made, made.here, [Insert("Hairline on Monday.\nTell-tale fixed"), Insert("\n", {"list": "checked"})]
    )
    write(
        made,
        made.there,
        [Insert("Hairline, 0.4 mm now.\nTell-tale fixed"), Insert("\n", {"list": "checked"})],
    )
    write(made, made.here, [Insert("Hairline, 0.4 mm now.\n")])
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, look: Look, scene: Scene) -> Iterator[ItemPanel]:
    made = scenes.make_panel(scene, look)
    qtbot.addWidget(made)
    made.resize(452, 900)
    made.show_record(scene.issue)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    yield made
    made.files.stop()
    made.show_record(None)


@pytest.fixture
def view(panel: ItemPanel) -> TextHistory:
    """The history, opened by the button in the item's head."""
    QTest.mouseClick(panel.header.history, Qt.MouseButton.LeftButton)
    assert panel.history is not None
    return panel.history


def write(scene: Scene, project: Project, document: Document) -> None:
    """A session of its own on one device, which the other one gets."""
    scene.here.clock.ms += HOUR  # type: ignore[attr-defined]
    project.replace_text(scene.issue, "text", document)
    scene.bring()
    scene.bring(scene.there)


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def now(scene: Scene) -> str:
    return plain_text(scene.here.text_document(scene.issue))


def shown(view: TextHistory, change: str = "") -> str:
    """What stands there; with ``change`` only what is marked so."""
    document = view.text.slice(0, view.text.length())
    return "|".join(
        piece.content
        for piece in document
        if isinstance(piece.content, str) and (not change or piece.attributes.get(CHANGE) == change)
    )


def test_tells_who_wrote_when_and_how_much(view: TextHistory) -> None:
    entries = [(entry.text, entry.below, entry.right) for entry in view.list.entries]
    assert entries[:2] == [
        ("Jon Tan", "today 17:32 on Surface-3", "−16"),
        ("Mina Okafor", "today 16:32 on Toughbook", "+10 −8"),
    ]
    assert len(entries) == 4
    assert view.slider.value() == view.slider.maximum() == 3


def test_shows_what_a_session_changed_by_more_than_a_colour(view: TextHistory) -> None:
    assert view.slider.hasFocus()
    press(Qt.Key.Key_Left)
    assert view.list.current is not None
    assert view.list.current.text == "Mina Okafor"
    assert shown(view, DELETED) == " on Monday"
    assert shown(view, INSERTED) == ", 0.4 mm now"
    style = view.text.style_of_text
    assert style.char({CHANGE: DELETED}, {}, 0, None).fontStrikeOut()
    assert style.char({CHANGE: INSERTED}, {}, 0, None).fontUnderline()


def test_the_keys_go_through_time(view: TextHistory) -> None:
    press(Qt.Key.Key_Home)
    assert view.slider.value() == 0
    assert shown(view, INSERTED).startswith("Runs from the north face")
    press(Qt.Key.Key_W)
    assert shown(view).startswith("Runs from the north face")
    assert shown(view, INSERTED) == ""
    view.list.setFocus()
    press(Qt.Key.Key_Up)
    assert view.slider.value() == 1
    assert shown(view) == "Hairline on Monday.\nTell-tale fixed|\n"
    press(Qt.Key.Key_K)
    assert view.slider.value() == 2


def test_a_session_is_compared_with_now(view: TextHistory) -> None:
    view.stand(1)
    press(Qt.Key.Key_S)
    assert shown(view, DELETED) == " on Monday|Tell-tale fixed|\n"
    assert shown(view, INSERTED) == ", 0.4 mm now"
    press(Qt.Key.Key_C)
    assert view.tabs[Showing.CHANGES].isChecked()


def test_the_whole_text_is_had_back(view: TextHistory, scene: Scene) -> None:
    assert not view.restore.isEnabled()
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_M)
    assert now(scene) == "Hairline on Monday.\nTell-tale fixed\n"
    assert scene.here.text_document(scene.issue)[-1].attributes == {"list": "checked"}
    assert "Undo" in view._note.text()
    scene.here.undo()
    assert now(scene) == "Hairline, 0.4 mm now.\n"


def test_a_part_is_put_back_where_it_stood(view: TextHistory, scene: Scene) -> None:
    assert not view.put_back.isEnabled()
    press(Qt.Key.Key_Left)
    at = plain_text(view.text.slice(0, view.text.length())).index(" on Monday")
    view.text.setFocus()
    view.text.set_selection(at, at + len(" on Monday"))
    assert view.put_back.isEnabled()
    press(Qt.Key.Key_P)
    assert now(scene) == "Hairline, on Monday 0.4 mm now.\n"
    scene.here.undo()
    assert now(scene) == "Hairline, 0.4 mm now.\n"


def test_a_line_is_selected_by_key_and_put_back_with_its_box(view: TextHistory, scene: Scene) -> None:
    view.stand(2)
    press(Qt.Key.Key_W)
    view.text.setFocus()
    view.text.set_selection(view.text.length() - 1, view.text.length() - 1)
    QTest.keyClick(view.text, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
    press(Qt.Key.Key_P)
    assert scene.here.text_document(scene.issue) == [
        Insert("Hairline, 0.4 mm now.\nTell-tale fixed"), Insert("\n", {"list": "checked"}),
    ]  # fmt: skip


def test_what_others_write_is_read_on(
    view: TextHistory, scene: Scene, panel: ItemPanel, qtbot: QtBot
) -> None:
    press(Qt.Key.Key_Left)
    write(scene, scene.there, [Insert("All dry.\n")])
    touched = Touched()
    touched.note("issue", scene.issue, "text")
    panel.apply_touched(touched)
    qtbot.waitUntil(lambda: len(view.sessions) == 5)
    assert view.slider.value() == 2


def shows_history(panel: ItemPanel) -> bool:
    return panel.in_history


def test_esc_goes_back_to_the_text(view: TextHistory, panel: ItemPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.closed):
        press(Qt.Key.Key_Escape)
    assert not shows_history(panel)
    assert panel.text.editor.hasFocus()
    QTest.mouseClick(panel.header.history, Qt.MouseButton.LeftButton)
    assert shows_history(panel)
    panel.focus_title()
    assert not shows_history(panel)


def test_a_comment_has_a_history_too(panel: ItemPanel, scene: Scene) -> None:
    comment, _ = scene.here.create(COMMENT, {"parent": scene.issue}, text="Agreed")
    scene.here.clock.ms += HOUR  # type: ignore[attr-defined]
    scene.here.insert_text(comment, "text", 6, " for now")
    panel.comments.refresh()
    panel.comments.cards[comment].view.setFocus()
    press(Qt.Key.Key_H)
    assert panel.history is not None
    assert shown(panel.history, INSERTED) == " for now"
    press(Qt.Key.Key_Escape)
    assert panel.comments.cards[comment].view.hasFocus()


def test_a_text_that_nobody_wrote_says_so(panel: ItemPanel, scene: Scene) -> None:
    issue, _ = scene.here.create("issue", {"title": "New"})
    panel.show_record(issue)
    panel.show_history()
    assert panel.history is not None
    assert panel.history._who.text() == "Nothing was written here yet"
    assert not panel.history.restore.isEnabled()


def test_one_version_is_told_in_words_in_the_place_of_the_slider(
    panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    issue, _ = scene.here.create("issue", {"title": "New"}, text="Crack above the door")
    panel.show_record(issue)
    QTest.mouseClick(panel.header.history, Qt.MouseButton.LeftButton)
    view = panel.history
    assert view is not None
    assert view.list.hasFocus()
    assert view.only.isVisible()
    assert "only one version" in view.only.text()
    assert not view.slider.isVisible()
    QTest.keyClick(view.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert not view.put_back.isEnabled()
    assert not view.restore.isEnabled()
    scene.here.clock.ms += HOUR  # type: ignore[attr-defined]
    panel.apply_touched(scene.here.insert_text(issue, "text", 0, "Long "))
    qtbot.waitUntil(view.slider.isVisible)
    assert not view.only.isVisible()


def test_what_is_in_the_trash_is_only_read(panel: ItemPanel, scene: Scene) -> None:
    panel.apply_touched(scene.here.delete(scene.issue))
    panel.show_history()
    assert panel.history is not None
    panel.history.stand(0)
    assert not panel.history.restore.isEnabled()
