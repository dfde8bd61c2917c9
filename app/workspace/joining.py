"""Joining a project by an invite's code: nobody else need be online, only the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.keys.entry import ProjectEntry
from app.store.project import Project
from app.workspace.workspace import SYNC_LIMIT, Workspace
from sync.engine import Engine, run_until_idle
from sync.envelope import EnvelopeKind, parse
from sync.epochs import EpochKey
from sync.errors import Malformed, NewerFormat, Refused
from sync.grants import open_grants
from sync.invite import InviteCode, Joined, join_project, parse_code
from sync.membership import Membership
from sync.membership_actions import Role
from sync.transport.base import Transport


def join(workspace: Workspace, text: str) -> ProjectEntry:
    """Join by a code: read the log with the invite's key, open the project's keys, sign the join, sync.

    Raises Malformed, Refused or Unreachable; then nothing is left behind.
    """
    code = parse_code(text)
    if workspace.vault.project(code.project) is not None:
        raise Refused("This project is on this device already.")
    if not code.server:
        raise Refused("This code names no server to join at; ask for one that does.")
    transport = workspace.make_transport(code.server, code.signing)
    try:
        membership = _membership_of(code.project, _whole_log(transport, code.project))
        joined = join_project(
            code=code, membership=membership, random=workspace.random, recovery=workspace.recovery()
        )
        keys = open_grants(transport.grants(code.project, code.recipient), code.kem, membership)
    finally:
        transport.close()
    return _admitted(workspace, code, joined, keys)


def _admitted(
    workspace: Workspace, code: InviteCode, joined: Joined, keys: Sequence[EpochKey]
) -> ProjectEntry:
    entry = workspace.make_file("", code.server, joined.identity, keys, alone=False)
    project = workspace.open_file(entry)
    try:
        # The keys of the new device are kept before the server admits it: a crash loses no member.
        workspace.vault.put_project(entry)
        entry = _first_sync(workspace, entry, project, joined)
    except BaseException:
        project.close()
        workspace.vault.remove_project(entry.project)
        workspace.discard_file(entry)
        raise
    project.close()
    return entry


def _first_sync(workspace: Workspace, entry: ProjectEntry, project: Project, joined: Joined) -> ProjectEntry:
    transport = workspace.transport(entry)
    try:
        side = workspace.side(entry, project)
        side.add_first(joined.envelope)
        acks = transport.push(entry.project, [joined.envelope.wire()])
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
        run_until_idle(
            Engine(side, transport, workspace.clock, workspace.random), workspace.clock, SYNC_LIMIT
        )
    finally:
        transport.close()
    return entry


def _whole_log(transport: Transport, project: bytes) -> list[bytes]:
    wires: list[bytes] = []
    cookie = None
    while True:
        page = transport.pull(project, cookie)
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
        try:
            envelope = parse(wire)
        except (Malformed, NewerFormat):
            continue
        if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
            membership.add(envelope)
    return membership
