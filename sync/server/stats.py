"""What a server holds, project by project, for its operator. It says nothing about what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync.envelope import parse
from sync.membership_actions import Founding, Join, Succession, decode_action
from sync.server.storage import Reading, Storage, StoredEnvelope

_PAGE: Final = 200
_CHUNKS: Final = 1_000
_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class ProjectStats:
    """One project."""

    project: str
    """Its id, in hexadecimal letters."""
    envelopes: int
    log_bytes: int
    chunks: int
    chunk_bytes: int
    devices: int
    """Devices that ever came into it, those that were removed since too."""
    bundles: int
    bundle_version: int
    """How far the newest bundle goes; 0 without one."""
    confirmed: bool
    """Whether another device confirmed the newest bundle."""
    floor: int
    """Versions up to here are in bundles only."""
    created_ms: int
    oldest_chunk_ms: int | None
    """When the chunk that waits longest for gc came, or was asked for; None without chunks."""


def project_stats(storage: Storage) -> Iterator[ProjectStats]:
    """All projects, each as it is when it is read."""
    after = b""
    while True:
        with storage.read() as view:
            projects = view.projects(after, _PAGE)
        if not projects:
            return
        for project in projects:
            with storage.read() as view:
                found = _of(view, project)
            if found is not None:
                yield found
        after = projects[-1]


def _of(view: Reading, project: bytes) -> ProjectStats | None:
    state = view.project(project)
    if state is None:
        return None
    bundles = view.bundles(project)
    newest = next((each for each in bundles if each.hash == state.bundle), None)
    chunks, oldest = 0, None
    after = b""
    while page := view.old_chunks(project, _EVER, after, _CHUNKS):
        chunks += len(page)
        first = min(each.uploaded_ms for each in page)
        oldest = first if oldest is None else min(oldest, first)
        after = page[-1].name
    return ProjectStats(
        project=project.hex(),
        envelopes=state.version,
        log_bytes=state.log_bytes,
        chunks=chunks,
        chunk_bytes=state.chunk_bytes,
        devices=sum(map(_brings_device, view.membership(project, 0))),
        bundles=len(bundles),
        bundle_version=0 if newest is None else newest.version,
        confirmed=newest is not None and bool(view.confirmations(project).get(newest.hash)),
        floor=state.floor,
        created_ms=state.created_ms,
        oldest_chunk_ms=oldest,
    )


def _brings_device(envelope: StoredEnvelope) -> bool:
    body = parse(envelope.wire).body
    return body is not None and isinstance(decode_action(body), Founding | Join | Succession)
