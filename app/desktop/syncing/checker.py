"""Checks everything about the open project on a worker, and asks how far the other devices are."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from app.desktop.session import Session
from app.desktop.syncing.words import Standing, checked_words, device_lines, progress_words
from app.desktop.translate import tr
from app.desktop.workers import Workers
from app.desktop.workspace import Workspace
from app.store.sync_log import SyncLog
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.store.device_states import DeviceState
    from app.store.health import Progress
    from app.workspace.checking import Checked

_TELL_EVERY = 0.1
"""Seconds between two words about how far it is."""


@dataclass(frozen=True, slots=True)
class CheckView:
    """What the page tells of the check."""

    words: str = ""
    busy: bool = False
    tone: str = "text"


class Checker(QObject):
    """Lives on the GUI thread as long as the project is open: the page may be left meanwhile."""

    changed = Signal(object)
    """Emits the ``CheckView``."""
    devices_changed = Signal(object)
    """Emits the ``DeviceLine`` of each device."""
    _progressed = Signal(int, int)

    def __init__(self, workspace: Workspace, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = session
        self._workers = Workers(self)
        self._stop = threading.Event()
        self.view = CheckView()
        self.devices: tuple[Standing, ...] = ()
        self._asking = False
        self._progressed.connect(
            lambda done, total: self._show(CheckView(progress_words(done, total), busy=True)),
            Qt.ConnectionType.QueuedConnection,
        )

    def check(self) -> None:
        """Begin; a check that runs goes on."""
        if self.view.busy:
            return
        self._stop.clear()
        self._show(CheckView(progress_words(0, 0), busy=True))
        session, project, stop = self._session, self._workspace.info.id, self._stop
        clock, told = self._workspace.source.clock, [float("-inf")]

        def tell(progress: Progress) -> None:
            now = clock.monotonic()
            if now - told[0] >= _TELL_EVERY:
                told[0] = now
                self._progressed.emit(progress.done, progress.total)

        self._workers.run(
            lambda: session.check_everything(project, tell, stop.is_set), self._checked, self._failed
        )

    def cancel(self) -> None:
        """End the check; what it mended stays so."""
        self._stop.set()

    def look(self) -> None:
        """Ask the server what the devices told."""
        if self._asking or not self._workspace.info.server:
            return
        self._asking = True
        session, project = self._session, self._workspace.info.id
        self._workers.run(lambda: session.device_states(project), self._told, self._unanswered)

    def _checked(self, found: Any) -> None:
        checked: Checked = found
        self._workspace.apply_touched(checked.touched)
        words, tone = checked_words(checked)
        with suppress(SitebookError):
            SyncLog(self._workspace.source).tell(tr("Checked everything. {found}").format(found=words))
        self._show(CheckView(words, tone=tone))
        if checked.devices:
            self._list(checked.own, checked.devices)

    def _failed(self, sentence: str) -> None:
        self._show(CheckView(sentence, tone="danger" if not self._stop.is_set() else "muted"))

    def _told(self, found: Any) -> None:
        self._asking = False
        own, devices = found
        self._list(own, devices)

    def _unanswered(self, sentence: str) -> None:
        self._asking = False  # the state of sync says already that there is no way

    def _list(self, own: DeviceState | None, devices: tuple[DeviceState, ...]) -> None:
        self.devices = device_lines(own, devices, self._workspace.source, self._workspace.now())
        self.devices_changed.emit(self.devices)

    def _show(self, view: CheckView) -> None:
        if view.busy and self._stop.is_set() and view.words != progress_words(0, 0):
            return
        self.view = view
        self.changed.emit(view)

    def stop(self) -> None:
        """The project is about to be closed."""
        self._stop.set()
        self._workers.wait()
