"""Founding, inviting, joining, cancelling, changing roles: as the app does it, over the simulated network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sync.cookie import Cookie
from sync.envelope import EnvelopeKind, Head, parse
from sync.errors import Refused, SitebookError
from sync.grants import open_grants
from sync.identity import found_project
from sync.invite import InviteCode, Joined, join_project, make_invite
from sync.membership import Membership, seal_action
from sync.membership_actions import Accepted, Cancel, Role, RoleAction
from tests.simulation.bundles import join_by_bundle
from tests.simulation.device import Device, Passport
from tests.simulation.network import SimulatedTransport

if TYPE_CHECKING:
    from tests.simulation.world import World

_YEAR_MS = 365 * 86_400_000
_ROLES = (Role.EDITOR, Role.EDITOR, Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER, Role.OWNER)


def settle_in(world: World) -> None:
    """Found a project and let the first devices join, some of them of one person."""
    founder = found(world)
    count = world.chance.choices((3, 4, 5, 6), (70, 17, 8, 5))[0]
    while len(world.devices) < count:
        host = founder if world.chance.random() < 0.7 else world.chance.choice(world.devices)
        code = invite(host, _draw_role(world, host), next_device=world.chance.random() < 0.3)
        if code is None:
            continue
        world.sync(host)
        join(world, code)
    for device in world.devices:
        world.sync(device)


def _draw_role(world: World, host: Device) -> Role:
    # Two in three are editors, so that there is work that collides.
    return world.chance.choice(_ROLES) if "people" in world.troubles else Role.EDITOR


def _name(world: World) -> str:
    return f"d{len(world.devices)}"


def _skew(world: World) -> int:
    return world.chance.randint(-_YEAR_MS, _YEAR_MS) if "clocks" in world.troubles else 0


def found(world: World) -> Device:
    """Found a project on a first device."""
    founded = found_project(random=world.chance.randbytes)
    passport = Passport(founded.identity, (founded.epoch_key,), world.chance.randbytes(32))
    name = _name(world)
    device = Device(world, name, world.folder / name, passport, _skew(world))
    device.make(alone=True)
    world.devices.append(device)
    device.side.add_own(founded.founding)
    device.project.furnish("Hafenstraße 12")
    world.take_note(device)
    world.trace(f"{name} founds {founded.project.hex()[:8]}")
    return device


def invite(host: Device, role: Role, *, next_device: bool) -> InviteCode | None:
    """Make an invite on a device, or say that its role does not allow it."""
    seq, prev = host.side.next_place()
    host.world.take_note(host)
    try:
        made = make_invite(
            membership=host.side.membership,
            identity=host.side.identity,
            seq=seq,
            prev=prev,
            keys=host.passport.keys,
            role=role,
            expires_ms=None,
            next_device=next_device,
            server="",
            random=host.random,
        )
    except Refused:
        host.world.trace(f"{host.name} may not invite")
        return None
    host.side.add_own(made.envelope)
    for grant in made.grants:
        host.side.put_grant(made.code.recipient, grant)
    host.world.trace(f"{host.name} invites {'itself' if next_device else role}")
    return made.code


def join(world: World, code: InviteCode) -> Device | None:
    """Let a new device join by a code, as the app does; or say why it cannot."""
    name = _name(world)
    transport = SimulatedTransport(world.network, name, code.signing.public)
    made: tuple[Device, Joined] | None = None
    try:
        if world.troubles & {"bundle", "log drop"} and world.chance.random() < 0.7:
            made = join_by_bundle(world, code, name, transport, _skew(world))
    except SitebookError as error:
        world.trace(f"{name} cannot join by the bundle: {error}")
    try:
        device, joined = made or _join_by_log(world, code, name, transport)
    except SitebookError as error:
        world.trace(f"{name} cannot join: {error}")
        return None
    if made is not None:
        world.trace(f"{name} comes by a bundle")
    device.side.add_first(joined.envelope)
    try:
        acks = device.transport.push(code.project, [joined.envelope.wire()])
        if device.side.pushed(acks):
            raise Refused(acks[0].reason)
    except SitebookError as error:
        world.trace(f"{name} is not admitted: {error}")
        device.stop()
        shutil.rmtree(device.folder)
        return None
    world.devices.append(device)
    world.trace(f"{name} joins")
    world.sync(device)
    return device


def _join_by_log(
    world: World, code: InviteCode, name: str, transport: SimulatedTransport
) -> tuple[Device, Joined]:
    """A device that begins with nothing. Raises SitebookError."""
    membership = Membership(code.project)
    for wire in _pull_all(transport, code.project):
        envelope = parse(wire)
        if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
            membership.add(envelope)
    joined = join_project(code=code, membership=membership, random=world.chance.randbytes)
    keys = open_grants(transport.grants(code.project, code.recipient), code.kem, membership)
    passport = Passport(joined.identity, tuple(keys), world.chance.randbytes(32))
    device = Device(world, name, world.folder / name, passport, _skew(world))
    device.make(alone=False)
    return device, joined


def _pull_all(transport: SimulatedTransport, project: bytes) -> list[bytes]:
    wires: list[bytes] = []
    cookie: Cookie | None = None
    while True:
        page = transport.pull(project, cookie)
        if page.needs_bundle:
            raise Refused("The log is not whole any more; there is a bundle.")
        wires.extend(page.wires)
        cookie = page.cookie
        if not page.more:
            return wires


def change_role(host: Device, member: bytes, role: Role) -> None:
    """Give a member another role; what its devices wrote beyond what is known here falls under it too."""
    heads = {head.device: head for head in host.side.heads()}
    accepted = tuple(
        Accepted.of(heads.get(device.device) or Head(device.device, 1, device.since))
        for device in host.side.membership.members[member].devices
    )
    _act(host, RoleAction(member, role, accepted), f"gives {member.hex()[:6]} the role {role}")


def cancel(host: Device, invite_id: bytes) -> None:
    """Cancel an invite and take its keys back from the server."""
    state = host.side.membership.invites[invite_id]
    if _act(host, Cancel(invite_id), f"cancels {invite_id.hex()[:6]}"):
        host.side.withdraw_grants_for(state.kem_public)


def _act(host: Device, action: RoleAction | Cancel, what: str) -> bool:
    seq, prev = host.side.next_place()
    host.world.take_note(host)
    envelope = seal_action(
        host.side.membership, action, device_key=host.side.identity.signing, seq=seq, prev=prev
    )
    try:
        host.side.add_own(envelope)
    except Refused as error:
        host.world.trace(f"{host.name} {what}: {error}")
        return False
    host.world.trace(f"{host.name} {what}")
    return True
