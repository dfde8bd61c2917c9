from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.item.conflict import DeletionBanner, TrashBanner
from app.desktop.item.panel import ItemPanel
from app.domain.schema import ATTACHMENT, COMMENT, ELEMENT, NOTE, PERSON
from tests.desktop.item.scene import Scene, furnish, picture


def title_of(scene: Scene) -> object:
    record = scene.here.get(scene.issue)
    assert record is not None
    return record.value("title")


def focus() -> QWidget:
    focused = QApplication.focusWidget()
    assert focused is not None
    return focused


def test_says_which_item_it_is_and_where(panel: ItemPanel) -> None:
    assert panel.header.crumb.accessibleName() == "#1847  ·  Level 2 / Core B"
    assert panel.title.line.toPlainText() == "Crack in slab at grid B4, 2.1 m, widening"
    assert not panel.header.sync.isHidden()


def test_the_title_is_edited_in_place(panel: ItemPanel, scene: Scene) -> None:
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "Crack, widening")
    assert scene.here.open_drafts() == 1
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert title_of(scene) == "Crack, widening"
    assert scene.here.open_drafts() == 0


def test_spaces_around_a_title_are_not_kept(panel: ItemPanel, scene: Scene) -> None:
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "  Crack, widening ")
    assert panel.title.line.toPlainText() == "  Crack, widening "
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert title_of(scene) == "Crack, widening"
    assert panel.title.line.toPlainText() == "Crack, widening"
    panel.focus_title()
    QTest.keyClick(panel.title.line, Qt.Key.Key_End)
    QTest.keyClicks(panel.title.line, "  ")
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert panel.title.line.toPlainText() == title_of(scene) == "Crack, widening"


def test_esc_restores_the_title_then_closes(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "x")
    QTest.keyClick(panel.title.line, Qt.Key.Key_Escape)
    assert panel.title.line.toPlainText() == "Crack in slab at grid B4, 2.1 m, widening"
    with qtbot.waitSignal(panel.closed):
        QTest.keyClick(panel.title.line, Qt.Key.Key_Escape)


def test_others_titles_do_not_disturb_typing(panel: ItemPanel, scene: Scene) -> None:
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "Mine")
    scene.there.set(scene.issue, "title", "Theirs")
    panel.apply_touched(scene.bring())
    assert panel.title.line.toPlainText() == "Mine"
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    record = scene.here.get(scene.issue)
    assert record is not None
    assert record.conflicts == ("title",)
    conflict = panel.title._conflict
    assert conflict is not None
    mine = next(keep for keep in conflict.keepers if "Mine" in keep.accessibleName())
    QTest.mouseClick(mine, Qt.MouseButton.LeftButton)
    assert title_of(scene) == "Mine"
    assert panel.title._conflict is None


