"""``sitebook watch``: what others change, as lines of JSON or as calls of a command, one after the other.

Where a watcher is, is kept in the project file under its name, as the number of the last change that was told. It moves
on when a line is out, or when the command for it has ended well: after a crash the last ones may be told again, and
none is left out.
"""

from __future__ import annotations

import json
import queue
import signal
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.output import Usage, one_line, warn
from app.cli.session import Session
from app.cli.syncing import wait_for
from app.cli.watch_arguments import KINDS
from app.cli.watch_command import Command
from app.cli.watch_lines import Line, Lines
from app.domain.schema import ISSUE
from app.store.happened import happened, newest_change
from app.store.watching import Watching
from sync.errors import Busy, SitebookError
from sync.transport.base import Transport

if TYPE_CHECKING:
    from types import FrameType

    from app.store.project import Project
    from sync.engine import Engine
    from sync.transport.events import EventStream, Heard

_PAGE = 200
_LONGEST_WAIT = 60.0
"""Most seconds between two tries of a command."""
_BUSY_WAIT = (0.05, 2.0)
"""Seconds between two looks whether the profile is free: the first, and the most."""
_LONGEST_NAME = 64


class Stop:
    """Set when somebody wants us to stop; ends whatever is under way."""

    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
        self.transport: Transport | None = None
        self.command: Command | None = None
        self.printing = False
        self._event = threading.Event()

    def is_set(self) -> bool:
        """Whether we are to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until we are to stop."""
        return self._event.wait(seconds)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM set it."""

        def stop(number: int, frame: FrameType | None) -> None:
            # In a thread of its own: this one may hold a lock that ending things takes.
            threading.Thread(target=self._end, args=(number,), daemon=True).start()
            if self.printing:
                # Whoever reads may have stopped reading: nothing else ends a write that waits for him.
                raise BrokenPipeError

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int) -> None:
        self._event.set()
        self.heard.put(None)
        if self.transport is not None:
            self.transport.close()
        if self.command is not None:
            self.command.stop(number)


def watch(session: Session, arguments: Namespace) -> int:
    """Tell what others change, until a signal comes or (``--once``) all is told."""
    if len(arguments.name) > _LONGEST_NAME or not arguments.name.strip():
        raise Usage(f"--name takes 1 to {_LONGEST_NAME} characters.")
    stop = Stop()
    with stop.on_signals():
        return _Watcher(session, arguments, stop).run()


class _Watcher:
    def __init__(self, session: Session, arguments: Namespace, stop: Stop) -> None:
        self._session = session
        self._arguments = arguments
        self._stop = stop
        self._mark = f"watch:{arguments.name.strip()}"
        kinds = tuple(dict.fromkeys(arguments.kind or ((ISSUE,) if arguments.where else KINDS)))
        self._lines = Lines(session, kinds, arguments.where)
        self._command: Command | None = None
        if arguments.exec is not None:
            self._command = Command(arguments.exec, arguments.timeout, session.profile.directory)
        stop.command = self._command
        self._since_ms, self._until = 0, 0
        self._skipped = 0

    def run(self) -> int:
        """Tell until there is a reason to end; gives the exit code."""
        try:
            self._lines.check()
            self._begin()
            if self._arguments.once:
                self._once()
            else:
                self._follow()
        except Busy:
            if not self._stop.is_set():
                raise
        return 1 if self._arguments.once and self._skipped else 0

    # Where the watcher is

    @property
    def _project(self) -> Project:
        """The project, open: waits while another process has the profile. Raises Busy where we are to stop."""
        wait = _BUSY_WAIT[0]
        told = False
        while True:
            try:
                return self._session.project
            except Busy as busy:
                if wait >= _BUSY_WAIT[1] and not told:
                    told = True
                    warn("Another process has this profile open; what is new is told when it is closed.")
                if self._stop.wait(wait):
                    raise busy from None
                wait = min(2 * wait, _BUSY_WAIT[1])

    def _place(self) -> int | None:
        return Watching(self._project).mark(self._mark)

    def _move(self, number: int) -> None:
        Watching(self._project).looked(self._mark, number)

    def _begin(self) -> None:
        """Go where the arguments say; otherwise the watcher is where it was."""
        since = self._arguments.since
        project = self._project
        if self._arguments.from_now:
            with project.writing():
                project.db.run("DELETE FROM local_marks WHERE name = ?", (self._mark,))
        elif since is not None and since.isdecimal() and len(since) < 19:
            self._move(min(int(since), newest_change(project)))
        elif since is not None:
            from app.domain.dates import parse_moment

            context = self._session.context
            self._since_ms = parse_moment(since, context.today, context.zone)
            self._until = newest_change(project)
            row = project.db.one("SELECT min(cid) FROM changes WHERE clock >= ?", (self._since_ms,))
            first = None if row is None else row[0]
            self._move(self._until if first is None else int(first) - 1)

    # Rounds

    @contextmanager
    def _road(self) -> Iterator[Engine]:
        """The way to the server, for as long as the project stays open."""
        from sync.engine import Engine

        session, project = self._session, self._project
        workspace = session.workspace
        transport = self._stop.transport = workspace.transport(session.entry)
        try:
            side = workspace.side(session.entry, project, self._stop.is_set)
            yield Engine(side, transport, workspace.clock, workspace.random)
        finally:
            self._stop.transport = None
            transport.close()

    def _once(self) -> None:
        problem: SitebookError | None = None
        if self._session.entry.server:
            with self._road() as engine:
                engine.sync_now()
                while not self._stop.is_set():
                    step = engine.step()
                    problem = step.error
                    if step.error is not None or step.result is not None:
                        break
                    self._stop.wait(engine.next_in)
        if not self._stop.is_set():
            if problem is None and self._place() is None:
                self._start()
            while self._place() is not None and self._tell_page():
                pass
            if problem is not None:
                raise problem

    def _start(self) -> None:
        """A new watcher begins here: what came so far is no news."""
        newest = newest_change(self._project)
        self._move(newest)
        warn(f"Watching “{self._session.entry.name}” from change {newest} on.")

    def _follow(self) -> None:
        stream = self._listen()
        complaint = ""
        try:
            while not self._stop.is_set():
                if self._place() is not None and self._tell_page():
                    continue
                with self._road() as engine:
                    while not self._stop.is_set():
                        step = engine.step()
                        if self._stop.is_set():
                            break
                        if step.message != complaint and (step.error is not None or step.result is not None):
                            complaint = step.message
                            if complaint:
                                warn(complaint)
                        if step.result is not None and self._place() is None:
                            self._start()
                        place = self._place()
                        if (
                            step.result is not None
                            and place is not None
                            and place < newest_change(self._project)
                        ):
                            if self._command is not None:
                                break
                            while self._tell_page():
                                pass
                        wait_for(engine, self._stop.heard)
        finally:
            stream.close()

    def _listen(self) -> EventStream:
        from app.workspace.workspace import identity_of
        from sync.transport.events import EventStream

        workspace, entry = self._session.workspace, self._session.entry
        workspace.transport(entry).close()  # says in a sentence where there is no server
        stream = EventStream(
            entry.server,
            identity_of(entry).signing,
            [entry.project],
            self._stop.heard.put,
            clock=workspace.clock,
            random=workspace.random,
            certificate=entry.certificate or None,
        )
        stream.begin()
        return stream

    # Telling

    def _tell_page(self) -> bool:
        """Tell some of what is new; whether there was something. The project may be let go meanwhile."""
        place = self._place()
        if place is None or self._stop.is_set():
            return False
        found, last = happened(self._project, place, own=self._arguments.own, most=_PAGE)
        if last == place:
            return False
        lines = list(self._lines.of(found, self._since_ms, self._until))
        if self._command is None:
            self._print(lines, last)
        else:
            self._call(self._command, lines, last)
        return True

    def _print(self, lines: list[Line], last: int) -> None:
        told = last
        try:
            for line in lines:
                told = line.seq - 1
                if self._stop.is_set():
                    return
                self._stop.printing = True
                print(_json(line), flush=True)
                self._stop.printing = False
            told = last
        finally:
            self._stop.printing = False
            self._move(told)

    def _call(self, command: Command, lines: list[Line], last: int) -> None:
        for at, line in enumerate(lines):
            # The command may be a `sitebook issue …` on this profile.
            self._session.let_go()
            if not self._succeeds(command, line):
                return
            if at + 1 < len(lines) and lines[at + 1].seq != line.seq:
                self._move(line.seq)
        self._move(last)

    def _succeeds(self, command: Command, line: Line) -> bool:
        """Run the command until it is through with a line, or the line is given up; False where we are to stop."""
        wait = self._arguments.retry_wait
        tries = 0
        what = f"The command for change {line.seq} (“{one_line(line.document['title'])[:80]}”) failed"
        while problem := command.run(_json(line) + "\n", line.document):
            if self._stop.is_set():
                return False
            if tries == self._arguments.retries:
                if self._arguments.stop_on_error:
                    raise SitebookError(f"{what}: {problem}. It is told again by the next `sitebook watch`.")
                warn(f"{what}: {problem}. It is passed over.")
                self._skipped += 1
                return True
            tries += 1
            warn(f"{what}: {problem}. Trying again in {wait:g} s ({tries} of {self._arguments.retries}).")
            if self._stop.wait(wait):
                return False
            wait = min(2 * wait, _LONGEST_WAIT)
        return True


def _json(line: Line) -> str:
    return json.dumps(line.document, ensure_ascii=False)
