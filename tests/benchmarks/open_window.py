"""One start of the window, off-screen: prints when each part was done, in seconds since the process began and in
seconds of processor time."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QObject


def since_start() -> float:
    """Seconds since the system began this process (Linux), else since this was loaded."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return time.perf_counter() - _LOADED
    ticks = int(stat.read_text().rsplit(")", 1)[1].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return uptime - ticks / os.sysconf("SC_CLK_TCK")


_LOADED = time.perf_counter()


def main(profile: Path) -> None:
    """Open the profile's project in the window, wait until its list is painted and full, and close."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from app.desktop.app import device_now, dress, make_panel
    from app.desktop.desk.table import Table
    from app.desktop.window import Window

    done: dict[str, float] = {}
    spent: dict[str, float] = {}

    def note(part: str) -> None:
        if part not in done:
            done[part], spent[part] = since_start(), time.process_time()

    note("imports")

    class Watch(QObject):
        """Notes the first paint of the list."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "project open" in done:
                view = watched.parent()
                if isinstance(view, Table) and len(view.lines) and "list painted" not in done:
                    QTimer.singleShot(0, painted)
            return False

    def painted() -> None:
        if "list painted" not in done:
            note("list painted")
            QTimer.singleShot(0, full)

    def full() -> None:
        page = window.project_page
        assert page is not None
        page.workspace.finish_steps()
        application.processEvents()
        note("all rows there")
        window.close()

    def begin() -> None:
        from app.desktop.profile_session import ProfileSession
        from app.keys.profile import Profile
        from tests.benchmarks.keyring import FileKeyring

        session = ProfileSession(
            Profile.at(profile), lambda: device_now().date(), keyring=FileKeyring(profile / "keyring.json")
        )
        note("profile open")
        window.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))
        note("project open")

    application = QApplication(sys.argv[:1])
    look = dress(application)
    window = Window(look, now=device_now, version="0")
    watch = Watch()
    application.installEventFilter(watch)
    window.resize(1440, 900)
    window.show()
    application.processEvents()
    note("window shown")
    QTimer.singleShot(0, begin)
    application.exec()
    print(json.dumps([done, spent]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
