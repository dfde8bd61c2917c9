"""Reading, checking and writing a table on a thread and a connection of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.desktop.following import Growing
from app.desktop.importing.choices import Checked, Choices, Opened, Written
from app.desktop.workers import Workers
from app.desktop.workspace import Workspace
from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import LABEL, LOCATION, PERSON, PROJECT
from app.interchange.csv_commit import Writing
from app.interchange.csv_import import plan_table
from app.interchange.csv_plan import ImportPlan
from app.interchange.csv_read import Problem, Table, read_table
from app.interchange.csv_wrong import write_wrong_rows
from app.store.project import Project
from app.store.slices import Step
from app.store.touched import Touched
from sync.errors import SitebookError

FIRST_ROWS = 20
"""So many rows are shown before anything is written."""
_TELL_SECONDS = 0.1


class _Stopped(SitebookError):
    """Nobody waits for this any more."""


class Work:
    """The phases of an import, as they are told with progress."""

    READ = "read"
    CHECK = "check"
    WRITE = "write"
    TAKE_BACK = "take back"


@dataclass
class _Job:
    """One call; ``stop`` ends it at the next opportunity."""

    stop: threading.Event

    def end_if_asked(self) -> None:
        if self.stop.is_set():
            raise _Stopped("Stopped.")


class Importer(QObject):
    """Imports one table. Lives on the GUI thread; what it does runs on a worker, one call after the other.

    A call that is overtaken by another one ends without a word.
    """

    progressed = Signal(str, int, int)
    """Emits the phase, how much is done, and of how much (0: not known)."""
    opened = Signal(object)
    """Emits the ``Opened`` file."""
    checked = Signal(object)
    """Emits what was ``Checked``."""
    written = Signal(object)
    """Emits what was ``Written``, once the window follows it."""
    taken_back = Signal()
    """The import was stopped, and what it had written is gone again."""
    failed = Signal(str)
    _touched = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._workers = Workers(self)
        self._job = _Job(threading.Event())
        self._stale = False
        self._writing = False
        self._closing = False
        self._project: Project | None = None
        self._table: Table | None = None
        self._plan: ImportPlan | None = None
        self._touched.connect(self._follow)
        workspace.touched.connect(self._something_changed)
        workspace.stopping.connect(self.stop)

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._workers.busy

    @property
    def is_writing(self) -> bool:
        """Whether the table is being written, or taken back."""
        return self._writing

    def read(self, path: Path, choices: Choices) -> None:
        """Read a file, then check it."""

        def work(job: _Job) -> Opened:
            self._table = self._plan = None
            table = read_table(path, lenient=True, progress=self._teller(job, Work.READ))
            self._table = table
            return Opened(path, table.columns, table.rows[:FIRST_ROWS], len(table.rows) + len(table.uneven))

        def done(opened: Opened) -> None:
            self.opened.emit(opened)
            self.check(choices)

        self._run(work, done)

    def check(self, choices: Choices) -> None:
        """Check the table that was read last."""
        self._run(partial(self._check, choices), self.checked.emit)

    def write(self, choices: Choices) -> None:
        """Write the table that was checked last, as it was checked; anew where the project changed since."""
        self._writing = True
        stale, self._stale = self._stale, False

        def work(job: _Job) -> Written | None:
            if stale or self._plan is None:
                self._check(choices, job)
            return self._write(job)

        self._run(work, self._wrote)

    def cancel(self) -> None:
        """End what runs; what was written is taken back."""
        self._job.stop.set()

    def stop(self) -> None:
        """End what runs where it is, wait for it, and close the connection."""
        self._closing = True
        self._job.stop.set()
        self._workers.wait()
        if self._project is not None:
            self._project.close()
            self._project = None
        self._table = self._plan = None

    def save_wrong_rows(
        self, path: Path, target: Path, problems: Sequence[Problem], done: Callable[[int], None]
    ) -> None:
        """Write the rows that do not fit, with what is wrong with each, into a file to correct."""
        self._workers.run(lambda: write_wrong_rows(path, target, problems), done, self.failed.emit)

    # On the worker

    def _check(self, choices: Choices, job: _Job) -> Checked:
        assert self._table is not None
        self._plan = None
        plan = plan_table(
            self._table,
            self._connection(),
            context=self._context(),
            mapping=choices.mapping,
            key=choices.key,
            date_formats=choices.forms,
            kind=choices.kind,
            add_people=choices.add_people,
            lenient=True,
            progress=self._teller(job, Work.CHECK),
        )
        self._plan = plan
        return Checked(
            choices,
            plan.columns,
            plan.created,
            plan.updated,
            plan.unchanged,
            plan.deleted,
            {kind: plan.made(kind) for kind in (PERSON, LABEL, LOCATION)},
            plan.new_fields,
            plan.problems,
        )

    def _write(self, job: _Job) -> Written | None:
        """Write the plan; None where it was stopped, and everything taken back."""
        plan = self._plan
        assert plan is not None
        project = self._connection()
        begun = project.clock.now_ms()
        writing = plan.writing()
        self._plan = None  # what is written now would be another set of records the next time
        try:
            self._pass_on(writing.steps(), Work.WRITE, job)
        except BaseException:
            if self._closing:
                raise  # nobody can wait for that; what was written stays
            self._take_back(writing, project)
            if job.stop.is_set():
                return None
            raise
        created = plan.created
        updated = plan.updated - writing.passed_over
        first = next(iter(writing.made), None)
        return Written(plan.kind, created, updated, begun, first, writing.passed_over, len(plan.problems))

    def _take_back(self, writing: Writing, project: Project) -> None:
        if writing.made:
            with project.lightly():
                self._pass_on(project.undo_steps(), Work.TAKE_BACK, None)

    def _pass_on(self, steps: Iterator[Step], phase: str, job: _Job | None) -> None:
        """Do the steps, and now and then tell the window how far they are and what they touched."""
        tell = self._teller(job, phase)
        touched = Touched()
        growing = Growing(time.monotonic)
        try:
            for step in steps:
                touched.merge(step.touched)
                if growing.due():
                    self._touched.emit(touched)
                    touched = Touched()
                tell(step.done, step.total)
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()
            self._touched.emit(touched)

    def _teller(self, job: _Job | None, phase: str) -> Callable[[int, int], None]:
        last = 0.0

        def tell(done: int, whole: int) -> None:
            nonlocal last
            if job is not None:
                job.end_if_asked()
            now = time.monotonic()
            if now - last >= _TELL_SECONDS or done == whole:
                last = now
                self.progressed.emit(phase, done, whole)

        return tell

    def _connection(self) -> Project:
        if self._project is None:
            self._project = self._workspace.source.second()
        return self._project

    def _context(self) -> Context:
        now = self._workspace.now()
        assert now.tzinfo is not None
        directory = ProjectDirectory(self._connection(), self._workspace.me)
        return Context(directory, now.date(), now.tzinfo, self._currency())

    def _currency(self) -> str:
        found = next(iter(self._connection().column(PROJECT, "currency").values()), "")
        return found if isinstance(found, str) else ""

    # Back on the GUI thread

    def _run(self, work: Callable[[_Job], Any], done: Callable[[Any], None]) -> None:
        self._job.stop.set()
        job = self._job = _Job(threading.Event())

        def call() -> tuple[bool, Any]:
            try:
                job.end_if_asked()
                return True, work(job)
            except _Stopped:
                return False, None

        self._workers.run(
            call,
            lambda found: self._came(job, done, *found),
            lambda sentence: self._broke(job, sentence),
        )

    def _came(self, job: _Job, done: Callable[[Any], None], finished: bool, result: Any) -> None:
        if job is self._job and finished and not self._closing:
            done(result)

    def _broke(self, job: _Job, sentence: str) -> None:
        if job is self._job and not self._closing:
            self._writing = False
            self.failed.emit(sentence)

    def _wrote(self, written: Written | None) -> None:
        self._writing = False
        self._workspace.wrote.emit()
        if written is None:
            self.taken_back.emit()
            return
        if written.first is not None:
            self._workspace.source.remember([written.first])
        self.written.emit(written)

    def _follow(self, touched: Touched) -> None:
        if touched and not self._closing:
            self._workspace.apply_touched(touched)

    def _something_changed(self, _touched: Touched) -> None:
        """The project is another than the one that was checked; what this import writes does not count."""
        self._stale = self._stale or not self._writing
