from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.item.backlinks import BackLinks
from app.desktop.item.panel import ItemPanel
from app.domain.schema import COMMENT, ISSUE, NOTE
from app.richtext.delta import Insert
from app.richtext.formats import reference
from tests.desktop.item.scene import Scene


@pytest.fixture
def note(scene: Scene) -> bytes:
    """A note that the scene's issue links to, a comment too, and another issue only names."""
    note = scene.here.create(NOTE, {"title": "Concrete pour checklist"})[0]
    scene.here.replace_text(
        scene.issue, "text", [Insert("Dry. See "), Insert(reference(note)), Insert(" first. Then go on.\n")]
    )
    scene.here.create(COMMENT, {"parent": other(scene)}, text=[Insert(reference(note)), Insert(" is done\n")])
    scene.here.replace_text(other(scene), "text", [Insert("It is in the concrete pour checklist.\n")])
    return note


@pytest.fixture
def links(panel: ItemPanel, note: bytes) -> BackLinks:
    panel.show_record(note)
    return panel.links


def other(scene: Scene) -> bytes:
    return next(each for each in scene.here.records(ISSUE) if each != scene.issue)


def spoken(links: BackLinks) -> list[str]:
    return [row.accessibleName() for row in links.rows]


def test_says_what_links_here_with_its_sentence(links: BackLinks) -> None:
    assert sorted(spoken(links)) == [
        "#1847 Crack in slab at grid B4, 2.1 m, widening: See Concrete pour checklist first.",
        "Comment on #3 Penetration not sealed above ceiling: Concrete pour checklist is done",
    ]
    assert links.head.isVisibleTo(links)


def test_a_press_opens_it_a_comment_where_it_was_said(
    links: BackLinks, panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    rows = {row.text().split()[0]: row for row in links.rows}
    with qtbot.waitSignal(panel.record_opened) as opened:
        QTest.mouseClick(rows["#1847"], Qt.MouseButton.LeftButton)
    assert opened.args == [scene.issue]
    rows["Comment"].setFocus()
    with qtbot.waitSignal(panel.record_opened) as opened:
        QTest.keyClick(rows["Comment"], Qt.Key.Key_Return)
    assert opened.args == [other(scene)]


def test_follows_what_is_written_elsewhere(
    links: BackLinks, panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    panel.apply_touched(scene.here.replace_text(scene.issue, "text", [Insert("Nothing to see.\n")]))
    qtbot.waitUntil(lambda: len(links.rows) == 1)
    panel.apply_touched(scene.here.set(other(scene), "title", "Seal it"))
    qtbot.waitUntil(lambda: spoken(links) == ["Comment on #3 Seal it: Concrete pour checklist is done"])


def test_what_only_names_it_is_looked_for_when_asked_and_made_a_link(
    links: BackLinks, scene: Scene, qtbot: QtBot
) -> None:
    assert links.mention_rows == []
    QTest.mouseClick(links.fold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(links.mention_rows) == 1)
    row = links.mention_rows[0]
    assert row.accessibleName().endswith("It is in the concrete pour checklist.")
    assert row.link is not None
    row.link.setFocus()
    QTest.keyClick(row.link, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(links.rows) == 3 and not links.mention_rows)
    content = scene.here.text_document(other(scene))[1].content
    assert content == reference(links._record.id, "concrete pour checklist")  # type: ignore[union-attr]
    focused = QApplication.focusWidget()
    assert focused is links.fold
    assert links.note.text() == "No other text has the title in it."
    scene.here.undo()
    assert scene.here.plain_text(other(scene)) == "It is in the concrete pour checklist."


def test_unfolded_and_folded_again(links: BackLinks, qtbot: QtBot) -> None:
    links.fold.setFocus()
    QTest.keyClick(links.fold, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(links.mention_rows) == 1)
    QTest.keyClick(links.fold, Qt.Key.Key_Return)
    assert links.mention_rows == []
    assert not links.note.isVisibleTo(links)


def test_people_have_no_such_lines(panel: ItemPanel, scene: Scene) -> None:
    panel.show_record(scene.people["Priya Kaur"])
    assert not panel.links.isVisibleTo(panel)


def test_many_come_a_page_at_a_time(panel: ItemPanel, scene: Scene, note: bytes) -> None:
    for _ in range(6):
        scene.here.create(ISSUE, {}, text=[Insert("By "), Insert(reference(note)), Insert("\n")])
    panel.show_record(note)
    assert len(panel.links.rows) == 5
    QTest.mouseClick(panel.links.more, Qt.MouseButton.LeftButton)
    assert len(panel.links.rows) == 8
    assert panel.links.rows[5].hasFocus()
    assert not panel.links.more.isVisibleTo(panel.links)
