"""Joining a project by an invite's code: nobody else need be online, only the server.

Where a bundle lies on the server, it brings the content and the membership, and only the log after it is pulled; where
none does, all of the log is. Nothing is left behind when it fails, but the chunks of the bundle, which the next try
does not download again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from app.keys.entry import ProjectEntry
from app.store.bundle_files import Arriving, bundle_path, remove_chunks
from app.store.bundle_image import Opened, Origin, settle_image, write_file
from app.store.project import Project
from app.workspace.join_watch import JoinProgress, JoinWatch
from app.workspace.workspace import SYNC_LIMIT, Workspace, identity_of
from sync.bundle import Contents, Manifest, open_contents, read_manifest
from sync.bundle_fetch import Fetcher
from sync.chunks import ChunkDirectory
from sync.cookie import Cookie
from sync.engine import Engine, run_until_idle
from sync.envelope import EnvelopeKind, parse
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat, NotFound, Refused, Unreachable
from sync.grants import open_grants, unproven_keys
from sync.invite import InviteCode, Joined, join_project, parse_code
from sync.membership import Membership
from sync.membership_actions import Role
from sync.transport.base import BundleRoad, Transport

_JOINING = "joining"
_UPDATE = "The project on the server needs its bundle, and none of it can be used here; try again later."


@runtime_checkable
class _Road(Transport, BundleRoad, Protocol):
    pass


def join(workspace: Workspace, text: str, watch: JoinWatch | None = None) -> ProjectEntry:
    """Join by a code: read the project with the invite's key, open its keys, sign the join, sync.

    Raises Malformed, Refused, Unreachable or Cancelled; then nothing is left behind but what was downloaded.
    """
    watch = watch or JoinWatch()
    code = parse_code(text)
    known = workspace.vault.project(code.project)
    if known is not None:
        return _resumed(workspace, known)
    if not code.server:
        raise Refused("This code names no server to join at; ask for one that does.")
    # Without an entry in the vault nobody has the key of a file: a try that was cut off left it.
    path = workspace.vault.profile.project_path(code.project)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    transport = workspace.make_transport(code.server, code.signing, code.certificate)
    try:
        found = _by_bundle(workspace, code, transport, watch)
        if found is None:
            membership = _membership_of(code.project, _whole_log(transport, code.project, watch))
            joined = join_project(
                code=code, membership=membership, random=workspace.random, recovery=workspace.recovery()
            )
            keys = open_grants(transport.grants(code.project, code.recipient), code.kem, membership)
            entry = replace(
                workspace.make_file("", code.server, joined.identity, keys, alone=False),
                certificate=code.certificate or b"",
            )
        else:
            entry, joined = found
    finally:
        transport.close()
    return _admitted(workspace, entry, joined)


def _by_bundle(
    workspace: Workspace, code: InviteCode, transport: Transport, watch: JoinWatch
) -> tuple[ProjectEntry, Joined] | None:
    """Make the project's file from a bundle; None where the server has none that can be read yet."""
    if not isinstance(transport, _Road):
        return None
    try:
        wires = [offered.manifest for offered in transport.bundles(code.project)]
    except (Unreachable, Refused, Malformed):
        return None  # an older server, or none: the log is asked for next, and says so
    if not wires:
        return None
    granted = transport.grants(code.project, code.recipient)
    problem: Malformed | NewerFormat | NotFound | None = None
    for wire in wires:
        try:
            return _from_bundle(workspace, code, transport, wire, granted, watch)
        except (Malformed, NewerFormat, NotFound) as error:
            problem = problem or error
    if transport.pull(code.project, None, 1).needs_bundle:
        raise problem or Refused(_UPDATE)
    return None


def _from_bundle(
    workspace: Workspace,
    code: InviteCode,
    transport: _Road,
    wire: bytes,
    granted: Sequence[bytes],
    watch: JoinWatch,
) -> tuple[ProjectEntry, Joined]:
    manifest = read_manifest(wire)
    if manifest.project != code.project:
        raise Malformed("The server offered the bundle of another project; ask whoever runs it.")
    contents = _contents(manifest, unproven_keys(granted, code.kem, code.project))
    path = workspace.vault.profile.project_path(code.project)
    workspace.vault.profile.make_projects_directory()
    store = ChunkDirectory(bundle_path(path), workspace.random)
    fetcher = Fetcher(transport, manifest, store, workspace.clock)
    with closing(Arriving(manifest, contents, store)) as arriving:
        _fetch(fetcher, arriving, watch)
        opened = arriving.open()
    with closing(opened.database):
        membership = opened.membership
        for later in _log_after(transport, code.project, manifest.cookie, watch):
            _take_membership(membership, later)
        keys = open_grants(granted, code.kem, membership)
        if _contents(manifest, keys) != contents:
            raise Malformed("The bundle on the server was made with another key than the project's.")
        joined = join_project(
            code=code, membership=membership, random=workspace.random, recovery=workspace.recovery()
        )
        entry = replace(
            workspace.make_entry("", code.server, joined.identity, keys), certificate=code.certificate or b""
        )
        _write(workspace, opened, contents.schema, manifest, entry, path)
    remove_chunks(store.directory)
    return entry, joined


