"""Files to the server and back in one go, as the command line does it after the changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.store import file_places
from app.store.project import Project
from app.store.transfers import FileTransfers
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.errors import NotFound
from sync.transfer import FileRoad, Transfers
from sync.transport.base import Transport

Progress = Callable[[int, int], None]
"""Told (bytes done, bytes in all)."""


@dataclass(frozen=True, slots=True)
class FilesDone:
    """What a run moved: files, and their bytes on the way. ``waiting`` could not be moved now."""

    sent: int = 0
    got: int = 0
    freed: int = 0
    bytes_sent: int = 0
    bytes_got: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


def directory_of(workspace: Workspace, project: bytes) -> Path:
    """Where the files of a project lie."""
    return workspace.vault.profile.attachments_path(project)


def move_files(
    workspace: Workspace, project: bytes, progress: Progress = lambda done, whole: None
) -> FilesDone:
    """Give the server what only this device has, and fetch what is to be here.

    Raises Unreachable, or what else stood in the way; what was moved by then stays moved.
    """
    opened = workspace.open(project)
    transport = workspace.transport(workspace.entry(project))
    try:
        return _run(transfers_of(workspace, project, transport), opened, progress)
    finally:
        transport.close()


def transfers_of(
    workspace: Workspace, project: bytes, transport: Transport, busy: Callable[[], bool] = lambda: False
) -> Transfers:
    """The stepper of a project's files, on the connection of this thread."""
    entry = workspace.entry(project)
    store = FileTransfers(
        workspace.open(project),
        directory_of(workspace, project),
        identity_of(entry).signing,
        keys_of(entry),
        eager=True,
    )
    return Transfers(store, cast("FileRoad", transport), workspace.clock, workspace.random, busy)


def _run(transfers: Transfers, opened: Project, progress: Progress) -> FilesDone:
    sent = got = freed = bytes_sent = bytes_got = 0
    problems: dict[bytes, str] = {}
    while True:
        moved = transfers.step()
        if moved.error is not None:
            raise moved.error
        sent, got, freed = sent + len(moved.left), got + len(moved.came), freed + len(moved.freed)
        bytes_sent, bytes_got = bytes_sent + moved.sent, bytes_got + moved.got
        problems.update(moved.failed)
        queue = file_places.queue(opened)
        if moved.next_in > 0:
            left = queue.up + queue.down
            return FilesDone(
                sent, got, freed, bytes_sent, bytes_got, left, tuple(dict.fromkeys(problems.values()))
            )
        done = bytes_sent + bytes_got
        progress(done, done + queue.up_bytes + queue.down_bytes)


def fetch_files(
    workspace: Workspace,
    project: bytes,
    records: Sequence[bytes],
    progress: Progress = lambda done, whole: None,
) -> FilesDone:
    """Fetch some files now. Raises NotFound where the server does not have them all, and like ``move_files``."""
    opened = workspace.open(project)
    store = FileTransfers(
        opened,
        directory_of(workspace, project),
        identity_of(workspace.entry(project)).signing,
        keys_of(workspace.entry(project)),
    )
    store.look()
    file_places.want(opened, records)
    done = move_files(workspace, project, progress)
    missing = [place for place in file_places.places(opened, records).values() if not place.held]
    if missing or len(file_places.places(opened, records)) < len(records):
        reason = next((place.problem for place in missing if place.problem), "")
        raise NotFound(
            reason or "The server does not have this file yet; try again when its device was online."
        )
    return done
