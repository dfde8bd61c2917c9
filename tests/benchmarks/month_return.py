"""The device that returns: runs the window's threads until nothing waits, and prints when what was done."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt

from app.desktop.profile_session import ProfileSession
from app.desktop.session import SyncPhase, SyncView
from app.domain.schema import ATTACHMENT
from app.keys.profile import Profile
from app.store import file_places
from sync.keys import SigningKey
from sync.transport.base import Transport
from sync.transport.http import HttpTransport
from tests.benchmarks.keyring import FileKeyring
from tests.benchmarks.month import changes_in
from tests.benchmarks.sync_scene import wait_until

_LIMIT: Final = 1_500.0
_TELLING: Final = 0.05
"""Seconds that may pass between the end of a round and its being told here."""


class _Watched(HttpTransport):
    """Notes when each chunk was on its way."""

    sent: Final[list[float]] = []
    got: Final[list[float]] = []

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        if purpose == "file":
            self.sent.append(time.perf_counter())
        super().put_chunk(project, data, purpose=purpose)

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        self.got.append(time.perf_counter())
        return super().get_chunk(project, name)


def _transport(server: str, key: SigningKey, certificate: bytes | None = None) -> Transport:
    return _Watched(server, key, certificate=certificate)


def main(place: Path) -> None:
    """Return, and print what it took."""
    application = QCoreApplication(sys.argv[:1])
    session = ProfileSession(
        Profile.at(place), lambda: date(2026, 3, 8), keyring=FileKeyring(place / "keyring.json")
    )
    workspace = session.workspace
    workspace.make_transport = _transport
    project = workspace.find(None).project
    opened = session.open(project)
    before, unsent = changes_in(opened), _unsent(session, project)
    photos: list[float] = []
    done: list[float] = []

    def note(_project: bytes, view: SyncView) -> None:
        if view.phase is SyncPhase.SYNCED and not view.waiting and not done:
            done.append(time.perf_counter())

    def all_files() -> bool:
        queue = file_places.queue(opened)
        return bool(done) and not (queue.up or queue.down) and _held(session, project)

    begun = time.perf_counter()
    feed = session.sync_feed()
    # Noted in the thread of sync itself, so that nothing of this loop is in it.
    feed.state_changed.connect(note, Qt.ConnectionType.DirectConnection)
    files = session.file_feed()
    assert files is not None
    files.came.connect(lambda _project, records: photos.append(time.perf_counter()))
    feed.open_first(project)
    files.open_first(project)
    wait_until(all_files, _LIMIT)
    ended = time.perf_counter()
    came = changes_in(opened) - before
    count = len(opened.records(ATTACHMENT))
    session.close()
    application.processEvents()
    print(
        json.dumps(
            {
                "changes": came + unsent,
                "files": count,
                "changes_done": done[0] - begun,
                "first_photo": photos[0] - begun,
                "all_done": ended - begun,
                "sent_before": sum(each < done[0] - _TELLING for each in _Watched.sent),
                "got_before": sum(each < done[0] - _TELLING for each in _Watched.got),
            }
        )
    )


def _unsent(session: ProfileSession, project: bytes) -> int:
    rows = session.open(project).db.all(
        "SELECT count(*) FROM changes c LEFT JOIN envelopes e USING (eid) WHERE c.eid IS NULL OR e.pushed <> 1"
    )
    return int(rows[0][0])


def _held(session: ProfileSession, project: bytes) -> bool:
    """Whether all photos are here and on the server."""
    opened = session.open(project)
    records = opened.records(ATTACHMENT)
    places = file_places.places(opened, records)
    return len(places) == len(records) and all(each.held and each.served for each in places.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
