"""Keeps a project and its Markdown folder together while it is open, on a thread and a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.folder.watcher import FolderWatcher
from app.desktop.following import Growing
from app.desktop.workers import Workers
from app.desktop.workspace import Workspace
from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import PROJECT
from app.interchange.folder.state import State
from app.store.touched import Touched
from sync.change import Change

if TYPE_CHECKING:
    from app.interchange.folder.folder import Folder
    from app.interchange.folder.work import Report, Step

_SOON_MS = 1_500
"""So long after the last change here the folder follows: whoever types pauses for as long now and then."""
_LOOK_MS = 30_000
"""How often one looks where the system tells nothing."""
_TELL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class FolderView:
    """What the window tells of the folder. ``path`` is None where it is off."""

    path: Path | None = None
    busy: bool = False
    phase: str = ""
    done: int = 0
    total: int = 0
    report: Report | None = None
    """Of the last pass that ended."""
    problems: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    """Why the last pass did not end, in one sentence."""


@dataclass(frozen=True, slots=True)
class _Passed:
    """What a call on the worker gave."""

    path: Path | None
    report: Report | None
    problems: Mapping[str, str]
    settleable: frozenset[str]
    made: tuple[Change, ...]


class FolderKeeper(QObject):
    """The folder of one open project. Lives on the GUI thread; what it does runs on a worker, one call at a time."""

    changed = Signal(object)
    """Emits the ``FolderView``, whenever it is another one."""
    _touched = Signal(object)
    _stepped = Signal(str, int, int)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._workers = Workers(self)
        self._folder: Folder | None = None
        self._stop = threading.Event()
        self._again = False
        self._following = False
        self.settleable: frozenset[str] = frozenset()
        """The files about which one has to say what counts."""
        self.view = FolderView()
        self.watcher = FolderWatcher(self)
        self.watcher.disturbed.connect(self.request)
        self.watcher.lost.connect(self._look_now_and_then)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.request)
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._looking.timeout.connect(self.request)
        self._touched.connect(self._follow)
        self._stepped.connect(self._step)
        workspace.touched.connect(self._something_changed)
        workspace.stopping.connect(self.stop)

    def start(self) -> None:
        """Catch up with what was done while nobody looked, and watch from now on; nothing where it is off."""
        setting = State(self._workspace.source).setting
        if setting is not None:
            self._set(path=setting.path)
            self.watcher.watch(setting.path)
            self.request()

    # What a user asks for

    def switch_on(self, path: Path, *, vault: bool) -> None:
        """Keep a folder from now on: an empty one, or a vault whose notes come in."""

        def work(folder: Folder) -> None:
            folder.switch_on(path, vault=vault)
            self._pass(folder.steps())

        self._call(work)

    def switch_off(self) -> None:
        """Leave the folder alone."""
        self._call(lambda folder: folder.switch_off())

    def request(self) -> None:
        """Bring both together, soon: once for all who ask while it runs."""
        if self.view.path is None:
            return
        if self._workers.busy:
            self._again = True
            return
        self.look()

    def look(self, *, missing: bool | None = None) -> None:
        """Bring both together now. ``missing``: see ``Folder.steps``."""

        def work(folder: Folder) -> None:
            if (
                folder.state.setting is not None
            ):  # it may have been switched off while this waited for its turn
                self._pass(folder.steps(missing=missing))

        self._call(work)

    def settle(self, path: str, *, take_file: bool) -> None:
        """Say what counts in a conflict: see ``Folder.settle``."""
        self._call(lambda folder: self._pass(folder.settle(path, take_file=take_file)))

    def stop(self) -> None:
        """End what runs where it is, and close the connection: the project is about to be closed."""
        self._stop.set()
        self._soon.stop()
        self._looking.stop()
        self.watcher.stop()
        self._workers.wait()
        if self._folder is not None:
            self._folder.project.close()
            self._folder = None

    # On the worker

    def _call(self, work: Callable[[Folder], Any]) -> None:
        if self._stop.is_set():
            return

        def call() -> _Passed:
            folder = self._opened()
            work(folder)
            setting = folder.state.setting
            stuck = frozenset(
                path for path, row in folder.state.files().items() if row.problem and not row.base
            )
            return _Passed(
                None if setting is None else setting.path,
                folder.report,
                dict(folder.report.problems),
                stuck,
                tuple(folder.made),
            )

        self._again = False
        self._set(busy=True, failure="", phase="")
        self._workers.run(call, self._ended, self._broke)

    def _opened(self) -> Folder:
        # Loaded here, on the worker: a window that has no folder does without all of it.
        from app.interchange.folder.folder import Folder
        from app.store.attachments import Attachments

        if self._folder is None:
            project = self._workspace.source.second()
            beside = self._workspace.attachments
            attachments = None if beside is None else Attachments(project, beside.directory, zone=beside.zone)
            self._folder = Folder(project, self._context, attachments)
        return self._folder

    def _context(self) -> Context:
        assert self._folder is not None
        project = self._folder.project
        now = self._workspace.now()
        assert now.tzinfo is not None
        currency = next(iter(project.column(PROJECT, "currency").values()), "")
        directory = ProjectDirectory(project, self._workspace.me)
        return Context(directory, now.date(), now.tzinfo, currency if isinstance(currency, str) else "")

    def _pass(self, steps: Iterator[Step]) -> None:
        """Do the steps, and now and then tell the window how far they are and what they touched."""
        touched = Touched()
        growing = Growing(time.monotonic)
        told = time.monotonic()
        try:
            for step in steps:
                touched.merge(step.touched)
                if growing.due():
                    self._touched.emit(touched)
                    touched = Touched()
                now = time.monotonic()
                if now - told > _TELL_SECONDS:
                    told = now
                    self._stepped.emit(step.phase, step.done, step.total)
                if self._stop.is_set():
                    break
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()
            self._touched.emit(touched)

    # Back on the GUI thread

    def _ended(self, passed: _Passed) -> None:
        if self._stop.is_set():
            return
        if passed.made:
            self._workspace.source.remember(passed.made)
        self.settleable = passed.settleable
        self._set(path=passed.path, busy=False, report=passed.report, problems=passed.problems)
        if passed.path is None:
            self.watcher.stop()
            self._looking.stop()
        elif not self.watcher.is_watching and not self._looking.isActive():
            self.watcher.watch(passed.path)
        self._go_on()

    def _broke(self, sentence: str) -> None:
        if not self._stop.is_set():
            self._set(busy=False, failure=sentence)
            self._go_on()

    def _go_on(self) -> None:
        if self._again:
            self._again = False
            self._soon.start()

    def _follow(self, touched: Touched) -> None:
        if touched and not self._stop.is_set():
            self._following = True
            try:
                self._workspace.written(touched)
            finally:
                self._following = False

    def _something_changed(self, _touched: Touched) -> None:
        if self.view.path is not None and not self._following:
            self._soon.start()

    def _look_now_and_then(self) -> None:
        self.watcher.stop()
        self._looking.start()

    def _step(self, phase: str, done: int, total: int) -> None:
        if self.view.busy:
            self._set(phase=phase, done=done, total=total)

    def _set(self, **changes: Any) -> None:
        self.view = replace(self.view, **changes)
        self.changed.emit(self.view)
