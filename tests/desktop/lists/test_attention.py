"""What the server refused: tried again, or dropped, by key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.lists.attention import AttentionPage
from app.desktop.places import ATTENTION
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.bundle_state import DIFFERENT
from app.store.project import Project
from tests.desktop.page_stage import keys, press

_SHIFT = Qt.KeyboardModifier.ShiftModifier


def _refuse(page: ProjectPage, project: Project) -> bytes:
    """Pretend that the server refused what was written last."""
    record = page.workspace.ids(ISSUE)[0]
    page.workspace.apply_touched(project.set(record, "title", "Refused"))
    with project.writing():
        did = project.numbers.device(project.device)
        project.db.run(
            "INSERT INTO envelopes (hash, did, seq, kind, state, pushed, reason, received_ms, wire)"
            " VALUES (?, ?, 1, 0, 0, 2, 'The project is full.', 0, x'00')",
            (b"h" * 32, did),
        )
        eid = project.db.connection.last_insert_rowid()
        project.db.run("UPDATE changes SET eid = ? WHERE cid = (SELECT max(cid) FROM changes)", (eid,))
    page.workspace.sync_marks_changed()
    page.reporter.count()
    return record


def _open(page: ProjectPage) -> AttentionPage:
    page.show_page(ATTENTION)
    shown = page.list_page
    assert isinstance(shown, AttentionPage)
    return shown


def test_trying_again_queues_it(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    _refuse(page, project)
    shown = _open(page)
    assert keys(page) == [b"h" * 32]
    assert "“Refused”" in shown.sentence.text()
    with qtbot.waitSignal(page.workspace.wrote):
        press(qtbot, "T")
    assert not project.attention()
    assert not keys(page)


def test_dropping_says_what_is_lost_and_asks_once_more(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    _refuse(page, project)
    shown = _open(page)
    assert "are lost" in shown.sentence.text()
    dropped: list[bytes] = []
    page.workspace.drop_asked.connect(dropped.append)
    press(qtbot, Qt.Key.Key_Delete, _SHIFT)
    assert not dropped
    assert "for good" in shown.sentence.text()
    assert shown.away.text() == "Drop for good"
    press(qtbot, Qt.Key.Key_Delete, _SHIFT)
    assert dropped == [b"h" * 32]
    QTest.mouseClick(shown.away, Qt.MouseButton.LeftButton)
    QTest.mouseClick(shown.away, Qt.MouseButton.LeftButton)
    assert len(dropped) == 2


def test_the_reason_stands_in_full_below_the_list(page: ProjectPage, project: Project) -> None:
    _refuse(page, project)
    shown = _open(page)
    assert project.attention()[0].reason in shown.sentence.text()


def test_a_bundle_that_differs_is_told_and_leaves_nothing_to_press(
    page: ProjectPage, project: Project
) -> None:
    with project.writing():
        project.put_meta("bundle_refused", b"b" * 32)
    page.workspace.sync_marks_changed()
    shown = _open(page)
    assert shown.sentence.text() == f"{DIFFERENT} Your own work is not touched."
    assert not shown.again.isVisible()
    assert not shown.away.isVisible()
