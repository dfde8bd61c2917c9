"""``sitebook sync``."""

from __future__ import annotations

import queue
import signal
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.output import warn
from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.dates import moment_local
from sync.errors import SitebookError
from sync.result import SyncResult

if TYPE_CHECKING:
    from types import FrameType

    from app.workspace.files import FilesDone
    from sync.engine import Engine
    from sync.transfer import Transfers
    from sync.transport.base import Transport
    from sync.transport.events import Heard


def sync(session: Session, arguments: Namespace) -> None:
    """Exchange with the server: one round, or on and on."""
    if arguments.follow:
        _follow(session, no_files=arguments.no_files)
        return
    project = session.entry.project
    result = session.workspace.sync(project)
    if arguments.no_files:
        session.out.result(document(result), line(result))
        return
    files = _files(session)
    told = files_lines(files)
    with_files = {"files": files_document(files)} if told else {}
    session.out.result({**document(result), **with_files}, line(result), *told)


def _files(session: Session) -> FilesDone:
    """Files after changes: what stands in their way does not undo what was exchanged."""
    from app.workspace.files import FilesDone, move_files

    try:
        with Bar("Files") as bar:
            done = move_files(session.workspace, session.entry.project, bar.update)
    except SitebookError as error:
        warn(str(error))
        return FilesDone()
    for problem in done.problems:
        warn(problem)
    return done


def files_document(files: FilesDone) -> dict[str, int]:
    """The files of a round for scripts."""
    return {
        "sent": files.sent,
        "got": files.got,
        "bytes_sent": files.bytes_sent,
        "bytes_got": files.bytes_got,
        "waiting": files.waiting,
    }


def files_lines(files: FilesDone) -> list[str]:
    """The files of a round for people; nothing where there were none."""
    counts = files_document(files)
    moved = {name: count for name, count in counts.items() if count and not name.startswith("bytes")}
    return [f"files: {', '.join(f'{name} {count}' for name, count in moved.items())}"] if moved else []


def document(result: SyncResult) -> dict[str, int]:
    """The counts of a round for scripts."""
    return {
        "pulled": result.pulled,
        "pushed": result.pushed,
        "conflicts": result.conflicts,
        "refused": result.refused,
    }


def line(result: SyncResult) -> str:
    """The counts of a round for people."""
    return ", ".join(f"{name} {count}" for name, count in document(result).items())


def _follow(session: Session, *, no_files: bool) -> None:
    """Step the engine until a signal comes; a failure is told once, and tried again when the engine says so.

    The server tells when there is something; where it does not, the engine looks now and then.
    """
    from app.workspace.workspace import identity_of
    from sync.engine import Engine
    from sync.transport.events import EventStream

    workspace, entry = session.workspace, session.entry
    transport = workspace.transport(entry)
    heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
    stream = EventStream(
        entry.server,
        identity_of(entry).signing,
        [entry.project],
        heard.put,
        clock=workspace.clock,
        random=workspace.random,
        certificate=entry.certificate or None,
    )

    beside = None if no_files else workspace.transport(entry)

    def hang_up() -> None:
        transport.close()
        if beside is not None:
            beside.close()
        heard.put(None)

    total = SyncResult()
    complaint = ""
    try:
        side = workspace.side(entry, session.project)
        engine = Engine(side, transport, workspace.clock, workspace.random)
        files = None if beside is None else _transfers(session, beside, engine)
        with _signals(hang_up) as stopped:
            first = True
            stream.begin()
            while not stopped.is_set():
                step = engine.step()
                if stopped.is_set():
                    break
                if step.message != complaint and (step.error is not None or step.result is not None):
                    complaint = step.message
                    if complaint:
                        warn(complaint)
                if step.result is not None:
                    total += step.result
                    if first or step.result != SyncResult():
                        now = moment_local(workspace.clock.now_ms(), session.zone)
                        session.out.now(f"{now} {line(step.result)}")
                    first = False
                    if files is not None:
                        files.poke()
                if files is not None and files.next_in <= 0:
                    files.step()
                wait_for(engine, heard, files)
    finally:
        stream.close()
        transport.close()
        if beside is not None:
            beside.close()
    if session.out.as_json:
        session.out.result(document(total))


def _transfers(session: Session, transport: Transport, engine: Engine) -> Transfers:
    """The files of the project, behind its changes."""
    from app.workspace.files import transfers_of
    from sync.engine import POKE_DELAY

    return transfers_of(
        session.workspace, session.entry.project, transport, lambda: engine.next_in <= POKE_DELAY
    )


def wait_for(engine: Engine, heard: queue.SimpleQueue[Heard | None], files: Transfers | None = None) -> None:
    """Wait until the engine has something to do; the server may say so earlier, and who wants us to stop."""
    from sync.transport.events import Changed, Live, Lost

    while (seconds := min(engine.next_in, engine.next_in if files is None else files.next_in)) > 0:
        try:
            what = heard.get(timeout=seconds)
        except queue.Empty:
            return
        match what:
            case None:
                return
            case Changed(_, version):
                engine.hear(version)
            case Live() | Lost():
                engine.set_live(isinstance(what, Live))
            case _:
                pass


@contextmanager
def _signals(hang_up: Callable[[], None]) -> Iterator[threading.Event]:
    """An event that is set when somebody wants us to stop; ``hang_up`` ends the request that is under way."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        # In a thread of its own: this one may hold the lock that hanging up takes.
        threading.Thread(target=hang_up, daemon=True).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
