"""``sitebook sync``."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.output import warn
from app.cli.session import Session
from app.domain.dates import moment_local
from sync.result import SyncResult

if TYPE_CHECKING:
    from types import FrameType


def sync(session: Session, arguments: Namespace) -> None:
    """Exchange with the server: one round, or on and on."""
    if arguments.follow:
        _follow(session)
        return
    result = session.workspace.sync(session.entry.project)
    session.out.result(document(result), line(result))


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


def _follow(session: Session) -> None:
    """Step the engine until a signal comes; a failure is told once, and tried again when the engine says so."""
    from sync.engine import Engine

    workspace, entry = session.workspace, session.entry
    transport = workspace.transport(entry)
    total = SyncResult()
    complaint = ""
    try:
        side = workspace.side(entry, session.project)
        engine = Engine(side, transport, workspace.clock, workspace.random)
        with _signals(transport.close) as stopped:
            first = True
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
                stopped.wait(step.next_in)
    finally:
        transport.close()
    if session.out.as_json:
        session.out.result(document(total))


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
