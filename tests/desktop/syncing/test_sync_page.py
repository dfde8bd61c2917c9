"""The page of sync as the window shows it, and the log that it reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.places import ATTENTION, ISSUES, SYNC
from app.desktop.session import SyncPhase, SyncView
from app.desktop.syncing.page import SyncPage
from app.desktop.syncing.words import size_text
from app.desktop.transfer_thread import FileProgress
from app.desktop.widgets import Look, Text
from app.desktop.window import Window
from app.store.device_states import DeviceState
from app.store.file_places import Queue
from app.store.project import Project
from app.store.sync_log import MOST, Happened, SyncLog
from sync.cookie import Cookie
from sync.result import SyncResult
from tests.desktop import stage
from tests.desktop.window_stage import page_of, shown


@pytest.fixture
def session(tmp_path: Path) -> stage.StageSession:
    return stage.StageSession(tmp_path)


@pytest.fixture
def window(qtbot: QtBot, look: Look, project: Project, session: stage.StageSession) -> Iterator[Window]:
    session.add(project, server="https://sync.example")
    with shown(qtbot, look, session) as made:
        yield made


def sync_page(window: Window) -> SyncPage:
    page = page_of(window)
    QTest.mouseClick(page.status._sentence, Qt.MouseButton.LeftButton)
    assert page.page == SYNC
    found = page.stack.currentWidget()
    assert isinstance(found, SyncPage)
    return found


def words(page: SyncPage) -> str:
    return "\n".join(each.text() for each in page.findChildren(Text) if each.isVisible())


def test_the_bottom_line_opens_it_and_it_follows(qtbot: QtBot, window: Window) -> None:
    page = sync_page(window)
    page_of(window).set_sync(SyncView(SyncPhase.OFFLINE, problem="The server cannot be reached."))
    assert "The server cannot be reached." in words(page)
    qtbot.waitUntil(lambda: "3 changes" in words(page))
    assert "Never yet" in words(page)


def test_without_a_server_nothing_waits_and_the_file_can_be_checked(
    qtbot: QtBot, look: Look, project: Project, session: stage.StageSession
) -> None:
    session.add(project)
    with shown(qtbot, look, session) as window:
        page = sync_page(window)
        assert "Waits to be sent" not in words(page)
        assert "Last in step" not in words(page)
        QTest.mouseClick(page.check, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "Everything is in order." in words(page))


def test_what_needs_attention_is_one_press_away(window: Window) -> None:
    page = sync_page(window)
    assert not page.attention.isVisible()
    page_of(window).set_sync(SyncView(SyncPhase.SYNCED, attention=2))
    QTest.mouseClick(page.attention, Qt.MouseButton.LeftButton)
    assert page_of(window).page == ATTENTION


def test_the_log_tells_what_happened_and_more_where_it_is_asked(qtbot: QtBot, window: Window) -> None:
    log = SyncLog(page_of(window).workspace.source)
    for number in range(1, 31):
        log.round(SyncResult(pulled=number))
    log.failed("The server cannot be reached; check the network.")
    page = sync_page(window)
    qtbot.waitUntil(lambda: "The server cannot be reached; check the network." in words(page))
    assert "30 changes came" in words(page)
    assert "\n1 change came" not in words(page)
    QTest.mouseClick(page.more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "\n1 change came" in words(page))
    assert not page.more.isVisible()


def test_escape_goes_back_to_the_list(window: Window) -> None:
    page = sync_page(window)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert page_of(window).page != SYNC


def test_a_check_runs_beside_and_says_what_it_found(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    session.go_on = threading.Event()
    page = sync_page(window)
    QTest.mouseClick(page.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Checking 1 of 2 …" in words(page))
    assert page.cancel.isVisible()
    assert not page.check.isEnabled()
    page_of(window).show_page(ISSUES)
    again = sync_page(window)
    qtbot.waitUntil(lambda: "Checking 1 of 2 …" in words(again))
    session.go_on.set()
    qtbot.waitUntil(lambda: "12 changes were looked at. Everything is in order." in words(again))
    assert again.check.isEnabled()


def test_files_that_wait_are_told_with_their_speed(window: Window) -> None:
    page = sync_page(window)
    page.show_files(FileProgress(Queue(2, 4_200_000, 1, 900, 0), up_speed=120_000.0))
    assert "2 files (4.2 MB)" in words(page)
    assert "1 file (900 B)" in words(page)
    assert "120 kB a second to the server" in words(page)
    page.show_files(FileProgress())
    assert "a second" not in words(page)


def test_a_check_can_be_stopped(qtbot: QtBot, window: Window, session: stage.StageSession) -> None:
    session.go_on = threading.Event()
    page = sync_page(window)
    QTest.mouseClick(page.check, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
    session.go_on.set()
    qtbot.waitUntil(lambda: "The check was stopped; what it repaired stays so." in words(page))


def test_each_device_is_told_with_how_far_it_is(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    now = int(stage.NOW.timestamp() * 1000)
    place = Cookie.start(bytes(16))

    def state(device: int, digest: bytes, waiting: int) -> DeviceState:
        return DeviceState(bytes([device]) * 32, bytes(32), "0.1.0", now, place, waiting, 0, digest, 3, 0, ())

    own, other, behind = state(1, b"a" * 32, 0), state(2, b"b" * 32, 0), state(3, b"a" * 32, 4)
    session.checked = replace(session.checked, own=own, devices=(own, other, behind), differing=(other,))
    page = sync_page(window)
    qtbot.waitUntil(lambda: "This device, Sitebook 0.1.0" in words(page))
    assert "holds something else at the same place" in words(page)
    assert "4 changes wait there" in words(page)
    QTest.mouseClick(page.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "1 device holds other changes at the same place" in words(page))


def test_the_log_keeps_what_is_news_only(project: Project) -> None:
    log = SyncLog(project)
    log.round(SyncResult())
    assert log.lines() == []
    log.failed("No way.")
    log.failed("No way.")
    log.round(SyncResult())
    log.round(SyncResult())
    assert [line.what for line in log.lines()] == [Happened.RECOVERED, Happened.FAILED]
    for number in range(MOST + 5):
        log.tell(f"line {number}")
    assert len(log.lines(MOST + 10)) == MOST
    assert SyncLog(project).lines(1)[0].sentence == f"line {MOST + 4}"


def test_a_failure_of_the_last_start_is_taken_up(project: Project) -> None:
    SyncLog(project).failed("No way.")
    SyncLog(project).round(SyncResult())
    assert SyncLog(project).lines(1)[0].what is Happened.RECOVERED


def test_sizes_in_words() -> None:
    assert [size_text(each) for each in (0, 999, 1_000, 12_400, 999_600, 3_440_000, 1_250_000_000)] == [
        "0 B",
        "999 B",
        "1 kB",
        "12 kB",
        "1.0 MB",
        "3.4 MB",
        "1.2 GB",
    ]
