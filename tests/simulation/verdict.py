"""The judgement over a world that came to rest."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Any

from app.domain.schema import ISSUE
from app.store.log import Push, State
from sync.change import Change, decode_change
from sync.envelope import EnvelopeKind, open_changes, parse
from sync.membership_actions import Role
from tests.simulation import check, files
from tests.simulation.check import CheckError
from tests.simulation.device import Device

if TYPE_CHECKING:
    from tests.simulation.world import World


def judge_world(world: World) -> int:
    """Raise CheckError unless all that must hold holds; gives the number of changes that all devices have."""
    bodies = _bodies(world)
    devices = _insiders(world)
    first = devices[0]
    states = {device.name: check.replica(device.project, _members(device)) for device in devices}
    refused = _refused_everywhere(devices, states)
    common = states[first.name].applied - refused[first.name]
    set_aside = states[first.name].aside - refused[first.name]
    wanted: dict[tuple[frozenset[bytes], frozenset[bytes]], check.State] = {}
    for device in devices:
        state = states[device.name]
        _nothing_is_left_over(device)
        # What the server refused stays on the device that wrote it, marked, until its user drops it.
        shared = state.applied - refused[device.name]
        if shared != common:
            more, fewer = _names(shared - common), _names(common - shared)
            raise CheckError(f"{device.name} has other changes than {first.name}: {more} / {fewer}")
        state.aside -= refused[device.name]
        if not world.troubles & _FORGETFUL_SERVER and state.aside != set_aside:
            more, fewer = _names(state.aside - set_aside), _names(set_aside - state.aside)
            raise CheckError(f"{device.name} sets aside what {first.name} does not: {more} / {fewer}")
        key = (frozenset(state.applied), frozenset(state.aside))
        if key not in wanted:
            wanted[key] = check.expected(
                [bodies[change] for change in sorted(state.applied)],
                [bodies[change] for change in sorted(state.aside)],
            )
            wanted[key].members = states[first.name].members
        state.compare(wanted[key], device.name, "what must be")
    _nothing_is_lost(world, common, states, refused)
    _server_has_all(world, devices)
    _numbers_hold(world, devices)
    files.judge(world, devices)
    digest = hashlib.sha256(b"".join(sorted(common)))
    for place, text in sorted(states[first.name].texts.items()):
        digest.update(repr((place, text)).encode())
    world.trace(f"ends with {len(common)} changes, {digest.hexdigest()}")
    return len(common)


def _insiders(world: World) -> list[Device]:
    """The devices that belong to the project: not one that joined while its invite was being cancelled."""
    members = world.devices[0].side.membership.members.values()
    keys = {device.device for member in members for device in member.devices}
    return [device for device in world.devices if device.key in keys]


def _refused_everywhere(devices: list[Device], states: dict[str, check.State]) -> dict[str, set[bytes]]:
    """By device, its changes that the server refused and that came in no other envelope either."""
    found: dict[str, set[bytes]] = {}
    for device in devices:
        found[device.name] = _changes_where(device, "e.pushed = ?", Push.REFUSED)
    for device in devices:
        others = [states[each.name] for each in devices if each.key != device.key]
        for other in others:
            found[device.name] -= other.applied | other.aside
    return found


def _names(changes: set[bytes]) -> str:
    return ", ".join(change.hex()[:8] for change in sorted(changes)[:5]) + f" ({len(changes)})"


def _bodies(world: World) -> dict[bytes, Change]:
    """Every change that is in any envelope on any device, read from the raw bytes."""
    found: dict[bytes, Change] = {}
    seen: set[bytes] = set()
    for device in world.devices:
        ring = {(key.compartment, key.epoch): key for key in device.passport.keys}
        for hashed, wire in device.project.db.all("SELECT hash, wire FROM envelopes WHERE kind = 0"):
            if hashed in seen:
                continue
            envelope = parse(wire)
            if envelope.body is None:
                continue  # it came in a bundle, which holds what was in it and not the bytes
            seen.add(hashed)
            assert envelope.header.kind == EnvelopeKind.CHANGES
            body = open_changes(envelope, ring[envelope.header.compartment, envelope.header.epoch])
            for data in body.changes:
                change = decode_change(data)
                found[change.id] = change
    return found


def _members(device: Device) -> dict[str, Any]:
    """Who belongs to the project and which invites there are, as one device sees it."""
    membership = device.side.membership
    found: dict[str, Any] = {"heads": membership.heads}
    for member in membership.members.values():
        found[f"member {member.id.hex()}"] = (str(member.role), tuple(d.device for d in member.devices))
    for invite in membership.invites.values():
        found[f"invite {invite.id.hex()}"] = (invite.cancelled, invite.usable, invite.joined)
    return found


def _changes_where(device: Device, condition: str, *values: Any) -> set[bytes]:
    rows = device.project.db.all(
        f"SELECT c.id FROM changes c JOIN envelopes e USING (eid) WHERE {condition}", values
    )
    return {bytes(change) for (change,) in rows}


def _nothing_is_left_over(device: Device) -> None:
    """No envelope waits, none is half applied, none is still to be pushed, and no change is unsealed."""
    rows = device.project.db.all(
        "SELECT state, pushed, reason FROM envelopes WHERE state IN (?, ?) OR pushed = ?",
        (State.WAITING, State.APPLYING, Push.OPEN),
    )
    if rows:
        raise CheckError(f"{device.name} still has envelopes to deal with: {rows[:3]} ({len(rows)})")
    unsealed = device.project.db.all("SELECT id FROM changes WHERE eid IS NULL")
    if unsealed:
        raise CheckError(f"{device.name} still has {len(unsealed)} changes that no envelope holds")
    damaged = device.project.db.all("PRAGMA quick_check")
    if damaged != [("ok",)]:
        raise CheckError(f"the file of {device.name} is damaged: {damaged[:3]}")


def _nothing_is_lost(
    world: World, common: set[bytes], states: dict[str, check.State], refused: dict[str, set[bytes]]
) -> None:
    """Every acknowledged change is everywhere, or its author sees that it was set aside or refused."""
    set_aside = set.union(*(state.aside for state in states.values()))
    # Where nobody's rights change, nothing may be set aside or refused, whatever else happens.
    told = set.union(*refused.values()) | set_aside if "people" in world.troubles else set()
    insiders = states.keys()
    lost = world.acknowledged.keys() - common - told
    lost = {change for change in lost if world.acknowledged[change] in insiders}
    if lost:
        whose = sorted({world.acknowledged[change] for change in lost})
        raise CheckError(f"{len(lost)} acknowledged changes of {', '.join(whose)} are lost: {_names(lost)}")


_FORGETFUL_SERVER = frozenset({"roll back", "wipe"})
"""After these the server has forgotten also what everybody set aside; nobody can bring that back to it."""
_FORGETFUL = frozenset({"restore", "clone", "roll back", "wipe"})
"""The troubles after which two issues may have one number: a device, or the order of claims, went back."""


def _numbers_hold(world: World, devices: list[Device]) -> None:
    """Every issue of somebody who may number it has a number, and no two have the same."""
    for device in devices:
        unnumbered = device.project.db.all("SELECT rid FROM local_unnumbered")
        if unnumbered and device.project.get_meta("role") in (Role.OWNER, Role.EDITOR):
            raise CheckError(f"{device.name} has {len(unnumbered)} issues that got no number")
    if world.troubles & _FORGETFUL:
        return
    for device in devices:
        numbers = sorted(device.project.column(ISSUE, "number").values())
        doubled = {one for one, two in itertools.pairwise(numbers) if one == two}
        if doubled:
            raise CheckError(f"on {device.name} more than one issue has a number of {sorted(doubled)}")


def _server_has_all(world: World, devices: list[Device]) -> None:
    """The server holds every envelope that a device believes to be there, and all stand at one place."""
    project = world.devices[0].passport.identity.project
    with world.server.storage.read() as view:
        state = view.project(project)
        assert state is not None
        for device in devices:
            rows = device.project.db.all("SELECT hash FROM envelopes WHERE version IS NOT NULL")
            hashes = {bytes(hashed) for (hashed,) in rows}
            missing = hashes - view.known(project, hashes).keys()
            if missing:
                raise CheckError(f"{device.name} believes that the server has {_names(missing)}")
            cookie = device.side.cookie()
            if cookie is None or (cookie.version, cookie.running) != (state.version, state.running):
                raise CheckError(f"{device.name} does not stand at the end of the server's log")
