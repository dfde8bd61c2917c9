"""The queue of those who want to write: first come, first served, and who waits meanwhile is committed together.

A commit waits for the disk, which costs more than what a push changes. So whoever's turn it is takes along the
next ones in line, in one transaction, and hands the turn on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sync.server.storage import Storage, Writing

T = TypeVar("T")
_TOGETHER: Final = 32
"""Most that are committed together, so that nobody waits long for others."""


class _Job:
    """One who waits."""

    __slots__ = ("called", "error", "leads", "project", "result", "work")

    def __init__(self, project: bytes, work: Callable[[Writing], Any]) -> None:
        self.project = project
        self.work = work
        self.called = threading.Event()
        self.leads = False
        self.result: Any = None
        self.error: BaseException | None = None


class Committing:
    """The queues of one storage. Safe to use from several threads."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._lines: dict[bytes, deque[_Job]] = {}

    def run(self, project: bytes, work: Callable[[Writing], T]) -> T:
        """Do work in a transaction, perhaps one with others; what it changed is durable then.

        ``work`` changes nothing but the storage: it is done again where the work of others failed.
        """
        job = _Job(project, work)
        key = b"" if self._storage.one_writer else project
        with self._lock:
            line = self._lines.get(key)
            if line is None:
                self._lines[key] = deque()
                job.leads = True
            else:
                line.append(job)
        if not job.leads:
            job.called.wait()
        if job.leads:
            self._lead(job, key)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _lead(self, job: _Job, key: bytes) -> None:
        jobs = [job]
        try:
            with self._lock:
                line = self._lines[key]
                while line and len(jobs) < _TOGETHER:
                    jobs.append(line.popleft())
            self._do(jobs)
        finally:
            with self._lock:
                following = self._lines[key].popleft() if self._lines[key] else None
                if following is None:
                    del self._lines[key]
            if following is not None:
                following.leads = True
                following.called.set()
            for each in jobs[1:]:
                each.called.set()

    def _do(self, jobs: Sequence[_Job]) -> None:
        """Do all in one transaction; where that fails, each alone, so that nobody bears another's failure."""
        try:
            with self._storage.write(jobs[0].project) as change:
                for job in jobs:
                    job.result = job.work(change)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever asked for the work
            if len(jobs) == 1:
                jobs[0].error = error
                return
            for job in jobs:
                self._do([job])