def _contents(manifest: Manifest, keys: Sequence[EpochKey]) -> Contents:
    for key in keys:
        if (key.compartment, key.epoch) == (0, manifest.epoch):
            contents = open_contents(manifest, KeyRing((key,)))
            if contents is not None:
                return contents
    raise Malformed("The key of the bundle on the server did not come with the invite; ask for a new code.")


def _fetch(fetcher: Fetcher, arriving: Arriving, watch: JoinWatch) -> None:
    watch.progress(JoinProgress(fetcher.done, fetcher.total, fetcher.seconds_left))
    while not fetcher.ready:
        watch.check()
        fetcher.step()
        arriving.came()
        watch.progress(JoinProgress(fetcher.done, fetcher.total, fetcher.seconds_left))
    watch.check()


def _write(
    workspace: Workspace,
    opened: Opened,
    schema: int,
    manifest: Manifest,
    entry: ProjectEntry,
    path: Path,
) -> None:
    settle_image(
        opened,
        schema=schema,
        device=identity_of(entry).device,
        origin=Origin(manifest.hash, manifest.cookie),
        clock=workspace.clock,
    )
    write_file(opened, path, entry.file_key)


def _resumed(workspace: Workspace, entry: ProjectEntry) -> ProjectEntry:
    """Go on with a joining that a crash cut off after the vault had the project's keys."""
    project = workspace.open(entry.project)
    if not project.get_meta(_JOINING):
        raise Refused("This project is on this device already.")
    return _first_sync(workspace, entry, project)


def _admitted(workspace: Workspace, entry: ProjectEntry, joined: Joined) -> ProjectEntry:
    project = workspace.open_file(entry)
    try:
        workspace.side(entry, project).add_first(joined.envelope)
        with project.writing():
            project.put_meta(_JOINING, 1)
        # The keys of the new device are kept before the server admits it: a crash loses no member.
        workspace.vault.put_project(entry)
        entry = _first_sync(workspace, entry, project)
    except BaseException:
        project.close()
        workspace.vault.remove_project(entry.project)
        workspace.discard_file(entry)
        raise
    project.close()
    return entry


def _first_sync(workspace: Workspace, entry: ProjectEntry, project: Project) -> ProjectEntry:
    transport = workspace.transport(entry)
    try:
        side = workspace.side(entry, project)
        # A person waits for the end of this; what is not in the index yet is found without it.
        side.quiet_seconds = 0.0
        own = [wire for _, wire in side.unpushed(1, 1 << 20)]
        if own:
            acks = transport.push(entry.project, own)
            if side.pushed(acks):
                raise Refused(acks[0].reason or "The server does not admit this invite; ask for a new one.")
        run_until_idle(
            Engine(side, transport, workspace.clock, workspace.random), workspace.clock, SYNC_LIMIT
        )
        entry = replace(entry, name=project.name or "Project")
        workspace.vault.put_project(entry)
        workspace.grant_recovery(side, entry)
        role = side.membership.members[entry.member].role
        if role is not Role.VIEWER:
            workspace.introduce(project, entry, add_person=role is not Role.CONTRIBUTOR)
        with project.writing():
            project.db.run("DELETE FROM meta WHERE name = ?", (_JOINING,))
        run_until_idle(
            Engine(side, transport, workspace.clock, workspace.random), workspace.clock, SYNC_LIMIT
        )
    finally:
        transport.close()
    return entry


def _log_after(transport: Transport, project: bytes, cookie: Cookie, watch: JoinWatch) -> list[bytes]:
    """What stands after a bundle. Raises NotFound where the server's history is not the one of the bundle."""
    wires: list[bytes] = []
    while True:
        watch.check()
        page = transport.pull(project, cookie)
        if page.reset or page.needs_bundle:
            raise NotFound("The bundle on the server is not of the history that it has now; try again later.")
        wires.extend(page.wires)
        cookie = page.cookie
        if not page.more:
            return wires


def _whole_log(transport: Transport, project: bytes, watch: JoinWatch) -> list[bytes]:
    wires: list[bytes] = []
    cookie = None
    while True:
        watch.check()
        page = transport.pull(project, cookie)
        if page.needs_bundle:
            raise Refused(_UPDATE)
        if page.reset and cookie is not None:
            wires.clear()
        wires.extend(page.wires)
        cookie = page.cookie
        if not page.more:
            return wires


def _membership_of(project: bytes, wires: Sequence[bytes]) -> Membership:
    """The membership of a log that nothing is known of yet; what is no membership is passed by."""
    membership = Membership(project)
    for wire in wires:
        _take_membership(membership, wire)
    return membership


def _take_membership(membership: Membership, wire: bytes) -> None:
    try:
        envelope = parse(wire)
    except (Malformed, NewerFormat):
        return
    if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
        membership.add(envelope)