def test_text_is_kept_key_by_key_and_merges(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    editor = panel.text.editor
    editor.setFocus()
    QTest.keyClicks(editor, "Now ")
    assert scene.here.open_drafts() > 0
    scene.there.insert_text(scene.issue, "text", 0, "First: ")
    panel.apply_touched(scene.bring())
    qtbot.waitUntil(lambda: editor.toPlainText().startswith(("Now First: Runs", "First: Now Runs")))
    QTest.keyClicks(editor, "here ")
    panel.comments.box.setFocus()
    assert scene.here.open_drafts() == 0
    assert scene.here.plain_text(scene.issue) == editor.toPlainText()
    scene.bring(scene.there)
    assert scene.there.plain_text(scene.issue) == editor.toPlainText()
    assert "Now here " in editor.toPlainText()


def test_undo_in_the_text_takes_back_ones_own(panel: ItemPanel, scene: Scene) -> None:
    editor = panel.text.editor
    before = editor.toPlainText()
    editor.setFocus()
    QTest.keyClicks(editor, "abc")
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.toPlainText() == before
    QTest.keyClick(
        editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert editor.toPlainText() == "abc" + before
    panel.finish()
    assert scene.here.plain_text(scene.issue) == "abc" + before


def test_a_deletion_elsewhere_is_told_and_decided(panel: ItemPanel, scene: Scene) -> None:
    scene.here.set(scene.issue, "phase", "2")
    scene.there.delete(scene.issue)
    panel.apply_touched(scene.bring())
    banner = panel.banner
    assert isinstance(banner, DeletionBanner)
    assert "Deleted by Mina Okafor" in banner.accessibleName()
    assert "while Jon Tan changed it" in banner.accessibleName()
    keep = next(each for each in banner.findChildren(QAbstractButton) if each.text() == "Keep")
    QTest.mouseClick(keep, Qt.MouseButton.LeftButton)
    assert panel.banner is None
    record = scene.here.get(scene.issue)
    assert record is not None
    assert not record.deleted
    assert record.conflicts == ()


def test_what_is_in_the_trash_is_read_only_and_can_be_restored(panel: ItemPanel, scene: Scene) -> None:
    panel.apply_touched(scene.here.delete(scene.issue))
    banner = panel.banner
    assert isinstance(banner, TrashBanner)
    assert panel.title.line.isReadOnly()
    assert panel.text.editor.isReadOnly()
    assert not panel.grid.rows["status"].isEnabled()
    restore = banner.findChild(QAbstractButton)
    assert restore is not None
    QTest.mouseClick(restore, Qt.MouseButton.LeftButton)
    assert panel.banner is None
    assert not panel.title.line.isReadOnly()
    assert panel.grid.rows["status"].isEnabled()


def test_what_is_in_the_trash_invites_nobody_to_write(panel: ItemPanel, scene: Scene) -> None:
    issue = scene.here.create("issue", {})[0]
    panel.show_record(issue)
    panel.grid.more.click()

    def invitations() -> set[str]:
        edits: list[QLineEdit | QTextEdit | QPlainTextEdit] = [*panel.grid.findChildren(QLineEdit)]
        edits += [panel.text.editor, panel.comments.box]
        return {each.placeholderText() for each in edits if each.isVisible()} - {""}

    invited = invitations()
    assert "today, next fri, +7d" in invited
    assert "Write a comment" in invited
    panel.apply_touched(scene.here.delete(issue))
    assert invitations() == set()
    panel.apply_touched(scene.here.restore(issue))
    assert invitations() == invited
    panel.apply_touched(scene.here.delete(issue))
    panel.show_record(scene.issue)
    panel.show_record(issue)
    assert invitations() == set()


def test_comments_are_sent_by_key_and_those_of_others_appear(panel: ItemPanel, scene: Scene) -> None:
    box = panel.comments.box
    box.setFocus()
    QTest.keyClicks(box, "Propped")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert box.toPlainText() == ""
    made = scene.here.children(scene.issue, COMMENT)
    assert [scene.here.plain_text(each) for each in made] == ["Propped"]
    scene.there.create(COMMENT, {"parent": scene.issue}, text="Seen")
    panel.apply_touched(scene.bring())
    assert [card.said.text for card in panel.comments.cards.values()] == ["Propped", "Seen"]


def test_a_comment_that_was_begun_waits(panel: ItemPanel, scene: Scene) -> None:
    QTest.keyClicks(panel.comments.box, "Half a")
    other = next(each for each in scene.here.records("issue") if each != scene.issue)
    panel.show_record(other)
    assert panel.comments.box.toPlainText() == ""
    panel.show_record(scene.issue)
    assert panel.comments.box.toPlainText() == "Half a"


def test_files_are_dropped_and_say_where_they_are(
    panel: ItemPanel, scene: Scene, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "slab.jpg"
    path.write_bytes(picture("#333333", "#aaaaaa"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert panel.files.can_take(data)
    panel.dropEvent(
        QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    qtbot.waitUntil(lambda: len(panel.files.tiles) == 1)
    tile = next(iter(panel.files.tiles.values()))
    qtbot.waitUntil(lambda: tile._image is not None)
    assert tile.accessibleName() == "slab.jpg, Only on this device"
    QTest.keyClick(tile, Qt.Key.Key_Delete)
    assert panel.files.tiles == {}
    assert scene.here.children(scene.issue, ATTACHMENT) == []


def test_the_first_photo_stands_beside_the_tile_that_adds(
    panel: ItemPanel, scene: Scene, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "slab.jpg"
    path.write_bytes(picture("#333333", "#aaaaaa"))
    panel.files.add_files([path])
    qtbot.waitUntil(lambda: len(panel.files.tiles) == 1)
    tile = next(iter(panel.files.tiles.values()))
    qtbot.waitUntil(lambda: panel.files.add.x() > tile.geometry().right())
    assert tile.size() == tile.sizeHint()
    QTest.keyClick(tile, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.files.add.x() == 0)


def test_a_picture_is_pasted(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    data = QMimeData()
    data.setImageData(image)
    panel.text.editor.insertFromMimeData(data)
    qtbot.waitUntil(lambda: len(panel.files.tiles) == 1)
    assert next(iter(panel.files.tiles.values())).name.endswith(".png")
    assert "Picture" not in panel.text.editor.toPlainText()


def test_a_photo_is_seen_large(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    for number in range(2):
        scene.files.add_bytes(scene.issue, f"{number}.jpg", picture("#222222", "#dddddd"))
    scene.files.add_bytes(scene.issue, "broken.png", b"no picture")
    panel.show_record(scene.issue)
    first, second, broken = panel.files.tiles.values()
    QTest.keyClick(first, Qt.Key.Key_Return)
    viewer = panel.files.viewer
    assert viewer is not None
    qtbot.waitUntil(lambda: viewer.image is not None)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.accessibleName() == "Photo: 1.jpg"
    qtbot.waitUntil(lambda: viewer.image is not None)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "cannot be shown" in viewer._problem)
    with qtbot.assertNotEmitted(panel.closed):
        QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert panel.files.viewer is None
    assert second.isVisible()
    assert broken._image is None


def test_a_folder_is_refused_in_words(panel: ItemPanel, tmp_path: Path) -> None:
    panel.files.add_files([tmp_path])
    assert "is a folder" in panel.files._problem.text()


def test_keys_go_to_the_items_before_and_after(panel: ItemPanel, qtbot: QtBot) -> None:
    panel.focus_title()
    alt = Qt.KeyboardModifier.AltModifier
    with qtbot.waitSignal(panel.previous_requested):
        QTest.keyClick(panel.title.line, Qt.Key.Key_Up, alt)
    with qtbot.waitSignal(panel.next_requested):
        QTest.keyClick(panel.title.line, Qt.Key.Key_Down, alt)
    with qtbot.waitSignal(panel.closed):
        QTest.mouseClick(panel.header.close_button, Qt.MouseButton.LeftButton)


def test_the_star_is_set(panel: ItemPanel, scene: Scene) -> None:
    QTest.mouseClick(panel.header.star, Qt.MouseButton.LeftButton)
    record = scene.here.get(scene.issue)
    assert record is not None
    assert record.value("starred") is True
    assert panel.header.star.isChecked()


def test_every_control_has_a_name(panel: ItemPanel, scene: Scene) -> None:
    furnish(scene)
    panel.show_record(scene.issue)
    panel.grid.more.click()
    controls = [
        each
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QTextEdit)
        for each in panel.findChildren(kind)
        if each.isVisibleTo(panel)
    ]
    assert len(controls) > 30
    for control in controls:
        assert control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())


def test_tab_follows_the_eye(panel: ItemPanel) -> None:
    panel.focus_title()
    seen = []
    for _ in range(40):
        QTest.keyClick(focus(), Qt.Key.Key_Tab)
        focused = focus()
        if focused is panel.comments.box:
            break
        seen.append(focused.mapTo(panel._content, QPoint(0, 0)).y())
    assert len(seen) >= 9
    assert seen == sorted(seen)


def test_notes_people_elements_and_kinds_of_later_versions_open_too(panel: ItemPanel, scene: Scene) -> None:
    note = scene.here.records(NOTE)[0]
    panel.show_record(note)
    assert panel.header.crumb.accessibleName() == "Note"
    assert panel.text.isVisibleTo(panel)
    panel.show_record(scene.people["Priya Kaur"])
    assert panel.title.line.toPlainText() == "Priya Kaur"
    assert not panel.text.isVisibleTo(panel)
    element, _ = scene.here.create(
        ELEMENT, {"name": "Door 2.14", "parameters": {"Fire rating": "EI 30", "Width": 0.9, "Smoke": True}}
    )
    panel.show_record(element)
    row = panel.grid.rows["parameters/Fire rating"]
    assert row.editor.spoken_value() == "EI 30"
    assert panel.grid.rows["parameters/Smoke"].editor.spoken_value() == "yes"
    strange = bytes(range(16))
    with scene.here.writing():
        from app.store.touched import Touched
        from sync.change import Set

        scene.here.append(
            [Set("drone", strange, "height", 12), Set("drone", strange, "name", "D1")], Touched()
        )
    panel.show_record(strange)
    assert panel.header.crumb.accessibleName() == "From a newer version"
    assert {name: row.editor.spoken_value() for name, row in panel.grid.rows.items()} == {
        "height": "12",
        "name": "D1",
    }


def test_a_new_person_gets_a_name(panel: ItemPanel, scene: Scene) -> None:
    person, _ = scene.here.create(PERSON, {})
    panel.show_record(person)
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "Ana Sol")
    QTest.keyClick(panel.title.line, Qt.Key.Key_Return)
    assert scene.here.column(PERSON, "name")[person] == "Ana Sol"


def test_another_item_keeps_what_was_typed(panel: ItemPanel, scene: Scene) -> None:
    other = next(each for each in scene.here.records("issue") if each != scene.issue)
    panel.focus_title()
    QTest.keyClicks(panel.title.line, "Kept")
    panel.show_record(other)
    assert title_of(scene) == "Kept"
