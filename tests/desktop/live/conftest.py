from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.profile_session import ProfileSession
from app.desktop.sync_thread import SyncThread
from app.keys.profile import Profile
from tests.app.keys.helpers import MemoryKeyring
from tests.server.process import ServerProcess


class Device:
    """A real profile with its sync thread."""

    def __init__(self, directory: Path, name: str) -> None:
        self.session = ProfileSession(Profile(directory), lambda: date(2026, 3, 8), keyring=MemoryKeyring())
        self.session.create_vault(name, None)
        self.project = b""

    @property
    def feed(self) -> SyncThread:
        found = self.session.sync_feed()
        assert isinstance(found, SyncThread)
        return found


class Pair:
    """Two devices of two people in one project, over a server that runs."""

    def __init__(self, url: str, tmp_path: Path, certificate: bytes | None = None) -> None:
        self.ada, self.ben = (
            Device(tmp_path / "ada", "Ada Bricklayer"),
            Device(tmp_path / "ben", "Ben Okafor"),
        )
        info = self.ada.session.new_project("Harbour Tower", url)
        if certificate is not None:
            self.ada.session.set_server(info.id, url, certificate)
        code = self.ada.session.invite(info.id, "editor", me=False, days=1)
        self.ada.session.workspace.sync(info.id)
        self.ben.session.join(code)
        self.ada.session.workspace.sync(info.id)
        self.project = info.id

    def begin(self, qtbot: QtBot) -> None:
        """Both open the project, and are told by the server what happens."""
        for device in (self.ada, self.ben):
            device.feed.open_first(self.project)
        for device in (self.ada, self.ben):
            qtbot.waitUntil(partial(is_live, device, self.project), timeout=15_000)

    def close(self) -> None:
        self.ada.session.close()
        self.ben.session.close()


def is_live(device: Device, project: bytes) -> bool:
    line = device.feed.lines._lines.get(project)
    return bool(line is not None and getattr(line, "live", False))


@pytest.fixture
def pair(tmp_path: Path, qtbot: QtBot) -> Iterator[Pair]:
    with ServerProcess(tmp_path / "server") as server:
        made = Pair(server.url, tmp_path)
        yield made
        made.close()
