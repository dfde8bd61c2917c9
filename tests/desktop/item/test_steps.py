from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop.item.panel import ItemPanel
from app.desktop.item.steps import StepBar
from app.domain.closing import Action
from app.domain.schema import COMMENT, NOTE, PROJECT
from tests.desktop.item.scene import Scene


@pytest.fixture
def bar(panel: ItemPanel) -> StepBar:
    assert panel.steps is not None
    return panel.steps


def status(scene: Scene) -> str:
    record = scene.here.get(scene.issue)
    assert record is not None
    return str(scene.here.field(record.value("status"), "meaning", "status").value)


def press(bar: StepBar, action: Action) -> None:
    QTest.mouseClick(bar.buttons[action], Qt.MouseButton.LeftButton)


def test_resolve_then_close_then_reopen(bar: StepBar, scene: Scene) -> None:
    assert Action.RESOLVE in bar.buttons
    press(bar, Action.RESOLVE)
    assert status(scene) == "review"
    assert list(bar.buttons) == [Action.CLOSE, Action.SEND_BACK]
    press(bar, Action.CLOSE)
    assert status(scene) == "done"
    assert list(bar.buttons) == [Action.REOPEN]
    press(bar, Action.REOPEN)
    assert status(scene) == "open"


def test_sending_back_asks_why_and_says_it_in_a_comment(bar: StepBar, scene: Scene) -> None:
    press(bar, Action.RESOLVE)
    press(bar, Action.SEND_BACK)
    assert status(scene) == "review"
    assert bar.reason.hasFocus()
    QTest.keyClicks(bar.reason, "Still wet behind the pipe")
    QTest.keyClick(bar.reason, Qt.Key.Key_Return)
    assert status(scene) == "open"
    comment = scene.here.children(scene.issue, COMMENT)[-1]
    assert scene.here.plain_text(comment) == "Still wet behind the pipe"
    assert not bar.reason.isVisible()


def test_esc_puts_the_reason_away(bar: StepBar, scene: Scene, panel: ItemPanel) -> None:
    press(bar, Action.RESOLVE)
    press(bar, Action.SEND_BACK)
    QTest.keyClicks(bar.reason, "x")
    QTest.keyClick(bar.reason, Qt.Key.Key_Escape)
    assert not bar.reason.isVisible()
    assert QApplication.focusWidget() in bar.buttons.values()
    assert panel.record == scene.issue


def test_one_step_where_the_project_wants_one(bar: StepBar, scene: Scene, panel: ItemPanel) -> None:
    panel.apply_touched(scene.here.set(scene.here.record, "closing", "one step"))
    panel.show_record(scene.issue)
    assert list(bar.buttons) == [Action.CLOSE]
    assert scene.here.field(scene.here.record, "closing", PROJECT).value == "one step"


def test_what_is_no_issue_has_no_steps(bar: StepBar, scene: Scene, panel: ItemPanel) -> None:
    note, touched = scene.here.create(NOTE, {"title": "n"})
    panel.apply_touched(touched)
    panel.show_record(note)
    assert not bar.isVisible()
