"""A window that types issues until it is killed: run as a process by ``window_kill``.

Prints a line for each title that it has seen in the project file, which is what a person would call saved.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop.app import device_now, dress, make_panel
from app.desktop.profile_session import ProfileSession
from app.desktop.window import Window
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile


class Typist:
    """Makes one issue a turn of the event loop, by keys."""

    def __init__(self, window: Window, session: ProfileSession, prefix: str) -> None:
        self._window = window
        self._session = session
        self._prefix = prefix
        self._count = 0
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._type)

    def begin(self) -> None:
        self._timer.start()

    def _type(self) -> None:
        page = self._window.project_page
        if page is None:
            return
        # Ends in a mark, so that what a kill cut off in the middle of typing is no other's title.
        title = f"{self._prefix}-{self._count}."
        page.create_record("issue")
        field = QApplication.focusWidget()
        if field is None:
            return
        self._count += 1
        QTest.keyClicks(field, title)
        QTest.keyClick(field, Qt.Key.Key_Return)
        source = page.workspace.source
        if title in source.column("issue", "title").values():
            print(title, flush=True)


def main() -> int:
    directory, passphrase, prefix = sys.argv[1:4]
    application = QApplication([])
    look = dress(application)
    session = ProfileSession(
        Profile.at(Path(directory)), lambda: date(2026, 3, 8), passphrase=passphrase, keyring=NoKeyring()
    )
    window = Window(look, now=device_now, version="test")
    window.resize(1200, 800)
    window.show()
    window.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))
    window.activateWindow()
    typist = Typist(window, session, prefix)
    typist.begin()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
