"""The sync thread with scripted stores and servers: order, states, stopping, and whose the garbage is."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.garbage import GarbageCollector
from app.desktop.session import SyncPhase, SyncView
from app.desktop.sync_thread import Room, SyncedProject, SyncThread
from app.store.records import SyncStatus
from app.store.touched import Touched
from sync.clock import SystemClock, system_random
from sync.cookie import Cookie
from sync.errors import Damaged, NotFound, Unreachable
from sync.transport.base import PullPage
from tests.sync.fakes import FakeServer, FakeStore


class HangingServer(FakeServer):
    """Answers no pull until it is closed from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.closed = threading.Event()

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1_000) -> PullPage:
        self.asked.set()
        assert self.closed.wait(30)
        raise Unreachable("The connection was closed.")

    def close(self) -> None:
        self.closed.set()


class Quiet(FakeServer):
    def close(self) -> None:
        self.calls.append("close")


class Site:
    """One project with its fakes."""

    def __init__(self, number: int, server: FakeServer | None = None) -> None:
        self.id = bytes([number]) * 32
        self.server = server if server is not None else Quiet()
        self.store = FakeStore()
        self.threads: set[int] = set()
        self.closed = 0
        self.waiting = 0
        self.fails: Exception | None = None
        self.stop_asked: Callable[[], bool] = lambda: False

    def open(self, stop: Callable[[], bool]) -> Room:
        self.threads.add(threading.get_ident())
        self.stop_asked = stop
        if self.fails is not None:
            raise self.fails
        return Room(self.store, self.server, self._status, self._close, self._drop)

    def _drop(self, hashed: bytes) -> Touched:
        if hashed != b"refused":
            raise NotFound("There is no such refused change; it may have been sent meanwhile.")
        return Touched({b"r" * 16: {"title"}}, {b"r" * 16: "issue"})

    def _status(self) -> SyncStatus:
        return SyncStatus(self.waiting, 0, 0, 1_000 if self.store.successes else None)

    def _close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed += 1

    def project(self) -> SyncedProject:
        return SyncedProject(self.id, self.open)


class Watch:
    """Collects what the thread says, on the GUI thread."""

    def __init__(self, thread: SyncThread) -> None:
        self.views: list[tuple[bytes, SyncView]] = []
        self.results: list[bytes] = []
        self.touched: list[tuple[bytes, Any]] = []
        self.threads: set[int] = set()
        thread.state_changed.connect(self._view)
        thread.touched.connect(self._touch)
        thread.synced.connect(self._result)

    def _view(self, project: bytes, view: SyncView) -> None:
        assert isinstance(project, bytes)
        self.threads.add(threading.get_ident())
        self.views.append((project, view))

    def _touch(self, project: bytes, touched: Any) -> None:
        self.threads.add(threading.get_ident())
        self.touched.append((project, touched))

    def _result(self, project: bytes, result: Any) -> None:
        self.results.append(project)

    def phases(self, site: Site) -> list[SyncPhase]:
        return [view.phase for project, view in self.views if project == site.id]


@pytest.fixture
def thread(qtbot: QtBot) -> Iterator[SyncThread]:
    found = SyncThread(SystemClock(), system_random)
    yield found
    found.stop()


def test_it_syncs_in_its_own_thread_and_speaks_on_the_gui_thread(thread: SyncThread, qtbot: QtBot) -> None:
    site, watch = Site(1), Watch(thread)
    site.server.log = [b"theirs"]
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: watch.results == [site.id])
    thread.stop()
    assert watch.phases(site) == [SyncPhase.SYNCING, SyncPhase.SYNCED]
    assert watch.touched == [(site.id, (b"theirs",))]
    assert watch.threads == {threading.get_ident()}
    assert len(site.threads) == 1
    assert threading.get_ident() not in site.threads
    assert site.closed == 1


def test_the_open_project_goes_first(thread: SyncThread, qtbot: QtBot) -> None:
    sites, watch = [Site(number) for number in (1, 2, 3)], Watch(thread)
    for site in sites:
        thread.add(site.project())
    thread.open_first(sites[2].id)
    thread.begin()
    qtbot.waitUntil(lambda: len(watch.results) == 3)
    assert watch.results[0] == sites[2].id
    assert sorted(watch.results) == sorted(site.id for site in sites)


def test_a_poke_sends_soon_and_says_at_once_that_something_waits(thread: SyncThread, qtbot: QtBot) -> None:
    site, watch = Site(1), Watch(thread)
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: len(watch.results) == 1)
    site.store.waiting = [b"mine"]
    site.waiting = 1
    thread.poke(site.id)
    qtbot.waitUntil(lambda: len(watch.results) == 2)
    assert site.server.log == [b"mine"]
    assert any(view.waiting == 1 for _, view in watch.views)


def test_a_quiet_poll_is_no_news(thread: SyncThread, qtbot: QtBot) -> None:
    site, watch = Site(1), Watch(thread)
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: len(watch.results) == 1)
    before = list(watch.views)
    thread.sync_now(site.id)
    qtbot.waitUntil(lambda: len(watch.results) == 2)
    assert watch.views == before


