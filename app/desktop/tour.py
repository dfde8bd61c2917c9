"""The tour for machines without a display: two devices at work, off-screen, told in plain words.

Everything in it is the real thing: two profiles, two windows, a server process on loopback, the sync threads.
The screenshots are what the windows show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from app.desktop.profile_session import ProfileSession
from app.desktop.session import ProjectInfo, SyncPhase, SyncView
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile
from app.store.touched import Touched
from sync.errors import SitebookError

_WIDTH: Final = 1440
_HEIGHT: Final = 900
_PATIENCE_MS: Final = 60_000
_TITLE: Final = "Crack in slab at grid B4, 2.1 m, widening"


class TourFailed(SitebookError):
    """A step of the tour did not come to its end in time."""


def run_tour(folder: Path, say: Callable[[str], None] = print) -> int:
    """Give the tour and save its screenshots in ``folder``. Returns the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from app.desktop.app import dress

    qInstallMessageHandler(_pass_on)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(application, QApplication)
    look = dress(application)
    folder.mkdir(parents=True, exist_ok=True)
    say("There is no display here, so this is the tour off-screen. It takes about a minute.")
    with tempfile.TemporaryDirectory(prefix="sitebook-tour-") as scratch:
        tour = _Tour(Path(scratch), folder, look, say)
        try:
            tour.give()
        finally:
            tour.close()
    say(f"The screenshots are in {folder.resolve()}.")
    return 0


def _pass_on(_kind: object, _context: object, message: str) -> None:
    """Print what Qt has to say, but for what the off-screen platform says of itself at every window."""
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(message + "\n")


