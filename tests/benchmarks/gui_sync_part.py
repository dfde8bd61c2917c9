"""The window's process in ``gui_sync``: its threads without its widgets; prints the times of writes."""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtCore import QCoreApplication, QTimer

from app.desktop.profile_session import ProfileSession
from app.desktop.sync_thread import SyncThread
from app.desktop.transfer_thread import TransferProject, TransferRoom
from app.domain.schema import ATTACHMENT, ISSUE
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.store import file_places
from app.store.bundle_publish import Publisher
from app.workspace.bundling import publisher
from app.workspace.join_watch import JoinWatch
from app.workspace.workspace import Workspace
from sync.attachments import Cancelled
from tests.benchmarks.keyring import FileKeyring
from tests.benchmarks.month import changes_in
from tests.benchmarks.sync_scene import wait_until

_EVERY_MS: Final = 20
_LIMIT: Final = 600.0


class Writes:
    """Edits of a person, one after the other with a pause between; each is timed."""

    def __init__(self, session: ProfileSession, project: bytes) -> None:
        self._session = session
        self._id = project
        self._project = session.open(project)
        self._records = itertools.cycle(self._project.records(ISSUE)[:200])
        self._numbers = itertools.count()

    def go_on(self, seconds: float, poke: Callable[[bytes], None] = lambda project: None) -> list[float]:
        """Write for so long."""
        times: list[float] = []
        end = time.perf_counter() + seconds

        def write() -> None:
            begun = time.perf_counter()
            self._project.set(next(self._records), "title", f"Crack {next(self._numbers)}")
            times.append(time.perf_counter() - begun)
            poke(self._id)

        timer = QTimer()
        timer.setInterval(_EVERY_MS)
        timer.timeout.connect(write)
        timer.start()
        wait_until(lambda: time.perf_counter() >= end, seconds + _LIMIT)
        timer.stop()
        return times


class _Again:
    """Publishes again as soon as it has published, and counts."""

    count: ClassVar[int] = 0

    def __init__(self, made: Publisher) -> None:
        self._made = made
        made.force()

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        return self._made.next_in

    def step(self) -> None:
        """Do the next thing."""
        before = self._made.published
        self._made.step()
        if self._made.published is not before:
            _Again.count += 1
        if self._made.looked:
            self._made.force()

    def poke(self) -> None:
        """It goes on anyway."""


class _Taking(threading.Thread):
    """Joins the large project over and over, as the window's worker does; each time into a new profile."""

    def __init__(self, place: Path, codes: Sequence[str]) -> None:
        super().__init__(name="joining")
        self._place = place
        self._codes = codes
        self._ending = threading.Event()
        self.count = 0

    def run(self) -> None:
        for number, code in enumerate(self._codes):
            if self._ending.is_set():
                return
            place = self._place / f"joined-{number}"
            place.mkdir()
            keyring = FileKeyring(place / "keyring.json")
            made, _ = Workspace.create(Profile.at(place), Identity("B. Reader", ""), None, keyring=keyring)
            with made:
                try:
                    made.join(code, JoinWatch(cancelled=self._ending.is_set))
                except Cancelled:
                    return
            self.count += 1

    def stop(self) -> None:
        """Stop at the next chunk."""
        self._ending.set()
        self.join()


def main(place: Path, scratch: Path, project: bytes, seconds: float, codes: Sequence[str]) -> None:
    """Write without sync, with it, and with all that can go on; print the times."""
    application = QCoreApplication(sys.argv[:1])
    keyring = FileKeyring(place / "keyring.json")
    session = ProfileSession(Profile.at(place), lambda: date(2026, 3, 8), keyring=keyring)
    writes = Writes(session, project)
    writes.go_on(min(1.0, seconds))
    without = writes.go_on(seconds)
    feed = session.sync_feed()
    files = session.file_feed()
    assert isinstance(feed, SyncThread)
    assert files is not None
    # Its photos upload once all begins.
    large = (scratch / "large").read_bytes()
    files.remove(large)
    feed.open_first(project)
    synced: list[float] = []
    feed.synced.connect(lambda _project, _result: synced.append(time.perf_counter()))
    wait_until(lambda: bool(synced), _LIMIT)
    idle = writes.go_on(seconds)

    opened = session.open(project)
    before = changes_in(opened)
    files.add(session._transferred(large))  # the window's own way, at the time of our choice
    files.add(_bundles(session, large))
    taking = _Taking(scratch, codes)
    print("flood", flush=True)
    taking.start()
    begun = time.perf_counter()
    beside = writes.go_on(seconds, feed.poke)
    lasted = time.perf_counter() - begun
    # One's own edits are changes too.
    applied = changes_in(opened) - before - len(beside)
    store = session.open(large)
    photos = sum(each.served for each in file_places.places(store, store.records(ATTACHMENT)).values())
    taking.stop()
    session.close()
    application.processEvents()
    print(
        json.dumps(
            {
                "without": without,
                "idle": idle,
                "beside": beside,
                "lasted": lasted,
                "applied": applied,
                "made": _Again.count,
                "taken": taking.count,
                "photos": photos,
            }
        ),
        flush=True,
    )


def _bundles(session: ProfileSession, project: bytes) -> TransferProject:
    """The large project, whose bundle is published over and over in the thread of files."""
    workspace = session.workspace

    def enter(stopped: Callable[[], bool]) -> TransferRoom:
        entry = workspace.entry(project)
        opened = workspace.open_file(entry, background=True)
        transport = workspace.transport(entry)
        return TransferRoom(
            (_Again(publisher(workspace, entry, transport)),),
            transport,
            lambda: file_places.queue(opened),
            lambda records, wanted: None,
            opened.close,
        )

    # Beside the project's own place in the thread, whose photos go before its bundles: here both have their turn.
    return TransferProject(b"bundles of it", enter)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        bytes.fromhex(sys.argv[3]),
        float(sys.argv[4]),
        sys.argv[5:],
    )
