"""What happened to an item, told, and old values put back by mouse and key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.item.panel import ItemPanel
from app.domain.schema import ISSUE
from app.store.operations import Edit
from app.store.touched import Touched
from tests.desktop.item.scene import Scene


def _refresh(panel: ItemPanel) -> list[str]:
    panel._show_activity()
    return panel.activity.list.told()


def test_tells_who_did_what_when_and_on_which_device(panel: ItemPanel, scene: Scene) -> None:
    scene.there.set(scene.issue, "due", "2026-03-09")
    panel.apply_touched(scene.bring())
    told = _refresh(panel)
    assert told[:2] == [
        "Mina Okafor · today 14:32 on Toughbook",
        "Changed due from Fri 6 Mar to tomorrow",
    ]
    assert told[2] == "Jon Tan · today 14:32 on Surface-3"
    assert told[-1] == "Made this"


def test_every_deed_has_its_words(panel: ItemPanel, scene: Scene) -> None:
    here, issue = scene.here, scene.issue
    here.set(issue, "due", None)
    here.add(issue, "labels", scene.labels["fire"])
    here.remove(issue, "labels", scene.labels["structural"])
    here.set(issue, "category", "Steel")
    here.delete(issue)
    here.restore(issue)
    told = _refresh(panel)
    for words in (
        "Restored this",
        "Deleted this",
        "Changed category from Concrete and structure to Steel",
        "Removed structural from labels",
        "Added fire to labels",
        "Cleared due, which was Fri 6 Mar",
    ):
        assert words in told


def _line(panel: ItemPanel, words: str) -> int:
    return panel.activity.list.told().index(words)


def test_an_old_value_comes_back_by_a_click_and_goes_by_one_undo(
    panel: ItemPanel, scene: Scene, qtbot: QtBot
) -> None:
    scene.there.set(scene.issue, "due", "2026-03-09")
    panel.apply_touched(scene.bring())
    _refresh(panel)
    shown = panel.activity.list
    at = _line(panel, "Changed due from Fri 6 Mar to tomorrow")
    assert not shown.is_offered(at)
    QTest.mouseMove(shown, shown.line_rect(at).center())
    assert shown.is_offered(at)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.button_rect(at).center())
    assert scene.here.field(scene.issue, "due", ISSUE).value == "2026-03-06"
    assert _refresh(panel)[1] == "Changed due from tomorrow to Fri 6 Mar"
    scene.here.undo()
    assert scene.here.field(scene.issue, "due", ISSUE).value == "2026-03-09"


def test_old_values_are_reached_by_key(panel: ItemPanel, scene: Scene, qtbot: QtBot) -> None:
    panel.apply_touched(scene.here.remove(scene.issue, "labels", scene.labels["structural"]))
    panel.apply_touched(scene.here.set(scene.issue, "category", "Steel"))
    _refresh(panel)
    panel.comments.box.setFocus()
    QTest.keyClick(panel.comments.box, Qt.Key.Key_Tab)
    shown = panel.activity.list
    assert shown.hasFocus()
    assert shown.is_offered(_line(panel, "Changed category from Concrete and structure to Steel"))
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.is_offered(_line(panel, "Removed structural from labels"))
    assert shown.accessibleDescription() == "Removed structural from labels. Enter restores structural"
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert scene.labels["structural"] in scene.here.field(scene.issue, "labels", ISSUE).values
    # It is there again, so there is nothing to put back.
    panel.apply_touched(Touched({scene.issue: {"labels"}}, {scene.issue: ISSUE}))
    _refresh(panel)
    assert _line(panel, "Removed structural from labels") not in shown.restorable()
    assert shown.hasFocus()


def test_a_text_becomes_again_what_it_was(panel: ItemPanel, scene: Scene) -> None:
    before = scene.here.plain_text(scene.issue)
    scene.there.clock.ms += 3_600_000  # type: ignore[attr-defined]
    assert scene.there.insert_text(scene.issue, "text", 0, "Wrong. ")
    panel.apply_touched(scene.bring())
    scene.here.clock.ms += 7_200_000  # type: ignore[attr-defined]
    scene.here.insert_text(scene.issue, "text", 0, "Worse. ")
    told = _refresh(panel)
    shown = panel.activity.list
    first, second = (at for at, words in enumerate(told) if words == "Edited the text")
    assert shown.restorable() == [second]
    assert first < second
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.button_rect(second).center())
    assert scene.here.plain_text(scene.issue) == "Wrong. " + before


def test_hundreds_of_deeds_come_a_page_at_a_time(panel: ItemPanel, scene: Scene) -> None:
    bulk = scene.here.bulk()
    for index in range(400):
        bulk.update(scene.issue, [Edit("cost", [str(index), "GBP"])])
    bulk.commit()
    first = _refresh(panel)
    assert len(first) == 7
    panel.activity.more.setFocus()
    QTest.keyClick(panel.activity.more, Qt.Key.Key_Space)
    told = panel.activity.list.told()
    assert len(told) == 27
    assert told[:7] == first
    assert panel.activity.more.isVisibleTo(panel)