class _Tour:
    def __init__(self, scratch: Path, folder: Path, look: object, say: Callable[[str], None]) -> None:
        self._scratch = scratch
        self._folder = folder
        self._look = look
        self._say = say
        self._desks: list[_Desk] = []
        self._server: subprocess.Popen[str] | None = None
        self._step = 0

    def _tell(self, sentence: str) -> None:
        self._step += 1
        self._say(f"{self._step:2}. {sentence}")

    def give(self) -> None:
        address = self._start_server("0")
        self._tell(f"A server runs on this machine at {address}. It will only ever see encrypted data.")
        anna = self._desk("Anna Field")
        info = anna.session.open_sample()
        anna.session.set_server(info.id, address)
        anna.open(info)
        anna.wait(SyncPhase.SYNCED)
        self._tell("Anna opens the sample site, about 300 issues, and it is synced to the server.")
        self._picture(anna, "1-list")
        code = anna.session.invite(info.id, "editor", me=False, days=7)
        anna.sync()
        ben = self._desk("Ben Carter")
        joined = ben.session.join(code)
        ben.open(joined)
        ben.wait(SyncPhase.SYNCED)
        self._tell("She invites Ben with a code. He joins on a device of his own and has the whole site.")
        self._stop_server()
        self._tell("Now there is no network: the server is stopped.")
        issue = self._issue(anna)
        self._work_offline(anna, ben, issue)
        for desk in (anna, ben):
            desk.show(issue)
            desk.sync_in_vain()
        self._tell("Both work on: another title each, and both write into the same text. Nothing waits.")
        self._picture(anna, "2-anna-offline")
        self._picture(ben, "3-ben-offline")
        self._start_server(address.rsplit(":", 1)[1])
        for desk in (anna, ben, anna):
            desk.sync()
        self._tell("The network is back. Both devices have the same again; both texts are in the text:")
        self._say(f"      “{ben.source.plain_text(issue)}”")
        for conflict in anna.source.conflicts():
            values = " and ".join(f"“{write.value}”" for write in conflict.live)
            self._say(f"      Two people changed the title: {values}. Both values are kept, on both devices.")
        self._picture(anna, "4-conflict")
        anna.settle(issue)
        anna.sync()
        ben.sync()
        self._check(issue, anna, ben)
        self._tell(
            f"Anna keeps one with a click, and Ben sees it: “{ben.source.field(issue, 'title').value}”."
        )
        self._picture(ben, "5-settled")

    def _issue(self, desk: _Desk) -> bytes:
        titles = desk.source.column("issue", "title")
        return max(record for record, title in titles.items() if title == _TITLE)

    def _work_offline(self, anna: _Desk, ben: _Desk, issue: bytes) -> None:
        anna.write(lambda: anna.source.set(issue, "title", "Crack in slab at grid B4, 2.4 m, still widening"))
        anna.write(lambda: anna.source.insert_text(issue, "text", 0, "Measured again at noon: 0.5 mm. "))
        ben.write(lambda: ben.source.set(issue, "title", "Crack in slab B4 to C4, engineer called"))
        length = len(ben.source.plain_text(issue))
        ben.write(lambda: ben.source.insert_text(issue, "text", length, " Ben: props are on site."))

    def _check(self, issue: bytes, *desks: _Desk) -> None:
        texts = {desk.source.plain_text(issue) for desk in desks}
        titles = {desk.source.field(issue, "title").value for desk in desks}
        if len(texts) != 1 or len(titles) != 1 or any(desk.source.conflicts() for desk in desks):
            raise TourFailed("The two devices do not show the same; please report this.")

    def _desk(self, person: str) -> _Desk:
        from app.desktop.widgets import Look

        assert isinstance(self._look, Look)
        desk = _Desk(self._scratch / person.split()[0], person, self._look)
        self._desks.append(desk)
        return desk

    def _picture(self, desk: _Desk, name: str) -> None:
        desk.settle_down()
        path = self._folder / f"{name}.png"
        if not desk.window.grab().save(str(path)):
            raise TourFailed(f"The screenshot {path} could not be written; check the folder.")
        self._say(f"      Screenshot: {path}")

    def _start_server(self, port: str) -> str:
        command = [
            sys.executable,
            "-m",
            "sync.server",
            "--data",
            str(self._scratch / "server"),
            "--port",
            port,
        ]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        addresses = [word.rstrip(",") for word in line.split() if word.startswith("http://")]
        if not addresses:
            raise TourFailed("The server did not start; run `sitebook serve` to see why.")
        return addresses[0]

    def _stop_server(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(10)
            assert self._server.stdout is not None
            self._server.stdout.close()
            self._server = None

    def close(self) -> None:
        for desk in self._desks:
            desk.close()
        self._stop_server()


class _Desk:
    """One person's window on a profile of his own."""

    def __init__(self, directory: Path, person: str, look: object) -> None:
        from app.desktop.app import device_now, make_panel
        from app.desktop.widgets import Look
        from app.desktop.window import Window

        assert isinstance(look, Look)
        self.session = ProfileSession(
            Profile.at(directory), lambda: datetime.now().astimezone().date(), keyring=NoKeyring()
        )
        self.session.create_vault(person, "a passphrase for the tour")
        self.window = Window(look, now=device_now, version="tour")
        self.window.resize(_WIDTH, _HEIGHT)
        self._make_panel = make_panel
        self.view = SyncView(SyncPhase.ALONE)
        self._info: ProjectInfo | None = None

    def open(self, info: ProjectInfo) -> None:
        self._info = info
        self.source = self.session.open(info.id)
        feed = self.session.sync_feed()
        feed.state_changed.connect(self._note)
        self.window.use(self.session, lambda look, workspace: self._make_panel(look, workspace, self.session))
        self.window.show()
        page = self.window.project_page
        assert page is not None
        self.page = page

    def _note(self, _project: bytes, view: SyncView) -> None:
        self.view = view

    def write(self, operation: Callable[[], Touched]) -> None:
        self.page.workspace.written(operation())

    def show(self, issue: bytes) -> None:
        self.page.open_item(issue)

    def settle(self, issue: bytes) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QAbstractButton

        from app.desktop.item.conflict import ConflictBox

        self.show(issue)
        self.settle_down()
        [box] = [each for each in self.window.findChildren(ConflictBox) if each.isVisible()]
        keep = next(each for each in box.findChildren(QAbstractButton) if each.isVisible())
        QTest.mouseClick(keep, Qt.MouseButton.LeftButton)

    def sync(self) -> None:
        assert self._info is not None
        before = self.view.last_success_ms
        self.session.sync_feed().sync_now(self._info.id)
        self._until(
            lambda: (
                self.view.phase is SyncPhase.SYNCED
                and not self.view.waiting
                and self.view.last_success_ms != before
            )
        )

    def sync_in_vain(self) -> None:
        assert self._info is not None
        self.session.sync_feed().sync_now(self._info.id)
        self.wait(SyncPhase.OFFLINE)

    def wait(self, phase: SyncPhase) -> None:
        self._until(lambda: self.view.phase is phase)

    def _until(self, reached: Callable[[], bool]) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        look = QTimer(interval=20)
        look.timeout.connect(lambda: loop.quit() if reached() else None)
        end = QTimer(singleShot=True, interval=_PATIENCE_MS)
        end.timeout.connect(lambda: loop.exit(1))
        look.start()
        end.start()
        if loop.exec() and not reached():
            raise TourFailed(f"The tour stands still: {self.view.problem or self.view.phase}.")

    def settle_down(self) -> None:
        """Let the window paint what came in."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(400, loop.quit)
        loop.exec()

    def close(self) -> None:
        self.window.close()
        self.session.close()
