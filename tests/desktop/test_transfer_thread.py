"""The thread of transfers with scripted steppers: turns, words to the window, stopping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.transfer_thread import FileProgress, TransferProject, TransferRoom, TransferThread
from app.store.file_places import Queue
from sync.clock import SystemClock
from sync.errors import SitebookError, Unreachable
from sync.transfer import Moved


class Steps:
    """Gives what it was told to, then rests."""

    def __init__(self, *moves: Moved) -> None:
        self.moves = list(moves)
        self.pokes = 0
        self.threads: set[int] = set()

    @property
    def next_in(self) -> float:
        return 0.0 if self.moves else 3_600.0

    def step(self) -> object:
        self.threads.add(threading.get_ident())
        return self.moves.pop(0)

    def poke(self) -> None:
        self.pokes += 1


class Hanging(Steps):
    """A request that ends only when the transport is closed."""

    def __init__(self) -> None:
        super().__init__(Moved(0.0))
        self.asked, self.closed = threading.Event(), threading.Event()

    def step(self) -> object:
        self.asked.set()
        assert self.closed.wait(30)
        return Moved(1.0, error=Unreachable("The connection was closed."))

    def close(self) -> None:
        self.closed.set()


class Site:
    def __init__(self, number: int, *steppers: Steps) -> None:
        self.id = bytes([number]) * 32
        self.steppers = steppers
        self.wanted: list[tuple[list[bytes], bool]] = []
        self.closed: list[str] = []
        self.fails: SitebookError | None = None
        self.stopped: Callable[[], bool] = lambda: False

    def open(self, stopped: Callable[[], bool]) -> TransferRoom | None:
        self.stopped = stopped
        if self.fails is not None:
            raise self.fails
        if not self.steppers:
            return None
        first = self.steppers[0]
        transport = first if isinstance(first, Hanging) else self
        return TransferRoom(self.steppers, transport, lambda: Queue(1, 10), self._want, self._close)

    def _want(self, files: Sequence[bytes], wanted: bool) -> None:
        self.wanted.append((list(files), wanted))

    def close(self) -> None:
        self.closed.append("transport")

    def _close(self) -> None:
        self.closed.append("file")

    def project(self) -> TransferProject:
        return TransferProject(self.id, self.open)


@pytest.fixture
def thread(qtbot: QtBot) -> Iterator[TransferThread]:
    found = TransferThread(SystemClock())
    yield found
    found.stop()


def test_it_steps_all_of_a_project_and_says_what_came(thread: TransferThread, qtbot: QtBot) -> None:
    files = Steps(Moved(0.0, got=100, file=b"f"), Moved(0.0, got=50, came=(b"f",), file=b"f"))
    bundles = Steps(Moved(0.0))
    site = Site(1, files, bundles)
    came: list[tuple[bytes, tuple[bytes, ...]]] = []
    progress: list[FileProgress] = []
    changed: set[bytes] = set()
    thread.came.connect(lambda project, records: came.append((project, records)))
    thread.progressed.connect(lambda _project, told: progress.append(told))
    thread.changed.connect(lambda _project, records: changed.update(records))
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: came == [(site.id, (b"f",))] and not bundles.moves and bool(changed))
    assert changed == {b"f"}
    assert progress[-1].queue == Queue(1, 10)
    assert any(told.down_speed > 0 for told in progress)
    thread.poke(site.id)
    thread.want(site.id, [b"g"])
    thread.want(site.id, [b"g"], wanted=False)
    qtbot.waitUntil(lambda: site.wanted == [([b"g"], True), ([b"g"], False)])
    assert files.pokes == bundles.pokes == 3
    thread.stop()
    assert site.closed == ["transport", "transport", "file"]
    assert threading.get_ident() not in files.threads


def test_the_open_project_goes_first(thread: TransferThread, qtbot: QtBot) -> None:
    order: list[int] = []

    class Noting(Steps):
        def __init__(self, number: int) -> None:
            super().__init__(*[Moved(0.0)] * 3)
            self.number = number

        def step(self) -> object:
            order.append(self.number)
            return super().step()

    sites = [Site(number, Noting(number)) for number in (1, 2, 3)]
    for site in sites:
        thread.add(site.project())
    thread.open_first(sites[2].id)
    thread.begin()
    qtbot.waitUntil(lambda: len(order) == 9)
    assert order[:3] == [3, 3, 3]


def test_stopping_ends_a_request_that_hangs(thread: TransferThread, qtbot: QtBot) -> None:
    hanging = Hanging()
    site = Site(1, hanging)
    thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(hanging.asked.is_set)
    begun = time.monotonic()
    thread.stop()
    assert time.monotonic() - begun < 1.0
    assert site.stopped()
    assert site.closed == ["file"]


def test_one_without_a_server_or_that_cannot_be_opened_holds_back_nothing(
    thread: TransferThread, qtbot: QtBot
) -> None:
    alone, broken, good = Site(1), Site(2, Steps(Moved(0.0))), Site(3, Steps(Moved(0.0, sent=1)))
    broken.fails = SitebookError("The disk is full.")
    for site in (alone, broken, good):
        thread.add(site.project())
    thread.begin()
    qtbot.waitUntil(lambda: not good.steppers[0].moves)
    thread.remove(good.id)
    qtbot.waitUntil(lambda: "file" in good.closed)