def test_offline_says_so_until_it_is_not(thread: SyncThread, qtbot: QtBot) -> None:
    site, watch = Site(1), Watch(thread)
    site.server.failures = [Unreachable("No way.", retry_after=100.0)]
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: SyncPhase.OFFLINE in watch.phases(site))
    view = watch.views[-1][1]
    assert view.problem == "No way."
    assert view.offline_since_ms is not None
    thread.network_changed()
    qtbot.waitUntil(lambda: watch.phases(site)[-1] is SyncPhase.SYNCED)
    assert watch.views[-1][1].problem == ""
    assert watch.views[-1][1].offline_since_ms is None


def test_a_project_without_a_server_is_alone(thread: SyncThread, qtbot: QtBot) -> None:
    site, watch = Site(1), Watch(thread)
    thread.add(
        SyncedProject(site.id, lambda stop: Room(site.store, None, site._status, site._close, site._drop))
    )
    thread.begin()
    qtbot.waitUntil(lambda: watch.phases(site) == [SyncPhase.ALONE])
    site.waiting = 3
    thread.poke(site.id)
    qtbot.waitUntil(lambda: watch.views[-1][1].waiting == 3)
    assert site.server.calls == []


def test_what_was_refused_is_dropped_on_the_thread_and_told(thread: SyncThread, qtbot: QtBot) -> None:
    site = Site(1)
    thread.add(site.project())
    thread.begin()
    with qtbot.waitSignal(thread.touched) as dropped:
        thread.drop(site.id, b"refused")
    assert dropped.args is not None
    assert dropped.args[0] == site.id
    assert dropped.args[1].records == {b"r" * 16: {"title"}}
    with qtbot.waitSignal(thread.failed) as failed:
        thread.drop(site.id, b"sent")
    assert failed.args == [site.id, "There is no such refused change; it may have been sent meanwhile."]


def test_a_file_that_does_not_open_is_told_and_stops_nothing(thread: SyncThread, qtbot: QtBot) -> None:
    broken, sound, watch = Site(1), Site(2), Watch(thread)
    broken.fails = Damaged("The project file is damaged; restore it from a backup.")
    thread.add(broken.project())
    thread.add(sound.project())
    thread.begin()
    qtbot.waitUntil(lambda: watch.results == [sound.id])
    assert [view.problem for project, view in watch.views if project == broken.id] == [str(broken.fails)]


def test_it_stops_at_once_while_a_request_hangs(thread: SyncThread, qtbot: QtBot) -> None:
    server = HangingServer()
    site = Site(1, server)
    thread.add(site.project())
    thread.begin()
    assert server.asked.wait(10)
    begun = time.monotonic()
    thread.stop()
    assert time.monotonic() - begun < 1
    assert thread.isFinished()
    assert site.closed == 1
    assert site.stop_asked()


def test_letting_go_of_a_project_ends_its_request(thread: SyncThread, qtbot: QtBot) -> None:
    server, watch = HangingServer(), Watch(thread)
    hanging, other = Site(1, server), Site(2)
    thread.add(hanging.project())
    thread.begin()
    assert server.asked.wait(10)
    thread.remove(hanging.id)
    thread.add(other.project())
    qtbot.waitUntil(lambda: watch.results == [other.id])
    assert hanging.closed == 1


def test_it_stops_before_it_began_and_twice(thread: SyncThread) -> None:
    thread.stop()
    thread.stop()


def test_our_own_mistake_is_raised_on_the_gui_thread(thread: SyncThread, qtbot: QtBot) -> None:
    site = Site(1)
    site.fails = ZeroDivisionError("ours")
    thread.add(site.project())
    with qtbot.captureExceptions() as found:
        thread.begin()
        qtbot.waitUntil(lambda: bool(found))
    assert found[0][0] is ZeroDivisionError


@pytest.mark.usefixtures("python_collects")
def test_garbage_is_collected_on_the_gui_thread_only(thread: SyncThread, qtbot: QtBot) -> None:
    was_on = gc.isenabled()
    site, watch = Site(1), Watch(thread)
    collected: set[int] = set()

    def note(phase: str, info: dict[str, int]) -> None:
        collected.add(threading.get_ident())

    def make_cycles(stop: Callable[[], bool]) -> Room:
        for _ in range(20_000):
            cycle: list[Any] = []
            cycle.append(cycle)
        return site.open(stop)

    gc.collect()
    thread.begin()
    gc.callbacks.append(note)
    try:
        thread.add(SyncedProject(site.id, make_cycles))
        qtbot.waitUntil(lambda: watch.results == [site.id])
        thread._garbage.check()
    finally:
        gc.callbacks.remove(note)
    assert collected == {threading.get_ident()}
    thread.stop()
    assert gc.isenabled() == was_on


@pytest.mark.usefixtures("python_collects")
def test_python_collects_again_after_the_last_thread(qtbot: QtBot) -> None:
    assert gc.isenabled()
    first, second = GarbageCollector(), GarbageCollector()
    first.begin()
    second.begin()
    first.end()
    first.end()
    assert not gc.isenabled()
    second.end()
    assert gc.isenabled()


def test_the_collector_follows_the_thresholds(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(gc, "collect", asked.append)
    for counts, generation in (((1, 1, 1), None), ((800, 1, 1), 0), ((800, 11, 1), 1), ((0, 11, 11), 2)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
        asked.clear()
        GarbageCollector().check()
        assert asked == ([] if generation is None else [generation])
